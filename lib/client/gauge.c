/* SPDX-License-Identifier: MIT */
#include "client/gauge.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "json/json.h"
#include "net/url.h"

enum { ANSWER_MAX = 64 * 1024, ANSWER_MS = 5000, FAILURES_MAX = 3, THOUSAND = 1000 };

static const double WORK_MAX = 1e15; /* what a double holds exactly */

struct px_gauge {
  px_http_call call;
  px_engine *engine;
  const px_account *account;
  void (*on_work)(void *user, uint64_t done, uint64_t total);
  void *user;
  char *url;
  const char *headers[PX_ACCOUNT_LINES + 1];
  px_buf answer;
  uint64_t done, total; /* told last */
  unsigned failures;
  bool asking;  /* a call is on its way or waits for its time */
  bool stopped; /* its owner is gone */
};

static void drop(px_gauge *self)
{
  px_buf_done(&self->answer);
  px_free(self->url);
  px_free(self);
}

static bool read_number(const px_json *root, const char *path, double *out)
{
  return px_json_get_double(root, path, out, NULL) == PIXAZO_OK && *out >= 0 && *out <= WORK_MAX;
}

/* Without a total, what is done is a part of one. */
static bool read_work(const px_progress_rule *rule, const px_json *root, uint64_t *done, uint64_t *total)
{
  double part = 0;
  double whole = 1;
  if (!read_number(root, rule->done, &part) || (rule->total && !read_number(root, rule->total, &whole)))
    return false;
  if (!rule->total && part > 1)
    return false;
  double unit = rule->total ? 1 : THOUSAND;
  *done = (uint64_t)(part * unit + 0.5);
  *total = (uint64_t)(whole * unit + 0.5);
  return true;
}

static bool read_answer(px_gauge *self)
{
  px_cleanup(px_json_done) px_json *root = NULL;
  uint64_t done = 0;
  uint64_t total = 0;
  if (px_json_parse(px_buf_text(&self->answer), self->answer.size, NULL, &root, NULL) != PIXAZO_OK ||
      !read_work(&self->account->provider->progress, root, &done, &total))
    return false;
  bool news = done != self->done || total != self->total;
  self->done = done;
  self->total = total;
  if (news)
    self->on_work(self->user, done, total);
  return true;
}

static bool on_head(void *user, int http_status, const px_http_headers *headers)
{
  (void)user;
  (void)headers;
  return http_status == 200;
}

static bool on_data(void *user, const void *data, size_t size)
{
  return px_buf_add(&((px_gauge *)user)->answer, data, size);
}

static void ask(px_gauge *self);

static void on_done(void *user, const px_http_outcome *outcome)
{
  px_gauge *self = user;
  self->asking = false;
  if (self->stopped) {
    drop(self);
    return;
  }
  bool good = outcome->status == PIXAZO_OK && read_answer(self);
  self->failures = good ? 0 : self->failures + 1;
  if (self->failures < FAILURES_MAX && outcome->trouble != PX_TROUBLE_CANCEL)
    ask(self);
}

/* What cannot be asked is not asked again. */
static void ask(px_gauge *self)
{
  const px_account *account = self->account;
  px_buf_clear(&self->answer);
  self->call = (px_http_call){
      .kind = PX_HTTP_POLL,
      .method = "GET",
      .url = self->url,
      .headers = self->headers,
      .secret_header = account->secret_header,
      .secret_origin = account->base_url,
      .delay_ms = account->provider->progress.interval_ms,
      .total_ms = ANSWER_MS,
      .max_bytes = ANSWER_MAX,
      .on_head = on_head,
      .on_data = on_data,
      .on_done = on_done,
      .user = self,
  };
  self->headers[0] = "Accept: application/json";
  self->call.header_count = 1 + px_account_lines(account, self->headers + 1);
  self->asking = px_engine_submit(self->engine, &self->call, NULL) == PIXAZO_OK;
}

px_gauge *px_gauge_start(px_engine *engine, const px_account *account,
                         void (*on_work)(void *user, uint64_t done, uint64_t total), void *user)
{
  const px_progress_rule *rule = &account->provider->progress;
  px_auto(px_buf) url = PX_BUF_INIT(PX_URL_MAX);
  if (!rule->path)
    return NULL;
  px_gauge *self = px_calloc(1, sizeof *self);
  if (!self)
    return NULL;
  *self = (px_gauge){.engine = engine, .account = account, .on_work = on_work, .user = user};
  self->answer = (px_buf)PX_BUF_INIT(ANSWER_MAX);
  (void)px_buf_add_text(&url, account->base_url);
  (void)px_buf_add_text(&url, rule->path);
  self->url = px_buf_steal(&url);
  if (self->url)
    ask(self);
  return self;
}

void px_gauge_stop(px_gauge *self)
{
  if (!self)
    return;
  self->stopped = true;
  if (self->asking)
    px_engine_cancel(self->engine, &self->call);
  else
    drop(self);
}
