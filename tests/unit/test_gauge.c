/* SPDX-License-Identifier: MIT */
/* How far a call is, asked while it runs. The call waits for the test to say that it may end. */
#include "client/kit.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "client/steps.h"
#include "support/client_kit.h"

#define FRACTION "\"done\":\"progress\""
#define STEPS "\"done\":\"state.step\",\"total\":\"state.steps\""
#define SLOW "{\"method\":\"POST\",\"delay_ms\":600000}"
#define PROGRESS "{\"path\":\"/sdapi/v1/progress*\","
#define PROMPT "{\"prompt\":\"p\"}"

typedef struct sending {
  kit *kit;
  char told[256]; /* "done/total " */
  uint64_t enough; /* the call may end at this value */
  pixazo_status status;
  sem_t ended;
} sending;

static void on_report(void *user, const px_report *report)
{
  sending *self = user;
  size_t used = strlen(self->told);
  (void)snprintf(self->told + used, sizeof self->told - used, "%u/%u ", (unsigned)report->work_done,
                 (unsigned)report->work_total);
  assert_null(report->partial);
  if (report->work_done >= self->enough)
    gateway_hurry(&self->kit->gateway);
}

static void on_done(void *user, const px_evidence *evidence)
{
  sending *self = user;
  self->status = evidence->status;
  (void)sem_post(&self->ended);
}

/* One call, from the inside, where no value is passed over. */
static void expect_told(kit *self, const char *rule, const char *rules, uint64_t enough, const char *told)
{
  sending it = {.kit = self, .enough = enough};
  px_answer_writer writer;
  px_autoclose int descriptor = memfd_create("answer", MFD_CLOEXEC);
  pixazo_client_options options = kit_options(self);
  kit_use_engine(self, &options, rule);
  kit_script(self, rules);
  px_plan *plan = kit_plan(self->client, PROMPT);
  (void)sem_init(&it.ended, 0, 0);
  assert_status(px_answer_writer_init(&writer, descriptor, NULL), PIXAZO_OK);
  px_send send = {.plan = plan, .answer = &writer, .on_report = on_report, .on_done = on_done, .user = &it};
  assert_status(px_client_send(self->client, &send, NULL), PIXAZO_OK);
  while (sem_wait(&it.ended) != 0) {
  }
  assert_status(it.status, PIXAZO_OK);
  assert_string_equal(it.told, told);
  assert_int_equal(gateway_count(&self->gateway, "posts_answered_200"), 1);
  px_answer_writer_done(&writer);
  px_plan_unref(plan);
  (void)sem_destroy(&it.ended);
}

static void test_gauge__tells_what_the_engine_says_in_order(void **state)
{
  expect_told(*state, FRACTION,
              "[" SLOW "," PROGRESS "\"times\":1,\"body\":{\"progress\":0}}," PROGRESS "\"times\":1,\"body\":{\"progress\":0.4216}},"
              PROGRESS "\"times\":1,\"body\":{\"progress\":0.4216}}," PROGRESS "\"body\":{\"progress\":1.0}}]",
              1000, "0/1000 422/1000 1000/1000 ");
  expect_told(*state, STEPS,
              "[" SLOW "," PROGRESS "\"times\":1,\"body\":{\"state\":{\"step\":8,\"steps\":20}}},"
              PROGRESS "\"body\":{\"state\":{\"step\":20,\"steps\":20}}}]",
              20, "8/20 20/20 ");
}

static void test_gauge__asks_with_the_key_and_the_headers_of_the_account(void **state)
{
  kit *self = *state;
  expect_told(self, FRACTION, "[" SLOW "," PROGRESS "\"body\":{\"progress\":1}}]", 1000, "1000/1000 ");
  char *page = gateway_page(&self->gateway, "requests");
  const char *asked = strstr(page, "GET /sdapi/v1/progress?q=1");
  assert_non_null(asked);
  assert_non_null(strstr(asked, "X-Mine-Key: test-key-not-real-0000"));
  assert_non_null(strstr(asked, "X-Mine: 1"));
  free(page);
}

static void test_gauge__a_few_bad_answers_are_passed_over(void **state)
{
  expect_told(*state, FRACTION,
              "[" SLOW "," PROGRESS "\"times\":1,\"status\":500,\"body\":{\"progress\":0.1}},"
              PROGRESS "\"times\":1,\"body\":{\"progress\":null}}," PROGRESS "\"times\":1,\"body\":{\"progress\":0.5}},"
              PROGRESS "\"times\":1,\"body\":{\"progress\":1.5}}," PROGRESS "\"body\":{\"progress\":1}}]",
              1000, "500/1000 1000/1000 ");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gauge__tells_what_the_engine_says_in_order),
      cmocka_unit_test(test_gauge__asks_with_the_key_and_the_headers_of_the_account),
      cmocka_unit_test(test_gauge__a_few_bad_answers_are_passed_over),
  };
  return cmocka_run_group_tests_name("gauge", tests, kit_start, kit_stop);
}
