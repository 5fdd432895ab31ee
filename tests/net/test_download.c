/* SPDX-License-Identifier: MIT */
/* Downloads go where they may, and nowhere else; nothing of ours goes with them. */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loopback.h"

static void fetch_under(probe *call, const char *script)
{
  gateway_script(&server, script);
  gateway_reset(&server);
  probe_init(call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
  probe_run(call, engine);
}

static void test_download__brings_the_bytes_home(void **state)
{
  (void)state;
  probe call;
  fetch_under(&call, "[]");
  assert_string_equal(call.message, "");
  assert_status(call.outcome.status, PIXAZO_OK);
  assert_true(call.size > 10000 && call.outcome.received == call.size);
  assert_memory_equal(call.body, "\x89PNG", 4);
  assert_string_equal(call.outcome.content_type, "image/png");
  assert_int_equal(call.outcome.redirects, 0);
  probe_done(&call);
}

static void test_download__follows_redirects_and_takes_the_last_body_only(void **state)
{
  (void)state;
  probe call;
  fetch_under(&call, "[{\"path\":\"/files/a.png\",\"redirect\":\"b.png\",\"body\":\"moved\"},"
                     "{\"path\":\"/files/b.png\",\"redirect\":\"{{base}}/files/c.png\",\"status\":308}]");
  assert_string_equal(call.message, "");
  assert_status(call.outcome.status, PIXAZO_OK);
  assert_int_equal(call.outcome.redirects, 2);
  assert_int_equal(call.heads, 1);
  assert_memory_equal(call.body, "\x89PNG", 4);
  assert_int_equal(gateway_count(&server, "downloads"), 3);
  probe_done(&call);
}

static void test_download__gives_up_after_five_redirects(void **state)
{
  (void)state;
  probe call;
  fetch_under(&call, "[{\"path\":\"/files/*\",\"redirect\":\"/files/a.png\"}]");
  assert_status(call.outcome.status, PIXAZO_E_LIMIT);
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_LIMIT);
  assert_int_equal(gateway_count(&server, "downloads"), 6);
  assert_int_equal(call.heads, 0);
  probe_done(&call);
}

static void test_download__each_hop_passes_the_guard(void **state)
{
  static const char *const targets[] = {"http://169.254.169.254/latest/",
                                        "http://10.0.0.1/",
                                        "https://10.0.0.1/",
                                        "https://[::1]/",
                                        "https://[fd00::1]/",
                                        "https://0x0a.1/",
                                        "https://167772161/",
                                        "file:///etc/passwd",
                                        "ftp://example.com/",
                                        "gopher://127.0.0.1/",
                                        "http://example.com/",
                                        "https://user:pw@example.com/",
                                        "//10.0.0.1/a",
                                        "https://[::ffff:10.0.0.1]/"};
  (void)state;
  for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
    char script[200];
    (void)snprintf(script, sizeof script, "[{\"path\":\"/files/*\",\"redirect\":\"%s\"}]", targets[i]);
    probe call;
    fetch_under(&call, script);
    if (call.outcome.status != PIXAZO_E_NETWORK || call.outcome.trouble != PX_TROUBLE_GUARD)
      fail_msg("%s: trouble %d, %s", targets[i], call.outcome.trouble, call.message);
    assert_int_equal(gateway_count(&server, "downloads"), 1);
    assert_null(strstr(call.message, "pw"));
    probe_done(&call);
  }
  tell_cases("redirects to where nobody may go", sizeof targets / sizeof targets[0]);
}

static void test_download__a_redirect_to_a_host_that_is_not_listed_never_connects(void **state)
{
  gateway other;
  char script[200];
  probe call;
  (void)state;
  gateway_start(&other, NULL);
  px_engine *strict = NULL;
  char allow[64];
  (void)snprintf(allow, sizeof allow, "127.0.0.1:%u", (unsigned)server.port);
  px_engine_options options = {.allow_hosts = allow};
  assert_status(px_engine_new(&options, &strict, NULL), PIXAZO_OK);
  (void)snprintf(script, sizeof script, "[{\"path\":\"/files/*\",\"redirect\":\"%s/files/b.png\"}]", other.base);
  gateway_script(&server, script);
  probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
  probe_run(&call, strict);
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_GUARD);
  assert_int_equal(gateway_count(&other, "downloads"), 0);
  probe_done(&call);
  px_engine_unref(strict);
  gateway_stop(&other);
}

static void test_download__what_was_meant_for_the_first_host_stays_there(void **state)
{
  static const char *const headers[] = {"X-Session: not-for-strangers"};
  probe call;
  (void)state;
  gateway_script(&server,
                 "[{\"path\":\"/files/a.png\",\"headers\":{\"Set-Cookie\":\"crumb=1\"},\"redirect\":\"/files/b.png\"}]");
  gateway_reset(&server);
  probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
  call.call.headers = headers;
  call.call.header_count = 1;
  probe_run(&call, engine);
  assert_status(call.outcome.status, PIXAZO_OK);
  char *seen = gateway_page(&server, "requests");
  const char *first = strstr(seen, "not-for-strangers");
  assert_non_null(first);
  assert_null(strstr(first + 1, "not-for-strangers"));
  assert_null(strstr(seen, "crumb"));
  assert_null(strstr(seen, "Referer"));
  assert_null(strstr(seen, "Accept-Encoding"));
  free(seen);
  probe_done(&call);
}

