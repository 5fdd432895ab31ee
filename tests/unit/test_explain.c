/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "support/client_kit.h"

typedef struct scene {
  pixazo_client *client;
  px_plan *plan;
  px_outcome *outcome;
} scene;

static int begin(void **state)
{
  static scene self;
  self = (scene){.client = kit_client("pixazo", NULL)};
  self.plan = kit_plan(self.client, "{\"prompt\":\"a red fox\",\"model\":\"sdxl-turbo\"}");
  *state = &self;
  return 0;
}

static int end(void **state)
{
  scene *self = *state;
  px_outcome_free(self->outcome);
  px_plan_unref(self->plan);
  (void)pixazo_client_unref(self->client);
  return 0;
}

/* What is said of this reply. */
static const char *explain(scene *self, kit_reply reply)
{
  px_outcome_free(self->outcome);
  self->outcome = kit_judge(self->client, self->plan, &reply);
  return pixazo_error_message(self->outcome->error);
}

static void test_explain__says_what_where_why_and_the_cost(void **state)
{
  scene *self = *state;
  assert_string_equal(explain(self, (kit_reply){.status = 400, .body = "{\"message\":\"bad width\"}"}),
                      "the provider refused the call — pixazo/sdxl-turbo — HTTP 400: bad width — not charged");
  assert_string_equal(pixazo_error_hint(self->outcome->error), "correct the parameters the provider names");
  assert_string_equal(explain(self, (kit_reply){.status = 500, .body = "{\"message\":\"oops\"}"}),
                      "the call was sent and its outcome is unknown — pixazo/sdxl-turbo — HTTP 500: oops — may be charged, "
                      "at an unknown price");
  assert_int_equal(pixazo_error_http_status(self->outcome->error), 500);
}

static void test_explain__a_wrong_place_is_told_from_wrong_words(void **state)
{
  scene *self = *state;
  (void)explain(self, (kit_reply){.status = 404, .body = "{\"message\":\"Resource not found\"}"});
  assert_status(pixazo_error_status(self->outcome->error), PIXAZO_E_PROVIDER);
  assert_string_equal(pixazo_error_hint(self->outcome->error), "check the base URL and the model's name");
  const char *message =
      explain(self, (kit_reply){.status = 302, .body = "", .header = "redirect-host", .value = "elsewhere.test"});
  assert_non_null(strstr(message, "a redirect to elsewhere.test, which is not followed"));
}

static void test_explain__what_was_refused_here_keeps_its_own_hint(void **state)
{
  (void)state;
  pixazo_client_options options;
  pixazo_client *client = NULL;
  pixazo_request *request = NULL;
  pixazo_generation *record = NULL;
  px_autoerror error = NULL;
  pixazo_client_options_init(&options, sizeof options);
  options.provider = "pixazo";
  options.model = "sdxl";
  options.api_key = kit_key;
  options.base_url = "http://127.0.0.1:9";
  options.allow_hosts = "gateway.test"; /* another one */
  assert_ok(pixazo_client_new(&options, &client, &error), error);
  assert_ok(pixazo_request_new("a red fox", &request, &error), error);
  assert_status(pixazo_client_generate(client, request, NULL, &record, &error), PIXAZO_E_NETWORK);
  assert_non_null(strstr(pixazo_error_message(error), "not among the allowed hosts"));
  assert_string_equal(pixazo_error_hint(error), "name the host in allow_hosts if it is yours");
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
}

static void test_explain__never_repeats_the_key(void **state)
{
  char body[256];
  (void)snprintf(body, sizeof body, "{\"code\":\"%s\",\"message\":\"key %s is not known\"}", kit_key, kit_key);
  scene *self = *state;
  const char *message = explain(self, (kit_reply){.status = 401, .body = body});
  assert_status(pixazo_error_status(self->outcome->error), PIXAZO_E_AUTH);
  assert_null(strstr(message, kit_key));
  assert_non_null(strstr(message, "is not known"));
  const char *code = pixazo_error_provider_code(self->outcome->error);
  assert_null(code ? strstr(code, kit_key) : NULL);
}

static void test_explain__a_long_reason_does_not_hide_the_cost(void **state)
{
  char words[2000];
  char body[2100];
  for (size_t i = 0; i < sizeof words - 1; i++)
    words[i] = "word "[i % 5];
  words[sizeof words - 1] = '\0';
  (void)snprintf(body, sizeof body, "{\"message\":\"%s\"}", words);
  const char *message = explain(*state, (kit_reply){.status = 400, .body = body});
  assert_true(strlen(message) <= 512);
  assert_non_null(strstr(message, "word word word"));
  assert_string_equal(message + strlen(message) - strlen("not charged"), "not charged");
}

static void test_explain__a_throttle_is_no_quota(void **state)
{
  scene *self = *state;
  (void)explain(self,
                (kit_reply){.status = 429, .body = "{\"message\":\"slow down\"}", .header = "retry-after", .value = "2"});
  assert_status(pixazo_error_status(self->outcome->error), PIXAZO_E_THROTTLED);
  (void)explain(self, (kit_reply){.status = 402, .body = "{\"message\":\"insufficient balance\"}"});
  assert_status(pixazo_error_status(self->outcome->error), PIXAZO_E_QUOTA);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_explain__says_what_where_why_and_the_cost, begin, end),
      cmocka_unit_test_setup_teardown(test_explain__a_wrong_place_is_told_from_wrong_words, begin, end),
      cmocka_unit_test(test_explain__what_was_refused_here_keeps_its_own_hint),
      cmocka_unit_test_setup_teardown(test_explain__never_repeats_the_key, begin, end),
      cmocka_unit_test_setup_teardown(test_explain__a_long_reason_does_not_hide_the_cost, begin, end),
      cmocka_unit_test_setup_teardown(test_explain__a_throttle_is_no_quota, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
