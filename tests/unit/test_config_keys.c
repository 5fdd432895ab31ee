/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "studio/config_keys.h"

static const px_config_key *key_of(const char *name)
{
  int index = px_config_key_find(name);
  assert_true(index >= 0);
  return px_config_key_at((size_t)index);
}

static bool accepts(const px_config_key *key, const char *text)
{
  return px_config_key_check(key, text) == PIXAZO_OK;
}

static void test_keys__every_default_is_a_value_of_its_key(void **state)
{
  (void)state;
  for (size_t i = 0; i < px_config_key_count(); i++) {
    const px_config_key *key = px_config_key_at(i);
    if (key->fallback && !accepts(key, key->fallback))
      fail_msg("%s does not take its own default \"%s\"", key->name, key->fallback);
    if (!key->fallback == !key->otherwise)
      fail_msg("%s must say either its default or what holds without one", key->name);
  }
}

static void test_keys__names_and_variables_are_there_once(void **state)
{
  (void)state;
  for (size_t i = 0; i < px_config_key_count(); i++) {
    for (size_t k = i + 1; k < px_config_key_count(); k++) {
      assert_string_not_equal(px_config_key_at(i)->name, px_config_key_at(k)->name);
      if (px_config_key_at(i)->variable)
        assert_false(px_str_equal(px_config_key_at(i)->variable, px_config_key_at(k)->variable));
    }
  }
}

static void test_keys__every_value_of_a_preset_is_taken_by_its_key(void **state)
{
  (void)state;
  static const char *const presets[] = {"pixazo-mcp", "pixazo-mcp-s2", "playground", "dev", "prod"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(presets); i++) {
    const px_config_default *values = NULL;
    size_t count = 0;
    assert_true(px_config_preset(presets[i], &values, &count));
    assert_true(count > 0);
    for (size_t k = 0; k < count; k++)
      assert_true(accepts(key_of(values[k].key), values[k].value));
  }
}

static void test_keys__money_is_an_exact_amount_above_nothing(void **state)
{
  (void)state;
  const px_config_key *key = px_config_key_at((size_t)px_config_key_find("budget_day"));
  static const char *const good[] = {"5", "2.50", "0.000001", "9223372036854.775807"};
  static const char *const bad[] = {"0", "0.00", "-1", "1.0000001", "1e3", "$5", "5 USD", ""};
  for (size_t i = 0; i < PX_ARRAY_SIZE(good); i++)
    assert_int_equal(px_config_key_check(key, good[i]), PIXAZO_OK);
  for (size_t i = 0; i < PX_ARRAY_SIZE(bad); i++)
    assert_int_equal(px_config_key_check(key, bad[i]), PIXAZO_E_ARGUMENT);
}

static void test_preset__unknown_is_not_found(void **state)
{
  (void)state;
  const px_config_default *values = NULL;
  size_t count = 7;
  assert_false(px_config_preset("production", &values, &count));
  assert_int_equal(count, 7);
}

static void test_accepts__numbers_are_whole_and_inside_their_range(void **state)
{
  (void)state;
  const px_config_key *width = key_of("width");
  assert_true(accepts(width, "1"));
  assert_true(accepts(width, "65535"));
  static const char *const bad[] = {"0", "65536", "-1", "", "12px", "1e3", "0x10", "1.5", " 5", "99999999999999999999"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(bad); i++)
    assert_false(accepts(width, bad[i]));
}

static void test_accepts__guidance_takes_a_point_and_never_a_comma(void **state)
{
  (void)state;
  assert_true(accepts(key_of("guidance"), "7.5"));
  assert_false(accepts(key_of("guidance"), "7,5"));
  assert_false(accepts(key_of("guidance"), "nan"));
  assert_false(accepts(key_of("guidance"), "100.5"));
}

static void test_accepts__text_without_control_characters(void **state)
{
  (void)state;
  assert_true(accepts(key_of("model"), "flux-schnell"));
  assert_false(accepts(key_of("model"), ""));
  assert_false(accepts(key_of("api_key"), "line\nanother"));
  assert_false(accepts(key_of("model"), "\xff"));
}

