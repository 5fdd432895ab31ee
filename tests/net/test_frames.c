/* SPDX-License-Identifier: MIT */
/* HTTP/2 frame by frame: whatever a server does to a stream, the call ends once, and only a whole answer is one. */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe.h"
#include "support/tmpdir.h"
#include "tls_peer.h"
#include "trusted.h"

static char *directory;

static int set_up(void **state)
{
  (void)state;
  directory = trusted_directory();
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  tmpdir_remove(directory);
  return 0;
}

/* Frames: length, type, flags, stream. */
#define SETTINGS "\0\0\0\4\0\0\0\0\0" "\0\0\0\4\1\0\0\0\0"
#define HEAD "\0\0\1\1\4\0\0\0\1" "\x88" /* :status 200 */
#define HEAD_ALONE "\0\0\1\1\5\0\0\0\1" "\x88"
#define HEAD_OF_TEN "\0\0\6\1\4\0\0\0\1" "\x88\x0f\x0d\2" "10" /* content-length: 10 */
#define HEAD_EARLY "\0\0\5\1\4\0\0\0\1" "\x08\3" "103"
#define FIVE "\0\0\5\0\0\0\0\0\1" "abcde"
#define LAST_FIVE "\0\0\5\0\1\0\0\0\1" "abcde"
#define RESET(code) "\0\0\4\3\0\0\0\0\1" "\0\0\0" code
#define GOAWAY(last, code) "\0\0\10\7\0\0\0\0\0" "\0\0\0" last "\0\0\0" code
#define PROMISE "\0\0\5\5\4\0\0\0\1" "\0\0\0\2\x88"
#define SAYS(text) .says = (text), .size = sizeof(text) - 1

static const struct answer {
  const char *what;
  tls_peer_script script;
  int trouble; /* -1: any */
  size_t size; /* of a whole body */
} answers[] = {
    {"a whole answer", {.http2 = true, SAYS(SETTINGS HEAD LAST_FIVE)}, PX_TROUBLE_NONE, 5},
    {"a body in two frames", {.http2 = true, SAYS(SETTINGS HEAD FIVE LAST_FIVE)}, PX_TROUBLE_NONE, 10},
    {"a length that fits", {.http2 = true, SAYS(SETTINGS HEAD_OF_TEN FIVE LAST_FIVE)}, PX_TROUBLE_NONE, 10},
    {"an early head before the head", {.http2 = true, SAYS(SETTINGS HEAD_EARLY HEAD LAST_FIVE)}, PX_TROUBLE_NONE, 5},
    {"a head alone", {.http2 = true, SAYS(SETTINGS HEAD_ALONE)}, PX_TROUBLE_NONE, 0},
    {"fewer bytes than its length", {.http2 = true, SAYS(SETTINGS HEAD_OF_TEN LAST_FIVE)}, PX_TROUBLE_TRANSFER, 0},
    {"reset by an internal error", {.http2 = true, SAYS(SETTINGS RESET("\2"))}, PX_TROUBLE_TRANSFER, 0},
    {"refused as a stream", {.http2 = true, SAYS(SETTINGS RESET("\7"))}, -1, 0},
    {"reset behind its head", {.http2 = true, SAYS(SETTINGS HEAD RESET("\10"))}, PX_TROUBLE_TRANSFER, 0},
    {"reset within its body", {.http2 = true, SAYS(SETTINGS HEAD FIVE RESET("\2"))}, PX_TROUBLE_TRANSFER, 0},
    {"gone away before it began", {.http2 = true, SAYS(SETTINGS GOAWAY("\0", "\0"))}, -1, 0},
    {"gone away with an error", {.http2 = true, SAYS(SETTINGS GOAWAY("\1", "\2"))}, PX_TROUBLE_TRANSFER, 0},
    {"gone away within its body", {.http2 = true, SAYS(SETTINGS HEAD FIVE GOAWAY("\1", "\0"))}, PX_TROUBLE_TRANSFER, 0},
    {"closed behind its head", {.http2 = true, SAYS(SETTINGS HEAD)}, PX_TROUBLE_TRANSFER, 0},
    {"closed without a word", {.http2 = true, SAYS(SETTINGS)}, -1, 0},
    {"a body before its head", {.http2 = true, SAYS(SETTINGS LAST_FIVE)}, PX_TROUBLE_TRANSFER, 0},
    {"a promise nobody asked for", {.http2 = true, SAYS(SETTINGS PROMISE HEAD LAST_FIVE)}, PX_TROUBLE_TRANSFER, 0},
    {"HTTP/1.1 all the same", {.http2 = true, SAYS("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde")}, -1, 0},
    {"a frame of 16 MB", {.http2 = true, SAYS(SETTINGS "\xff\xff\xff\0\0\0\0\0\1")}, PX_TROUBLE_TRANSFER, 0},
    {"silence behind its head", {.http2 = true, .stall = true, SAYS(SETTINGS HEAD)}, PX_TROUBLE_TIMEOUT, 0},
    {"silence within its body", {.http2 = true, .stall = true, SAYS(SETTINGS HEAD FIVE)}, PX_TROUBLE_TIMEOUT, 0},
};

