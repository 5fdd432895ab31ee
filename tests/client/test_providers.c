/* SPDX-License-Identifier: MIT */
/* The contract of a provider, over the loopback: every shape of success, every refusal, every doubt, and how many calls each
 * of them costs. A provider joins by a row of `subjects`; what is its own beside that is played in test_answers.c,
 * test_queue.c, test_google.c and test_definitions.c. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/memory.h>

#include "base/mem.h"
#include "json/json.h"

typedef struct subject {
  const char *provider;
  const char *root;  /* of its protocol at the gateway */
  const char *model; /* NULL: its first */
  bool billed;
  bool metered; /* its answers report tokens, and those have a price */
  bool singly;  /* each call gives one picture */
  bool brief;   /* its answers are links: shorter than 1,000 bytes */
  bool plain;   /* a protocol without words for errors, and a shape of its own */
} subject;

static const subject subjects[] = {
    {.provider = "openai", .root = "/v1", .billed = true, .metered = true},
    {.provider = "openai", .root = "/v1", .model = "gpt-image-1.5", .billed = true, .metered = true},
    {.provider = "google", .root = "", .billed = true, .singly = true},
    {.provider = "google", .root = "", .model = "gemini-2.5-flash-image", .billed = true, .singly = true},
    {.provider = "together", .root = "/as/together/v1", .billed = true},
    {.provider = "localai", .root = "/as/localai/v1"},
    {.provider = "vllm", .root = "/as/vllm/v1"},
    {.provider = "sdcpp", .root = "/as/stable-diffusion.cpp/v1"},
    {.provider = "inference", .root = "", .singly = true},
    {.provider = "pixazo", .root = "", .singly = true, .brief = true},
    {.provider = "pixazo", .root = "", .model = "sdxl-turbo", .billed = true, .singly = true, .brief = true},
    {.provider = "pixazo", .root = "", .model = "gpt-image-2", .billed = true, .brief = true}, /* a queue */
    {.provider = "a1111", .root = "", .plain = true},
};

static const char prompt[] = "{\"prompt\":\"p\"}";

static void use(kit *self, const subject *who)
{
  char base[128];
  pixazo_client_options options = kit_options(self);
  (void)snprintf(base, sizeof base, "%s%s", self->gateway.base, who->root);
  options.provider = who->provider;
  options.model = who->model;
  options.base_url = base;
  kit_use(self, &options);
}

typedef struct tally {
  size_t cases;
  size_t classes[16];
} tally;

static void tell(const tally *told, const char *what)
{
  print_message("%s: %zu cases", what, told->cases);
  for (int32_t i = 0; i < (int32_t)(sizeof told->classes / sizeof *told->classes); i++) {
    if (told->classes[i] > 0)
      print_message(", %zu %s", told->classes[i], pixazo_class_name(i));
  }
  print_message("\n");
}

typedef struct expected {
  const char *rule; /* members of a rule for POSTs */
  pixazo_status status;
  int32_t attempt_class;
  int64_t posts;
} expected;

static bool is_cut_behind(const subject *who, const char *rule)
{
  return who->brief && (strstr(rule, "\"cut_after\":1000") || strstr(rule, "\"cut_after\":40000"));
}

/* Where nothing is billed a doubt is a failure, and tried again. */
static expected seen_by(const subject *who, const expected *wanted)
{
  expected found = *wanted;
  if (is_cut_behind(who, wanted->rule))
    return (expected){wanted->rule, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1};
  if (who->plain && wanted->attempt_class == PIXAZO_CLASS_BLOCKED)
    return (expected){wanted->rule, PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1}; /* a 400 like any other */
  if (who->plain && strstr(wanted->rule, "overloaded-slow-down"))
    return (expected){wanted->rule, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 3}; /* a 503 like any other */
  bool doubt = wanted->attempt_class == PIXAZO_CLASS_AMBIGUOUS || wanted->attempt_class == PIXAZO_CLASS_EMPTY ||
               wanted->attempt_class == PIXAZO_CLASS_LOST;
  if (strcmp(who->provider, "google") == 0 && strstr(wanted->rule, "country"))
    found.status = PIXAZO_E_PROVIDER; /* there it is a failed precondition like any other */
  if (who->billed || !doubt)
    return found;
  found.attempt_class = PIXAZO_CLASS_FAILED;
  found.posts = 3;
  return found;
}

