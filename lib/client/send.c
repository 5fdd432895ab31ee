/* SPDX-License-Identifier: MIT */
/* Between a plan and the engine: what goes on the wire, and how the answer gets into its file. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/gauge.h"
#include "client/plan.h"
#include "client/previews.h"
#include "net/engine.h"
#include "net/url.h"

_Static_assert(PX_TROUBLE_REFUSED_HERE == (int)PX_TROUBLE_GUARD, "two names of one value");

enum { POLL_TOTAL_MS = 30000, OWN_HEADERS = 3 };

/* One call on the wire; dies before the caller's on_done. */
typedef struct exchange {
  px_http_call call;
  px_send *send;
  char *url;
  const char *headers[OWN_HEADERS + PX_ACCOUNT_LINES];
  char *content_type;
  px_body_reader body;
  pixazo_error *disk; /* the answer could not be written */
  px_previews *previews; /* NULL: none are looked for */
  px_gauge *gauge;       /* NULL: nobody is asked how far it is */
  pixazo_client *client;
  uint64_t received;
  uint64_t announced;
} exchange;

static void exchange_free(exchange *self)
{
  if (!self)
    return;
  pixazo_error_free(self->disk);
  px_previews_free(self->previews);
  px_gauge_stop(self->gauge);
  if (self->body.body)
    px_body_close(&self->body);
  px_free(self->content_type);
  px_free(self->url);
  px_free(self);
}

static void drop_exchange(exchange **self)
{
  exchange_free(*self);
}

static pixazo_status keep_header(px_answer_writer *writer, const char *name, const char *value, pixazo_error **error)
{
  return value ? px_answer_writer_set(writer, name, value, error) : PIXAZO_OK;
}

static const char *request_id_of(const px_http_headers *headers)
{
  static const char *const names[] = {"x-request-id", "request-id", "apim-request-id", "x-ms-request-id", "cf-ray"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(names); i++) {
    const char *value = px_http_header(headers, names[i]);
    if (!px_str_empty(value))
      return value;
  }
  return NULL;
}

/* Only the host of a redirect: the rest may be a signed address. */
static pixazo_status keep_redirect(px_answer_writer *writer, const px_http_headers *headers, pixazo_error **error)
{
  px_url target;
  const char *location = px_http_header(headers, "location");
  if (!location || px_url_parse(location, &target, NULL) != PIXAZO_OK)
    return PIXAZO_OK;
  return px_answer_writer_set(writer, "redirect-host", target.host, error);
}

static pixazo_status write_head(const exchange *self, int http_status, const px_http_headers *headers, pixazo_error **error)
{
  static const char *const kept[] = {"content-type", "retry-after", "retry-after-ms", "x-should-retry", "cf-mitigated"};
  px_answer_writer *writer = self->send->answer;
  char number[32];
  px_format_double(http_status, number, sizeof number);
  PX_TRY(px_answer_writer_set(writer, "status", number, error));
  for (size_t i = 0; i < PX_ARRAY_SIZE(kept); i++)
    PX_TRY(keep_header(writer, kept[i], px_http_header(headers, kept[i]), error));
  PX_TRY(keep_header(writer, "request-id", request_id_of(headers), error));
  PX_TRY(keep_redirect(writer, headers, error));
  return px_answer_writer_head(writer, error);
}

static void tell_progress(const exchange *self)
{
  const px_send *send = self->send;
  if (send->on_progress)
    send->on_progress(send->user, PIXAZO_STAGE_GENERATING, self->received, self->announced);
}

static void on_preview(void *user, pixazo_blob *picture, int32_t index)
{
  const px_send *send = ((exchange *)user)->send;
  px_report report = {.partial = picture, .partial_index = index};
  send->on_report(send->user, &report);
}

/* Only where they were asked for and somebody listens: any other answer passes untouched. */
static void look_for_previews(exchange *self, int http_status, const px_http_headers *headers)
{
  const char *type = px_http_header(headers, "content-type");
  bool stream = http_status == 200 && type && px_str_starts_nocase(type, "text/event-stream");
  px_previews_options options = {.on_preview = on_preview, .user = self, .log = self->client->log};
  if (stream && self->send->on_report && self->send->plan->partials)
    self->previews = px_previews_new(&options);
}

