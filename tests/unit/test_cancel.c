/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "base/cancel.h"

static pixazo_cancel *token;

static int make_token(void **state)
{
  (void)state;
  return pixazo_cancel_new(&token, NULL) == PIXAZO_OK ? 0 : 1;
}

static int drop_token(void **state)
{
  (void)state;
  token = pixazo_cancel_unref(token);
  return token ? 1 : 0;
}

static void test_cancel__a_new_token_is_not_set(void **state)
{
  (void)state;
  assert_int_equal(pixazo_cancel_get(token), 0);
  assert_status(px_cancel_check(token, NULL), PIXAZO_OK);
}

static void test_cancel__a_stronger_wish_replaces_a_weaker_one_never_the_other_way(void **state)
{
  (void)state;
  pixazo_cancel_set(token, PIXAZO_CANCEL_SOFT);
  assert_int_equal(pixazo_cancel_get(token), PIXAZO_CANCEL_SOFT);
  pixazo_cancel_set(token, PIXAZO_CANCEL_NOW);
  pixazo_cancel_set(token, PIXAZO_CANCEL_SOFT);
  assert_int_equal(pixazo_cancel_get(token), PIXAZO_CANCEL_NOW);
}

static void test_cancel__unknown_modes_count_as_soft(void **state)
{
  (void)state;
  pixazo_cancel_set(token, 99);
  assert_int_equal(pixazo_cancel_get(token), PIXAZO_CANCEL_SOFT);
}

static void test_cancel__a_set_token_fails_the_check(void **state)
{
  (void)state;
  pixazo_error *error = NULL;
  pixazo_cancel_set(token, PIXAZO_CANCEL_SOFT);
  assert_status(px_cancel_check(token, &error), PIXAZO_E_CANCELLED);
  assert_string_equal(pixazo_error_message(error), "cancelled");
  pixazo_error_free(error);
}

static void test_cancel__null_is_never_set(void **state)
{
  (void)state;
  pixazo_cancel_set(NULL, PIXAZO_CANCEL_NOW);
  assert_int_equal(pixazo_cancel_get(NULL), 0);
  assert_null(pixazo_cancel_ref(NULL));
  assert_null(pixazo_cancel_unref(NULL));
  assert_status(pixazo_cancel_new(NULL, NULL), PIXAZO_E_ARGUMENT);
}

static void on_signal(int number)
{
  (void)number;
  pixazo_cancel_set(token, PIXAZO_CANCEL_SOFT);
}

static void test_cancel__a_signal_handler_may_set_it(void **state)
{
  (void)state;
  struct sigaction action = {.sa_handler = on_signal};
  struct sigaction before;
  assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
  assert_int_equal(raise(SIGUSR1), 0);
  assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
  assert_int_equal(pixazo_cancel_get(token), PIXAZO_CANCEL_SOFT);
}

static void *set_now(void *argument)
{
  pixazo_cancel_set(argument, PIXAZO_CANCEL_NOW);
  (void)pixazo_cancel_unref(argument);
  return NULL;
}

static void test_cancel__another_thread_may_set_and_drop_it(void **state)
{
  (void)state;
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, set_now, pixazo_cancel_ref(token)), 0);
  while (pixazo_cancel_get(token) != PIXAZO_CANCEL_NOW)
    (void)sched_yield();
  assert_int_equal(pthread_join(thread, NULL), 0);
}

int main(void)
{
#define with_token(test) cmocka_unit_test_setup_teardown(test, make_token, drop_token)
  const struct CMUnitTest tests[] = {
      with_token(test_cancel__a_new_token_is_not_set),
      with_token(test_cancel__a_stronger_wish_replaces_a_weaker_one_never_the_other_way),
      with_token(test_cancel__unknown_modes_count_as_soft),
      with_token(test_cancel__a_set_token_fails_the_check),
      with_token(test_cancel__null_is_never_set),
      with_token(test_cancel__a_signal_handler_may_set_it),
      with_token(test_cancel__another_thread_may_set_and_drop_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
