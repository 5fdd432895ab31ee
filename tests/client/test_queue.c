/* SPDX-License-Identifier: MIT */
/* Queue models: one POST, then only questions. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char queue[] = "{\"prompt\":\"p\",\"model\":\"gpt-image-2\"}";

static void test_queue__is_asked_until_it_is_done(void **state)
{
  kit *self = *state;
  kit_script(self, "[{\"method\":\"POST\",\"queue\":[\"QUEUED\",\"in_queue\",\"Processing\",\"REHEATING\",\"completed\"]}]");
  kit_expect(self, kit_generate(self, queue, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  assert_int_equal(gateway_count(&self->gateway, "polls"), 5);
  assert_int_equal(pixazo_generation_image_count(self->record), 1);
  assert_int_equal(pixazo_generation_attempts(self->record), 1);
}

static void test_queue__several_pictures_of_one_call_come_together(void **state)
{
  kit *self = *state;
  kit_script(self, "[]");
  kit_expect(self, kit_generate(self, "{\"prompt\":\"p\",\"model\":\"gpt-image-2\",\"count\":3}", NULL), PIXAZO_OK,
             PIXAZO_CLASS_ACCEPTED, 1);
  assert_int_equal(pixazo_generation_image_count(self->record), 3);
}

static void test_queue__polls_that_stumble_are_repeated(void **state)
{
  kit *self = *state;
  static const char *const rules[] = {
      "[{\"path\":\"/v2/requests/status/*\",\"times\":3,\"answer\":\"own-500\"}]",
      "[{\"path\":\"/v2/requests/status/*\",\"times\":2,\"answer\":\"cloudflare\"}]",
      "[{\"path\":\"/v2/requests/status/*\",\"times\":2,\"drop\":true,\"cut\":\"reset\"}]",
      "[{\"path\":\"/v2/requests/status/*\",\"times\":2,\"answer\":\"unavailable\"}]",
  };
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    kit_script(self, rules[i]);
    kit_expect(self, kit_generate(self, queue, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  }
  tell_cases("polls that stumble", sizeof rules / sizeof rules[0]);
}

#define STATUS "\"path\":\"/v2/requests/status/*\""

/* Whatever the queue says of itself: the job that was asked for first is asked about, and nothing is bought again. */
static void test_queue__whatever_it_says_one_post_is_all(void **state)
{
  static const struct {
    const char *rules;
    pixazo_status status;
    int32_t attempt_class;
    int32_t charge; /* of the failure */
  } cases[] = {
      {"[{\"method\":\"POST\",\"queue\":[\"PROCESSING\",\"QUEUED\",\"PROCESSING\",\"QUEUED\",\"COMPLETED\"]}]", PIXAZO_OK,
       PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_NONE},
      {"[{" STATUS ",\"times\":2,\"body\":{\"request_id\":\"of-somebody-else\",\"status\":\"PROCESSING\"}}]", PIXAZO_OK,
       PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_NONE},
      {"[{" STATUS ",\"times\":2,\"body\":{\"hello\":\"world\"}}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_ACCEPTED,
       PIXAZO_CHARGE_CHARGED},
      {"[{" STATUS ",\"nth\":2,\"answer\":\"not-found\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED},
      {"[{" STATUS ",\"body\":{\"status\":\"COMPLETED\",\"output\":{}}}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY,
       PIXAZO_CHARGE_UNKNOWN},
      {"[{" STATUS ",\"body\":{\"status\":\"COMPLETED\",\"output\":{\"media_url\":[\"\"]}}}]", PIXAZO_E_PROVIDER,
       PIXAZO_CLASS_EMPTY, PIXAZO_CHARGE_UNKNOWN},
  };
  kit *self = *state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    kit_script(self, cases[i].rules);
    kit_expect(self, kit_generate(self, queue, NULL), cases[i].status, cases[i].attempt_class, 1);
    assert_int_equal(pixazo_error_charge(self->error), cases[i].charge);
    assert_int_equal(gateway_count(&self->gateway, "posts_begun"), 1);
    char *page = gateway_page(&self->gateway, "requests");
    assert_null(strstr(page, "of-somebody-else"));
    free(page);
  }
  tell_cases("queues that say odd things of themselves", sizeof cases / sizeof *cases);
}

