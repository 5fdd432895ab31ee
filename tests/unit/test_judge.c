/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "support/client_kit.h"

#define DENIED "{\"statusCode\":401,\"message\":\"Access denied due to invalid subscription key.\"}"

typedef struct scene {
  pixazo_client *client;
  px_plan *priced_unknown; /* sdxl-turbo: a doubt is a doubt */
  px_plan *free_model;     /* sdxl */
  px_plan *queue;          /* gpt-image-2 */
} scene;

typedef struct expected {
  kit_reply reply;
  int32_t attempt_class;
  int32_t charge;
  pixazo_status status;
  const char *words; /* in the message; NULL: any */
} expected;

static void check(const px_outcome *outcome, const expected *wanted)
{
  pixazo_status status = pixazo_error_status(outcome->error);
  if (outcome->attempt_class != wanted->attempt_class || outcome->charge != wanted->charge || status != wanted->status)
    fail_msg("HTTP %d %.60s: %s, charge %d, %s", wanted->reply.status, wanted->reply.body,
             pixazo_class_name(outcome->attempt_class), outcome->charge, pixazo_status_name(status));
  const char *message = pixazo_error_message(outcome->error);
  if (wanted->words && !strstr(message, wanted->words))
    fail_msg("\"%s\" is not in: %s", wanted->words, message);
  assert_true(strlen(message) <= 512);
  assert_int_equal(pixazo_error_class(outcome->error), outcome->error ? wanted->attempt_class : 0);
}

static void judge_all(pixazo_client *client, const px_plan *plan, const expected *cases, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    px_outcome *outcome = kit_judge(client, plan, &cases[i].reply);
    check(outcome, &cases[i]);
    px_outcome_free(outcome);
  }
}

static void test_judge__answers_of_a_model_of_unknown_price(void **state)
{
  const scene *self = *state;
  static const char page[] = "<!DOCTYPE html><title>Just a moment...</title>";
  static const expected cases[] = {
      {{.status = 200, .body = "{\"output\":\"https://x.test/a.png\"}"},
       PIXAZO_CLASS_ACCEPTED,
       PIXAZO_CHARGE_CHARGED,
       PIXAZO_OK,
       NULL},
      {{.status = 401, .body = DENIED},
       PIXAZO_CLASS_REFUSED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_E_AUTH,
       "HTTP 401: Access denied"},
      {{.status = 402, .body = "{\"message\":\"insufficient balance\"}"},
       PIXAZO_CLASS_REFUSED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_E_QUOTA,
       "balance"},
      {{.status = 403, .body = "{\"message\":\"forbidden\"}"},
       PIXAZO_CLASS_REFUSED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_E_AUTH,
       NULL},
      {{.status = 403, .body = "{\"statusCode\":403,\"message\":\"Out of call volume quota.\"}"},
       PIXAZO_CLASS_REFUSED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_E_QUOTA,
       NULL},
      {{.status = 403, .type = "text/html", .body = page},
       PIXAZO_CLASS_REFUSED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_E_NETWORK,
       "challenge"},
      {{.status = 403, .body = "{}", .header = "cf-mitigated", .value = "challenge"},
       PIXAZO_CLASS_REFUSED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_E_NETWORK,
       "challenge"},
      {{.status = 429, .body = "{\"statusCode\":429,\"message\":\"Rate limit is exceeded.\"}"},
       PIXAZO_CLASS_REFUSED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_E_THROTTLED,
       "not charged"},
      {{.status = 400, .body = "{\"message\":\"bad width\"}"},
       PIXAZO_CLASS_REFUSED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_E_PROVIDER,
       "bad width"},
      {{.status = 400, .body = "{\"error\":{\"message\":\"moderation\"}}"},
       PIXAZO_CLASS_BLOCKED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_E_REJECTED,
       NULL},
      {{.status = 200, .body = "{\"error\":\"content policy\"}"},
       PIXAZO_CLASS_BLOCKED,
       PIXAZO_CHARGE_UNKNOWN,
       PIXAZO_E_REJECTED,
       "unknown price"},
      {{.status = 200, .body = "{\"imageUrl\":\"\"}"},
       PIXAZO_CLASS_EMPTY,
       PIXAZO_CHARGE_UNKNOWN,
       PIXAZO_E_PROVIDER,
       "no picture"},
      {{.status = 204, .body = ""}, PIXAZO_CLASS_EMPTY, PIXAZO_CHARGE_UNKNOWN, PIXAZO_E_PROVIDER, NULL},
      {{.status = 200, .body = page}, PIXAZO_CLASS_LOST, PIXAZO_CHARGE_CHARGED, PIXAZO_E_PROVIDER, "Just a moment..."},
      {{.status = 200, .body = "{\"output\":\"https://x.te", .cut = true},
       PIXAZO_CLASS_LOST,
       PIXAZO_CHARGE_CHARGED,
       PIXAZO_E_PROVIDER,
       "was cut"},
      {{.status = 500, .body = "{\"statusCode\":500,\"message\":\"Internal\"}"},
       PIXAZO_CLASS_AMBIGUOUS,
       PIXAZO_CHARGE_UNKNOWN,
       PIXAZO_E_AMBIGUOUS,
       "may be charged"},
      {{.status = 502, .type = "text/html", .body = page},
       PIXAZO_CLASS_AMBIGUOUS,
       PIXAZO_CHARGE_UNKNOWN,
       PIXAZO_E_AMBIGUOUS,
       NULL},
      {{.status = 503, .body = page, .header = "retry-after", .value = "1"},
       PIXAZO_CLASS_REFUSED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_E_THROTTLED,
       NULL},
      {{.status = 408, .body = "{}"}, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, PIXAZO_E_AMBIGUOUS, NULL},
      {{.status = 307, .body = "", .header = "redirect-host", .value = "evil.test"},
       PIXAZO_CLASS_REFUSED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_E_PROVIDER,
       "evil.test"},
  };
  judge_all(self->client, self->priced_unknown, cases, PX_ARRAY_SIZE(cases));
  tell_cases("answers of a model that costs money", PX_ARRAY_SIZE(cases));
}

