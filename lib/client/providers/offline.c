/* SPDX-License-Identifier: MIT */
/* Test pictures made inside the process: no key, no network, no cost; or the failures a script asks for. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/provider.h"
#include "client/providers/paint.h"
#include "client/script.h"
#include "image/codec.h"
#include "json/writer.h"

enum { SLICE_MS = 20, SIDE_MIN = 16, SIDE_MAX = 4096 };

#define SEED_MAX 4294967295.0

static const px_model models[] = {
    {
        .name = "pattern",
        .title = "Landscapes of noise, gradients and shapes",
        .params =
            {
                [PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},
                [PX_FIELD_NEGATIVE_PROMPT] = {"negative_prompt", 0, 0, 0},
                [PX_FIELD_WIDTH] = {"width", SIDE_MIN, SIDE_MAX, 1024},
                [PX_FIELD_HEIGHT] = {"height", SIDE_MIN, SIDE_MAX, 1024},
                [PX_FIELD_STEPS] = {"steps", 1, 50, 20},
                [PX_FIELD_GUIDANCE] = {"guidance", 0, 30, 7},
                [PX_FIELD_SEED] = {"seed", 0, SEED_MAX, 0},
            },
        .pictures_per_call = 1,
        .price = {true, 0, PIXAZO_CONFIDENCE_BILLED, "made on this machine", "2026-11-20"},
    },
};

/* What this call is to do, and how far it came. */
typedef struct work {
  const px_production *job;
  px_script_step step;
  px_painting painting;
} work;

static pixazo_status read_painting(work *self, pixazo_error **error)
{
  int64_t width = 0;
  int64_t height = 0;
  int64_t steps = 20;
  int64_t seed = 0;
  const px_json *effective = self->job->effective;
  PX_TRY(px_json_get_string(effective, "prompt", &self->painting.prompt, error));
  PX_TRY(px_json_get_int64(effective, "width", &width, error));
  PX_TRY(px_json_get_int64(effective, "height", &height, error));
  PX_TRY(px_json_may_int64(effective, "steps", &steps, error));
  PX_TRY(px_json_may_int64(effective, "seed", &seed, error));
  if (width < SIDE_MIN || width > SIDE_MAX || height < SIDE_MIN || height > SIDE_MAX || steps < 0 || steps > 10000)
    return px_fail(error, PIXAZO_E_CORRUPT, "effective parameters: size or steps out of range");
  self->painting.width = (uint32_t)width;
  self->painting.height = (uint32_t)height;
  self->painting.steps = (uint32_t)steps;
  self->painting.seed = (uint64_t)seed;
  return PIXAZO_OK;
}

static pixazo_status describe(const work *self, px_metadata *metadata, pixazo_error **error)
{
  char text[160];
  (void)snprintf(text, sizeof text, "offline test picture; seed %llu, steps %u, size %ux%u",
                 (unsigned long long)self->painting.seed, self->painting.steps, self->painting.width, self->painting.height);
  PX_TRY(px_metadata_add_text(metadata, "Title", "offline test picture", error));
  PX_TRY(px_metadata_add_text(metadata, "Description", self->painting.prompt, error));
  PX_TRY(px_metadata_add_text(metadata, "Comment", text, error));
  return px_metadata_add_text(metadata, "Software", "libpixazo, provider offline", error);
}

static pixazo_status make_picture(const work *self, pixazo_blob **out, pixazo_error **error)
{
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  PX_TRY(px_pixmap_make(&picture, self->painting.width, self->painting.height, 3, error));
  PX_TRY(px_paint(&self->painting, picture.data, picture.stride, error));
  PX_TRY(describe(self, &metadata, error));
  px_encode_job encode = PX_ENCODE_JOB_FAST_PNG(&picture);
  encode.metadata = &metadata;
  return px_codec_encode(&encode, out, error);
}

static pixazo_status write_head(const work *self, int32_t http_status, const char *type, pixazo_error **error)
{
  px_answer_writer *writer = self->job->send->answer;
  char number[16];
  (void)snprintf(number, sizeof number, "%d", http_status);
  PX_TRY(px_answer_writer_set(writer, "status", number, error));
  PX_TRY(px_answer_writer_set(writer, "content-type", type, error));
  if (self->step.retry_after_ms > 0) {
    (void)snprintf(number, sizeof number, "%u", self->step.retry_after_ms);
    PX_TRY(px_answer_writer_set(writer, "retry-after-ms", number, error));
  }
  self->job->evidence->http_status = http_status;
  self->job->evidence->head_complete = true;
  return px_answer_writer_head(writer, error);
}

static pixazo_status write_whole(const work *self, const void *data, size_t size, pixazo_error **error)
{
  PX_TRY(px_answer_writer_body(self->job->send->answer, data, size, error));
  PX_TRY(px_answer_writer_finish(self->job->send->answer, error));
  self->job->evidence->body_complete = true;
  return PIXAZO_OK;
}

static pixazo_status answer_picture(const work *self, pixazo_error **error)
{
  const px_script_step *step = &self->step;
  static const char text[] = "this is not a picture";
  pixazo_blob *picture = NULL;
  if (!step->not_an_image)
    PX_TRY(make_picture(self, &picture, error));
  const void *data = step->not_an_image ? text : pixazo_blob_data(picture);
  size_t size = step->not_an_image ? strlen(text) : pixazo_blob_size(picture);
  int64_t cut = step->attempt_class == PIXAZO_CLASS_LOST && step->cut < 0 ? (int64_t)(size / 2) : step->cut;
  if (step->keep >= 0 && (uint64_t)step->keep < size)
    size = (size_t)step->keep;
  pixazo_status status = write_head(self, 200, "image/png", error);
  if (status == PIXAZO_OK && cut >= 0) {
    status = px_answer_writer_body(self->job->send->answer, data, (uint64_t)cut < size ? (size_t)cut : size, error);
    if (status == PIXAZO_OK)
      status = px_fail(error, PIXAZO_E_NETWORK, "the script cut the answer behind %lld bytes", (long long)cut);
  } else if (status == PIXAZO_OK) {
    status = write_whole(self, data, size, error);
  }
  (void)pixazo_blob_unref(picture);
  return status;
}

