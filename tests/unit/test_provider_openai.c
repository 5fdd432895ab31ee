/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/plan.h"
#include "support/client_kit.h"
#include "support/mutate.h"
#include "support/tmpdir.h"

typedef struct fixture {
  pixazo_client *client;
  char *directory;
} fixture;

static int set_up(void **state)
{
  static fixture self;
  self = (fixture){kit_client("openai", NULL), tmpdir_make()};
  *state = &self;
  return 0;
}

static int tear_down(void **state)
{
  fixture *self = *state;
  (void)pixazo_client_unref(self->client);
  tmpdir_remove(self->directory);
  return 0;
}

/* ---- bodies ---- */

static void expect_body(const fixture *self, const char *request, const char *wanted)
{
  px_plan *plan = kit_plan(self->client, request);
  assert_string_equal(plan->path, "/images/generations");
  assert_int_equal(plan->body.count, 1);
  assert_null(plan->body.content_type);
  assert_string_equal(plan->body.pieces[0].text, wanted);
  px_plan_unref(plan);
}

static void test_openai__a_generation_says_what_was_asked_and_nothing_more(void **state)
{
  const fixture *self = *state;
  expect_body(self, "{\"prompt\":\"p\"}", "{\"prompt\":\"p\",\"model\":\"gpt-image-2\",\"n\":1,\"size\":\"1024x1024\"}");
  expect_body(self,
              "{\"prompt\":\"p\",\"model\":\"gpt-image-1.5\",\"n\":3,\"width\":1500,\"height\":1000,\"quality\":\"high\","
              "\"format\":\"webp\",\"background\":\"transparent\",\"seed\":7,\"steps\":4,\"negative_prompt\":\"n\"}",
              "{\"prompt\":\"p\",\"model\":\"gpt-image-1.5\",\"n\":3,\"quality\":\"high\",\"output_format\":\"webp\","
              "\"background\":\"transparent\",\"size\":\"1536x1024\"}");
  expect_body(self, "{\"prompt\":\"p\",\"provider_options\":{\"moderation\":\"low\",\"size\":\"auto\"}}",
              "{\"prompt\":\"p\",\"model\":\"gpt-image-2\",\"n\":1,\"moderation\":\"low\",\"size\":\"auto\"}");
}

static void test_openai__partial_pictures_make_it_a_stream(void **state)
{
  const fixture *self = *state;
  expect_body(self, "{\"prompt\":\"p\",\"partial_images\":2}",
              "{\"prompt\":\"p\",\"model\":\"gpt-image-2\",\"n\":1,\"partial_images\":2,\"size\":\"1024x1024\",\"stream\":true}");
  expect_body(self, "{\"prompt\":\"p\",\"partial_images\":0}",
              "{\"prompt\":\"p\",\"model\":\"gpt-image-2\",\"n\":1,\"size\":\"1024x1024\"}");
  expect_body(self, "{\"prompt\":\"p\",\"partial_images\":9,\"provider_options\":{\"stream\":false}}",
              "{\"prompt\":\"p\",\"model\":\"gpt-image-2\",\"n\":1,\"partial_images\":3,\"size\":\"1024x1024\",\"stream\":false}");
}

static void test_openai__a_model_that_is_not_listed_is_asked_for_at_an_unknown_price(void **state)
{
  const fixture *self = *state;
  static const char request[] = "{\"prompt\":\"p\",\"model\":\"openai/my-own\",\"quality\":\"ultra\",\"width\":100,\"height\":90}";
  expect_body(self, request,
              "{\"prompt\":\"p\",\"model\":\"my-own\",\"n\":1,\"quality\":\"ultra\",\"size\":\"100x90\"}");
  px_plan *plan = kit_plan(self->client, request);
  assert_false(px_plan_get(plan)->price_known);
  assert_string_equal(px_plan_get(plan)->model, "my-own");
  px_plan_unref(plan);
}

