/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "base/record.h"

static pixazo_generation *make_generation(const char *prompt, size_t images)
{
  pixazo_generation *generation = px_generation_new();
  assert_non_null(generation);
  assert_true(px_record_set(&generation->prompt, prompt));
  for (size_t i = 0; i < images; i++) {
    px_image_record *image = px_generation_add_image(generation);
    assert_non_null(image);
    assert_true(px_record_set(&image->key, prompt));
    image->state = PIXAZO_IMAGE_RECORDED;
    image->width = (int32_t)i + 1;
  }
  return generation;
}

static void test_record__null_and_what_is_not_there_read_as_empty(void **state)
{
  (void)state;
  pixazo_generation *generation = px_generation_new();
  assert_string_equal(pixazo_generation_uuid(NULL), "");
  assert_string_equal(pixazo_generation_prompt(NULL), "");
  assert_string_equal(pixazo_generation_prompt(generation), "");
  assert_int_equal(pixazo_generation_state(NULL), 0);
  assert_int_equal(pixazo_generation_image_count(NULL), 0);
  assert_string_equal(pixazo_generation_image_key(generation, 0), "");
  assert_int_equal(pixazo_generation_image_width(generation, 7), 0);
  assert_int_equal(pixazo_generation_image_seed(generation, 7), -1);
  assert_null(pixazo_generation_image_blob(generation, 0));
  assert_string_equal(pixazo_generation_rendition_name(generation, 0, 0), "");
  assert_int_equal(pixazo_generation_rendition_bytes(generation, 0, 0), 0);
  pixazo_generation_free(generation);
  pixazo_generation_free(NULL);
}

static void test_record__facts_are_read_back(void **state)
{
  (void)state;
  pixazo_generation *generation = make_generation("a fox", 2);
  px_rendition_record *rendition = px_image_add_rendition(&generation->images[1]);
  assert_true(px_record_set(&rendition->name, "fit-256"));
  assert_true(px_record_set(&rendition->key, "renditions/a.webp"));
  assert_true(px_record_set(&rendition->path, "/srv/a.webp"));
  assert_true(px_record_set(&rendition->content_type, "image/webp"));
  rendition->bytes = 1234;
  assert_string_equal(pixazo_generation_prompt(generation), "a fox");
  assert_int_equal(pixazo_generation_image_count(generation), 2);
  assert_int_equal(pixazo_generation_image_width(generation, 1), 2);
  assert_int_equal(pixazo_generation_image_seed(generation, 1), -1); /* 0 is a seed */
  assert_int_equal(pixazo_generation_rendition_count(generation, 0), 0);
  assert_int_equal(pixazo_generation_rendition_count(generation, 1), 1);
  assert_string_equal(pixazo_generation_rendition_name(generation, 1, 0), "fit-256");
  assert_string_equal(pixazo_generation_rendition_key(generation, 1, 0), "renditions/a.webp");
  assert_string_equal(pixazo_generation_rendition_path(generation, 1, 0), "/srv/a.webp");
  assert_string_equal(pixazo_generation_rendition_content_type(generation, 1, 0), "image/webp");
  assert_int_equal(pixazo_generation_rendition_bytes(generation, 1, 0), 1234);
  pixazo_generation_free(generation);
}

static void test_record__setting_text_replaces_it_and_null_removes_it(void **state)
{
  (void)state;
  char *slot = NULL;
  assert_true(px_record_set(&slot, "one"));
  assert_true(px_record_set(&slot, "two"));
  assert_string_equal(slot, "two");
  assert_true(px_record_set(&slot, NULL));
  assert_null(slot);
}

static void test_record__absorbing_adds_pictures_attempts_and_cost_and_keeps_the_weaker_confidence(void **state)
{
  (void)state;
  pixazo_generation *to = make_generation("to", 1);
  pixazo_generation *from = make_generation("from", 2);
  to->attempts = 1;
  from->attempts = 3;
  to->cost_micros = 100;
  from->cost_micros = 11;
  to->confidence = PIXAZO_CONFIDENCE_BILLED;
  from->confidence = PIXAZO_CONFIDENCE_ESTIMATED;
  to->updated_us = 5;
  from->updated_us = 9;
  assert_true(px_generation_absorb(to, from));
  assert_int_equal(pixazo_generation_image_count(to), 3);
  assert_string_equal(pixazo_generation_image_key(to, 0), "to");
  assert_string_equal(pixazo_generation_image_key(to, 2), "from");
  assert_int_equal(pixazo_generation_attempts(to), 4);
  assert_int_equal(pixazo_generation_cost_micros(to), 111);
  assert_int_equal(pixazo_generation_confidence(to), PIXAZO_CONFIDENCE_ESTIMATED);
  assert_int_equal(pixazo_generation_updated_us(to), 9);
  assert_true(px_generation_absorb(to, make_generation("empty", 0)));
  assert_int_equal(pixazo_generation_image_count(to), 3);
  pixazo_generation_free(to);
}

