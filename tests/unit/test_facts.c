/* SPDX-License-Identifier: MIT */
/* The pure text work of the pipeline. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "pipeline/internal.h"
#include "support/testing.h"

static void expect_alt(const char *prompt, const char *wanted)
{
  px_autofree char *text = px_alt_text(prompt);
  assert_non_null(text);
  assert_string_equal(text, wanted);
}

static void test_alt_text__folds_white_space(void **state)
{
  (void)state;
  expect_alt("  a red\n\tfox  ", "a red fox");
  expect_alt("", "");
  expect_alt(" \n ", "");
}

static void test_alt_text__is_cut_between_characters(void **state)
{
  (void)state;
  char prompt[256];
  memset(prompt, 'x', 124);
  memcpy(prompt + 124, "\xC3\xA4\xC3\xA4", 5); /* two bytes each: the first one would be cut in half */
  px_autofree char *text = px_alt_text(prompt);
  assert_non_null(text);
  assert_int_equal(strlen(text), 124);
}

static pixazo_picture *picture_of(uint32_t width, uint32_t height)
{
  pixazo_error *error = NULL;
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_client *client = NULL;
  pixazo_request *request = NULL;
  pixazo_generation *record = NULL;
  pixazo_exporter *exporter = NULL;
  pixazo_picture *picture = NULL;
  options.provider = "offline";
  assert_ok(pixazo_client_new(&options, &client, &error), error);
  assert_ok(pixazo_request_new("x", &request, &error), error);
  assert_ok(pixazo_request_set_int(request, "width", width, &error), error);
  assert_ok(pixazo_request_set_int(request, "height", height, &error), error);
  assert_ok(pixazo_client_generate(client, request, NULL, &record, &error), error);
  assert_ok(pixazo_exporter_new(NULL, &exporter, &error), error);
  assert_ok(pixazo_exporter_inspect(exporter, pixazo_generation_image_blob(record, 0), NULL, &picture, &error), error);
  pixazo_generation_free(record);
  pixazo_request_free(request);
  (void)pixazo_exporter_unref(exporter);
  (void)pixazo_client_unref(client);
  return picture;
}

static void test_delivered__fills_in_what_was_measured_and_nothing_else(void **state)
{
  (void)state;
  static const char outcome[] = "[{\"name\":\"width\",\"requested\":100,\"sent\":96,\"delivered\":null},"
                                "{\"name\":\"steps\",\"sent\":20,\"delivered\":null}]";
  px_autofree char *text = NULL;
  pixazo_error *error = NULL;
  pixazo_picture *picture = picture_of(96, 64);
  assert_ok(px_outcome_delivered(outcome, picture, &text, &error), error);
  assert_string_equal(text, "[{\"name\":\"width\",\"requested\":100,\"sent\":96,\"delivered\":96},"
                            "{\"name\":\"steps\",\"sent\":20,\"delivered\":null}]");
  pixazo_picture_free(picture);
}

static void test_delivered__marks_inside_of_texts_are_not_taken_for_rows(void **state)
{
  (void)state;
  static const char outcome[] =
      "[{\"name\":\"negative_prompt\",\"requested\":\"{\\\"name\\\":\\\"width\\\",\\\"delivered\\\":null}\",\"delivered\":null,"
      "\"state\":\"honoured\"},{\"name\":\"width_of_it\",\"delivered\":null},"
      "{\"name\":\"height\",\"requested\":null,\"sent\":48,\"delivered\":7,\"state\":\"honoured\"}]";
  static const char wanted[] =
      "[{\"name\":\"negative_prompt\",\"requested\":\"{\\\"name\\\":\\\"width\\\",\\\"delivered\\\":null}\",\"delivered\":null,"
      "\"state\":\"honoured\"},{\"name\":\"width_of_it\",\"delivered\":null},"
      "{\"name\":\"height\",\"requested\":null,\"sent\":48,\"delivered\":64,\"state\":\"substituted\"}]"; /* measured anew */
  px_autofree char *text = NULL, *none = NULL;
  pixazo_error *error = NULL;
  pixazo_picture *picture = picture_of(96, 64);
  assert_ok(px_outcome_delivered(outcome, picture, &text, &error), error);
  assert_string_equal(text, wanted);
  assert_ok(px_outcome_delivered("", picture, &none, &error), error);
  assert_null(none);
  pixazo_picture_free(picture);
}