static pixazo_status answer_error(const work *self, int32_t http_status, const char *code, const char *words,
                                  pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(1024);
  px_autofree char *body = NULL;
  px_json_put_begin_object(&writer, NULL);
  px_json_put_begin_object(&writer, "error");
  px_json_put_string(&writer, "code", code);
  px_json_put_string(&writer, "message", self->step.message[0] ? self->step.message : words);
  px_json_put_end_object(&writer);
  px_json_put_end_object(&writer);
  PX_TRY(px_json_writer_finish(&writer, &body, error));
  PX_TRY(write_head(self, self->step.http_status ? self->step.http_status : http_status, "application/json", error));
  return write_whole(self, body, strlen(body), error);
}

static pixazo_status answer_nothing(const work *self, pixazo_error **error)
{
  static const char body[] = "{\"images\":[]}";
  PX_TRY(write_head(self, 200, "application/json", error));
  return write_whole(self, body, strlen(body), error);
}

/* What the script says about this call. A failed transfer is a failure here; an answer of any status is not. */
static pixazo_status answer(const work *self, pixazo_error **error)
{
  switch (self->step.attempt_class) {
  case PIXAZO_CLASS_REFUSED:
    return answer_error(self, 429, "rate_limited", "too many requests, says the script", error);
  case PIXAZO_CLASS_BLOCKED:
    return answer_error(self, 400, "content_policy", "refused by content policy, says the script", error);
  case PIXAZO_CLASS_FAILED:
    return answer_error(self, 500, "server_error", "the server failed, says the script", error);
  case PIXAZO_CLASS_EMPTY:
    return answer_nothing(self, error);
  case PIXAZO_CLASS_AMBIGUOUS:
    return px_fail(error, PIXAZO_E_TIMEOUT, "the script lets the answer never come");
  case PIXAZO_CLASS_LOST:
  case PIXAZO_CLASS_ACCEPTED:
    return answer_picture(self, error);
  default:
    if (self->step.http_status >= 300)
      return answer_error(self, self->step.http_status, "scripted", "an error, says the script", error);
    return answer_picture(self, error);
  }
}

static void tell_progress(const work *self)
{
  const px_send *send = self->job->send;
  if (send->on_progress)
    send->on_progress(send->user, PIXAZO_STAGE_GENERATING, 0, 0);
}

/* Waits as a slow provider would. False: cut by the token. */
static bool wait_out(const work *self)
{
  for (uint32_t left = self->step.delay_ms; left > 0;) {
    if (pixazo_cancel_get(self->job->send->cancel) == PIXAZO_CANCEL_NOW)
      return false;
    uint32_t slice = left < SLICE_MS ? left : SLICE_MS;
    struct timespec pause = {0, (long)slice * 1000000};
    (void)nanosleep(&pause, NULL);
    left -= slice;
    tell_progress(self);
  }
  return true;
}

static pixazo_status perform(const work *self, pixazo_error **error)
{
  const px_send *send = self->job->send;
  if (pixazo_cancel_get(send->cancel) != 0)
    return px_fail(error, PIXAZO_E_CANCELLED, "cancelled before the call began");
  if (send->may_send && !send->may_send(send->user))
    return px_fail(error, PIXAZO_E_STATE, "the call was withheld");
  if (self->step.attempt_class == PIXAZO_CLASS_NOT_SENT)
    return px_fail(error, PIXAZO_E_NETWORK, "the script refuses the connection");
  self->job->evidence->body_asked = true;
  tell_progress(self);
  if (!wait_out(self))
    return px_fail(error, PIXAZO_E_CANCELLED, "cancelled while the call was made");
  return answer(self, error);
}

/* Only what keeps the call from beginning is a failure of produce; the rest is evidence. */
static pixazo_status produce(const px_production *job, pixazo_error **error)
{
  work self = {.job = job, .step = {.cut = -1, .keep = -1}};
  PX_TRY(read_painting(&self, error));
  if (job->script)
    px_script_at(job->script, job->call, &self.step);
  *job->evidence = (px_evidence){.started_us = px_wall_us(job->clock)};
  pixazo_status status = perform(&self, error);
  if (status == PIXAZO_E_NOMEM && !job->evidence->head_complete)
    job->evidence->body_asked = false; /* no answer was begun, and nobody else was asked */
  job->evidence->status = status;
  job->evidence->error = error && status != PIXAZO_OK ? *error : NULL;
  job->evidence->ended_us = px_wall_us(job->clock);
  return PIXAZO_OK;
}

const px_provider px_provider_offline = {
    .name = "offline",
    .title = "Offline test pictures",
    .models = models,
    .model_count = PX_ARRAY_SIZE(models),
    .billing =
        {
            .rule = "nothing is ever billed: the pictures are made inside the process",
            .source = "this library",
            .date = "2026-11-20",
            .none = true,
            .errors_unbilled = true,
            .blocked = PX_BILLED_NO,
        },
    .ops = {.produce = produce},
};
