/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "json/json.h"

static px_json *parse(const char *text)
{
  px_json *root = NULL;
  px_autoerror error = NULL;
  if (px_json_parse(text, strlen(text), NULL, &root, &error) != PIXAZO_OK)
    fail_msg("%s: %s", text, pixazo_error_message(error));
  return root;
}

static void assert_refused(const char *text, pixazo_status wanted, const char *message)
{
  px_json *root = NULL;
  px_autoerror error = NULL;
  assert_int_equal(px_json_parse(text, strlen(text), NULL, &root, &error), wanted);
  assert_null(root);
  if (!strstr(pixazo_error_message(error), message))
    fail_msg("want \"%s\" in \"%s\"", message, pixazo_error_message(error));
}

static void assert_prints(const char *text, const char *wanted)
{
  px_cleanup(px_json_done) px_json *root = parse(text);
  px_autofree char *printed = px_json_print(root);
  assert_non_null(printed);
  assert_string_equal(printed, wanted);
}

static void test_json__prints_what_it_read(void **state)
{
  (void)state;
  static const char *const texts[] = {
      "null",
      "true",
      "false",
      "0",
      "-0",
      "1.50",
      "1e400",
      "9007199254740993",
      "-9223372036854775808",
      "18446744073709551615",
      "[]",
      "{}",
      "\"\"",
      "[1,[2,{\"a\":[3]}],4]",
      "{\"b\":1,\"a\":\"x\",\"B\":null}",
      "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\"",
      "\"\xF0\x9F\x98\x80 \xC3\xA9\"",
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(texts); i++)
    assert_prints(texts[i], texts[i]);
  assert_prints(" { \"a\" : [ 1 , 2 ] , \"b\" : \"\\u00e9\\/\" } ", "{\"a\":[1,2],\"b\":\"\xC3\xA9/\"}");
}

static void test_json__keeps_a_number_of_100000_digits(void **state)
{
  (void)state;
  size_t size = 100000;
  char *text = malloc(size + 1);
  memset(text, '7', size);
  text[size] = '\0';
  assert_prints(text, text);
  free(text);
}

static void test_json__reads_whole_numbers_exactly(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int64_t wanted;
  } cases[] = {
      {"9007199254740991", INT64_C(9007199254740991)},
      {"9007199254740993", INT64_C(9007199254740993)},
      {"9223372036854775807", INT64_MAX},
      {"-9223372036854775808", INT64_MIN},
      {"-0", 0},
      {"7.0", 7},
      {"1e3", 1000},
      {"-2.50e1", -25},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    px_cleanup(px_json_done) px_json *root = parse(cases[i].text);
    int64_t value = 99;
    assert_int_equal(px_json_get_int64(root, "", &value, NULL), PIXAZO_OK);
    assert_true(value == cases[i].wanted);
  }
  tell_cases("whole numbers", PX_ARRAY_SIZE(cases));
}

static void test_json__refuses_numbers_that_are_no_int64(void **state)
{
  (void)state;
  static const char *const texts[] = {
      "7.5", "9223372036854775808", "-9223372036854775809", "1e400", "1e19", "9007199254740994.0", "0.1e0"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(texts); i++) {
    px_cleanup(px_json_done) px_json *root = parse(texts[i]);
    int64_t value = 99;
    assert_int_equal(px_json_get_int64(root, "", &value, NULL), PIXAZO_E_CORRUPT);
    assert_true(value == 99);
  }
  tell_cases("numbers that are no int64", PX_ARRAY_SIZE(texts));
}

static void test_json__reads_doubles_and_refuses_infinite_ones(void **state)
{
  (void)state;
  px_cleanup(px_json_done) px_json *root = parse("[1.5,-2e-3,1e400,9007199254740993]");
  double value = 0;
  assert_int_equal(px_json_get_double(root, "[0]", &value, NULL), PIXAZO_OK);
  assert_true(value == 1.5);
  assert_int_equal(px_json_get_double(root, "[1]", &value, NULL), PIXAZO_OK);
  assert_true(value == -2e-3);
  assert_int_equal(px_json_get_double(root, "[2]", &value, NULL), PIXAZO_E_CORRUPT);
  assert_true(value == -2e-3);
}

static void test_json__is_not_moved_by_a_decimal_comma(void **state)
{
  (void)state;
  if (!setlocale(LC_ALL, "de_DE.UTF-8"))
    (void)setlocale(LC_ALL, "");
  px_cleanup(px_json_done) px_json *root = parse("{\"a\":1.25,\"b\":[0.5,2]}");
  double value = 0;
  assert_int_equal(px_json_get_double(root, "a", &value, NULL), PIXAZO_OK);
  px_autofree char *text = px_json_print(root);
  (void)setlocale(LC_ALL, "C");
  assert_true(value == 1.25);
  assert_string_equal(text, "{\"a\":1.25,\"b\":[0.5,2]}");
}

