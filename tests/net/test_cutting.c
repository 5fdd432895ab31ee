/* SPDX-License-Identifier: MIT */
/* Deadlines and cancelling: prompt, exact about what was sent, and harmless to other calls. */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loopback.h"

#define PAID_PATH "/getImage/v1/getSDXLImage"
#define PAID_BODY "{\"prompt\":\"a red fox\"}"

static pixazo_cancel *token;

static int make_token(void **state)
{
  (void)state;
  return pixazo_cancel_new(&token, NULL) == PIXAZO_OK ? 0 : 1;
}

static int drop_token(void **state)
{
  (void)state;
  token = pixazo_cancel_unref(token);
  return 0;
}

static void paid(probe *call, const char *script)
{
  gateway_script(&server, script);
  gateway_reset(&server);
  probe_init(call, PX_HTTP_PAID, server.base, PAID_PATH);
  probe_body(call, PAID_BODY);
  call->call.secret_header = "Ocp-Apim-Subscription-Key: test-key-not-real";
  call->call.secret_origin = server.base;
}

static const char silence[] = "[{\"method\":\"POST\",\"drop\":true,\"cut\":\"stall\"}]";

/* One byte at a time never trips a silence limit: the total deadline must. */
static void test_cutting__a_slow_answer_meets_the_deadline(void **state)
{
  static const char *const scripts[] = {
      "[{\"method\":\"POST\",\"piece\":1,\"piece_ms\":50,\"slow_head\":true}]",
      "[{\"method\":\"POST\",\"piece\":1,\"piece_ms\":50}]",
      silence,
      "[{\"method\":\"POST\",\"delay_ms\":20000}]",
      "[{\"method\":\"POST\",\"cut_after\":5,\"cut\":\"stall\"}]",
  };
  (void)state;
  for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
    probe call;
    paid(&call, scripts[i]);
    call.call.total_ms = 300;
    int64_t begun = test_now_ms();
    probe_run(&call, engine);
    int64_t took = test_now_ms() - begun;
    if (took < 290 || took > 4500)
      fail_msg("%s took %d ms", scripts[i], (int)took);
    assert_status(call.outcome.status, PIXAZO_E_TIMEOUT);
    assert_int_equal(call.outcome.trouble, PX_TROUBLE_TIMEOUT);
    assert_true(call.outcome.body_asked);
    assert_int_equal(gateway_count(&server, "posts"), 1);
    probe_done(&call);
  }
  tell_cases("slow answers", sizeof scripts / sizeof scripts[0]);
}

static void test_cutting__silence_is_measured_from_the_last_byte(void **state)
{
  (void)state;
  probe call;
  gateway_script(&server, "[{\"path\":\"/files/*\",\"cut_after\":1000,\"cut\":\"stall\"}]");
  probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
  call.call.stall_ms = 300;
  probe_run(&call, engine);
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_TIMEOUT);
  assert_non_null(strstr(call.message, "silent"));
  probe_done(&call);

  /* slow, but never silent */
  gateway_script(&server, "[{\"path\":\"/files/*\",\"piece\":3000,\"piece_ms\":100}]");
  probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
  call.call.stall_ms = 1500;
  int64_t begun = test_now_ms();
  probe_run(&call, engine);
  assert_status(call.outcome.status, PIXAZO_OK);
  assert_true(test_now_ms() - begun > 1500);
  probe_done(&call);
}

/* How long it took to cut a call that is waiting for its answer. */
static int64_t cut_once(probe *call, pixazo_cancel *with)
{
  paid(call, silence);
  call->call.cancel = with;
  probe_submit(call, engine);
  assert_int_equal(gateway_wait(&server, "posts", 1, 20000), 1);
  int64_t begun = test_now_ms();
  if (with)
    pixazo_cancel_set(with, PIXAZO_CANCEL_SOFT);
  else
    px_engine_cancel(engine, &call->call);
  assert_true(probe_wait(call, 20000));
  return test_now_ms() - begun;
}

/* Of five, so that a busy machine is not taken for a slow engine. */
enum { CUTS = 5 };

static void test_cutting__a_token_cuts_within_a_second(void **state)
{
  int64_t best = INT64_MAX;
  (void)state;
  for (int i = 0; i < CUTS && best >= 1000; i++) {
    probe call;
    pixazo_cancel *own = NULL;
    assert_status(pixazo_cancel_new(&own, NULL), PIXAZO_OK);
    int64_t took = cut_once(&call, own);
    best = took < best ? took : best;
    assert_status(call.outcome.status, PIXAZO_E_CANCELLED);
    assert_true(call.outcome.body_asked);
    probe_done(&call);
    (void)pixazo_cancel_unref(own);
  }
  assert_true(best < 1000);
}

static void test_cutting__px_engine_cancel_cuts_at_once(void **state)
{
  int64_t best = INT64_MAX;
  (void)state;
  for (int i = 0; i < CUTS && best >= 1000; i++) {
    probe call;
    int64_t took = cut_once(&call, NULL);
    best = took < best ? took : best;
    assert_int_equal(call.outcome.trouble, PX_TROUBLE_CANCEL);
    px_engine_cancel(engine, &call.call); /* nothing to do any more */
    assert_int_equal(call.ends, 1);
    probe_done(&call);
  }
  assert_true(best < 1000);
}

static void test_cutting__a_token_set_before_sends_nothing(void **state)
{
  (void)state;
  probe call;
  paid(&call, "[]");
  call.call.cancel = token;
  call.call.finish_when_sent = true;
  pixazo_cancel_set(token, PIXAZO_CANCEL_SOFT);
  probe_run(&call, engine);
  assert_status(call.outcome.status, PIXAZO_E_CANCELLED);
  assert_false(call.outcome.body_asked);
  assert_int_equal(gateway_count(&server, "posts_begun"), 0);
  probe_done(&call);
}

