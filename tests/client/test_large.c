/* SPDX-License-Identifier: MIT */
/* An answer of 80 MB goes through in constant memory: from the wire to its file, and from there to the picture's file. */
#include "kit.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/steps.h"
#include "json/stream.h"
#include "net/sse.h"
#include "support/client_kit.h"
#include "support/resident.h"
#include "support/tmpdir.h"

enum { MEGABYTE = 1000 * 1000, PICTURE = 60 * MEGABYTE, ALLOWED = 8 * 1024 * 1024 };

/* Ten pictures in one answer: the model of which the largest answer may come. */
static const char request[] = "{\"prompt\":\"p\",\"n\":10,\"model\":\"pixazo/gpt-image-2\"}";

static char *directory;

static int open_file(const char *name)
{
  char *path = tmpdir_path(directory, name);
  int descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  assert_true(descriptor >= 0);
  free(path);
  return descriptor;
}

typedef struct call {
  pthread_mutex_t lock;
  pthread_cond_t ended;
  px_evidence evidence;
  bool done;
} call;

static void on_done(void *user, const px_evidence *evidence)
{
  call *self = user;
  (void)pthread_mutex_lock(&self->lock);
  self->evidence = *evidence;
  self->evidence.error = NULL;
  self->done = true;
  (void)pthread_cond_signal(&self->ended);
  (void)pthread_mutex_unlock(&self->lock);
}

static void send_and_wait(kit *self, px_plan *plan, px_answer_writer *writer, px_evidence *evidence)
{
  call waiting = {.lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER};
  px_send send = {.plan = plan, .answer = writer, .on_done = on_done, .user = &waiting};
  assert_ok(px_client_send(self->client, &send, &self->error), self->error);
  (void)pthread_mutex_lock(&waiting.lock);
  while (!waiting.done)
    (void)pthread_cond_wait(&waiting.ended, &waiting.lock);
  (void)pthread_mutex_unlock(&waiting.lock);
  *evidence = waiting.evidence;
}

/* One generation by the steps, with files on the disk. Gives the bytes of the answer and of its picture. */
static void generate(kit *self, uint64_t *answer_bytes, int64_t *picture_bytes)
{
  px_answer_writer writer;
  px_evidence evidence;
  px_outcome *outcome = NULL;
  px_auto(px_answer) answer = PX_ANSWER_INIT;
  px_autoclose int kept = open_file("answer");
  px_autoclose int picture = open_file("picture");
  px_plan *plan = kit_plan(self->client, request);
  assert_ok(px_answer_writer_init(&writer, kept, &self->error), self->error);
  send_and_wait(self, plan, &writer, &evidence);
  px_answer_writer_done(&writer);
  assert_ok(px_answer_read(&answer, kept, &self->error), self->error);
  assert_ok(px_client_judge(self->client, plan, &evidence, &answer, &outcome, &self->error), self->error);
  if (outcome->picture_count != 1)
    fail_msg("%s", pixazo_error_message(outcome->error));
  assert_ok(px_picture_write(&outcome->pictures[0], &answer, picture, PICTURE, &self->error), self->error);
  *answer_bytes = answer.body_size;
  *picture_bytes = (int64_t)lseek(picture, 0, SEEK_END);
  px_outcome_free(outcome);
  px_plan_unref(plan);
}

static void check_rise(const char *what, int64_t before)
{
  int64_t rise = resident_peak() - before;
  print_message("%s: memory rose by %lld KB\n", what, (long long)rise / 1024);
  assert_true(rise < ALLOWED);
}

