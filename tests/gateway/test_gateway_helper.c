/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/gateway.h"
#include "support/tmpdir.h"

static void post(const gateway *server)
{
  static const char request[] = "POST /flux-1-schnell/v1/getData HTTP/1.1\r\nOcp-Apim-Subscription-Key: fake-key\r\n"
                                "Connection: close\r\nContent-Length: 14\r\n\r\n{\"prompt\":\"p\"}";
  char answer[4096];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(server->port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(connect(descriptor, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(send(descriptor, request, sizeof request - 1, MSG_NOSIGNAL), sizeof request - 1);
  while (recv(descriptor, answer, sizeof answer, 0) > 0)
    ;
  (void)close(descriptor);
}

static void test_helper__starts_scripts_counts_and_stops(void **state)
{
  (void)state;
  gateway server;
  gateway_start(&server, (const char *const[]){"--polls", "0", NULL});
  pid_t pid = server.pid;
  assert_memory_equal(server.base, "http://127.0.0.1:", 17);
  gateway_script(&server, "[{\"times\":1,\"answer\":\"balance\"}]");
  post(&server);
  post(&server);
  assert_int_equal(gateway_wait(&server, "posts_answered", 2, 5000), 2);
  assert_int_equal(gateway_count(&server, "posts_answered_200"), 1);
  assert_int_equal(gateway_posts(&server, "/flux-1-schnell/v1/getData"), 2);
  assert_int_equal(gateway_posts(&server, "/other"), 0);
  char *used = gateway_page(&server, "rules");
  assert_string_equal(used, "{\"used\":[1]}\n");
  free(used);
  size_t size = 0;
  char *body = gateway_body(&server, 1, &size);
  assert_int_equal(size, 14);
  assert_string_equal(body, "{\"prompt\":\"p\"}");
  free(body);
  gateway_reset(&server);
  assert_int_equal(gateway_count(&server, "posts"), 0);
  gateway_stop(&server);
  assert_int_equal(kill(pid, 0), -1);
  gateway_stop(&server);
}

static void test_helper__scripts_a_gateway_that_serves_tls(void **state)
{
  (void)state;
  gateway server;
  char *directory = tmpdir_make();
  gateway_start(&server, (const char *const[]){"--make-tls", directory, NULL});
  assert_memory_equal(server.base, "https://127.0.0.1:", 18);
  gateway_script(&server, "[]");
  post(&server); /* plain HTTP to a TLS server */
  assert_int_equal(gateway_wait(&server, "bad_requests", 1, 5000), 1);
  assert_int_equal(gateway_count(&server, "posts"), 0);
  gateway_stop(&server);
  tmpdir_remove(directory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_helper__starts_scripts_counts_and_stops),
      cmocka_unit_test(test_helper__scripts_a_gateway_that_serves_tls),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
