/* SPDX-License-Identifier: MIT */
/* Equal requests from many threads at once: each picture is paid for once, whoever comes first. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "kit.h"
#include "support/gateway.h"
#include "support/testing.h"

#define TURBO "/sdxlTurbo/v2/getData"

enum { THREADS = 4, ROUNDS = 12, DISTINCT = 5 };

static gateway server;
static kit k;

static void *ask(void *number)
{
  for (int i = 0; i < ROUNDS; i++) {
    char json[96];
    (void)snprintf(json, sizeof json, "{\"prompt\":\"fox %d\",\"replay\":\"exact\"}", (i + *(int *)number) % DISTINCT);
    char *id = kit_add(&k, json);
    pixazo_generation_free(kit_wait(&k, id));
    pixazo_free(id);
  }
  return NULL;
}

static void test_replay__of_many_threads_pays_for_each_picture_once(void **state)
{
  (void)state;
  int numbers[THREADS];
  pthread_t threads[THREADS];
  kit_open(&k);
  for (int i = 0; i < THREADS; i++) {
    numbers[i] = i % 2; /* some at the same time, some one behind */
    assert_int_equal(pthread_create(&threads[i], NULL, ask, &numbers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_join(threads[i], NULL), 0);
  assert_int_equal(gateway_posts(&server, TURBO), DISTINCT);
}

static int setup(void **state)
{
  (void)state;
  gateway_start(&server, NULL);
  kit_prepare(&k);
  kit_ask(&k, "pixazo", server.base);
  k.client_options.model = "sdxl-turbo";
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  kit_remove(&k);
  gateway_stop(&server);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_replay__of_many_threads_pays_for_each_picture_once, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