static void ask(const struct answer *wanted)
{
  tls_peer peer;
  probe call;
  px_engine *engine = trusted_engine(directory);
  tls_peer_start(&peer, directory, &wanted->script);
  probe_init(&call, PX_HTTP_POLL, peer.base, "/a");
  call.call.total_ms = wanted->script.stall ? 400 : 20000;
  probe_run(&call, engine);
  bool good = wanted->trouble == PX_TROUBLE_NONE;
  bool expected = wanted->trouble < 0 ? call.outcome.trouble != PX_TROUBLE_NONE : call.outcome.trouble == wanted->trouble;
  if (!expected || call.outcome.body_complete != good || (good && call.size != wanted->size) || call.ends != 1)
    fail_msg("%s: trouble %d, complete %d, %zu bytes: %s", wanted->what, call.outcome.trouble, call.outcome.body_complete,
             call.size, call.message);
  assert_true(atomic_load(&peer.requests) <= 6); /* a question may be asked again */
  px_engine_unref(engine);
  tls_peer_stop(&peer);
  probe_done(&call);
}

static void test_frames__only_a_whole_answer_is_one(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
    ask(&answers[i]);
  tell_cases("rows of HTTP/2 frames", sizeof answers / sizeof answers[0]);
}

/* It would rather not be sent. */
static void test_frames__a_paid_call_never_travels_by_http2(void **state)
{
  static const tls_peer_script script = {.http2 = true, SAYS(SETTINGS HEAD LAST_FIVE)};
  tls_peer peer;
  probe call;
  (void)state;
  px_engine *engine = trusted_engine(directory);
  tls_peer_start(&peer, directory, &script);
  probe_init(&call, PX_HTTP_PAID, peer.base, "/a");
  probe_body(&call, "{\"prompt\":\"a red fox\"}");
  probe_run(&call, engine);
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_TLS);
  assert_false(call.outcome.body_asked);
  assert_int_equal(call.asked, 0);
  px_engine_unref(engine);
  tls_peer_stop(&peer);
  assert_int_equal(atomic_load(&peer.requests), 0);
  probe_done(&call);
}

static void test_frames__old_tls_is_refused_before_any_byte(void **state)
{
  static const tls_peer_script script = {.old = true, SAYS("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")};
  tls_peer peer;
  probe call;
  (void)state;
  px_engine *engine = trusted_engine(directory);
  tls_peer_start(&peer, directory, &script);
  probe_init(&call, PX_HTTP_PAID, peer.base, "/a");
  probe_body(&call, "{}");
  probe_run(&call, engine);
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_TLS);
  assert_false(call.outcome.body_asked);
  px_engine_unref(engine);
  tls_peer_stop(&peer);
  assert_int_equal(atomic_load(&peer.requests), 0);
  probe_done(&call);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_frames__only_a_whole_answer_is_one),
      cmocka_unit_test(test_frames__a_paid_call_never_travels_by_http2),
      cmocka_unit_test(test_frames__old_tls_is_refused_before_any_byte),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
