/* SPDX-License-Identifier: MIT */
/* Every shape of answer, and each shape with every node dropped, emptied or turned into something else. */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "client/reading.h"
#include "support/client_kit.h"
#include "support/mutate.h"
#include "json/json.h"
#include "json/writer.h"

#define PNG64 "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

static void read_reply(const kit_reply *reply, px_reading *reading)
{
  kit_answer made;
  pixazo_error *error = NULL;
  kit_answer_make(&made, reply);
  *reading = (px_reading){0};
  assert_ok(px_reading_read(&made.answer, reading, &error), error);
  kit_answer_done(&made);
}

static void read_text(const char *body, px_reading *reading)
{
  read_reply(&(kit_reply){.status = 200, .type = "application/json", .body = body}, reading);
}

/* The bytes of the first picture of a reply; free() them. */
static char *bytes_of(const char *body, size_t *size)
{
  kit_answer made;
  px_auto(px_reading) reading = {0};
  pixazo_error *error = NULL;
  kit_answer_make(&made, &(kit_reply){.status = 200, .type = "application/json", .body = body});
  assert_ok(px_reading_read(&made.answer, &reading, &error), error);
  assert_int_equal(reading.picture_count, 1);
  px_autoclose int descriptor = memfd_create("picture", MFD_CLOEXEC);
  assert_ok(px_picture_write(&reading.pictures[0], &made.answer, descriptor, 1 << 20, &error), error);
  kit_answer_done(&made);
  *size = (size_t)lseek(descriptor, 0, SEEK_END);
  char *bytes = malloc(*size + 1);
  assert_int_equal(pread(descriptor, bytes, *size, 0), *size);
  return bytes;
}

static void test_reading__urls_are_found_in_every_shape(void **state)
{
  (void)state;
  static const char *const bodies[] = {
      "{\"imageUrl\":\"https://x.test/a.png\"}",
      "{\"image_url\":\"https://x.test/a.png\"}",
      "{\"output\":\"https://x.test/a.png\"}",
      "{\"output_url\":\"https://x.test/a.png\",\"status\":\"success\"}",
      "{\"url\":\"https://x.test/a.png\"}",
      "{\"images\":[{\"url\":\"https://x.test/a.png\"}]}",
      "{\"images\":[\"https://x.test/a.png\"]}",
      "{\"output\":{\"media_url\":[\"https://x.test/a.png\"],\"media_type\":\"image/png\"},\"status\":\"COMPLETED\"}",
      "{\"output\":{\"media_url\":\"https://x.test/a.png\"}}",
      "{\"output\":[\"https://x.test/a.png\"]}",
      "{\"data\":[{\"url\":\"https://x.test/a.png\"}]}",
      "{\"type\":[\"tags\"],\"results\":[{\"key\":\"k\",\"caption\":\"c\",\"url\":\"https://x.test/a.png\"}]}",
      "\xEF\xBB\xBF {\"imageUrl\":\"https:\\/\\/x.test\\/a.png\"}",
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(bodies); i++) {
    px_auto(px_reading) reading = {0};
    read_text(bodies[i], &reading);
    if (reading.picture_count != 1 || reading.pictures[0].kind != PX_PICTURE_URL)
      fail_msg("%zu pictures in %s", reading.picture_count, bodies[i]);
    assert_string_equal(reading.pictures[0].url, "https://x.test/a.png");
    assert_int_equal(reading.author, PX_AUTHOR_PROVIDER);
  }
  tell_cases("shapes with links", PX_ARRAY_SIZE(bodies));
}

static void test_reading__bytes_are_found_in_every_shape(void **state)
{
  (void)state;
  static const char *const bodies[] = {
      "{\"image\":\"" PNG64 "\"}",
      "{\"base64\":\"" PNG64 "\"}",
      "{\"data\":\"" PNG64 "\"}",
      "{\"output\":\"data:image/png;base64," PNG64 "\"}",
      "{\"data\":[{\"b64_json\":\"" PNG64 "\",\"revised_prompt\":\"r\"}]}",
      "{\"images\":[\"" PNG64 "\"]}",
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(bodies); i++) {
    size_t size = 0;
    char *bytes = bytes_of(bodies[i], &size);
    assert_int_equal(size, 70);
    assert_memory_equal(bytes, "\x89PNG\r\n\x1A\n", 8);
    free(bytes);
  }
  tell_cases("shapes with bytes", PX_ARRAY_SIZE(bodies));
}

