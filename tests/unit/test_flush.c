/* SPDX-License-Identifier: MIT */
/* One flush of a directory for many callers. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/error.h"
#include "pipeline/internal.h"
#include "support/testing.h"

enum { CALLERS = 16 };

typedef struct scene {
  px_flush flush;
  int expected; /* callers: the first run lasts until all of them have come */
  atomic_int come;
  atomic_int runs;
  atomic_int served;
} scene;

static pixazo_status slow_run(void *argument, pixazo_error **error)
{
  scene *s = argument;
  (void)error;
  atomic_fetch_add(&s->runs, 1);
  while (atomic_load(&s->come) < s->expected)
    (void)usleep(1000);
  (void)usleep(20000); /* from coming to waiting */
  return PIXAZO_OK;
}

static void *call(void *argument)
{
  scene *s = argument;
  atomic_fetch_add(&s->come, 1);
  if (px_flush_shared(&s->flush, slow_run, s, NULL) == PIXAZO_OK)
    atomic_fetch_add(&s->served, 1);
  return NULL;
}

static void test_flush__is_shared_by_callers_that_come_together(void **state)
{
  scene s = {.expected = CALLERS};
  pthread_t threads[CALLERS];
  (void)state;
  assert_status(px_flush_init(&s.flush), PIXAZO_OK);
  for (int i = 0; i < CALLERS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, call, &s), 0);
  for (int i = 0; i < CALLERS; i++)
    assert_int_equal(pthread_join(threads[i], NULL), 0);
  assert_int_equal(atomic_load(&s.served), CALLERS);
  assert_true(atomic_load(&s.runs) < CALLERS);
  px_flush_done(&s.flush);
}

static void test_flush__a_caller_alone_gets_a_run_of_its_own_each_time(void **state)
{
  scene s = {.runs = 0};
  (void)state;
  assert_status(px_flush_init(&s.flush), PIXAZO_OK);
  (void)call(&s);
  (void)call(&s);
  assert_int_equal(atomic_load(&s.runs), 2);
  px_flush_done(&s.flush);
}

static pixazo_status bad_run(void *argument, pixazo_error **error)
{
  (void)argument;
  return px_fail(error, PIXAZO_E_IO, "no");
}

static void test_flush__a_failure_reaches_the_caller(void **state)
{
  scene s = {.runs = 0};
  pixazo_error *error = NULL;
  (void)state;
  assert_status(px_flush_init(&s.flush), PIXAZO_OK);
  assert_status(px_flush_shared(&s.flush, bad_run, NULL, &error), PIXAZO_E_IO);
  assert_string_equal(pixazo_error_message(error), "no");
  pixazo_error_free(error);
  px_flush_done(&s.flush);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_flush__is_shared_by_callers_that_come_together),
      cmocka_unit_test(test_flush__a_caller_alone_gets_a_run_of_its_own_each_time),
      cmocka_unit_test(test_flush__a_failure_reaches_the_caller),
  };
  return cmocka_run_group_tests_name("flush", tests, NULL, NULL);
}
