/* SPDX-License-Identifier: MIT */
#include "gateway/answers.h"

#include <string.h>

#include "gateway/protocol.h"

#define JSON "application/json"
#define HTML "text/html; charset=UTF-8"

/* Of whatever stands between a client and a provider; every protocol has them. */
static const ready_answer common_answers[] = {
    {"cloudflare", 403, HTML, "cf-mitigated: challenge\r\nServer: cloudflare\r\n",
     "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>challenge</body></html>"},
    {"foreign-500", 500, HTML, "", "<html><head><title>500</title></head><body><h1>Oops</h1></body></html>"},
    {"bad-gateway", 502, HTML, "Server: cloudflare\r\n", "<html><body><h1>502 Bad Gateway</h1></body></html>"},
    {"unavailable", 503, HTML, "", "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"},
    {"gateway-timeout", 504, HTML, "", "<html><body><h1>504 Gateway Time-out</h1></body></html>"},
    {"cloudflare-522", 522, HTML, "Server: cloudflare\r\n", "<html><body>522: Connection timed out</body></html>"},
    {"empty", 200, JSON, "", ""},
    {"not-json", 200, JSON, "", "certainly! here is your picture"},
    {"foreign-json", 200, JSON, "", "{\"status\":\"ok\",\"portal\":\"please sign in\"}"},
    {"json-list", 200, JSON, "", "[]"},
    {"json-null", 200, JSON, "", "null"},
    {"html", 200, HTML, "", "<html><body>Welcome</body></html>"},
    {"no-content", 204, NULL, "", ""},
    {0},
};

static void new_picture(const exchange *call, bool base64, reply *out)
{
  picture fresh = exchange_picture(call, PICTURE_PNG, 0, 0);
  reply_picture(out, &fresh, base64);
}

static void give_raw_image(const exchange *call, reply *out)
{
  reply_file(out, 200, "image/png", "", 0);
  new_picture(call, false, out);
}

static void give_encoded(const exchange *call, const char *before, reply *out)
{
  reply_json(out, 200);
  bytes_text(&out->content.text, before);
  new_picture(call, true, out);
  bytes_text(&out->content.text, "\"}");
}

static void give_base64(const exchange *call, reply *out)
{
  give_encoded(call, "{\"image\":\"", out);
}

static void give_data_uri(const exchange *call, reply *out)
{
  give_encoded(call, "{\"image\":\"data:image/png;base64,", out);
}

static void give_list(const exchange *call, const char *names[3], reply *out)
{
  int64_t count = call->script->images >= 0 ? call->script->images : 1;
  reply_json(out, 200);
  bytes_text(&out->content.text, names[0]);
  for (int64_t i = 0; i < count; i++) {
    bytes_text(&out->content.text, i ? "," : "");
    bytes_text(&out->content.text, names[1]);
    exchange_picture_url(call, &out->content.text, 0, 0);
    bytes_text(&out->content.text, names[2]);
  }
  bytes_text(&out->content.text, "]}");
}

static void give_images(const exchange *call, reply *out)
{
  give_list(call, (const char *[3]){"{\"images\":[", "{\"url\":\"", "\"}"}, out);
}

static void give_output_list(const exchange *call, reply *out)
{
  give_list(call, (const char *[3]){"{\"output\":[", "\"", "\""}, out);
}

static void give_octets(const exchange *call, reply *out)
{
  give_raw_image(call, out);
  reply_type(out, "application/octet-stream");
}

static void give_kind(const exchange *call, picture_kind kind, reply *out)
{
  picture fresh = exchange_picture(call, kind, 0, 0);
  reply_file(out, 200, picture_type(kind), "", 0);
  reply_picture(out, &fresh, false);
}

static void give_raw_jpeg(const exchange *call, reply *out)
{
  give_kind(call, PICTURE_JPEG, out);
}

static void give_raw_webp(const exchange *call, reply *out)
{
  give_kind(call, PICTURE_WEBP, out);
}

/* As many pictures as the rule says, within `before` and `after`, each between `open` and `close`. */
static void give_encoded_list(const exchange *call, const char *open, const char *close, reply *out)
{
  int64_t count = call->script->images >= 0 ? call->script->images : 1;
  for (int64_t i = 0; i < count; i++) {
    bytes_text(&out->content.text, i ? "," : "");
    bytes_text(&out->content.text, open);
    new_picture(call, true, out);
    bytes_text(&out->content.text, close);
  }
  bytes_text(&out->content.text, "]}");
}

static void give_base64_list(const exchange *call, reply *out)
{
  reply_json(out, 200);
  bytes_text(&out->content.text, "{\"images\":[");
  give_encoded_list(call, "\"", "\"", out);
}

static void give_base64_data(const exchange *call, reply *out)
{
  reply_json(out, 200);
  bytes_text(&out->content.text, "{\"created\":1,\"data\":[");
  give_encoded_list(call, "{\"b64_json\":\"", "\"}", out);
}

