/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "json/writer.h"

static void assert_text(px_json_writer *writer, const char *wanted)
{
  px_autofree char *text = NULL;
  assert_int_equal(px_json_writer_finish(writer, &text, NULL), PIXAZO_OK);
  assert_string_equal(text, wanted);
}

static void assert_fails(px_json_writer *writer, pixazo_status wanted)
{
  char *text = NULL;
  px_autoerror error = NULL;
  assert_int_equal(px_json_writer_finish(writer, &text, &error), wanted);
  assert_int_equal(pixazo_error_status(error), wanted);
  assert_null(text);
}

static void test_writer__writes_every_kind(void **state)
{
  (void)state;
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(1000);
  px_json_put_begin_object(&writer, NULL);
  px_json_put_string(&writer, "s", "a\"\\\n\x01\x7f\xC3\xA9");
  px_json_put_string(&writer, "none", NULL);
  px_json_put_text(&writer, "part", "abcdef", 3);
  px_json_put_int64(&writer, "i", INT64_MIN);
  px_json_put_double(&writer, "d", 0.1);
  px_json_put_bool(&writer, "b", true);
  px_json_put_null(&writer, "n");
  px_json_put_raw(&writer, "r", "{\"x\":[1]}");
  px_json_put_raw(&writer, "e", "");
  px_json_put_begin_array(&writer, "a");
  px_json_put_int64(&writer, NULL, 1);
  px_json_put_begin_array(&writer, NULL);
  px_json_put_end_array(&writer);
  px_json_put_begin_object(&writer, NULL);
  px_json_put_end_object(&writer);
  px_json_put_end_array(&writer);
  px_json_put_string(&writer, "q\"", "");
  px_json_put_end_object(&writer);
  assert_text(&writer,
              "{\"s\":\"a\\\"\\\\\\n\\u0001\\u007f\xC3\xA9\",\"none\":null,\"part\":\"abc\",\"i\":-9223372036854775808,"
              "\"d\":0.1,\"b\":true,\"n\":null,\"r\":{\"x\":[1]},\"e\":null,\"a\":[1,[],{}],\"q\\\"\":\"\"}");
}

static void test_writer__writes_a_scalar_at_the_top(void **state)
{
  (void)state;
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(10);
  px_json_put_int64(&writer, NULL, 7);
  assert_text(&writer, "7");
}

static void test_writer__what_it_writes_is_read_back_byte_for_byte(void **state)
{
  static const char *const prompts[] = {
      "",
      " ",
      "\"quoted\" \\ / \b\f\n\r\t",
      "\x01\x02\x1b[31m\x1f\x7f",
      "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80",
      "e\xCC\x81 and \xC3\xA9",
      "\xE2\x80\xAE" "reversed\xE2\x80\x8B",
      "\xEF\xBB\xBF" "mark",
      "\xEF\xBF\xBE\xEF\xBF\xBF",
      "\xF4\x8F\xBF\xBF",
      "\xE2\x80\xA8\xE2\x80\xA9",
      "\xD8\xA7\xD9\x84 \xE4\xB8\xAD\xE6\x96\x87 \xE0\xA4\xB9\xE0\xA4\xBF",
      "'; DROP TABLE generation; --",
      "<script>alert(1)</script>",
      "%s%n%d{{base}}${HOME}",
      "../../etc/passwd",
      "@taken:0",
      "http://x.test/?a=1&b=2#c",
      "NaN",
      "null",
      "\\u0041\\uD800",
  };
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(prompts); i++) {
    px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(4096);
    px_autofree char *text = NULL;
    px_cleanup(px_json_done) px_json *root = NULL;
    px_json_put_begin_object(&writer, NULL);
    px_json_put_string(&writer, "prompt", prompts[i]);
    px_json_put_end_object(&writer);
    assert_int_equal(px_json_writer_finish(&writer, &text, NULL), PIXAZO_OK);
    assert_int_equal(px_json_parse(text, strlen(text), NULL, &root, NULL), PIXAZO_OK);
    assert_string_equal(px_json_text(px_json_member(root, "prompt")), prompts[i]);
  }
  tell_cases("texts that come back as they were", PX_ARRAY_SIZE(prompts));
}

