/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "client/definition.h"
#include "support/client_kit.h"

#define PNG "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"

static pixazo_provider *with_rules(const char *rules)
{
  px_auto(px_buf) text = PX_BUF_INIT(65536);
  pixazo_provider *made = NULL;
  pixazo_error *error = NULL;
  assert_true(px_buf_printf(&text,
                            "{\"schema\":1,\"name\":\"mine\",\"base_url\":\"https://a.example\",\"poll\":{\"path\":\"/{id}\"},%s,"
                            "\"models\":[{\"name\":\"one\",\"path\":\"/\",\"parameters\":{\"prompt\":\"p\"},\"price\":"
                            "{\"micros_per_picture\":40000,\"source\":\"s\",\"date\":\"2026-11-20\"}}]}",
                            rules));
  assert_ok(pixazo_provider_new(px_buf_text(&text), &made, &error), error);
  return made;
}

static void read_reply(const pixazo_provider *provider, int status, const char *type, const char *body, px_reading *reading)
{
  kit_answer answer;
  kit_reply reply = {.status = status, .type = type, .body = body};
  pixazo_error *error = NULL;
  *reading = (px_reading){0};
  kit_answer_make(&answer, &reply);
  assert_ok(provider->row.ops.read(&provider->row, &answer.answer, reading, &error), error);
  kit_answer_done(&answer);
}

static void test_rules__pictures_are_where_the_paths_say(void **state)
{
  (void)state;
  px_reading reading;
  pixazo_provider *made = with_rules("\"answer\":{\"pictures\":[\"no.such\",\"a.list[].deep[].u\"],\"revised_prompts\":\"p\"}");
  read_reply(made, 200, "application/json",
             "{\"image\":\"https://wrong.example/0.png\",\"p\":\"better\",\"a\":{\"list\":[{\"deep\":[{\"u\":\"https://a.example/1.png\"},"
             "{\"u\":\"" PNG "\"}]},{\"deep\":[{\"u\":5},{\"u\":\"https://a.example/2.png\"}]}]}}",
             &reading);
  assert_int_equal(reading.picture_count, 3);
  assert_string_equal(reading.pictures[0].url, "https://a.example/1.png");
  assert_int_equal(reading.pictures[1].kind, PX_PICTURE_BASE64);
  assert_string_equal(reading.pictures[2].url, "https://a.example/2.png");
  assert_string_equal(reading.pictures[2].revised_prompt, "better");
  px_reading_done(&reading);
  (void)pixazo_provider_unref(made);
}

static void test_rules__words_and_ids_are_replaced_not_added(void **state)
{
  (void)state;
  px_reading reading;
  pixazo_provider *made = with_rules("\"answer\":{\"message\":\"why.text\",\"code\":[\"why.no\",\"why.number\"],\"remote_id\":\"job\","
                                     "\"request_id\":\"trace\",\"poll_url\":\"where\"}");
  read_reply(made, 400, "application/json",
             "{\"message\":\"not this\",\"id\":\"not this\",\"why\":{\"text\":\"safety first\",\"number\":17},\"job\":\"j-1\","
             "\"trace\":\"t-1\",\"where\":\"https://a.example/j\"}",
             &reading);
  assert_string_equal(reading.message, "safety first");
  assert_string_equal(reading.code, "17");
  assert_string_equal(reading.remote_id, "j-1");
  assert_string_equal(reading.request_id, "t-1");
  assert_string_equal(reading.poll_url, "https://a.example/j");
  assert_true(reading.policy);
  px_reading_done(&reading);
  read_reply(made, 400, "application/json", "{\"message\":\"not this\",\"job\":\"with space\"}", &reading);
  assert_null(reading.message);
  assert_null(reading.remote_id);
  px_reading_done(&reading);
  (void)pixazo_provider_unref(made);
}

static void test_rules__states_are_the_provider_s_own_words(void **state)
{
  (void)state;
  static const struct {
    const char *word;
    px_queue_state state;
  } rows[] = {{"cooking", PX_QUEUE_WORKING}, {"Served", PX_QUEUE_DONE}, {"burnt", PX_QUEUE_FAILED}, {"completed", PX_QUEUE_NONE}};
  pixazo_provider *made = with_rules("\"answer\":{\"state\":\"job.phase\",\"states\":{\"working\":[\"cooking\"],\"done\":[\"served\"],"
                                     "\"failed\":[\"burnt\"]}}");
  for (size_t i = 0; i < PX_ARRAY_SIZE(rows); i++) {
    char body[100];
    px_reading reading;
    (void)snprintf(body, sizeof body, "{\"job\":{\"phase\":\"%s\"}}", rows[i].word);
    read_reply(made, 200, "application/json", body, &reading);
    assert_int_equal(reading.queue, rows[i].state);
    px_reading_done(&reading);
  }
  (void)pixazo_provider_unref(made);
}

