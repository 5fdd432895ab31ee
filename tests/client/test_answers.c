/* SPDX-License-Identifier: MIT */
/* Good answers of every shape come home, and each cost one POST. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char sdxl[] = "{\"prompt\":\"p\",\"model\":\"sdxl\",\"seed\":5,\"THEME\":\"canary-theme\"}";

static void test_answers__each_model_gives_a_url_that_can_be_fetched(void **state)
{
  kit *self = *state;
  static const char *const models[] = {"sdxl",     "sdxl-lightning", "sdxl-turbo", "flux-schnell",    "sd3",
                                       "sd3.5-large", "sd-inpainting", "flux-dev",   "flux-pro",        "flux-2-dev",
                                       "flux-2-klein-4b", "gpt-image-2", "gpt-image-1.5", "nano-banana-pro"};
  for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
    char request[96] = "{\"prompt\":\"p\",\"model\":\"pixazo/";
    pixazo_blob *picture = NULL;
    kit_script(self, "[]");
    kit_expect(self, kit_generate(self, strcat(strcat(request, models[i]), "\"}"), NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED,
               1);
    assert_int_equal(pixazo_generation_image_count(self->record), 1);
    const char *url = pixazo_generation_image_url(self->record, 0);
    assert_ok(pixazo_client_fetch(self->client, url, NULL, &picture, &self->error), self->error);
    assert_memory_equal(pixazo_blob_data(picture), "\x89PNG", 4);
    (void)pixazo_blob_unref(picture);
    assert_int_equal(gateway_count(&self->gateway, "keys_on_files"), 0);
  }
}

static void test_answers__bytes_in_the_answer_are_in_the_record(void **state)
{
  kit *self = *state;
  static const char *const rules[] = {
      "[{\"method\":\"POST\",\"answer\":\"raw-image\",\"image_bytes\":300000}]",
      "[{\"method\":\"POST\",\"answer\":\"base64\",\"image_bytes\":2000000}]",
      "[{\"method\":\"POST\",\"answer\":\"data-uri\",\"image_bytes\":300000,\"chunked\":\"yes\"}]",
  };
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    kit_script(self, rules[i]);
    kit_expect(self, kit_generate(self, sdxl, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
    pixazo_blob *picture = pixazo_generation_image_blob(self->record, 0);
    assert_non_null(picture);
    assert_true(pixazo_blob_size(picture) > 250000);
    assert_memory_equal(pixazo_blob_data(picture), "\x89PNG", 4);
    assert_string_equal(pixazo_generation_image_content_type(self->record, 0), "image/png");
    assert_int_equal(pixazo_generation_image_bytes(self->record, 0), pixazo_blob_size(picture));
    assert_int_equal(strlen(pixazo_generation_image_sha256(self->record, 0)), 64);
  }
}

static void test_answers__lists_bring_all_their_pictures(void **state)
{
  kit *self = *state;
  kit_script(self, "[{\"method\":\"POST\",\"answer\":\"images\",\"images\":3}]");
  kit_expect(self, kit_generate(self, sdxl, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  assert_int_equal(pixazo_generation_image_count(self->record), 3);
  kit_script(self, "[{\"method\":\"POST\",\"answer\":\"output-list\",\"images\":2}]");
  kit_expect(self, kit_generate(self, sdxl, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  assert_int_equal(pixazo_generation_image_count(self->record), 2);
}

static void test_answers__the_body_has_the_seed_and_never_the_metadata(void **state)
{
  kit *self = *state;
  kit_script(self, "[]");
  kit_expect(self, kit_generate(self, sdxl, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  char *page = gateway_page(&self->gateway, "requests");
  assert_non_null(strstr(page, "\\\"seed\\\":5"));
  assert_null(strstr(page, "canary-theme"));
  assert_null(strstr(page, "THEME"));
  free(page);
  assert_non_null(strstr(pixazo_generation_metadata_json(self->record), "canary-theme"));
  assert_non_null(strstr(pixazo_generation_effective_json(self->record), "\"seed\":5"));
}

static void test_answers__a_count_makes_as_many_posts_and_all_differ(void **state)
{
  kit *self = *state;
  kit_script(self, "[]");
  kit_expect(self, kit_generate(self, "{\"prompt\":\"p\",\"n\":3}", NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 3);
  assert_int_equal(pixazo_generation_image_count(self->record), 3);
  assert_int_equal(gateway_count(&self->gateway, "posts_repeated"), 0);
}

/* One call asked for four pictures: all that came are there, however many. */
static void test_answers__more_or_fewer_pictures_than_asked_are_all_kept(void **state)
{
  static const size_t counts[] = {0, 1, 2, 3, 4, 5, 10, 1000};
  kit *self = *state;
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    char rules[96];
    (void)snprintf(rules, sizeof rules, "[{\"method\":\"POST\",\"answer\":\"images\",\"images\":%zu}]", counts[i]);
    kit_script(self, rules);
    pixazo_status status = kit_generate(self, "{\"prompt\":\"p\",\"n\":4,\"model\":\"gpt-image-2\"}", NULL);
    kit_expect(self, status, counts[i] ? PIXAZO_OK : PIXAZO_E_PROVIDER,
               counts[i] ? PIXAZO_CLASS_ACCEPTED : PIXAZO_CLASS_EMPTY, 1);
    assert_int_equal(counts[i] ? pixazo_generation_image_count(self->record) : 0, counts[i]);
  }
  tell_cases("numbers of pictures where four were asked for", sizeof counts / sizeof *counts);
}

