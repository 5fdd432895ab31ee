/* SPDX-License-Identifier: MIT */
/* Answers that lie about themselves. */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "loopback.h"

typedef struct answer {
  const char *script;
  int trouble;
  bool complete;
  bool delimited;
} answer;

static void check(const answer *wanted)
{
  probe call;
  gateway_script(&server, wanted->script);
  probe_init(&call, PX_HTTP_POLL, server.base, "/files/a.png");
  call.call.max_bytes = 1 << 20;
  probe_run(&call, engine);
  if (call.outcome.trouble != wanted->trouble || call.outcome.body_complete != wanted->complete ||
      call.outcome.delimited != wanted->delimited)
    fail_msg("%s: trouble %d, complete %d, delimited %d: %s", wanted->script, call.outcome.trouble,
             call.outcome.body_complete, call.outcome.delimited, call.message);
  assert_int_equal(call.outcome.status == PIXAZO_OK, wanted->trouble == PX_TROUBLE_NONE);
  assert_int_equal(call.ends, 1);
  probe_done(&call);
}

#define RAW(text) "[{\"path\":\"/files/*\",\"raw\":\"" text "\",\"close\":true}]"
#define OK_LINE "HTTP/1.1 200 OK\\r\\n"
#define CHUNKS(text) RAW(OK_LINE "Transfer-Encoding: chunked\\r\\n\\r\\n" text)

static void test_answers__lengths_are_checked(void **state)
{
  static const answer answers[] = {
      {"[]", PX_TROUBLE_NONE, true, true},
      {"[{\"path\":\"/files/*\",\"length_off\":10}]", PX_TROUBLE_TRANSFER, false, false},
      {"[{\"path\":\"/files/*\",\"length_off\":-10}]", PX_TROUBLE_NONE, true,
       true}, /* short by its own word: the decoder's business */
      {"[{\"path\":\"/files/*\",\"chunked\":\"yes\"}]", PX_TROUBLE_NONE, true, true},
      {"[{\"path\":\"/files/*\",\"chunked\":\"garbage\"}]", PX_TROUBLE_TRANSFER, false, false},
      {"[{\"path\":\"/files/*\",\"chunked\":\"no-end\"}]", PX_TROUBLE_TRANSFER, false, false},
      {"[{\"path\":\"/files/*\",\"chunked\":\"huge\"}]", PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE "Content-Length: 3\\r\\nContent-Length: 5\\r\\n\\r\\nabcde"), PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE "Content-Length: 5\\r\\nContent-Length: 5\\r\\n\\r\\nabcde"), PX_TROUBLE_NONE, true, true},
      {RAW(OK_LINE "Content-Length: 5, 5\\r\\n\\r\\nabcde"), PX_TROUBLE_NONE, true, true},
      {RAW(OK_LINE "Content-Length: 5, 6\\r\\n\\r\\nabcde"), PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE "Content-Length: -5\\r\\n\\r\\nabcde"), PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE "Content-Length: five\\r\\n\\r\\nabcde"), PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE "Content-Length:\\r\\n\\r\\nabcde"), PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE "Content-Length: 18446744073709551616\\r\\n\\r\\nabcde"), PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE "Content-Length: 9223372036854775807\\r\\n\\r\\nabcde"), PX_TROUBLE_LIMIT, false, false},
      {RAW(OK_LINE "\\r\\nabcde"), PX_TROUBLE_NONE, true, false},
      {RAW(OK_LINE "Content-Length: 99\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n3\\r\\nabc\\r\\n0\\r\\n\\r\\n"),
       PX_TROUBLE_NONE, true, true},
      {RAW(OK_LINE "Transfer-Encoding: chunked\\r\\n\\r\\n3\\r\\nabc\\r\\n0\\r\\nX-Trailer: 1\\r\\n\\r\\n"), PX_TROUBLE_NONE,
       true, true},
      {RAW("HTTP/1.1 204 No Content\\r\\nContent-Length: 5\\r\\n\\r\\n"), PX_TROUBLE_NONE, true, true},
      {RAW("HTTP/1.1 304 Not Modified\\r\\nContent-Length: 5\\r\\n\\r\\n"), PX_TROUBLE_NONE, true, true},
      {RAW(OK_LINE "Content-Length: 5\\r\\n\\r\\nabcdefgh"), PX_TROUBLE_NONE, true, true}, /* what is behind it is not read */
      {RAW(OK_LINE "Content-Length: 0\\r\\n\\r\\n"), PX_TROUBLE_NONE, true, true},
      {RAW(OK_LINE "Content-Length: 5\\r\\n\\r\\nabcd"), PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE "Content-Length: 5\\r\\n\\r\\n"), PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE "Content-Length: 5 6\\r\\n\\r\\nabcde"), PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE "Content-Length: 5x\\r\\n\\r\\nabcde"), PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE "Content-Length: 0x5\\r\\n\\r\\nabcde"), PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE "Content-Length: +5\\r\\n\\r\\nabcde"), PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE "Content-Length: 9223372036854775808\\r\\n\\r\\nabcde"), PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE "Content-Length: 1048577\\r\\n\\r\\nabcde"), PX_TROUBLE_LIMIT, false, false},
      {CHUNKS("3\\r\\nabc\\r\\n0\\r\\n\\r\\n"), PX_TROUBLE_NONE, true, true},
      {CHUNKS("3;name=value\\r\\nabc\\r\\n0\\r\\n\\r\\n"), PX_TROUBLE_NONE, true, true},
      {CHUNKS("0\\r\\n\\r\\n"), PX_TROUBLE_NONE, true, true},
      {CHUNKS("3\\r\\nabc\\r\\n"), PX_TROUBLE_TRANSFER, false, false},
      {CHUNKS("3\\r\\nab"), PX_TROUBLE_TRANSFER, false, false},
      {CHUNKS(""), PX_TROUBLE_TRANSFER, false, false},
      {CHUNKS("-3\\r\\nabc\\r\\n0\\r\\n\\r\\n"), PX_TROUBLE_TRANSFER, false, false},
      {CHUNKS("\\r\\nabc\\r\\n0\\r\\n\\r\\n"), PX_TROUBLE_TRANSFER, false, false},
      {CHUNKS("ffffffffffffffff\\r\\nabc"), PX_TROUBLE_TRANSFER, false, false},
      {CHUNKS("10000000000000000\\r\\nabc"), PX_TROUBLE_TRANSFER, false, false},
      {CHUNKS("3\\r\\nabcdef\\r\\n0\\r\\n\\r\\n"), PX_TROUBLE_TRANSFER, false, false},
  };
  (void)state;
  for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
    check(&answers[i]);
  tell_cases("lengths and chunks that may lie", sizeof answers / sizeof answers[0]);
}