static void test_reading__a_raw_picture_is_itself(void **state)
{
  (void)state;
  static const char png[] = "\x89PNG\r\n\x1A\n and more";
  px_auto(px_reading) reading = {0};
  read_reply(&(kit_reply){.status = 200, .type = "application/json", .body = png}, &reading);
  assert_int_equal(reading.picture_count, 1);
  assert_int_equal(reading.pictures[0].kind, PX_PICTURE_BODY);
  px_reading_done(&reading);
  read_reply(&(kit_reply){.status = 200, .type = "image/avif", .body = "unknown bytes"}, &reading);
  assert_int_equal(reading.picture_count, 1);
  px_reading_done(&reading);
  read_reply(&(kit_reply){.status = 200, .type = "image/png", .body = "<html>no</html>"}, &reading);
  assert_int_equal(reading.picture_count, 0);
  assert_true(reading.html && reading.unreadable);
}

static void test_reading__what_holds_no_picture_says_so(void **state)
{
  (void)state;
  static const char *const bodies[] = {"{\"imageUrl\":\"\"}",
                                       "{\"imageUrl\":null}",
                                       "{}",
                                       "{\"images\":[]}",
                                       "{\"output\":{\"media_url\":[]}}",
                                       "[]",
                                       "{\"url\":\"ftp://x\"}",
                                       "{\"image\":\"abc\"}",
                                       "{\"output\":\"@taken:0\"}",
                                       "{\"imageUrl\":\"/relative.png\"}"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(bodies); i++) {
    px_auto(px_reading) reading = {0};
    read_text(bodies[i], &reading);
    if (reading.picture_count != 0 || reading.unreadable)
      fail_msg("%s: %zu pictures", bodies[i], reading.picture_count);
  }
  tell_cases("answers without a picture", PX_ARRAY_SIZE(bodies));
}

static void read_crowd(int count, px_reading *reading)
{
  px_auto(px_buf) body = PX_BUF_INIT(1 << 20);
  assert_true(px_buf_add_text(&body, "{\"images\":["));
  for (int i = 0; i < count; i++)
    assert_true(px_buf_printf(&body, "%s{\"url\":\"https://x.test/%d.png\"}", i ? "," : "", i));
  assert_true(px_buf_add_text(&body, "]}"));
  read_text(px_buf_text(&body), reading);
}

static void test_reading__more_pictures_than_asked_are_all_kept(void **state)
{
  (void)state;
  px_auto(px_reading) reading = {0};
  read_crowd(PX_PICTURES_MAX, &reading);
  assert_int_equal(reading.picture_count, PX_PICTURES_MAX);
  assert_false(reading.unreadable);
  assert_string_equal(reading.pictures[PX_PICTURES_MAX - 1].url, "https://x.test/4095.png");
}

static void test_reading__a_part_of_too_many_pictures_is_not_taken_for_the_whole(void **state)
{
  (void)state;
  px_auto(px_reading) reading = {0};
  read_crowd(PX_PICTURES_MAX + 1, &reading);
  assert_int_equal(reading.picture_count, 0);
  assert_true(reading.unreadable);
  assert_string_equal(reading.message, "the answer names more than 4096 pictures");
}

