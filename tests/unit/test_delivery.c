/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/delivery.h"
#include "client/handle.h"
#include "support/client_kit.h"

static const char attempt[] = "00000000-0000-7000-8000-00000000000a";
static const char generation[] = "00000000-0000-7000-8000-00000000000b";

typedef struct scene {
  pixazo_client *client;
  px_plan *plan;
  px_delivery delivery;
  px_outcome *outcome;
  pixazo_generation *record;
  pixazo_error *error;
} scene;

static int begin(void **state)
{
  static scene self;
  self = (scene){.delivery = PX_DELIVERY_INIT};
  self.client = kit_client("pixazo", NULL);
  self.plan = kit_plan(self.client, "{\"prompt\":\"a red fox\",\"model\":\"sdxl\"}");
  self.record = px_generation_new();
  *state = &self;
  return self.record ? 0 : -1;
}

static int end(void **state)
{
  scene *self = *state;
  px_delivery_done(&self->delivery);
  px_outcome_free(self->outcome);
  pixazo_generation_free(self->record);
  pixazo_error_free(self->error);
  px_plan_unref(self->plan);
  (void)pixazo_client_unref(self->client);
  return 0;
}

/* The answer as it would come from the wire, judged. */
static void deliver(scene *self, const char *type, const void *body, size_t size)
{
  px_answer_writer *writer = &self->delivery.writer;
  const px_answer *answer = NULL;
  px_evidence evidence = {
      .body_asked = true, .head_complete = true, .body_complete = true, .http_status = 200, .ended_us = 1};
  assert_ok(px_delivery_open(&self->delivery, self->plan, attempt, generation, &self->error), self->error);
  assert_status(px_answer_writer_set(writer, "status", "200", NULL), PIXAZO_OK);
  assert_status(px_answer_writer_set(writer, "content-type", type, NULL), PIXAZO_OK);
  assert_status(px_answer_writer_body(writer, body, size, NULL), PIXAZO_OK);
  assert_status(px_answer_writer_finish(writer, NULL), PIXAZO_OK);
  assert_ok(px_delivery_read(&self->delivery, &answer, &self->error), self->error);
  assert_ok(px_client_judge(self->client, self->plan, &evidence, answer, &self->outcome, &self->error), self->error);
}

static pixazo_status collect(scene *self)
{
  return px_delivery_collect(&self->delivery, self->client, self->outcome, self->record, &self->error);
}

static void assert_picture(const scene *self, const char *type, const void *bytes, size_t size)
{
  const px_image_record *image = &self->record->images[0];
  assert_int_equal(self->record->image_count, 1);
  assert_int_equal(image->state, PIXAZO_IMAGE_RECORDED);
  assert_string_equal(image->content_type, type);
  assert_string_equal(image->attempt, attempt);
  assert_int_equal(image->bytes, size);
  assert_int_equal(pixazo_blob_size(image->blob), size);
  assert_memory_equal(pixazo_blob_data(image->blob), bytes, size);
  assert_int_equal(strlen(image->sha256), 64);
  assert_true(px_uuid_valid(image->uuid));
  assert_int_equal(self->record->state, PIXAZO_GENERATION_DONE);
}

static void test_delivery__a_raw_body_becomes_a_blob_typed_by_its_bytes(void **state)
{
  static const char jpeg[] = "\xFF\xD8\xFF\xE0 not much of a picture";
  deliver(*state, "image/png", jpeg, sizeof jpeg);
  assert_status(collect(*state), PIXAZO_OK);
  assert_picture(*state, "image/jpeg", jpeg, sizeof jpeg);
}

static void test_delivery__base64_becomes_the_bytes_it_stands_for(void **state)
{
  static const char body[] =
      "{\"data\":[{\"b64_json\":\"iVBORw0KGgphYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYm"
      "NhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmNhYmM=\"}]}";
  char bytes[128] = "\x89PNG\r\n\x1A\n";
  for (size_t i = 8; i < sizeof bytes; i++)
    bytes[i] = "abc"[(i - 8) % 3];
  scene *self = *state;
  deliver(self, "application/json", body, strlen(body));
  assert_status(collect(self), PIXAZO_OK);
  assert_picture(self, "image/png", bytes, sizeof bytes);
}

static void test_delivery__an_address_is_only_expected(void **state)
{
  static const char body[] = "{\"imageUrl\":\"https://x.test/a.png\"}";
  scene *self = *state;
  deliver(self, "application/json", body, strlen(body));
  assert_status(collect(self), PIXAZO_OK);
  assert_int_equal(self->record->images[0].state, PIXAZO_IMAGE_EXPECTED);
  assert_string_equal(self->record->images[0].remote_url, "https://x.test/a.png");
  assert_null(self->record->images[0].blob);
}

static void test_delivery__an_answer_without_a_picture_to_be_had_is_lost(void **state)
{
  static const char png[] = "\x89PNG\r\n\x1A\nabc";
  scene *self = *state;
  self->client->options.max_download_bytes = 5;
  deliver(self, "image/png", png, sizeof png);
  assert_status(collect(self), PIXAZO_E_PROVIDER);
  assert_int_equal(pixazo_error_class(self->error), PIXAZO_CLASS_LOST);
  assert_int_equal(self->record->images[0].state, PIXAZO_IMAGE_LOST);
  assert_non_null(strstr(self->record->images[0].reason, "5 bytes"));
}

static void test_delivery__the_file_begins_anew_and_says_whose_answer_it_is(void **state)
{
  scene *self = *state;
  const px_answer *answer = NULL;
  deliver(self, "image/png", "old", 3);
  assert_status(px_delivery_open(&self->delivery, self->plan, attempt, generation, NULL), PIXAZO_OK);
  assert_status(px_delivery_read(&self->delivery, &answer, NULL), PIXAZO_OK);
  assert_null(answer); /* no head came */
  assert_status(px_answer_writer_finish(&self->delivery.writer, NULL), PIXAZO_OK);
  assert_status(px_delivery_read(&self->delivery, &answer, NULL), PIXAZO_OK);
  assert_string_equal(px_answer_get(answer, "attempt"), attempt);
  assert_string_equal(px_answer_get(answer, "generation"), generation);
  assert_string_equal(px_answer_get(answer, "provider"), "pixazo");
  assert_string_equal(px_answer_get(answer, "model"), "sdxl");
  assert_int_equal(answer->body_size, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_delivery__a_raw_body_becomes_a_blob_typed_by_its_bytes, begin, end),
      cmocka_unit_test_setup_teardown(test_delivery__base64_becomes_the_bytes_it_stands_for, begin, end),
      cmocka_unit_test_setup_teardown(test_delivery__an_address_is_only_expected, begin, end),
      cmocka_unit_test_setup_teardown(test_delivery__an_answer_without_a_picture_to_be_had_is_lost, begin, end),
      cmocka_unit_test_setup_teardown(test_delivery__the_file_begins_anew_and_says_whose_answer_it_is, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
