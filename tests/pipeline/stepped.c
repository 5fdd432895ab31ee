/* SPDX-License-Identifier: MIT */
#include "stepped.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "support/testing.h"
#include "support/tmpdir.h"

int stepped_setup(void **state)
{
  static stepped s;
  kit_prepare(&s.kit);
  fake_clock_init(&s.clock, INT64_C(1795168800) * 1000000, 7); /* 2026-11-20 */
  s.kit.clock = &s.clock.clock;
  s.kit.stepped = true;
  *state = &s;
  return 0;
}

int stepped_teardown(void **state)
{
  stepped *s = *state;
  kit_remove(&s->kit);
  return 0;
}

px_job *stepped_job(stepped *s)
{
  pixazo_error *error = NULL;
  pixazo_request *request = NULL;
  px_plan **plans = NULL;
  size_t count = 0;
  assert_ok(pixazo_request_new("a red fox", &request, &error), error);
  assert_ok(px_client_plan(s->kit.client, request, &plans, &count, &error), error);
  assert_int_equal(count, 1);
  px_job *job = px_job_new(s->kit.pipeline, plans[0], &error);
  assert_non_null(job);
  px_plan_unref(plans[0]);
  px_free(plans);
  pixazo_request_free(request);
  return job;
}

static bool step(pixazo_pipeline *pipeline)
{
  return px_pipeline_step(pipeline, false) || px_crew_step(pipeline->workers) || px_crew_step(pipeline->files);
}

void stepped_until(stepped *s, const char *id, stepped_when when)
{
  pixazo_pipeline *pipeline = s->kit.pipeline;
  for (;;) {
    (void)pthread_mutex_lock(&pipeline->synced.lock);
    const px_job *job = px_jobs_find(pipeline, id);
    bool reached = job && when(job);
    (void)pthread_mutex_unlock(&pipeline->synced.lock);
    if (reached)
      return;
    assert_non_null(job);
    assert_true(step(pipeline));
  }
}

void stepped_die(stepped *s, const char *json, stepped_when when)
{
  int status = -1;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    kit_open(&s->kit);
    char *id = kit_add(&s->kit, json);
    stepped_until(s, id, when);
    _exit(0);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  fake_clock_init(&s->clock, s->clock.wall_us + 60000000, 8); /* later, and with other ids */
}

bool stepped_is_sent(const px_job *job)
{
  return job->n == 1 && !job->outcome;
}

bool stepped_is_answered(const px_job *job)
{
  return job->item_count > 0 && !job->holds_slot;
}

bool stepped_is_placed(const px_job *job)
{
  return job->item_count > 0 && job->items[0].placed && job->items[0].image.state == PIXAZO_IMAGE_EXPECTED;
}

pixazo_generation *stepped_record(stepped *s)
{
  pixazo_error *error = NULL;
  pixazo_page *page = NULL;
  pixazo_generation *record = NULL;
  assert_ok(pixazo_repository_list(s->kit.repository, NULL, &page, &error), error);
  assert_int_equal(pixazo_page_count(page), 1);
  const char *uuid = pixazo_generation_uuid(pixazo_page_get(page, 0));
  assert_ok(pixazo_repository_find(s->kit.repository, uuid, &record, &error), error);
  pixazo_page_free(page);
  return record;
}

void stepped_resume(stepped *s, uint32_t flags, const char *wanted)
{
  pixazo_error *error = NULL;
  char *report = NULL;
  assert_ok(pixazo_pipeline_resume(s->kit.pipeline, flags, NULL, &report, &error), error);
  if (!strstr(report, wanted))
    fail_msg("no %s in %s", wanted, report);
  pixazo_free(report);
}

int stepped_unspool(const stepped *s, const char *ending)
{
  int count = 0;
  char *spool = tmpdir_path(s->kit.directory, "spool");
  DIR *directory = opendir(spool);
  assert_non_null(directory);
  for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
    if (!px_str_ends(entry->d_name, ending))
      continue;
    assert_int_equal(unlinkat(dirfd(directory), entry->d_name, 0), 0);
    count++;
  }
  (void)closedir(directory);
  free(spool);
  return count;
}
