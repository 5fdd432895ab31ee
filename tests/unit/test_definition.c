/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include <pixazo/memory.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/definition.h"
#include "support/client_kit.h"

/* The least there can be, with room for one more member of the document, of the model and of its parameters. */
#define DOCUMENT(top, model, parameters)                                                                      \
  "{\"schema\":1,\"name\":\"mine\",\"base_url\":\"https://images.example\"" top ",\"models\":[{\"name\":\"one\"," \
  "\"path\":\"/v1/make\"" model ",\"parameters\":{\"prompt\":\"prompt\"" parameters "}}]}"
#define TOP(more) DOCUMENT("," more, "", "")
#define MODEL(more) DOCUMENT("", "," more, "")
#define PARAMETER(more) DOCUMENT("", "", "," more)
#define ANSWER(more) TOP("\"answer\":{" more "}")
#define ERRORS(more) TOP("\"errors\":[" more "]")
#define BILLING(more) TOP("\"billing\":{\"rule\":\"r\",\"source\":\"s\",\"date\":\"2026-11-20\"" more "}")
#define PRICE(more) MODEL("\"price\":{" more "}")

static const char *const wrong[][2] = {
    /* the document */
    {"", "definition"},
    {"{", "definition"},
    {"[]", "want an object, got array"},
    {"{}", "schema: missing"},
    {"{\"schema\":2}", "schema: want a whole number between 1 and 1"},
    {"{\"schema\":1}", "name: missing"},
    {"{\"schema\":1,\"name\":\"a\"}", "models: missing"},
    {"{\"schema\":1,\"name\":\"a\",\"models\":[{}]}", "base_url: missing"},
    {"{\"schema\":1,\"name\":\"a\",\"base_url\":\"https://a.example\"}", "models: missing"},
    {"{\"schema\":1,\"name\":\"a\",\"base_url\":\"https://a.example\",\"models\":[]}", "models: must not be empty"},
    {"{\"schema\":1,\"name\":\"a\",\"base_url\":\"https://a.example\",\"models\":{}}", "models: want a list, got object"},
    {"{\"schema\":1,\"name\":\"a\",\"base_url\":\"https://a.example\",\"models\":[5]}", "models[0]: want an object, got number"},
    {"{\"schema\":1,\"name\":\"A\",\"base_url\":\"https://a.example\",\"models\":[{}]}", "name: want small letters"},
    {"{\"schema\":1,\"name\":\"a/b\",\"base_url\":\"https://a.example\",\"models\":[{}]}", "name: want small letters"},
    {"{\"schema\":1,\"name\":\"pixazo\",\"base_url\":\"https://a.example\",\"models\":[{}]}", "name: \"pixazo\" is a provider"},
    {"{\"schema\":1,\"name\":\"a\",\"base_url\":\"ftp://a.example\",\"models\":[{}]}", "base_url: "},
    {"{\"schema\":1,\"name\":\"a\",\"base_url\":\"https://a.example?x=1\",\"models\":[{}]}", "base_url: a query"},
    {TOP("\"colour\":1"), "colour: is not known here; known: schema, name, title"},
    {TOP("\"title\":\"\""), "title: must not be empty"},
    {TOP("\"generation_timeout_ms\":1"), "generation_timeout_ms: want a whole number between 1000 and 86400000"},
    {TOP("\"auth\":\"key\""), "auth: want an object, got string"},
    {TOP("\"auth\":{}"), "auth.header: missing"},
    {TOP("\"auth\":{\"header\":\"X Key\"}"), "auth.header: is no name of a header"},
    {TOP("\"auth\":{\"header\":\"X-Key\",\"prefix\":\"a\\nb\"}"), "auth.prefix: want visible ASCII"},
    {TOP("\"auth\":{\"header\":\"X-Key\",\"prefix\":\"Basic \",\"basic\":true}"), "auth.prefix: basic has its own"},
    {TOP("\"auth\":{\"header\":\"X-Key\",\"hint\":\"h\"}"), "auth.hint: is shown when a required key is missing"},
    {TOP("\"auth\":{\"header\":\"X-Key\",\"required\":1}"), "auth.required: want true or false, got number"},
    {TOP("\"headers\":{\"A\":5}"), "headers.A: want a string, got number"},
    {TOP("\"headers\":{\"A B\":\"x\"}"), "headers.A B: want a name and a value"},
    {TOP("\"headers\":{\"A\":\"x\\r\\nB: y\"}"), "headers.A: want a name and a value"},
    {TOP("\"headers\":{\"Authorization\":\"x\"}"), "headers.Authorization: is the library's own header"},
    {TOP("\"headers\":{\"X-Api-Key\":\"x\"}"), "headers.X-Api-Key: is the library's own header, or holds a key: see auth"},
    {TOP("\"headers\":{\"a\":\"\",\"b\":\"\",\"c\":\"\",\"d\":\"\",\"e\":\"\",\"f\":\"\",\"g\":\"\",\"h\":\"\",\"i\":\"\"}"),
     "headers: has more than 8 entries"},
    {TOP("\"billing\":{}"), "billing.rule: missing"},
    {BILLING(",\"errors\":\"no\""), "billing.errors: want one of: unknown, not_billed, billed"},
    {BILLING(",\"blocked\":5"), "billing.blocked: want a string, got number"},
    {BILLING(",\"none\":\"yes\""), "billing.none: want true or false, got string"},
    {TOP("\"poll\":{}"), "poll.path: missing"},
    {TOP("\"poll\":{\"path\":\"/jobs\"}"), "poll.path: must hold {id}"},
    {TOP("\"poll\":{\"path\":\"jobs/{id}\"}"), "poll.path: must begin with a slash"},
    {TOP("\"poll\":{\"path\":\"/jobs/{id}/{model}\"}"), "poll.path: the only placeholder there is {id}"},
    {TOP("\"poll\":{\"path\":\"/jobs/{id}\",\"interval_ms\":1}"), "poll.interval_ms: want a whole number between 100"},
    {TOP("\"model_defaults\":{\"name\":\"x\"}"), "model_defaults.name: belongs to one model"},
    {TOP("\"model_defaults\":{\"body\":{\"a\":\"{{nothing}}\"}}"), "model_defaults.body.a: {{nothing}} is no placeholder"},
    {TOP("\"other_model\":{\"name\":\"x\"}"), "other_model.name: does not belong there"},
    {TOP("\"other_model\":{}"), "other_model.parameters.prompt: missing"},
    /* models */
    {MODEL("\"colour\":1"), "models[0].colour: is not known here"},
    {MODEL("\"queue\":true"), "models[0].queue: needs the poll rule"},
    {MODEL("\"pictures_per_call\":0"), "models[0].pictures_per_call: want a whole number between 1 and 64"},
    {MODEL("\"answer_bytes\":5"), "models[0].answer_bytes: want a whole number between 1024"},
    {MODEL("\"edit_path\":\"v1\""), "models[0].edit_path: must begin with a slash"},
    {MODEL("\"edit_path\":\"/v1/a b\""), "models[0].edit_path: character 6 does not belong"},
    {MODEL("\"edit_path\":\"/v1/{id}\""), "models[0].edit_path: the only placeholder there is {model}"},
    {MODEL("\"size_sent_as\":\"size\""), "models[0].size_sent_as: width and height go together"},
    {MODEL("\"sizes\":[]"), "models[0].sizes: must not be empty"},
    {MODEL("\"sizes\":[{\"width\":1}]"), "models[0].sizes[0].height: missing"},
    {MODEL("\"sizes\":[{\"width\":1,\"height\":70000}]"), "models[0].sizes[0].height: want a whole number between 1"},
    {MODEL("\"size_step\":0"), "models[0].size_step: want a whole number between 1 and 1024"},
    {MODEL("\"ratio_max\":0.5"), "models[0].ratio_max: want a number between 1 and 64"},
    {MODEL("\"pixels_min\":9,\"pixels_max\":4"), "models[0].pixels_min: is more than pixels_max"},
    {MODEL("\"inputs_max\":1"), "models[0].inputs_max: no body places picture 0"},
    {MODEL("\"inputs_max\":65"), "models[0].inputs_max: want a whole number between 0 and 64"},
    {MODEL("\"mask\":true"), "models[0].mask: no body places the mask"},
    {MODEL("\"edit_body\":{\"a\":1}"), "models[0].edit_body: needs a body beside it"},
    {MODEL("\"body\":{}"), "models[0].body: must not be empty"},
    {MODEL("\"body\":{\"a\":1}"), "models[0].parameters.prompt: the body does not place {{prompt}}"},
    {MODEL("\"body\":{\"a\":[1,\"{{promt}}\"]}"), "models[0].body.a[1]: {{promt}} is no placeholder"},
    {MODEL("\"body\":{\"a\":\"{{prompt\"}"), "models[0].body.a: {{}} is no placeholder"},
    {MODEL("\"body\":{\"{{prompt}}\":1}"), "models[0].body.{{prompt}}: a name cannot be a placeholder"},
    {MODEL("\"body\":{\"a\":\"{{prompt}}\",\"b\":\"x{{image_0_base64}}\"}"), "models[0].body.b: a picture must be the whole text"},
    {MODEL("\"body\":{\"a\":\"{{prompt}}\"},\"extras\":{\"b\":1}"), "models[0].extras: a body says itself"},
    {MODEL("\"body\":{\"a\":\"{{prompt}}\",\"b\":\"{{image_0_base64}}\"},\"inputs_max\":2"),
     "models[0].inputs_max: no body places picture 1"},
    {MODEL("\"body\":{\"a\":\"{{prompt}}\",\"b\":\"{{image_0_base64}}\"},\"inputs_max\":1"),
     "models[0].inputs_max: input_bytes must say"},
    {PRICE(""), "models[0].price.micros_per_picture: missing"},
    {PRICE("\"micros_per_picture\":1"), "models[0].price.source: missing"},
    {PRICE("\"micros_per_picture\":1,\"source\":\"s\""), "models[0].price.date: missing"},
    {PRICE("\"micros_per_picture\":1,\"source\":\"s\",\"date\":\"yesterday!\""), "models[0].price.date: want a date"},
    {PRICE("\"micros_per_picture\":-1,\"source\":\"s\",\"date\":\"2026-11-20\""), "models[0].price.micros_per_picture: want a"},
    {PRICE("\"micros_per_picture\":0.5,\"source\":\"s\",\"date\":\"2026-11-20\""), "models[0].price.micros_per_picture: want a"},
    {PRICE("\"micros_per_picture\":1,\"source\":\"s\",\"date\":\"2026-11-20\",\"confidence\":\"sure\""),
     "models[0].price.confidence: want one of: upper_bound"},
    {MODEL("\"rates\":[{\"micros_per_picture\":1}]"), "models[0].rates: rates refine a price"},
    {MODEL("\"token_price\":{}"), "models[0].token_price.image_out: missing"},
    /* parameters */
    {PARAMETER("\"colour\":{}"), "models[0].parameters.colour: is no parameter; known: prompt"},
    {PARAMETER("\"metadata\":\"m\""), "models[0].parameters.metadata: is no parameter"},
    {PARAMETER("\"steps\":\"steps\""), "models[0].parameters.steps: want an object, got string"},
    {PARAMETER("\"steps\":{}"), "models[0].parameters.steps.min: missing"},
    {PARAMETER("\"steps\":{\"min\":1}"), "models[0].parameters.steps.max: missing"},
    {PARAMETER("\"steps\":{\"min\":1,\"max\":\"9\"}"), "models[0].parameters.steps.max: want a number, got string"},
    {PARAMETER("\"steps\":{\"min\":1,\"max\":9}"), "models[0].parameters.steps.default: missing"},
    {PARAMETER("\"steps\":{\"min\":1,\"max\":9,\"default\":10}"), "models[0].parameters.steps: min, default and max"},
    {PARAMETER("\"steps\":{\"min\":1.5,\"max\":9,\"default\":3}"), "models[0].parameters.steps.min: want a whole number"},
    {PARAMETER("\"steps\":{\"min\":1,\"max\":9,\"default\":3,\"step\":1}"), "models[0].parameters.steps.step: is not known"},
    {PARAMETER("\"seed\":{\"max\":1e300}"), "models[0].parameters.seed.max: want a number"},
    {PARAMETER("\"seed\":\"\""), "models[0].parameters.seed: must not be empty"},
    {PARAMETER("\"width\":{\"min\":1,\"max\":9,\"default\":3}"), "models[0].parameters: width and height go together"},
    {PARAMETER("\"sampler\":{\"choices\":[]}"), "models[0].parameters.sampler.choices: must not be empty"},
    {PARAMETER("\"sampler\":{\"choices\":[\"a\",\"b,c\"]}"), "models[0].parameters.sampler.choices[1]: want a word"},
    {PARAMETER("\"sampler\":{\"choices\":[\"a\"],\"default\":\"b\"}"), "models[0].parameters.sampler.default: is not among"},
    {PARAMETER("\"negative_prompt\":{\"choices\":5}"), "models[0].parameters.negative_prompt.choices: is not known here; known: sent_as"},
    /* answers and errors */
    {ANSWER("\"colour\":1"), "answer.colour: is not known here"},
    {ANSWER("\"pictures\":5"), "answer.pictures: want a string, got number"},
    {ANSWER("\"pictures\":[]"), "answer.pictures: must not be empty"},
    {ANSWER("\"pictures\":[\"a\",\"b..c\"]"), "answer.pictures[1]: want a path like data[].url"},
    {ANSWER("\"message\":\"a[].b\""), "answer.message: want a path like error.message"},
    {ANSWER("\"state\":\"a[1\""), "answer.state: want a path"},
    {ANSWER("\"states\":{\"working\":[\"w\"]}"), "answer.states.done: missing"},
    {ANSWER("\"states\":{\"working\":[5],\"done\":[\"d\"],\"failed\":[\"f\"]}"), "answer.states.working[0]: want a string"},
    {ANSWER("\"cost\":\"usage.cost\""), "answer.cost_unit_micros: missing"},
    {ERRORS("5"), "errors[0]: want an object, got number"},
    {ERRORS("{\"status\":429}"), "errors[0].means: missing"},
    {ERRORS("{\"status\":429,\"means\":\"bad\"}"), "errors[0].means: want one of: refused, quota, overload, blocked, failed"},
    {ERRORS("{\"means\":\"quota\"}"), "errors[0]: needs a status, a code or a message"},
    {ERRORS("{\"status\":99,\"means\":\"quota\"}"), "errors[0].status: want a status like 429"},
    {ERRORS("{\"status\":[500,400],\"means\":\"quota\"}"), "errors[0].status: want a status like 429"},
    {ERRORS("{\"code\":\"x\",\"means\":\"quota\"},{\"code\":\"x\",\"meens\":\"quota\"}"), "errors[1].meens: is not known"},
};

