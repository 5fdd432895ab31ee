/* SPDX-License-Identifier: MIT */
/* Answers that come as events: which pictures count, and which bytes they are. */
#include "support/testing.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "support/client_kit.h"

#define PICTURE(letter) "iVBORw0KGgoAAAAN" letter letter letter letter letter letter letter letter
#define PARTIAL "event: image_generation.partial_image\ndata: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"" PICTURE("A") "\"}\n\n"
#define DONE(letter)                                                                                              \
  "event: image_generation.completed\ndata: {\"type\":\"image_generation.completed\",\"b64_json\":\"" PICTURE(letter) \
  "\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}\n\n"
#define FAILURE "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"broken\",\"code\":\"moderation_blocked\"}}\n\n"

typedef struct expected {
  const char *body;
  bool cut;
  int32_t attempt_class;
  size_t pictures;
  const char *last; /* letters of the last picture's end */
} expected;

static const expected cases[] = {
    {DONE("B"), false, PIXAZO_CLASS_ACCEPTED, 1, "BBBB"},
    {PARTIAL PARTIAL DONE("B"), false, PIXAZO_CLASS_ACCEPTED, 1, "BBBB"},
    {DONE("B") DONE("C"), false, PIXAZO_CLASS_ACCEPTED, 2, "CCCC"},
    {PARTIAL DONE("B") PARTIAL DONE("C") "data: [DONE]\n\n", false, PIXAZO_CLASS_ACCEPTED, 2, "CCCC"},
    {DONE("B") "event: x\ndata: {\"unfinished\n\n", false, PIXAZO_CLASS_ACCEPTED, 1, "BBBB"},
    {"data: {\"b64_json\":\"" PICTURE("A") "\",\n\n" DONE("B"), false, PIXAZO_CLASS_ACCEPTED, 1, "BBBB"},
    {"data: {\"b64_json\":\"" PICTURE("A") "\n\n" DONE("B"), false, PIXAZO_CLASS_ACCEPTED, 1, "BBBB"},
    {PARTIAL DONE("B") "event: image_gen", true, PIXAZO_CLASS_ACCEPTED, 1, "BBBB"},
    {DONE("B") FAILURE, false, PIXAZO_CLASS_ACCEPTED, 1, "BBBB"},
    {PARTIAL FAILURE, false, PIXAZO_CLASS_BLOCKED, 0, NULL},
    {PARTIAL "data: {\"error\":\"text\"}\n\n", false, PIXAZO_CLASS_EMPTY, 0, NULL},
    {PARTIAL, false, PIXAZO_CLASS_EMPTY, 0, NULL},
    {PARTIAL, true, PIXAZO_CLASS_LOST, 0, NULL},
    {": only a comment\n\n", false, PIXAZO_CLASS_EMPTY, 0, NULL},
    {"data: [DONE]\n\n", false, PIXAZO_CLASS_EMPTY, 0, NULL},
    {"data: garbage\n\n", false, PIXAZO_CLASS_LOST, 0, NULL},
    {PARTIAL "data: {\"type\":\"image_generation.completed\",\"b64_json\":\"" PICTURE("B") "\"}", true, PIXAZO_CLASS_LOST, 0, NULL},
    {"{\"error\":{\"message\":\"json after all\"}}", false, PIXAZO_CLASS_EMPTY, 0, NULL},
};

/* The wanted picture out of the answer file, in base64 again. */
static void expect_bytes(const kit_answer *made, const px_picture *picture, const char *end)
{
  unsigned char bytes[64];
  char text[96];
  px_autoerror error = NULL;
  int descriptor = memfd_create("picture", MFD_CLOEXEC);
  assert_true(descriptor >= 0);
  assert_ok(px_picture_write(picture, &made->answer, descriptor, 1 << 20, &error), error);
  ssize_t size = pread(descriptor, bytes, sizeof bytes, 0);
  assert_int_equal(size, 18);
  px_base64_encode(bytes, (size_t)size, text);
  assert_memory_equal(text, "iVBORw0KGgoAAAAN", 16);
  assert_memory_equal(text + 20, end, 4);
  (void)close(descriptor);
}

static void check(pixazo_client *client, const px_plan *plan, const expected *wanted)
{
  kit_answer made;
  px_outcome *outcome = NULL;
  px_autoerror error = NULL;
  const kit_reply reply = {.status = 200, .type = "text/event-stream; charset=utf-8", .body = wanted->body, .cut = wanted->cut};
  kit_answer_make(&made, &reply);
  assert_ok(px_client_judge(client, plan, &made.evidence, &made.answer, &outcome, &error), error);
  if (outcome->attempt_class != wanted->attempt_class || outcome->picture_count != wanted->pictures)
    fail_msg("%s: %s with %zu pictures: %s", wanted->body, pixazo_class_name(outcome->attempt_class), outcome->picture_count,
             pixazo_error_message(outcome->error));
  if (wanted->last)
    expect_bytes(&made, &outcome->pictures[wanted->pictures - 1], wanted->last);
  if (wanted->attempt_class == PIXAZO_CLASS_ACCEPTED)
    assert_null(outcome->provider_code);
  px_outcome_free(outcome);
  kit_answer_done(&made);
}

static void test_events__what_is_whole_counts_and_nothing_else(void **state)
{
  (void)state;
  pixazo_client *client = kit_client("openai", NULL);
  px_plan *plan = kit_plan(client, "{\"prompt\":\"p\"}");
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++)
    check(client, plan, &cases[i]);
  px_plan_unref(plan);
  (void)pixazo_client_unref(client);
  print_message("%zu streams\n", PX_ARRAY_SIZE(cases));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_events__what_is_whole_counts_and_nothing_else),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
