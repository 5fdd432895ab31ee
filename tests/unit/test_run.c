/* SPDX-License-Identifier: MIT */
/* Running until nothing is open. */
#include "base/error.h"
#include "pipeline/stepped.h"
#include "support/testing.h"

typedef struct audience {
  int told;
  int ends;
  int stop_after; /* 0: never */
} audience;

static int32_t listen(const pixazo_event *event, void *user_data)
{
  audience *a = user_data;
  a->told++;
  a->ends += pixazo_event_kind(event) == PIXAZO_EVENT_ENDED;
  return a->stop_after > 0 && a->told >= a->stop_after;
}

static void add_three(stepped *s)
{
  kit_open(&s->kit);
  for (int i = 0; i < 3; i++)
    pixazo_free(kit_add(&s->kit, "{\"prompt\":\"many\",\"width\":16,\"height\":16}"));
}

static void test_run__ends_when_nothing_is_open(void **state)
{
  stepped *s = *state;
  audience a = {0};
  pixazo_error *error = NULL;
  add_three(s);
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 3);
  assert_ok(pixazo_pipeline_run(s->kit.pipeline, NULL, listen, &a, &error), error);
  assert_int_equal(a.ends, 3);
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 0);
  assert_int_equal(kit_files(&s->kit, "originals"), 3);
}

static void test_run__a_hook_may_stop_it_and_the_rest_is_told_later(void **state)
{
  stepped *s = *state;
  audience a = {.stop_after = 1};
  pixazo_error *error = NULL;
  add_three(s);
  assert_status(pixazo_pipeline_run(s->kit.pipeline, NULL, listen, &a, &error), PIXAZO_E_CANCELLED);
  assert_int_equal(a.told, 1);
  assert_int_equal(a.ends, 0);
  pixazo_error_free(error);
  error = NULL;
  a.stop_after = 0;
  assert_ok(pixazo_pipeline_run(s->kit.pipeline, NULL, listen, &a, &error), error);
  assert_int_equal(a.ends, 3);
}

static void test_run__a_set_token_cancels_what_is_not_sent(void **state)
{
  stepped *s = *state;
  audience a = {0};
  pixazo_error *error = NULL;
  pixazo_cancel *cancel = NULL;
  add_three(s);
  assert_ok(pixazo_cancel_new(&cancel, &error), error);
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_SOFT);
  assert_status(pixazo_pipeline_run(s->kit.pipeline, cancel, listen, &a, &error), PIXAZO_E_CANCELLED);
  assert_int_equal(a.ends, 3);
  assert_int_equal(kit_files(&s->kit, "originals"), 0);
  pixazo_error_free(error);
  (void)pixazo_cancel_unref(cancel);
}

static void test_run__wants_a_pipeline(void **state)
{
  (void)state;
  pixazo_error *error = NULL;
  assert_status(pixazo_pipeline_run(NULL, NULL, NULL, NULL, &error), PIXAZO_E_ARGUMENT);
  pixazo_error_free(error);
  assert_int_equal(pixazo_pipeline_open_count(NULL), 0);
  assert_null(pixazo_pipeline_trouble(NULL));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_run__ends_when_nothing_is_open, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_run__a_hook_may_stop_it_and_the_rest_is_told_later, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_run__a_set_token_cancels_what_is_not_sent, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_run__wants_a_pipeline, stepped_setup, stepped_teardown),
  };
  return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
