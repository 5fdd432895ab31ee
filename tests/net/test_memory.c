/* SPDX-License-Identifier: MIT */
/* Every allocation of ours fails once: the call ends with E_NOMEM or goes well, nothing leaks, nothing hangs. */
#include "support/testing.h"

#include <stdio.h>

#include "net/engine.h"
#include "support/gateway.h"
#include "support/torture.h"

static gateway server;

static int set_up(void **state)
{
  (void)state;
  gateway_start(&server, NULL);
  gateway_script(&server, "[{\"path\":\"/files/a.png\",\"redirect\":\"/files/b.png\"}]");
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  gateway_stop(&server);
  return 0;
}

static bool look(void *user, int http_status, const px_http_headers *headers)
{
  (void)user;
  return http_status != 200 || px_http_header(headers, "Content-Type") != NULL;
}

static pixazo_status one_call(int kind, const char *path, pixazo_error **error)
{
  char url[128];
  px_engine *engine = NULL;
  px_engine_options options = {.allow_hosts = "127.0.0.1,localhost"};
  (void)snprintf(url, sizeof url, "http://localhost:%u%s", (unsigned)server.port, path);
  px_http_call call = {.kind = kind, .url = url, .total_ms = 20000, .on_head = look};
  pixazo_status status = px_engine_new(&options, &engine, error);
  if (status == PIXAZO_OK)
    status = px_engine_perform(engine, &call, error);
  px_engine_unref(engine);
  return status;
}

static pixazo_status download(void *user_data, pixazo_error **error)
{
  (void)user_data;
  return one_call(PX_HTTP_DOWNLOAD, "/files/a.png", error);
}

static pixazo_status paid(void *user_data, pixazo_error **error)
{
  (void)user_data;
  return one_call(PX_HTTP_PAID, "/files/b.png", error);
}

static void test_memory__a_download_with_a_redirect(void **state)
{
  (void)state;
  assert_true(torture_run("download", download, NULL, 1) >= 10);
}

static void test_memory__a_paid_call(void **state)
{
  (void)state;
  assert_true(torture_run("paid", paid, NULL, 1) >= 8);
}

int main(void)
{
  torture_install();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_memory__a_download_with_a_redirect),
      cmocka_unit_test(test_memory__a_paid_call),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