static void test_cutting__a_soft_wish_lets_a_sent_call_finish_when_asked_to(void **state)
{
  (void)state;
  probe call;
  paid(&call, "[{\"method\":\"POST\",\"delay_ms\":1500}]");
  call.call.cancel = token;
  call.call.finish_when_sent = true;
  probe_submit(&call, engine);
  assert_int_equal(gateway_wait(&server, "posts", 1, 20000), 1);
  pixazo_cancel_set(token, PIXAZO_CANCEL_SOFT);
  assert_true(probe_wait(&call, 5000));
  assert_status(call.outcome.status, PIXAZO_OK);
  assert_int_equal(call.outcome.http_status, 200);
  probe_done(&call);
}

static void test_cutting__a_hard_wish_cuts_it_all_the_same(void **state)
{
  (void)state;
  probe call;
  paid(&call, silence);
  call.call.cancel = token;
  call.call.finish_when_sent = true;
  probe_submit(&call, engine);
  assert_int_equal(gateway_wait(&server, "posts", 1, 20000), 1);
  pixazo_cancel_set(token, PIXAZO_CANCEL_NOW);
  assert_true(probe_wait(&call, 20000));
  assert_status(call.outcome.status, PIXAZO_E_CANCELLED);
  assert_true(call.outcome.body_asked);
  probe_done(&call);
}

static void test_cutting__closing_the_engine_ends_every_call(void **state)
{
  enum { CALLS = 20 };
  static probe calls[CALLS];
  (void)state;
  px_engine *own = loopback_engine();
  gateway_script(&server, silence);
  gateway_reset(&server);
  for (size_t i = 0; i < CALLS; i++) {
    probe_init(&calls[i], PX_HTTP_PAID, server.base, PAID_PATH);
    probe_body(&calls[i], PAID_BODY);
    probe_submit(&calls[i], own);
  }
  assert_int_equal(gateway_wait(&server, "posts", CALLS / 2, 5000) >= CALLS / 2, 1);
  px_engine_unref(own);
  for (size_t i = 0; i < CALLS; i++) {
    assert_int_equal(calls[i].ends, 1);
    assert_status(calls[i].outcome.status, PIXAZO_E_CANCELLED);
    probe_done(&calls[i]);
  }
}

typedef struct last_one {
  px_http_call call;
  px_engine *engine;
  int pipe[2];
} last_one;

static void drop_engine(void *user, const px_http_outcome *outcome)
{
  last_one *last = user;
  (void)outcome;
  px_engine_unref(last->engine);
  assert_int_equal(write(last->pipe[1], "x", 1), 1);
}

static void test_cutting__the_last_reference_may_go_on_the_io_thread(void **state)
{
  (void)state;
  last_one last = {.engine = loopback_engine()};
  char url[128];
  char byte;
  gateway_script(&server, "[]");
  (void)snprintf(url, sizeof url, "%s/files/a.png", server.base);
  assert_int_equal(pipe(last.pipe), 0);
  last.call = (px_http_call){.kind = PX_HTTP_POLL, .url = url, .on_done = drop_engine, .user = &last};
  assert_status(px_engine_submit(last.engine, &last.call, NULL), PIXAZO_OK);
  assert_int_equal(read(last.pipe[0], &byte, 1), 1);
  (void)close(last.pipe[0]);
  (void)close(last.pipe[1]);
  (void)usleep(50000); /* the thread ends by itself; the leak checker sees if it did not clean up */
}

static void test_cutting__max_calls_bounds_what_is_on_the_wire(void **state)
{
  enum { CALLS = 12 };
  static probe calls[CALLS];
  px_engine *narrow = NULL;
  px_engine_options options = {.allow_hosts = "127.0.0.1", .max_calls = 3};
  (void)state;
  assert_status(px_engine_new(&options, &narrow, NULL), PIXAZO_OK);
  gateway_script(&server, "[{\"method\":\"POST\",\"delay_ms\":50}]");
  gateway_reset(&server);
  for (size_t i = 0; i < CALLS; i++) {
    probe_init(&calls[i], PX_HTTP_PAID, server.base, PAID_PATH);
    probe_body(&calls[i], PAID_BODY);
    probe_submit(&calls[i], narrow);
  }
  for (size_t i = 0; i < CALLS; i++) {
    assert_true(probe_wait(&calls[i], 10000));
    assert_status(calls[i].outcome.status, PIXAZO_OK);
    probe_done(&calls[i]);
  }
  assert_int_equal(gateway_count(&server, "posts_open_peak"), 3);
  px_engine_unref(narrow);
}

int main(void)
{
#define with_token(test) cmocka_unit_test_setup_teardown(test, make_token, drop_token)
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cutting__a_slow_answer_meets_the_deadline),
      cmocka_unit_test(test_cutting__silence_is_measured_from_the_last_byte),
      cmocka_unit_test(test_cutting__a_token_cuts_within_a_second),
      cmocka_unit_test(test_cutting__px_engine_cancel_cuts_at_once),
      with_token(test_cutting__a_token_set_before_sends_nothing),
      with_token(test_cutting__a_soft_wish_lets_a_sent_call_finish_when_asked_to),
      with_token(test_cutting__a_hard_wish_cuts_it_all_the_same),
      cmocka_unit_test(test_cutting__closing_the_engine_ends_every_call),
      cmocka_unit_test(test_cutting__the_last_reference_may_go_on_the_io_thread),
      cmocka_unit_test(test_cutting__max_calls_bounds_what_is_on_the_wire),
  };
  return cmocka_run_group_tests(tests, loopback_set_up, loopback_tear_down);
}