static void test_reading__errors_are_quoted_and_recognised(void **state)
{
  (void)state;
  static const struct {
    const char *body;
    const char *message;
    const char *code;
    bool policy, quota, overload;
  } cases[] = {
      {"{\"statusCode\":401,\"message\":\"Access denied\"}", "Access denied", NULL, false, false, false},
      {"{\"error\":\"text\"}", "text", NULL, false, false, false},
      {"{\"detail\":\"text\"}", "text", NULL, false, false, false},
      {"{\"error\":{\"code\":\"content_policy_violation\",\"message\":\"no\"}}", "no", "content_policy_violation", true,
       false, false},
      {"{\"error\":{\"message\":\"blocked by our Safety system\",\"type\":\"x\"}}", "blocked by our Safety system", "x",
       true, false, false},
      {"{\"statusCode\":403,\"message\":\"Out of call volume quota.\"}", "Out of call volume quota.", NULL, false, true,
       false},
      {"{\"message\":\"The model is overloaded\",\"code\":503}", "The model is overloaded", "503", false, false, true},
      {"{\"errors\":[{\"message\":\"m\",\"code\":\"c\"}]}", "m", "c", false, false, false},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    px_auto(px_reading) reading = {0};
    read_text(cases[i].body, &reading);
    assert_string_equal(reading.message, cases[i].message);
    if (!px_str_equal(reading.code, cases[i].code))
      fail_msg("%s: code %s", cases[i].body, reading.code ? reading.code : "(none)");
    assert_int_equal(reading.policy, cases[i].policy);
    assert_int_equal(reading.quota, cases[i].quota);
    assert_int_equal(reading.overload, cases[i].overload);
    assert_int_equal(reading.author, PX_AUTHOR_PROVIDER);
  }
}

static void test_reading__a_wait_is_found_in_the_body(void **state)
{
#define DETAILS(list) "{\"error\":{\"code\":429,\"message\":\"exceeded\",\"details\":[" list "]}}"
#define DELAY(text) "{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":" text "}"
#define LIMIT(id) "{\"violations\":[{\"quotaId\":\"" id "\"}]}"
  (void)state;
  static const struct {
    const char *body;
    bool waits;
    uint32_t wait_ms;
    bool quota;
  } cases[] = {
      {"{\"message\":\"Rate limit is exceeded. Try again in 60 seconds.\"}", true, 60000, false},
      {"{\"message\":\"Out of call volume quota. Quota will be replenished in 01:02:03.\"}", true, 3723000, true},
      {"{\"error\":{\"message\":\"Please try again in 12s\",\"code\":\"rate_limit_exceeded\"}}", true, 12000, false},
      {"{\"error\":\"try again later\"}", false, 0, false},
      {"{\"message\":\"m\",\"retry_after\":1.5}", true, 1500, false},
      {"{\"message\":\"m\",\"retry_after\":\"30\"}", true, 30000, false},
      {"{\"error\":{\"message\":\"m\",\"retryAfter\":2}}", true, 2000, false},
      {"{\"message\":\"m\",\"retry_after_ms\":250,\"retry_after\":9}", true, 250, false},
      {"{\"message\":\"m\",\"retry_after\":-1}", false, 0, false},
      {"{\"message\":\"m\",\"retry_after\":\"Sun, 06 Nov 1994 08:49:37 GMT\"}", false, 0, false},
      {"{\"message\":\"m\",\"retry_after\":null}", false, 0, false},
      {DETAILS(DELAY("\"37.4s\"")), true, 37400, false},
      {"[" DETAILS(DELAY("\"37.4s\"")) "]", true, 37400, false},
      {DETAILS(LIMIT("RequestsPerMinute") "," DELAY("\"5s\"")), true, 5000, false},
      {DETAILS(LIMIT("GenerateRequestsPerDayPerProjectPerModel-FreeTier") "," DELAY("\"5s\"")), false, 0, true},
      {DETAILS(DELAY("\"-5s\"")), false, 0, false},
      {DETAILS(DELAY("5")), false, 0, false},
      {DETAILS(DELAY("\"99999999999s\"")), true, UINT32_MAX, false},
      {DETAILS("7,null,[],{}"), false, 0, false},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    px_auto(px_reading) reading = {0};
    read_text(cases[i].body, &reading);
    if (reading.waits != cases[i].waits || reading.wait_ms != cases[i].wait_ms || reading.quota != cases[i].quota)
      fail_msg("%s: waits %d, %u ms, quota %d", cases[i].body, reading.waits, (unsigned)reading.wait_ms, reading.quota);
  }
  tell_cases("bodies with or without a wait", PX_ARRAY_SIZE(cases));
}

