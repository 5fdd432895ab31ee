/* SPDX-License-Identifier: MIT */
/* Every allocation between a request and its record fails once. */
#include "support/testing.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pixazo/client.h>
#include <pixazo/memory.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/record.h"
#include "client/steps.h"
#include "support/torture.h"

static size_t parts_seen;  /* records of generate_many that were not whole */
static int32_t calls_seen; /* the most that one of them took */

static const char request_json[] =
    "{\"prompt\":\"p\",\"negative_prompt\":\"n\",\"model\":\"gpt-image-2\",\"width\":1500,\"n\":3,"
    "\"idempotency_key\":\"k\",\"THEME\":\"t\",\"provider_options\":{\"a\":[1]}}";

static pixazo_status with_request(pixazo_client *client, const char *json, px_plan ***plans, size_t *count,
                                  pixazo_error **error)
{
  pixazo_request *request = NULL;
  PX_TRY(pixazo_request_new_from_json(json, &request, error));
  pixazo_status status = px_client_plan(client, request, plans, count, error);
  pixazo_request_free(request);
  return status;
}

static pixazo_status plan_and_again(void *user_data, pixazo_error **error)
{
  px_plan **plans = NULL;
  size_t count = 0;
  PX_TRY(with_request(user_data, request_json, &plans, &count, error));
  pixazo_generation *record = px_generation_new();
  const px_plan_facts *facts = px_plan_get(plans[0]);
  px_plan *again = NULL;
  bool fine = record && px_record_set(&record->provider, facts->provider) && px_record_set(&record->model, facts->model) &&
              px_record_set(&record->prompt, facts->prompt) && px_record_set(&record->effective_json, facts->effective_json);
  pixazo_status status = fine ? px_client_plan_again(user_data, record, &again, error) : px_fail_nomem(error);
  px_plan_unref(again);
  pixazo_generation_free(record);
  for (size_t i = 0; i < count; i++)
    px_plan_unref(plans[i]);
  px_free(plans);
  return status;
}

static pixazo_status write_answer(int descriptor, const char *status_text, const char *body, pixazo_error **error)
{
  px_auto(px_answer_writer) writer = {0};
  PX_TRY(px_answer_writer_init(&writer, descriptor, error));
  PX_TRY(px_answer_writer_set(&writer, "status", status_text, error));
  PX_TRY(px_answer_writer_set(&writer, "request-id", "r-1", error));
  PX_TRY(px_answer_writer_body(&writer, body, strlen(body), error));
  return px_answer_writer_finish(&writer, error);
}

