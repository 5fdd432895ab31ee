/* SPDX-License-Identifier: MIT */
/* How often each fault makes us pay: the POSTs are counted at the server. */
#include "kit.h"

#include <string.h>

/* A price that nobody knows: every doubt counts. */
static const char turbo[] = "{\"prompt\":\"p\",\"model\":\"sdxl-turbo\"}";
/* Known to be free: doubt costs nothing. */
static const char sdxl[] = "{\"prompt\":\"p\",\"model\":\"sdxl\"}";

typedef struct expected {
  const char *rules;
  pixazo_status status;
  int32_t attempt_class;
  int64_t posts;
} expected;

static void run_all(kit *self, const char *request, const expected *cases, size_t count)
{
  tell_cases("answers of a server, with the POSTs they cost", count);
  for (size_t i = 0; i < count; i++) {
    kit_script(self, cases[i].rules);
    pixazo_status status = kit_generate(self, request, NULL);
    if (status != cases[i].status)
      fail_msg("%s: %s: %s", cases[i].rules, pixazo_status_name(status), pixazo_error_message(self->error));
    kit_expect(self, status, cases[i].status, cases[i].attempt_class, cases[i].posts);
    assert_true(status == PIXAZO_OK || strlen(pixazo_error_generation(self->error)) == 36);
    assert_null(strstr(pixazo_error_message(self->error), kit_secret));
  }
}

