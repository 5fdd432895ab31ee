/* SPDX-License-Identifier: MIT */
/* Paid calls reach the provider once at most, and what is known about them is exact. */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loopback.h"

#define PAID_PATH "/getImage/v1/getSDXLImage"
#define PAID_BODY "{\"prompt\":\"a red fox\"}"
#define FAKE_KEY "test-key-not-real"

static const char *const json_header[] = {"Content-Type: application/json"};

static void paid(probe *call, const char *path)
{
  probe_init(call, PX_HTTP_PAID, server.base, path);
  probe_body(call, PAID_BODY);
  call->call.headers = json_header;
  call->call.header_count = 1;
  call->call.secret_header = "Ocp-Apim-Subscription-Key: " FAKE_KEY;
  call->call.secret_origin = server.base;
}

/* Sends one paid call under a script and gives its record; probe_done by the caller. */
static void send_under(probe *call, const char *script)
{
  gateway_script(&server, script);
  gateway_reset(&server);
  paid(call, PAID_PATH);
  probe_run(call, engine);
  assert_int_equal(call->ends, 1);
}

static void test_paid__a_good_call_is_told_whole(void **state)
{
  (void)state;
  probe call;
  send_under(&call, "[]");
  assert_string_equal(call.message, "");
  assert_status(call.outcome.status, PIXAZO_OK);
  assert_int_equal(call.outcome.http_status, 200);
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_NONE);
  assert_int_equal(call.outcome.http_version, 11);
  assert_true(call.outcome.body_asked && call.outcome.head_complete && call.outcome.body_complete);
  assert_true(call.outcome.delimited);
  assert_string_equal(call.outcome.content_type, "application/json");
  assert_int_equal(call.outcome.received, call.size);
  assert_non_null(strstr(call.body, "imageUrl"));
  assert_true(call.outcome.started_us > 0 && call.outcome.started_us <= call.outcome.first_byte_us);
  assert_true(call.outcome.first_byte_us <= call.outcome.ended_us);
  assert_int_equal(call.heads, 1);
  assert_int_equal(call.asked, 1);
  assert_int_equal(gateway_count(&server, "posts"), 1);
  probe_done(&call);
}

typedef struct fault {
  const char *script;
  int64_t posts; /* bodies that arrived */
  bool body_asked;
  bool head_complete;
  int http_status;
} fault;

/* Whatever goes wrong, the server sees one POST at most. */
static void test_paid__a_fault_never_sends_the_body_twice(void **state)
{
  static const fault faults[] = {
      {"[{\"method\":\"POST\",\"drop\":true,\"cut\":\"reset\"}]", 1, true, false, 0},
      {"[{\"method\":\"POST\",\"drop\":true,\"cut\":\"fin\"}]", 1, true, false, 0},
      {"[{\"method\":\"POST\",\"cut_head_after\":5}]", 1, true, false, 0},
      {"[{\"method\":\"POST\",\"cut_head_after\":30}]", 1, true, false, 200},
      {"[{\"method\":\"POST\",\"cut_after\":3}]", 1, true, true, 200},
      {"[{\"method\":\"POST\",\"cut_after\":3,\"cut\":\"reset\"}]", 1, true, true, 200},
      {"[{\"method\":\"POST\",\"raw\":\"HTTP/1.1 100 Continue\\r\\n\\r\\n\"}]", 1, true, false, 0},
      {"[{\"method\":\"POST\",\"raw\":\"garbage\\r\\n\\r\\n\"}]", 1, true, false, 0},
  };
  (void)state;
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    probe call;
    send_under(&call, faults[i].script);
    if (call.outcome.status != PIXAZO_E_NETWORK || call.outcome.trouble != PX_TROUBLE_TRANSFER)
      fail_msg("%s: status %d, trouble %d, %s", faults[i].script, (int)call.outcome.status, call.outcome.trouble,
               call.message);
    assert_int_equal(gateway_count(&server, "posts"), faults[i].posts);
    assert_int_equal(gateway_count(&server, "posts_begun"), 1);
    assert_int_equal(call.outcome.body_asked, faults[i].body_asked);
    assert_int_equal(call.outcome.head_complete, faults[i].head_complete);
    assert_int_equal(call.outcome.http_status, faults[i].http_status);
    assert_false(call.outcome.body_complete);
    probe_done(&call);
  }
  tell_cases("faults of one call", sizeof faults / sizeof faults[0]);
}