/* Whatever is asked, the size is one the service takes. */
static void test_openai__sizes_of_the_flexible_models_are_legal(void **state)
{
  const fixture *self = *state;
  static const int sides[] = {1, 16, 100, 300, 467, 512, 900, 1024, 1536, 2160, 2879, 3841, 5000, 65536};
  size_t count = 0;
  for (size_t i = 0; i < PX_ARRAY_SIZE(sides); i++) {
    for (size_t k = 0; k < PX_ARRAY_SIZE(sides); k++, count++) {
      char request[96];
      int64_t width = 0;
      int64_t height = 0;
      px_cleanup(px_json_done) px_json *effective = NULL;
      (void)snprintf(request, sizeof request, "{\"prompt\":\"p\",\"width\":%d,\"height\":%d}", sides[i], sides[k]);
      px_plan *plan = kit_plan(self->client, request);
      const char *json = px_plan_get(plan)->effective_json;
      assert_status(px_json_parse(json, strlen(json), NULL, &effective, NULL), PIXAZO_OK);
      assert_status(px_json_get_int64(effective, "width", &width, NULL), PIXAZO_OK);
      assert_status(px_json_get_int64(effective, "height", &height, NULL), PIXAZO_OK);
      bool legal = width % 16 == 0 && height % 16 == 0 && width <= 3 * height && height <= 3 * width && width <= 3840 &&
                   height <= 3840 && width * height >= 655360 && width * height <= 8294400;
      if (!legal)
        fail_msg("%s became %lld x %lld", request, (long long)width, (long long)height);
      px_plan_unref(plan);
    }
  }
  print_message("%zu sizes\n", count);
}

/* ---- pictures that go along ---- */

static void write_picture(const char *path, const char *magic, size_t magic_size, size_t size)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(magic, 1, magic_size, file), magic_size);
  if (size > magic_size) {
    assert_int_equal(fseek(file, (long)size - 1, SEEK_SET), 0);
    assert_int_equal(fputc(0, file), 0);
  }
  assert_int_equal(fclose(file), 0);
}

static pixazo_status plan_edit(const fixture *self, const char *mask, pixazo_error **error)
{
  char json[1024];
  pixazo_request *request = NULL;
  px_plan **plans = NULL;
  size_t count = 0;
  (void)snprintf(json, sizeof json, "{\"prompt\":\"p\",\"images\":[\"%s/a.png\"],\"mask\":\"%s/%s\"}", self->directory,
                 self->directory, mask);
  assert_status(pixazo_request_new_from_json(json, &request, NULL), PIXAZO_OK);
  pixazo_status status = px_client_plan(self->client, request, &plans, &count, error);
  pixazo_request_free(request);
  if (status != PIXAZO_OK)
    return status;
  assert_string_equal(plans[0]->path, "/images/edits");
  assert_non_null(strstr(plans[0]->body.content_type, "multipart/form-data; boundary=pixazo-"));
  px_plan_unref(plans[0]);
  px_free(plans);
  return PIXAZO_OK;
}

static void test_openai__a_mask_is_a_small_png(void **state)
{
  const fixture *self = *state;
  static const char png[] = "\x89PNG\r\n\x1A\n";
  static const struct {
    const char *name;
    const char *magic;
    size_t size;
    pixazo_status status;
    const char *words;
  } masks[] = {
      {"good.png", png, 4 * 1024 * 1024 - 1, PIXAZO_OK, NULL},
      {"large.png", png, 4 * 1024 * 1024, PIXAZO_E_LIMIT, "4194303"},
      {"mask.jpg", "\xFF\xD8\xFF\xE0", 100, PIXAZO_E_ARGUMENT, "the mask must be image/png"},
      {"none.txt", "text", 100, PIXAZO_E_ARGUMENT, "no PNG"},
  };
  char path[512];
  (void)snprintf(path, sizeof path, "%s/a.png", self->directory);
  write_picture(path, png, 8, 64);
  for (size_t i = 0; i < PX_ARRAY_SIZE(masks); i++) {
    px_autoerror error = NULL;
    (void)snprintf(path, sizeof path, "%s/%s", self->directory, masks[i].name);
    write_picture(path, masks[i].magic, strlen(masks[i].magic), masks[i].size);
    pixazo_status status = plan_edit(self, masks[i].name, &error);
    assert_int_equal(status, masks[i].status);
    if (masks[i].words && !strstr(pixazo_error_message(error), masks[i].words))
      fail_msg("%s: %s", masks[i].name, pixazo_error_message(error));
  }
}

/* ---- money ---- */

static int64_t bound(const fixture *self, const char *request)
{
  px_plan *plan = kit_plan(self->client, request);
  assert_true(px_plan_get(plan)->price_known);
  int64_t micros = px_plan_get(plan)->upper_bound_micros;
  px_plan_unref(plan);
  return micros;
}

