/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "studio/price.h"

/* What is logged about a request for this model; owned; NULL: nothing. Nothing is sent. */
static char *announced(const char *model, bool *said)
{
  pixazo_client_options options;
  pixazo_client *client = NULL;
  pixazo_request *request = NULL;
  pixazo_log *log = NULL;
  char *line = NULL;
  px_autoerror error = NULL;
  pixazo_client_options_init(&options, sizeof options);
  options.api_key = "fake-key-of-a-test";
  options.model = model;
  assert_ok(pixazo_client_new(&options, &client, &error), error);
  assert_ok(pixazo_request_new("a fox", &request, &error), error);
  assert_ok(pixazo_log_new(PIXAZO_LOG_WARNING, NULL, NULL, &log, &error), error);
  *said = px_price_announce(client, request, log);
  pixazo_status status = pixazo_log_next(log, NULL, &line);
  assert_status(status, *said ? PIXAZO_OK : PIXAZO_E_AGAIN);
  assert_false(px_price_announce(client, request, NULL));
  pixazo_log_unref(log);
  pixazo_request_free(request);
  pixazo_client_unref(client);
  return line;
}

static void test_price__a_free_model_says_nothing(void **state)
{
  (void)state;
  bool said = true;
  px_autofree char *line = announced("sdxl", &said);
  assert_false(said);
  assert_null(line);
}

static void test_price__an_unknown_price_is_said(void **state)
{
  (void)state;
  bool said = false;
  px_autofree char *line = announced("sdxl-turbo", &said);
  assert_true(said);
  assert_non_null(line);
  assert_non_null(strstr(line, "pixazo/sdxl-turbo"));
  assert_non_null(strstr(line, "its price is not known"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_price__a_free_model_says_nothing),
      cmocka_unit_test(test_price__an_unknown_price_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