/* The head arrived, the body was never read by the server: it may still have been asked for here, and that is said. */
static void test_paid__a_reset_after_the_head_is_one_attempt(void **state)
{
  (void)state;
  probe call;
  send_under(&call, "[{\"at\":\"head\",\"method\":\"POST\",\"drop\":true,\"cut\":\"reset\"}]");
  assert_int_not_equal(call.outcome.status, PIXAZO_OK);
  assert_int_equal(gateway_count(&server, "posts_begun"), 1);
  assert_int_equal(gateway_count(&server, "posts"), 0);
  assert_int_equal(call.asked, 1);
  probe_done(&call);
}

/* A kept-alive connection that dies makes libcurl send again by itself: a paid call never meets one. */
static void test_paid__never_uses_a_connection_that_was_kept(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"method\":\"POST\",\"on_connection\":2,\"drop\":true}]");
  gateway_reset(&server);
  for (int i = 0; i < 3; i++) {
    probe poll, call;
    probe_init(&poll, PX_HTTP_POLL, server.base, "/files/a.png");
    probe_run(&poll, engine);
    assert_status(poll.outcome.status, PIXAZO_OK);
    probe_done(&poll);
    paid(&call, PAID_PATH);
    probe_run(&call, engine);
    assert_status(call.outcome.status, PIXAZO_OK);
    probe_done(&call);
  }
  assert_int_equal(gateway_count(&server, "posts"), 3);
  assert_int_equal(gateway_count(&server, "connections"), 4); /* one kept by the polls, one for each paid call */
}

/* The same fault on a call that may meet a kept connection: the body is given once all the same. */
static void test_paid__a_body_is_given_once_even_on_a_kept_connection(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"method\":\"POST\",\"on_connection\":2,\"drop\":true}]");
  gateway_reset(&server);
  px_engine *fresh = loopback_engine(); /* without connections kept by other tests */
  probe calls[2];
  for (int i = 0; i < 2; i++) {
    paid(&calls[i], PAID_PATH);
    calls[i].call.kind = PX_HTTP_POLL;
    probe_run(&calls[i], fresh);
  }
  px_engine_unref(fresh);
  assert_status(calls[0].outcome.status, PIXAZO_OK);
  assert_status(calls[1].outcome.status, PIXAZO_E_NETWORK);
  assert_true(calls[1].outcome.body_asked);
  assert_int_equal(gateway_count(&server, "posts"), 2);
  probe_done(&calls[0]);
  probe_done(&calls[1]);
}

static void test_paid__a_connection_that_is_refused_asks_for_no_body(void **state)
{
  (void)state;
  probe call;
  probe_init(&call, PX_HTTP_PAID, "http://127.0.0.1:1", "/");
  probe_body(&call, PAID_BODY);
  probe_run(&call, engine);
  assert_status(call.outcome.status, PIXAZO_E_NETWORK);
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_CONNECT);
  assert_false(call.outcome.body_asked);
  assert_int_equal(call.asked, 0);
  probe_done(&call);
}

static void test_paid__withheld_means_no_byte_of_the_body(void **state)
{
  (void)state;
  probe call;
  gateway_script(&server, "[]");
  gateway_reset(&server);
  paid(&call, PAID_PATH);
  call.withhold = true;
  probe_run(&call, engine);
  assert_status(call.outcome.status, PIXAZO_E_STATE);
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_WITHHELD);
  assert_false(call.outcome.body_asked);
  assert_int_equal(call.asked, 1);
  assert_int_equal(gateway_count(&server, "posts"), 0);
  probe_done(&call);
}

static void test_paid__withheld_holds_for_a_call_without_a_body_too(void **state)
{
  (void)state;
  probe call;
  gateway_reset(&server);
  probe_init(&call, PX_HTTP_PAID, server.base, "/files/a.png");
  call.withhold = true;
  probe_run(&call, engine);
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_WITHHELD);
  assert_false(call.outcome.body_asked);
  assert_int_equal(gateway_count(&server, "gets"), 0);
  probe_done(&call);
}

static void test_paid__a_call_without_a_body_counts_as_asked_once_it_is_written(void **state)
{
  (void)state;
  probe call;
  gateway_script(&server, "[{\"method\":\"GET\",\"drop\":true}]");
  probe_init(&call, PX_HTTP_PAID, server.base, "/files/a.png");
  probe_run(&call, engine);
  assert_status(call.outcome.status, PIXAZO_E_NETWORK);
  assert_true(call.outcome.body_asked);
  probe_done(&call);
}

