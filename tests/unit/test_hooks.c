/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/error.h"
#include "client/handle.h"
#include "client/hooks.h"
#include "support/client_kit.h"

typedef struct scene {
  pixazo_client *client;
  px_waiter waiter;
  int64_t answer; /* of the hook */
  pixazo_retry heard;
  int calls;
} scene;

static int64_t on_retry(const pixazo_retry *retry, void *user_data)
{
  scene *self = user_data;
  self->heard = *retry;
  self->calls++;
  return self->answer;
}

static int begin(void **state)
{
  static scene self;
  self = (scene){.client = kit_client("offline", NULL)};
  self.client->options.on_retry = on_retry;
  self.client->options.on_retry_data = &self;
  *state = &self;
  return px_waiter_init(&self.waiter, self.client, NULL, NULL) == PIXAZO_OK ? 0 : -1;
}

static int end(void **state)
{
  scene *self = *state;
  px_waiter_done(&self->waiter);
  (void)pixazo_client_unref(self->client);
  return 0;
}

static bool ask(scene *self, const pixazo_error *cause, uint32_t *delay_ms)
{
  px_retry_notice notice = {&self->waiter, cause, PIXAZO_CLASS_REFUSED, 2, 700};
  return px_hooks_retry(&notice, delay_ms);
}

static void test_hooks__without_a_hook_the_plan_stands(void **state)
{
  scene *self = *state;
  uint32_t delay_ms = 1;
  self->client->options.on_retry = NULL;
  assert_true(ask(self, NULL, &delay_ms));
  assert_int_equal(delay_ms, 700);
}

static void test_hooks__the_hook_hears_what_failed_and_how_often(void **state)
{
  scene *self = *state;
  px_autoerror cause = NULL;
  uint32_t delay_ms = 0;
  (void)px_fail(&cause, PIXAZO_E_THROTTLED, "too many calls");
  self->waiter.generation = "some-generation";
  self->answer = 700;
  assert_true(ask(self, cause, &delay_ms));
  assert_int_equal(self->calls, 1);
  assert_int_equal(self->heard.struct_size, sizeof self->heard);
  assert_string_equal(self->heard.generation, "some-generation");
  assert_ptr_equal(self->heard.cause, cause);
  assert_int_equal(self->heard.attempt_class, PIXAZO_CLASS_REFUSED);
  assert_int_equal(self->heard.retry, 2);
  assert_int_equal(self->heard.delay_ms, 700);
}

static void test_hooks__the_hook_decides_how_long_to_wait(void **state)
{
  static const struct {
    int64_t answer;
    uint32_t delay_ms;
  } cases[] = {{0, 0}, {5, 5}, {UINT32_MAX, UINT32_MAX - 1}, {INT64_MAX, UINT32_MAX - 1}};
  scene *self = *state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    uint32_t delay_ms = 1;
    self->answer = cases[i].answer;
    assert_true(ask(self, NULL, &delay_ms));
    assert_true(delay_ms == cases[i].delay_ms);
  }
}

static void test_hooks__below_zero_is_a_veto(void **state)
{
  scene *self = *state;
  uint32_t delay_ms = 1;
  self->answer = -1;
  assert_false(ask(self, NULL, &delay_ms));
  self->answer = INT64_MIN;
  assert_false(ask(self, NULL, &delay_ms));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_hooks__without_a_hook_the_plan_stands, begin, end),
      cmocka_unit_test_setup_teardown(test_hooks__the_hook_hears_what_failed_and_how_often, begin, end),
      cmocka_unit_test_setup_teardown(test_hooks__the_hook_decides_how_long_to_wait, begin, end),
      cmocka_unit_test_setup_teardown(test_hooks__below_zero_is_a_veto, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