static void test_writer__refuses_text_that_is_not_utf8(void **state)
{
  (void)state;
  px_auto(px_json_writer) value = PX_JSON_WRITER_INIT(100);
  px_json_put_string(&value, NULL, "\xC3(");
  assert_fails(&value, PIXAZO_E_ARGUMENT);
  px_auto(px_json_writer) key = PX_JSON_WRITER_INIT(100);
  px_json_put_begin_object(&key, NULL);
  px_json_put_null(&key, "\xFF");
  px_json_put_end_object(&key);
  assert_fails(&key, PIXAZO_E_ARGUMENT);
}

static void test_writer__refuses_numbers_that_are_not_finite(void **state)
{
  (void)state;
  static const double values[] = {INFINITY, -INFINITY, NAN};
  for (size_t i = 0; i < PX_ARRAY_SIZE(values); i++) {
    px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(100);
    px_json_put_double(&writer, NULL, values[i]);
    assert_fails(&writer, PIXAZO_E_ARGUMENT);
  }
}

static void test_writer__stops_at_its_bound(void **state)
{
  (void)state;
  px_auto(px_json_writer) exact = PX_JSON_WRITER_INIT(6);
  px_json_put_string(&exact, NULL, "a\nb"); /* "a\nb" escaped with quotes: 6 */
  assert_text(&exact, "\"a\\nb\"");
  px_auto(px_json_writer) less = PX_JSON_WRITER_INIT(5);
  px_json_put_string(&less, NULL, "a\nb");
  assert_fails(&less, PIXAZO_E_LIMIT);
  px_auto(px_json_writer) deep = PX_JSON_WRITER_INIT(1000);
  for (int i = 0; i < 65; i++)
    px_json_put_begin_array(&deep, NULL);
  assert_fails(&deep, PIXAZO_E_LIMIT);
}

static void test_writer__notices_misuse(void **state)
{
  (void)state;
  px_auto(px_json_writer) open = PX_JSON_WRITER_INIT(100);
  px_json_put_begin_object(&open, NULL);
  assert_fails(&open, PIXAZO_E_INTERNAL);
  px_auto(px_json_writer) nothing = PX_JSON_WRITER_INIT(100);
  assert_fails(&nothing, PIXAZO_E_INTERNAL);
  px_auto(px_json_writer) crossed = PX_JSON_WRITER_INIT(100);
  px_json_put_begin_object(&crossed, NULL);
  px_json_put_end_array(&crossed);
  assert_fails(&crossed, PIXAZO_E_INTERNAL);
  px_auto(px_json_writer) nameless = PX_JSON_WRITER_INIT(100);
  px_json_put_begin_object(&nameless, NULL);
  px_json_put_null(&nameless, NULL);
  px_json_put_end_object(&nameless);
  assert_fails(&nameless, PIXAZO_E_INTERNAL);
  px_auto(px_json_writer) two = PX_JSON_WRITER_INIT(100);
  px_json_put_null(&two, NULL);
  px_json_put_null(&two, NULL);
  assert_fails(&two, PIXAZO_E_INTERNAL);
}

static void test_writer__copies_trees(void **state)
{
  (void)state;
  px_cleanup(px_json_done) px_json *root = NULL;
  static const char text[] = "{\"a\":[1.50,true,false,null,\"x\"],\"b\":{}}";
  assert_int_equal(px_json_parse(text, sizeof text - 1, NULL, &root, NULL), PIXAZO_OK);
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(1000);
  px_json_put_begin_array(&writer, NULL);
  px_json_put_tree(&writer, NULL, root);
  px_json_put_tree(&writer, NULL, NULL);
  px_json_put_end_array(&writer);
  assert_text(&writer, "[{\"a\":[1.50,true,false,null,\"x\"],\"b\":{}},null]");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_writer__writes_every_kind),
      cmocka_unit_test(test_writer__writes_a_scalar_at_the_top),
      cmocka_unit_test(test_writer__what_it_writes_is_read_back_byte_for_byte),
      cmocka_unit_test(test_writer__refuses_text_that_is_not_utf8),
      cmocka_unit_test(test_writer__refuses_numbers_that_are_not_finite),
      cmocka_unit_test(test_writer__stops_at_its_bound),
      cmocka_unit_test(test_writer__notices_misuse),
      cmocka_unit_test(test_writer__copies_trees),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
