/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "client/header.h"

static void expect(const char *name, const char *key_header, px_header_kind wanted)
{
  px_header_kind found = px_header_kind_of(name, strlen(name), key_header);
  if (found != wanted)
    fail_msg("%s: %d", name, (int)found);
}

static void test_header__names_that_hold_a_key_are_known_in_every_spelling(void **state)
{
  static const char *const names[] = {"Authorization", "AUTHORIZATION", "Proxy-Authorization", "Cookie", "X-Api-Key", "api_key",
                                      "x-goog-api-key", "Ocp-Apim-Subscription-Key", "X-Auth-Token", "X-Access-Key",
                                      "CF-Access-Client-Secret", "X-Password", "apikey"};
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(names); i++)
    expect(names[i], NULL, PX_HEADER_KEY);
}

static void test_header__the_header_of_the_providers_own_key_is_one(void **state)
{
  (void)state;
  expect("X-Pass", "X-Pass", PX_HEADER_KEY);
  expect("x_pass", "X-Pass", PX_HEADER_KEY);
  expect("X-Pass", NULL, PX_HEADER_FREE);
  expect("X-Pass", "Authorization", PX_HEADER_FREE);
}

static void test_header__the_librarys_own_are_told_apart(void **state)
{
  static const char *const names[] = {"Host", "content-length", "Content-Type", "Transfer-Encoding"};
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(names); i++)
    expect(names[i], NULL, PX_HEADER_OWN);
}

static void test_header__others_are_free(void **state)
{
  static const char *const names[] = {"OpenAI-Organization", "OpenAI-Project", "X-Title", "HTTP-Referer", "X-Tokens-Max",
                                      "X-Cookie-Consent", "X-Key-Version", "X-Host", "-"};
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(names); i++)
    expect(names[i], "Authorization", PX_HEADER_FREE);
}

static void test_header__a_very_long_name_is_known_by_its_end(void **state)
{
  char name[1000];
  (void)state;
  memset(name, 'a', sizeof name);
  memcpy(name + sizeof name - 8, "-Api-Key", 8);
  assert_int_equal(px_header_kind_of(name, sizeof name, NULL), PX_HEADER_KEY);
  assert_int_equal(px_header_kind_of(name, sizeof name - 4, NULL), PX_HEADER_FREE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_header__names_that_hold_a_key_are_known_in_every_spelling),
      cmocka_unit_test(test_header__the_header_of_the_providers_own_key_is_one),
      cmocka_unit_test(test_header__the_librarys_own_are_told_apart),
      cmocka_unit_test(test_header__others_are_free),
      cmocka_unit_test(test_header__a_very_long_name_is_known_by_its_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
