/* SPDX-License-Identifier: MIT */
/* How far a call is, asked while it runs: what its client is told, and that the call does not notice. The call waits for the
 * test to say that it may end. */
#include "kit.h"

#include <pthread.h>
#include <unistd.h>

#include "base/mem.h"

#define FRACTION "\"done\":\"progress\""
#define SLOW "{\"method\":\"POST\",\"delay_ms\":600000}"
#define PROGRESS "{\"path\":\"/sdapi/v1/progress*\","
#define PROMPT "{\"prompt\":\"p\"}"

typedef struct hearing {
  kit *kit;
  int told; /* new values */
  uint64_t done, total;
  uint64_t enough; /* the call may end at this value; 0: it is not this that ends it */
} hearing;

static int32_t hear(const pixazo_progress *progress, void *user_data)
{
  hearing *self = user_data;
  if (progress->work_done == self->done && progress->work_total == self->total)
    return 0;
  assert_int_equal(progress->stage, PIXAZO_STAGE_GENERATING);
  assert_int_equal(progress->bytes_done, 0);
  assert_true(progress->work_done >= self->done && progress->work_total == 1000);
  self->done = progress->work_done;
  self->total = progress->work_total;
  self->told++;
  if (self->enough && self->done >= self->enough)
    gateway_hurry(&self->kit->gateway);
  return 0;
}

/* A client that tells `heard`; NULL: nobody. */
static void use(kit *self, hearing *heard)
{
  pixazo_client_options options = kit_options(self);
  options.on_progress = heard ? hear : NULL;
  options.on_progress_data = heard;
  kit_use_engine(self, &options, FRACTION);
}

static void test_progress__reaches_the_hook_of_a_client(void **state)
{
  kit *self = *state;
  hearing heard = {.kit = self, .enough = 1000};
  use(self, &heard);
  kit_script(self, "[" SLOW "," PROGRESS "\"times\":1,\"body\":{\"progress\":0.25}}," PROGRESS "\"body\":{\"progress\":1}}]");
  kit_expect(self, kit_generate(self, PROMPT, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  assert_true(heard.told >= 1);
  assert_int_equal(heard.done, 1000);
}

typedef struct ending {
  kit *kit;
  const char *counter;
  int64_t wanted;
  pixazo_cancel *token; /* NULL: the call may end */
} ending;

/* From another thread, once the server has seen enough. */
static void *end_when_counted(void *argument)
{
  const ending *self = argument;
  (void)gateway_wait(&self->kit->gateway, self->counter, self->wanted, 15000);
  if (self->token) {
    pixazo_cancel_set(self->token, PIXAZO_CANCEL_NOW);
  } else {
    (void)usleep(350000); /* time enough for one more */
    gateway_hurry(&self->kit->gateway);
  }
  return NULL;
}

static pixazo_status generate_until(kit *self, const char *counter, int64_t wanted, pixazo_cancel *token)
{
  pthread_t thread;
  ending end = {self, counter, wanted, token};
  assert_int_equal(pthread_create(&thread, NULL, end_when_counted, &end), 0);
  pixazo_status status = kit_generate(self, PROMPT, token);
  assert_int_equal(pthread_join(thread, NULL), 0);
  return status;
}

static void test_progress__an_engine_that_does_not_know_is_asked_three_times(void **state)
{
  kit *self = *state;
  static const char *const rules[] = {
      "[" SLOW "," PROGRESS "\"status\":404,\"body\":{\"detail\":\"Not Found\"}}]",
      "[" SLOW "," PROGRESS "\"body\":{\"other\":1}}]",
      "[" SLOW "," PROGRESS "\"answer\":\"raw-image\",\"image_bytes\":200000}]",
      "[" SLOW "," PROGRESS "\"drop\":true,\"cut\":\"reset\"}]",
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(rules); i++) {
    hearing heard = {.kit = self};
    use(self, &heard);
    kit_script(self, rules[i]);
    kit_expect(self, generate_until(self, "polls", 3, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
    assert_int_equal(gateway_count(&self->gateway, "polls"), 3);
    assert_int_equal(heard.told, 0);
  }
}

static void test_progress__an_answer_that_hangs_holds_nobody_up(void **state)
{
  kit *self = *state;
  hearing heard = {.kit = self};
  use(self, &heard);
  kit_script(self, "[" SLOW "," PROGRESS "\"drop\":true,\"cut\":\"stall\"}]");
  kit_expect(self, generate_until(self, "polls", 1, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  assert_int_equal(gateway_count(&self->gateway, "polls"), 1); /* one at a time */
  assert_true(gateway_wait(&self->gateway, "client_gone", 1, 3000) >= 1);
}

static void test_progress__a_call_may_be_cut_and_its_client_freed_meanwhile(void **state)
{
  kit *self = *state;
  static const char *const rules[] = {
      "[" SLOW "," PROGRESS "\"drop\":true,\"cut\":\"stall\"}]",     /* a request hangs */
      "[" SLOW "," PROGRESS "\"body\":{\"progress\":0.5}}]",         /* the next one waits for its time */
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(rules); i++) {
    pixazo_cancel *token = NULL;
    hearing heard = {.kit = self};
    assert_status(pixazo_cancel_new(&token, NULL), PIXAZO_OK);
    use(self, &heard);
    kit_script(self, rules[i]);
    assert_status(generate_until(self, "polls", 1, token), PIXAZO_E_CANCELLED);
    self->client = pixazo_client_unref(self->client);
    (void)pixazo_cancel_unref(token);
  }
  use(self, NULL);
}

static void test_progress__nobody_is_asked_for_nobody(void **state)
{
  kit *self = *state;
  use(self, NULL);
  kit_script(self, "[{\"method\":\"POST\",\"delay_ms\":400}]");
  kit_expect(self, kit_generate(self, PROMPT, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  assert_int_equal(gateway_count(&self->gateway, "polls"), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_progress__reaches_the_hook_of_a_client),
      cmocka_unit_test(test_progress__an_engine_that_does_not_know_is_asked_three_times),
      cmocka_unit_test(test_progress__an_answer_that_hangs_holds_nobody_up),
      cmocka_unit_test(test_progress__a_call_may_be_cut_and_its_client_freed_meanwhile),
      cmocka_unit_test(test_progress__nobody_is_asked_for_nobody),
  };
  return cmocka_run_group_tests_name("progress", tests, kit_start, kit_stop);
}