static void test_paid__a_large_body_arrives_whole(void **state)
{
  (void)state;
  enum { SIZE = 3000000 };
  char *body = malloc(SIZE + 1);
  assert_non_null(body);
  memset(body, 'x', SIZE);
  memcpy(body, "{\"prompt\":\"", 11);
  memcpy(body + SIZE - 2, "\"}", 3);
  probe call;
  gateway_script(&server, "[]");
  gateway_reset(&server);
  paid(&call, PAID_PATH);
  probe_body(&call, body);
  probe_run(&call, engine);
  assert_status(call.outcome.status, PIXAZO_OK);
  assert_int_equal(call.outcome.http_status, 200);
  char *seen = gateway_page(&server, "requests");
  assert_null(strstr(seen, "Expect")); /* a second of silence with servers that do not know it */
  free(seen);
  probe_done(&call);
  free(body);
}

static void test_paid__redirects_are_not_followed_and_the_key_stays(void **state)
{
  static const char *const statuses[] = {"301", "302", "303", "307", "308"};
  gateway other;
  (void)state;
  gateway_start(&other, NULL);
  for (size_t i = 0; i < 5; i++) {
    char script[256];
    (void)snprintf(script, sizeof script, "[{\"method\":\"POST\",\"status\":%s,\"redirect\":\"%s/getImage\"}]", statuses[i],
                   other.base);
    probe call;
    send_under(&call, script);
    assert_status(call.outcome.status, PIXAZO_OK);
    assert_int_equal(call.outcome.http_status, atoi(statuses[i]));
    probe_done(&call);
  }
  assert_int_equal(gateway_count(&other, "posts_begun"), 0);
  assert_int_equal(gateway_count(&other, "gets"), 0);
  gateway_stop(&other);
  tell_cases("redirects of a call with a key", sizeof statuses / sizeof statuses[0]);
}

static void test_paid__the_key_goes_to_its_own_origin_only(void **state)
{
  gateway other;
  probe call;
  (void)state;
  gateway_start(&other, NULL);
  probe_init(&call, PX_HTTP_POLL, other.base, "/files/a.png");
  call.call.secret_header = "Ocp-Apim-Subscription-Key: " FAKE_KEY;
  call.call.secret_origin = server.base; /* same host, another port */
  probe_run(&call, engine);
  assert_status(call.outcome.status, PIXAZO_OK);
  char *seen = gateway_page(&other, "requests");
  assert_null(strstr(seen, FAKE_KEY));
  assert_non_null(strstr(seen, "/files/a.png"));
  free(seen);
  probe_done(&call);
  gateway_stop(&other);

  send_under(&call, "[]");
  seen = gateway_page(&server, "requests");
  assert_non_null(strstr(seen, FAKE_KEY));
  free(seen);
  probe_done(&call);
}

static void test_paid__headers_that_would_split_a_request_are_refused(void **state)
{
  static const char *const bad[] = {"X-A: 1\r\nX-B: 2", "X-A: 1\n",      "X-A 1",     ": 1",
                                    "X A: 1",           "X-A: \xc3\xa9", "X-A: \x7f", ""};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    pixazo_error *error = NULL;
    probe call;
    paid(&call, PAID_PATH);
    call.call.headers = &bad[i];
    assert_status(px_engine_submit(engine, &call.call, &error), PIXAZO_E_ARGUMENT);
    pixazo_error_free(error);
    error = NULL;
    call.call.headers = json_header;
    call.call.secret_header = bad[i];
    assert_status(px_engine_submit(engine, &call.call, &error), PIXAZO_E_ARGUMENT);
    assert_int_equal(call.ends, 0);
    pixazo_error_free(error);
    probe_done(&call);
  }
  tell_cases("headers and keys that would split a request", 2 * sizeof bad / sizeof bad[0]);
}

