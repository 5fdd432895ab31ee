/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "client/safety.h"
#include "support/client_kit.h"

#define NAMED                                                                                                      \
  "{\"error\":{\"message\":\"rejected by the safety system\",\"code\":\"moderation_blocked\",\"moderation_details\":" \
  "{\"moderation_stage\":\"output\",\"categories\":[\"violence\",7,\"\",\"self-\\\"harm\\\"\"]}}}"

static px_outcome *judged(const char *body, int status)
{
  pixazo_client *client = kit_client("pixazo", NULL);
  px_plan *plan = kit_plan(client, "{\"prompt\":\"a red fox\",\"model\":\"sdxl\"}");
  px_outcome *outcome = kit_judge(client, plan, &(kit_reply){.status = status, .type = "application/json", .body = body});
  px_plan_unref(plan);
  (void)pixazo_client_unref(client);
  return outcome;
}

static void test_safety__is_told_as_the_provider_named_it(void **state)
{
  (void)state;
  px_outcome *outcome = judged(NAMED, 400);
  assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_BLOCKED);
  assert_string_equal(outcome->safety_json,
                      "{\"source\":\"provider\",\"stage\":\"output\",\"categories\":[\"violence\",\"self-\\\"harm\\\"\"],"
                      "\"text\":\"rejected by the safety system\",\"code\":\"moderation_blocked\",\"charge\":\"not_charged\"}");
  px_outcome_free(outcome);
}

static void expect_stage(const char *message, const char *stage)
{
  char body[256];
  (void)snprintf(body, sizeof body, "{\"error\":{\"message\":\"%s\",\"code\":\"content_policy_violation\"}}", message);
  px_outcome *outcome = judged(body, 400);
  assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_BLOCKED);
  if (!strstr(outcome->safety_json, stage))
    fail_msg("no %s in %s", stage, outcome->safety_json);
  assert_non_null(strstr(outcome->safety_json, "\"categories\":[]"));
  px_outcome_free(outcome);
}

static void test_stage__follows_from_the_words_where_nothing_names_it(void **state)
{
  (void)state;
  expect_stage("Your prompt was flagged", "\"stage\":\"input\"");
  expect_stage("The generated image was filtered", "\"stage\":\"output\"");
  expect_stage("The output does not fit the prompt policy", "\"stage\":\"unknown\"");
  expect_stage("No", "\"stage\":\"unknown\"");
}

#define RATED                                                                              \
  "\"safetyRatings\":[{\"category\":\"HARM_CATEGORY_HARASSMENT\",\"probability\":\"NEGLIGIBLE\"}," \
  "{\"category\":\"HARM_CATEGORY_DANGEROUS_CONTENT\",\"probability\":\"HIGH\",\"blocked\":true}]"

static void test_stage__and_categories_follow_from_their_place(void **state)
{
  static const char *const rows[][2] = {
      {"{\"promptFeedback\":{\"blockReason\":\"PROHIBITED_CONTENT\"," RATED "}}", "\"stage\":\"input\""},
      {"{\"candidates\":[{\"finishReason\":\"IMAGE_SAFETY\"," RATED "}]}", "\"stage\":\"output\""},
  };
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(rows); i++) {
    px_outcome *outcome = judged(rows[i][0], 200);
    assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_BLOCKED);
    assert_non_null(strstr(outcome->safety_json, rows[i][1]));
    assert_non_null(strstr(outcome->safety_json, "\"categories\":[\"HARM_CATEGORY_DANGEROUS_CONTENT\"]"));
    px_outcome_free(outcome);
  }
  px_outcome *fine = judged("{\"imageUrl\":\"https://x.test/a.png\",\"candidates\":[{\"finishReason\":\"STOP\",\"safetyRatings\":["
                            "{\"category\":\"HARM_CATEGORY_HARASSMENT\",\"probability\":\"NEGLIGIBLE\"}]}]}", 200);
  assert_int_equal(fine->attempt_class, PIXAZO_CLASS_ACCEPTED);
  assert_null(fine->safety_json);
  px_outcome_free(fine);
}

static void test_safety__of_other_failures_says_nothing(void **state)
{
  (void)state;
  px_outcome *outcome = judged("{\"error\":{\"message\":\"the prompt is too long\"}}", 400);
  assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_REFUSED);
  assert_null(outcome->safety_json);
  px_outcome_free(outcome);
}

static void test_safety__marks_what_was_delivered_all_the_same(void **state)
{
  (void)state;
  px_outcome *outcome =
      judged("{\"imageUrl\":\"https://x.test/a.png\",\"safety_violations\":[\"medical\"]}", 200);
  assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_ACCEPTED);
  assert_non_null(strstr(outcome->safety_json, "\"categories\":[\"medical\"]"));
  px_outcome_free(outcome);
}

static void test_safety__never_holds_the_key(void **state)
{
  (void)state;
  char body[512];
  (void)snprintf(body, sizeof body,
                 "{\"error\":{\"message\":\"flagged: %s\",\"moderation_details\":{\"categories\":[\"%s\"]}}}", kit_key, kit_key);
  px_outcome *outcome = judged(body, 400);
  assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_BLOCKED);
  assert_null(strstr(outcome->safety_json, kit_key));
  assert_non_null(strstr(outcome->safety_json, "\"text\":\"flagged: "));
  px_outcome_free(outcome);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_safety__is_told_as_the_provider_named_it),
      cmocka_unit_test(test_stage__follows_from_the_words_where_nothing_names_it),
      cmocka_unit_test(test_stage__and_categories_follow_from_their_place),
      cmocka_unit_test(test_safety__of_other_failures_says_nothing),
      cmocka_unit_test(test_safety__marks_what_was_delivered_all_the_same),
      cmocka_unit_test(test_safety__never_holds_the_key),
  };
  return cmocka_run_group_tests_name("safety", tests, NULL, NULL);
}