static void test_json__finds_values_by_path(void **state)
{
  (void)state;
  px_cleanup(px_json_done) px_json *root =
      parse("{\"data\":[{\"url\":\"u0\"},{\"url\":\"u1\",\"n\":{\"b\":true}}],\"a.b\":1,\"ab\":2}");
  const char *text = NULL;
  bool flag = false;
  assert_int_equal(px_json_get_string(root, "data[1].url", &text, NULL), PIXAZO_OK);
  assert_string_equal(text, "u1");
  assert_int_equal(px_json_get_bool(root, "data[1].n.b", &flag, NULL), PIXAZO_OK);
  assert_true(flag);
  assert_ptr_equal(px_json_find(root, ""), root);
  static const char *const absent[] = {"data[2]", "data[1].nope", "Data",    "a.b",    "data.url",
                                       "[0]",     "data[",        "data[x]", "data[0", "data[99999999999999999999999]",
                                       "a",       "data[0].url.x"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(absent); i++) {
    if (px_json_find(root, absent[i]))
      fail_msg("found %s", absent[i]);
  }
  assert_non_null(px_json_member(root, "a.b"));
  assert_null(px_json_member(root, "A.B"));
}

static void assert_message(pixazo_error *error, const char *wanted)
{
  assert_string_equal(pixazo_error_message(error), wanted);
  pixazo_error_free(error);
}

static void test_json__tells_absent_from_wrong(void **state)
{
  (void)state;
  px_cleanup(px_json_done) px_json *root = parse("{\"data\":[{\"url\":7}],\"n\":null,\"s\":\"x\"}");
  const char *text = "old";
  int64_t number = 5;
  const px_json *node = NULL;
  pixazo_error *error = NULL;
  assert_int_equal(px_json_get_string(root, "data[0].url", &text, &error), PIXAZO_E_CORRUPT);
  assert_message(error, "data[0].url: want string, got number");
  error = NULL;
  assert_int_equal(px_json_get_string(root, "data[1].url", &text, &error), PIXAZO_E_NOT_FOUND);
  assert_message(error, "data[1].url: missing, want string");
  error = NULL;
  assert_int_equal(px_json_get_object(root, "data", &node, &error), PIXAZO_E_CORRUPT);
  assert_message(error, "data: want object, got array");
  assert_int_equal(px_json_get_int64(root, "n", &number, NULL), PIXAZO_E_NOT_FOUND);
  assert_int_equal(px_json_may_int64(root, "n", &number, NULL), PIXAZO_OK);
  assert_int_equal(px_json_may_int64(root, "none", &number, NULL), PIXAZO_OK);
  assert_int_equal(px_json_may_int64(root, "s", &number, NULL), PIXAZO_E_CORRUPT);
  assert_true(number == 5);
  assert_string_equal(text, "old");
  assert_null(node);
}

static void test_json__reads_each_kind_when_it_is_there(void **state)
{
  (void)state;
  px_cleanup(px_json_done) px_json *root = parse("{\"s\":\"x\",\"i\":3,\"d\":0.5,\"b\":true,\"a\":[1],\"o\":{}}");
  const char *text = NULL;
  int64_t number = 0;
  double real = 0;
  bool flag = false;
  const px_json *array = NULL, *object = NULL;
  assert_int_equal(px_json_may_string(root, "s", &text, NULL), PIXAZO_OK);
  assert_int_equal(px_json_may_int64(root, "i", &number, NULL), PIXAZO_OK);
  assert_int_equal(px_json_may_double(root, "d", &real, NULL), PIXAZO_OK);
  assert_int_equal(px_json_may_bool(root, "b", &flag, NULL), PIXAZO_OK);
  assert_int_equal(px_json_may_array(root, "a", &array, NULL), PIXAZO_OK);
  assert_int_equal(px_json_may_object(root, "o", &object, NULL), PIXAZO_OK);
  assert_string_equal(text, "x");
  assert_true(number == 3 && real == 0.5 && flag);
  assert_int_equal(px_json_size(array), 1);
  assert_int_equal(px_json_size(object), 0);
  assert_int_equal(px_json_get_array(root, "a", &array, NULL), PIXAZO_OK);
  assert_int_equal(px_json_get_object(root, "o", &object, NULL), PIXAZO_OK);
}