/* SIGPIPE would end this program: nobody handles it here. */
static void test_paid__a_peer_that_goes_while_we_send_raises_no_signal(void **state)
{
  (void)state;
  enum { SIZE = 8000000 };
  char *body = calloc(1, SIZE);
  assert_non_null(body);
  memset(body, 'x', SIZE);
  gateway_script(&server, "[{\"at\":\"head\",\"method\":\"POST\",\"delay_ms\":50,\"drop\":true,\"cut\":\"reset\"}]");
  for (int i = 0; i < 5; i++) {
    probe call;
    paid(&call, PAID_PATH);
    call.call.body = body;
    call.call.body_size = SIZE;
    probe_run(&call, engine);
    assert_int_not_equal(call.outcome.status, PIXAZO_OK);
    assert_true(call.outcome.body_asked);
    probe_done(&call);
  }
  gateway_script(&server, "[]");
  free(body);
}

/* Refused at its head while the body is still on its way: the refusal must not be taken for an unknown outcome. */
static void test_paid__an_early_answer_is_heard(void **state)
{
  enum { SIZE = 8000000 };
  (void)state;
  char *body = malloc(SIZE);
  assert_non_null(body);
  memset(body, 'x', SIZE);
  gateway_script(&server, "[{\"at\":\"head\",\"method\":\"POST\",\"answer\":\"rate-limited\"}]");
  probe call;
  paid(&call, PAID_PATH);
  call.call.body = body;
  call.call.body_size = SIZE;
  call.wanted_header = "Retry-After";
  probe_run(&call, engine);
  assert_string_equal(call.message, "");
  assert_int_equal(call.outcome.http_status, 429);
  assert_string_equal(call.header, "1");
  probe_done(&call);
  gateway_script(&server, "[]");
  free(body);
}

static void test_paid__a_hook_may_stop_an_answer(void **state)
{
  (void)state;
  probe call;
  gateway_script(&server, "[]");
  paid(&call, PAID_PATH);
  call.stop_at_head = true;
  probe_run(&call, engine);
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_STOPPED);
  assert_status(call.outcome.status, PIXAZO_E_IO);
  assert_true(call.outcome.head_complete);
  assert_int_equal(call.size, 0);
  probe_done(&call);
  paid(&call, PAID_PATH);
  call.stop_at_data = true;
  probe_run(&call, engine);
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_STOPPED);
  assert_false(call.outcome.body_complete);
  probe_done(&call);
}

static void test_paid__perform_waits_and_returns_the_status(void **state)
{
  (void)state;
  pixazo_error *error = NULL;
  probe call;
  gateway_script(&server, "[]");
  paid(&call, PAID_PATH);
  assert_ok(px_engine_perform(engine, &call.call, &error), error);
  assert_int_equal(call.ends, 1);
  probe_done(&call);
  probe_init(&call, PX_HTTP_PAID, "http://127.0.0.1:1", "/secret?signature=abc");
  call.call.on_done = NULL;
  assert_status(px_engine_perform(engine, &call.call, &error), PIXAZO_E_NETWORK);
  assert_non_null(strstr(pixazo_error_message(error), "127.0.0.1:1"));
  assert_null(strstr(pixazo_error_message(error), "signature"));
  pixazo_error_free(error);
  probe_done(&call);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_paid__a_good_call_is_told_whole),
      cmocka_unit_test(test_paid__a_fault_never_sends_the_body_twice),
      cmocka_unit_test(test_paid__a_reset_after_the_head_is_one_attempt),
      cmocka_unit_test(test_paid__never_uses_a_connection_that_was_kept),
      cmocka_unit_test(test_paid__a_body_is_given_once_even_on_a_kept_connection),
      cmocka_unit_test(test_paid__a_connection_that_is_refused_asks_for_no_body),
      cmocka_unit_test(test_paid__withheld_means_no_byte_of_the_body),
      cmocka_unit_test(test_paid__withheld_holds_for_a_call_without_a_body_too),
      cmocka_unit_test(test_paid__a_call_without_a_body_counts_as_asked_once_it_is_written),
      cmocka_unit_test(test_paid__a_large_body_arrives_whole),
      cmocka_unit_test(test_paid__redirects_are_not_followed_and_the_key_stays),
      cmocka_unit_test(test_paid__the_key_goes_to_its_own_origin_only),
      cmocka_unit_test(test_paid__headers_that_would_split_a_request_are_refused),
      cmocka_unit_test(test_paid__a_peer_that_goes_while_we_send_raises_no_signal),
      cmocka_unit_test(test_paid__an_early_answer_is_heard),
      cmocka_unit_test(test_paid__a_hook_may_stop_an_answer),
      cmocka_unit_test(test_paid__perform_waits_and_returns_the_status),
  };
  return cmocka_run_group_tests(tests, loopback_set_up, loopback_tear_down);
}
