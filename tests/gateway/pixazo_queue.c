/* SPDX-License-Identifier: MIT */
/* Jobs that are submitted and polled, in the forms that were seen over the years; a rule says which. */
#include <cjson/cJSON.h>
#include <string.h>
#include <strings.h>

#include "gateway/jobs.h"
#include "gateway/pixazo.h"

static const job_words words = {"QUEUED", "PROCESSING", "COMPLETED"};

static const char *id_field(const exchange *call)
{
  return call->script && call->script->id_field ? call->script->id_field : "request_id";
}

/* The usual address, the rule's with {{id}} replaced, or none. */
static void add_polling_url(const exchange *call, const job *entry, bytes *text)
{
  static const char mark[] = "{{id}}";
  const char *form = call->script ? call->script->polling_url : NULL;
  if (form && same_text(form, "none"))
    return;
  form = form ? form : "{{base}}/v2/requests/status/{{id}}";
  const char *place = strstr(form, mark);
  bytes_text(text, ",\"polling_url\":\"");
  exchange_expand(call, form, place ? (size_t)(place - form) : strlen(form), text);
  if (place) {
    bytes_text(text, entry->id);
    exchange_expand(call, place + sizeof mark - 1, strlen(place + sizeof mark - 1), text);
  }
  bytes_text(text, "\"");
}

void pixazo_submit(const exchange *call, const char *model, int64_t images, reply *out)
{
  const job *entry = jobs_add(call, model, &words, images);
  reply_json(out, 202);
  bytes_printf(&out->content.text, "{\"%s\":\"%s\",\"status\":\"%s\"", id_field(call), entry->id, job_state(entry));
  add_polling_url(call, entry, &out->content.text);
  bytes_text(&out->content.text, "}");
}

static bool ends_with(const char *text, const char *end)
{
  size_t length = strlen(text);
  size_t size = strlen(end);
  return length >= size && same_text(text + length - size, end);
}

bool pixazo_is_poll(const http_request *request)
{
  const char *path = request->path;
  if (same_text(request->method, "GET"))
    return strstr(path, "/status/") != NULL || strstr(path, "/v1/result/") != NULL;
  return same_text(request->method, "POST") &&
         (ends_with(path, "-request-result") || ends_with(path, "/checkStatus") || ends_with(path, "/getStatus"));
}

static job *find_job(const exchange *call)
{
  static const char *const names[] = {"request_id", "requestId", "id", "prediction_id", "task_id"};
  const http_request *request = call->request;
  if (same_text(request->method, "GET"))
    return jobs_find(call->shared->queue, strrchr(request->path, '/') + 1);
  cJSON *root = cJSON_ParseWithLength(bytes_cstr(&request->body), request->body.size);
  job *found = NULL;
  for (size_t i = 0; i < sizeof names / sizeof names[0] && !found; i++) {
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, names[i]));
    found = id ? jobs_find(call->shared->queue, id) : NULL;
  }
  cJSON_Delete(root);
  return found;
}

static void add_first(const job *entry, const char *member, bytes *text)
{
  const char *urls = bytes_cstr(&entry->urls);
  size_t size = strcspn(urls, ",");
  bytes_printf(text, ",\"%s\":%.*s", member, size > 0 ? (int)size : 2, size > 0 ? urls : "\"\"");
}

static void add_objects(const job *entry, bytes *text)
{
  bytes_text(text, ",\"images\":[");
  for (const char *at = bytes_cstr(&entry->urls); *at;) {
    size_t size = strcspn(at, ",");
    bytes_printf(text, "{\"url\":%.*s}%s", (int)size, at, at[size] ? "," : "");
    at += size + (at[size] == ',');
  }
  bytes_text(text, "]");
}

/* Where the pictures are: in output.media_url as a list, or as the rule says. */
static void add_result(const exchange *call, const job *entry, bytes *text)
{
  const char *form = call->script && call->script->result_form ? call->script->result_form : "list";
  if (same_text(form, "images")) {
    add_objects(entry, text);
  } else if (same_text(form, "text")) {
    bytes inner = {0};
    add_first(entry, "media_url", &inner);
    bytes_printf(text, ",\"output\":{%s,\"media_type\":\"image/png\"}", inner.data + 1);
    bytes_done(&inner);
  } else if (same_text(form, "list")) {
    bytes_printf(text, ",\"output\":{\"media_url\":[%s],\"media_type\":\"image/png\"}", bytes_cstr(&entry->urls));
  } else {
    add_first(entry, form, text);
  }
  bytes_text(text, ",\"completed_at\":\"2026-05-01T10:00:21Z\"");
}

/* The reason of a failure: a text, an object, or under another name. */
static void add_failure(const exchange *call, const job *entry, bytes *text)
{
  const char *form = call->script && call->script->error_form ? call->script->error_form : "text";
  if (same_text(form, "none"))
    return;
  bytes_text(text, same_text(form, "message")  ? ",\"message\":\""
                   : same_text(form, "object") ? ",\"error\":{\"code\":\"failed\",\"message\":\""
                                               : ",\"error\":\"");
  bytes_json_text(text, entry->error, strlen(entry->error));
  bytes_text(text, same_text(form, "object") ? "\"}" : "\"");
}

static bool has_failed(const char *state)
{
  static const char *const ends[] = {"FAILED", "ERROR", "CANCELLED"};
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    if (strcasecmp(state, ends[i]) == 0)
      return true;
  }
  return false;
}

void pixazo_poll(const exchange *call, reply *out)
{
  bytes *text = &out->content.text;
  job *entry = find_job(call);
  if (!entry) {
    pixazo_refuse(out, 404, "Resource not found");
    return;
  }
  const char *state = job_next_state(entry);
  reply_json(out, 200);
  bytes_printf(text, "{\"%s\":\"%s\",\"status\":\"%s\"", id_field(call), entry->id, state);
  bytes_text(text, ",\"created_at\":\"2026-05-01T10:00:00Z\"");
  if (strcasecmp(state, "COMPLETED") == 0)
    add_result(call, entry, text);
  if (has_failed(state))
    add_failure(call, entry, text);
  bytes_text(text, "}");
}