static void test_reading__foreign_bodies_are_not_the_providers(void **state)
{
  (void)state;
  px_auto(px_reading) reading = {0};
  read_text("{\"cloudflare_error\":true,\"title\":\"Error 502\",\"status\":502,\"message\":\"x\"}", &reading);
  assert_int_equal(reading.author, PX_AUTHOR_FOREIGN);
  px_reading_done(&reading);
  read_text("{\"imageUrl\":", &reading);
  assert_int_equal(reading.author, PX_AUTHOR_FOREIGN);
  assert_true(reading.unreadable);
  px_reading_done(&reading);
  read_text("nothing to parse", &reading);
  assert_true(reading.unreadable);
  px_reading_done(&reading);
  read_text("", &reading);
  assert_int_equal(reading.author, PX_AUTHOR_NOBODY);
  assert_false(reading.unreadable);
}

static void test_reading__queue_words_are_read_in_any_case(void **state)
{
  (void)state;
  static const struct {
    const char *body;
    px_queue_state queue;
    const char *id;
  } cases[] = {
      {"{\"request_id\":\"r-1\",\"status\":\"QUEUED\",\"polling_url\":\"https://x.test/p\"}", PX_QUEUE_WORKING, "r-1"},
      {"{\"requestId\":\"r-1\",\"status\":\"in_queue\"}", PX_QUEUE_WORKING, "r-1"},
      {"{\"task_id\":12345,\"state\":\"Processing\"}", PX_QUEUE_WORKING, "12345"},
      {"{\"id\":\"r\",\"status\":\"Completed\"}", PX_QUEUE_DONE, "r"},
      {"{\"prediction_id\":\"r\",\"status\":\"ERROR\"}", PX_QUEUE_FAILED, "r"},
      {"{\"id\":\"r\",\"status\":\"cancelled\"}", PX_QUEUE_FAILED, "r"},
      {"{\"id\":\"r\",\"status\":\"REHEATING\"}", PX_QUEUE_NONE, "r"},
      {"{\"id\":\"with space\",\"status\":200}", PX_QUEUE_NONE, NULL},
      {"{\"id\":{\"a\":1}}", PX_QUEUE_NONE, NULL},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    px_auto(px_reading) reading = {0};
    read_text(cases[i].body, &reading);
    if (reading.queue != cases[i].queue || !px_str_equal(reading.remote_id, cases[i].id))
      fail_msg("%s: state %d, id %s", cases[i].body, (int)reading.queue, reading.remote_id ? reading.remote_id : "(none)");
  }
}

static void test_reading__a_picture_of_megabytes_passes_in_pieces(void **state)
{
  (void)state;
  enum { GROUPS = 700000 };
  px_auto(px_buf) body = PX_BUF_INIT(8 << 20);
  assert_true(px_buf_add_text(&body, "{\"images\":[{\"revised_prompt\":\"r\",\"image\":\"iVBORw0KGgo"));
  assert_true(px_buf_add_char(&body, 'A'));
  for (int i = 0; i < GROUPS; i++)
    (void)px_buf_add(&body, "QUJD", 4);
  assert_true(px_buf_add_text(&body, "\"}]}"));
  kit_answer made;
  px_auto(px_reading) reading = {0};
  kit_answer_make(&made, &(kit_reply){.status = 200, .body = px_buf_text(&body)});
  assert_status(px_reading_read(&made.answer, &reading, NULL), PIXAZO_OK);
  assert_int_equal(reading.picture_count, 1);
  assert_string_equal(reading.pictures[0].revised_prompt, "r");
  px_autoclose int descriptor = memfd_create("picture", MFD_CLOEXEC);
  assert_status(px_picture_write(&reading.pictures[0], &made.answer, descriptor, 1000, NULL), PIXAZO_E_LIMIT);
  assert_int_equal(ftruncate(descriptor, 0), 0);
  (void)lseek(descriptor, 0, SEEK_SET);
  assert_status(px_picture_write(&reading.pictures[0], &made.answer, descriptor, 8 << 20, NULL), PIXAZO_OK);
  assert_int_equal(lseek(descriptor, 0, SEEK_END), 9 + 3 * GROUPS);
  kit_answer_done(&made);
}