static bool on_head(void *user, int http_status, const px_http_headers *headers)
{
  exchange *self = user;
  const char *length = px_http_header(headers, "content-length");
  if (length && !px_parse_uint64(length, &self->announced))
    self->announced = 0;
  if (write_head(self, http_status, headers, &self->disk) != PIXAZO_OK)
    return false;
  px_gauge_stop(px_steal(&self->gauge));
  look_for_previews(self, http_status, headers);
  tell_progress(self);
  return true;
}

static bool on_data(void *user, const void *data, size_t size)
{
  exchange *self = user;
  if (px_answer_writer_body(self->send->answer, data, size, &self->disk) != PIXAZO_OK)
    return false;
  self->received += size;
  if (self->previews)
    px_previews_feed(self->previews, data, size);
  tell_progress(self);
  return true;
}

static void on_work(void *user, uint64_t done, uint64_t total)
{
  const px_send *send = ((exchange *)user)->send;
  px_report report = {.work_done = done, .work_total = total};
  send->on_report(send->user, &report);
}

/* Whether it is made is decided here, and nothing of what is only nice to know can change that. */
static bool may_send(void *user)
{
  exchange *self = user;
  const px_send *send = self->send;
  if (send->may_send && !send->may_send(send->user))
    return false;
  if (send->on_report && !self->gauge)
    self->gauge = px_gauge_start(self->client->engine, send->plan->account, on_work, self);
  return true;
}

void px_evidence_take(px_evidence *evidence, const px_http_outcome *outcome, const pixazo_error *failure, bool local)
{
  *evidence = (px_evidence){
      .status = failure ? pixazo_error_status(failure) : outcome->status,
      .error = failure ? failure : outcome->error,
      .body_asked = outcome->body_asked,
      .head_complete = outcome->head_complete,
      .body_complete = outcome->body_complete && !local,
      .http_status = outcome->http_status,
      .started_us = outcome->started_us,
      .ended_us = outcome->ended_us,
      .trouble = local ? PX_TROUBLE_LOCAL : outcome->trouble,
  };
}

static void on_done(void *user, const px_http_outcome *outcome)
{
  exchange *self = user;
  px_send *send = self->send;
  if (outcome->status == PIXAZO_OK && outcome->body_complete && !self->disk)
    (void)px_answer_writer_finish(send->answer, &self->disk);
  px_autoerror disk = px_steal(&self->disk);
  px_evidence evidence;
  px_evidence_take(&evidence, outcome, disk, disk != NULL);
  send->inner = NULL;
  exchange_free(self);
  send->on_done(send->user, &evidence);
}

static void add_header(exchange *self, const char *line)
{
  self->headers[self->call.header_count++] = line;
}

static pixazo_status new_exchange(px_send *send, exchange **out, pixazo_error **error)
{
  exchange *self = px_calloc(1, sizeof *self);
  if (!self)
    return px_fail_nomem(error);
  self->send = send;
  const px_account *account = send->plan->account;
  add_header(self, "Accept: application/json, image/*;q=0.9, */*;q=0.1");
  self->call.header_count += px_account_lines(account, self->headers + self->call.header_count);
  if (send->plan->trace_header)
    add_header(self, send->plan->trace_header);
  self->call.headers = self->headers;
  self->call.secret_header = account->secret_header;
  self->call.secret_origin = account->base_url;
  self->call.max_bytes = px_plan_get(send->plan)->answer_max;
  self->call.cancel = send->cancel;
  self->call.finish_when_sent = true;
  self->call.may_send = may_send;
  self->call.on_head = on_head;
  self->call.on_data = on_data;
  self->call.on_done = on_done;
  self->call.user = self;
  *out = self;
  return PIXAZO_OK;
}

/* Hands the exchange to the engine, which gives it back through on_done. */
static pixazo_status submit(pixazo_client *client, exchange **self, pixazo_error **error)
{
  exchange *given = *self;
  given->call.url = given->url;
  given->client = client;
  given->send->inner = given;
  pixazo_status status = px_engine_submit(client->engine, &given->call, error);
  if (status == PIXAZO_OK)
    *self = NULL; /* may be gone already */
  else
    given->send->inner = NULL;
  return status;
}

static bool read_body(void *user, uint64_t offset, void *buffer, size_t room, size_t *given)
{
  return px_body_read(&((exchange *)user)->body, offset, buffer, room, given);
}

