/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include <pixazo/blob.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/plan.h"
#include "support/client_kit.h"

#define REMOTE "\"base_url\":\"https://a.example\","
#define BILLED(billing)                                                                                                           \
  "{\"schema\":1,\"name\":\"mine\"," billing "\"models\":[{\"name\":\"one\",\"path\":\"/v1\",\"parameters\":{\"prompt\":\"text\"}}]}"
#define FREE_ERRORS "\"billing\":{\"rule\":\"r\",\"source\":\"s\",\"date\":\"2026-11-20\",\"errors\":\"not_billed\"},"
#define DOCUMENT(address)                                                                                              \
  "{\"schema\":1,\"name\":\"mine\"," address "\"billing\":{\"rule\":\"r\",\"source\":\"s\",\"date\":\"2026-11-20\",\"none\":true}," \
  "\"models\":[{\"name\":\"one\",\"path\":\"/v1\",\"parameters\":{\"prompt\":\"text\",\"seed\":\"seed\"}}]}"

static const unsigned char png[] = "\x89PNG\r\n\x1A\n not much more";

typedef struct world {
  int destroyed;
  int32_t meaning;
  pixazo_status result;
  bool silent;
} world;

static pixazo_status build(void *self, pixazo_call *call, pixazo_error **error)
{
  const world *it = self;
  if (it->silent)
    return PIXAZO_OK;
  if (it->result != PIXAZO_OK)
    return pixazo_error_set(error, it->result, "no, says the program");
  assert_string_equal(pixazo_call_model(call), "one");
  assert_status(pixazo_call_set_path(call, "no slash", NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_call_set_path(call, "/other?x=1", error), PIXAZO_OK);
  assert_status(pixazo_call_set_body(call, "text/x", pixazo_call_effective_json(call), error), PIXAZO_OK);
  assert_status(pixazo_call_set_body(call, NULL, "again", NULL), PIXAZO_E_ARGUMENT);
  return PIXAZO_OK;
}

static pixazo_status read_answer(void *self, const pixazo_answer *answer, pixazo_reading *reading, pixazo_error **error)
{
  const world *it = self;
  char text[64] = "";
  size_t got = 0;
  assert_status(pixazo_answer_read(answer, 0, text, sizeof text - 1, &got, error), PIXAZO_OK);
  assert_int_equal(got, pixazo_answer_size(answer));
  assert_string_equal(pixazo_answer_type(answer), "application/json");
  assert_status(pixazo_reading_set_meaning(reading, 0), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_reading_set_text(reading, 99, "x", NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_reading_add_url(reading, "ftp://a.example", NULL), PIXAZO_E_ARGUMENT);
  if (pixazo_answer_status(answer) == 200)
    return pixazo_reading_add_url(reading, "https://a.example/right.png", error);
  if (it->meaning)
    assert_status(pixazo_reading_set_meaning(reading, it->meaning), PIXAZO_OK);
  return pixazo_reading_set_text(reading, PIXAZO_READING_MESSAGE, text, error);
}

static pixazo_status produce(void *self, pixazo_production *production, pixazo_error **error)
{
  const world *it = self;
  assert_string_equal(pixazo_production_model(production), "one");
  assert_non_null(strstr(pixazo_production_effective_json(production), "a fox"));
  assert_int_equal(pixazo_production_cancelled(production), 0);
  pixazo_production_progress(production, 1, 2);
  if (it->result != PIXAZO_OK)
    return pixazo_error_set(error, it->result, "no, says the program");
  return it->silent ? PIXAZO_OK : pixazo_production_write(production, png, sizeof png, error);
}

static void destroy(void *self)
{
  ((world *)self)->destroyed++;
}

static pixazo_client *client_of(world *it, const char *json, const pixazo_provider_ops *ops)
{
  pixazo_provider *provider = NULL;
  pixazo_client *client = NULL;
  pixazo_error *error = NULL;
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  assert_ok(pixazo_provider_new_custom(json, ops, it, PIXAZO_OPS_ANY_THREAD, &provider, &error), error);
  options.definition = provider;
  options.max_retries = PIXAZO_NO_RETRY;
  assert_ok(pixazo_client_new(&options, &client, &error), error);
  (void)pixazo_provider_unref(provider);
  return client;
}

static void test_port__a_call_is_what_the_program_writes(void **state)
{
  (void)state;
  world it = {0};
  pixazo_provider_ops ops = {.struct_size = sizeof ops, .build = build, .destroy = destroy};
  pixazo_client *client = client_of(&it, DOCUMENT(REMOTE), &ops);
  px_plan *plan = kit_plan(client, "{\"prompt\":\"a fox\",\"seed\":5}");
  assert_string_equal(plan->path, "/other?x=1");
  assert_string_equal(plan->body.content_type, "text/x");
  assert_string_equal(plan->body.pieces[0].text, px_plan_get(plan)->effective_json);
  px_plan_unref(plan);
  it.silent = true;
  plan = kit_plan(client, "{\"prompt\":\"a fox\",\"seed\":5}");
  assert_string_equal(plan->path, "/v1");
  assert_string_equal(plan->body.pieces[0].text, "{\"text\":\"a fox\",\"seed\":5}");
  px_plan_unref(plan);
  (void)pixazo_client_unref(client);
  assert_int_equal(it.destroyed, 1);
}

static void test_port__a_build_that_fails_sends_nothing(void **state)
{
  (void)state;
  world it = {.result = PIXAZO_E_UNSUPPORTED};
  pixazo_provider_ops ops = {.struct_size = sizeof ops, .build = build};
  pixazo_client *client = client_of(&it, DOCUMENT(REMOTE), &ops);
  pixazo_request *request = NULL;
  px_autoerror error = NULL;
  char *text = NULL;
  assert_status(pixazo_request_new_from_json("{\"prompt\":\"a fox\"}", &request, NULL), PIXAZO_OK);
  assert_status(pixazo_client_estimate(client, request, &text, &error), PIXAZO_E_UNSUPPORTED);
  assert_string_equal(pixazo_error_message(error), "no, says the program");
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
}

static void test_port__an_answer_is_read_by_the_program_after_the_rules(void **state)
{
  (void)state;
  static const struct {
    int status;
    int32_t meaning;
    int32_t attempt_class;
    pixazo_status error;
  } rows[] = {{200, 0, PIXAZO_CLASS_ACCEPTED, PIXAZO_OK},
              {500, PIXAZO_MEANS_QUOTA, PIXAZO_CLASS_REFUSED, PIXAZO_E_QUOTA},
              {500, PIXAZO_MEANS_OVERLOAD, PIXAZO_CLASS_REFUSED, PIXAZO_E_THROTTLED},
              {500, PIXAZO_MEANS_BLOCKED, PIXAZO_CLASS_BLOCKED, PIXAZO_E_REJECTED},
              {500, 0, PIXAZO_CLASS_FAILED, PIXAZO_E_PROVIDER}};
  world it = {.silent = true};
  pixazo_provider_ops ops = {.struct_size = sizeof ops, .read = read_answer};
  pixazo_client *client = client_of(&it, DOCUMENT(REMOTE), &ops);
  px_plan *plan = kit_plan(client, "{\"prompt\":\"a fox\"}");
  for (size_t i = 0; i < PX_ARRAY_SIZE(rows); i++) {
    it.meaning = rows[i].meaning;
    kit_reply reply = {.status = rows[i].status, .type = "application/json", .body = "{\"url\":\"https://a.example/wrong.png\"}"};
    if (rows[i].status != 200)
      reply.body = "{\"x\":1}";
    px_outcome *outcome = kit_judge(client, plan, &reply);
    assert_int_equal(outcome->attempt_class, rows[i].attempt_class);
    assert_status(pixazo_error_status(outcome->error), rows[i].error);
    if (rows[i].status == 200)
      assert_string_equal(outcome->pictures[0].url, "https://a.example/right.png");
    assert_int_equal(outcome->picture_count, rows[i].status == 200);
    px_outcome_free(outcome);
  }
  px_plan_unref(plan);
  (void)pixazo_client_unref(client);
}

static pixazo_status generate_by(world *it, const char *document, pixazo_generation **record, pixazo_error **error)
{
  pixazo_provider_ops ops = {.struct_size = sizeof ops, .produce = produce, .destroy = destroy};
  pixazo_client *client = client_of(it, document, &ops);
  pixazo_request *request = NULL;
  assert_status(pixazo_request_new_from_json("{\"prompt\":\"a fox\"}", &request, NULL), PIXAZO_OK);
  pixazo_status status = pixazo_client_generate(client, request, NULL, record, error);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
  assert_int_equal(it->destroyed, 1);
  return status;
}

static pixazo_status generate(world *it, pixazo_generation **record, pixazo_error **error)
{
  return generate_by(it, DOCUMENT(""), record, error);
}

static void test_port__a_picture_is_made_inside_the_process(void **state)
{
  (void)state;
  world it = {0};
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  assert_ok(generate(&it, &record, &error), error);
  assert_int_equal(pixazo_generation_image_count(record), 1);
  pixazo_blob *blob = pixazo_generation_image_blob(record, 0);
  assert_int_equal(pixazo_blob_size(blob), sizeof png);
  assert_memory_equal(pixazo_blob_data(blob), png, sizeof png);
  pixazo_generation_free(record);
}

static void test_port__a_picture_that_cannot_be_made_has_a_reason(void **state)
{
  (void)state;
  static const struct {
    pixazo_status result;
    pixazo_status status;
    int32_t attempt_class;
  } rows[] = {{PIXAZO_E_REJECTED, PIXAZO_E_REJECTED, PIXAZO_CLASS_BLOCKED},
              {PIXAZO_E_IO, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED},
              {PIXAZO_E_CANCELLED, PIXAZO_E_CANCELLED, PIXAZO_CLASS_FAILED},
              {PIXAZO_E_NOMEM, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED},
              {PIXAZO_OK, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(rows); i++) {
    world it = {.result = rows[i].result, .silent = true};
    pixazo_generation *record = NULL;
    px_autoerror error = NULL;
    pixazo_status status = generate(&it, &record, &error);
    if (status != rows[i].status || pixazo_error_class(error) != rows[i].attempt_class)
      fail_msg("row %zu: %s, %s", i, pixazo_class_name(pixazo_error_class(error)), pixazo_error_message(error));
    assert_int_equal(pixazo_error_charge(error), PIXAZO_CHARGE_NOT_CHARGED);
  }
}

/* The program may have asked somebody before it ran out of memory. */
static void test_port__a_failure_may_have_cost_something_unless_the_definition_says_otherwise(void **state)
{
  static const pixazo_status results[] = {PIXAZO_E_NOMEM, PIXAZO_E_IO};
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(results); i++) {
    world it = {.result = results[i]}, other = it;
    pixazo_generation *record = NULL;
    px_autoerror doubt = NULL;
    px_autoerror stated = NULL;
    assert_status(generate_by(&it, BILLED(""), &record, &doubt), PIXAZO_E_AMBIGUOUS);
    assert_int_equal(pixazo_error_class(doubt), PIXAZO_CLASS_AMBIGUOUS);
    assert_int_equal(pixazo_error_charge(doubt), PIXAZO_CHARGE_UNKNOWN);
    assert_status(generate_by(&other, BILLED(FREE_ERRORS), &record, &stated), PIXAZO_E_PROVIDER);
    assert_int_equal(pixazo_error_class(stated), PIXAZO_CLASS_FAILED);
    assert_int_equal(pixazo_error_charge(stated), PIXAZO_CHARGE_NOT_CHARGED);
  }
}

static void test_port__mistakes_are_refused_and_self_stays_the_program_s(void **state)
{
  (void)state;
  world it = {0};
  pixazo_provider *made = NULL;
  px_autoerror error = NULL;
  pixazo_provider_ops ops = {.struct_size = sizeof ops, .produce = produce, .destroy = destroy};
  assert_status(pixazo_provider_new_custom(DOCUMENT(""), &ops, &it, 0, &made, &error), PIXAZO_E_UNSUPPORTED);
  assert_non_null(strstr(pixazo_error_hint(error), "PIXAZO_OPS_ANY_THREAD"));
  assert_status(pixazo_provider_new_custom(DOCUMENT(""), &ops, &it, 6, &made, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_provider_new_custom(DOCUMENT(REMOTE), &ops, &it, 1, &made, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_provider_new_custom("{}", &ops, &it, 1, &made, NULL), PIXAZO_E_ARGUMENT);
  ops.build = build;
  assert_status(pixazo_provider_new_custom(DOCUMENT(""), &ops, &it, 1, &made, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_provider_new(DOCUMENT(""), &made, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(it.destroyed, 0);
  assert_null(made);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_port__a_call_is_what_the_program_writes),
      cmocka_unit_test(test_port__a_build_that_fails_sends_nothing),
      cmocka_unit_test(test_port__an_answer_is_read_by_the_program_after_the_rules),
      cmocka_unit_test(test_port__a_picture_is_made_inside_the_process),
      cmocka_unit_test(test_port__a_picture_that_cannot_be_made_has_a_reason),
      cmocka_unit_test(test_port__mistakes_are_refused_and_self_stays_the_program_s),
      cmocka_unit_test(test_port__a_failure_may_have_cost_something_unless_the_definition_says_otherwise),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