static void run_case(kit *self, const subject *who, const expected *given, tally *told)
{
  char rules[512];
  expected wanted = seen_by(who, given);
  (void)snprintf(rules, sizeof rules, "[{\"method\":\"POST\",%s}]", given->rule);
  kit_script(self, rules);
  pixazo_status status = kit_generate(self, prompt, NULL);
  int32_t found = status == PIXAZO_OK ? PIXAZO_CLASS_ACCEPTED : pixazo_error_class(self->error);
  int64_t posts = gateway_count(&self->gateway, "posts_begun");
  bool same = who->billed || wanted.attempt_class != PIXAZO_CLASS_FAILED;
  if ((same && status != wanted.status) || found != wanted.attempt_class || posts != wanted.posts)
    fail_msg("%s: %s: %s, %s, %lld POSTs: %s", who->provider, given->rule, pixazo_status_name(status),
             pixazo_class_name(found), (long long)posts, pixazo_error_message(self->error));
  if (self->error && strstr(pixazo_error_message(self->error), kit_secret))
    fail_msg("%s: %s: the key is told", who->provider, given->rule);
  told->cases++;
  told->classes[found]++;
}

static void run_all(kit *self, const expected *cases, size_t count, const char *what)
{
  tally told = {0};
  for (size_t s = 0; s < PX_ARRAY_SIZE(subjects); s++) {
    use(self, &subjects[s]);
    for (size_t i = 0; i < count; i++)
      run_case(self, &subjects[s], &cases[i], &told);
  }
  tell(&told, what);
}

#define ANSWER(name) "\"answer\":\"" name "\""

