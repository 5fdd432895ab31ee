/* SPDX-License-Identifier: MIT */
/* A whole generation, and the resumption of one that was cut off, with every allocation failing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "pipeline/internal.h"
#include "support/gateway.h"
#include "support/testing.h"
#include "support/tmpdir.h"
#include "support/torture.h"
#include "world.h"

typedef struct plan {
  world w;
  char *start;     /* what every run begins with */
  char *directory; /* where it runs */
} plan;

static bool step(pixazo_pipeline *pipeline)
{
  return px_pipeline_step(pipeline, false) || px_crew_step(pipeline->workers) || px_crew_step(pipeline->files);
}

static void begin_run(plan *p)
{
  p->w.opened = 100; /* the same clock and the same ids each time */
  p->w.patience_ms = p->w.stepped ? 60000 : 300;
  world_copy(p->start, p->directory);
}

/* A wait that gave up because nothing could go on without memory is out of memory too. */
static pixazo_status outcome_of(pixazo_status status, pixazo_error **error)
{
  if (status != PIXAZO_E_AGAIN)
    return status;
  assert_true(torture_hit());
  assert_null(*error);
  return px_fail_nomem(error);
}

/* Once there is memory again the same handles work. */
static void still_usable(plan *p)
{
  pixazo_error *error = NULL;
  char id[40];
  p->w.patience_ms = 120000;
  assert_ok(world_generate(&p->w, "afterwards", id, &error), error);
  assert_ok(pixazo_pipeline_run(p->w.pipeline, NULL, NULL, NULL, &error), error);
}

static void end_run(plan *p)
{
  world_close(&p->w);
  torture_disarm();
  p->w.patience_ms = 60000;
  world_settle(&p->w);
}

static pixazo_status generate(void *user_data, pixazo_error **error)
{
  plan *p = user_data;
  char id[40] = "";
  begin_run(p);
  pixazo_status status = world_open(&p->w, error);
  bool opened = status == PIXAZO_OK;
  if (opened)
    status = outcome_of(world_generate(&p->w, "under test", id, error), error);
  if (opened && !torture_is_for_ever()) {
    torture_disarm();
    still_usable(p);
  }
  end_run(p);
  return status;
}

static void make_plan(plan *p, bool stepped, const char *gateway_base)
{
  pixazo_error *error = NULL;
  char id[40];
  *p = (plan){.start = tmpdir_make(), .directory = tmpdir_make()};
  p->w = (world){.directory = p->start, .stepped = stepped, .renditions = true, .gateway = gateway_base, .patience_ms = 60000};
  assert_ok(world_open(&p->w, &error), error);
  assert_ok(world_generate(&p->w, "before", id, &error), error);
  world_close(&p->w);
  p->w.directory = p->directory;
}

/* A plan whose start is a generation that was cut off. */
static void make_crashed_plan(plan *p, bool (*here)(const world *w))
{
  pixazo_error *error = NULL;
  char id[40];
  make_plan(p, true, NULL);
  world_copy(p->start, p->directory);
  assert_ok(world_open(&p->w, &error), error);
  assert_ok(world_add(&p->w, "under test", id, &error), error);
  while (!here(&p->w))
    assert_true(step(p->w.pipeline));
  world_copy(p->directory, p->start);
  world_close(&p->w);
}

static void drop_plan(plan *p)
{
  tmpdir_remove(p->start);
  tmpdir_remove(p->directory);
}

/* Allocation N is the same one in every run. */
static void must_repeat(plan *p, torture_scenario scenario)
{
  size_t counts[2];
  for (int i = 0; i < 2; i++) {
    pixazo_error *error = NULL;
    size_t before = torture_count();
    torture_fail_at(0, 0);
    assert_ok(scenario(p, &error), error);
    counts[i] = torture_count() - before;
  }
  assert_int_equal(counts[0], counts[1]);
}

static void test_torture__a_generation_ends_well_or_can_be_resumed(void **state)
{
  (void)state;
  plan p;
  make_plan(&p, true, NULL);
  must_repeat(&p, generate);
  assert_true(torture_run_thinned("generate, stepped", generate, &p, 1, 5) >= 200);
  drop_plan(&p);
}

/* A prompt the program could not be asked about is not sent; a picture it could not be asked about is recorded. */
static void test_torture__a_reviewed_one_ends_well_or_can_be_resumed(void **state)
{
  (void)state;
  plan p;
  make_plan(&p, true, NULL);
  p.w.reviewed = true;
  must_repeat(&p, generate);
  assert_int_equal(world_ask(&p.w, "SELECT count(*) FROM image WHERE alt_text LIKE '%seen by the program'"), 2);
  assert_true(torture_run_thinned("generate with hooks, stepped", generate, &p, 2, 10) >= 150);
  drop_plan(&p);
}