static void test_judge__where_nothing_is_billed_nothing_is_in_doubt(void **state)
{
  const scene *self = *state;
  static const expected cases[] = {
      {{.status = 500, .body = "{\"message\":\"Internal\"}"},
       PIXAZO_CLASS_FAILED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_E_PROVIDER,
       "not charged"},
      {{.status = 200, .body = "{\"imageUrl\":\"\"}"},
       PIXAZO_CLASS_FAILED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_E_PROVIDER,
       NULL},
      {{.status = 200, .body = "{\"ima", .cut = true},
       PIXAZO_CLASS_FAILED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_E_NETWORK,
       NULL},
      {{.status = 200, .body = "{\"imageUrl\":\"https://x.test/a\"}"},
       PIXAZO_CLASS_ACCEPTED,
       PIXAZO_CHARGE_NOT_CHARGED,
       PIXAZO_OK,
       NULL},
  };
  judge_all(self->client, self->free_model, cases, PX_ARRAY_SIZE(cases));
}

static void test_judge__a_transfer_without_a_head_is_not_sent_or_ambiguous(void **state)
{
  const scene *self = *state;
  px_autoerror problem = NULL;
  (void)px_fail(&problem, PIXAZO_E_TIMEOUT, "nothing came from x.test within 300 s");
  px_evidence evidence = {.status = PIXAZO_E_TIMEOUT, .error = problem, .body_asked = true};
  px_outcome *outcome = NULL;
  assert_status(px_client_judge(self->client, self->priced_unknown, &evidence, NULL, &outcome, NULL), PIXAZO_OK);
  assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_AMBIGUOUS);
  assert_status(pixazo_error_status(outcome->error), PIXAZO_E_AMBIGUOUS);
  assert_non_null(strstr(pixazo_error_message(outcome->error), "within 300 s"));
  assert_int_equal(outcome->confidence, PIXAZO_CONFIDENCE_UNKNOWN);
  px_outcome_free(outcome);
  evidence.body_asked = false;
  assert_status(px_client_judge(self->client, self->priced_unknown, &evidence, NULL, &outcome, NULL), PIXAZO_OK);
  assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_NOT_SENT);
  assert_int_equal(outcome->charge, PIXAZO_CHARGE_NOT_CHARGED);
  assert_int_equal(outcome->confidence, PIXAZO_CONFIDENCE_BILLED);
  assert_status(pixazo_error_status(outcome->error), PIXAZO_E_TIMEOUT);
  px_outcome_free(outcome);
}

