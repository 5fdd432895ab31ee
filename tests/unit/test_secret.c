/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include "client/secret.h"

static const char secret[] = "sk/a+1%2";

static void expect_masked(const char *text, const char *wanted)
{
  char masked[128];
  (void)snprintf(masked, sizeof masked, "%s", text);
  px_secret_mask(masked, secret);
  assert_string_equal(masked, wanted);
  assert_int_equal(px_secret_in(text, strlen(text), secret), strcmp(text, wanted) != 0);
}

static void test_secret__is_seen_as_it_is_and_in_links_and_in_json(void **state)
{
  (void)state;
  expect_masked("<sk/a+1%2>", "<********>");
  expect_masked("?k=sk%2Fa%2b1%252&", "?k=**************&");
  expect_masked("%73%6B/a+1%2!", "************!");
  expect_masked("\"sk\\/a\\u002B1%2\"", "\"**************\"");
  expect_masked("sk/a+1%2sk/a+1%2", "****************");
}

static void test_secret__is_not_seen_in_what_only_begins_like_it(void **state)
{
  (void)state;
  expect_masked("sk/a+1%", "sk/a+1%");
  expect_masked("sk%2", "sk%2");
  expect_masked("sk\\u002", "sk\\u002");
  expect_masked("sk\\", "sk\\");
  expect_masked("", "");
  px_secret_mask(NULL, secret);
}

static void test_secret__one_after_a_broken_beginning_is_seen(void **state)
{
  (void)state;
  expect_masked("sk/a+sk/a+1%2", "sk/a+********");
}

static void test_secret__without_a_key_nothing_is_one(void **state)
{
  (void)state;
  assert_int_equal(px_secret_at("abc", 3, NULL), 0);
  assert_int_equal(px_secret_at("abc", 3, ""), 0);
  assert_int_equal(px_secret_at("abc", 3, "abc"), 0);
  assert_int_equal(px_secret_at("abcd", 4, "abcd"), 4);
  assert_int_equal(px_secret_at("abcd", 3, "abcd"), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_secret__is_seen_as_it_is_and_in_links_and_in_json),
      cmocka_unit_test(test_secret__is_not_seen_in_what_only_begins_like_it),
      cmocka_unit_test(test_secret__one_after_a_broken_beginning_is_seen),
      cmocka_unit_test(test_secret__without_a_key_nothing_is_one),
  };
  return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