static void test_delivered__what_is_not_what_was_sent_is_not_honoured(void **state)
{
  (void)state;
  static const char *const rows[][2] = { /* of an opaque PNG picture, 96 x 64 */
      {"\"name\":\"width\",\"requested\":1000,\"sent\":1000,\"delivered\":null,\"state\":\"honoured\"",
       "\"name\":\"width\",\"requested\":1000,\"sent\":1000,\"delivered\":96,\"state\":\"substituted\""},
      {"\"name\":\"width\",\"requested\":9,\"sent\":9,\"delivered\":null,\"state\":\"honoured\"",
       "\"name\":\"width\",\"requested\":9,\"sent\":9,\"delivered\":96,\"state\":\"substituted\""},
      {"\"name\":\"width\",\"requested\":99,\"sent\":96,\"delivered\":null,\"state\":\"clamped\"",
       "\"name\":\"width\",\"requested\":99,\"sent\":96,\"delivered\":96,\"state\":\"clamped\""},
      {"\"name\":\"height\",\"requested\":64,\"sent\":null,\"delivered\":null,\"state\":\"dropped\"",
       "\"name\":\"height\",\"requested\":64,\"sent\":null,\"delivered\":64,\"state\":\"dropped\""},
      {"\"name\":\"format\",\"requested\":\"webp\",\"sent\":\"webp\",\"delivered\":null,\"state\":\"honoured\"",
       "\"name\":\"format\",\"requested\":\"webp\",\"sent\":\"webp\",\"delivered\":\"png\",\"state\":\"substituted\""},
      {"\"name\":\"format\",\"requested\":\"png\",\"sent\":\"png\",\"delivered\":null,\"state\":\"honoured\"",
       "\"name\":\"format\",\"requested\":\"png\",\"sent\":\"png\",\"delivered\":\"png\",\"state\":\"honoured\""},
      {"\"name\":\"background\",\"requested\":\"transparent\",\"sent\":\"transparent\",\"delivered\":null,\"state\":\"honoured\"",
       "\"name\":\"background\",\"requested\":\"transparent\",\"sent\":\"transparent\",\"delivered\":\"opaque\",\"state\":"
       "\"substituted\""},
      {"\"name\":\"background\",\"requested\":null,\"sent\":\"auto\",\"delivered\":null,\"state\":\"honoured\"",
       "\"name\":\"background\",\"requested\":null,\"sent\":\"auto\",\"delivered\":\"opaque\",\"state\":\"honoured\""},
  };
  pixazo_picture *picture = picture_of(96, 64);
  for (size_t i = 0; i < PX_ARRAY_SIZE(rows); i++) {
    char given[256], wanted[256];
    px_autofree char *text = NULL;
    (void)snprintf(given, sizeof given, "[{%s}]", rows[i][0]);
    (void)snprintf(wanted, sizeof wanted, "[{%s}]", rows[i][1]);
    assert_int_equal(px_outcome_delivered(given, picture, &text, NULL), PIXAZO_OK);
    assert_string_equal(text, wanted);
  }
  pixazo_picture_free(picture);
}

static void test_keys__what_the_bytes_decide_is_filled_in_last(void **state)
{
  (void)state;
  px_autofree char *key = NULL;
  pixazo_error *error = NULL;
  pixazo_picture *picture = picture_of(16, 16);
  assert_ok(px_key_final("a/{md5}.{ext}", picture, "d41d8cd98f00b204e9800998ecf8427e", &key, &error), error);
  assert_string_equal(key, "a/d41d8cd98f00b204e9800998ecf8427e.png");
  pixazo_picture_free(picture);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_alt_text__folds_white_space),
      cmocka_unit_test(test_alt_text__is_cut_between_characters),
      cmocka_unit_test(test_delivered__fills_in_what_was_measured_and_nothing_else),
      cmocka_unit_test(test_delivered__what_is_not_what_was_sent_is_not_honoured),
      cmocka_unit_test(test_delivered__marks_inside_of_texts_are_not_taken_for_rows),
      cmocka_unit_test(test_keys__what_the_bytes_decide_is_filled_in_last),
  };
  return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
