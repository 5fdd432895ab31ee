/* SPDX-License-Identifier: MIT */
#include "support/client_kit.h"

#include "support/testing.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

const char kit_key[] = "test-key-not-real-0000";

pixazo_client *kit_client(const char *provider, const char *offline_script)
{
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_client *client = NULL;
  pixazo_error *error = NULL;
  options.provider = provider;
  options.api_key = kit_key;
  options.offline_script = offline_script;
  assert_ok(pixazo_client_new(&options, &client, &error), error);
  return client;
}

px_plan *kit_plan(pixazo_client *client, const char *request_json)
{
  pixazo_request *request = NULL;
  pixazo_error *error = NULL;
  px_plan **plans = NULL;
  size_t count = 0;
  assert_ok(pixazo_request_new_from_json(request_json, &request, &error), error);
  assert_ok(px_client_plan(client, request, &plans, &count, &error), error);
  assert_int_equal(count, 1);
  px_plan *plan = plans[0];
  px_free(plans);
  pixazo_request_free(request);
  return plan;
}

static void write_reply(px_answer_writer *writer, const kit_reply *reply)
{
  char status[16];
  (void)snprintf(status, sizeof status, "%d", reply->status);
  assert_status(px_answer_writer_set(writer, "status", status, NULL), PIXAZO_OK);
  if (reply->type)
    assert_status(px_answer_writer_set(writer, "content-type", reply->type, NULL), PIXAZO_OK);
  if (reply->header)
    assert_status(px_answer_writer_set(writer, reply->header, reply->value, NULL), PIXAZO_OK);
  size_t size = reply->size ? reply->size : strlen(reply->body);
  assert_status(px_answer_writer_body(writer, reply->body, size, NULL), PIXAZO_OK);
  if (!reply->cut)
    assert_status(px_answer_writer_finish(writer, NULL), PIXAZO_OK);
}

void kit_answer_make(kit_answer *self, const kit_reply *reply)
{
  px_answer_writer writer;
  *self = (kit_answer){.descriptor = memfd_create("answer", MFD_CLOEXEC), .answer = PX_ANSWER_INIT};
  assert_true(self->descriptor >= 0);
  assert_status(px_answer_writer_init(&writer, self->descriptor, NULL), PIXAZO_OK);
  write_reply(&writer, reply);
  px_answer_writer_done(&writer);
  assert_status(px_answer_read(&self->answer, self->descriptor, NULL), PIXAZO_OK);
  self->evidence = (px_evidence){
      .status = reply->cut ? PIXAZO_E_NETWORK : PIXAZO_OK,
      .body_asked = true,
      .head_complete = true,
      .body_complete = !reply->cut,
      .http_status = reply->status,
      .started_us = 1000000,
      .ended_us = 2000000,
  };
}

void kit_answer_done(kit_answer *self)
{
  px_answer_done(&self->answer);
  (void)close(self->descriptor);
}

typedef pixazo_status (*judge_fn)(pixazo_client *client, const px_plan *plan, const px_evidence *evidence,
                                  const px_answer *answer, px_outcome **out, pixazo_error **error);

static px_outcome *judge_with(judge_fn judge, pixazo_client *client, const px_plan *plan, const kit_reply *reply)
{
  kit_answer made;
  px_outcome *outcome = NULL;
  pixazo_error *error = NULL;
  kit_answer_make(&made, reply);
  assert_ok(judge(client, plan, &made.evidence, &made.answer, &outcome, &error), error);
  kit_answer_done(&made);
  return outcome;
}

px_outcome *kit_judge(pixazo_client *client, const px_plan *plan, const kit_reply *reply)
{
  return judge_with(px_client_judge, client, plan, reply);
}

px_outcome *kit_judge_poll(pixazo_client *client, const px_plan *plan, const kit_reply *reply)
{
  return judge_with(px_client_judge_poll, client, plan, reply);
}