/* What came in place of an answer is told in one short clean line, and never with the key. */
static void test_answers__something_else_is_named_and_cut_short(void **state)
{
  static const char *const rules[] = {
      "\"answer\":\"html\"",
      "\"answer\":\"empty\"",
      "\"answer\":\"not-json\"",
      "\"answer\":\"half-json\"",
      "\"answer\":\"error-in-200\"",
      "\"answer\":\"no-content\"",
      "\"answer\":\"no-url\"",
      "\"answer\":\"empty-url\"",
      "\"status\":206,\"body\":{}",
      "\"status\":304",
      "\"status\":200,\"body\":[]",
      "\"status\":200,\"body\":\"null\"",
      "\"status\":200,\"type\":\"image/png\",\"body\":{\"message\":\"no\"}",
      "\"status\":500,\"body\":{\"message\":\"\\u001b[31mred\\u0007 \\u202e and\\r\\n more\"}",
      "\"status\":500,\"body\":{\"message\":\"the key test-key-not-real-0000 is wrong\"}",
      "\"status\":500,\"body\":{\"error\":{\"code\":\"test-key-not-real-0000\",\"message\":{\"a\":1}}}",
      "\"status\":500,\"type\":\"text/html\",\"body\":\"<html><script>alert(1)</script>\\u0000\\u0001\"",
      "\"endless_body\":true",
  };
  kit *self = *state;
  pixazo_client_options options = kit_options(self);
  options.max_answer_bytes = 6 << 20;
  kit_use(self, &options);
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    char script[256];
    (void)snprintf(script, sizeof script, "[{\"method\":\"POST\",%s}]", rules[i]);
    kit_script(self, script);
    pixazo_status status = kit_generate(self, "{\"prompt\":\"p\",\"model\":\"sdxl-turbo\"}", NULL);
    const char *message = pixazo_error_message(self->error);
    if (status == PIXAZO_OK || strlen(message) > 512 || strpbrk(message, "\r\n\t\x1b\x07") || strstr(message, kit_secret) ||
        strstr(message, "\xE2\x80\xAE"))
      fail_msg("%s: %s: %s", rules[i], pixazo_status_name(status), message);
  }
  options = kit_options(self);
  kit_use(self, &options);
  tell_cases("other things in place of an answer", sizeof rules / sizeof *rules);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_answers__each_model_gives_a_url_that_can_be_fetched),
      cmocka_unit_test(test_answers__bytes_in_the_answer_are_in_the_record),
      cmocka_unit_test(test_answers__lists_bring_all_their_pictures),
      cmocka_unit_test(test_answers__the_body_has_the_seed_and_never_the_metadata),
      cmocka_unit_test(test_answers__more_or_fewer_pictures_than_asked_are_all_kept),
      cmocka_unit_test(test_answers__something_else_is_named_and_cut_short),
      cmocka_unit_test(test_answers__a_count_makes_as_many_posts_and_all_differ),
  };
  return cmocka_run_group_tests(tests, kit_start, kit_stop);
}
