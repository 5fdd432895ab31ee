/* SPDX-License-Identifier: MIT */
/* Which calls count as equal. */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "client/replay.h"
#include "support/client_kit.h"

#define SEEDED "\"prompt\":\"a fox\",\"model\":\"sdxl\",\"seed\":7"

/* The keys of the calls of a request; "" none. */
static void keys_of(const char *json, char (*keys)[PX_SHA256_HEX], size_t wanted)
{
  pixazo_client *client = kit_client("pixazo", NULL);
  pixazo_request *request = NULL;
  pixazo_error *error = NULL;
  px_plan **plans = NULL;
  size_t count = 0;
  assert_ok(pixazo_request_new_from_json(json, &request, &error), error);
  assert_ok(px_client_plan(client, request, &plans, &count, &error), error);
  assert_int_equal(count, wanted);
  for (size_t i = 0; i < count; i++) {
    const char *key = px_plan_get(plans[i])->replay_key;
    (void)snprintf(keys[i], PX_SHA256_HEX, "%s", key ? key : "");
    px_plan_unref(plans[i]);
  }
  px_free(plans);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
}

static bool same(const char *left, const char *right)
{
  char a[1][PX_SHA256_HEX], b[1][PX_SHA256_HEX];
  keys_of(left, a, 1);
  keys_of(right, b, 1);
  assert_int_equal(strlen(a[0]), 64);
  assert_int_equal(strlen(b[0]), 64);
  return strcmp(a[0], b[0]) == 0;
}

static void test_key__is_the_same_for_what_does_not_change_the_picture(void **state)
{
  (void)state;
  static const char *const equal[] = {
      "{" SEEDED "}",
      "{\"seed\":7,\"model\":\"pixazo/sdxl\",\"prompt\":\"a fox\"}",
      "{" SEEDED ",\"metadata\":{\"post\":4}}",
      "{" SEEDED ",\"post\":4}",
      "{" SEEDED ",\"idempotency_key\":\"k\",\"principal\":\"me\"}",
      "{" SEEDED ",\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"}",
      "{" SEEDED ",\"width\":1024,\"replay\":\"exact\"}", /* the default, said aloud */
  };
  for (size_t i = 1; i < PX_ARRAY_SIZE(equal); i++) {
    if (!same(equal[0], equal[i]))
      fail_msg("another key: %s", equal[i]);
  }
}

static void test_key__differs_by_everything_that_is_sent(void **state)
{
  (void)state;
  static const char *const others[] = {
      "{\"prompt\":\"a fox.\",\"model\":\"sdxl\",\"seed\":7}",
      "{\"prompt\":\"a fox\",\"model\":\"sdxl\",\"seed\":8}",
      "{\"prompt\":\"a fox\",\"model\":\"sdxl-lightning\",\"seed\":7}",
      "{" SEEDED ",\"width\":512}",
      "{" SEEDED ",\"steps\":9}",
      "{" SEEDED ",\"guidance\":3.5}",
      "{" SEEDED ",\"negative_prompt\":\"rain\"}",
      "{" SEEDED ",\"provider_options\":{\"style\":\"x\"}}",
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(others); i++) {
    if (same("{" SEEDED "}", others[i]))
      fail_msg("the same key: %s", others[i]);
  }
}

static void test_key__needs_a_seed_that_is_sent_or_the_callers_word(void **state)
{
  (void)state;
  static const char *const none[] = {
      "{\"prompt\":\"a fox\",\"model\":\"sdxl\"}",
      "{\"prompt\":\"a fox\",\"model\":\"sdxl\",\"seed\":-1}",
      "{\"prompt\":\"a fox\",\"model\":\"sdxl-turbo\",\"seed\":7}", /* takes no seed */
      "{" SEEDED ",\"replay\":\"never\"}",
  };
  char key[1][PX_SHA256_HEX];
  for (size_t i = 0; i < PX_ARRAY_SIZE(none); i++) {
    keys_of(none[i], key, 1);
    if (key[0][0])
      fail_msg("has a key: %s", none[i]);
  }
  assert_true(same("{\"prompt\":\"a fox\",\"model\":\"sdxl\",\"replay\":\"exact\"}",
                   "{\"prompt\":\"a fox\",\"model\":\"sdxl\",\"replay\":\"exact\"}")); /* though each draws another seed */
}

static void test_key__tells_the_calls_of_one_request_apart(void **state)
{
  (void)state;
  char keys[3][PX_SHA256_HEX];
  keys_of("{\"prompt\":\"a fox\",\"model\":\"sdxl\",\"replay\":\"exact\",\"count\":3}", keys, 3);
  assert_string_not_equal(keys[0], keys[1]);
  assert_string_not_equal(keys[1], keys[2]);
  keys_of("{" SEEDED ",\"count\":3}", keys, 3);
  assert_string_not_equal(keys[0], keys[1]);
  assert_string_not_equal(keys[1], keys[2]);
}

static void test_choice__is_one_of_two_words(void **state)
{
  (void)state;
  pixazo_client *client = kit_client("pixazo", NULL);
  pixazo_request *request = NULL;
  char *estimate = NULL;
  assert_status(pixazo_request_new_from_json("{\"prompt\":\"a\",\"replay\":\"maybe\"}", &request, NULL), PIXAZO_OK);
  assert_status(pixazo_client_estimate(client, request, &estimate, NULL), PIXAZO_E_ARGUMENT);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_key__is_the_same_for_what_does_not_change_the_picture),
      cmocka_unit_test(test_key__differs_by_everything_that_is_sent),
      cmocka_unit_test(test_key__needs_a_seed_that_is_sent_or_the_callers_word),
      cmocka_unit_test(test_key__tells_the_calls_of_one_request_apart),
      cmocka_unit_test(test_choice__is_one_of_two_words),
  };
  return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