static void test_providers__a_refusal_ends_or_waits(void **state)
{
  static const expected cases[] = {
      {ANSWER("bad-request"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("unknown-parameter"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("error-number"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("no-key"), PIXAZO_E_AUTH, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("bad-key"), PIXAZO_E_AUTH, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("forbidden"), PIXAZO_E_AUTH, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("country"), PIXAZO_E_AUTH, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("model-gone"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("not-found"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("conflict"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("unprocessable"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("billing-limit"), PIXAZO_E_QUOTA, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("quota"), PIXAZO_E_QUOTA, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("balance"), PIXAZO_E_QUOTA, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("do-retry-400"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 3},
      {ANSWER("rate-limited-silent"), PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED, 3},
      {ANSWER("rate-limited-fraction"), PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED, 3},
      {ANSWER("rate-limited-ms"), PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED, 3},
      {ANSWER("rate-limited-far"), PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED, 1},
      {ANSWER("slow-down"), PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED, 3},
      {ANSWER("slow-down") ",\"times\":2", PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 3},
      {ANSWER("overloaded-slow-down"), PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED, 3},
      {ANSWER("cloudflare"), PIXAZO_E_NETWORK, PIXAZO_CLASS_REFUSED, 3},
      {"\"redirect\":\"{{base}}/elsewhere\",\"status\":307", PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1},
  };
  run_all(*state, cases, PX_ARRAY_SIZE(cases), "refusals");
}

static void test_providers__a_block_is_told_and_never_tried_again(void **state)
{
  static const expected cases[] = {
      {ANSWER("moderation-input"), PIXAZO_E_REJECTED, PIXAZO_CLASS_BLOCKED, 1},
      {ANSWER("moderation-output"), PIXAZO_E_REJECTED, PIXAZO_CLASS_BLOCKED, 1},
      {ANSWER("content-policy"), PIXAZO_E_REJECTED, PIXAZO_CLASS_BLOCKED, 1},
  };
  run_all(*state, cases, PX_ARRAY_SIZE(cases), "blocks");
}

static void test_providers__doubt_about_money_is_never_sent_again(void **state)
{
  static const expected cases[] = {
      {ANSWER("timeout"), PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {ANSWER("own-500"), PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {ANSWER("error-text"), PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {ANSWER("foreign-500"), PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {ANSWER("bad-gateway"), PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {ANSWER("unavailable"), PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {ANSWER("gateway-timeout"), PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {ANSWER("cloudflare-522"), PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {ANSWER("error-in-200"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {ANSWER("empty-data"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {ANSWER("no-data"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {ANSWER("empty-url"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {ANSWER("empty-base64"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {ANSWER("null-base64"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {ANSWER("odd-base64"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {ANSWER("text-base64"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {ANSWER("empty"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {ANSWER("no-content"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {ANSWER("half-json"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {ANSWER("html"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {ANSWER("not-json"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
  };
  run_all(*state, cases, PX_ARRAY_SIZE(cases), "doubts");
}

/* Wherever the connection ends, a call that may have been taken is one call. */
static void test_providers__a_cut_anywhere_is_one_call(void **state)
{
  static const expected cases[] = {
      {"\"drop\":true", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"\"drop\":true,\"cut\":\"reset\"", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"\"at\":\"head\",\"drop\":true,\"cut\":\"reset\"", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"\"cut_head_after\":1", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"\"cut_head_after\":5", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"\"cut_head_after\":30", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"\"cut_after\":0", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"\"cut_after\":0,\"cut\":\"reset\"", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"\"cut_after\":1", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"\"cut_after\":1000", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"\"cut_after\":1000,\"cut\":\"reset\"", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"\"cut_after\":40000", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"\"length_off\":10", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"\"chunked\":\"no-end\"", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"\"chunked\":\"garbage\"", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
  };
  run_all(*state, cases, PX_ARRAY_SIZE(cases), "cuts");
}

/* ---- success ---- */

static void expect_picture(const kit *self, const subject *who, size_t index)
{
  pixazo_error *error = NULL;
  pixazo_blob *picture = pixazo_generation_image_blob(self->record, index);
  bool linked = picture == NULL;
  if (linked)
    assert_ok(pixazo_client_fetch(self->client, pixazo_generation_image_url(self->record, index), NULL, &picture, &error),
              error);
  if (!picture || pixazo_blob_size(picture) < 1000 || memcmp(pixazo_blob_data(picture), "\x89PNG", 4) != 0)
    fail_msg("%s: picture %zu is none", who->provider, index);
  if (linked)
    (void)pixazo_blob_unref(picture);
}

static void test_providers__a_good_answer_comes_home_in_every_shape(void **state)
{
  kit *self = *state;
  static const struct {
    const char *rules;
    const char *request;
    size_t images;
  } cases[] = {
      {"[]", prompt, 1},
      {"[]", "{\"prompt\":\"p\",\"count\":3}", 3},
      {"[{\"method\":\"POST\",\"image_bytes\":3000000}]", prompt, 1},
      {"[{\"method\":\"POST\",\"chunked\":\"yes\"}]", prompt, 1},
      {"[{\"method\":\"POST\",\"piece\":997}]", prompt, 1},
      {"[{\"method\":\"POST\",\"body\":{\"data\":[{\"url\":\"{{file}}\",\"revised_prompt\":\"q\"}]}}]", prompt, 1},
  };
  tally told = {0};
  for (size_t s = 0; s < PX_ARRAY_SIZE(subjects); s++) {
    use(self, &subjects[s]);
    size_t count = PX_ARRAY_SIZE(cases) - subjects[s].plain; /* the last has the common shape */
    for (size_t i = 0; i < count; i++, told.cases++) {
      kit_script(self, cases[i].rules);
      pixazo_status status = kit_generate(self, cases[i].request, NULL);
      kit_expect(self, status, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, subjects[s].singly ? (int64_t)cases[i].images : 1);
      assert_int_equal(pixazo_generation_image_count(self->record), cases[i].images);
      for (size_t k = 0; k < cases[i].images; k++)
        expect_picture(self, &subjects[s], k);
      assert_int_equal(gateway_count(&self->gateway, "keys_on_files"), 0);
      bool metered = subjects[s].metered && i < 5;
      assert_true((pixazo_generation_confidence(self->record) == PIXAZO_CONFIDENCE_METERED) == metered);
      told.classes[PIXAZO_CLASS_ACCEPTED]++;
    }
  }
  tell(&told, "successes");
}

static void test_providers__the_key_goes_out_as_a_bearer(void **state)
{
  kit *self = *state;
  use(self, &subjects[0]);
  kit_script(self, "[]");
  kit_expect(self, kit_generate(self, prompt, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  char *page = gateway_page(&self->gateway, "requests");
  assert_non_null(strstr(page, "Authorization: Bearer test-key-not-real-0000"));
  free(page);
}

static int64_t upper_bound(const kit *self, const char *request)
{
  pixazo_request *asked = NULL;
  char *plan = NULL;
  int64_t micros = -1;
  px_json *root = NULL;
  assert_status(pixazo_request_new_from_json(request, &asked, NULL), PIXAZO_OK);
  assert_status(pixazo_client_estimate(self->client, asked, &plan, NULL), PIXAZO_OK);
  assert_status(px_json_parse(plan, strlen(plan), NULL, &root, NULL), PIXAZO_OK);
  assert_status(px_json_get_int64(root, "cost.upper_bound_micros", &micros, NULL), PIXAZO_OK);
  px_json_free(root);
  pixazo_free(plan);
  pixazo_request_free(asked);
  return micros;
}

/* A budget holds only where no answer costs more than was reserved for it. */
static void test_providers__what_is_metered_fits_what_was_reserved(void **state)
{
  kit *self = *state;
  static const char *const models[] = {"gpt-image-1-mini", "gpt-image-1.5", "gpt-image-2"};
  static const char *const qualities[] = {"low", "medium", "high", "auto"};
  static const char *const sizes[] = {"1024,\"height\":1024", "1024,\"height\":1536", "1536,\"height\":1024"};
  size_t count = 0;
  use(self, &subjects[0]);
  kit_script(self, "[]");
  for (size_t m = 0; m < PX_ARRAY_SIZE(models); m++) {
    for (size_t k = 0; k < PX_ARRAY_SIZE(qualities) * PX_ARRAY_SIZE(sizes); k++, count++) {
      char request[160];
      (void)snprintf(request, sizeof request, "{\"prompt\":\"p\",\"model\":\"%s\",\"quality\":\"%s\",\"width\":%s}",
                     models[m], qualities[k / PX_ARRAY_SIZE(sizes)], sizes[k % PX_ARRAY_SIZE(sizes)]);
      int64_t most = upper_bound(self, request);
      assert_status(kit_generate(self, request, NULL), PIXAZO_OK);
      int64_t cost = pixazo_generation_cost_micros(self->record);
      assert_int_equal(pixazo_generation_confidence(self->record), PIXAZO_CONFIDENCE_METERED);
      if (cost <= 0 || cost > most || cost < most / 4)
        fail_msg("%s costs %lld, at most %lld was said", request, (long long)cost, (long long)most);
    }
  }
  print_message("bounds: %zu cases\n", count);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_providers__a_good_answer_comes_home_in_every_shape),
      cmocka_unit_test(test_providers__the_key_goes_out_as_a_bearer),
      cmocka_unit_test(test_providers__what_is_metered_fits_what_was_reserved),
      cmocka_unit_test(test_providers__a_refusal_ends_or_waits),
      cmocka_unit_test(test_providers__a_block_is_told_and_never_tried_again),
      cmocka_unit_test(test_providers__doubt_about_money_is_never_sent_again),
      cmocka_unit_test(test_providers__a_cut_anywhere_is_one_call),
  };
  return cmocka_run_group_tests(tests, kit_start, kit_stop);
}
