/* SPDX-License-Identifier: MIT */
#include "client/kit.h"

#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "client/handle.h"
#include "support/client_kit.h"

typedef struct sending {
  px_send send;
  px_plan *plan;
  px_answer_writer writer;
  int descriptor;
  px_evidence evidence;
  bool agree;
  int ends;
  char seen[64]; /* partial pictures, "index:bytes;" */
  sem_t ended;
} sending;

static bool may_send(void *user)
{
  return ((sending *)user)->agree;
}

static void on_done(void *user, const px_evidence *evidence)
{
  sending *self = user;
  self->evidence = *evidence;
  self->evidence.error = NULL;
  self->ends++;
  (void)sem_post(&self->ended);
}

static void on_report(void *user, const px_report *report)
{
  sending *self = user;
  size_t used = strlen(self->seen);
  (void)snprintf(self->seen + used, sizeof self->seen - used, "%d:%.*s;", (int)report->partial_index,
                 (int)pixazo_blob_size(report->partial), (const char *)pixazo_blob_data(report->partial));
}

static void prepare_for(sending *self, const kit *server, int descriptor, const char *request)
{
  *self = (sending){.agree = true, .descriptor = descriptor};
  self->plan = kit_plan(server->client, request);
  assert_status(px_answer_writer_init(&self->writer, descriptor, NULL), PIXAZO_OK);
  assert_status(px_answer_writer_set(&self->writer, "attempt", "some-attempt", NULL), PIXAZO_OK);
  self->send =
      (px_send){.plan = self->plan, .answer = &self->writer, .may_send = may_send, .on_done = on_done, .user = self};
  (void)sem_init(&self->ended, 0, 0);
}

static void prepare(sending *self, const kit *server, int descriptor)
{
  prepare_for(self, server, descriptor, "{\"prompt\":\"a red fox\",\"model\":\"sdxl\"}");
}

static void wait_for(sending *self, pixazo_status started)
{
  assert_status(started, PIXAZO_OK);
  while (sem_wait(&self->ended) != 0) {
  }
  assert_int_equal(self->ends, 1);
  assert_null(self->send.inner);
}

static void finish(sending *self)
{
  px_answer_writer_done(&self->writer);
  px_plan_unref(self->plan);
  (void)sem_destroy(&self->ended);
  (void)close(self->descriptor);
}

static int file_in_memory(void)
{
  return memfd_create("answer", MFD_CLOEXEC);
}

static void test_send__the_answer_file_tells_what_came(void **state)
{
  sending self;
  px_answer answer = PX_ANSWER_INIT;
  kit *server = *state;
  kit_script(server, "[{\"method\":\"POST\",\"status\":429,\"type\":\"application/json\",\"body\":{\"message\":\"slow\"},"
                     "\"headers\":{\"Retry-After\":\"3\",\"X-Request-Id\":\"r-1\",\"Set-Cookie\":\"a=b\"}}]");
  prepare(&self, server, file_in_memory());
  wait_for(&self, px_client_send(server->client, &self.send, NULL));
  assert_status(self.evidence.status, PIXAZO_OK);
  assert_true(self.evidence.body_asked && self.evidence.body_complete);
  assert_status(px_answer_read(&answer, self.descriptor, NULL), PIXAZO_OK);
  assert_int_equal(px_answer_status(&answer), 429);
  assert_string_equal(px_answer_get(&answer, "attempt"), "some-attempt");
  assert_string_equal(px_answer_get(&answer, "retry-after"), "3");
  assert_string_equal(px_answer_get(&answer, "request-id"), "r-1");
  assert_non_null(strstr(px_answer_get(&answer, "content-type"), "application/json"));
  assert_null(px_answer_get(&answer, "set-cookie"));
  assert_status(px_answer_verify(&answer, NULL), PIXAZO_OK);
  px_answer_done(&answer);
  finish(&self);
}

static void test_send__withheld_is_not_sent(void **state)
{
  sending self;
  kit *server = *state;
  kit_script(server, "[]");
  prepare(&self, server, file_in_memory());
  self.agree = false;
  wait_for(&self, px_client_send(server->client, &self.send, NULL));
  assert_false(self.evidence.body_asked);
  assert_status(self.evidence.status, PIXAZO_E_STATE);
  assert_int_equal(self.evidence.trouble, PX_TROUBLE_WITHHELD);
  assert_int_equal(gateway_count(&server->gateway, "posts"), 0);
  finish(&self);
}

static void test_send__of_a_redirect_only_the_host_is_kept(void **state)
{
  sending self;
  px_answer answer = PX_ANSWER_INIT;
  kit *server = *state;
  kit_script(server, "[{\"method\":\"POST\",\"redirect\":\"https://elsewhere.test/a?signature=crumb\"}]");
  prepare(&self, server, file_in_memory());
  wait_for(&self, px_client_send(server->client, &self.send, NULL));
  assert_int_equal(self.evidence.http_status, 302);
  assert_status(px_answer_read(&answer, self.descriptor, NULL), PIXAZO_OK);
  assert_string_equal(px_answer_get(&answer, "redirect-host"), "elsewhere.test");
  px_answer_done(&answer);
  finish(&self);
}