static void test_judge__an_answer_that_could_not_be_written_is_lost_not_good(void **state)
{
  const scene *self = *state;
  kit_answer made;
  px_autoerror disk = NULL;
  px_outcome *outcome = NULL;
  (void)px_fail(&disk, PIXAZO_E_IO, "cannot write the answer file: no space");
  kit_answer_make(&made, &(kit_reply){.status = 200, .body = "{\"output\":\"https://x.test/a.png\"}", .cut = true});
  made.evidence.status = PIXAZO_E_IO;
  made.evidence.error = disk;
  assert_status(px_client_judge(self->client, self->priced_unknown, &made.evidence, &made.answer, &outcome, NULL),
                PIXAZO_OK);
  assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_LOST);
  assert_status(pixazo_error_status(outcome->error), PIXAZO_E_IO);
  px_outcome_free(outcome);
  /* even where the transfer says it was whole: the file decides */
  made.evidence = (px_evidence){.body_asked = true, .head_complete = true, .body_complete = true, .http_status = 200};
  assert_status(px_client_judge(self->client, self->priced_unknown, &made.evidence, &made.answer, &outcome, NULL),
                PIXAZO_OK);
  assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_LOST);
  px_outcome_free(outcome);
  kit_answer_done(&made);
}

static void test_judge__a_queue_that_took_the_call_is_accepted(void **state)
{
  const scene *self = *state;
  static const char own[] =
      "{\"request_id\":\"r-1\",\"status\":\"QUEUED\",\"polling_url\":\"https://gateway.pixazo.ai/v2/requests/status/r-1\"}";
  static const char foreign[] =
      "{\"request_id\":\"r-1\",\"status\":\"QUEUED\",\"polling_url\":\"https://gateway.pixazo.ai.evil.test/r-1\"}";
  static const char port[] = "{\"request_id\":\"r-1\",\"polling_url\":\"https://gateway.pixazo.ai:8443/r-1\"}";
  px_outcome *outcome = kit_judge(self->client, self->queue, &(kit_reply){.status = 202, .body = own});
  assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_ACCEPTED);
  assert_null(outcome->error);
  assert_int_equal(outcome->picture_count, 0);
  assert_string_equal(outcome->remote_id, "r-1");
  assert_string_equal(outcome->poll_url, "https://gateway.pixazo.ai/v2/requests/status/r-1");
  px_outcome_free(outcome);
  outcome = kit_judge(self->client, self->queue, &(kit_reply){.status = 200, .body = foreign});
  assert_string_equal(outcome->remote_id, "r-1");
  assert_null(outcome->poll_url);
  px_outcome_free(outcome);
  outcome = kit_judge(self->client, self->queue, &(kit_reply){.status = 200, .body = port});
  assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_ACCEPTED);
  assert_null(outcome->poll_url);
  px_outcome_free(outcome);
}

