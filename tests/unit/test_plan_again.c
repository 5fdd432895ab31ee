/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/record.h"
#include "client/plan.h"
#include "support/client_kit.h"
#include "support/tmpdir.h"

static void test_plan_again__the_same_record_gives_the_same_bytes_again(void **state)
{
  static const char *const requests[] = {
      "{\"prompt\":\"p\\u00e9\",\"negative_prompt\":\"n\",\"steps\":50,\"guidance\":7.25,\"THEME\":1}",
      "{\"model\":\"gpt-image-2\",\"prompt\":\"p\",\"count\":2,\"width\":4000,\"provider_options\":{\"a\":{\"b\":1e5}}}",
  };
  pixazo_client *client = *state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(requests); i++) {
    px_plan *first = kit_plan(client, requests[i]);
    const px_plan_facts *facts = px_plan_get(first);
    pixazo_generation *record = px_generation_new();
    assert_true(px_record_set(&record->provider, facts->provider) && px_record_set(&record->model, facts->model) &&
                px_record_set(&record->prompt, facts->prompt) &&
                px_record_set(&record->effective_json, facts->effective_json) &&
                px_record_set(&record->outcome_json, facts->outcome_json));
    px_plan *again = NULL;
    pixazo_error *error = NULL;
    assert_ok(px_client_plan_again(client, record, &again, &error), error);
    assert_string_equal(again->body.pieces[0].text, first->body.pieces[0].text);
    assert_int_equal(px_plan_get(again)->images, facts->images);
    assert_string_equal(px_plan_get(again)->outcome_json, facts->outcome_json);
    px_plan_unref(again);
    px_plan_unref(first);
    pixazo_generation_free(record);
  }
}

static void test_plan_again__a_record_of_an_unknown_model_cannot_be_planned_again(void **state)
{
  pixazo_generation *record = px_generation_new();
  px_plan *again = NULL;
  assert_true(px_record_set(&record->provider, "pixazo") && px_record_set(&record->model, "gone"));
  assert_status(px_client_plan_again(*state, record, &again, NULL), PIXAZO_E_UNSUPPORTED);
  assert_null(again);
  pixazo_generation_free(record);
}

static px_plan *reroute(pixazo_client *client, const px_plan *plan, const char *model, pixazo_status wanted)
{
  px_target target;
  px_plan *other = NULL;
  assert_status(px_target_resolve(&client->accounts, model, NULL, &target, NULL), PIXAZO_OK);
  px_reroute way = {plan, &target, 0, "[]", false};
  assert_status(px_plan_reroute(client, &way, &other, NULL), wanted);
  return other;
}

static void test_plan_again__another_provider_gets_as_many_pictures_or_none(void **state)
{
  px_plan *many = kit_plan(*state, "{\"prompt\":\"p\",\"model\":\"gpt-image-2\",\"count\":3}");
  assert_null(reroute(*state, many, "pixazo/sdxl", PIXAZO_E_UNSUPPORTED));
  px_plan_unref(many);
  px_plan *one = kit_plan(*state, "{\"prompt\":\"p\",\"model\":\"sdxl\",\"seed\":9,\"parent\":"
                                  "\"0190a000-0000-7000-8000-000000000000\"}");
  px_plan *other = reroute(*state, one, "pixazo/flux-schnell", PIXAZO_OK);
  assert_string_equal(other->body.pieces[0].text, "{\"prompt\":\"p\",\"width\":1024,\"height\":1024,\"num_steps\":4,\"seed\":9}");
  assert_string_equal(px_plan_get(other)->route_json, "[]");
  assert_string_equal(px_plan_get(other)->relation, "variation_of");
  px_plan_unref(one);
  px_plan_unref(other);
}

static void write_picture(const char *path, const char *rest)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_true(fprintf(file, "\x89PNG\r\n\x1A\n%s", rest) > 0);
  assert_int_equal(fclose(file), 0);
}

static void test_plan_again__another_provider_never_gets_a_picture_that_changed_since(void **state)
{
  (void)state;
  char json[1024];
  char *directory = tmpdir_make();
  char *path = tmpdir_path(directory, "in.png");
  pixazo_client *client = kit_client("openai", NULL);
  write_picture(path, "one");
  (void)snprintf(json, sizeof json, "{\"prompt\":\"p\",\"images\":[\"%s\"]}", path);
  px_plan *plan = kit_plan(client, json);
  px_plan *other = reroute(client, plan, "openai/gpt-image-1-mini", PIXAZO_OK);
  assert_string_equal(other->inputs.items[0].sha256, plan->inputs.items[0].sha256);
  write_picture(path, "two");
  assert_null(reroute(client, plan, "openai/gpt-image-1-mini", PIXAZO_E_CONFLICT));
  px_plan_unref(plan);
  px_plan_unref(other);
  (void)pixazo_client_unref(client);
  free(path);
  tmpdir_remove(directory);
}

static int setup(void **state)
{
  *state = kit_client(NULL, NULL);
  return 0;
}

static int teardown(void **state)
{
  (void)pixazo_client_unref(*state);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_plan_again__the_same_record_gives_the_same_bytes_again),
      cmocka_unit_test(test_plan_again__a_record_of_an_unknown_model_cannot_be_planned_again),
      cmocka_unit_test(test_plan_again__another_provider_never_gets_a_picture_that_changed_since),
      cmocka_unit_test(test_plan_again__another_provider_gets_as_many_pictures_or_none),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
