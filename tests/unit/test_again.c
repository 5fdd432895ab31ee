/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/error.h"
#include "base/mem.h"
#include "client/handle.h"
#include "support/client_kit.h"

typedef struct scene {
  pixazo_client *client;
  px_plan *plan; /* of unknown price */
} scene;

/* Whether the outcome of a reply is followed by another try; *delay_ms as decided. */
static bool again(const scene *self, const kit_reply *reply, uint32_t retries, uint32_t *delay_ms)
{
  px_outcome *outcome = kit_judge(self->client, self->plan, reply);
  *delay_ms = 0;
  bool more = px_client_retry(self->client, self->plan, outcome, NULL, retries, delay_ms);
  px_outcome_free(outcome);
  return more;
}

static void test_again__paid_calls_are_repeated_only_where_it_is_free(void **state)
{
  const scene *self = *state;
  static const struct {
    kit_reply reply;
    bool more;
  } cases[] = {
      {{.status = 429, .body = "{}"}, true},
      {{.status = 503, .body = "{}", .header = "retry-after", .value = "1"}, true},
      {{.status = 403, .type = "text/html", .body = "<html>"}, true},
      {{.status = 403, .body = "{\"message\":\"no\"}"}, false},
      {{.status = 401, .body = "{}"}, false},
      {{.status = 400, .body = "{}"}, false},
      {{.status = 500, .body = "{\"message\":\"x\"}"}, false},
      {{.status = 502, .body = ""}, false},
      {{.status = 200, .body = "{}"}, false},
      {{.status = 200, .body = "{", .cut = true}, false},
      {{.status = 200, .body = "{\"output\":\"https://x.test/a\"}"}, false},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    uint32_t delay_ms;
    if (again(self, &cases[i].reply, 0, &delay_ms) != cases[i].more)
      fail_msg("HTTP %d %s", cases[i].reply.status, cases[i].reply.body);
    assert_false(again(self, &cases[i].reply, 2, &delay_ms));
  }
}

static void test_again__a_named_wait_is_kept_or_left_for_later(void **state)
{
  const scene *self = *state;
  uint32_t delay_ms;
  kit_reply reply = {.status = 429, .body = "{}", .header = "retry-after", .value = "60"};
  assert_true(again(self, &reply, 0, &delay_ms));
  assert_int_equal(delay_ms, 60000);
  reply = (kit_reply){.status = 429, .body = "{\"message\":\"Rate limit is exceeded. Try again in 7 seconds.\"}"};
  assert_true(again(self, &reply, 0, &delay_ms));
  assert_int_equal(delay_ms, 7000);
  reply.header = "retry-after"; /* and the header is nearer to the truth than words */
  reply.value = "9";
  assert_true(again(self, &reply, 0, &delay_ms));
  assert_int_equal(delay_ms, 9000);
  reply.value = "7200";
  assert_true(again(self, &reply, 0, &delay_ms));
  assert_int_equal(delay_ms, UINT32_MAX);
}

static void test_again__nothing_left_on_the_account_is_no_throttle(void **state)
{
  const scene *self = *state;
  uint32_t delay_ms;
  kit_reply reply = {.status = 429,
                     .body = "{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"You exceeded your current quota\"}}"};
  assert_false(again(self, &reply, 0, &delay_ms));
  reply.body = "{\"error\":{\"message\":\"You exceeded your quota, please retry in 2.5s\"}}";
  assert_true(again(self, &reply, 0, &delay_ms));
  assert_int_equal(delay_ms, 2500);
}

static void test_again__doubt_is_repeated_only_when_asked_for(void **state)
{
  const scene *self = *state;
  uint32_t delay_ms;
  const kit_reply reply = {.status = 504, .body = ""};
  assert_false(again(self, &reply, 0, &delay_ms));
  self->client->options.on_ambiguous = PIXAZO_AMBIGUOUS_RETRY;
  assert_true(again(self, &reply, 1, &delay_ms));
  assert_false(again(self, &reply, 2, &delay_ms));
  self->client->options.on_ambiguous = PIXAZO_AMBIGUOUS_STOP;
}

static void test_again__what_was_stopped_here_stays_stopped(void **state)
{
  const scene *self = *state;
  static const pixazo_status statuses[] = {PIXAZO_E_CANCELLED, PIXAZO_E_STATE, PIXAZO_E_IO};
  for (size_t i = 0; i < PX_ARRAY_SIZE(statuses); i++) {
    px_evidence evidence = {.status = statuses[i]};
    px_outcome *outcome = NULL;
    uint32_t delay_ms;
    assert_status(px_client_judge(self->client, self->plan, &evidence, NULL, &outcome, NULL), PIXAZO_OK);
    assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_NOT_SENT);
    assert_false(px_client_retry(self->client, self->plan, outcome, NULL, 0, &delay_ms));
    assert_false(px_client_retry(self->client, self->plan, outcome, &evidence, 0, &delay_ms));
    px_outcome_free(outcome);
  }
}

static void test_again__free_calls_have_a_number_of_their_own(void **state)
{
  const scene *self = *state;
  uint32_t delay_ms;
  px_evidence cut = {.status = PIXAZO_E_NETWORK, .head_complete = true, .http_status = 200};
  px_evidence gone = {.status = PIXAZO_E_PROVIDER, .head_complete = true, .body_complete = true, .http_status = 404};
  px_evidence busy = {.status = PIXAZO_E_PROVIDER, .head_complete = true, .body_complete = true, .http_status = 503};
  assert_true(px_client_retry(self->client, NULL, NULL, &cut, 4, &delay_ms));
  assert_false(px_client_retry(self->client, NULL, NULL, &cut, 5, &delay_ms));
  assert_false(px_client_retry(self->client, NULL, NULL, &gone, 0, &delay_ms));
  assert_true(px_client_retry(self->client, NULL, NULL, &busy, 0, &delay_ms));
  assert_true(delay_ms <= 1000);
}

static int setup(void **state)
{
  static scene self;
  self.client = kit_client(NULL, NULL);
  self.plan = kit_plan(self.client, "{\"prompt\":\"p\",\"model\":\"sdxl-turbo\"}");
  *state = &self;
  return 0;
}

static int teardown(void **state)
{
  scene *self = *state;
  px_plan_unref(self->plan);
  (void)pixazo_client_unref(self->client);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_again__paid_calls_are_repeated_only_where_it_is_free),
      cmocka_unit_test(test_again__a_named_wait_is_kept_or_left_for_later),
      cmocka_unit_test(test_again__nothing_left_on_the_account_is_no_throttle),
      cmocka_unit_test(test_again__doubt_is_repeated_only_when_asked_for),
      cmocka_unit_test(test_again__what_was_stopped_here_stays_stopped),
      cmocka_unit_test(test_again__free_calls_have_a_number_of_their_own),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
