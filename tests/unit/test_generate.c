/* SPDX-License-Identifier: MIT */
#include "client/kit.h"

#include <pixazo/cancel.h>

#include <string.h>

#define FOX "{\"prompt\":\"a red fox\",\"model\":\"sdxl\"}"
#define THREE "{\"prompt\":\"a red fox\",\"model\":\"sdxl\",\"count\":3}"

static void test_generate__every_try_is_counted(void **state)
{
  kit *self = *state;
  kit_script(self, "[{\"method\":\"POST\",\"times\":2,\"answer\":\"rate-limited-silent\"}]");
  kit_expect(self, kit_generate(self, FOX, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 3);
  assert_int_equal(pixazo_generation_attempts(self->record), 3);
  assert_int_equal(pixazo_generation_class(self->record), PIXAZO_CLASS_ACCEPTED);
  assert_int_equal(pixazo_generation_state(self->record), PIXAZO_GENERATION_DONE);
  assert_int_equal(pixazo_generation_image_count(self->record), 1);
}

static void test_generate__the_last_failure_is_the_one_that_is_told(void **state)
{
  kit *self = *state;
  kit_script(self, "[{\"method\":\"POST\",\"answer\":\"rate-limited-silent\"}]");
  kit_expect(self, kit_generate(self, FOX, NULL), PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED, 3);
  assert_null(self->record);
  assert_int_equal(strlen(pixazo_error_generation(self->error)), 36);
}

static void test_generate__no_retry_means_one_call(void **state)
{
  kit *self = *state;
  pixazo_client_options options = kit_options(self);
  options.max_retries = PIXAZO_NO_RETRY;
  kit_use(self, &options);
  kit_script(self, "[{\"method\":\"POST\",\"answer\":\"rate-limited-silent\"}]");
  kit_expect(self, kit_generate(self, FOX, NULL), PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED, 1);
  options = kit_options(self);
  kit_use(self, &options);
}

static void test_generate__several_calls_make_one_record(void **state)
{
  kit *self = *state;
  kit_script(self, "[]");
  kit_expect(self, kit_generate(self, THREE, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 3);
  assert_int_equal(pixazo_generation_image_count(self->record), 3);
  assert_int_equal(pixazo_generation_attempts(self->record), 3);
  kit_script(self, "[{\"method\":\"POST\",\"nth\":2,\"answer\":\"bad-request\"}]");
  kit_expect(self, kit_generate(self, THREE, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 2);
  assert_int_equal(pixazo_generation_state(self->record), PIXAZO_GENERATION_PARTIAL);
  assert_int_equal(pixazo_generation_image_count(self->record), 1);
  assert_non_null(strstr(pixazo_generation_message(self->record), "HTTP 400"));
}

static void test_generate__a_set_token_sends_nothing(void **state)
{
  kit *self = *state;
  pixazo_cancel *token = NULL;
  assert_status(pixazo_cancel_new(&token, NULL), PIXAZO_OK);
  pixazo_cancel_set(token, PIXAZO_CANCEL_SOFT);
  kit_script(self, "[]");
  kit_expect(self, kit_generate(self, FOX, token), PIXAZO_E_CANCELLED, PIXAZO_CLASS_NONE, 0);
  (void)pixazo_cancel_unref(token);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_generate__every_try_is_counted),
      cmocka_unit_test(test_generate__the_last_failure_is_the_one_that_is_told),
      cmocka_unit_test(test_generate__no_retry_means_one_call),
      cmocka_unit_test(test_generate__several_calls_make_one_record),
      cmocka_unit_test(test_generate__a_set_token_sends_nothing),
  };
  return cmocka_run_group_tests(tests, kit_start, kit_stop);
}
