/* SPDX-License-Identifier: MIT */
/* Providers with code of the program: its functions see a call through small setters and can do nothing else. */
#include <stdio.h>
#include <string.h>

#include <pixazo/cancel.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/str.h"
#include "client/definition.h"
#include "json/writer.h"

enum { PATH_SIZE = 4096 };

struct pixazo_call {
  const px_build *job;
  char *effective_json;
};

struct pixazo_answer {
  const px_answer *answer;
};

struct pixazo_reading {
  px_reading *reading;
  bool own_pictures; /* the first of them has taken the place of what the rules found */
};

struct pixazo_production {
  const px_production *job;
  bool begun;
};

static const pixazo_provider *port_of(const px_provider *provider)
{
  return provider->self;
}

/* ---- build ---- */

const char *pixazo_call_model(const pixazo_call *call)
{
  return call ? call->job->name : "";
}

const char *pixazo_call_effective_json(const pixazo_call *call)
{
  return call ? call->effective_json : "";
}

static bool is_printable(const char *text)
{
  while (*text >= 0x20 && *text < 0x7F)
    text++;
  return !*text;
}

pixazo_status pixazo_call_set_body(pixazo_call *call, const char *content_type, const char *text, pixazo_error **error)
{
  PX_REQUIRE(call && text, error, "call or text is NULL");
  px_body *body = call->job->body;
  PX_REQUIRE(body->count == 0, error, "the call has a body already");
  PX_REQUIRE(!content_type || (is_printable(content_type) && strlen(content_type) <= 200), error,
             "content_type: want at most 200 bytes of visible ASCII");
  if (content_type) {
    body->content_type = px_strdup(content_type);
    if (!body->content_type)
      return px_fail_nomem(error);
  }
  return px_body_add_text(body, px_strdup(text), error);
}

