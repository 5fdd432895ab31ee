/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/libraries.h"
#include "net/multi.h"
#include "support/gateway.h"

typedef struct scene {
  int epoll;
  px_multi *multi;
  px_http_call call;
  char url[128];
  px_transfer *transfer;
  int resolved, ready, ended;
} scene;

static void on_resolved(void *self, px_transfer *transfer)
{
  (void)transfer;
  ((scene *)self)->resolved++;
}

static void on_ready(void *self, px_transfer *transfer)
{
  (void)transfer;
  ((scene *)self)->ready++;
}

static void on_ended(void *self, px_transfer *transfer, const char *redirect)
{
  (void)transfer;
  assert_null(redirect);
  ((scene *)self)->ended++;
}

static void open_scene(scene *self, const char *base)
{
  *self = (scene){.epoll = epoll_create1(EPOLL_CLOEXEC)};
  px_multi_settings settings = {.epoll = self->epoll,
                                .connect_ms = 5000,
                                .clock = px_clock_system(),
                                .resolved = on_resolved,
                                .ready = on_ready,
                                .ended = on_ended,
                                .self = self};
  assert_status(px_multi_new(&settings, &self->multi, NULL), PIXAZO_OK);
  assert_true(px_multi_due_us(self->multi) == INT64_MAX);
  (void)snprintf(self->url, sizeof self->url, "%s/files/a.png", base);
  self->call = (px_http_call){.kind = PX_HTTP_DOWNLOAD, .url = self->url};
  assert_status(px_transfer_new(&self->call, "127.0.0.1", &self->transfer, NULL), PIXAZO_OK);
  self->transfer->clock = settings.clock;
  assert_status(px_multi_start(self->multi, self->transfer, NULL), PIXAZO_OK);
}

static void close_scene(scene *self)
{
  px_transfer_free(self->transfer);
  px_multi_free(self->multi);
  (void)close(self->epoll);
}

static void drive(scene *self, int turns)
{
  for (int i = 0; i < turns && self->ended == 0; i++) {
    struct epoll_event event;
    px_multi_advance(self->multi);
    if (epoll_wait(self->epoll, &event, 1, 5) == 1)
      px_multi_event(self->multi, event.data.fd, event.events);
  }
}

static void test_multi__brings_an_answer_and_tells_each_step_once(void **state)
{
  scene self;
  gateway server;
  (void)state;
  gateway_start(&server, NULL);
  open_scene(&self, server.base);
  drive(&self, 1000);
  assert_int_equal(self.resolved, 1);
  assert_int_equal(self.ready, 1);
  assert_int_equal(self.ended, 1);
  assert_int_equal(self.transfer->outcome.http_status, 200);
  assert_int_equal(self.transfer->outcome.trouble, PX_TROUBLE_NONE);
  assert_null(self.transfer->easy);
  close_scene(&self);
  gateway_stop(&server);
}

static void test_multi__nobody_there_is_trouble_of_connecting(void **state)
{
  scene self;
  char base[64];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int bound = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* it does not listen, and nobody else can on its port */
  (void)state;
  assert_int_equal(bind(bound, (struct sockaddr *)&address, size), 0);
  assert_int_equal(getsockname(bound, (struct sockaddr *)&address, &size), 0);
  (void)snprintf(base, sizeof base, "http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
  open_scene(&self, base);
  drive(&self, 1000);
  assert_int_equal(self.ended, 1);
  assert_int_equal(self.transfer->outcome.trouble, PX_TROUBLE_CONNECT);
  assert_false(self.transfer->outcome.body_asked);
  close_scene(&self);
  (void)close(bound);
}

static void test_multi__what_is_dropped_does_not_end(void **state)
{
  scene self;
  gateway server;
  (void)state;
  gateway_start(&server, NULL);
  open_scene(&self, server.base);
  px_multi_drop(self.multi, self.transfer);
  px_multi_drop(self.multi, self.transfer);
  drive(&self, 10);
  assert_int_equal(self.ended, 0);
  assert_false(self.transfer->outcome.body_asked);
  close_scene(&self);
  gateway_stop(&server);
}

static void test_multi__names_the_library_and_what_it_speaks(void **state)
{
  (void)state;
  assert_int_equal(strncmp(px_library_http(), "libcurl/", 8), 0);
  assert_int_equal(px_library_http2(), strstr(px_library_http(), "nghttp2/") != NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_multi__brings_an_answer_and_tells_each_step_once),
      cmocka_unit_test(test_multi__nobody_there_is_trouble_of_connecting),
      cmocka_unit_test(test_multi__what_is_dropped_does_not_end),
      cmocka_unit_test(test_multi__names_the_library_and_what_it_speaks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