static void test_openai__prices_follow_quality_and_size(void **state)
{
  const fixture *self = *state; /* a token for each byte of the prompt, and 32 that frame it */
  assert_int_equal(bound(self, "{\"prompt\":\"p\",\"quality\":\"low\"}"), 5880 + 33 * 5);
  assert_int_equal(bound(self, "{\"prompt\":\"p\",\"quality\":\"high\"}"), 210720 + 33 * 5);
  assert_int_equal(bound(self, "{\"prompt\":\"p\"}"), 210720 + 33 * 5);
  assert_int_equal(bound(self, "{\"prompt\":\"p\",\"quality\":\"auto\",\"width\":2880,\"height\":2880}"), 711570 + 33 * 5);
  assert_int_equal(bound(self, "{\"prompt\":\"p\",\"quality\":\"medium\",\"n\":4}"), 4 * 52680 + 33 * 5);
  assert_int_equal(bound(self, "{\"prompt\":\"0123456789\",\"quality\":\"low\",\"partial_images\":3}"), 5880 + 42 * 5 + 300 * 30);
  assert_int_equal(bound(self, "{\"prompt\":\"p\",\"model\":\"gpt-image-1-mini\",\"quality\":\"low\"}"), 5000 + 33 * 2);
  assert_int_equal(bound(self, "{\"prompt\":\"p\",\"model\":\"gpt-image-1.5\",\"width\":1536,\"height\":1024}"), 200000 + 33 * 5);
}

/* No figure is proven to be a limit, and what is only assumed is told. */
static void test_openai__a_price_claims_no_more_than_its_source(void **state)
{
  (void)state;
  for (size_t i = 0; i < px_provider_openai.model_count; i++) {
    const px_price *price = &px_provider_openai.models[i].price;
    assert_int_equal(price->confidence, price->known ? PIXAZO_CONFIDENCE_ESTIMATED : PIXAZO_CONFIDENCE_UNKNOWN);
    if (price->known && !strstr(price->source, "assumed"))
      fail_msg("%s: %s", px_provider_openai.models[i].name, price->source);
  }
}

static void test_openai__the_tokens_of_the_answer_are_the_cost(void **state)
{
  const fixture *self = *state;
  static const kit_reply reply = {
      .status = 200,
      .type = "application/json",
      .body = "{\"created\":1,\"data\":[{\"b64_json\":\"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAA\"}],"
              "\"usage\":{\"input_tokens\":10,\"input_tokens_details\":{\"text_tokens\":10,\"image_tokens\":0},"
              "\"output_tokens\":272,\"output_tokens_details\":{\"image_tokens\":272,\"text_tokens\":0}}}",
  };
  static const char *const models[] = {"gpt-image-2", "gpt-image-2.5-flare"}; /* known and unknown per picture */
  for (size_t i = 0; i < PX_ARRAY_SIZE(models); i++) {
    char request[96];
    (void)snprintf(request, sizeof request, "{\"prompt\":\"p\",\"model\":\"%s\"}", models[i]);
    px_plan *plan = kit_plan(self->client, request);
    px_outcome *outcome = kit_judge(self->client, plan, &reply);
    assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_ACCEPTED);
    assert_int_equal(outcome->cost_micros, 10 * 5 + 272 * 30);
    assert_int_equal(outcome->confidence, PIXAZO_CONFIDENCE_METERED);
    px_outcome_free(outcome);
    px_plan_unref(plan);
  }
}

/* ---- answers ---- */

typedef struct expected {
  int http;
  const char *body;
  const char *header; /* and its value; NULL: none */
  const char *value;
  pixazo_status status;
  int32_t attempt_class;
  int32_t charge;
  bool again; /* tried again by itself */
} expected;

#define ERROR(message, type, code) "{\"error\":{\"message\":\"" message "\",\"type\":\"" type "\",\"param\":null,\"code\":" code "}}"

