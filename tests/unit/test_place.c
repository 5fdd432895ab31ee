/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "json/place.h"

typedef struct target {
  const char *text;
  bool flag;
  int32_t small;
  uint64_t large;
  double real;
  const px_json *list;
  const px_json *any;
} target;

static const px_member members[] = {
    {"text", PX_WANT_TEXT, offsetof(target, text), 1, 5, true},
    {"flag", PX_WANT_BOOL, offsetof(target, flag), 0, 0, false},
    {"small", PX_WANT_INT32, offsetof(target, small), -5, 5, false},
    {"large", PX_WANT_UINT64, offsetof(target, large), 0, 1e10, false},
    {"real", PX_WANT_DOUBLE, offsetof(target, real), 0, 2.5, false},
    {"list", PX_WANT_ARRAY, offsetof(target, list), 1, 2, false},
    {"any", PX_WANT_ANY, offsetof(target, any), 0, 0, false},
};

static px_json *parse(const char *json)
{
  px_json *root = NULL;
  assert_status(px_json_parse(json, strlen(json), NULL, &root, NULL), PIXAZO_OK);
  return root;
}

static void test_place__a_table_fills_a_struct_and_leaves_the_rest(void **state)
{
  (void)state;
  px_json *root = parse("{\"text\":\"abc\",\"flag\":true,\"small\":-5,\"large\":9999999999,\"real\":2.5,\"list\":[1],\"any\":{}}");
  px_place top = {.node = root};
  target out = {0};
  assert_status(px_place_read(&top, members, PX_ARRAY_SIZE(members), &out, NULL), PIXAZO_OK);
  assert_string_equal(out.text, "abc");
  assert_true(out.flag);
  assert_int_equal(out.small, -5);
  assert_true(out.large == UINT64_C(9999999999));
  assert_true(out.real > 2.49 && out.real < 2.51);
  assert_int_equal(px_json_size(out.list), 1);
  assert_true(px_json_is(out.any, PX_JSON_OBJECT));
  px_json_free(root);
  root = parse("{\"text\":\"abc\",\"small\":null}");
  top.node = root;
  out.small = 3;
  assert_status(px_place_read(&top, members, PX_ARRAY_SIZE(members), &out, NULL), PIXAZO_OK);
  assert_int_equal(out.small, 3);
  px_json_free(root);
}

static void test_place__mistakes_are_named_with_their_path(void **state)
{
  (void)state;
  static const char *const rows[][2] = {
      {"{}", "a[1].text: missing"},
      {"[]", "a[1]: want an object, got array"},
      {"{\"text\":null}", "a[1].text: missing"},
      {"{\"text\":\"\"}", "a[1].text: must not be empty"},
      {"{\"text\":\"abcdef\"}", "a[1].text: has more than 5 bytes"},
      {"{\"text\":5}", "a[1].text: want a string, got number"},
      {"{\"txet\":\"a\"}", "a[1].txet: is not known here; known: text, flag, small"},
      {"{\"text\":\"a\",\"flag\":1}", "a[1].flag: want true or false, got number"},
      {"{\"text\":\"a\",\"small\":6}", "a[1].small: want a whole number between -5 and 5"},
      {"{\"text\":\"a\",\"small\":1.5}", "a[1].small: want a whole number between -5 and 5"},
      {"{\"text\":\"a\",\"large\":-1}", "a[1].large: want a whole number between 0 and 10000000000"},
      {"{\"text\":\"a\",\"real\":3}", "a[1].real: want a number between 0 and 2.5"},
      {"{\"text\":\"a\",\"real\":\"x\"}", "a[1].real: want a number, got string"},
      {"{\"text\":\"a\",\"list\":{}}", "a[1].list: want a list, got object"},
      {"{\"text\":\"a\",\"list\":[]}", "a[1].list: must not be empty"},
      {"{\"text\":\"a\",\"list\":[1,2,3]}", "a[1].list: has more than 2 entries"},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(rows); i++) {
    px_json *root = parse(rows[i][0]);
    px_place top = {0};
    px_place list = {&top, "a", 0, NULL};
    px_place item = px_place_child(&list, root, 1);
    target out = {0};
    px_autoerror error = NULL;
    assert_status(px_place_read(&item, members, PX_ARRAY_SIZE(members), &out, &error), PIXAZO_E_ARGUMENT);
    if (!strstr(pixazo_error_message(error), rows[i][1]))
      fail_msg("%s: %s", rows[i][0], pixazo_error_message(error));
    px_json_free(root);
  }
}

static void test_place__a_word_is_one_of_a_list(void **state)
{
  (void)state;
  static const char *const words[] = {"one", "two"};
  px_json *root = parse("{\"a\":\"two\",\"b\":\"three\"}");
  px_place top = {.node = root};
  px_place good = px_place_member(&top, "a");
  px_place bad = px_place_member(&top, "b");
  px_autoerror error = NULL;
  size_t found = 9;
  assert_status(px_place_word(&good, words, 2, &found, NULL), PIXAZO_OK);
  assert_int_equal(found, 1);
  assert_status(px_place_word(&bad, words, 2, &found, &error), PIXAZO_E_ARGUMENT);
  assert_string_equal(pixazo_error_message(error), "b: want one of: one, two");
  px_json_free(root);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_place__a_table_fills_a_struct_and_leaves_the_rest),
      cmocka_unit_test(test_place__mistakes_are_named_with_their_path),
      cmocka_unit_test(test_place__a_word_is_one_of_a_list),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