static void give_url_data(const exchange *call, reply *out)
{
  give_list(call, (const char *[3]){"{\"data\":[", "{\"url\":\"", "\"}"}, out);
}

static void give_url(const exchange *call, reply *out)
{
  reply_json(out, 200);
  bytes_text(&out->content.text, "{\"image_url\":\"");
  exchange_picture_url(call, &out->content.text, 0, 0);
  bytes_text(&out->content.text, "\"}");
}

static void give_default(const exchange *call, reply *out)
{
  if (exchange_is_file(call->request->path))
    exchange_give_file(call, out);
  else
    protocol_of(call->request)->answer(call, out);
}

static const struct {
  const char *name;
  void (*give)(const exchange *call, reply *out);
} made_answers[] = {
    {"default", give_default},   {"raw-image", give_raw_image},     {"base64", give_base64},
    {"data-uri", give_data_uri}, {"images", give_images},           {"output-list", give_output_list},
    {"raw-jpeg", give_raw_jpeg}, {"raw-webp", give_raw_webp},       {"octet-stream", give_octets},
    {"url", give_url},           {"base64-list", give_base64_list}, {"base64-data", give_base64_data},
    {"url-data", give_url_data},
};

static const ready_answer *find_row(const ready_answer *rows, const char *name)
{
  for (; rows && rows->name; rows++) {
    if (same_text(rows->name, name))
      return rows;
  }
  return NULL;
}

static bool give_made(const exchange *call, const char *name, reply *out)
{
  for (size_t i = 0; i < sizeof made_answers / sizeof made_answers[0]; i++) {
    if (!same_text(made_answers[i].name, name))
      continue;
    if (call)
      made_answers[i].give(call, out);
    return true;
  }
  return false;
}

static void give_row(const exchange *call, const ready_answer *row, reply *out)
{
  reply_file(out, row->status, row->type ? row->type : "", "", 0);
  exchange_expand(call, row->body, strlen(row->body), &out->content.text);
  exchange_expand(call, row->headers, strlen(row->headers), &out->headers);
}

/* An answer of that name in one protocol; `call` NULL: only whether there is one. */
static bool give_of(const protocol *spoken, const exchange *call, const char *name, reply *out)
{
  const ready_answer *row = find_row(spoken->ready, name);
  if (!row)
    return spoken->give && spoken->give(call, name, out);
  if (call)
    give_row(call, row, out);
  return true;
}

/* The protocol's own, what all have, then that of any other protocol. */
static bool give_named(const exchange *call, const char *name, reply *out)
{
  if (call && give_of(protocol_of(call->request), call, name, out))
    return true;
  const ready_answer *row = find_row(common_answers, name);
  if (row && call)
    give_row(call, row, out);
  if (row || give_made(call, name, out))
    return true;
  for (const protocol *const *other = protocol_all(); *other; other++) {
    if (give_of(*other, call, name, out))
      return true;
  }
  return false;
}

bool answers_know(const char *name)
{
  return give_named(NULL, name, NULL);
}

/* A rule that gives status or body itself starts from an empty answer; the others change the protocol's own. */
static void start(const exchange *call, reply *out)
{
  const rule *script = call->script;
  if (script && script->answer)
    (void)give_named(call, script->answer, out);
  else if (script && (script->have_body || script->status || script->redirect))
    reply_json(out, 200);
  else
    give_default(call, out);
}

static void apply(const exchange *call, const rule *script, reply *out)
{
  if (script->status)
    out->status = (int)script->status;
  if (script->reason)
    out->reason = must_copy(script->reason);
  if (script->type)
    reply_type(out, script->type);
  if (script->have_body) {
    reply_empty(out);
    exchange_expand(call, bytes_cstr(&script->body), script->body.size, &out->content.text);
  }
  if (script->redirect) {
    out->status = script->status ? (int)script->status : 302;
    bytes_text(&out->headers, "Location: ");
    exchange_expand(call, script->redirect, strlen(script->redirect), &out->headers);
    bytes_text(&out->headers, "\r\n");
  }
  exchange_expand(call, bytes_cstr(&script->headers), script->headers.size, &out->headers);
}

/* What a rule writes itself, and what stands before the provider, is not dressed. */
static bool is_own(const exchange *call)
{
  const rule *script = call->script;
  if (!script)
    return true;
  if (script->answer)
    return !find_row(common_answers, script->answer);
  return !script->have_body && !script->status && !script->redirect;
}

void answers_make(const exchange *call, reply *out)
{
  bool is_file = exchange_is_file(call->request->path);
  const protocol *spoken = protocol_of(call->request);
  bool refused = !is_file && spoken->refuses(call, out);
  if (!refused)
    start(call, out);
  if (!is_file && spoken->dress && (refused || is_own(call)))
    spoken->dress(call, out);
  if (!refused && call->script)
    apply(call, call->script, out);
}
