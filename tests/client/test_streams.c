/* SPDX-License-Identifier: MIT */
/* Answers that come as events. */
#include "kit.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static const char two[] = "{\"prompt\":\"p\",\"partial_images\":2}";

typedef struct watching {
  kit *kit;
  int32_t index[8]; /* of each partial picture, in order */
  size_t count;
  bool early;  /* each came while the answer was not yet whole */
  bool hurry;  /* each has the gateway go on */
  bool refuse; /* the first ends it */
  size_t calls_after;
} watching;

static int32_t watch(const pixazo_progress *progress, void *user_data)
{
  watching *self = user_data;
  self->calls_after += self->refuse && self->count > 0;
  if (progress->stage != PIXAZO_STAGE_PARTIAL) {
    assert_null(progress->partial);
    return 0;
  }
  assert_non_null(progress->partial);
  assert_memory_equal(pixazo_blob_data(progress->partial), "\x89PNG", 4);
  assert_true(pixazo_blob_size(progress->partial) > 20000);
  assert_true(self->count < PX_ARRAY_SIZE(self->index));
  self->index[self->count++] = progress->partial_index;
  self->early = self->early && gateway_count(&self->kit->gateway, "posts_answered") == 0;
  if (self->hurry)
    gateway_hurry(&self->kit->gateway);
  return self->refuse;
}

/* The usual client again, with or without a hook. */
static void use_watched(kit *self, watching *heard)
{
  char base[96];
  pixazo_client_options options = kit_options(self);
  (void)snprintf(base, sizeof base, "%s/v1", self->gateway.base);
  options.provider = "openai";
  options.base_url = base;
  options.on_progress = heard ? watch : NULL;
  options.on_progress_data = heard;
  kit_use(self, &options);
}

static int start(void **state)
{
  (void)kit_start(state);
  use_watched(*state, NULL);
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

static void test_streams__partial_pictures_are_shown_before_the_answer_ends(void **state)
{
  kit *self = *state;
  watching heard = {.kit = self, .early = true, .hurry = true};
  use_watched(self, &heard);
  kit_script(self, "[{\"method\":\"POST\",\"event_ms\":600000}]");
  kit_expect(self, kit_generate(self, "{\"prompt\":\"p\",\"partial_images\":3}", NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  expect_pictures(self, 1);
  assert_true(heard.early);
  assert_int_equal(heard.count, 3);
  for (int32_t i = 0; i < 3; i++)
    assert_int_equal(heard.index[i], i);
  use_watched(self, NULL);
}

static void test_streams__the_newest_of_what_came_together_is_shown(void **state)
{
  kit *self = *state;
  watching heard = {.kit = self};
  use_watched(self, &heard);
  kit_script(self, "[{\"method\":\"POST\",\"partials\":3}]");
  kit_expect(self, kit_generate(self, two, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  assert_true(heard.count >= 1 && heard.count <= 3);
  assert_int_equal(heard.index[heard.count - 1], 2);
  use_watched(self, NULL);
}

static void test_streams__nothing_is_shown_that_was_not_asked_for(void **state)
{
  kit *self = *state;
  watching heard = {.kit = self};
  use_watched(self, &heard);
  kit_script(self, "[{\"method\":\"POST\",\"partials\":2}]");
  kit_expect(self, kit_generate(self, "{\"prompt\":\"p\",\"provider_options\":{\"stream\":true}}", NULL), PIXAZO_OK,
             PIXAZO_CLASS_ACCEPTED, 1);
  expect_pictures(self, 1);
  assert_int_equal(heard.count, 0);
  use_watched(self, NULL);
}

static void test_streams__a_hook_may_stop_at_a_partial_picture(void **state)
{
  kit *self = *state;
  watching heard = {.kit = self, .refuse = true};
  use_watched(self, &heard);
  kit_script(self, "[{\"method\":\"POST\",\"event_ms\":600000}]");
  kit_expect(self, kit_generate(self, two, NULL), PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1); /* a bare client keeps no late answer */
  assert_int_equal(heard.count, 1);
  assert_int_equal(heard.calls_after, 0);
  use_watched(self, NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_streams__the_finished_picture_comes_home_however_it_is_written),
      cmocka_unit_test(test_streams__an_error_behind_a_good_status_is_told),
      cmocka_unit_test(test_streams__a_picture_that_is_whole_outlives_what_comes_behind_it),
      cmocka_unit_test(test_streams__a_cut_before_the_end_is_lost_and_one_call),
      cmocka_unit_test(test_streams__a_refusal_of_a_stream_is_plain_json),
      cmocka_unit_test(test_streams__partial_pictures_are_shown_before_the_answer_ends),
      cmocka_unit_test(test_streams__the_newest_of_what_came_together_is_shown),
      cmocka_unit_test(test_streams__nothing_is_shown_that_was_not_asked_for),
      cmocka_unit_test(test_streams__a_hook_may_stop_at_a_partial_picture),
  };
  return cmocka_run_group_tests(tests, start, kit_stop);
}