static void test_download__carries_no_key_and_no_body(void **state)
{
  pixazo_error *error = NULL;
  probe call;
  (void)state;
  probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
  call.call.secret_header = "X-Key: not-a-real-key";
  assert_status(px_engine_submit(engine, &call.call, &error), PIXAZO_E_ARGUMENT);
  pixazo_error_free(error);
  call.call.secret_header = NULL;
  call.call.body = "x";
  assert_status(px_engine_submit(engine, &call.call, NULL), PIXAZO_E_ARGUMENT);
  probe_done(&call);
}

static void test_download__the_byte_cap_holds_without_a_length(void **state)
{
  static const char *const endless[] = {
      "[{\"path\":\"/files/*\",\"endless_body\":true}]",
      "[{\"path\":\"/files/*\",\"chunked\":\"yes\"}]",
      "[{\"path\":\"/files/*\",\"content_length\":\"none\"}]",
  };
  (void)state;
  for (size_t i = 0; i < sizeof endless / sizeof endless[0]; i++) {
    probe call;
    gateway_script(&server, endless[i]);
    probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
    call.call.max_bytes = 20000;
    probe_run(&call, engine);
    if (call.outcome.trouble != PX_TROUBLE_LIMIT)
      fail_msg("%s: trouble %d, %s", endless[i], call.outcome.trouble, call.message);
    assert_status(call.outcome.status, PIXAZO_E_LIMIT);
    assert_true(call.size <= 20000);
    assert_false(call.outcome.body_complete);
    probe_done(&call);
  }
  tell_cases("bodies without end or length", sizeof endless / sizeof endless[0]);
}

static void test_download__an_announced_size_over_the_cap_is_refused_at_the_head(void **state)
{
  probe call;
  (void)state;
  gateway_script(&server, "[]");
  probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
  call.call.max_bytes = 100;
  probe_run(&call, engine);
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_LIMIT);
  assert_int_equal(call.heads, 0);
  assert_int_equal(call.size, 0);
  probe_done(&call);
}

static void test_download__a_redirect_with_an_endless_body_is_cut(void **state)
{
  probe call;
  (void)state;
  fetch_under(&call, "[{\"path\":\"/files/a.png\",\"redirect\":\"/files/b.png\",\"endless_body\":true}]");
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_LIMIT);
  assert_int_equal(call.size, 0);
  probe_done(&call);
}

static void test_download__connections_are_kept(void **state)
{
  (void)state;
  gateway_script(&server, "[]");
  gateway_reset(&server);
  for (int i = 0; i < 5; i++) {
    probe call;
    probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
    probe_run(&call, engine);
    assert_status(call.outcome.status, PIXAZO_OK);
    probe_done(&call);
  }
  assert_true(gateway_count(&server, "connections") <= 1);
}

/* libcurl counts busy connections against those it may keep: with many calls under way it would keep none. */
static void test_download__connections_are_kept_beside_many_busy_ones(void **state)
{
  enum { BUSY = 80, FETCHES = 5 };
  static probe busy[BUSY];
  px_engine *fresh = loopback_engine();
  (void)state;
  gateway_script(&server, "[{\"path\":\"/files/busy.png\",\"drop\":true,\"cut\":\"stall\"}]");
  gateway_reset(&server);
  for (int i = 0; i < BUSY; i++) {
    probe_init(&busy[i], PX_HTTP_DOWNLOAD, server.base, "/files/busy.png");
    probe_submit(&busy[i], fresh);
  }
  assert_int_equal(gateway_wait(&server, "connections", BUSY, 5000), BUSY);
  for (int i = 0; i < FETCHES; i++) {
    probe call;
    probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
    probe_run(&call, fresh);
    assert_status(call.outcome.status, PIXAZO_OK);
    probe_done(&call);
  }
  assert_int_equal(gateway_count(&server, "connections"), BUSY + 1);
  px_engine_unref(fresh);
  for (int i = 0; i < BUSY; i++)
    probe_done(&busy[i]);
}

static void test_download__a_kept_connection_that_died_is_made_anew(void **state)
{
  (void)state;
  px_engine *fresh = loopback_engine();
  gateway_script(&server, "[{\"path\":\"/files/*\",\"on_connection\":2,\"drop\":true}]");
  for (int i = 0; i < 2; i++) {
    probe call;
    probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
    probe_run(&call, fresh);
    assert_status(call.outcome.status, PIXAZO_OK);
    probe_done(&call);
  }
  px_engine_unref(fresh);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_download__brings_the_bytes_home),
      cmocka_unit_test(test_download__follows_redirects_and_takes_the_last_body_only),
      cmocka_unit_test(test_download__gives_up_after_five_redirects),
      cmocka_unit_test(test_download__each_hop_passes_the_guard),
      cmocka_unit_test(test_download__a_redirect_to_a_host_that_is_not_listed_never_connects),
      cmocka_unit_test(test_download__what_was_meant_for_the_first_host_stays_there),
      cmocka_unit_test(test_download__carries_no_key_and_no_body),
      cmocka_unit_test(test_download__the_byte_cap_holds_without_a_length),
      cmocka_unit_test(test_download__an_announced_size_over_the_cap_is_refused_at_the_head),
      cmocka_unit_test(test_download__a_redirect_with_an_endless_body_is_cut),
      cmocka_unit_test(test_download__connections_are_kept),
      cmocka_unit_test(test_download__connections_are_kept_beside_many_busy_ones),
      cmocka_unit_test(test_download__a_kept_connection_that_died_is_made_anew),
  };
  return cmocka_run_group_tests(tests, loopback_set_up, loopback_tear_down);
}