static void test_definition__what_is_wrong_is_named_with_its_path(void **state)
{
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(wrong); i++) {
    px_autoerror error = NULL;
    pixazo_provider *made = NULL;
    pixazo_status status = pixazo_provider_new(wrong[i][0], &made, &error);
    const char *message = pixazo_error_message(error);
    if (status != PIXAZO_E_ARGUMENT || made || strncmp(message, wrong[i][1], strlen(wrong[i][1])) != 0)
      fail_msg("%s\n  status %d, wanted \"%s\", got \"%s\"", wrong[i][0], status, wrong[i][1], message);
  }
  print_message("%zu wrong definitions\n", PX_ARRAY_SIZE(wrong));
}

static pixazo_provider *make(const char *json)
{
  pixazo_provider *made = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_provider_new(json, &made, &error), error);
  return made;
}

static void test_definition__the_least_one_is_careful_about_money(void **state)
{
  (void)state;
  pixazo_provider *made = make(DOCUMENT("", "", ""));
  assert_string_equal(pixazo_provider_name(made), "mine");
  assert_string_equal(made->row.title, "mine");
  assert_null(made->row.key_header);
  assert_false(made->row.billing.none || made->row.billing.errors_unbilled || made->row.billing.empty_unbilled);
  assert_int_equal(made->row.billing.blocked, PX_BILLED_UNKNOWN);
  assert_false(made->row.models[0].price.known);
  assert_false(px_model_unbilled(&made->row, &made->row.models[0]));
  assert_null(made->row.other);
  assert_null(made->row.ops.poll);
  assert_null(pixazo_provider_unref(made));
}

