/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <pixazo/store.h>

#include "base/error.h"
#include "base/mem.h"

static pixazo_store_key_facts all_facts(void)
{
  pixazo_store_key_facts facts;
  pixazo_store_key_facts_init(&facts, sizeof facts);
  facts.created_us = INT64_C(1798761599999999); /* 2026-12-31T23:59:59.999999Z */
  facts.uuid = "01939f3e-0000-7000-8000-000000000000";
  facts.sha256 = "abc123";
  facts.md5 = "def456";
  facts.prompt = "A Red Fox, at dawn!";
  facts.extension = "png";
  facts.sequence = 7;
  return facts;
}

static void assert_expands(const char *text, const pixazo_store_key_facts *facts, const char *wanted)
{
  px_autofree char *key = NULL;
  px_autoerror error = NULL;
  if (pixazo_store_expand_key(text, facts, &key, &error) != PIXAZO_OK)
    fail_msg("%s: %s", text, pixazo_error_message(error));
  assert_string_equal(key, wanted);
}

static void assert_refused(const char *text, const pixazo_store_key_facts *facts, const char *message)
{
  px_autofree char *key = NULL;
  px_autoerror error = NULL;
  assert_int_equal(pixazo_store_expand_key(text, facts, &key, &error), PIXAZO_E_ARGUMENT);
  if (!strstr(pixazo_error_message(error), message))
    fail_msg("want \"%s\" in \"%s\"", message, pixazo_error_message(error));
  assert_null(key);
}

static void test_key__fills_every_placeholder(void **state)
{
  (void)state;
  pixazo_store_key_facts facts = all_facts();
  assert_expands("originals/{yyyy}/{mm}/{dd}/{uuid}.{ext}", &facts,
                 "originals/2026/12/31/01939f3e-0000-7000-8000-000000000000.png");
  assert_expands("{sha256}-{md5}", &facts, "abc123-def456");
  assert_expands("{slug}_{seq}.{ext}", &facts, "a-red-fox-at-dawn_0007.png");
  assert_expands("plain", &facts, "plain");
  facts.sequence = 123456;
  assert_expands("export_{seq}", &facts, "export_123456");
}

static void test_key__names_what_is_wrong_with_a_template(void **state)
{
  (void)state;
  pixazo_store_key_facts facts = all_facts();
  assert_refused("{hh}", &facts, "{hh}");
  assert_refused("a{", &facts, "\"{\"");
  assert_refused("{uuid", &facts, "\"{uuid\"");
  assert_refused("}", &facts, "} without a {");
  assert_refused("{{uuid}}", &facts, "\"{{uuid}}\"");
  assert_refused("{averyveryverylongname}", &facts, "no placeholder");
  assert_refused("a//{uuid}", &facts, "empty component");
  assert_refused("../{uuid}", &facts, "\"..\"");
  assert_refused("", &facts, "is empty");
  assert_refused(".incoming/{uuid}", &facts, ".incoming");
}

static void test_key__refuses_facts_that_would_change_the_path(void **state)
{
  (void)state;
  static const char *const bad[] = {"../x", "a/b", "a.b", "a b", "\xC3\xA9", "{uuid}"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(bad); i++) {
    pixazo_store_key_facts facts = all_facts();
    facts.extension = bad[i];
    assert_refused("x.{ext}", &facts, "{ext}");
  }
}

static void test_key__refuses_missing_facts_unless_asked_for_a_part(void **state)
{
  (void)state;
  pixazo_store_key_facts facts = all_facts();
  facts.sha256 = facts.extension = NULL;
  facts.created_us = 0;
  assert_refused("{yyyy}/{sha256}", &facts, "{yyyy}");
  facts.flags = PIXAZO_STORE_KEY_PARTIAL;
  assert_expands("{yyyy}/{uuid}/{sha256}.{ext}", &facts, "{yyyy}/01939f3e-0000-7000-8000-000000000000/{sha256}.{ext}");
  assert_expands("{uuid}", &facts, "01939f3e-0000-7000-8000-000000000000");
  assert_refused("{nope}", &facts, "{nope}");
}

static void test_key__finishes_what_was_filled_in_part(void **state)
{
  (void)state;
  pixazo_store_key_facts early = all_facts();
  early.sha256 = early.extension = NULL;
  early.flags = PIXAZO_STORE_KEY_PARTIAL;
  px_autofree char *half = NULL;
  assert_int_equal(pixazo_store_expand_key("{yyyy}/{sha256}.{ext}", &early, &half, NULL), PIXAZO_OK);
  pixazo_store_key_facts late;
  pixazo_store_key_facts_init(&late, sizeof late);
  late.sha256 = "abc";
  late.extension = "webp";
  assert_expands(half, &late, "2026/abc.webp");
}