static void test_charges__refusals_end_or_wait(void **state)
{
  static const expected cases[] = {
      {"[{\"method\":\"POST\",\"answer\":\"bad-key\"}]", PIXAZO_E_AUTH, PIXAZO_CLASS_REFUSED, 1},
      {"[{\"method\":\"POST\",\"answer\":\"balance\"}]", PIXAZO_E_QUOTA, PIXAZO_CLASS_REFUSED, 1},
      {"[{\"method\":\"POST\",\"answer\":\"balance-403\"}]", PIXAZO_E_QUOTA, PIXAZO_CLASS_REFUSED, 1},
      {"[{\"method\":\"POST\",\"answer\":\"forbidden\"}]", PIXAZO_E_AUTH, PIXAZO_CLASS_REFUSED, 1},
      {"[{\"method\":\"POST\",\"answer\":\"bad-request\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1},
      {"[{\"method\":\"POST\",\"answer\":\"not-found\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1},
      {"[{\"method\":\"POST\",\"answer\":\"unprocessable\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1},
      {"[{\"method\":\"POST\",\"answer\":\"rate-limited-silent\"}]", PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED, 3},
      {"[{\"method\":\"POST\",\"answer\":\"rate-limited-silent\",\"times\":2}]", PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 3},
      {"[{\"method\":\"POST\",\"answer\":\"overloaded-529\",\"times\":1}]", PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 2},
      {"[{\"method\":\"POST\",\"answer\":\"cloudflare\",\"times\":1}]", PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 2},
      {"[{\"method\":\"POST\",\"redirect\":\"{{base}}/elsewhere\",\"status\":307}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED,
       1},
  };
  run_all(*state, turbo, cases, sizeof cases / sizeof *cases);
}

static void test_charges__doubt_about_money_is_never_sent_again(void **state)
{
  static const expected cases[] = {
      {"[{\"method\":\"POST\",\"answer\":\"own-500\"}]", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"[{\"method\":\"POST\",\"answer\":\"foreign-500\"}]", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"[{\"method\":\"POST\",\"answer\":\"bad-gateway\"}]", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"[{\"method\":\"POST\",\"answer\":\"unavailable\"}]", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"[{\"method\":\"POST\",\"answer\":\"gateway-timeout\"}]", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"[{\"method\":\"POST\",\"answer\":\"cloudflare-522\"}]", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"[{\"method\":\"POST\",\"answer\":\"timeout\"}]", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"[{\"method\":\"POST\",\"drop\":true,\"cut\":\"reset\"}]", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"[{\"method\":\"POST\",\"drop\":true}]", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"[{\"method\":\"POST\",\"cut_head_after\":5}]", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1},
      {"[{\"method\":\"POST\",\"answer\":\"base64\",\"image_bytes\":100000,\"cut_after\":50000}]", PIXAZO_E_PROVIDER,
       PIXAZO_CLASS_LOST, 1},
      {"[{\"method\":\"POST\",\"answer\":\"half-json\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"[{\"method\":\"POST\",\"answer\":\"html\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"[{\"method\":\"POST\",\"answer\":\"not-json\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"[{\"method\":\"POST\",\"answer\":\"empty-url\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {"[{\"method\":\"POST\",\"answer\":\"no-url\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {"[{\"method\":\"POST\",\"answer\":\"empty\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {"[{\"method\":\"POST\",\"answer\":\"no-content\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {"[{\"method\":\"POST\",\"answer\":\"error-in-200\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_EMPTY, 1},
      {"[{\"method\":\"POST\",\"length_off\":10}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"[{\"method\":\"POST\",\"chunked\":\"no-end\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
  };
  run_all(*state, turbo, cases, sizeof cases / sizeof *cases);
}

static void test_charges__where_it_is_free_a_doubt_is_tried_again(void **state)
{
  static const expected cases[] = {
      {"[{\"method\":\"POST\",\"answer\":\"own-500\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 3},
      {"[{\"method\":\"POST\",\"answer\":\"own-500\",\"times\":2}]", PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 3},
      {"[{\"method\":\"POST\",\"drop\":true,\"cut\":\"reset\",\"times\":1}]", PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 2},
      {"[{\"method\":\"POST\",\"answer\":\"empty-url\",\"times\":1}]", PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 2},
      {"[{\"method\":\"POST\",\"answer\":\"half-json\",\"times\":1}]", PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 2},
  };
  run_all(*state, sdxl, cases, sizeof cases / sizeof *cases);
}

static void test_charges__a_doubt_is_sent_again_when_the_user_says_so(void **state)
{
  kit *self = *state;
  pixazo_client_options options = kit_options(self);
  options.on_ambiguous = PIXAZO_AMBIGUOUS_RETRY;
  kit_use(self, &options);
  const expected cases[] = {
      {"[{\"method\":\"POST\",\"answer\":\"gateway-timeout\",\"times\":1}]", PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 2},
      {"[{\"method\":\"POST\",\"answer\":\"gateway-timeout\"}]", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 3},
  };
  run_all(self, turbo, cases, sizeof cases / sizeof *cases);
  options = kit_options(self);
  kit_use(self, &options);
}

/* The status line told that the call was accepted: whatever is wrong with the rest is no doubt about money. */
static void test_charges__a_success_that_cannot_be_taken_is_lost_and_not_a_doubt(void **state)
{
  kit *self = *state;
  pixazo_client_options options = kit_options(self);
  options.on_ambiguous = PIXAZO_AMBIGUOUS_RETRY;
  kit_use(self, &options);
  const expected cases[] = {
      {"[{\"method\":\"POST\",\"content_length\":\"99999999999\"}]", PIXAZO_E_LIMIT, PIXAZO_CLASS_LOST, 1},
      {"[{\"method\":\"POST\",\"content_length\":[\"10\",\"20\"]}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"[{\"method\":\"POST\",\"content_length\":\"abc\"}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"[{\"method\":\"POST\",\"cut_head_after\":30}]", PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, 1},
      {"[{\"method\":\"POST\",\"endless_headers\":true}]", PIXAZO_E_LIMIT, PIXAZO_CLASS_LOST, 1},
      {"[{\"method\":\"POST\",\"status\":504,\"cut_head_after\":40}]", PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 3},
  };
  run_all(self, turbo, cases, sizeof cases / sizeof *cases);
  options = kit_options(self);
  kit_use(self, &options);
}

static void test_charges__a_later_call_that_fails_is_part_of_what_the_whole_cost(void **state)
{
  kit *self = *state;
  kit_script(self, "[{\"method\":\"POST\",\"nth\":2,\"answer\":\"gateway-timeout\"}]");
  assert_status(kit_generate(self, "{\"prompt\":\"p\",\"model\":\"sdxl-turbo\",\"count\":2}", NULL), PIXAZO_OK);
  assert_int_equal(pixazo_generation_state(self->record), PIXAZO_GENERATION_PARTIAL);
  assert_int_equal(pixazo_generation_image_count(self->record), 1);
  assert_int_equal(pixazo_generation_attempts(self->record), 2);
  assert_int_equal(gateway_count(&self->gateway, "posts"), 2);
}

static void test_charges__a_named_wait_is_waited_out(void **state)
{
  kit *self = *state;
  kit_script(self,
             "[{\"method\":\"POST\",\"status\":429,\"headers\":{\"Retry-After-Ms\":\"300\"},\"body\":{\"message\":\"slow\"},"
             "\"times\":1}]");
  kit_expect(self, kit_generate(self, turbo, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 2);
  int64_t took_us = pixazo_generation_updated_us(self->record) - pixazo_generation_created_us(self->record);
  assert_true(took_us >= 300000);
}

static void test_charges__a_wait_that_is_too_long_is_handed_back(void **state)
{
  kit *self = *state;
  kit_script(
      self, "[{\"method\":\"POST\",\"status\":429,\"headers\":{\"Retry-After\":\"7200\"},\"body\":{\"message\":\"slow\"}}]");
  kit_expect(self, kit_generate(self, turbo, NULL), PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED, 1);
  assert_int_equal(pixazo_error_retry_after_ms(self->error), 7200000);
}

static void test_charges__nothing_is_sent_where_nobody_listens(void **state)
{
  kit *self = *state;
  pixazo_client_options options = kit_options(self);
  options.base_url = "http://127.0.0.1:1";
  kit_use(self, &options);
  kit_script(self, "[]");
  kit_expect(self, kit_generate(self, turbo, NULL), PIXAZO_E_NETWORK, PIXAZO_CLASS_NOT_SENT, 0);
  assert_int_equal(pixazo_error_charge(self->error), PIXAZO_CHARGE_NOT_CHARGED);
  assert_int_equal(pixazo_error_is_retryable(self->error), 1);
  options = kit_options(self);
  options.allow_hosts = NULL;
  kit_use(self, &options);
  kit_expect(self, kit_generate(self, turbo, NULL), PIXAZO_E_NETWORK, PIXAZO_CLASS_NOT_SENT, 0);
  assert_string_equal(pixazo_error_hint(self->error), "name the host in allow_hosts if it is yours");
  options = kit_options(self);
  kit_use(self, &options);
}

static void test_charges__an_answer_that_never_ends_is_cut_at_its_bound(void **state)
{
  kit *self = *state;
  pixazo_client_options options = kit_options(self);
  options.max_answer_bytes = 1 << 20;
  kit_use(self, &options);
  kit_script(self, "[{\"method\":\"POST\",\"endless_body\":true}]");
  kit_expect(self, kit_generate(self, turbo, NULL), PIXAZO_E_LIMIT, PIXAZO_CLASS_LOST, 1);
  options = kit_options(self);
  kit_use(self, &options);
}

/* The budget keeps back the one call that would have asked whether there is credit again. */
static void test_charges__a_probe_that_was_not_sent_bars_nobody(void **state)
{
  kit *self = *state;
  pixazo_gate *gate = NULL;
  pixazo_client_options options = kit_options(self);
  assert_status(pixazo_gate_new(&gate, NULL), PIXAZO_OK);
  options.gate = gate;
  kit_use(self, &options);
  kit_script(self, "[{\"method\":\"POST\",\"answer\":\"balance\",\"times\":1}]");
  kit_expect(self, kit_generate(self, turbo, NULL), PIXAZO_E_QUOTA, PIXAZO_CLASS_REFUSED, 1);
  kit_expect(self, kit_generate(self, turbo, NULL), PIXAZO_E_QUOTA, PIXAZO_CLASS_NONE, 1);
  kit_put_forward(self, INT64_C(400000000));
  assert_status(pixazo_gate_set_budget(gate, "{\"cap_micros\":0}", NULL), PIXAZO_OK);
  kit_expect(self, kit_generate(self, turbo, NULL), PIXAZO_E_BUDGET, PIXAZO_CLASS_NONE, 1);
  assert_status(pixazo_gate_set_budget(gate, NULL, NULL), PIXAZO_OK);
  kit_expect(self, kit_generate(self, turbo, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 2);
  options = kit_options(self);
  kit_use(self, &options);
  (void)pixazo_gate_unref(gate);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_charges__refusals_end_or_wait),
      cmocka_unit_test(test_charges__doubt_about_money_is_never_sent_again),
      cmocka_unit_test(test_charges__where_it_is_free_a_doubt_is_tried_again),
      cmocka_unit_test(test_charges__a_doubt_is_sent_again_when_the_user_says_so),
      cmocka_unit_test(test_charges__a_success_that_cannot_be_taken_is_lost_and_not_a_doubt),
      cmocka_unit_test(test_charges__a_later_call_that_fails_is_part_of_what_the_whole_cost),
      cmocka_unit_test(test_charges__a_named_wait_is_waited_out),
      cmocka_unit_test(test_charges__a_wait_that_is_too_long_is_handed_back),
      cmocka_unit_test(test_charges__nothing_is_sent_where_nobody_listens),
      cmocka_unit_test(test_charges__an_answer_that_never_ends_is_cut_at_its_bound),
      cmocka_unit_test(test_charges__a_probe_that_was_not_sent_bars_nobody),
  };
  return cmocka_run_group_tests(tests, kit_start, kit_stop);
}
