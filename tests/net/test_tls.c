/* SPDX-License-Identifier: MIT */
/* TLS with an authority made for the test. */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "probe.h"
#include "support/gateway.h"
#include "support/tmpdir.h"

#define PAID_PATH "/getImage/v1/getSDXLImage"
#define PAID_BODY "{\"prompt\":\"a red fox\"}"

static char *directory;
static char *key_log;
static gateway server;

static int set_up(void **state)
{
  (void)state;
  directory = tmpdir_make();
  key_log = tmpdir_path(directory, "keys");
  if (setenv("SSLKEYLOGFILE", key_log, 1) != 0) /* read when libcurl is initialised: before the first engine */
    return 1;
  gateway_start(&server, (const char *[]){"--make-tls", directory, NULL});
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  gateway_stop(&server);
  free(key_log);
  tmpdir_remove(directory);
  return 0;
}

static px_engine *make_engine(const char *ca_name, uint32_t connect_ms)
{
  px_engine *engine = NULL;
  pixazo_error *error = NULL;
  char *ca_file = ca_name ? tmpdir_path(directory, ca_name) : NULL;
  px_engine_options options = {.allow_hosts = "127.0.0.1, localhost", .ca_file = ca_file, .connect_ms = connect_ms};
  assert_ok(px_engine_new(&options, &engine, &error), error);
  free(ca_file);
  return engine;
}

static void paid(probe *call, const char *base)
{
  probe_init(call, PX_HTTP_PAID, base, PAID_PATH);
  probe_body(call, PAID_BODY);
  call->call.secret_header = "Ocp-Apim-Subscription-Key: test-key-not-real";
  call->call.secret_origin = base;
}

static void test_tls__our_own_authority_is_enough(void **state)
{
  (void)state;
  probe call;
  px_engine *engine = make_engine("ca.pem", 0);
  paid(&call, server.base);
  probe_run(&call, engine);
  assert_string_equal(call.message, "");
  assert_int_equal(call.outcome.http_status, 200);
  assert_int_equal(call.outcome.http_version, 11);
  probe_done(&call);
  px_engine_unref(engine);
}

static void refuses(const char *base, const char *ca_name)
{
  probe call;
  px_engine *engine = make_engine(ca_name, 0);
  paid(&call, base);
  probe_run(&call, engine);
  assert_status(call.outcome.status, PIXAZO_E_NETWORK);
  if (call.outcome.trouble != PX_TROUBLE_TLS)
    fail_msg("trouble %d: %s", call.outcome.trouble, call.message);
  assert_false(call.outcome.body_asked);
  assert_int_equal(call.asked, 0);
  probe_done(&call);
  px_engine_unref(engine);
}

static void test_tls__an_authority_nobody_named_is_refused(void **state)
{
  (void)state;
  gateway_reset(&server);
  refuses(server.base, NULL);
  assert_int_equal(gateway_count(&server, "posts_begun"), 0);
}

static void test_tls__bad_certificates_are_refused_before_any_byte(void **state)
{
  static const char *const names[] = {"expired",   "not-yet",   "other-host", "self-signed",
                                      "other-use", "weak-hash", "weak-key"};
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    char certificate[600], private_key[600];
    gateway bad;
    (void)snprintf(certificate, sizeof certificate, "%s/%s.pem", directory, names[i]);
    (void)snprintf(private_key, sizeof private_key, "%s/%s.key", directory, names[i]);
    gateway_start(&bad, (const char *[]){"--tls", certificate, private_key, NULL});
    refuses(bad.base, "ca.pem");
    assert_int_equal(gateway_count(&bad, "posts_begun"), 0);
    gateway_stop(&bad);
  }
  tell_cases("bad certificates", sizeof names / sizeof names[0]);
}

static void test_tls__a_ca_file_without_a_certificate_trusts_nobody(void **state)
{
  (void)state;
  char *path = tmpdir_path(directory, "empty.pem");
  FILE *file = fopen(path, "we");
  assert_non_null(file);
  assert_int_equal(fclose(file), 0);
  probe call;
  px_engine *engine = make_engine("empty.pem", 0);
  paid(&call, server.base);
  probe_run(&call, engine);
  assert_int_not_equal(call.outcome.status, PIXAZO_OK);
  assert_true(call.outcome.trouble == PX_TROUBLE_TLS || call.outcome.trouble == PX_TROUBLE_LOCAL);
  assert_false(call.outcome.body_asked);
  probe_done(&call);
  px_engine_unref(engine);
  free(path);
}