static pixazo_status judge_one(pixazo_client *client, const px_plan *plan, const char *status_text, const char *body,
                               pixazo_error **error)
{
  px_autoclose int descriptor = memfd_create("answer", MFD_CLOEXEC);
  px_auto(px_answer) answer = PX_ANSWER_INIT;
  px_outcome *outcome = NULL;
  px_evidence evidence = {.body_asked = true, .head_complete = true, .body_complete = true};
  PX_TRY(write_answer(descriptor, status_text, body, error));
  PX_TRY(px_answer_read(&answer, descriptor, error));
  PX_TRY(px_client_judge(client, plan, &evidence, &answer, &outcome, error));
  /* an error that could not be formed says so, and the outcome still stands */
  bool formed = !outcome->error || pixazo_error_status(outcome->error) != PIXAZO_E_NOMEM;
  px_outcome_free(outcome);
  return formed ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status judge_answers(void *user_data, pixazo_error **error)
{
  static const char *const answers[][2] = {
      {"200", "{\"data\":[{\"url\":\"https://x.test/a.png\",\"revised_prompt\":\"r\"},{\"url\":\"https://x.test/b.png\"}]}"},
      {"202", "{\"request_id\":\"r-1\",\"status\":\"QUEUED\",\"polling_url\":\"https://gateway.pixazo.ai/v2/requests/status/"
              "r-1\"}"},
      {"500", "{\"error\":{\"code\":\"c\",\"message\":\"m\"}}"},
      {"200", "\x89PNG\r\n\x1A\n"},
      {"403", "<html>Just a moment...</html>"},
  };
  px_plan **plans = NULL;
  size_t count = 0;
  pixazo_status status = with_request(user_data, "{\"prompt\":\"p\",\"model\":\"gpt-image-2\"}", &plans, &count, error);
  for (size_t i = 0; status == PIXAZO_OK && i < PX_ARRAY_SIZE(answers); i++)
    status = judge_one(user_data, plans[0], answers[i][0], answers[i][1], error);
  for (size_t i = 0; i < count; i++)
    px_plan_unref(plans[i]);
  px_free(plans);
  return status;
}

static pixazo_status describe(void *user_data, pixazo_error **error)
{
  pixazo_request *request = NULL;
  char *catalogue = NULL;
  char *estimate = NULL;
  PX_TRY(pixazo_providers_to_json(&catalogue, error));
  pixazo_free(catalogue);
  PX_TRY(pixazo_request_new_from_json(request_json, &request, error));
  pixazo_status status = pixazo_client_estimate(user_data, request, &estimate, error);
  pixazo_free(estimate);
  pixazo_request_free(request);
  return status;
}

static pixazo_status generate_offline(void *user_data, pixazo_error **error)
{
  pixazo_request *request = NULL;
  pixazo_generation *record = NULL;
  char *json = NULL;
  PX_TRY(pixazo_request_new_from_json("{\"prompt\":\"p\",\"model\":\"offline\",\"width\":16,\"height\":16,\"n\":2}",
                                      &request, error));
  pixazo_status status = pixazo_client_generate(user_data, request, NULL, &record, error);
  if (status == PIXAZO_OK)
    status = pixazo_generation_to_json(record, &json, error);
  pixazo_free(json);
  pixazo_generation_free(record);
  pixazo_request_free(request);
  return status;
}

enum { MANY = 12 };

/* More than one call takes: what is there stays when a later call has no memory, and the record says that it is not all. */
static pixazo_status generate_many(void *user_data, pixazo_error **error)
{
  pixazo_request *request = NULL;
  pixazo_generation *record = NULL;
  PX_TRY(pixazo_request_new_from_json("{\"prompt\":\"p\",\"model\":\"offline\",\"width\":16,\"height\":16}", &request, error));
  pixazo_status status = pixazo_request_set_int(request, "count", MANY, error);
  if (status == PIXAZO_OK)
    status = pixazo_client_generate(user_data, request, NULL, &record, error);
  if (status == PIXAZO_OK) {
    size_t pictures = pixazo_generation_image_count(record);
    bool whole = pixazo_generation_state(record) == PIXAZO_GENERATION_DONE;
    assert_true(whole ? pictures == MANY : torture_hit() && pictures > 0);
    assert_true(whole || pixazo_generation_state(record) == PIXAZO_GENERATION_PARTIAL);
    parts_seen += !whole && pictures < MANY;
    calls_seen = pixazo_generation_attempts(record) > calls_seen ? pixazo_generation_attempts(record) : calls_seen;
  }
  pixazo_generation_free(record);
  pixazo_request_free(request);
  return status;
}

static pixazo_client *made_client(void)
{
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_client *client = NULL;
  pixazo_error *error = NULL;
  options.api_key = "test-key-not-real-0000";
  options.max_retries = PIXAZO_NO_RETRY;
  assert_ok(pixazo_client_new(&options, &client, &error), error);
  return client;
}

static void torture(const char *name, torture_scenario scenario, pixazo_client *client)
{
  assert_true(torture_run(name, scenario, client, 1) > 5);
}

static void test_client__no_allocation_breaks_the_way_of_a_request(void **state)
{
  (void)state;
  pixazo_client *client = made_client();
  torture("plan, and plan again", plan_and_again, client);
  torture("judge answers", judge_answers, client);
  torture("catalogue and estimate", describe, client);
  assert_status(generate_offline(client, NULL), PIXAZO_OK); /* the client keeps the metrics of the model it met */
  torture("generate offline", generate_offline, client);
  assert_true(torture_run("generate many", generate_many, client, 3) > 300);
  assert_true(calls_seen > 1 && parts_seen > 10);
  (void)pixazo_client_unref(client);
}

int main(void)
{
  torture_install();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_client__no_allocation_breaks_the_way_of_a_request),
  };
  return torture_report(cmocka_run_group_tests(tests, NULL, NULL));
}