static const expected cases[] = {
    {400, ERROR("Invalid value: 'x'", "invalid_request_error", "\"invalid_value\""), NULL, NULL, PIXAZO_E_PROVIDER,
     PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {400, ERROR("Invalid value for moderation: 'x'", "invalid_request_error", "\"invalid_value\""), NULL, NULL,
     PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {400, ERROR("Your request was rejected", "image_generation_user_error", "\"moderation_blocked\""), NULL, NULL,
     PIXAZO_E_REJECTED, PIXAZO_CLASS_BLOCKED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {400, ERROR("no", "invalid_request_error", "\"content_policy_violation\""), NULL, NULL, PIXAZO_E_REJECTED,
     PIXAZO_CLASS_BLOCKED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {400, ERROR("Billing hard limit has been reached", "invalid_request_error", "\"billing_hard_limit_reached\""), NULL, NULL,
     PIXAZO_E_QUOTA, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {401, ERROR("Incorrect API key provided", "invalid_request_error", "\"invalid_api_key\""), NULL, NULL, PIXAZO_E_AUTH,
     PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {403, ERROR("Country not supported", "request_forbidden", "\"unsupported_country_region_territory\""), NULL, NULL,
     PIXAZO_E_AUTH, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {404, ERROR("The model does not exist", "invalid_request_error", "\"model_not_found\""), NULL, NULL, PIXAZO_E_PROVIDER,
     PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {409, ERROR("conflict", "invalid_request_error", "null"), NULL, NULL, PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED,
     PIXAZO_CHARGE_NOT_CHARGED, false},
    {429, ERROR("Rate limit reached", "requests", "\"rate_limit_exceeded\""), NULL, NULL, PIXAZO_E_THROTTLED,
     PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, true},
    {429, ERROR("Rate limit reached. To raise it, add a payment method at /account/billing.", "requests", "\"rate_limit_exceeded\""),
     NULL, NULL, PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, true},
    {429, ERROR("Slow down", "rate_limit_error", "\"slow_down\""), "retry-after-ms", "50", PIXAZO_E_THROTTLED,
     PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, true},
    {429, ERROR("Rate limit reached", "requests", "\"rate_limit_exceeded\""), "x-should-retry", "false", PIXAZO_E_THROTTLED,
     PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {429, ERROR("You exceeded your current quota", "insufficient_quota", "\"insufficient_quota\""), NULL, NULL, PIXAZO_E_QUOTA,
     PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {429, ERROR("You exceeded your current quota", "insufficient_quota", "\"insufficient_quota\""), "retry-after", "1",
     PIXAZO_E_QUOTA, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {429, ERROR("You have no credit left", "insufficient_quota", "\"credit_balance_exhausted\""), "x-should-retry", "true",
     PIXAZO_E_QUOTA, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {429, ERROR("You have no credit left", "insufficient_quota", "429"), NULL, NULL, PIXAZO_E_QUOTA, PIXAZO_CLASS_REFUSED,
     PIXAZO_CHARGE_NOT_CHARGED, false},
    {400, ERROR("try it once more", "invalid_request_error", "null"), "x-should-retry", "true", PIXAZO_E_PROVIDER,
     PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, true},
    {400, ERROR("blocked", "image_generation_user_error", "\"moderation_blocked\""), "x-should-retry", "true",
     PIXAZO_E_REJECTED, PIXAZO_CLASS_BLOCKED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {500, ERROR("The server had an error", "server_error", "null"), NULL, NULL, PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS,
     PIXAZO_CHARGE_UNKNOWN, false},
    {500, ERROR("The server had an error", "server_error", "null"), "x-should-retry", "true", PIXAZO_E_AMBIGUOUS,
     PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, false},
    {503, ERROR("busy", "server_error", "\"server_is_overloaded\""), NULL, NULL, PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED,
     PIXAZO_CHARGE_NOT_CHARGED, true},
    {503, ERROR("busy", "server_error", "\"slow_down\""), NULL, NULL, PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED,
     PIXAZO_CHARGE_NOT_CHARGED, true},
    {503, ERROR("busy", "server_error", "\"slow_down\""), "x-should-retry", "false", PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED,
     PIXAZO_CHARGE_NOT_CHARGED, false},
    {400, "{\"error\":\"only a text\"}", NULL, NULL, PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {400, ERROR("number", "x", "17"), NULL, NULL, PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, false},
    {200, "{\"created\":1,\"data\":[]}", NULL, NULL, PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, PIXAZO_CHARGE_UNKNOWN, false},
    {200, ERROR("late", "server_error", "null"), NULL, NULL, PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, PIXAZO_CHARGE_UNKNOWN,
     false},
    {200, "{\"data\":[{\"b64_json\":", NULL, NULL, PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, PIXAZO_CHARGE_CHARGED, false},
};

static void test_openai__each_error_has_its_class_its_charge_and_its_retry(void **state)
{
  const fixture *self = *state;
  px_plan *plan = kit_plan(self->client, "{\"prompt\":\"p\"}");
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    const expected *wanted = &cases[i];
    const kit_reply reply = {.status = wanted->http, .type = "application/json", .body = wanted->body,
                             .header = wanted->header, .value = wanted->value};
    uint32_t delay = 0;
    px_evidence evidence = {.status = PIXAZO_OK, .http_status = wanted->http};
    px_outcome *outcome = kit_judge(self->client, plan, &reply);
    bool again = px_client_retry(self->client, plan, outcome, &evidence, 0, &delay);
    if (pixazo_error_status(outcome->error) != wanted->status || outcome->attempt_class != wanted->attempt_class ||
        outcome->charge != wanted->charge || again != wanted->again)
      fail_msg("case %zu, %s: %s, charge %d, %s: %s", i, wanted->body, pixazo_class_name(outcome->attempt_class),
               outcome->charge, again ? "again" : "not again", pixazo_error_message(outcome->error));
    px_outcome_free(outcome);
  }
  px_plan_unref(plan);
  print_message("%zu errors\n", PX_ARRAY_SIZE(cases));
}

static void test_openai__words_and_ids_of_an_error_are_told(void **state)
{
  const fixture *self = *state;
  px_plan *plan = kit_plan(self->client, "{\"prompt\":\"p\"}");
  const kit_reply reply = {.status = 400, .type = "application/json", .header = "request-id", .value = "req_17",
                           .body = ERROR("Unknown parameter: 'x'.", "invalid_request_error", "\"unknown_parameter\"")};
  px_outcome *outcome = kit_judge(self->client, plan, &reply);
  assert_string_equal(outcome->provider_code, "unknown_parameter");
  assert_string_equal(outcome->request_id, "req_17");
  assert_non_null(strstr(pixazo_error_message(outcome->error), "Unknown parameter: 'x'."));
  px_outcome_free(outcome);
  px_plan_unref(plan);
}

/* One node changed, everywhere and in every way: what must not matter does not, what matters is seen. */
static void test_openai__each_mutant_of_an_answer_has_its_class(void **state)
{
  const fixture *self = *state;
  static const char mutants[] =
      "[{\"status\":200,\"class\":\"accepted\",\"without\":\"empty\",\"broken\":\"lost\","
      "\"holds\":[\"data\",\"data[0]\",\"data[0].b64_json\"],"
      "\"document\":{\"created\":1,\"background\":\"opaque\",\"output_format\":\"png\",\"quality\":\"low\","
      "\"size\":\"1024x1024\",\"data\":[{\"b64_json\":\"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAA\","
      "\"revised_prompt\":\"r\"}],\"usage\":{\"input_tokens\":10,\"input_tokens_details\":{\"text_tokens\":10,"
      "\"image_tokens\":0},\"output_tokens\":272,\"output_tokens_details\":{\"image_tokens\":272,\"text_tokens\":0},"
      "\"total_tokens\":282}}},"
      "{\"status\":400,\"class\":\"refused\",\"without\":\"refused\",\"document\":{\"error\":{\"message\":\"m\","
      "\"type\":\"invalid_request_error\",\"param\":\"size\",\"code\":\"invalid_value\"}}},"
      "{\"status\":400,\"class\":\"blocked\",\"without\":\"refused\",\"holds\":[\"error\"],\"document\":{\"error\":{"
      "\"message\":\"rejected by the safety system\",\"type\":\"image_generation_user_error\",\"param\":null,"
      "\"code\":\"moderation_blocked\",\"moderation_details\":{\"moderation_stage\":\"input\","
      "\"categories\":[\"violence\"]}}}},"
      "{\"status\":429,\"class\":\"refused\",\"without\":\"refused\",\"document\":{\"error\":{\"message\":\"quota\","
      "\"type\":\"insufficient_quota\",\"param\":null,\"code\":\"insufficient_quota\"}}},"
      "{\"status\":500,\"class\":\"ambiguous\",\"without\":\"ambiguous\",\"document\":{\"error\":{\"message\":\"m\","
      "\"type\":\"server_error\",\"param\":null,\"code\":null}}},"
      "{\"status\":503,\"class\":\"refused\",\"without\":\"ambiguous\",\"holds\":[\"error\"],\"document\":{\"error\":{"
      "\"message\":\"overloaded\",\"type\":\"server_error\",\"param\":null,\"code\":\"server_is_overloaded\"}}}]";
  px_plan *plan = kit_plan(self->client, "{\"prompt\":\"p\"}");
  print_message("%zu mutants\n", mutate_check(self->client, plan, mutants));
  px_plan_unref(plan);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_openai__a_generation_says_what_was_asked_and_nothing_more),
      cmocka_unit_test(test_openai__partial_pictures_make_it_a_stream),
      cmocka_unit_test(test_openai__a_model_that_is_not_listed_is_asked_for_at_an_unknown_price),
      cmocka_unit_test(test_openai__sizes_of_the_flexible_models_are_legal),
      cmocka_unit_test(test_openai__a_mask_is_a_small_png),
      cmocka_unit_test(test_openai__prices_follow_quality_and_size),
      cmocka_unit_test(test_openai__a_price_claims_no_more_than_its_source),
      cmocka_unit_test(test_openai__the_tokens_of_the_answer_are_the_cost),
      cmocka_unit_test(test_openai__each_error_has_its_class_its_charge_and_its_retry),
      cmocka_unit_test(test_openai__words_and_ids_of_an_error_are_told),
      cmocka_unit_test(test_openai__each_mutant_of_an_answer_has_its_class),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