static void test_judge__polls_end_only_on_the_providers_own_word(void **state)
{
  const scene *self = *state;
  static const expected cases[] = {
      {{.status = 200, .body = "{\"request_id\":\"r\",\"status\":\"PROCESSING\"}"},
       PIXAZO_CLASS_NONE,
       PIXAZO_CHARGE_UNKNOWN,
       PIXAZO_OK,
       NULL},
      {{.status = 200, .body = "{\"request_id\":\"r\",\"status\":\"REHEATING\"}"},
       PIXAZO_CLASS_NONE,
       PIXAZO_CHARGE_UNKNOWN,
       PIXAZO_OK,
       NULL},
      {{.status = 200,
        .body = "{\"request_id\":\"r\",\"status\":\"COMPLETED\",\"output\":{\"media_url\":\"https://x.test/a\"}}"},
       PIXAZO_CLASS_ACCEPTED,
       PIXAZO_CHARGE_CHARGED,
       PIXAZO_OK,
       NULL},
      {{.status = 200, .body = "{\"request_id\":\"r\",\"status\":\"COMPLETED\",\"output\":{}}"},
       PIXAZO_CLASS_EMPTY,
       PIXAZO_CHARGE_UNKNOWN,
       PIXAZO_E_PROVIDER,
       NULL},
      {{.status = 200, .body = "{\"request_id\":\"r\",\"status\":\"FAILED\",\"error\":\"gpu fell over\"}"},
       PIXAZO_CLASS_AMBIGUOUS,
       PIXAZO_CHARGE_UNKNOWN,
       PIXAZO_E_AMBIGUOUS,
       "gpu fell over"},
      {{.status = 200, .body = "{\"request_id\":\"r\",\"status\":\"FAILED\",\"error\":\"content policy\"}"},
       PIXAZO_CLASS_BLOCKED,
       PIXAZO_CHARGE_UNKNOWN,
       PIXAZO_E_REJECTED,
       NULL},
      {{.status = 404, .body = "{\"statusCode\":404,\"message\":\"Resource not found\"}"},
       PIXAZO_CLASS_NONE,
       PIXAZO_CHARGE_UNKNOWN,
       PIXAZO_E_PROVIDER,
       "Resource not found"},
      {{.status = 401, .body = DENIED}, PIXAZO_CLASS_NONE, PIXAZO_CHARGE_UNKNOWN, PIXAZO_E_AUTH, NULL},
      {{.status = 403, .type = "text/html", .body = "<html>"},
       PIXAZO_CLASS_NONE,
       PIXAZO_CHARGE_UNKNOWN,
       PIXAZO_E_NETWORK,
       NULL},
      {{.status = 500, .body = "{\"message\":\"x\"}"}, PIXAZO_CLASS_NONE, PIXAZO_CHARGE_UNKNOWN, PIXAZO_E_PROVIDER, NULL},
      {{.status = 200, .type = "text/html", .body = "<html>"},
       PIXAZO_CLASS_NONE,
       PIXAZO_CHARGE_UNKNOWN,
       PIXAZO_E_PROVIDER,
       NULL},
      {{.status = 200, .body = "{\"request_id\":\"r\",\"status\":\"COMPL", .cut = true},
       PIXAZO_CLASS_NONE,
       PIXAZO_CHARGE_UNKNOWN,
       PIXAZO_E_NETWORK,
       NULL},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    px_outcome *outcome = kit_judge_poll(self->client, self->queue, &cases[i].reply);
    check(outcome, &cases[i]);
    px_outcome_free(outcome);
  }
  tell_cases("answers of a queue", PX_ARRAY_SIZE(cases));
}

static void test_judge__the_key_never_comes_back_in_words(void **state)
{
  const scene *self = *state;
  static const char body[] = "{\"error\":{\"code\":\"test-key-not-real-0000\",\"message\":\"key test-key-not-real-0000 is "
                             "unknown\"},\"request_id\":\"r-test-key-not-real-0000\"}";
  px_outcome *outcome = kit_judge(self->client, self->priced_unknown,
                                  &(kit_reply){.status = 401, .body = body, .header = "request-id", .value = kit_key});
  assert_null(strstr(pixazo_error_message(outcome->error), kit_key));
  assert_non_null(strstr(pixazo_error_message(outcome->error), "key *** is unknown"));
  assert_null(strstr(pixazo_error_provider_code(outcome->error), kit_key));
  assert_null(strstr(pixazo_error_request_id(outcome->error), kit_key));
  assert_null(outcome->provider_code);
  assert_null(outcome->remote_id);
  px_outcome_free(outcome);
}

