/* SPDX-License-Identifier: MIT */
/* HTTP/2: nghttpx stands in front of the gateway. */
#include "support/testing.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"
#include "support/gateway.h"
#include "support/tmpdir.h"
#include "trusted.h"

#define PAID_PATH "/getImage/v1/getSDXLImage"

enum { EXIT_SKIPPED = 77 };

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

typedef struct front {
  pid_t pid;
  uint16_t port;
  char base[64];
} front;

/* The port is bound from here on, so that no other program can take it; clients wait in its queue for the proxy. */
static int listen_anywhere(uint16_t *port)
{
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(descriptor, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(getsockname(descriptor, (struct sockaddr *)&address, &size), 0);
  assert_int_equal(listen(descriptor, 128), 0);
  *port = ntohs(address.sin_port);
  return descriptor;
}

static void front_start(front *self, const gateway *back)
{
  char *certificate = tmpdir_path(directory, "server.pem");
  char *private_key = tmpdir_path(directory, "server.key");
  char frontend[64], backend[64], handed[32];
  int listener = listen_anywhere(&self->port);
  (void)snprintf(self->base, sizeof self->base, "https://127.0.0.1:%u", (unsigned)self->port);
  (void)snprintf(frontend, sizeof frontend, "--frontend=127.0.0.1,%u", (unsigned)self->port);
  (void)snprintf(backend, sizeof backend, "--backend=127.0.0.1,%u", (unsigned)back->port);
  (void)snprintf(handed, sizeof handed, "tcp,%d", listener); /* as one nghttpx hands its sockets to the next */
  self->pid = fork();
  assert_true(self->pid >= 0);
  if (self->pid == 0) {
    (void)fcntl(listener, F_SETFD, 0);
    (void)setenv("NGHTTPX_ACCEPT_1", handed, 1);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* a test that fails must not leave it behind */
    (void)execlp("nghttpx", "nghttpx", "--conf=/dev/null", "--workers=1", "--errorlog-file=/dev/null",
                 "--accesslog-file=/dev/null", frontend, backend, private_key, certificate, (char *)NULL);
    _exit(127);
  }
  (void)close(listener);
  free(certificate);
  free(private_key);
}

static void front_stop(front *self)
{
  (void)kill(self->pid, SIGKILL);
  (void)waitpid(self->pid, NULL, 0);
}

static void test_http2__carries_polls_and_downloads_but_no_paid_call(void **state)
{
  enum { CALLS = 30 };
  static probe calls[CALLS];
  gateway back;
  front proxy;
  probe call;
  (void)state;
  gateway_start(&back, NULL);
  front_start(&proxy, &back);
  px_engine *engine = trusted_engine(directory);
  for (int i = 0; i < CALLS; i++) {
    probe_init(&calls[i], i % 2 ? PX_HTTP_DOWNLOAD : PX_HTTP_POLL, proxy.base, "/files/a.png");
    probe_submit(&calls[i], engine);
  }
  for (int i = 0; i < CALLS; i++) {
    assert_true(probe_wait(&calls[i], 10000));
    assert_string_equal(calls[i].message, "");
    assert_int_equal(calls[i].outcome.http_version, 20);
    assert_true(calls[i].outcome.body_complete && calls[i].outcome.delimited);
    assert_int_equal(calls[i].size, calls[0].size);
    probe_done(&calls[i]);
  }
  probe_init(&call, PX_HTTP_PAID, proxy.base, PAID_PATH);
  probe_body(&call, "{\"prompt\":\"a red fox\"}");
  call.call.secret_header = "Ocp-Apim-Subscription-Key: test-key-not-real";
  call.call.secret_origin = proxy.base;
  probe_run(&call, engine);
  assert_string_equal(call.message, "");
  assert_int_equal(call.outcome.http_version, 11);
  assert_int_equal(call.outcome.http_status, 200);
  assert_int_equal(gateway_count(&back, "posts"), 1);
  probe_done(&call);
  px_engine_unref(engine);
  front_stop(&proxy);
  gateway_stop(&back);
}

static void test_http2__a_stream_that_is_reset_is_not_a_whole_answer(void **state)
{
  gateway back;
  front proxy;
  probe call;
  (void)state;
  gateway_start(&back, NULL);
  front_start(&proxy, &back);
  px_engine *engine = trusted_engine(directory);
  gateway_script(&back, "[{\"path\":\"/files/*\",\"cut_after\":1000,\"cut\":\"reset\"}]");
  probe_init(&call, PX_HTTP_DOWNLOAD, proxy.base, "/files/a.png");
  probe_run(&call, engine);
  assert_status(call.outcome.status, PIXAZO_E_NETWORK);
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_TRANSFER);
  assert_false(call.outcome.body_complete);
  probe_done(&call);
  px_engine_unref(engine);
  front_stop(&proxy);
  gateway_stop(&back);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_http2__carries_polls_and_downloads_but_no_paid_call),
      cmocka_unit_test(test_http2__a_stream_that_is_reset_is_not_a_whole_answer),
  };
  if (system("command -v nghttpx >/dev/null 2>&1") != 0)
    return EXIT_SKIPPED;
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