static void test_accepts__modes_are_octal_and_readable_by_the_owner(void **state)
{
  (void)state;
  assert_true(accepts(key_of("file_mode"), "0640"));
  assert_true(accepts(key_of("file_mode"), "755"));
  assert_false(accepts(key_of("file_mode"), "0040"));
  assert_false(accepts(key_of("file_mode"), "0648"));
  assert_false(accepts(key_of("file_mode"), "40755"));
}

static void test_accepts__a_json_object_and_nothing_else(void **state)
{
  (void)state;
  assert_true(accepts(key_of("limits_json"), "{\"pixazo/sdxl\": {}}"));
  assert_false(accepts(key_of("limits_json"), "[]"));
  assert_false(accepts(key_of("limits_json"), "{"));
}

static void test_choice__matches_whole_words_only(void **state)
{
  (void)state;
  assert_int_equal(px_config_choice("stop,retry", "stop"), 0);
  assert_int_equal(px_config_choice("stop,retry", "retry"), 1);
  assert_int_equal(px_config_choice("stop,retry", "ret"), -1);
  assert_int_equal(px_config_choice("stop,retry", ""), -1);
}

static void test_nearest__finds_a_slip_and_not_a_stranger(void **state)
{
  (void)state;
  assert_string_equal(px_config_key_nearest("widht"), "width");
  assert_string_equal(px_config_key_nearest("api-key"), "api_key");
  assert_null(px_config_key_nearest("zzzzzzzz"));
  assert_null(px_config_key_nearest("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
}

static void test_describe__says_the_range(void **state)
{
  (void)state;
  px_auto(px_buf) text = PX_BUF_INIT(256);
  px_config_key_describe(key_of("steps"), &text);
  assert_string_equal(px_buf_text(&text), "a whole number from 1 to 1000");
  px_buf_clear(&text);
  px_config_key_describe(key_of("on_ambiguous"), &text);
  assert_string_equal(px_buf_text(&text), "one of stop, retry, fallback");
}

static void test_keys__settings_of_a_provider_have_its_name_in_front(void **state)
{
  (void)state;
  for (size_t i = 0; i < px_config_key_count(); i++) {
    const px_config_key *key = px_config_key_at(i);
    char other[128];
    if (!key->account)
      continue;
    size_t length = strlen(key->account);
    assert_int_equal(strncmp(key->name, key->account, length), 0);
    assert_int_equal(key->name[length], '_');
    (void)snprintf(other, sizeof other, "%s.%s", key->account, key->name + length + 1);
    assert_int_equal(px_config_key_find(other), (int)i);
  }
  assert_int_equal(px_config_key_find("openai.nothing"), -1);
  assert_int_equal(px_config_key_find("open.ai_api_key"), -1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_keys__every_default_is_a_value_of_its_key),
      cmocka_unit_test(test_keys__names_and_variables_are_there_once),
      cmocka_unit_test(test_keys__every_value_of_a_preset_is_taken_by_its_key),
      cmocka_unit_test(test_keys__money_is_an_exact_amount_above_nothing),
      cmocka_unit_test(test_preset__unknown_is_not_found),
      cmocka_unit_test(test_accepts__numbers_are_whole_and_inside_their_range),
      cmocka_unit_test(test_accepts__guidance_takes_a_point_and_never_a_comma),
      cmocka_unit_test(test_accepts__text_without_control_characters),
      cmocka_unit_test(test_accepts__modes_are_octal_and_readable_by_the_owner),
      cmocka_unit_test(test_accepts__a_json_object_and_nothing_else),
      cmocka_unit_test(test_choice__matches_whole_words_only),
      cmocka_unit_test(test_nearest__finds_a_slip_and_not_a_stranger),
      cmocka_unit_test(test_describe__says_the_range),
      cmocka_unit_test(test_keys__settings_of_a_provider_have_its_name_in_front),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
