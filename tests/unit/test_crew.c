/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/crew.h"
#include "base/error.h"

struct job {
  px_task task; /* first: a job is its task */
  px_crew *crew;
  char *trace;
  atomic_int *runs;
  int generations; /* how many follow-up jobs this one adds */
};

static void note(px_task *task)
{
  struct job *job = (struct job *)task;
  *job->trace = '+';
}

static void test_crew__without_threads_runs_one_task_a_step_in_order(void **state)
{
  (void)state;
  char trace[3] = "--";
  px_crew *crew = NULL;
  assert_status(px_crew_new("step", 0, &crew, NULL), PIXAZO_OK);
  assert_false(px_crew_step(crew));
  struct job first = {.task = {NULL, note}, .trace = &trace[0]};
  struct job second = {.task = {NULL, note}, .trace = &trace[1]};
  px_crew_add(crew, &first.task);
  px_crew_add(crew, &second.task);
  assert_true(px_crew_step(crew));
  assert_string_equal(trace, "+-");
  assert_true(px_crew_step(crew));
  assert_string_equal(trace, "++");
  assert_false(px_crew_step(crew));
  px_crew_add(crew, &first.task);
  assert_true(px_crew_step(crew));
  px_crew_free(crew);
}

static void multiply(px_task *task)
{
  struct job *job = (struct job *)task;
  atomic_fetch_add(job->runs, 1);
  for (int i = 0; i < 2 && job->generations > 0; i++) {
    struct job *child = calloc(1, sizeof *child);
    child->task.run = multiply;
    child->crew = job->crew;
    child->runs = job->runs;
    child->generations = job->generations - 1;
    px_crew_add(job->crew, &child->task);
  }
  free(job);
}

static void check_free_works_off_everything(unsigned threads)
{
  atomic_int runs = 0;
  px_crew *crew = NULL;
  assert_status(px_crew_new("multiply", threads, &crew, NULL), PIXAZO_OK);
  struct job *job = calloc(1, sizeof *job);
  *job = (struct job){.task = {NULL, multiply}, .crew = crew, .runs = &runs, .generations = 6};
  px_crew_add(crew, &job->task);
  px_crew_free(crew);
  assert_int_equal(atomic_load(&runs), 127);
}

static void test_crew__free_works_off_what_tasks_add(void **state)
{
  (void)state;
  check_free_works_off_everything(0);
  check_free_works_off_everything(1);
  check_free_works_off_everything(4);
  px_crew_free(NULL);
}

struct seen {
  px_task task;
  sigset_t mask;
  char name[16];
};

static void look(px_task *task)
{
  struct seen *seen = (struct seen *)task;
  (void)pthread_sigmask(SIG_SETMASK, NULL, &seen->mask);
  (void)pthread_getname_np(pthread_self(), seen->name, sizeof seen->name);
}

enum { TOGETHER = 4, ROUNDS = 50, PATIENCE_MS = 20000 };

typedef struct meeting {
  px_task task; /* first: a meeting is its task */
  atomic_int *come;
  int enough;
} meeting;

static bool wait_for(const meeting *self)
{
  for (int i = 0; i < PATIENCE_MS && atomic_load(self->come) < self->enough; i++)
    (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  return atomic_load(self->come) >= self->enough;
}

/* Over only once all of a round run. */
static void meet(px_task *task)
{
  meeting *self = (meeting *)task;
  atomic_fetch_add(self->come, 1);
  (void)wait_for(self);
}

static void test_crew__tasks_that_come_at_once_run_at_the_same_time(void **state)
{
  (void)state;
  static meeting meetings[ROUNDS][TOGETHER];
  atomic_int come = 0;
  px_crew *crew = NULL;
  assert_status(px_crew_new("meet", TOGETHER, &crew, NULL), PIXAZO_OK);
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < TOGETHER; i++) {
      meetings[round][i] = (meeting){.task = {.run = meet}, .come = &come, .enough = (round + 1) * TOGETHER};
      px_crew_add(crew, &meetings[round][i].task);
    }
    assert_true(wait_for(&meetings[round][0]));
  }
  px_crew_free(crew);
}

static void test_crew__threads_have_a_name_and_take_no_signal(void **state)
{
  (void)state;
  struct seen seen = {.task = {NULL, look}};
  sigset_t before;
  sigset_t after;
  px_crew *crew = NULL;
  (void)pthread_sigmask(SIG_SETMASK, NULL, &before);
  assert_status(px_crew_new("pixazo-worker", 1, &crew, NULL), PIXAZO_OK);
  (void)pthread_sigmask(SIG_SETMASK, NULL, &after);
  px_crew_add(crew, &seen.task);
  px_crew_free(crew);
  static const int numbers[] = {SIGINT, SIGTERM, SIGUSR1, SIGPIPE, SIGCHLD, SIGALRM};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    assert_int_equal(sigismember(&seen.mask, numbers[i]), 1);
    assert_int_equal(sigismember(&before, numbers[i]), sigismember(&after, numbers[i]));
  }
  assert_string_equal(seen.name, "pixazo-worker");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_crew__without_threads_runs_one_task_a_step_in_order),
      cmocka_unit_test(test_crew__free_works_off_what_tasks_add),
      cmocka_unit_test(test_crew__threads_have_a_name_and_take_no_signal),
      cmocka_unit_test(test_crew__tasks_that_come_at_once_run_at_the_same_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