static void test_send__an_answer_that_cannot_be_kept_is_this_machines_fault(void **state)
{
  sending self;
  kit *server = *state;
  kit_script(server, "[]");
  prepare(&self, server, open("/dev/null", O_RDONLY | O_CLOEXEC));
  wait_for(&self, px_client_send(server->client, &self.send, NULL));
  assert_status(self.evidence.status, PIXAZO_E_IO);
  assert_int_equal(self.evidence.trouble, PX_TROUBLE_LOCAL);
  assert_true(self.evidence.body_asked);
  assert_false(self.evidence.body_complete);
  finish(&self);
}

#define STREAM \
  "event: a.partial_image\\ndata: {\\\"b64_json\\\":\\\"b25l\\\"}\\n\\nevent: a.partial_image\\ndata: {\\\"b64_json\\\":\\\"*\\\"}\\n\\n" \
  "event: a.partial_image\\ndata: {\\\"b64_json\\\":\\\"dHdv\\\",\\\"partial_image_index\\\":2}\\n\\ndata: [DONE]"

/* Sends, and gives the body as it stands in the file. */
static void send_for(const kit *server, const char *request, bool listens, char *body, char *seen)
{
  sending self;
  px_answer answer = PX_ANSWER_INIT;
  size_t got = 0;
  prepare_for(&self, server, file_in_memory(), request);
  self.send.on_report = listens ? on_report : NULL;
  wait_for(&self, px_client_send(server->client, &self.send, NULL));
  assert_status(px_answer_read(&answer, self.descriptor, NULL), PIXAZO_OK);
  assert_status(px_answer_verify(&answer, NULL), PIXAZO_OK);
  assert_true(answer.body_size < 1000);
  assert_status(px_answer_body(&answer, 0, body, (size_t)answer.body_size, &got, NULL), PIXAZO_OK);
  body[got] = '\0';
  (void)snprintf(seen, sizeof self.seen, "%s", self.seen);
  px_answer_done(&answer);
  finish(&self);
}

static void test_send__the_answer_file_is_the_same_whoever_looks_at_partial_pictures(void **state)
{
  static const char asking[] = "{\"prompt\":\"p\",\"model\":\"sdxl\",\"provider_options\":{\"partial_images\":3}}";
  static const char silent[] = "{\"prompt\":\"p\",\"model\":\"sdxl\"}";
  char bodies[4][1000];
  char seen[64];
  const kit *server = *state;
  kit_script(*state, "[{\"method\":\"POST\",\"type\":\"text/event-stream\",\"piece\":7,\"body\":\"" STREAM "\"}]");
  send_for(server, asking, true, bodies[0], seen);
  assert_string_equal(seen, "0:one;2:two;");
  send_for(server, asking, false, bodies[1], seen);
  assert_string_equal(seen, "");
  send_for(server, silent, true, bodies[2], seen);
  assert_string_equal(seen, ""); /* not asked for: not looked for */
  assert_non_null(strstr(bodies[0], "\n\ndata: [DONE]"));
  assert_string_equal(bodies[0], bodies[1]);
  assert_string_equal(bodies[0], bodies[2]);
  kit_script(*state, "[{\"method\":\"POST\",\"type\":\"application/json\",\"body\":\"" STREAM "\"}]");
  send_for(server, asking, true, bodies[3], seen);
  assert_string_equal(seen, ""); /* no stream */
  assert_string_equal(bodies[0], bodies[3]);
}

static void test_send__a_poll_goes_to_the_provider_whatever_the_answer_said(void **state)
{
  sending self;
  kit *server = *state;
  kit_script(server, "[]");
  prepare(&self, server, file_in_memory());
  assert_status(px_client_poll(server->client, &self.send, NULL, "http://10.0.0.1/status", NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(self.ends, 0);
  wait_for(&self, px_client_poll(server->client, &self.send, "id-7", "http://10.0.0.1/status", NULL));
  assert_true(self.evidence.http_status > 0);
  char *page = gateway_page(&server->gateway, "requests");
  assert_non_null(strstr(page, "/v2/requests/status/id-7"));
  free(page);
  finish(&self);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_send__the_answer_file_tells_what_came),
      cmocka_unit_test(test_send__withheld_is_not_sent),
      cmocka_unit_test(test_send__of_a_redirect_only_the_host_is_kept),
      cmocka_unit_test(test_send__an_answer_that_cannot_be_kept_is_this_machines_fault),
      cmocka_unit_test(test_send__the_answer_file_is_the_same_whoever_looks_at_partial_pictures),
      cmocka_unit_test(test_send__a_poll_goes_to_the_provider_whatever_the_answer_said),
  };
  return cmocka_run_group_tests(tests, kit_start, kit_stop);
}
