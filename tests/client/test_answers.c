/* SPDX-License-Identifier: MIT */
/* Good answers of every shape come home, and each cost one POST. */
#include "kit.h"

#include <stdlib.h>
#include <string.h>

static const char sdxl[] = "{\"prompt\":\"p\",\"model\":\"sdxl\",\"seed\":5,\"THEME\":\"canary-theme\"}";

static void test_answers__each_model_gives_a_url_that_can_be_fetched(void **state)
{
  kit *self = *state;
  static const char *const models[] = {"sdxl", "sdxl-lightning", "sdxl-turbo", "flux-schnell"};
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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_answers__each_model_gives_a_url_that_can_be_fetched),
      cmocka_unit_test(test_answers__bytes_in_the_answer_are_in_the_record),
      cmocka_unit_test(test_answers__lists_bring_all_their_pictures),
      cmocka_unit_test(test_answers__the_body_has_the_seed_and_never_the_metadata),
      cmocka_unit_test(test_answers__a_count_makes_as_many_posts_and_all_differ),
  };
  return cmocka_run_group_tests(tests, kit_start, kit_stop);
}
