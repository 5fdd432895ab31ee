/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "json/json.h"
#include "pipeline/review.h"

static void test_review__says_what_it_blocks_and_why(void **state)
{
  (void)state;
  pixazo_review review = {.of_picture = false};
  px_autofree char *json = NULL;
  pixazo_error *error = NULL;
  pixazo_review_set_blocked(&review, "no \"owls\"\nhere");
  pixazo_review_add_category(&review, "birds");
  pixazo_review_add_category(&review, "");
  pixazo_review_add_category(&review, NULL);
  pixazo_review_add_category(&review, "night");
  assert_true(review.blocked);
  assert_ok(px_review_json(&review, &json, &error), error);
  assert_string_equal(json, "{\"source\":\"program\",\"stage\":\"input\",\"categories\":[\"birds\",\"night\"],"
                            "\"text\":\"no \\\"owls\\\" here\",\"code\":\"\",\"charge\":\"not_charged\"}");
}

static void test_review__of_a_picture_was_paid_for(void **state)
{
  (void)state;
  pixazo_review review = {.of_picture = true};
  px_autofree char *json = NULL;
  pixazo_error *error = NULL;
  pixazo_review_set_blocked(&review, NULL);
  assert_ok(px_review_json(&review, &json, &error), error);
  assert_string_equal(json, "{\"source\":\"program\",\"stage\":\"output\",\"categories\":[],\"text\":\"\",\"code\":\"\","
                            "\"charge\":\"charged\"}");
}

/* Whatever a hook says, blocking works and the document is whole. */
static void test_review__takes_anything_without_failing(void **state)
{
  (void)state;
  px_autofree char *json = NULL;
  px_cleanup(px_json_done) px_json *root = NULL;
  pixazo_error *error = NULL;
  px_autofree char *words = px_malloc(5001);
  px_autofree pixazo_review *review = px_calloc(1, sizeof *review);
  assert_true(words && review);
  memset(words, 0xFF, 5000);
  words[5000] = '\0';
  pixazo_review_set_blocked(review, words);
  for (int i = 0; i < 100; i++)
    pixazo_review_add_category(review, words);
  assert_int_equal(review->category_count, PX_REVIEW_CATEGORIES);
  assert_ok(px_review_json(review, &json, &error), error);
  assert_ok(px_json_parse(json, strlen(json), NULL, &root, &error), error);
  assert_int_equal(px_json_size(px_json_member(root, "categories")), PX_REVIEW_CATEGORIES);
  assert_int_equal(strlen(px_json_text(px_json_member(root, "text"))), PX_REVIEW_REASON_BYTES);
  pixazo_review_set_blocked(NULL, "x");
  pixazo_review_add_category(NULL, "x");
}

static void test_review__is_cut_between_characters(void **state)
{
  (void)state;
  pixazo_review review = {.of_picture = true};
  char text[PX_REVIEW_CATEGORY_BYTES + 4];
  memset(text, 'a', sizeof text);
  memcpy(text + PX_REVIEW_CATEGORY_BYTES - 1, "\xC3\xA9", 3);
  pixazo_review_add_category(&review, text);
  assert_int_equal(strlen(review.categories[0]), PX_REVIEW_CATEGORY_BYTES - 1);
}

static void refuse_text(pixazo_review *review, pixazo_status wanted, const char *text)
{
  px_autoerror error = NULL;
  assert_status(pixazo_review_set_alt_text(review, text, &error), wanted);
  assert_int_equal(pixazo_error_status(error), wanted);
}

static void test_alt_text__has_bounds_and_belongs_to_pictures(void **state)
{
  (void)state;
  pixazo_review prompt = {.of_picture = false};
  pixazo_review review = {.of_picture = true};
  pixazo_error *error = NULL;
  char text[PIXAZO_ALT_TEXT_MAX + 2];
  memset(text, 'a', sizeof text);
  text[PIXAZO_ALT_TEXT_MAX + 1] = '\0';
  refuse_text(&review, PIXAZO_E_LIMIT, text);
  refuse_text(&review, PIXAZO_E_ARGUMENT, "\xC3");
  refuse_text(&review, PIXAZO_E_ARGUMENT, NULL);
  refuse_text(&prompt, PIXAZO_E_STATE, "an owl");
  assert_false(review.has_alt_text || prompt.has_alt_text);
  text[PIXAZO_ALT_TEXT_MAX] = '\0';
  assert_ok(pixazo_review_set_alt_text(&review, text, &error), error);
  assert_string_equal(review.alt_text, text);
  assert_ok(pixazo_review_set_alt_text(&review, "an\towl", &error), error);
  assert_string_equal(review.alt_text, "an owl");
  refuse_text(&review, PIXAZO_E_ARGUMENT, "\xFF");
  assert_string_equal(review.alt_text, "an owl");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_review__says_what_it_blocks_and_why),
      cmocka_unit_test(test_review__of_a_picture_was_paid_for),
      cmocka_unit_test(test_review__takes_anything_without_failing),
      cmocka_unit_test(test_review__is_cut_between_characters),
      cmocka_unit_test(test_alt_text__has_bounds_and_belongs_to_pictures),
  };
  return cmocka_run_group_tests_name("review", tests, NULL, NULL);
}
