/* SPDX-License-Identifier: MIT */
/* What only Google does: a picture is left out of a good answer, for many reasons; parts of all kinds; pictures in thought. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "support/tmpdir.h"

static int start(void **state)
{
  (void)kit_start(state);
  kit *self = *state;
  pixazo_client_options options = kit_options(self);
  options.provider = "google";
  kit_use(self, &options);
  return 0;
}

/* One call with this answer ends so; the words are in its message. */
static void expect(kit *self, const char *answer, pixazo_status wanted, int32_t attempt_class, const char *words)
{
  char rules[256];
  (void)snprintf(rules, sizeof rules, "[{\"method\":\"POST\",\"answer\":\"%s\"}]", answer);
  kit_script(self, rules);
  pixazo_status status = kit_generate(self, "{\"prompt\":\"p\"}", NULL);
  int32_t found = pixazo_error_class(self->error);
  if (status != wanted || found != attempt_class || gateway_count(&self->gateway, "posts") != 1 ||
      !strstr(pixazo_error_message(self->error), words))
    fail_msg("%s: %s, %s: %s", answer, pixazo_status_name(status), pixazo_class_name(found),
             pixazo_error_message(self->error));
}

static void test_google__each_reason_for_no_picture_has_its_class_and_nothing_is_tried_again(void **state)
{
  static const char *const policy[] = {"SAFETY",       "RECITATION",   "BLOCKLIST",
                                       "PROHIBITED_CONTENT", "SPII",   "IMAGE_SAFETY",
                                       "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"};
  static const char *const empty[] = {"STOP",        "MAX_TOKENS",        "LANGUAGE",
                                      "OTHER",       "NO_IMAGE",          "MALFORMED_FUNCTION_CALL",
                                      "IMAGE_OTHER", "MALFORMED_RESPONSE", "FINISH_REASON_UNSPECIFIED",
                                      "NEW_REASON"};
  static const char *const blocks[] = {"SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "MODEL_ARMOR", "JAILBREAK"};
  static const char *const shapes[] = {"text-only",     "no-parts",      "empty-parts",     "no-content",
                                       "no-candidates", "empty-candidates", "block:OTHER", "block:NEW_REASON"};
  kit *self = *state;
  char name[64];
  for (size_t i = 0; i < PX_ARRAY_SIZE(policy); i++) {
    (void)snprintf(name, sizeof name, "finish:%s", policy[i]);
    expect(self, name, PIXAZO_E_REJECTED, PIXAZO_CLASS_BLOCKED, "Unable to show the picture.");
    assert_string_equal(pixazo_error_provider_code(self->error), policy[i]);
    (void)snprintf(name, sizeof name, "finish-text:%s", policy[i]);
    expect(self, name, PIXAZO_E_REJECTED, PIXAZO_CLASS_BLOCKED, "I can't.");
  }
  for (size_t i = 0; i < PX_ARRAY_SIZE(empty); i++) {
    (void)snprintf(name, sizeof name, "finish-text:%s", empty[i]);
    expect(self, name, PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, "I can't.");
  }
  for (size_t i = 0; i < PX_ARRAY_SIZE(blocks); i++) {
    (void)snprintf(name, sizeof name, "block:%s", blocks[i]);
    expect(self, name, PIXAZO_E_REJECTED, PIXAZO_CLASS_BLOCKED, "");
  }
  for (size_t i = 0; i < PX_ARRAY_SIZE(shapes); i++)
    expect(self, shapes[i], PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, "may be charged, at most 0.067000 USD");
  print_message("reasons for no picture: %zu cases\n",
                2 * PX_ARRAY_SIZE(policy) + PX_ARRAY_SIZE(empty) + PX_ARRAY_SIZE(blocks) + PX_ARRAY_SIZE(shapes));
}

static void test_google__pictures_stand_among_words_and_thoughts(void **state)
{
  static const struct {
    const char *parts;
    size_t images;
  } cases[] = {
      {"[\"text\",\"image\"]", 1},
      {"[\"image\",\"text\",\"image\",\"text\"]", 2},
      {"[\"jpeg\"]", 1},
      {"[\"webp\",\"image\"]", 2},
      {"[\"snake\"]", 1},
      {"[\"thought-text\",\"thought-image\",\"text\",\"image\"]", 1},
      {"[\"file\"]", 1},
  };
  kit *self = *state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    char rules[256];
    (void)snprintf(rules, sizeof rules, "[{\"method\":\"POST\",\"parts\":%s}]", cases[i].parts);
    kit_script(self, rules);
    kit_expect(self, kit_generate(self, "{\"prompt\":\"p\"}", NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
    if (pixazo_generation_image_count(self->record) != cases[i].images)
      fail_msg("%s: %zu pictures", cases[i].parts, pixazo_generation_image_count(self->record));
  }
  expect(self, "text-only", PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, "I can't create that picture.");
}

static void test_google__errors_speak_through_their_details(void **state)
{
  kit *self = *state;
  expect(self, "bad-key", PIXAZO_E_AUTH, PIXAZO_CLASS_REFUSED, "API key not valid");
  expect(self, "quota", PIXAZO_E_QUOTA, PIXAZO_CLASS_REFUSED, "not charged");
}

static void test_google__the_key_and_the_pictures_go_where_they_belong(void **state)
{
  kit *self = *state;
  char *directory = tmpdir_make();
  char *path = tmpdir_path(directory, "given.png");
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite("\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 1, 16, file), 16);
  assert_int_equal(fclose(file), 0);
  kit_script(self, "[]");
  char request[512];
  (void)snprintf(request, sizeof request, "{\"prompt\":\"p\",\"images\":[\"%s\"]}", path);
  kit_expect(self, kit_generate(self, request, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  char *page = gateway_page(&self->gateway, "requests");
  assert_non_null(strstr(page, "x-goog-api-key: test-key-not-real-0000"));
  assert_null(strstr(page, "key=test-key"));
  assert_non_null(strstr(page, "/v1beta/models/gemini-3.1-flash-image:generateContent"));
  assert_non_null(strstr(page, "iVBORw0KGgoAAAANSUhEUg=="));
  free(page);
  free(path);
  tmpdir_remove(directory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_google__each_reason_for_no_picture_has_its_class_and_nothing_is_tried_again),
      cmocka_unit_test(test_google__pictures_stand_among_words_and_thoughts),
      cmocka_unit_test(test_google__errors_speak_through_their_details),
      cmocka_unit_test(test_google__the_key_and_the_pictures_go_where_they_belong),
  };
  return cmocka_run_group_tests(tests, start, kit_stop);
}
