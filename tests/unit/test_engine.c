/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "net/probe.h"
#include "support/gateway.h"

static gateway server;

static int set_up(void **state)
{
  (void)state;
  gateway_start(&server, NULL);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  gateway_stop(&server);
  return 0;
}

static void test_engine__what_is_refused_at_once_runs_no_hook(void **state)
{
  static const struct {
    const char *url;
    pixazo_status status;
  } cases[] = {
      {"nonsense", PIXAZO_E_ARGUMENT}, {"ftp://127.0.0.1/", PIXAZO_E_ARGUMENT}, {"http://10.0.0.1/", PIXAZO_E_NETWORK}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    probe call;
    px_engine *engine = loopback_engine();
    probe_init(&call, PX_HTTP_POLL, cases[i].url, "");
    assert_status(px_engine_submit(engine, &call.call, NULL), cases[i].status);
    assert_null(call.call.transfer);
    px_engine_unref(engine);
    assert_int_equal(call.heads + call.asked + call.ends, 0);
    probe_done(&call);
  }
}

static void test_engine__the_last_reference_cuts_what_is_in_flight(void **state)
{
  probe calls[3];
  px_engine *engine = loopback_engine();
  (void)state;
  gateway_script(&server, "[{\"path\":\"/files/*\",\"drop\":true,\"cut\":\"stall\"}]");
  for (int i = 0; i < 3; i++) {
    probe_init(&calls[i], PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
    probe_submit(&calls[i], engine);
  }
  px_engine_unref(px_engine_ref(engine)); /* not the last one */
  assert_int_equal(calls[0].ends, 0);
  int64_t begun = test_now_ms();
  px_engine_unref(engine);
  assert_true(test_now_ms() - begun < 3000);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(calls[i].ends, 1);
    assert_status(calls[i].outcome.status, PIXAZO_E_CANCELLED);
    assert_int_equal(calls[i].outcome.trouble, PX_TROUBLE_CANCEL);
    probe_done(&calls[i]);
  }
}

static void test_engine__perform_gives_status_and_words_to_who_waits(void **state)
{
  probe call;
  pixazo_error *error = NULL;
  px_engine *engine = loopback_engine();
  (void)state;
  gateway_script(&server, "[]");
  probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
  assert_ok(px_engine_perform(engine, &call.call, &error), error);
  assert_int_equal(call.ends, 1);
  assert_int_equal(call.outcome.http_status, 200);
  assert_true(call.outcome.started_us > 0 && call.outcome.started_us <= call.outcome.first_byte_us);
  assert_true(call.outcome.first_byte_us <= call.outcome.ended_us);
  probe_done(&call);
  probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
  call.call.max_bytes = 100;
  assert_status(px_engine_perform(engine, &call.call, &error), PIXAZO_E_LIMIT);
  assert_string_equal(pixazo_error_message(error), call.message);
  assert_true(strlen(call.message) > 0);
  pixazo_error_free(error);
  probe_done(&call);
  px_engine_unref(engine);
}

static void test_engine__cancels_one_call_and_leaves_the_other(void **state)
{
  probe first, second;
  px_engine *engine = loopback_engine();
  (void)state;
  gateway_script(&server, "[{\"path\":\"/files/*\",\"delay_ms\":1500}]");
  probe_init(&first, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
  probe_init(&second, PX_HTTP_DOWNLOAD, server.base, "/files/b.png");
  probe_submit(&first, engine);
  probe_submit(&second, engine);
  px_engine_cancel(engine, &first.call);
  assert_true(probe_wait(&first, 5000));
  assert_true(probe_wait(&second, 5000));
  assert_status(first.outcome.status, PIXAZO_E_CANCELLED);
  assert_status(second.outcome.status, PIXAZO_OK);
  px_engine_cancel(engine, &first.call); /* has run: nothing */
  px_engine_unref(engine);
  assert_int_equal(first.ends, 1);
  probe_done(&first);
  probe_done(&second);
}

static void test_engine__a_ca_file_that_cannot_be_read_is_said_at_the_start(void **state)
{
  px_engine *engine = NULL;
  px_engine_options options = {.ca_file = "/nowhere/ca.pem"};
  pixazo_error *error = NULL;
  (void)state;
  assert_status(px_engine_new(&options, &engine, &error), PIXAZO_E_IO);
  assert_null(engine);
  assert_non_null(strstr(pixazo_error_message(error), "/nowhere/ca.pem"));
  pixazo_error_free(error);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_engine__what_is_refused_at_once_runs_no_hook),
      cmocka_unit_test(test_engine__the_last_reference_cuts_what_is_in_flight),
      cmocka_unit_test(test_engine__perform_gives_status_and_words_to_who_waits),
      cmocka_unit_test(test_engine__cancels_one_call_and_leaves_the_other),
      cmocka_unit_test(test_engine__a_ca_file_that_cannot_be_read_is_said_at_the_start),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