static void test_reading__broken_base64_is_noticed_when_it_is_written(void **state)
{
  (void)state;
  kit_answer made;
  px_auto(px_reading) reading = {0};
  kit_answer_make(&made, &(kit_reply){.status = 200, .body = "{\"output\":\"data:image/png;base64,iVBORw0KGgo!!!!\"}"});
  assert_status(px_reading_read(&made.answer, &reading, NULL), PIXAZO_OK);
  assert_int_equal(reading.picture_count, 1);
  px_autoclose int descriptor = memfd_create("picture", MFD_CLOEXEC);
  assert_status(px_picture_write(&reading.pictures[0], &made.answer, descriptor, 1000, NULL), PIXAZO_E_CORRUPT);
  kit_answer_done(&made);
}

/* ---- mutations ---- */

typedef struct judged {
  pixazo_client *client;
  const px_plan *plan;
} judged;

/* Judges a mutated document: whatever it is, it must become an outcome, and one with an error where nothing came. */
static void judge_mutated(void *user, const char *path, const char *replacement, const char *body)
{
  const judged *self = user;
  pixazo_client *client = self->client;
  const px_plan *plan = self->plan;
  (void)path;
  (void)replacement;
  static const int statuses[] = {200, 202, 400, 429, 500};
  for (size_t i = 0; i < PX_ARRAY_SIZE(statuses); i++) {
    kit_reply reply = {.status = statuses[i], .type = "application/json", .body = body};
    px_outcome *outcome = kit_judge(client, plan, &reply);
    bool accepted = outcome->attempt_class == PIXAZO_CLASS_ACCEPTED;
    assert_int_equal(accepted, outcome->error == NULL);
    assert_true(!accepted || outcome->picture_count > 0 || outcome->remote_id);
    px_outcome_free(outcome);
    outcome = kit_judge_poll(client, plan, &reply);
    assert_true(outcome->attempt_class == PIXAZO_CLASS_NONE || (outcome->error == NULL) == (outcome->picture_count > 0));
    px_outcome_free(outcome);
  }
}

static void test_reading__no_mutation_of_an_answer_breaks_its_judge(void **state)
{
  (void)state;
  static const char *const documents[] = {
      "{\"imageUrl\":\"https://x.test/a.png\"}",
      "{\"request_id\":\"r\",\"status\":\"QUEUED\",\"polling_url\":\"https://gateway.pixazo.ai/v2/requests/status/r\"}",
      "{\"request_id\":\"r\",\"status\":\"COMPLETED\",\"output\":{\"media_url\":[\"https://x.test/a.png\"]},\"error\":null}",
      "{\"data\":[{\"b64_json\":\"" PNG64 "\",\"revised_prompt\":\"r\"},{\"url\":\"https://x.test/b.png\"}]}",
      "{\"error\":{\"code\":\"c\",\"message\":\"m\"},\"statusCode\":500}",
  };
  pixazo_client *client = kit_client(NULL, NULL);
  px_plan *queue = kit_plan(client, "{\"prompt\":\"p\",\"model\":\"gpt-image-2\"}");
  size_t mutants = 0;
  for (size_t i = 0; i < PX_ARRAY_SIZE(documents); i++)
    mutants += mutate_all(documents[i], judge_mutated, &(judged){client, queue});
  tell_cases("mutants of an answer, each under five statuses", mutants);
  px_plan_unref(queue);
  (void)pixazo_client_unref(client);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_reading__urls_are_found_in_every_shape),
      cmocka_unit_test(test_reading__bytes_are_found_in_every_shape),
      cmocka_unit_test(test_reading__a_raw_picture_is_itself),
      cmocka_unit_test(test_reading__what_holds_no_picture_says_so),
      cmocka_unit_test(test_reading__more_pictures_than_asked_are_all_kept),
      cmocka_unit_test(test_reading__a_part_of_too_many_pictures_is_not_taken_for_the_whole),
      cmocka_unit_test(test_reading__errors_are_quoted_and_recognised),
      cmocka_unit_test(test_reading__a_wait_is_found_in_the_body),
      cmocka_unit_test(test_reading__foreign_bodies_are_not_the_providers),
      cmocka_unit_test(test_reading__queue_words_are_read_in_any_case),
      cmocka_unit_test(test_reading__a_picture_of_megabytes_passes_in_pieces),
      cmocka_unit_test(test_reading__broken_base64_is_noticed_when_it_is_written),
      cmocka_unit_test(test_reading__no_mutation_of_an_answer_breaks_its_judge),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
