/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "client/message.h"

static void expect(const char *text, bool html, const char *wanted)
{
  px_auto(px_buf) out = PX_BUF_INIT(4096);
  px_message_clean(&out, text, 200, "sk_secret_1234", html);
  assert_string_equal(px_buf_text(&out), wanted);
}

static void test_message__words_of_strangers_become_one_clean_line(void **state)
{
  (void)state;
  expect("  a\r\n\tb \x1b[31mc\x7f ", false, "a b [31mc");
  expect("a\xE2\x80\xAE" "b\xE2\x81\xA6" "c\xD8\x9C" "d\xC2\x9B" "e\xE2\x80\xA8" "f\xE2\x80\x8F", false, "a b c d e f");
  expect("\xE2\x80\x9Cq\xE2\x80\x9D \xC3\xA9 \xD8\x9D", false, "\xE2\x80\x9Cq\xE2\x80\x9D \xC3\xA9 \xD8\x9D");
  expect("cut \xE2\x80", false, "(not readable as text)");
  expect("", false, "");
  expect("<html><title>Just a&nbsp;moment...</title><p>x</p>", true, "Just a&nbsp;moment... x");
  expect("1 < 2", false, "1 < 2");
}

static void test_message__secrets_and_signatures_do_not_get_through(void **state)
{
  (void)state;
  expect("key sk_secret_1234 is bad, sk_secret_1234!", false, "key *** is bad, ***!");
  expect("see https://x.test/a/b.png?X-Sig=abc&e=1 now", false, "see https://x.test/a/b.png now");
  expect("see \"http://x.test/?token=1\"", false, "see \"http://x.test/\"");
}

static void test_message__long_runs_are_counted_not_shown(void **state)
{
  (void)state;
  char packed[301];
  memset(packed, 'A', 300);
  packed[300] = '\0';
  expect(packed, false, "<300 characters>");
}

static void test_message__is_cut_between_characters(void **state)
{
  (void)state;
  px_auto(px_buf) out = PX_BUF_INIT(4096);
  px_message_clean(&out, "aa\xC3\xA9\xC3\xA9", 3, NULL, false);
  assert_string_equal(px_buf_text(&out), "aa");
  px_buf_clear(&out);
  px_message_clean(&out, "bad \xFF\xFE", 100, NULL, false);
  assert_string_equal(px_buf_text(&out), "(not readable as text)");
}

static void test_message__money_is_exact(void **state)
{
  (void)state;
  px_auto(px_buf) out = PX_BUF_INIT(128);
  px_message_money(&out, 40000, "USD");
  px_message_money(&out, 1045001, "EUR");
  assert_string_equal(px_buf_text(&out), "0.04 USD1.045001 EUR");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_message__words_of_strangers_become_one_clean_line),
      cmocka_unit_test(test_message__secrets_and_signatures_do_not_get_through),
      cmocka_unit_test(test_message__long_runs_are_counted_not_shown),
      cmocka_unit_test(test_message__is_cut_between_characters),
      cmocka_unit_test(test_message__money_is_exact),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