static void test_queue__a_refused_poll_ends_the_asking_and_no_post_follows(void **state)
{
  kit *self = *state;
  kit_script(self, "[{\"path\":\"/v2/requests/status/*\",\"answer\":\"bad-key\"}]");
  kit_expect(self, kit_generate(self, queue, NULL), PIXAZO_E_AUTH, PIXAZO_CLASS_ACCEPTED, 1);
  assert_int_equal(gateway_count(&self->gateway, "polls"), 1);
  assert_int_equal(pixazo_error_charge(self->error), PIXAZO_CHARGE_CHARGED);
  assert_non_null(strstr(pixazo_error_message(self->error), "took the call as "));
  assert_int_equal(pixazo_error_is_retryable(self->error), 0);
}

static void test_queue__a_failed_job_is_in_doubt_and_is_not_bought_again(void **state)
{
  kit *self = *state;
  kit_script(self, "[{\"method\":\"POST\",\"queue\":[\"PROCESSING\",\"FAILED\"],\"queue_error\":\"the gpu fell over\"}]");
  kit_expect(self, kit_generate(self, queue, NULL), PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1);
  assert_non_null(strstr(pixazo_error_message(self->error), "the gpu fell over"));
}

static void test_queue__a_job_that_never_ends_meets_the_deadline(void **state)
{
  kit *self = *state;
  pixazo_client_options options = kit_options(self);
  options.generation_timeout_ms = 300;
  kit_use(self, &options);
  kit_script(self, "[{\"method\":\"POST\",\"queue\":[\"PROCESSING\"]}]");
  pixazo_status status = kit_generate(self, queue, NULL);
  assert_status(status, PIXAZO_E_TIMEOUT);
  assert_int_equal(gateway_count(&self->gateway, "posts"), 1);
  assert_int_equal(pixazo_error_charge(self->error), PIXAZO_CHARGE_CHARGED);
  assert_int_equal(pixazo_error_is_retryable(self->error), 0);
  options = kit_options(self);
  kit_use(self, &options);
}

static int64_t long_wait(const pixazo_retry *retry, void *user_data)
{
  (void)retry;
  kit_put_forward(user_data, INT64_C(3600000000));
  return 0;
}

static void test_queue__what_was_waited_before_the_call_is_not_taken_from_its_time(void **state)
{
  kit *self = *state;
  pixazo_client_options options = kit_options(self);
  options.on_retry = long_wait;
  options.on_retry_data = self;
  kit_use(self, &options);
  kit_script(self, "[{\"method\":\"POST\",\"answer\":\"rate-limited-silent\",\"times\":1}]");
  kit_expect(self, kit_generate(self, queue, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 2);
  options = kit_options(self);
  kit_use(self, &options);
}

static void test_queue__the_key_does_not_follow_a_polling_address_elsewhere(void **state)
{
  kit *self = *state;
  gateway stranger;
  gateway_start(&stranger, NULL);
  char rules[512];
  (void)snprintf(
      rules, sizeof rules,
      "[{\"method\":\"POST\",\"body\":{\"request_id\":\"r-1\",\"status\":\"QUEUED\",\"polling_url\":\"%s/v2/requests/"
      "status/r-1\"}},{\"path\":\"/v2/requests/status/r-1\",\"body\":{\"request_id\":\"r-1\",\"status\":\"COMPLETED\","
      "\"output\":{\"media_url\":[\"{{file}}\"]}}}]",
      stranger.base);
  kit_script(self, rules);
  kit_expect(self, kit_generate(self, queue, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  assert_int_equal(gateway_count(&self->gateway, "polls"), 1);
  assert_int_equal(gateway_count(&stranger, "connections"), 0);
  gateway_stop(&stranger);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_queue__is_asked_until_it_is_done),
      cmocka_unit_test(test_queue__several_pictures_of_one_call_come_together),
      cmocka_unit_test(test_queue__polls_that_stumble_are_repeated),
      cmocka_unit_test(test_queue__whatever_it_says_one_post_is_all),
      cmocka_unit_test(test_queue__a_refused_poll_ends_the_asking_and_no_post_follows),
      cmocka_unit_test(test_queue__a_failed_job_is_in_doubt_and_is_not_bought_again),
      cmocka_unit_test(test_queue__a_job_that_never_ends_meets_the_deadline),
      cmocka_unit_test(test_queue__what_was_waited_before_the_call_is_not_taken_from_its_time),
      cmocka_unit_test(test_queue__the_key_does_not_follow_a_polling_address_elsewhere),
  };
  return cmocka_run_group_tests(tests, kit_start, kit_stop);
}