pixazo_status pixazo_call_set_path(pixazo_call *call, const char *path, pixazo_error **error)
{
  PX_REQUIRE(call && path, error, "call or path is NULL");
  PX_REQUIRE(path[0] == '/' && is_printable(path) && !strpbrk(path, " #\\") && strlen(path) <= PATH_SIZE, error,
             "path: want at most 4096 bytes of visible ASCII behind a slash");
  px_buf_clear(call->job->path);
  return px_buf_add_text(call->job->path, path) ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status build(const px_build *job, pixazo_error **error)
{
  const pixazo_provider *port = port_of(job->provider);
  px_autofree char *effective_json = px_json_print(job->effective);
  if (!effective_json)
    return px_fail_nomem(error);
  pixazo_call call = {job, effective_json};
  pixazo_status status = port->ops.build(port->self, &call, error);
  if (status != PIXAZO_OK)
    return px_fail(error, status, "provider %s: its build failed", job->provider->name);
  return job->body->count > 0 ? PIXAZO_OK : px_build_plain(job, error);
}

/* ---- read ---- */

int32_t pixazo_answer_status(const pixazo_answer *answer)
{
  return answer ? px_answer_status(answer->answer) : 0;
}

uint64_t pixazo_answer_size(const pixazo_answer *answer)
{
  return answer ? answer->answer->body_size : 0;
}

const char *pixazo_answer_type(const pixazo_answer *answer)
{
  const char *type = answer ? px_answer_get(answer->answer, "content-type") : NULL;
  return type ? type : "";
}

pixazo_status pixazo_answer_read(const pixazo_answer *answer, uint64_t offset, void *data, size_t capacity, size_t *got,
                                 pixazo_error **error)
{
  PX_REQUIRE(answer && data && got, error, "answer, data or got is NULL");
  if (offset >= answer->answer->body_size) {
    *got = 0;
    return PIXAZO_OK;
  }
  return px_answer_body(answer->answer, offset, data, capacity, got, error);
}

static char **text_of(px_reading *reading, int32_t what, size_t *max)
{
  switch (what) {
  case PIXAZO_READING_MESSAGE:
    *max = 600;
    return &reading->message;
  case PIXAZO_READING_CODE:
    *max = 63;
    return &reading->code;
  case PIXAZO_READING_REMOTE_ID:
    *max = PX_REMOTE_ID_MAX;
    return &reading->remote_id;
  case PIXAZO_READING_POLL_URL:
    *max = 2047;
    return &reading->poll_url;
  default:
    return NULL;
  }
}

pixazo_status pixazo_reading_set_text(pixazo_reading *reading, int32_t what, const char *text, pixazo_error **error)
{
  size_t max = 0;
  PX_REQUIRE(reading, error, "reading is NULL");
  char **slot = text_of(reading->reading, what, &max);
  PX_REQUIRE(slot, error, "what: not one of PIXAZO_READING_*");
  bool id = what == PIXAZO_READING_REMOTE_ID || what == PIXAZO_READING_POLL_URL;
  PX_REQUIRE(!text || px_utf8_valid(text, strlen(text)), error, "the text is not UTF-8");
  PX_REQUIRE(!text || !id || (is_printable(text) && !strchr(text, ' ') && strlen(text) <= max), error,
             "an id or address must be visible ASCII");
  char *copy = text ? px_strndup(text, px_utf8_cut(text, max)) : NULL;
  if (text && !copy)
    return px_fail_nomem(error);
  px_free(*slot);
  *slot = copy;
  px_reading_recognise(reading->reading);
  return PIXAZO_OK;
}

pixazo_status pixazo_reading_set_meaning(pixazo_reading *reading, int32_t meaning)
{
  if (!reading || meaning < PIXAZO_MEANS_REFUSED || meaning > PIXAZO_MEANS_FAILED)
    return PIXAZO_E_ARGUMENT;
  _Static_assert(PIXAZO_MEANS_REFUSED == (int)PX_RULING_REFUSED && PIXAZO_MEANS_FAILED == (int)PX_RULING_FAILED,
                 "two names of one value");
  reading->reading->ruling = (px_ruling)meaning;
  reading->reading->author = PX_AUTHOR_PROVIDER;
  return PIXAZO_OK;
}

pixazo_status pixazo_reading_add_url(pixazo_reading *reading, const char *url, pixazo_error **error)
{
  static const px_document nothing = {NULL, 0, 0};
  PX_REQUIRE(reading && url, error, "reading or url is NULL");
  PX_REQUIRE(px_str_starts_nocase(url, "https://") || px_str_starts_nocase(url, "http://"), error, "url: want a link");
  px_reading *inner = reading->reading;
  if (!reading->own_pictures) {
    px_pictures_free(inner->pictures, inner->picture_count);
    inner->pictures = NULL;
    inner->picture_count = 0;
    reading->own_pictures = true;
  }
  PX_REQUIRE(px_utf8_valid(url, strlen(url)), error, "url: not UTF-8");
  if (inner->picture_count >= PX_PICTURES_MAX)
    return px_fail(error, PIXAZO_E_LIMIT, "more than %d pictures", (int)PX_PICTURES_MAX);
  PX_TRY(px_reading_take(inner, &nothing, url, NULL, error));
  inner->author = PX_AUTHOR_PROVIDER;
  inner->unreadable = false;
  return PIXAZO_OK;
}

/* What the rules of the document found comes first; the program corrects it. */
static pixazo_status read_answer(const px_provider *provider, const px_answer *answer, px_reading *reading,
                                 pixazo_error **error)
{
  const pixazo_provider *port = port_of(provider);
  px_reading_rules by = {px_rules_apply, &port->answer};
  pixazo_answer outer = {answer};
  pixazo_reading inner = {reading, false};
  PX_TRY(px_reading_read_by(answer, &by, reading, error));
  px_rules_judge(&port->answer, px_answer_status(answer), reading);
  pixazo_status status = port->ops.read(port->self, &outer, &inner, error);
  if (status != PIXAZO_OK)
    return px_fail(error, status, "provider %s: its read failed", provider->name);
  return PIXAZO_OK;
}

/* ---- produce ---- */

const char *pixazo_production_model(const pixazo_production *production)
{
  return production ? px_plan_get(production->job->send->plan)->model : "";
}

const char *pixazo_production_effective_json(const pixazo_production *production)
{
  return production ? px_plan_get(production->job->send->plan)->effective_json : "";
}

int32_t pixazo_production_cancelled(const pixazo_production *production)
{
  return production && pixazo_cancel_get(production->job->send->cancel) == PIXAZO_CANCEL_NOW;
}

void pixazo_production_progress(pixazo_production *production, uint64_t done, uint64_t total)
{
  const px_send *send = production ? production->job->send : NULL;
  px_report report = {.work_done = done, .work_total = total};
  if (send && send->on_report)
    send->on_report(send->user, &report);
}

static pixazo_status begin_answer(pixazo_production *self, const char *http_status, const char *type, pixazo_error **error)
{
  px_answer_writer *writer = self->job->send->answer;
  PX_TRY(px_answer_writer_set(writer, "status", http_status, error));
  PX_TRY(px_answer_writer_set(writer, "content-type", type, error));
  PX_TRY(px_answer_writer_head(writer, error));
  self->begun = true;
  self->job->evidence->http_status = http_status[0] == '2' ? 200 : http_status[0] == '4' ? 400 : 500;
  self->job->evidence->head_complete = true;
  return PIXAZO_OK;
}

pixazo_status pixazo_production_write(pixazo_production *production, const void *data, size_t size, pixazo_error **error)
{
  PX_REQUIRE(production && (data || size == 0), error, "production or data is NULL");
  if (!production->begun)
    PX_TRY(begin_answer(production, "200", "application/octet-stream", error));
  return px_answer_writer_body(production->job->send->answer, data, size, error);
}

static pixazo_status finish(pixazo_production *self, pixazo_error **error)
{
  PX_TRY(px_answer_writer_finish(self->job->send->answer, error));
  self->job->evidence->body_complete = true;
  return PIXAZO_OK;
}

/* A failure that the program tells of is an answer like any other: it is kept and judged. */
static pixazo_status answer_failure(pixazo_production *self, pixazo_status status, const pixazo_error *why,
                                    pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(4096);
  px_autofree char *body = NULL;
  bool blocked = status == PIXAZO_E_REJECTED;
  px_json_put_begin_object(&writer, NULL);
  px_json_put_begin_object(&writer, "error");
  px_json_put_string(&writer, "code", blocked ? "content_policy" : pixazo_status_name(status));
  px_json_put_string(&writer, "message", why ? pixazo_error_message(why) : "the provider's code failed");
  px_json_put_end_object(&writer);
  px_json_put_end_object(&writer);
  PX_TRY(px_json_writer_finish(&writer, &body, error));
  PX_TRY(begin_answer(self, blocked ? "400" : "500", "application/json", error));
  PX_TRY(px_answer_writer_body(self->job->send->answer, body, strlen(body), error));
  return finish(self, error);
}

static pixazo_status perform(pixazo_production *self, pixazo_error **error)
{
  const px_send *send = self->job->send;
  const pixazo_provider *port = port_of(self->job->provider);
  px_autoerror why = NULL;
  if (pixazo_cancel_get(send->cancel) != 0)
    return px_fail(error, PIXAZO_E_CANCELLED, "cancelled before the call began");
  if (send->may_send && !send->may_send(send->user))
    return px_fail(error, PIXAZO_E_STATE, "the call was withheld");
  self->job->evidence->body_asked = true;
  pixazo_production_progress(self, 0, 0);
  pixazo_status status = port->ops.produce(port->self, self, &why);
  if (status == PIXAZO_OK && self->begun)
    return finish(self, error);
  if (status == PIXAZO_OK)
    status = px_fail(&why, PIXAZO_E_PROVIDER, "no picture was written");
  if (!self->begun && status != PIXAZO_E_CANCELLED)
    return answer_failure(self, status, why, error);
  if (why)
    px_error_move(error, px_steal(&why));
  return px_fail(error, status, "the provider's code ended early");
}

/* Only what keeps the call from beginning is a failure of produce; the rest is evidence. */
static pixazo_status produce(const px_production *job, pixazo_error **error)
{
  pixazo_production self = {job, false};
  *job->evidence = (px_evidence){.started_us = px_wall_us(job->clock)};
  pixazo_status status = perform(&self, error);
  job->evidence->status = status;
  job->evidence->error = error && status != PIXAZO_OK ? *error : NULL;
  job->evidence->ended_us = px_wall_us(job->clock);
  return PIXAZO_OK;
}

/* ---- making ---- */

px_provider_ops px_port_ops(const pixazo_provider *provider, px_provider_ops own)
{
  own.build = provider->ops.build ? build : own.build;
  own.read = provider->ops.read ? read_answer : own.read;
  own.produce = provider->ops.produce ? produce : NULL;
  return own;
}

void pixazo_provider_ops_init(pixazo_provider_ops *ops, size_t size)
{
  px_options_init(ops, size);
}

pixazo_status pixazo_provider_new_custom(const char *json, const pixazo_provider_ops *ops, void *self, uint32_t flags,
                                         pixazo_provider **out, pixazo_error **error)
{
  pixazo_provider_ops copy;
  PX_REQUIRE(json && ops && out, error, "json, ops or out is NULL");
  PX_TRY(px_options_copy(&copy, sizeof copy, ops, "pixazo_provider_ops", error));
  PX_REQUIRE((flags & ~(uint32_t)PIXAZO_OPS_ANY_THREAD) == 0, error, "flags: not known");
  PX_REQUIRE(!(copy.produce && copy.build), error, "ops: produce takes the place of build");
  if (!(flags & PIXAZO_OPS_ANY_THREAD)) {
    (void)px_fail(error, PIXAZO_E_UNSUPPORTED, "functions of a provider must be callable from any thread");
    px_error_hint(error, "make them so, and pass PIXAZO_OPS_ANY_THREAD");
    return PIXAZO_E_UNSUPPORTED;
  }
  return px_definition_new(json, &copy, self, out, error);
}