static bool has_answer(const world *w)
{
  return world_ask(w, "SELECT count(*) FROM attempt WHERE state = 1") == 1 && world_count_files(w, "spool", ".part") == 1 &&
         px_crew_step(w->pipeline->workers); /* the production, but not yet the judgement */
}

static bool is_accepted(const world *w)
{
  return world_ask(w, "SELECT count(*) FROM image WHERE state = 1") == 1;
}

static bool is_fetched(const world *w)
{
  return world_count_files(w, "spool", ".pic") == 1;
}

/* What the clock of a stepped world does, for one with threads. */
static void *lose_patience(void *token)
{
  (void)usleep(400000);
  pixazo_cancel_set(token, PIXAZO_CANCEL_SOFT);
  return NULL;
}

static pixazo_status resume_impatiently(plan *p, pixazo_error **error)
{
  pthread_t timer;
  char *report = NULL;
  bool timed = !p->w.stepped && pthread_create(&timer, NULL, lose_patience, p->w.impatience) == 0;
  pixazo_status status = pixazo_pipeline_resume(p->w.pipeline, PIXAZO_RESUME_PAID, p->w.impatience, &report, error);
  pixazo_free(report);
  if (timed)
    (void)pthread_join(timer, NULL);
  return status;
}

static pixazo_status resume(void *user_data, pixazo_error **error)
{
  plan *p = user_data;
  pixazo_error *later = NULL;
  begin_run(p);
  pixazo_status status = pixazo_cancel_new(&p->w.impatience, error);
  if (status == PIXAZO_OK)
    status = world_open(&p->w, error);
  bool opened = p->w.pipeline != NULL;
  if (opened)
    status = resume_impatiently(p, error);
  if (status == PIXAZO_E_CANCELLED && torture_hit()) { /* the clock's doing: without memory it could not go on */
    pixazo_error_free(*error);
    *error = NULL;
    status = px_fail_nomem(error);
  }
  if (opened && !torture_is_for_ever()) {
    torture_disarm();
    assert_ok(pixazo_pipeline_resume(p->w.pipeline, PIXAZO_RESUME_PAID, NULL, NULL, &later), later);
    still_usable(p);
  }
  end_run(p);
  p->w.impatience = pixazo_cancel_unref(p->w.impatience);
  assert_int_equal(world_ask(&p->w, "SELECT count(*) FROM generation WHERE idempotency_key = 'under test' AND state = 3"), 1);
  return status;
}

static void torture_resume(const char *name, bool (*here)(const world *w), size_t stride)
{
  plan p;
  make_crashed_plan(&p, here);
  must_repeat(&p, resume);
  assert_true(torture_run_thinned(name, resume, &p, stride, 5 * stride) >= 100);
  drop_plan(&p);
}

static void test_torture__a_kept_answer_survives_its_resumption(void **state)
{
  (void)state;
  torture_resume("resume of an answer, stepped", has_answer, 1);
}

static void test_torture__an_expected_picture_survives_its_resumption(void **state)
{
  (void)state;
  torture_resume("resume of an accepted call, stepped", is_accepted, 3);
}

static void test_torture__a_fetched_picture_survives_its_resumption(void **state)
{
  (void)state;
  torture_resume("resume of a fetched picture, stepped", is_fetched, 3);
}

static gateway server;

static int start_server(void **state)
{
  (void)state;
  gateway_start(&server, NULL);
  return 0;
}

static int stop_server(void **state)
{
  (void)state;
  gateway_stop(&server);
  return 0;
}

/* Nobody steps these: which allocation is the N-th differs from run to run, what must be true afterwards does not. */
static void test_torture__real_threads_lose_nothing_of_a_paid_call(void **state)
{
  (void)state;
  plan p;
  make_plan(&p, false, server.base);
  assert_true(torture_run("generate, threads and gateway", generate, &p, 23) >= 20);
  drop_plan(&p);
}

static void test_torture__real_threads_resume_a_kept_answer(void **state)
{
  (void)state;
  plan p;
  make_crashed_plan(&p, has_answer);
  p.w.stepped = false;
  assert_true(torture_run("resume of an answer, threads", resume, &p, 19) >= 20);
  drop_plan(&p);
}

int main(int count, char **arguments)
{
  torture_install();
  if (count > 1)
    cmocka_set_test_filter(arguments[1]);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_torture__a_generation_ends_well_or_can_be_resumed),
      cmocka_unit_test(test_torture__a_reviewed_one_ends_well_or_can_be_resumed),
      cmocka_unit_test(test_torture__a_kept_answer_survives_its_resumption),
      cmocka_unit_test(test_torture__an_expected_picture_survives_its_resumption),
      cmocka_unit_test(test_torture__a_fetched_picture_survives_its_resumption),
      cmocka_unit_test_setup_teardown(test_torture__real_threads_lose_nothing_of_a_paid_call, start_server, stop_server),
      cmocka_unit_test(test_torture__real_threads_resume_a_kept_answer),
  };
  return torture_report(cmocka_run_group_tests(tests, NULL, NULL));
}