static void test_definition__every_section_arrives_in_the_row(void **state)
{
  (void)state;
  pixazo_provider *made = make(
      "{\"schema\":1,\"name\":\"mine\",\"title\":\"Mine\",\"base_url\":\"https://images.example/api\",\"notes\":\"n\","
      "\"auth\":{\"header\":\"X-Key\",\"prefix\":\"Key \",\"required\":true,\"hint\":\"look there\"},"
      "\"headers\":{\"X-Version\":\"7\",\"X-Other\":\"a\"},\"generation_timeout_ms\":5000,"
      "\"billing\":{\"rule\":\"r\",\"source\":\"s\",\"date\":\"2026-11-20\",\"errors\":\"not_billed\",\"blocked\":\"billed\"},"
      "\"poll\":{\"path\":\"/jobs/{id}?full=1\",\"interval_ms\":700},"
      "\"model_defaults\":{\"path\":\"/m/{model}\",\"parameters\":{\"prompt\":\"text\"}},"
      "\"models\":[{\"name\":\"a\",\"queue\":true},{\"name\":\"b\",\"title\":\"B\",\"path\":\"/b\"}],"
      "\"other_model\":{}}");
  const px_provider *row = &made->row;
  assert_string_equal(row->key_header, "X-Key");
  assert_string_equal(row->key_prefix, "Key ");
  assert_string_equal(row->key_hint, "look there");
  assert_string_equal(made->headers, "X-Version: 7\nX-Other: a");
  assert_int_equal(row->generation_ms, 5000);
  assert_int_equal(row->poll_interval_ms, 700);
  assert_true(row->billing.errors_unbilled && !row->billing.empty_unbilled);
  assert_int_equal(row->billing.blocked, PX_BILLED_YES);
  assert_int_equal(row->model_count, 2);
  assert_string_equal(row->models[0].title, "a");
  assert_true(row->models[0].queue && !row->models[1].queue);
  assert_string_equal(row->models[0].path, "/m/{model}");
  assert_string_equal(row->models[1].path, "/b");
  assert_string_equal(row->models[1].params[PX_FIELD_PROMPT].wire, "text");
  assert_ptr_equal(row->other, &row->models[2]);
  px_auto(px_buf) path = PX_BUF_INIT(200);
  assert_status(row->ops.poll(row, "a/b", &path, NULL), PIXAZO_OK);
  assert_string_equal(px_buf_text(&path), "/jobs/a%2Fb?full=1");
  (void)pixazo_provider_unref(made);
}