static pixazo_status attach_body(exchange *self, const px_body *body, pixazo_error **error)
{
  px_auto(px_buf) type = PX_BUF_INIT(256);
  const char *named = body->content_type ? body->content_type : "application/json";
  if (!px_buf_printf(&type, "Content-Type: %s", named) || !(self->content_type = px_buf_steal(&type)))
    return px_fail_nomem(error);
  add_header(self, self->content_type);
  PX_TRY(px_body_open(&self->body, body, error));
  self->call.body_size = (size_t)body->size;
  self->call.read_body = read_body;
  return PIXAZO_OK;
}

pixazo_status px_client_send(pixazo_client *client, px_send *send, pixazo_error **error)
{
  PX_TRY(px_client_check(client, error));
  const px_plan *plan = send->plan;
  if (plan->provider->ops.produce)
    return px_fail(error, PIXAZO_E_INTERNAL, "%s/%s makes its pictures inside the process", plan->provider->name,
                   plan->model_name);
  px_cleanup(drop_exchange) exchange *self = NULL;
  px_auto(px_buf) url = PX_BUF_INIT(PX_URL_MAX);
  PX_TRY(new_exchange(send, &self, error));
  if (!px_buf_add_text(&url, plan->account->base_url) || !px_buf_add_text(&url, plan->path) ||
      !(self->url = px_buf_steal(&url)))
    return px_fail_nomem(error);
  self->call.kind = PX_HTTP_PAID;
  self->call.method = "POST";
  self->call.total_ms = px_plan_get(plan)->total_ms;
  PX_TRY(attach_body(self, &plan->body, error));
  return submit(client, &self, error);
}

/* The address to ask: the provider's own word where it was checked, else made of the id. */
static pixazo_status make_poll_url(const px_account *account, const char *remote_id, const char *poll_url, char **out,
                                   pixazo_error **error)
{
  px_url theirs;
  px_url ours;
  const char *base = account->base_url;
  const px_provider *provider = account->provider;
  PX_TRY(px_url_parse(base, &ours, error));
  px_auto(px_buf) url = PX_BUF_INIT(PX_URL_MAX);
  if (poll_url && px_url_parse(poll_url, &theirs, NULL) == PIXAZO_OK && px_url_same_origin(&ours, &theirs)) {
    (void)px_buf_add_text(&url, poll_url);
  } else {
    if (px_str_empty(remote_id) || !provider->ops.poll)
      return px_fail(error, PIXAZO_E_ARGUMENT, "there is no id to ask %s about", provider->name);
    (void)px_buf_add_text(&url, base);
    PX_TRY(provider->ops.poll(provider, remote_id, &url, error));
  }
  *out = px_buf_steal(&url);
  return *out ? PIXAZO_OK : px_fail_nomem(error);
}

pixazo_status px_client_poll(pixazo_client *client, px_send *send, const char *remote_id, const char *poll_url,
                             pixazo_error **error)
{
  PX_TRY(px_client_check(client, error));
  const px_account *account = send->plan->account;
  if (!account->base_url)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "%s has no queue", account->provider->name);
  px_cleanup(drop_exchange) exchange *self = NULL;
  PX_TRY(new_exchange(send, &self, error));
  PX_TRY(make_poll_url(account, remote_id, poll_url, &self->url, error));
  self->call.kind = PX_HTTP_POLL;
  self->call.method = "GET";
  self->call.total_ms = POLL_TOTAL_MS;
  self->call.may_send = NULL;
  self->call.finish_when_sent = false;
  return submit(client, &self, error);
}

pixazo_status px_client_produce(pixazo_client *client, px_send *send, px_evidence *evidence, pixazo_error **error)
{
  PX_TRY(px_client_check(client, error));
  const px_plan *plan = send->plan;
  const char *text = plan->effective_json;
  px_cleanup(px_json_done) px_json *effective = NULL;
  if (!plan->provider->ops.produce)
    return px_fail(error, PIXAZO_E_INTERNAL, "%s/%s is not made inside the process", plan->provider->name,
                   plan->model_name);
  PX_TRY(px_json_parse(text, strlen(text), NULL, &effective, error));
  px_production job = {
      .provider = plan->provider,
      .model = plan->model,
      .effective = effective,
      .script = client->script,
      .call = atomic_fetch_add(&client->productions, 1),
      .clock = client->clock,
      .send = send,
      .evidence = evidence,
  };
  return plan->provider->ops.produce(&job, error);
}
