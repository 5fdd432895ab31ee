/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/url.h"

typedef struct good {
  const char *text;
  const char *host;
  uint16_t port;
  bool tls;
  bool literal;
  const char *rest;
} good;

static void test_url__takes_apart_what_is_plain(void **state)
{
  static const good urls[] = {
      {"https://gateway.pixazo.ai/v2/x?y=1#z", "gateway.pixazo.ai", 443, true, false, "/v2/x?y=1#z"},
      {"HTTPS://Gateway.PIXAZO.ai", "gateway.pixazo.ai", 443, true, false, ""},
      {"http://example.com.:8080/a", "example.com", 8080, false, false, "/a"},
      {"https://example.com?q", "example.com", 443, true, false, "?q"},
      {"https://example.com#f", "example.com", 443, true, false, "#f"},
      {"https://a_b-c.example/@x:y", "a_b-c.example", 443, true, false, "/@x:y"},
      {"http://127.0.0.1:65535/", "127.0.0.1", 65535, false, true, "/"},
      {"https://[2001:DB8::1]:444/x", "2001:db8::1", 444, true, true, "/x"},
      {"https://[::ffff:1.2.3.4]/", "::ffff:1.2.3.4", 443, true, true, "/"},
      {"https://0x7f.1/", "0x7f.1", 443, true, true, "/"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
    px_url url;
    pixazo_error *error = NULL;
    assert_ok(px_url_parse(urls[i].text, &url, &error), error);
    assert_string_equal(url.host, urls[i].host);
    assert_int_equal(url.port, urls[i].port);
    assert_int_equal(url.tls, urls[i].tls);
    assert_int_equal(url.literal, urls[i].literal);
    assert_string_equal(urls[i].text + url.path, urls[i].rest);
  }
}

static void test_url__refuses_what_two_parsers_might_read_differently(void **state)
{
  static const char *const urls[] = {
      "",
      "https://",
      "https:///x",
      "example.com",
      "//example.com/",
      "ftp://example.com/",
      "file:///etc/passwd",
      "javascript:alert(1)",
      "data:,x",
      "gopher://x/",
      "dict://x/",
      "https//x",
      "https:/x",
      "https:x",
      "https://user@example.com/",
      "https://user:pw@example.com/",
      "https://example.com@evil.test/",
      "https://@example.com/",
      "https://exa mple.com/",
      "https://example.com/a b",
      "https://example.com\\@evil.test/",
      "https://example.com/\\x",
      "https://example.com\t/",
      "https://example.com/\r\nX: 1",
      "https://ex%61mple.com/",
      "https://ex\xc3\xa4mple.com/",
      "https://example.com/\xc3\xa4",
      "https://example.com:0/",
      "https://example.com:65536/",
      "https://example.com:/",
      "https://example.com:99999999999/",
      "https://example.com:80a/",
      "https://example.com:-1/",
      "https://[::1/",
      "https://::1/",
      "https://[::1]x/",
      "https://[1.2.3.4]/",
      "https://[]/",
      "https://[fe80::1%25eth0]/",
      "https://.example.com/",
      "https://./",
      "https://127.0.0.1../",
      "https://example..com/",
      "https://exam!ple.com/",
      "https://example.com;x/",
      " https://example.com/",
      "https://\x7f/",
  };
  (void)state;
  for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
    px_url url = {.port = 7};
    pixazo_error *error = NULL;
    if (px_url_parse(urls[i], &url, &error) != PIXAZO_E_ARGUMENT)
      fail_msg("%s was taken", urls[i]);
    assert_int_equal(url.port, 7);
    assert_null(strstr(pixazo_error_message(error), "pw"));
    pixazo_error_free(error);
  }
  assert_status(px_url_parse(NULL, &(px_url){0}, NULL), PIXAZO_E_ARGUMENT);
  tell_cases("URLs that are refused", sizeof urls / sizeof urls[0]);
}

