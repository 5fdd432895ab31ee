/* SPDX-License-Identifier: MIT */
/* Eight threads on one engine: what ThreadSanitizer should look at. */
#include "support/testing.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loopback.h"

enum { THREADS = 8, ROUNDS = 25, CUTS = 1000 };

static atomic_int failures;

static void expect(bool condition)
{
  if (!condition)
    (void)atomic_fetch_add(&failures, 1);
}

/* Submitting, performing, cancelling and dropping references, mixed. */
static void one_round(unsigned number)
{
  probe call;
  px_engine *own = px_engine_ref(engine);
  probe_init(&call, number % 3 ? PX_HTTP_DOWNLOAD : PX_HTTP_PAID, server.base, "/files/a.png");
  if (number % 4 == 1) {
    expect(px_engine_perform(own, &call.call, NULL) == PIXAZO_OK);
  } else {
    expect(px_engine_submit(own, &call.call, NULL) == PIXAZO_OK);
    if (number % 4 == 2)
      px_engine_cancel(own, &call.call);
    expect(probe_wait(&call, 20000));
    expect(call.outcome.status == PIXAZO_OK || (number % 4 == 2 && call.outcome.status == PIXAZO_E_CANCELLED));
  }
  expect(call.ends == 1);
  probe_done(&call);
  px_engine_unref(own);
}

static void *work(void *argument)
{
  unsigned number = *(unsigned *)argument;
  for (unsigned i = 0; i < ROUNDS; i++)
    one_round(number + i);
  return NULL;
}

static void run_crew(void *(*body)(void *))
{
  pthread_t threads[THREADS];
  unsigned numbers[THREADS];
  for (unsigned i = 0; i < THREADS; i++) {
    numbers[i] = i;
    assert_int_equal(pthread_create(&threads[i], NULL, body, &numbers[i]), 0);
  }
  for (unsigned i = 0; i < THREADS; i++)
    assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void test_threads__eight_share_one_engine(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"path\":\"/files/*\",\"delay_ms\":2}]");
  run_crew(work);
  assert_int_equal(atomic_load(&failures), 0);
}

/* One token stops calls of all threads at random moments. */
static void *cancel_somewhere(void *argument)
{
  unsigned number = *(unsigned *)argument;
  for (unsigned i = 0; i < CUTS / THREADS; i++) {
    pixazo_cancel *token = NULL;
    probe call;
    expect(pixazo_cancel_new(&token, NULL) == PIXAZO_OK);
    probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
    call.call.cancel = token;
    expect(px_engine_submit(engine, &call.call, NULL) == PIXAZO_OK);
    (void)usleep((number * 37 + i * 111) % 5000);
    pixazo_cancel_set(token, PIXAZO_CANCEL_NOW);
    if (i % 16) /* tokens are looked at every 100 ms only */
      px_engine_cancel(engine, &call.call);
    expect(probe_wait(&call, 5000));
    expect(call.ends == 1);
    probe_done(&call);
    (void)pixazo_cancel_unref(token);
  }
  return NULL;
}

static void test_threads__calls_may_be_cancelled_at_any_moment(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"path\":\"/files/*\",\"piece\":5000,\"piece_ms\":1}]");
  run_crew(cancel_somewhere);
  assert_int_equal(atomic_load(&failures), 0);
  tell_cases("moments to cancel", CUTS);
}

static void *open_and_close(void *argument)
{
  (void)argument;
  for (int i = 0; i < 5; i++) {
    probe call;
    px_engine *own = loopback_engine();
    probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
    expect(px_engine_submit(own, &call.call, NULL) == PIXAZO_OK);
    px_engine_unref(own);
    expect(call.ends == 1);
    probe_done(&call);
  }
  return NULL;
}

static void test_threads__engines_come_and_go_side_by_side(void **state)
{
  (void)state;
  gateway_script(&server, "[]");
  run_crew(open_and_close);
  assert_int_equal(atomic_load(&failures), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_threads__eight_share_one_engine),
      cmocka_unit_test(test_threads__calls_may_be_cancelled_at_any_moment),
      cmocka_unit_test(test_threads__engines_come_and_go_side_by_side),
  };
  return cmocka_run_group_tests(tests, loopback_set_up, loopback_tear_down);
}