static void test_definition__a_model_twice_is_a_mistake(void **state)
{
  (void)state;
  px_autoerror error = NULL;
  pixazo_provider *made = NULL;
  assert_status(pixazo_provider_new("{\"schema\":1,\"name\":\"mine\",\"base_url\":\"https://a.example\",\"model_defaults\":"
                                    "{\"path\":\"/\",\"parameters\":{\"prompt\":\"p\"}},\"models\":[{\"name\":\"a\"},{\"name\":\"a\"}]}",
                                    &made, &error),
                PIXAZO_E_ARGUMENT);
  assert_string_equal(pixazo_error_message(error), "models[1].name: \"a\" is there already");
}

static px_plan *plan_of(pixazo_provider *definition, const char *request, pixazo_client **client)
{
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_error *error = NULL;
  options.definition = definition;
  options.api_key = kit_key;
  assert_ok(pixazo_client_new(&options, client, &error), error);
  return kit_plan(*client, request);
}

static void test_definition__a_plan_outlives_the_client_and_the_handle(void **state)
{
  (void)state;
  pixazo_client *client = NULL;
  pixazo_provider *made = make(DOCUMENT("", "", ""));
  px_plan *plan = plan_of(made, "{\"prompt\":\"a fox\"}", &client);
  (void)pixazo_provider_unref(made);
  (void)pixazo_client_unref(client);
  assert_string_equal(px_plan_get(plan)->provider, "mine");
  assert_string_equal(px_plan_get(plan)->model, "one");
  px_plan_unref(plan);
}

static void test_definition__prints_as_the_catalogue_does(void **state)
{
  (void)state;
  char *text = NULL;
  pixazo_provider *made = make(PARAMETER("\"steps\":{\"min\":1,\"max\":9,\"default\":3}"));
  assert_status(pixazo_provider_to_json(made, &text, NULL), PIXAZO_OK);
  assert_non_null(strstr(text, "\"id\":\"mine/one\""));
  assert_non_null(strstr(text, "\"steps\":{\"sent_as\":\"steps\",\"min\":1,\"max\":9,\"default\":3}"));
  pixazo_free(text);
  (void)pixazo_provider_unref(made);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_definition__what_is_wrong_is_named_with_its_path),
      cmocka_unit_test(test_definition__the_least_one_is_careful_about_money),
      cmocka_unit_test(test_definition__every_section_arrives_in_the_row),
      cmocka_unit_test(test_definition__a_model_twice_is_a_mistake),
      cmocka_unit_test(test_definition__a_plan_outlives_the_client_and_the_handle),
      cmocka_unit_test(test_definition__prints_as_the_catalogue_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
