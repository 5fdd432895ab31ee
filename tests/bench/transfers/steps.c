/* SPDX-License-Identifier: MIT */
/* The same transfers by this library's client and engine, without a journal: the steps the pipeline takes, one thread
 * beside the I/O thread, answers and pictures in files in memory. */
#include "measure.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/steps.h"

typedef struct slot {
  struct slot *next; /* in the list of those whose transfer ended */
  px_plan *plan;
  px_answer_writer writer;
  px_send send;
  px_fetch fetch;
  px_outcome *outcome;
  px_evidence evidence;
  bool fetching;
  int answer, picture; /* descriptors */
} slot;

static measure job;
static pixazo_client *client;
static int begun, ended;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static slot *list; /* under `lock` */

static void must(pixazo_status status, const pixazo_error *error)
{
  if (status != PIXAZO_OK)
    measure_fail(pixazo_error_message(error));
}

/* On the I/O thread. */
static void on_done(void *user, const px_evidence *evidence)
{
  slot *self = user;
  self->evidence = *evidence;
  if (evidence->status != PIXAZO_OK)
    measure_fail(pixazo_error_message(evidence->error));
  self->evidence.error = NULL;
  (void)pthread_mutex_lock(&lock);
  bool first = list == NULL;
  self->next = list;
  list = self;
  (void)pthread_mutex_unlock(&lock);
  if (first)
    (void)pthread_cond_signal(&arrived);
}

static void make_plan(slot *self)
{
  pixazo_error *error = NULL;
  pixazo_request *request = NULL;
  px_plan **plans = NULL;
  size_t count = 0;
  must(pixazo_request_new("a harbour in weather", &request, &error), error);
  must(px_client_plan(client, request, &plans, &count, &error), error);
  self->plan = plans[0];
  px_free(plans);
  pixazo_request_free(request);
}

static void send_call(slot *self)
{
  pixazo_error *error = NULL;
  begun++;
  make_plan(self);
  self->fetching = false;
  self->answer = measure_file();
  must(px_answer_writer_init_unhashed(&self->writer, self->answer, &error), error);
  must(px_answer_writer_set(&self->writer, "provider", "pixazo", &error), error);
  self->send = (px_send){.plan = self->plan, .answer = &self->writer, .on_done = on_done, .user = self};
  must(px_client_send(client, &self->send, &error), error);
}

static void end_call(slot *self)
{
  struct stat facts;
  if (fstat(self->picture, &facts) != 0 || facts.st_size == 0)
    measure_fail("the picture");
  job.bytes += (uint64_t)facts.st_size;
  (void)close(self->picture);
  px_outcome_free(self->outcome);
  px_plan_unref(self->plan);
  ended++;
  if (begun < job.count)
    send_call(self);
}

static const px_picture *judge(slot *self, px_answer *answer)
{
  pixazo_error *error = NULL;
  must(px_answer_read(answer, self->answer, &error), error);
  must(px_client_judge(client, self->plan, &self->evidence, answer, &self->outcome, &error), error);
  if (self->outcome->picture_count != 1)
    measure_fail(pixazo_error_message(self->outcome->error));
  self->picture = measure_file();
  return &self->outcome->pictures[0];
}

static void take_answer(slot *self)
{
  pixazo_error *error = NULL;
  px_answer answer = PX_ANSWER_INIT;
  const px_picture *picture = judge(self, &answer);
  if (picture->kind == PX_PICTURE_URL) {
    self->fetching = true;
    self->fetch = (px_fetch){.url = picture->url,
                             .descriptor = self->picture,
                             .max_bytes = px_client_max_download(client),
                             .on_done = on_done,
                             .user = self};
    must(px_client_start_fetch(client, &self->fetch, &error), error);
  } else {
    must(px_picture_write(picture, &answer, self->picture, px_client_max_download(client), &error), error);
  }
  px_answer_done(&answer);
  px_answer_writer_done(&self->writer);
  (void)close(self->answer);
  if (!self->fetching)
    end_call(self);
}

static slot *wait_for_some(void)
{
  (void)pthread_mutex_lock(&lock);
  while (!list)
    (void)pthread_cond_wait(&arrived, &lock);
  slot *some = list;
  list = NULL;
  (void)pthread_mutex_unlock(&lock);
  return some;
}

/* From one answer in its file to a picture in a file, again and again. */
static void run_file(slot *self)
{
  pixazo_error *error = NULL;
  send_call(self);
  (void)wait_for_some();
  measure_begin(&job);
  for (int i = 0; i < job.count; i++) {
    px_answer answer = PX_ANSWER_INIT;
    const px_picture *picture = judge(self, &answer);
    must(px_picture_write(picture, &answer, self->picture, px_client_max_download(client), &error), error);
    job.bytes += (uint64_t)lseek(self->picture, 0, SEEK_CUR);
    px_outcome_free(self->outcome);
    px_answer_done(&answer);
    (void)close(self->picture);
  }
  measure_end(&job);
  px_answer_writer_done(&self->writer);
  px_plan_unref(self->plan);
  (void)close(self->answer);
}

static void run(slot *slots)
{
  int first = job.in_flight < job.count ? job.in_flight : job.count;
  measure_begin(&job);
  for (int i = 0; i < first; i++)
    send_call(&slots[i]);
  while (ended < job.count) {
    for (slot *one = wait_for_some(), *next; one; one = next) {
      next = one->next;
      if (one->fetching)
        end_call(one);
      else
        take_answer(one);
    }
  }
  measure_end(&job);
}

int main(int argc, char **argv)
{
  pixazo_error *error = NULL;
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  measure_read(&job, argc, argv);
  options.api_key = MEASURE_KEY;
  options.base_url = job.base;
  options.allow_hosts = "127.0.0.1";
  must(pixazo_client_new(&options, &client, &error), error);
  slot *slots = calloc((size_t)job.in_flight, sizeof *slots);
  if (!slots)
    measure_fail("memory");
  if (job.file)
    run_file(slots);
  else
    run(slots);
  (void)pixazo_client_unref(client);
  free(slots);
  return 0;
}
