/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include <pixazo/memory.h>

#include "client/builtin.h"
#include "client/provider.h"
#include "support/client_kit.h"
#include "json/json.h"

static px_json *parse(const char *text)
{
  px_json *root = NULL;
  pixazo_error *error = NULL;
  assert_ok(px_json_parse(text, strlen(text), NULL, &root, &error), error);
  return root;
}

static void test_describe__the_catalogue_holds_every_model_with_price_and_date(void **state)
{
  (void)state;
  char *text = NULL;
  assert_status(pixazo_providers_to_json(&text, NULL), PIXAZO_OK);
  px_json *root = parse(text);
  const px_json *providers = NULL;
  assert_status(px_json_get_array(root, "providers", &providers, NULL), PIXAZO_OK);
  assert_int_equal(px_json_size(providers), px_provider_count() + px_builtin_count());
  for (const px_json *provider = px_json_first(providers); provider; provider = px_json_next(provider)) {
    const char *rule = NULL;
    const px_json *models = NULL;
    assert_status(px_json_get_string(provider, "billing.rule", &rule, NULL), PIXAZO_OK);
    assert_status(px_json_get_array(provider, "models", &models, NULL), PIXAZO_OK);
    for (const px_json *model = px_json_first(models); model; model = px_json_next(model)) {
      const char *value = NULL;
      assert_status(px_json_get_string(model, "id", &value, NULL), PIXAZO_OK);
      assert_status(px_json_get_string(model, "price.source", &value, NULL), PIXAZO_OK);
      assert_status(px_json_get_string(model, "price.date", &value, NULL), PIXAZO_OK);
      assert_status(px_json_get_string(model, "parameters.prompt.sent_as", &value, NULL), PIXAZO_OK);
    }
  }
  assert_non_null(strstr(text, "\"id\":\"pixazo/gpt-image-2\""));
  assert_non_null(strstr(text, "\"micros_per_picture\":null"));
  px_json_free(root);
  pixazo_free(text);
}

static px_json *estimate(const char *script, const char *provider, const char *request_json)
{
  pixazo_client *client = kit_client(provider, script);
  pixazo_request *request = NULL;
  pixazo_error *error = NULL;
  char *text = NULL;
  assert_ok(pixazo_request_new_from_json(request_json, &request, &error), error);
  assert_ok(pixazo_client_estimate(client, request, &text, &error), error);
  px_json *root = parse(text);
  pixazo_free(text);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
  return root;
}

static void test_describe__an_estimate_adds_up_all_calls(void **state)
{
  (void)state;
  px_json *root = estimate("{\"price_micros\":40000,\"calls\":[]}", "offline", "{\"prompt\":\"p\",\"n\":5,\"seed\":1}");
  int64_t value = 0;
  bool known = false;
  assert_status(px_json_get_int64(root, "cost.upper_bound_micros", &value, NULL), PIXAZO_OK);
  assert_int_equal(value, 200000);
  assert_status(px_json_get_bool(root, "cost.known", &known, NULL), PIXAZO_OK);
  assert_true(known);
  assert_status(px_json_get_int64(root, "calls[4].effective.seed", &value, NULL), PIXAZO_OK);
  assert_int_equal(value, 5);
  px_json_free(root);
}

static void test_describe__an_unknown_price_never_reads_as_zero(void **state)
{
  (void)state;
  px_json *root = estimate(NULL, NULL, "{\"prompt\":\"p\",\"model\":\"gpt-image-2\",\"n\":2}");
  bool known = true;
  assert_status(px_json_get_bool(root, "cost.known", &known, NULL), PIXAZO_OK);
  assert_false(known);
  assert_true(px_json_is(px_json_find(root, "cost.upper_bound_micros"), PX_JSON_NULL));
  px_json_free(root);
}

static const struct {
  const char *fallback;
  const char *model; /* whose price it is; NULL: it is not known */
  int64_t micros;
  bool free;
} chains[] = {
    {NULL, "sdxl", 0, true},
    {"pixazo/flux-schnell", "sdxl", 0, true},
    {"google/gemini-2.5-flash-image", "gemini-2.5-flash-image", 78000, false},
    {"google/gemini-2.5-flash-image,google/gemini-3-pro-image", "gemini-3-pro-image", 268000, false},
    {"google/gemini-3-pro-image,google/gemini-2.5-flash-image", "gemini-3-pro-image", 268000, false},
    {"google/gemini-3-pro-image,pixazo/sdxl-turbo", NULL, 0, false},
    {"openai/gpt-image-1-mini", "sdxl", 0, true}, /* there is no key for it: it is never asked */
};

static char *estimate_with(const char *fallback)
{
  pixazo_account google = PIXAZO_ACCOUNT_INIT;
  const pixazo_account *accounts[] = {&google};
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_client *client = NULL;
  pixazo_request *request = NULL;
  pixazo_error *error = NULL;
  char *text = NULL;
  google.provider = "google";
  google.api_key = options.api_key = kit_key;
  options.accounts = accounts;
  options.account_count = 1;
  options.fallback = fallback;
  assert_ok(pixazo_client_new(&options, &client, &error), error);
  assert_ok(pixazo_request_new_from_json("{\"prompt\":\"p\",\"width\":1024,\"height\":1024,\"n\":2}", &request, &error), error);
  assert_ok(pixazo_client_estimate(client, request, &text, &error), error);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
  return text;
}

/* Who sees that nothing is charged must not pay because somebody else was asked. */
static void test_describe__an_estimate_is_of_the_dearest_who_may_be_asked(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
    char *text = estimate_with(chains[i].fallback);
    px_json *root = parse(text);
    const char *model = "";
    bool known = false, free_of_charge = false;
    int64_t micros = 0;
    (void)px_json_get_bool(root, "cost.known", &known, NULL);
    (void)px_json_get_bool(root, "free", &free_of_charge, NULL);
    (void)px_json_get_string(root, "cost.model", &model, NULL);
    if (known)
      (void)px_json_get_int64(root, "cost.upper_bound_micros", &micros, NULL);
    if (known != (chains[i].model != NULL) || micros != chains[i].micros || free_of_charge != chains[i].free ||
        (known && strcmp(model, chains[i].model) != 0))
      fail_msg("%s: %s", chains[i].fallback, text);
    px_json_free(root);
    pixazo_free(text);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_describe__the_catalogue_holds_every_model_with_price_and_date),
      cmocka_unit_test(test_describe__an_estimate_adds_up_all_calls),
      cmocka_unit_test(test_describe__an_unknown_price_never_reads_as_zero),
      cmocka_unit_test(test_describe__an_estimate_is_of_the_dearest_who_may_be_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