static void test_tls__a_ca_file_that_cannot_be_read_is_an_error_at_once(void **state)
{
  (void)state;
  px_engine *engine = NULL;
  pixazo_error *error = NULL;
  px_engine_options options = {.ca_file = "/nonexistent/ca.pem"};
  assert_status(px_engine_new(&options, &engine, &error), PIXAZO_E_IO);
  assert_null(engine);
  assert_non_null(strstr(pixazo_error_message(error), "/nonexistent/ca.pem"));
  pixazo_error_free(error);
}

static void test_tls__a_handshake_that_hangs_ends_with_connect_ms(void **state)
{
  (void)state;
  probe call;
  px_engine *engine = make_engine("ca.pem", 300);
  gateway_script(&server, "[{\"at\":\"accept\",\"times\":1,\"drop\":true,\"cut\":\"stall\",\"stall_ms\":3000}]");
  paid(&call, server.base);
  int64_t begun = test_now_ms();
  probe_run(&call, engine);
  assert_true(test_now_ms() - begun < 1500);
  assert_status(call.outcome.status, PIXAZO_E_TIMEOUT);
  assert_false(call.outcome.body_asked);
  probe_done(&call);
  px_engine_unref(engine);
  gateway_script(&server, "[]");
}

static int64_t cpu_us(void)
{
  struct rusage usage;
  (void)getrusage(RUSAGE_SELF, &usage);
  return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}

/* Parsing a system's authorities for every connection would cost 20 ms each. */
static void test_tls__a_fresh_connection_does_not_parse_all_authorities_again(void **state)
{
  enum { CALLS = 20 };
  (void)state;
  px_engine *engine = make_engine("bundle.pem", 0);
  int64_t before = 0;
  for (int i = 0; i <= CALLS; i++) {
    probe call;
    if (i == 1)
      before = cpu_us(); /* the first one parses them */
    paid(&call, server.base);
    probe_run(&call, engine);
    assert_string_equal(call.message, "");
    probe_done(&call);
  }
  int64_t each = (cpu_us() - before) / CALLS;
  if (each > 8000)
    fail_msg("%d us of CPU for each connection", (int)each);
  px_engine_unref(engine);
}

/* TLS writes without MSG_NOSIGNAL: without the mask of the I/O thread this program would end here. */
static void test_tls__a_peer_that_goes_while_we_send_raises_no_signal(void **state)
{
  enum { SIZE = 8000000 };
  (void)state;
  char *body = malloc(SIZE);
  assert_non_null(body);
  memset(body, 'x', SIZE);
  px_engine *engine = make_engine("ca.pem", 0);
  gateway_script(&server, "[{\"at\":\"head\",\"method\":\"POST\",\"delay_ms\":50,\"drop\":true,\"cut\":\"reset\"}]");
  for (int i = 0; i < 5; i++) {
    probe call;
    paid(&call, server.base);
    call.call.body = body;
    call.call.body_size = SIZE;
    probe_run(&call, engine);
    assert_int_not_equal(call.outcome.status, PIXAZO_OK);
    assert_true(call.outcome.body_asked);
    probe_done(&call);
  }
  gateway_script(&server, "[]");
  px_engine_unref(engine);
  free(body);
}

static void test_tls__session_keys_are_not_written_down(void **state)
{
  struct stat facts;
  (void)state;
  test_tls__our_own_authority_is_enough(NULL);
  assert_true(stat(key_log, &facts) != 0 || facts.st_size == 0);
}

static void test_tls__a_cut_without_the_end_of_tls_is_not_a_whole_answer(void **state)
{
  (void)state;
  probe call;
  px_engine *engine = make_engine("ca.pem", 0);
  gateway_script(&server, "[{\"path\":\"/files/*\",\"cut_after\":1000,\"content_length\":\"none\"}]");
  probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
  probe_run(&call, engine);
  assert_false(call.outcome.body_complete && call.outcome.delimited);
  probe_done(&call);
  px_engine_unref(engine);
  gateway_script(&server, "[]");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tls__our_own_authority_is_enough),
      cmocka_unit_test(test_tls__an_authority_nobody_named_is_refused),
      cmocka_unit_test(test_tls__bad_certificates_are_refused_before_any_byte),
      cmocka_unit_test(test_tls__a_ca_file_without_a_certificate_trusts_nobody),
      cmocka_unit_test(test_tls__a_ca_file_that_cannot_be_read_is_an_error_at_once),
      cmocka_unit_test(test_tls__a_handshake_that_hangs_ends_with_connect_ms),
      cmocka_unit_test(test_tls__a_fresh_connection_does_not_parse_all_authorities_again),
      cmocka_unit_test(test_tls__a_peer_that_goes_while_we_send_raises_no_signal),
      cmocka_unit_test(test_tls__session_keys_are_not_written_down),
      cmocka_unit_test(test_tls__a_cut_without_the_end_of_tls_is_not_a_whole_answer),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