static void test_record__its_calls_tell_how_it_went(void **state)
{
  (void)state;
  pixazo_generation *to = make_generation("to", 0);
  pixazo_generation *from = make_generation("from", 0);
  assert_string_equal(pixazo_generation_request_id(to), "");
  assert_string_equal(pixazo_generation_safety_json(to), "");
  assert_int_equal(pixazo_generation_queued_us(to), 0);
  to->created_us = 1000;
  to->ended_us = 7000;
  from->ended_us = 9000;
  for (int32_t n = 1; n <= 2; n++) {
    px_call_record *call = px_generation_add_call(to);
    assert_non_null(call);
    call->sent_us = 1000 + n * 500;
    assert_true(px_record_set(&call->request_id, n == 1 ? "req-1" : "req-2"));
    assert_true(px_record_set(&call->safety_json, n == 1 ? "{\"stage\":\"input\"}" : NULL));
  }
  assert_int_equal(pixazo_generation_queued_us(to), 500);
  assert_string_equal(pixazo_generation_request_id(to), "req-2");
  assert_string_equal(pixazo_generation_safety_json(to), "{\"stage\":\"input\"}"); /* the last one that says something */
  assert_true(px_record_set(&px_generation_add_call(from)->request_id, "req-3"));
  assert_true(px_generation_absorb(to, from));
  assert_int_equal(to->call_count, 3);
  assert_string_equal(pixazo_generation_request_id(to), "req-3");
  assert_int_equal(pixazo_generation_ended_us(to), 9000);
  assert_true(px_generation_absorb(to, make_generation("open", 0)));
  assert_int_equal(pixazo_generation_ended_us(to), 0);
  to->created_us = 5000; /* a clock that was set back */
  assert_int_equal(pixazo_generation_queued_us(to), 0);
  pixazo_generation_free(to);
}

static void test_names__every_value_has_one_and_others_are_unknown(void **state)
{
  (void)state;
  assert_string_equal(pixazo_generation_state_name(PIXAZO_GENERATION_PLANNED), "planned");
  assert_string_equal(pixazo_generation_state_name(PIXAZO_GENERATION_PARTIAL), "partial");
  assert_string_equal(pixazo_generation_state_name(PIXAZO_GENERATION_ABANDONED), "abandoned");
  assert_string_equal(pixazo_generation_state_name(PIXAZO_GENERATION_ABANDONED + 1), "unknown");
  assert_string_equal(pixazo_generation_state_name(-1), "unknown");
  assert_string_equal(pixazo_image_state_name(PIXAZO_IMAGE_EXPECTED), "expected");
  assert_string_equal(pixazo_image_state_name(PIXAZO_IMAGE_LOST), "lost");
  assert_string_equal(pixazo_image_state_name(0), "unknown");
  assert_string_equal(pixazo_confidence_name(PIXAZO_CONFIDENCE_UNKNOWN), "unknown");
  assert_string_equal(pixazo_confidence_name(PIXAZO_CONFIDENCE_UPPER_BOUND), "upper_bound");
  assert_string_equal(pixazo_confidence_name(PIXAZO_CONFIDENCE_BILLED), "billed");
  assert_string_equal(pixazo_confidence_name(99), "unknown");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_record__null_and_what_is_not_there_read_as_empty),
      cmocka_unit_test(test_record__facts_are_read_back),
      cmocka_unit_test(test_record__setting_text_replaces_it_and_null_removes_it),
      cmocka_unit_test(test_record__absorbing_adds_pictures_attempts_and_cost_and_keeps_the_weaker_confidence),
      cmocka_unit_test(test_record__its_calls_tell_how_it_went),
      cmocka_unit_test(test_names__every_value_has_one_and_others_are_unknown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
