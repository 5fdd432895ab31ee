/* SPDX-License-Identifier: MIT */
/* Answers that come as events. */
#include "kit.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static const char two[] = "{\"prompt\":\"p\",\"partial_images\":2}";

static int start(void **state)
{
  (void)kit_start(state);
  kit *self = *state;
  char base[96];
  pixazo_client_options options = kit_options(self);
  (void)snprintf(base, sizeof base, "%s/v1", self->gateway.base);
  options.provider = "openai";
  options.base_url = base;
  kit_use(self, &options);
  return 0;
}

static void expect_pictures(const kit *self, size_t count)
{
  assert_int_equal(pixazo_generation_image_count(self->record), count);
  for (size_t i = 0; i < count; i++) {
    pixazo_blob *picture = pixazo_generation_image_blob(self->record, i);
    assert_non_null(picture);
    assert_memory_equal(pixazo_blob_data(picture), "\x89PNG", 4);
    assert_true(pixazo_blob_size(picture) > 20000);
  }
}

static void test_streams__the_finished_picture_comes_home_however_it_is_written(void **state)
{
  kit *self = *state;
  static const char *const rules[] = {
      "[]",
      "[{\"method\":\"POST\",\"newline\":\"crlf\"}]",
      "[{\"method\":\"POST\",\"newline\":\"cr\"}]",
      "[{\"method\":\"POST\",\"comments\":true}]",
      "[{\"method\":\"POST\",\"split_data\":true}]",
      "[{\"method\":\"POST\",\"done\":true}]",
      "[{\"method\":\"POST\",\"partials\":0}]",
      "[{\"method\":\"POST\",\"partials\":3,\"newline\":\"crlf\",\"comments\":true,\"done\":true}]",
      "[{\"method\":\"POST\",\"piece\":701}]",
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(rules); i++) {
    kit_script(self, rules[i]);
    kit_expect(self, kit_generate(self, two, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
    expect_pictures(self, 1);
    assert_int_equal(pixazo_generation_confidence(self->record), PIXAZO_CONFIDENCE_METERED);
  }
}

static void test_streams__an_error_behind_a_good_status_is_told(void **state)
{
  kit *self = *state;
  kit_script(self, "[{\"method\":\"POST\",\"stream_error\":{\"error\":{\"message\":\"the kiln broke\",\"type\":\"server_error\","
                   "\"code\":null}},\"error_after\":1}]");
  kit_expect(self, kit_generate(self, two, NULL), PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1);
  assert_non_null(strstr(pixazo_error_message(self->error), "the kiln broke"));
  kit_script(self, "[{\"method\":\"POST\",\"stream_error\":{\"error\":{\"message\":\"no\",\"type\":\"image_generation_user_error\","
                   "\"code\":\"moderation_blocked\"}},\"error_after\":2}]");
  kit_expect(self, kit_generate(self, two, NULL), PIXAZO_E_REJECTED, PIXAZO_CLASS_BLOCKED, 1);
}

static void test_streams__a_picture_that_is_whole_outlives_what_comes_behind_it(void **state)
{
  kit *self = *state;
  kit_script(self, "[{\"method\":\"POST\",\"stream_error\":{\"error\":{\"message\":\"late\"}},\"error_after\":3}]");
  kit_expect(self, kit_generate(self, two, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  expect_pictures(self, 1);
}

static void test_streams__a_cut_before_the_end_is_lost_and_one_call(void **state)
{
  kit *self = *state;
  static const int cuts[] = {0, 1, 100, 30000, 100000, 200000, 250000};
  for (size_t i = 0; i < PX_ARRAY_SIZE(cuts); i++) {
    char rules[128];
    (void)snprintf(rules, sizeof rules, "[{\"method\":\"POST\",\"cut_after\":%d%s}]", cuts[i], i % 2 ? ",\"cut\":\"reset\"" : "");
    kit_script(self, rules);
    kit_expect(self, kit_generate(self, two, NULL), PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1);
  }
}

static void test_streams__a_refusal_of_a_stream_is_plain_json(void **state)
{
  kit *self = *state;
  kit_script(self, "[{\"method\":\"POST\",\"answer\":\"moderation-input\"}]");
  kit_expect(self, kit_generate(self, two, NULL), PIXAZO_E_REJECTED, PIXAZO_CLASS_BLOCKED, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_streams__the_finished_picture_comes_home_however_it_is_written),
      cmocka_unit_test(test_streams__an_error_behind_a_good_status_is_told),
      cmocka_unit_test(test_streams__a_picture_that_is_whole_outlives_what_comes_behind_it),
      cmocka_unit_test(test_streams__a_cut_before_the_end_is_lost_and_one_call),
      cmocka_unit_test(test_streams__a_refusal_of_a_stream_is_plain_json),
  };
  return cmocka_run_group_tests(tests, start, kit_stop);
}