static void test_judge__the_key_never_comes_back_with_a_picture(void **state)
{
  const scene *self = *state;
  static const char body[] = "{\"images\":[{\"url\":\"https://x.test/test-key-not-real-0000/a.png?k=test-key-not-real-0000\","
                             "\"revised_prompt\":\"a fox, test-key-not-real-0000\"}]}";
  px_outcome *outcome = kit_judge(self->client, self->priced_unknown, &(kit_reply){.status = 200, .body = body});
  assert_int_equal(outcome->attempt_class, PIXAZO_CLASS_ACCEPTED);
  assert_int_equal(outcome->picture_count, 1);
  assert_string_equal(outcome->pictures[0].url, "https://x.test/**********************/a.png?k=**********************");
  assert_string_equal(outcome->pictures[0].revised_prompt, "a fox, **********************");
  px_outcome_free(outcome);
}

static void test_judge__a_wait_is_read_from_either_header(void **state)
{
  const scene *self = *state;
  static const struct {
    const char *name, *value;
    uint32_t wanted;
  } cases[] = {{"retry-after", "60", 60000}, {"retry-after-ms", "1500", 1500}, {"retry-after", "soon", 0}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    kit_reply reply = {.status = 429, .body = "{}", .header = cases[i].name, .value = cases[i].value};
    px_outcome *outcome = kit_judge(self->client, self->priced_unknown, &reply);
    assert_int_equal(outcome->retry_after_ms, cases[i].wanted);
    assert_int_equal(pixazo_error_retry_after_ms(outcome->error), cases[i].wanted);
    px_outcome_free(outcome);
  }
}

static void test_judge__a_message_stays_short_whatever_the_provider_says(void **state)
{
  const scene *self = *state;
  px_auto(px_buf) body = PX_BUF_INIT(65536);
  (void)px_buf_add_text(&body, "{\"message\":\"");
  for (int i = 0; i < 3000; i++)
    (void)px_buf_add_text(&body, "\xC3\xA9 ");
  (void)px_buf_add_text(&body, "\"}");
  px_outcome *outcome =
      kit_judge(self->client, self->priced_unknown, &(kit_reply){.status = 500, .body = px_buf_text(&body)});
  const char *message = pixazo_error_message(outcome->error);
  assert_true(strlen(message) <= 512);
  assert_true(px_utf8_valid(message, strlen(message)));
  assert_non_null(strstr(message, "may be charged"));
  px_outcome_free(outcome);
}

static int setup(void **state)
{
  static scene self;
  self.client = kit_client(NULL, NULL);
  self.priced_unknown = kit_plan(self.client, "{\"prompt\":\"p\",\"model\":\"sdxl-turbo\"}");
  self.free_model = kit_plan(self.client, "{\"prompt\":\"p\",\"model\":\"sdxl\"}");
  self.queue = kit_plan(self.client, "{\"prompt\":\"p\",\"model\":\"gpt-image-2\"}");
  *state = &self;
  return 0;
}

static int teardown(void **state)
{
  scene *self = *state;
  px_plan_unref(self->priced_unknown);
  px_plan_unref(self->free_model);
  px_plan_unref(self->queue);
  (void)pixazo_client_unref(self->client);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_judge__answers_of_a_model_of_unknown_price),
      cmocka_unit_test(test_judge__where_nothing_is_billed_nothing_is_in_doubt),
      cmocka_unit_test(test_judge__a_transfer_without_a_head_is_not_sent_or_ambiguous),
      cmocka_unit_test(test_judge__an_answer_that_could_not_be_written_is_lost_not_good),
      cmocka_unit_test(test_judge__a_queue_that_took_the_call_is_accepted),
      cmocka_unit_test(test_judge__polls_end_only_on_the_providers_own_word),
      cmocka_unit_test(test_judge__the_key_never_comes_back_in_words),
      cmocka_unit_test(test_judge__the_key_never_comes_back_with_a_picture),
      cmocka_unit_test(test_judge__a_wait_is_read_from_either_header),
      cmocka_unit_test(test_judge__a_message_stays_short_whatever_the_provider_says),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