static void test_rules__json_inside_a_text_is_read_and_a_contact_sheet_is_left_out(void **state)
{
  (void)state;
  px_reading reading;
  pixazo_provider *made =
      with_rules("\"answer\":{\"embedded\":\"info\",\"pictures\":\"images[]\",\"seeds\":[\"info.all[]\",\"info.seed\"]}");
  read_reply(made, 200, "application/json",
             "{\"images\":[\"" PNG "A\",\"" PNG "B\",\"" PNG "C\"],\"info\":\"{\\\"seed\\\":9,\\\"all\\\":[7,8]}\"}", &reading);
  assert_int_equal(reading.picture_count, 2);
  assert_int_equal(reading.pictures[0].ordinal, 1);
  assert_true(reading.pictures[0].seed == 7 && reading.pictures[1].seed == 8);
  px_reading_done(&reading);
  read_reply(made, 200, "application/json", "{\"images\":[\"" PNG "A\"],\"info\":\"{\\\"seed\\\":9}\"}", &reading);
  assert_true(reading.picture_count == 1 && reading.pictures[0].seed == 9);
  px_reading_done(&reading);
  read_reply(made, 200, "application/json", "{\"images\":[\"" PNG "A\"],\"info\":\"{\\\"seed\\\":-7}\"}", &reading);
  assert_true(reading.picture_count == 1 && reading.pictures[0].seed == -1);
  px_reading_done(&reading);
  read_reply(made, 200, "application/json", "{\"images\":[\"" PNG "A\",\"" PNG "B\"],\"info\":\"{broken\"}", &reading);
  assert_true(reading.picture_count == 2 && reading.pictures[0].seed == -1);
  px_reading_done(&reading);
  (void)pixazo_provider_unref(made);
}

static void test_rules__a_cost_in_the_answer_is_exact(void **state)
{
  (void)state;
  static const struct {
    const char *body;
    bool known;
    int64_t micros;
  } rows[] = {{"{\"u\":{\"c\":0.0421},\"images\":[]}", true, 42100}, {"{\"u\":{\"c\":\"0.5\"}}", true, 500000},
              {"{\"u\":{\"c\":-1}}", false, 0},                      {"{\"u\":{\"c\":\"free\"}}", false, 0},
              {"{\"u\":{\"c\":1e300}}", false, 0},                   {"{}", false, 0}};
  pixazo_provider *made = with_rules("\"answer\":{\"cost\":\"u.c\",\"cost_unit_micros\":1000000}");
  for (size_t i = 0; i < PX_ARRAY_SIZE(rows); i++) {
    px_reading reading;
    read_reply(made, 200, "application/json", rows[i].body, &reading);
    assert_int_equal(reading.cost_known, rows[i].known);
    assert_true(reading.cost_micros == rows[i].micros);
    px_reading_done(&reading);
  }
  (void)pixazo_provider_unref(made);
}

/* What an answer means in the end, with the rules of one definition. */
static void test_rules__errors_mean_what_the_definition_says(void **state)
{
  (void)state;
  static const struct {
    int status;
    const char *type;
    const char *body;
    int32_t attempt_class;
    int32_t charge;
    pixazo_status error;
  } rows[] = {
      {500, "application/json", "{\"code\":\"OOM\"}", PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, PIXAZO_E_PROVIDER},
      {500, "application/json", "{\"code\":\"other\"}", PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, PIXAZO_E_AMBIGUOUS},
      {500, "text/plain", "we are FULL today", PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, PIXAZO_E_THROTTLED},
      {500, "text/html", "<p>we are full", PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, PIXAZO_E_AMBIGUOUS},
      {400, "application/json", "{\"code\":\"no_money\"}", PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, PIXAZO_E_QUOTA},
      {200, "application/json", "{\"code\":\"no_money\"}", PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, PIXAZO_E_QUOTA},
      {422, "application/json", "{\"message\":\"x\"}", PIXAZO_CLASS_BLOCKED, PIXAZO_CHARGE_NOT_CHARGED, PIXAZO_E_REJECTED},
      {409, "application/json", "{\"message\":\"x\"}", PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, PIXAZO_E_AMBIGUOUS},
      {502, "application/json", "{\"code\":\"OOM\"}", PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, PIXAZO_E_AMBIGUOUS},
      {503, "text/plain", "upstream gone", PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, PIXAZO_E_AMBIGUOUS},
      {200, "application/json", "{\"code\":\"OOM\",\"images\":[\"https://a.example/1.png\"]}", PIXAZO_CLASS_ACCEPTED,
       PIXAZO_CHARGE_CHARGED, PIXAZO_OK},
  };
  pixazo_provider *made =
      with_rules("\"errors\":[{\"code\":\"oom\",\"means\":\"refused\"},{\"message\":\"full\",\"means\":\"overload\"},"
                 "{\"code\":\"no_money\",\"means\":\"quota\"},{\"status\":422,\"means\":\"blocked\"},"
                 "{\"status\":[409,410],\"means\":\"failed\"},{\"status\":503,\"means\":\"refused\"}]");
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_client *client = NULL;
  options.definition = made;
  assert_status(pixazo_client_new(&options, &client, NULL), PIXAZO_OK);
  px_plan *plan = kit_plan(client, "{\"prompt\":\"a fox\"}");
  for (size_t i = 0; i < PX_ARRAY_SIZE(rows); i++) {
    kit_reply reply = {.status = rows[i].status, .type = rows[i].type, .body = rows[i].body};
    px_outcome *outcome = kit_judge(client, plan, &reply);
    if (outcome->attempt_class != rows[i].attempt_class || outcome->charge != rows[i].charge ||
        pixazo_error_status(outcome->error) != rows[i].error)
      fail_msg("row %zu: class %d, charge %d, %s", i, outcome->attempt_class, outcome->charge,
               pixazo_error_message(outcome->error));
    px_outcome_free(outcome);
  }
  px_plan_unref(plan);
  (void)pixazo_client_unref(client);
  (void)pixazo_provider_unref(made);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rules__pictures_are_where_the_paths_say),
      cmocka_unit_test(test_rules__words_and_ids_are_replaced_not_added),
      cmocka_unit_test(test_rules__states_are_the_provider_s_own_words),
      cmocka_unit_test(test_rules__json_inside_a_text_is_read_and_a_contact_sheet_is_left_out),
      cmocka_unit_test(test_rules__a_cost_in_the_answer_is_exact),
      cmocka_unit_test(test_rules__errors_mean_what_the_definition_says),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
