/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include <pixazo/memory.h>

#include "base/mem.h"
#include "base/record.h"
#include "json/json.h"

static px_json *to_json(const pixazo_generation *record)
{
  char *text = NULL;
  px_json *root = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_generation_to_json(record, &text, &error), error);
  assert_ok(px_json_parse(text, strlen(text), NULL, &root, &error), error);
  pixazo_free(text);
  return root;
}

static void expect_text(const px_json *root, const char *path, const char *wanted)
{
  const char *value = NULL;
  assert_status(px_json_get_string(root, path, &value, NULL), PIXAZO_OK);
  assert_string_equal(value, wanted);
}

static void test_record_json__documents_and_pictures_are_parts_of_one_object(void **state)
{
  (void)state;
  pixazo_generation *record = px_generation_new();
  px_image_record *image = px_generation_add_image(record);
  px_rendition_record *rendition = px_image_add_rendition(image);
  int64_t value = 0;
  record->state = PIXAZO_GENERATION_PARTIAL;
  record->last_class = PIXAZO_CLASS_ACCEPTED;
  record->cost_micros = INT64_MAX;
  image->state = PIXAZO_IMAGE_RECORDED;
  assert_true(px_record_set(&record->prompt, "a \"fox\"\n") &&
              px_record_set(&record->effective_json, "{\"seed\":4294967295}") &&
              px_record_set(&image->key, "originals/a.png") && px_record_set(&rendition->name, "fit-256"));
  px_json *root = to_json(record);
  expect_text(root, "prompt", "a \"fox\"\n");
  expect_text(root, "state", "partial");
  expect_text(root, "class", "accepted");
  expect_text(root, "images[0].state", "recorded");
  expect_text(root, "images[0].renditions[0].name", "fit-256");
  assert_status(px_json_get_int64(root, "effective_json.seed", &value, NULL), PIXAZO_OK);
  assert_true(value == 4294967295);
  assert_status(px_json_get_int64(root, "cost_micros", &value, NULL), PIXAZO_OK);
  assert_true(value == INT64_MAX);
  assert_status(px_json_get_int64(root, "schema", &value, NULL), PIXAZO_OK);
  assert_int_equal(value, 1);
  px_json_free(root);
  pixazo_generation_free(record);
}

static void test_record_json__each_call_tells_its_story(void **state)
{
  (void)state;
  pixazo_generation *record = px_generation_new();
  px_call_record *call = px_generation_add_call(record);
  px_image_record *image = px_generation_add_image(record);
  image->seed = 0;
  image = px_generation_add_image(record);
  int64_t value = 0;
  record->created_us = 1000;
  record->ended_us = 9000;
  call->n = 1;
  call->sent_us = 4000;
  call->attempt_class = PIXAZO_CLASS_BLOCKED;
  call->charge = PIXAZO_CHARGE_NOT_CHARGED;
  call->confidence = PIXAZO_CONFIDENCE_BILLED;
  image->download_us = 11;
  image->processing_us = 22;
  assert_true(px_record_set(&call->request_id, "req-9") && px_record_set(&call->safety_json, "{\"stage\":\"input\"}"));
  px_json *root = to_json(record);
  expect_text(root, "calls[0].class", "blocked");
  expect_text(root, "calls[0].charge", "not_charged");
  expect_text(root, "calls[0].confidence", "billed");
  expect_text(root, "calls[0].safety_json.stage", "input");
  expect_text(root, "safety_json.stage", "input");
  expect_text(root, "request_id", "req-9");
  assert_true(px_json_is(px_json_find(root, "calls[0].answered_us"), PX_JSON_NULL));
  assert_status(px_json_get_int64(root, "queued_us", &value, NULL), PIXAZO_OK);
  assert_int_equal(value, 3000);
  assert_status(px_json_get_int64(root, "ended_us", &value, NULL), PIXAZO_OK);
  assert_int_equal(value, 9000);
  assert_status(px_json_get_int64(root, "images[0].seed", &value, NULL), PIXAZO_OK);
  assert_int_equal(value, 0);
  assert_true(px_json_is(px_json_find(root, "images[1].seed"), PX_JSON_NULL));
  assert_status(px_json_get_int64(root, "images[1].download_us", &value, NULL), PIXAZO_OK);
  assert_int_equal(value, 11);
  assert_status(px_json_get_int64(root, "images[1].processing_us", &value, NULL), PIXAZO_OK);
  assert_int_equal(value, 22);
  px_json_free(root);
  pixazo_generation_free(record);
}

static void test_record_json__a_broken_document_is_shown_as_text(void **state)
{
  (void)state;
  pixazo_generation *record = px_generation_new();
  assert_true(px_record_set(&record->request_json, "{\"prompt\":"));
  px_json *root = to_json(record);
  expect_text(root, "request_json", "{\"prompt\":");
  assert_true(px_json_is(px_json_find(root, "metadata_json"), PX_JSON_NULL));
  expect_text(root, "uuid", "");
  px_json_free(root);
  pixazo_generation_free(record);
}

static void test_record_json__missing_arguments_are_errors(void **state)
{
  (void)state;
  char *text = NULL;
  assert_status(pixazo_generation_to_json(NULL, &text, NULL), PIXAZO_E_ARGUMENT);
  assert_null(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_record_json__documents_and_pictures_are_parts_of_one_object),
      cmocka_unit_test(test_record_json__each_call_tells_its_story),
      cmocka_unit_test(test_record_json__a_broken_document_is_shown_as_text),
      cmocka_unit_test(test_record_json__missing_arguments_are_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