static void test_large__an_answer_of_80_mb_is_never_held(void **state)
{
  static const char *const answers[] = {"\"answer\":\"base64\"", "\"answer\":\"data-uri\",\"chunked\":\"yes\""};
  kit *self = *state;
  uint64_t answer_bytes = 0;
  int64_t picture_bytes = 0;
  for (size_t i = 0; i < PX_ARRAY_SIZE(answers); i++) {
    char rules[200];
    (void)snprintf(rules, sizeof rules, "[{\"method\":\"POST\",%s,\"image_bytes\":60000}]", answers[i]);
    kit_script(self, rules);
    generate(self, &answer_bytes, &picture_bytes); /* what a first call makes for good is not meant */
    (void)snprintf(rules, sizeof rules, "[{\"method\":\"POST\",%s,\"image_bytes\":%d}]", answers[i], PICTURE);
    kit_script(self, rules);
    int64_t before = resident_begin();
    generate(self, &answer_bytes, &picture_bytes);
    check_rise(answers[i], before);
    assert_true(answer_bytes > 79 * MEGABYTE && picture_bytes > 59 * MEGABYTE);
  }
}

/* ---- the same as an event stream ---- */

typedef struct listener {
  px_json_stream *document;
  px_base64 base64;
  int descriptor;
  size_t events;
} listener;

static pixazo_status write_picture(void *user, size_t index, const char *text, size_t size, bool last, pixazo_error **error)
{
  unsigned char bytes[16384];
  listener *self = user;
  size_t written = 0;
  (void)index, (void)last;
  assert_true(size <= sizeof bytes);
  if (!px_base64_decode(&self->base64, text, size, bytes, &written) ||
      write(self->descriptor, bytes, written) != (ssize_t)written)
    return px_fail(error, PIXAZO_E_CORRUPT, "no picture");
  return PIXAZO_OK;
}

static pixazo_status on_data(void *user, const char *text, size_t size, pixazo_error **error)
{
  listener *self = user;
  return px_json_stream_feed(self->document, text, size, error);
}

static pixazo_status on_event(void *user, const px_sse_event *event, pixazo_error **error)
{
  listener *self = user;
  px_autofree char *rest = NULL;
  size_t taken = 0;
  PX_TRY(px_json_stream_finish(self->document, &rest, &taken, error));
  assert_string_equal(event->type, "completed");
  assert_string_equal(rest, "{\"b64_json\":\"@taken:0\",\"n\":1}");
  self->events++;
  return PIXAZO_OK;
}

static void feed(px_sse *sse, const char *text, size_t size)
{
  px_autoerror error = NULL;
  assert_ok(px_sse_feed(sse, text, size, &error), error);
}

static void test_large__an_event_of_80_mb_is_never_held(void **state)
{
  enum { PIECE = 16384, PIECES = 80 * MEGABYTE / PIECE };
  static const char *const names[] = {"b64_json"};
  static const char head[] = ": ping\n\nevent: completed\r\ndata: {\"b64_json\":\"";
  static const char tail[] = "\",\"n\":1}\r\n\r\n";
  static char piece[PIECE];
  listener self = {.base64 = PX_BASE64_INIT, .descriptor = open_file("event")};
  px_json_stream_options options = {.names = names, .name_count = 1, .take = write_picture, .self = &self};
  px_sse sse;
  (void)state;
  memset(piece, 'A', sizeof piece);
  assert_status(px_json_stream_new(&options, &self.document, NULL), PIXAZO_OK);
  px_sse_init(&sse, &(px_sse_hooks){on_data, on_event, &self}, 0);
  int64_t before = resident_begin();
  feed(&sse, head, sizeof head - 1);
  for (int i = 0; i < PIECES; i++)
    feed(&sse, piece, sizeof piece);
  feed(&sse, tail, sizeof tail - 1);
  check_rise("one event", before);
  assert_int_equal(self.events, 1);
  assert_int_equal(lseek(self.descriptor, 0, SEEK_END), PIECES * (PIECE / 4 * 3));
  px_json_stream_done(&self.document);
  (void)close(self.descriptor);
}

static int start(void **state)
{
  directory = tmpdir_make();
  (void)kit_start(state);
  kit *self = *state;
  pixazo_client_options options = kit_options(self);
  options.generation_timeout_ms = 100000;
  kit_use(self, &options);
  return 0;
}

static int stop(void **state)
{
  (void)kit_stop(state);
  tmpdir_remove(directory);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_large__an_answer_of_80_mb_is_never_held),
      cmocka_unit_test(test_large__an_event_of_80_mb_is_never_held),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
