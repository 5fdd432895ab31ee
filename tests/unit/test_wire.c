/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "net/wire.h"

typedef struct record {
  int asked;
  bool withhold;
  size_t taken;
} record;

static record seen;
static px_http_call call;
static px_transfer *transfer;

static bool may_send(void *user)
{
  ((record *)user)->asked++;
  return !((record *)user)->withhold;
}

static bool on_data(void *user, const void *data, size_t size)
{
  (void)data;
  ((record *)user)->taken += size;
  return true;
}

static void begin(px_http_call what)
{
  call = what;
  call.user = &seen;
  call.may_send = may_send;
  call.on_data = on_data;
  seen = (record){0};
  assert_status(px_transfer_new(&call, NULL, &transfer, NULL), PIXAZO_OK);
  transfer->clock = px_clock_system();
}

static int end(void **state)
{
  (void)state;
  px_transfer_free(transfer);
  transfer = NULL;
  return 0;
}

static bool reaches(const char *text)
{
  struct sockaddr_in place = {.sin_family = AF_INET};
  assert_int_equal(inet_pton(AF_INET, text, &place.sin_addr), 1);
  return px_wire_may_reach(transfer, (struct sockaddr *)&place);
}

static void test_wire__private_addresses_are_refused_and_remembered(void **state)
{
  (void)state;
  begin((px_http_call){.kind = PX_HTTP_DOWNLOAD, .url = "https://a.test/"});
  assert_true(reaches("8.8.8.8"));
  assert_int_equal(transfer->refused, 0);
  assert_false(reaches("10.0.0.1"));
  assert_int_equal(transfer->outcome.trouble, PX_TROUBLE_NONE); /* another address may still be good */
  px_wire_refuse(transfer);
  assert_int_equal(transfer->outcome.trouble, PX_TROUBLE_GUARD);
  assert_non_null(strstr(pixazo_error_message(transfer->error), "private"));
}

static void test_wire__the_peer_is_checked_again_before_the_request(void **state)
{
  (void)state;
  begin((px_http_call){.kind = PX_HTTP_POLL, .url = "https://a.test/"});
  assert_true(px_wire_may_ask(transfer, "8.8.8.8"));
  assert_true(px_wire_may_ask(transfer, NULL));
  assert_false(px_wire_may_ask(transfer, "fd00::1"));
  assert_int_equal(transfer->outcome.trouble, PX_TROUBLE_GUARD);
}

static void test_wire__a_peer_without_an_address_is_refused(void **state)
{
  (void)state;
  begin((px_http_call){.kind = PX_HTTP_POLL, .url = "https://a.test/"});
  assert_false(px_wire_may_ask(transfer, ""));
}

static void test_wire__a_body_is_given_piece_by_piece_and_asked_about_once(void **state)
{
  char buffer[4];
  size_t given = 9;
  (void)state;
  begin((px_http_call){.kind = PX_HTTP_PAID, .url = "https://a.test/", .body = "abcdef", .body_size = 6});
  assert_true(px_wire_may_ask(transfer, "8.8.8.8"));
  assert_false(transfer->outcome.body_asked);
  assert_int_equal(seen.asked, 0);
  assert_true(px_wire_give(transfer, buffer, 4, &given));
  assert_true(transfer->outcome.body_asked);
  assert_int_equal(given, 4);
  assert_true(px_wire_give(transfer, buffer, 4, &given));
  assert_int_equal(given, 2);
  assert_memory_equal(buffer, "ef", 2);
  assert_true(px_wire_give(transfer, buffer, 4, &given));
  assert_int_equal(given, 0);
  assert_int_equal(seen.asked, 1);
}

static void test_wire__withheld_gives_nothing(void **state)
{
  char buffer[4];
  size_t given = 0;
  (void)state;
  begin((px_http_call){.kind = PX_HTTP_PAID, .url = "https://a.test/", .body = "abcdef", .body_size = 6});
  seen.withhold = true;
  assert_false(px_wire_give(transfer, buffer, 4, &given));
  assert_false(transfer->outcome.body_asked);
  assert_int_equal(transfer->outcome.trouble, PX_TROUBLE_WITHHELD);
}

static void test_wire__the_cap_counts_every_byte(void **state)
{
  char byte = 0;
  (void)state;
  begin((px_http_call){.kind = PX_HTTP_DOWNLOAD, .url = "https://a.test/", .max_bytes = 3});
  assert_true(px_wire_take_body(transfer, "abc", 3));
  assert_false(px_wire_take_body(transfer, &byte, 1));
  assert_int_equal(seen.taken, 3);
  assert_int_equal(transfer->outcome.trouble, PX_TROUBLE_LIMIT);
}

static void take_head(const char *status, const char *field)
{
  assert_true(px_wire_take_head(transfer, status, strlen(status)));
  if (field)
    assert_true(px_wire_take_head(transfer, field, strlen(field)));
  assert_true(px_wire_take_head(transfer, "\r\n", 2));
}

static void test_wire__fewer_bytes_than_announced_are_not_a_whole_answer(void **state)
{
  (void)state;
  begin((px_http_call){.kind = PX_HTTP_POLL, .url = "https://a.test/"});
  take_head("HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n");
  assert_true(px_wire_take_body(transfer, "abc", 3));
  px_wire_judge(transfer);
  assert_int_equal(transfer->outcome.trouble, PX_TROUBLE_TRANSFER);
  assert_false(transfer->outcome.body_complete);
}

static void test_wire__an_answer_to_head_has_no_body_to_miss(void **state)
{
  (void)state;
  begin((px_http_call){.kind = PX_HTTP_POLL, .url = "https://a.test/", .method = "HEAD"});
  take_head("HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n");
  px_wire_judge(transfer);
  assert_true(transfer->outcome.body_complete && transfer->outcome.delimited);
}

static void test_wire__a_redirect_is_followed_by_downloads_only(void **state)
{
  (void)state;
  begin((px_http_call){.kind = PX_HTTP_DOWNLOAD, .url = "https://a.test/"});
  take_head("HTTP/1.1 302 Found\r\n", "Location: /b\r\n");
  assert_true(transfer->following);
  assert_true(px_wire_take_body(transfer, "moved", 5));
  assert_int_equal(seen.taken, 0);
  (void)end(NULL);
  begin((px_http_call){.kind = PX_HTTP_PAID, .url = "https://a.test/"});
  take_head("HTTP/1.1 302 Found\r\n", "Location: /b\r\n");
  assert_false(transfer->following);
}

int main(void)
{
#define wire_test(test) cmocka_unit_test_teardown(test, end)
  const struct CMUnitTest tests[] = {
      wire_test(test_wire__private_addresses_are_refused_and_remembered),
      wire_test(test_wire__the_peer_is_checked_again_before_the_request),
      wire_test(test_wire__a_peer_without_an_address_is_refused),
      wire_test(test_wire__a_body_is_given_piece_by_piece_and_asked_about_once),
      wire_test(test_wire__withheld_gives_nothing),
      wire_test(test_wire__the_cap_counts_every_byte),
      wire_test(test_wire__fewer_bytes_than_announced_are_not_a_whole_answer),
      wire_test(test_wire__an_answer_to_head_has_no_body_to_miss),
      wire_test(test_wire__a_redirect_is_followed_by_downloads_only),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
