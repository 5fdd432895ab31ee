/* SPDX-License-Identifier: MIT */
#include "gateway/answers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/picture.h"
#include "gateway/pixazo.h"

#define JSON "application/json"
#define HTML "text/html; charset=UTF-8"

static const struct fixed_answer {
  const char *name;
  int status;
  const char *type;
  const char *headers;
  const char *body;
} fixed_answers[] = {
    {"no-key", 401, JSON, "", "{\"statusCode\":401,\"message\":\"Access denied due to missing subscription key.\"}"},
    {"bad-key", 401, JSON, "", "{\"statusCode\":401,\"message\":\"Access denied due to invalid subscription key.\"}"},
    {"bad-request", 400, JSON, "", "{\"error\":\"width must be at most 2048\"}"},
    {"balance", 402, JSON, "", "{\"message\":\"Insufficient balance\"}"},
    {"forbidden", 403, JSON, "", "{\"message\":\"Forbidden\"}"},
    {"quota", 403, JSON, "Retry-After: 3723\r\n",
     "{\"statusCode\":403,\"message\":\"Out of call volume quota. Quota will be replenished in 01:02:03.\"}"},
    {"cloudflare", 403, HTML, "cf-mitigated: challenge\r\nServer: cloudflare\r\n",
     "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>challenge</body></html>"},
    {"not-found", 404, JSON, "", "{\"statusCode\":404,\"message\":\"Resource not found\"}"},
    {"timeout", 408, JSON, "", "{\"message\":\"Request Timeout\"}"},
    {"unprocessable", 422, JSON, "", "{\"detail\":\"prompt is too long\"}"},
    {"rate-limited", 429, JSON, "Retry-After: 1\r\n",
     "{\"statusCode\":429,\"message\":\"Rate limit is exceeded. Try again in 1 seconds.\"}"},
    {"rate-limited-silent", 429, JSON, "", "{\"statusCode\":429,\"message\":\"Rate limit is exceeded.\"}"},
    {"own-500", 500, JSON, "", "{\"statusCode\":500,\"message\":\"Internal server error\",\"activityId\":\"1\"}"},
    {"model-500", 500, JSON, "", "{\"error\":\"model is starting\"}"},
    {"object-500", 500, JSON, "", "{\"error\":{\"message\":\"model is starting\",\"code\":7}}"},
    {"foreign-500", 500, HTML, "", "<html><head><title>500</title></head><body><h1>Oops</h1></body></html>"},
    {"bad-gateway", 502, HTML, "Server: cloudflare\r\n", "<html><body><h1>502 Bad Gateway</h1></body></html>"},
    {"overloaded", 503, JSON, "Retry-After: 1\r\n", "{\"message\":\"overloaded, try again\"}"},
    {"unavailable", 503, HTML, "", "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"},
    {"gateway-timeout", 504, HTML, "", "<html><body><h1>504 Gateway Time-out</h1></body></html>"},
    {"cloudflare-522", 522, HTML, "Server: cloudflare\r\n", "<html><body>522: Connection timed out</body></html>"},
    {"overloaded-529", 529, JSON, "", "{\"message\":\"overloaded\"}"},
    {"empty-url", 200, JSON, "", "{\"imageUrl\":\"\"}"},
    {"no-url", 200, JSON, "", "{}"},
    {"empty", 200, JSON, "", ""},
    {"not-json", 200, JSON, "", "certainly! here is your picture"},
    {"half-json", 200, JSON, "", "{\"imageUrl\":\"https://"},
    {"html", 200, HTML, "", "<html><body>Welcome</body></html>"},
    {"error-in-200", 200, JSON, "", "{\"error\":\"prompt was refused\"}"},
    {"no-content", 204, NULL, "", ""},
};

static int64_t image_bytes(const exchange *call)
{
  return call->script->image_bytes > 0 ? call->script->image_bytes : (int64_t)call->options->picture_bytes;
}

static void new_picture(const exchange *call, bytes *out)
{
  char name[32] = "answer-";
  uint64_t number = ++*call->next_picture;
  for (size_t i = 7; i < 23; i++, number >>= 4)
    name[i] = "0123456789abcdef"[number & 15];
  picture_of_bytes(out, name, (size_t)image_bytes(call));
}

static void give_raw_image(const exchange *call, reply *out)
{
  reply_file(out, 200, "image/png", "", 0);
  new_picture(call, &out->body);
}

static void give_encoded(const exchange *call, const char *before, reply *out)
{
  bytes picture = {0};
  new_picture(call, &picture);
  reply_json(out, 200);
  bytes_text(&out->body, before);
  bytes_base64(&out->body, picture.data, picture.size);
  bytes_text(&out->body, "\"}");
  bytes_done(&picture);
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
  bytes_text(&out->body, names[0]);
  for (int64_t i = 0; i < count; i++) {
    bytes_text(&out->body, i ? "," : "");
    bytes_text(&out->body, names[1]);
    exchange_picture_url(call, &out->body, 0, 0);
    bytes_text(&out->body, names[2]);
  }
  bytes_text(&out->body, "]}");
}

static void give_images(const exchange *call, reply *out)
{
  give_list(call, (const char *[3]){"{\"images\":[", "{\"url\":\"", "\"}"}, out);
}

static void give_output_list(const exchange *call, reply *out)
{
  give_list(call, (const char *[3]){"{\"output\":[", "\"", "\""}, out);
}

static void give_default(const exchange *call, reply *out)
{
  if (strncmp(call->request->path, "/files/", 7) == 0)
    exchange_give_file(call, out);
  else
    pixazo_answer(call, out);
}

static const struct {
  const char *name;
  void (*give)(const exchange *call, reply *out);
} made_answers[] = {
    {"default", give_default},   {"raw-image", give_raw_image}, {"base64", give_base64},
    {"data-uri", give_data_uri}, {"images", give_images},       {"output-list", give_output_list},
};

static const struct fixed_answer *find_fixed(const char *name)
{
  for (size_t i = 0; i < sizeof fixed_answers / sizeof fixed_answers[0]; i++) {
    if (same_text(fixed_answers[i].name, name))
      return &fixed_answers[i];
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

bool answers_know(const char *name)
{
  return find_fixed(name) != NULL || give_made(NULL, name, NULL);
}

static void give_named(const exchange *call, const char *name, reply *out)
{
  const struct fixed_answer *fixed = find_fixed(name);
  if (!fixed) {
    (void)give_made(call, name, out);
    return;
  }
  reply_file(out, fixed->status, fixed->type ? fixed->type : "", fixed->body, strlen(fixed->body));
  bytes_text(&out->headers, fixed->headers);
}

/* A rule that gives status or body itself starts from an empty answer; the others change the protocol's own. */
static void start(const exchange *call, reply *out)
{
  const rule *script = call->script;
  if (script && script->answer)
    give_named(call, script->answer, out);
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
    out->body.size = 0;
    exchange_expand(call, bytes_cstr(&script->body), script->body.size, &out->body);
  }
  if (script->redirect) {
    out->status = script->status ? (int)script->status : 302;
    bytes_text(&out->headers, "Location: ");
    exchange_expand(call, script->redirect, strlen(script->redirect), &out->headers);
    bytes_text(&out->headers, "\r\n");
  }
  exchange_expand(call, bytes_cstr(&script->headers), script->headers.size, &out->headers);
}

void answers_make(const exchange *call, reply *out)
{
  bool is_file = strncmp(call->request->path, "/files/", 7) == 0;
  if (!is_file && pixazo_refuses_key(call, out))
    return;
  start(call, out);
  if (call->script)
    apply(call, call->script, out);
}