static void test_json__walks_members_in_order(void **state)
{
  (void)state;
  px_cleanup(px_json_done) px_json *root = parse("{\"z\":1,\"a\":[true,null,\"t\"]}");
  const px_json *child = px_json_first(root);
  assert_int_equal(px_json_size(root), 2);
  assert_string_equal(px_json_name(child), "z");
  assert_string_equal(px_json_text(child), "1");
  child = px_json_next(child);
  assert_string_equal(px_json_name(child), "a");
  assert_null(px_json_next(child));
  assert_int_equal(px_json_kind_of(px_json_element(child, 1)), PX_JSON_NULL);
  assert_string_equal(px_json_text(px_json_element(child, 2)), "t");
  assert_null(px_json_text(px_json_element(child, 0)));
  assert_null(px_json_element(child, 3));
  assert_null(px_json_first(NULL));
  assert_false(px_json_is(NULL, PX_JSON_NULL));
}

static void test_json__refuses_a_key_given_twice(void **state)
{
  (void)state;
  assert_refused("{\"a\":1,\"a\":2}", PIXAZO_E_CORRUPT, "the key \"a\" twice");
  assert_refused("{\"a\":1,\"b\":2,\"\\u0061\":2}", PIXAZO_E_CORRUPT, "the key \"a\" twice");
  assert_refused("[{\"x\":{\"q\":1,\"p\":0,\"q\":1}}]", PIXAZO_E_CORRUPT, "the key \"q\" twice");
  px_cleanup(px_json_done) px_json *root = parse("{\"a\":{\"a\":1},\"A\":1,\"b\":[{\"a\":1},{\"a\":2}]}");
  assert_non_null(root);
}

static void test_json__refuses_bad_text_by_its_place(void **state)
{
  (void)state;
  assert_refused("", PIXAZO_E_CORRUPT, "empty");
  assert_refused("{\"a\":01}", PIXAZO_E_CORRUPT, "byte 6");
  assert_refused("[1,2", PIXAZO_E_CORRUPT, "ends at byte 4");
  assert_refused("\"\\u0000\"", PIXAZO_E_CORRUPT, "U+0000");
  assert_refused("{} x", PIXAZO_E_CORRUPT, "byte 3: want nothing more, got 'x'");
}

/* Generous: the bound of interest is that nothing is quadratic. */
static void assert_parses_fast(const char *text, size_t size, pixazo_status wanted)
{
  struct timespec begin, end;
  px_cleanup(px_json_done) px_json *root = NULL;
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
  pixazo_status status = px_json_parse(text, size, NULL, &root, NULL);
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  assert_int_equal(status, wanted);
  assert_true((double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9 < 10.0);
}

static void test_json__takes_bounded_time_for_hostile_sizes(void **state)
{
  (void)state;
  px_auto(px_buf) keys = PX_BUF_INIT(64 << 20);
  (void)px_buf_add_char(&keys, '{');
  for (int i = 0; i < 200000; i++)
    (void)px_buf_printf(&keys, "%s\"%d\":%d", i ? "," : "", i, i);
  (void)px_buf_add_char(&keys, '}');
  assert_parses_fast(keys.data, keys.size, PIXAZO_OK);
  px_buf_clear(&keys);
  (void)px_buf_add_char(&keys, '[');
  for (int i = 0; i < 1000001; i++)
    (void)px_buf_add(&keys, "0,", 2);
  assert_parses_fast(keys.data, keys.size, PIXAZO_E_LIMIT);
  px_buf_clear(&keys);
  for (int i = 0; i < (33 << 20) / 64; i++)
    (void)px_buf_add(&keys, "                                                                ", 64);
  assert_parses_fast(keys.data, keys.size, PIXAZO_E_LIMIT);
  tell_cases("hostile sizes", 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_json__prints_what_it_read),
      cmocka_unit_test(test_json__keeps_a_number_of_100000_digits),
      cmocka_unit_test(test_json__reads_whole_numbers_exactly),
      cmocka_unit_test(test_json__refuses_numbers_that_are_no_int64),
      cmocka_unit_test(test_json__reads_doubles_and_refuses_infinite_ones),
      cmocka_unit_test(test_json__is_not_moved_by_a_decimal_comma),
      cmocka_unit_test(test_json__finds_values_by_path),
      cmocka_unit_test(test_json__tells_absent_from_wrong),
      cmocka_unit_test(test_json__reads_each_kind_when_it_is_there),
      cmocka_unit_test(test_json__walks_members_in_order),
      cmocka_unit_test(test_json__refuses_a_key_given_twice),
      cmocka_unit_test(test_json__refuses_bad_text_by_its_place),
      cmocka_unit_test(test_json__takes_bounded_time_for_hostile_sizes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
