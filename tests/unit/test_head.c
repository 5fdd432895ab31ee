/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "net/head.h"

/* Feeds lines, each with CRLF, and the empty one; gives the last result. */
static int feed(px_http_headers *head, const char *const *lines)
{
  int result = PX_HEAD_MORE;
  for (; *lines; lines++) {
    char line[300];
    size_t size = strlen(*lines);
    memcpy(line, *lines, size);
    memcpy(line + size, "\r\n", 2);
    result = px_head_add(head, line, size + 2);
  }
  return result;
}

#define FEED(head, ...) feed(head, (const char *const[]){__VA_ARGS__, "", NULL})

static void test_head__gathers_fields(void **state)
{
  px_http_headers head = PX_HEAD_INIT;
  const char *name = NULL;
  const char *value = NULL;
  (void)state;
  assert_int_equal(FEED(&head, "HTTP/1.1 200 OK", "Content-Type:  Image/PNG; q=1 ", "X-Empty:", "x-two: a", "X-Two: b"),
                   PX_HEAD_FINAL);
  assert_int_equal(head.status, 200);
  assert_int_equal(head.version, 11);
  assert_string_equal(px_http_header(&head, "content-type"), "Image/PNG; q=1");
  assert_string_equal(px_http_header(&head, "X-EMPTY"), "");
  assert_string_equal(px_http_header(&head, "X-Two"), "a");
  assert_null(px_http_header(&head, "X-T"));
  assert_true(px_http_header_at(&head, 3, &name, &value));
  assert_string_equal(name, "X-Two");
  assert_string_equal(value, "b");
  assert_false(px_http_header_at(&head, 4, &name, &value));
  char type[PX_CONTENT_TYPE_MAX];
  px_head_content_type(&head, type);
  assert_string_equal(type, "image/png");
  px_head_done(&head);
}

static void test_head__an_interim_head_is_forgotten(void **state)
{
  px_http_headers head = PX_HEAD_INIT;
  (void)state;
  assert_int_equal(FEED(&head, "HTTP/1.1 103 Early", "X-A: early", "Content-Length: 7"), PX_HEAD_MORE);
  assert_int_equal(FEED(&head, "HTTP/2 404 ", "X-B: late"), PX_HEAD_FINAL);
  assert_null(px_http_header(&head, "X-A"));
  assert_false(head.has_length);
  assert_int_equal(head.status, 404);
  assert_int_equal(head.version, 20);
  assert_int_equal(FEED(&head, "X-B: trailer"), PX_HEAD_MORE);
  assert_string_equal(px_http_header(&head, "X-B"), "late");
  px_head_done(&head);
}

static void test_head__lines_without_form_are_passed_over(void **state)
{
  px_http_headers head = PX_HEAD_INIT;
  (void)state;
  assert_int_equal(FEED(&head, "HTTP/1.1 200 OK", "no colon", ": no name", " folded: x", "\tfolded: x", "X: 1"),
                   PX_HEAD_FINAL);
  const char *name = NULL;
  const char *value = NULL;
  assert_true(px_http_header_at(&head, 0, &name, &value));
  assert_string_equal(name, "X");
  px_head_reset(&head);
  assert_int_equal(px_head_add(&head, "X: a\0b\r\n", 8), PX_HEAD_MORE);
  assert_null(px_http_header(&head, "X"));
  px_head_done(&head);
}

static void test_head__a_status_that_is_no_number_never_completes(void **state)
{
  px_http_headers head = PX_HEAD_INIT;
  (void)state;
  assert_int_equal(FEED(&head, "HTTP/1.1 2x0 OK"), PX_HEAD_MORE);
  assert_int_equal(FEED(&head, "HTTP/1.1 "), PX_HEAD_MORE);
  assert_int_equal(FEED(&head, "HTTP/1.1"), PX_HEAD_MORE);
  assert_false(head.final);
  px_head_done(&head);
}

static void check_length(const char *value, bool good, uint64_t length)
{
  px_http_headers head = PX_HEAD_INIT;
  char line[100] = "Content-Length:";
  strcat(line, value);
  assert_int_equal(FEED(&head, "HTTP/1.1 200 OK", line), good ? PX_HEAD_FINAL : PX_HEAD_BAD_LENGTH);
  assert_int_equal(head.bad_length, !good);
  if (good)
    assert_int_equal(head.length, length);
  px_head_done(&head);
}

static void test_head__lengths_are_one_number(void **state)
{
  (void)state;
  check_length(" 0", true, 0);
  check_length("15", true, 15);
  check_length(" 5, 5 ,5", true, 5);
  check_length(" 9223372036854775807", true, INT64_MAX);
  check_length(" 9223372036854775808", false, 0);
  check_length(" 99999999999999999999999999999999", false, 0);
  check_length("", false, 0);
  check_length(" -1", false, 0);
  check_length(" +1", false, 0);
  check_length(" 5, 6", false, 0);
  check_length(" 5 6", false, 0);
  check_length(" 0x5", false, 0);
}

static void test_head__chunks_overrule_a_bad_length(void **state)
{
  px_http_headers head = PX_HEAD_INIT;
  (void)state;
  assert_int_equal(FEED(&head, "HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Content-Length: x"), PX_HEAD_FINAL);
  assert_true(head.chunked);
  px_head_done(&head);
}

static void test_head__all_heads_and_trailers_share_one_bound(void **state)
{
  px_http_headers head = PX_HEAD_INIT;
  char line[1000];
  int result = PX_HEAD_MORE;
  size_t lines = 0;
  (void)state;
  memset(line, 'x', sizeof line);
  memcpy(line, "X: ", 3);
  memcpy(line + sizeof line - 2, "\r\n", 2);
  (void)px_head_add(&head, "HTTP/1.1 100 Continue\r\n", 23);
  for (; lines < 100 && result == PX_HEAD_MORE; lines++)
    result = px_head_add(&head, line, sizeof line);
  assert_int_equal(result, PX_HEAD_TOO_LARGE);
  assert_int_equal(lines, PX_HEAD_MAX / sizeof line + 1);
  px_head_done(&head);
}

static void test_head__a_redirect_needs_a_location(void **state)
{
  static const char *const codes[] = {"301", "302", "303", "307", "308"};
  (void)state;
  for (size_t i = 0; i < 5; i++) {
    char line[32] = "HTTP/1.1 ";
    strcat(strcat(line, codes[i]), " x");
    px_http_headers head = PX_HEAD_INIT;
    (void)FEED(&head, line, "Location: /x");
    assert_true(px_head_is_redirect(&head));
    px_head_reset(&head);
    (void)FEED(&head, line);
    assert_false(px_head_is_redirect(&head));
    px_head_reset(&head);
    (void)FEED(&head, "HTTP/1.1 304 x", "Location: /x");
    assert_false(px_head_is_redirect(&head));
    px_head_done(&head);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_head__gathers_fields),
      cmocka_unit_test(test_head__an_interim_head_is_forgotten),
      cmocka_unit_test(test_head__lines_without_form_are_passed_over),
      cmocka_unit_test(test_head__a_status_that_is_no_number_never_completes),
      cmocka_unit_test(test_head__lengths_are_one_number),
      cmocka_unit_test(test_head__chunks_overrule_a_bad_length),
      cmocka_unit_test(test_head__all_heads_and_trailers_share_one_bound),
      cmocka_unit_test(test_head__a_redirect_needs_a_location),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