static void test_url__has_bounds(void **state)
{
  (void)state;
  px_url url;
  char *text = malloc(PX_URL_MAX + 1);
  assert_non_null(text);
  memset(text, 'a', PX_URL_MAX);
  memcpy(text, "https://example.com/", 20);
  text[PX_URL_MAX] = '\0';
  assert_status(px_url_parse(text, &url, NULL), PIXAZO_E_ARGUMENT);
  text[PX_URL_MAX - 1] = '\0';
  assert_status(px_url_parse(text, &url, NULL), PIXAZO_OK);
  memset(text, 'a', 300);
  memcpy(text, "https://", 8);
  text[8 + PX_HOST_MAX - 1] = '\0';
  assert_status(px_url_parse(text, &url, NULL), PIXAZO_OK);
  assert_int_equal(strlen(url.host), PX_HOST_MAX - 1);
  text[8 + PX_HOST_MAX - 1] = 'a';
  text[8 + PX_HOST_MAX] = '\0';
  assert_status(px_url_parse(text, &url, NULL), PIXAZO_E_ARGUMENT);
  free(text);
}

static void test_url__reads_every_spelling_of_an_ipv4_address(void **state)
{
  static const char *const spellings[] = {"127.0.0.1",    "127.1",       "127.0.1", "2130706433", "0x7f000001", "0x7F.0.0.1",
                                          "017700000001", "0177.0.0.01", "0x7f.1",  "127.0x1",    "0177.1"};
  static const char *const names[] = {
      "127.0.0.1.5", "256.0.0.1", "127.0.0.256", "4294967296", "127.16777216", "1.2.65536", "0x", "08.1",
      "127..1",      "1.",        "a",           "0xg",        "1e3",          "",          "-1", "0x100000000"};
  (void)state;
  for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
    unsigned char address[16];
    if (!px_url_address(spellings[i], address))
      fail_msg("%s is an address", spellings[i]);
    assert_memory_equal(address, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\x01", 16);
  }
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    unsigned char address[16];
    if (px_url_address(names[i], address) && strcmp(names[i], "0x") != 0)
      fail_msg("%s is no address", names[i]);
  }
  tell_cases("spellings of one address", sizeof spellings / sizeof spellings[0]);
}

static bool same(const char *a, const char *b)
{
  px_url left, right;
  assert_status(px_url_parse(a, &left, NULL), PIXAZO_OK);
  assert_status(px_url_parse(b, &right, NULL), PIXAZO_OK);
  return px_url_same_origin(&left, &right);
}

static void test_url__an_origin_is_scheme_host_and_port(void **state)
{
  (void)state;
  assert_true(same("https://a.test/x", "HTTPS://A.test.:443/y?z"));
  assert_false(same("https://a.test/", "http://a.test:443/"));
  assert_false(same("https://a.test/", "https://b.test/"));
  assert_false(same("https://a.test/", "https://a.test:444/"));
  assert_false(same("https://a.test/", "https://a.test.evil.test/"));
}

static void test_url__escapes_all_but_unreserved_bytes(void **state)
{
  (void)state;
  px_buf out = PX_BUF_INIT(200);
  px_url_escape(&out, "aZ09-._~/ +%&\xc3\xa4", true);
  assert_string_equal(px_buf_text(&out), "aZ09-._~/%20%2B%25%26%C3%A4");
  px_buf_clear(&out);
  px_url_escape(&out, "a/b", false);
  assert_string_equal(px_buf_text(&out), "a%2Fb");
  px_buf_done(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_url__takes_apart_what_is_plain),
      cmocka_unit_test(test_url__refuses_what_two_parsers_might_read_differently),
      cmocka_unit_test(test_url__has_bounds),
      cmocka_unit_test(test_url__reads_every_spelling_of_an_ipv4_address),
      cmocka_unit_test(test_url__an_origin_is_scheme_host_and_port),
      cmocka_unit_test(test_url__escapes_all_but_unreserved_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
