/* SPDX-License-Identifier: MIT */
#include "support/torture.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <pixazo/memory.h>

#include "support/testing.h"

enum { RUNS_MAX = 200000 };

static atomic_size_t allocations;
static atomic_size_t live;
static atomic_size_t countdown; /* 0: no fault; else the fault comes with this many-th allocation from now */
static atomic_bool for_ever;
static atomic_size_t hits;
static size_t faults_in_all;
static size_t scenarios;

static bool fails_now(void)
{
  atomic_fetch_add(&allocations, 1);
  size_t left = atomic_load(&countdown);
  while (left > 1 && !atomic_compare_exchange_weak(&countdown, &left, left - 1)) {
  }
  if (left != 1)
    return false;
  if (!atomic_load(&for_ever)) {
    size_t one = 1;
    if (!atomic_compare_exchange_strong(&countdown, &one, 0))
      return false; /* another thread took the fault */
  }
  atomic_fetch_add(&hits, 1);
  return true;
}

static void *allocate(size_t size, void *user_data)
{
  (void)user_data;
  if (fails_now())
    return NULL;
  void *memory = malloc(size);
  if (memory)
    atomic_fetch_add(&live, 1);
  return memory;
}

static void *reallocate(void *memory, size_t size, void *user_data)
{
  (void)user_data;
  if (fails_now())
    return NULL;
  void *grown = realloc(memory, size);
  if (grown && !memory)
    atomic_fetch_add(&live, 1);
  return grown;
}

static void release(void *memory, void *user_data)
{
  (void)user_data;
  atomic_fetch_sub(&live, 1);
  free(memory);
}

void torture_install(void)
{
  pixazo_memory_hooks hooks;
  pixazo_memory_hooks_init(&hooks, sizeof hooks);
  hooks.allocate = allocate;
  hooks.reallocate = reallocate;
  hooks.release = release;
  if (pixazo_memory_set_hooks(&hooks) != PIXAZO_OK) {
    (void)fputs("torture_install() came too late\n", stderr);
    exit(1);
  }
}

size_t torture_live(void)
{
  return atomic_load(&live);
}

size_t torture_count(void)
{
  return atomic_load(&allocations);
}

void torture_fail_at(size_t n, int every_later_one)
{
  atomic_store(&hits, 0);
  atomic_store(&for_ever, every_later_one != 0);
  atomic_store(&countdown, n);
}

void torture_disarm(void)
{
  atomic_store(&countdown, 0);
}

int torture_hit(void)
{
  return atomic_load(&hits) > 0;
}

int torture_is_for_ever(void)
{
  return atomic_load(&for_ever);
}

static void check_run(const char *name, size_t n, const char *kind, pixazo_status status, const pixazo_error *error)
{
  if (status != PIXAZO_OK && status != PIXAZO_E_NOMEM)
    fail_msg("%s, allocation %zu failing %s: %s: %s", name, n, kind, pixazo_status_name(status), pixazo_error_message(error));
  if (status != PIXAZO_OK && pixazo_error_status(error) == PIXAZO_OK)
    fail_msg("%s, allocation %zu failing %s: %s without an error object", name, n, kind, pixazo_status_name(status));
  if (status != PIXAZO_OK && !torture_hit())
    fail_msg("%s: %s although nothing was made to fail: %s", name, pixazo_status_name(status), pixazo_error_message(error));
}

static size_t run_all(const char *name, torture_scenario scenario, void *user_data, size_t stride, bool every_later_one)
{
  const char *kind = every_later_one ? "for ever" : "once";
  size_t faults = 0;
  for (size_t n = 1; n < RUNS_MAX; n += stride) {
    pixazo_error *error = NULL;
    size_t before = torture_live();
    if (getenv("TORTURE_VERBOSE"))
      (void)fprintf(stderr, "%s, allocation %zu failing %s\n", name, n, kind);
    torture_fail_at(n, every_later_one);
    pixazo_status status = scenario(user_data, &error);
    bool hit = torture_hit();
    check_run(name, n, kind, status, error);
    torture_fail_at(0, 0);
    pixazo_error_free(error);
    if (torture_live() != before)
      fail_msg("%s, allocation %zu failing %s: %zd blocks are left", name, n, kind, (ssize_t)(torture_live() - before));
    if (!hit)
      return faults;
    faults++;
  }
  fail_msg("%s does not end", name);
  return 0;
}

size_t torture_run(const char *name, torture_scenario scenario, void *user_data, size_t stride)
{
  return torture_run_thinned(name, scenario, user_data, stride, stride);
}

size_t torture_run_thinned(const char *name, torture_scenario scenario, void *user_data, size_t stride, size_t for_ever_stride)
{
  size_t once = run_all(name, scenario, user_data, stride, false);
  size_t all = run_all(name, scenario, user_data, for_ever_stride, true);
  printf("%s: %zu allocations failed once, %zu for ever\n", name, once, all);
  if (once == 0)
    fail_msg("%s allocates nothing", name);
  faults_in_all += once + all;
  scenarios++;
  return once + all;
}

int torture_report(int result)
{
  printf("torture: %zu faults in %zu scenarios\n", faults_in_all, scenarios);
  return result;
}