static void test_key__makes_slugs_of_any_prompt(void **state)
{
  (void)state;
  static const struct {
    const char *prompt, *slug;
  } cases[] = {
      {"", "image"},
      {"!!!", "image"},
      {"\xE7\x8C\xAB", "image"},
      {"  --Hello--  World--  ", "hello-world"},
      {"a/../b\\c", "a-b-c"},
      {"caf\xC3\xA9 noir", "caf-noir"},
      {"0123456789012345678901234567890123456789 2345678 90", "0123456789012345678901234567890123456789-2345678"},
      {"012345678901234567890123456789012345678901234567 x", "012345678901234567890123456789012345678901234567"},
      {"01234567890123456789012345678901234567890123456 x", "01234567890123456789012345678901234567890123456"},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    pixazo_store_key_facts facts = all_facts();
    facts.prompt = cases[i].prompt;
    assert_expands("{slug}", &facts, cases[i].slug);
  }
}

static void test_key__accepts_ordinary_keys(void **state)
{
  (void)state;
  char longest[513], component[256];
  memset(component, 'c', 255);
  component[255] = '\0';
  memset(longest, 'k', 512);
  longest[255] = longest[511 - 1] = '/';
  longest[512] = '\0';
  static const char *const keys[] = {"a",    "a/b", "...",        ".hidden", "a b", "\xC3\xA9/\xF0\x9F\x98\x80",
                                     "x..y", "a:b", ".incomingx", "-"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(keys); i++)
    assert_int_equal(pixazo_store_check_key(keys[i], NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_check_key(longest, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_check_key(component, NULL), PIXAZO_OK);
}

static void test_key__refuses_hostile_keys(void **state)
{
  (void)state;
  static const struct {
    const char *key, *why;
  } cases[] = {
      {"", "empty"},
      {"/a", "empty component"},
      {"a/", "empty component"},
      {"a//b", "empty component"},
      {".", "\".\""},
      {"a/./b", "\".\""},
      {"..", "\"..\""},
      {"a/..", "\"..\""},
      {"../../etc", "\"..\""},
      {"a\\b", "backslash"},
      {"a\nb", "control"},
      {"a\x1b[31m", "control"},
      {"a\x7f", "control"},
      {"a\xC2\x85", "control"},
      {"\xC0\xAE", "UTF-8"},
      {"\xED\xA0\x80", "UTF-8"},
      {".incoming", ".incoming"},
      {".incoming/tmp-1", ".incoming"},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    px_autoerror error = NULL;
    assert_int_equal(pixazo_store_check_key(cases[i].key, &error), PIXAZO_E_ARGUMENT);
    if (!strstr(pixazo_error_message(error), cases[i].why))
      fail_msg("%zu: %s", i, pixazo_error_message(error));
  }
  char text[600];
  memset(text, 'k', sizeof text);
  text[256] = '\0';
  assert_int_equal(pixazo_store_check_key(text, NULL), PIXAZO_E_ARGUMENT);
  text[256] = 'k';
  text[100] = text[200] = text[300] = text[400] = text[500] = '/';
  text[513] = '\0';
  assert_int_equal(pixazo_store_check_key(text, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_check_key(NULL, NULL), PIXAZO_E_ARGUMENT);
}

static void test_key__refuses_a_result_that_is_too_long(void **state)
{
  (void)state;
  pixazo_store_key_facts facts = all_facts();
  char text[512] = "";
  for (int i = 0; i < 20; i++)
    strcat(text, "{uuid}/");
  strcat(text, "x");
  assert_refused(text, &facts, "512");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_key__fills_every_placeholder),
      cmocka_unit_test(test_key__names_what_is_wrong_with_a_template),
      cmocka_unit_test(test_key__refuses_facts_that_would_change_the_path),
      cmocka_unit_test(test_key__refuses_missing_facts_unless_asked_for_a_part),
      cmocka_unit_test(test_key__finishes_what_was_filled_in_part),
      cmocka_unit_test(test_key__makes_slugs_of_any_prompt),
      cmocka_unit_test(test_key__accepts_ordinary_keys),
      cmocka_unit_test(test_key__refuses_hostile_keys),
      cmocka_unit_test(test_key__refuses_a_result_that_is_too_long),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
