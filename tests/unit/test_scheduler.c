/* SPDX-License-Identifier: MIT */
/* How facts are written, and how many calls begin. */
#include "base/error.h"
#include "pipeline/stepped.h"
#include "support/testing.h"

typedef struct probe {
  px_op op;
  int refusals; /* how often it is refused before it is written */
  int applied;
  int done;
  pixazo_status told;
  pixazo_status refusal;
} probe;

static pixazo_status apply(px_op *op, px_journal *journal, pixazo_error **error)
{
  probe *p = (probe *)((char *)op - offsetof(probe, op));
  (void)journal;
  p->applied++;
  return p->applied > p->refusals ? PIXAZO_OK : px_fail(error, p->refusal, "refused");
}

static void done(px_op *op, pixazo_status status, const pixazo_error *error)
{
  probe *p = (probe *)((char *)op - offsetof(probe, op));
  p->done++;
  p->told = status;
  assert_int_equal(error == NULL, status == PIXAZO_OK);
}

static void pass(stepped *s, int64_t milliseconds)
{
  fake_clock_advance(&s->clock, milliseconds * 1000);
  px_pipeline_pump(s->kit.pipeline);
}

static void test_ops__a_fact_that_is_refused_is_parked_and_written_later(void **state)
{
  stepped *s = *state;
  probe fact = {.op = {.apply = apply, .done = done, .must = true}, .refusals = 1, .refusal = PIXAZO_E_BUSY};
  kit_open(&s->kit);
  px_pipeline_op(s->kit.pipeline, &fact.op);
  px_pipeline_pump(s->kit.pipeline);
  assert_int_equal(fact.applied, 1);
  assert_int_equal(fact.done, 0);
  assert_true(s->kit.pipeline->synced.halted);
  pixazo_error *trouble = pixazo_pipeline_trouble(s->kit.pipeline);
  assert_status(pixazo_error_status(trouble), PIXAZO_E_BUSY);
  pixazo_error_free(trouble);
  pass(s, 600);
  assert_int_equal(fact.applied, 2);
  assert_int_equal(fact.done, 1);
  assert_status(fact.told, PIXAZO_OK);
  assert_false(s->kit.pipeline->synced.halted);
}

static void test_ops__what_will_not_pass_or_is_no_fact_is_told_at_once(void **state)
{
  stepped *s = *state;
  probe wish = {.op = {.apply = apply, .done = done}, .refusals = 1, .refusal = PIXAZO_E_BUSY};
  probe wrong = {.op = {.apply = apply, .done = done, .must = true}, .refusals = 1, .refusal = PIXAZO_E_STATE};
  kit_open(&s->kit);
  px_pipeline_op(s->kit.pipeline, &wish.op);
  px_pipeline_op(s->kit.pipeline, &wrong.op);
  px_pipeline_pump(s->kit.pipeline);
  assert_int_equal(wish.done, 1);
  assert_status(wish.told, PIXAZO_E_BUSY);
  assert_int_equal(wrong.done, 1);
  assert_status(wrong.told, PIXAZO_E_STATE);
  assert_false(s->kit.pipeline->synced.halted);
}

static void test_ops__each_keeps_its_own_status_in_a_shared_step(void **state)
{
  stepped *s = *state;
  probe apart = {.op = {.apply = apply, .done = done, .apart = true}, .refusals = 1, .refusal = PIXAZO_E_NOT_FOUND};
  probe good = {.op = {.apply = apply, .done = done, .apart = true}};
  probe shared = {.op = {.apply = apply, .done = done}};
  kit_open(&s->kit);
  px_pipeline_op(s->kit.pipeline, &shared.op);
  px_pipeline_op(s->kit.pipeline, &apart.op);
  px_pipeline_op(s->kit.pipeline, &good.op);
  assert_true(px_pipeline_step(s->kit.pipeline, false));
  assert_status(apart.told, PIXAZO_E_NOT_FOUND);
  assert_status(good.told, PIXAZO_OK);
  assert_status(shared.told, PIXAZO_OK);
  assert_int_equal(apart.done + good.done + shared.done, 3);
}

static void test_slots__no_more_calls_begin_than_there_are(void **state)
{
  stepped *s = *state;
  s->kit.pipeline_options.concurrency = 2;
  kit_open(&s->kit);
  char *first = kit_add(&s->kit, "{\"prompt\":\"a\",\"width\":16,\"height\":16}");
  for (int i = 0; i < 4; i++)
    pixazo_free(kit_add(&s->kit, "{\"prompt\":\"b\",\"width\":16,\"height\":16}"));
  stepped_until(s, first, stepped_is_sent);
  (void)px_pipeline_step(s->kit.pipeline, false);
  assert_int_equal(s->kit.pipeline->synced.in_flight, 2);
  px_pipeline_pump(s->kit.pipeline);
  assert_int_equal(s->kit.pipeline->synced.in_flight, 0);
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 0);
  pixazo_free(first);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_ops__a_fact_that_is_refused_is_parked_and_written_later, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_ops__what_will_not_pass_or_is_no_fact_is_told_at_once, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_ops__each_keeps_its_own_status_in_a_shared_step, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_slots__no_more_calls_begin_than_there_are, stepped_setup, stepped_teardown),
  };
  return cmocka_run_group_tests_name("scheduler", tests, NULL, NULL);
}