static void test_answers__what_is_not_http_is_refused(void **state)
{
  static const answer answers[] = {
      {RAW("hello"), PX_TROUBLE_TRANSFER, false, false},
      {RAW("SSH-2.0-OpenSSH\\r\\n"), PX_TROUBLE_TRANSFER, false, false},
      {RAW("\\u0000\\u0001\\u0002"), PX_TROUBLE_TRANSFER, false, false},
      {RAW("HTTP/1.1 200 OK\\r\\n"), PX_TROUBLE_TRANSFER, false, false},
      {RAW("HTTP/9.9 200 OK\\r\\n\\r\\n"), PX_TROUBLE_TRANSFER, false, false},
      {RAW("HTTP/1.1 \\r\\n\\r\\n"), PX_TROUBLE_TRANSFER, false, false},
  };
  (void)state;
  for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
    check(&answers[i]);
  tell_cases("answers that are not HTTP", sizeof answers / sizeof answers[0]);
}

static long peak_kb(void)
{
  struct rusage usage;
  (void)getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

static void test_answers__heads_are_bounded(void **state)
{
  static const answer answers[] = {
      {"[{\"path\":\"/files/*\",\"fill_headers\":100000,\"fill_size\":20}]", PX_TROUBLE_LIMIT, false, false},
      {"[{\"path\":\"/files/*\",\"fill_headers\":1,\"fill_size\":1000000}]", PX_TROUBLE_LIMIT, false, false},
      {"[{\"path\":\"/files/*\",\"endless_headers\":true}]", PX_TROUBLE_LIMIT, false, false},
      {"[{\"path\":\"/files/*\",\"fill_headers\":100,\"fill_size\":500}]", PX_TROUBLE_NONE, true, true},
  };
  (void)state;
  long before = peak_kb();
  for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
    if (answers[i].trouble == PX_TROUBLE_LIMIT) {
      probe call;
      gateway_script(&server, answers[i].script);
      probe_init(&call, PX_HTTP_POLL, server.base, "/files/a.png");
      probe_run(&call, engine);
      if (call.outcome.trouble != PX_TROUBLE_LIMIT)
        fail_msg("%s: trouble %d, %s", answers[i].script, call.outcome.trouble, call.message);
      assert_false(call.outcome.head_complete);
      assert_int_equal(call.heads, 0);
      probe_done(&call);
    } else {
      check(&answers[i]);
    }
  assert_true(peak_kb() - before < 8192);
  tell_cases("heads without end", sizeof answers / sizeof answers[0]);
}

/* An odd line is passed over or ends the call; it never becomes another line. */
static void test_answers__odd_lines_of_a_head_do_no_harm(void **state)
{
  static const answer answers[] = {
      {RAW(OK_LINE "X-A: 1\\r\\n  folded\\r\\nContent-Length: 5\\r\\n\\r\\nabcde"), PX_TROUBLE_NONE, true, true},
      {RAW(OK_LINE "no colon\\r\\nContent-Length: 5\\r\\n\\r\\nabcde"), PX_TROUBLE_TRANSFER, false, false},
      {RAW(OK_LINE ": no name\\r\\nContent-Length: 5\\r\\n\\r\\nabcde"), PX_TROUBLE_NONE, true, true},
      {RAW(OK_LINE "X-A: \\u00e4\\u0001\\u007f\\r\\nContent-Length: 5\\r\\n\\r\\nabcde"), PX_TROUBLE_NONE, true, true},
      {RAW(OK_LINE "X-A: lone\\rCR\\r\\nContent-Length: 5\\r\\n\\r\\nabcde"), PX_TROUBLE_NONE, true, true},
      {RAW("HTTP/1.1 200 OK\\nContent-Length: 5\\n\\nabcde"), PX_TROUBLE_NONE, true, true},
      {RAW("HTTP/1.1 200\\r\\nContent-Length: 5\\r\\n\\r\\nabcde"), PX_TROUBLE_NONE, true, true},
      {RAW(OK_LINE "X-A: a\\u0000b\\r\\nContent-Length: 5\\r\\n\\r\\nabcde"), PX_TROUBLE_TRANSFER, false, false},
  };
  (void)state;
  for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
    check(&answers[i]);
  tell_cases("odd lines of a head", sizeof answers / sizeof answers[0]);
}

static void test_answers__interim_heads_and_trailers_are_not_the_head(void **state)
{
  (void)state;
  probe call;
  gateway_script(
      &server,
      RAW("HTTP/1.1 103 Early Hints\\r\\nX-Which: early\\r\\n\\r\\n" OK_LINE
          "X-Which: final\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n1\\r\\na\\r\\n0\\r\\nX-Which: late\\r\\n\\r\\n"));
  probe_init(&call, PX_HTTP_POLL, server.base, "/files/a.png");
  call.wanted_header = "x-which";
  probe_run(&call, engine);
  assert_string_equal(call.message, "");
  assert_int_equal(call.heads, 1);
  assert_string_equal(call.header, "final");
  assert_int_equal(call.outcome.http_status, 200);
  probe_done(&call);
}

/* Nothing is unpacked, so that no bomb can go off. */
static void test_answers__compression_nobody_asked_for_is_not_undone(void **state)
{
  static const char *const codings[] = {"gzip", "x-gzip", "deflate", "br", "zstd", "gzip, gzip", "identity", "nonsense"};
  (void)state;
  for (size_t i = 0; i < sizeof codings / sizeof codings[0]; i++) {
    char script[200];
    probe call;
    (void)snprintf(script, sizeof script, RAW(OK_LINE "Content-Encoding: %s\\r\\nContent-Length: 5\\r\\n\\r\\nabcde"),
                   codings[i]);
    gateway_script(&server, script);
    gateway_reset(&server);
    probe_init(&call, PX_HTTP_POLL, server.base, "/files/a.png");
    probe_run(&call, engine);
    assert_status(call.outcome.status, PIXAZO_OK);
    assert_int_equal(call.size, 5);
    assert_memory_equal(call.body, "abcde", 5);
    char *seen = gateway_page(&server, "requests");
    assert_null(strstr(seen, "Accept-Encoding"));
    free(seen);
    probe_done(&call);
  }
  tell_cases("codings of a body", sizeof codings / sizeof codings[0]);
}

static void test_answers__error_statuses_are_answers(void **state)
{
  static const int statuses[] = {400, 401, 404, 408, 429, 500, 502, 503, 529};
  (void)state;
  for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
    char script[120];
    (void)snprintf(script, sizeof script, "[{\"path\":\"/files/*\",\"status\":%d,\"body\":\"no\"}]", statuses[i]);
    probe call;
    gateway_script(&server, script);
    probe_init(&call, PX_HTTP_POLL, server.base, "/files/a.png");
    probe_run(&call, engine);
    assert_status(call.outcome.status, PIXAZO_OK);
    assert_int_equal(call.outcome.http_status, statuses[i]);
    assert_string_equal(call.body, "no");
    probe_done(&call);
  }
  tell_cases("error statuses", sizeof statuses / sizeof statuses[0]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_answers__lengths_are_checked),
      cmocka_unit_test(test_answers__what_is_not_http_is_refused),
      cmocka_unit_test(test_answers__heads_are_bounded),
      cmocka_unit_test(test_answers__odd_lines_of_a_head_do_no_harm),
      cmocka_unit_test(test_answers__interim_heads_and_trailers_are_not_the_head),
      cmocka_unit_test(test_answers__compression_nobody_asked_for_is_not_undone),
      cmocka_unit_test(test_answers__error_statuses_are_answers),
  };
  return cmocka_run_group_tests(tests, loopback_set_up, loopback_tear_down);
}
