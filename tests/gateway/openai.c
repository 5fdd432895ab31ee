/* SPDX-License-Identifier: MIT */
/* Paths, keys and headers of OpenAI's image calls; the checks are in openai_wish.c, good answers in openai_give.c. */
#include "gateway/openai.h"

#include <string.h>
#include <strings.h>

static const openai_dialect *speech_of(const exchange *call, const char **rest)
{
  return openai_dialect_of(call->request->path, rest);
}

static bool owns(const http_request *request)
{
  const char *rest;
  return openai_dialect_of(request->path, &rest) != NULL;
}

static bool read_key(const http_request *request, char *out, size_t capacity)
{
  char line[512];
  if (http_header(&request->head, "api-key", out, capacity) && out[0] != '\0')
    return true;
  if (!http_header(&request->head, "Authorization", line, sizeof line) || strncasecmp(line, "Bearer ", 7) != 0)
    return false;
  size_t size = strlen(line + 7);
  if (size == 0 || size >= capacity)
    return false;
  memcpy(out, line + 7, size + 1);
  return true;
}

static bool refuses_key(const exchange *call, reply *out)
{
  const char *rest;
  char key[512];
  const openai_dialect *speech = speech_of(call, &rest);
  const char *wanted = exchange_key(call, speech->name);
  bool given = read_key(call->request, key, sizeof key);
  if (given ? !wanted || same_text(key, wanted) : !wanted && !speech->needs_key)
    return false;
  openai_problem problem = {401, "invalid_request_error", given ? "invalid_api_key" : NULL, NULL};
  openai_refuse(speech, out, &problem, "%s", given ? "Incorrect API key provided." : "You didn't provide an API key.");
  return true;
}

static void give_models(const openai_dialect *speech, reply *out)
{
  bytes *text = &out->content.text;
  const char *comma = "";
  reply_json(out, 200);
  bytes_text(text, "{\"object\":\"list\",\"data\":[");
  for (const openai_model *row = speech->models; row->name; row++) {
    if (row->retired)
      continue;
    bytes_printf(text, "%s{\"id\":\"%s\",\"object\":\"model\",\"created\":1795212986,\"owned_by\":\"%s\"}", comma, row->name,
                 speech->owner);
    comma = ",";
  }
  bytes_text(text, "]}");
}

static void give_for(const exchange *call, openai_wish *wish, reply *out)
{
  if (openai_read_wish(wish, out) && (!wish->form || openai_check_form(wish, out)))
    openai_give(call, wish, out);
}

static void refuse_body(const openai_dialect *speech, const char *why, reply *out)
{
  openai_refuse(speech, out, &(openai_problem){400, "invalid_request_error", NULL, NULL}, "We could not parse the body: %s.",
                why);
}

static void generate(const exchange *call, const openai_dialect *speech, reply *out)
{
  const bytes *body = &call->request->body;
  char type[128] = "";
  cJSON *root = cJSON_ParseWithLength(bytes_cstr(body), body->size);
  (void)http_header(&call->request->head, "Content-Type", type, sizeof type);
  if (strncasecmp(type, "application/json", 16) != 0)
    openai_refuse(speech, out, &(openai_problem){400, "invalid_request_error", "unsupported_content_type", NULL},
                  "Unsupported content type. This API method only accepts 'application/json' requests.");
  else if (cJSON_IsObject(root))
    give_for(call, &(openai_wish){.speech = speech, .fields = root}, out);
  else
    refuse_body(speech, "not a JSON object", out);
  cJSON_Delete(root);
}

/* The parts that are no files, as an object of texts; one that comes twice keeps its first value. */
static cJSON *fields_of(const multipart *form)
{
  cJSON *fields = cJSON_CreateObject();
  for (size_t i = 0; i < form->count; i++) {
    const part *entry = &form->parts[i];
    bytes value = {0};
    if (cJSON_HasObjectItem(fields, entry->name))
      continue;
    bytes_add(&value, entry->has_filename ? "" : entry->data, entry->has_filename ? 0 : entry->size);
    (void)cJSON_AddStringToObject(fields, entry->name, bytes_cstr(&value));
    bytes_done(&value);
  }
  return fields;
}

static void edit(const exchange *call, const openai_dialect *speech, reply *out)
{
  multipart form;
  bytes problem = {0};
  if (multipart_read(&form, call->request, &problem)) {
    cJSON *fields = fields_of(&form);
    give_for(call, &(openai_wish){.speech = speech, .fields = fields, .form = &form}, out);
    cJSON_Delete(fields);
  } else {
    refuse_body(speech, bytes_cstr(&problem), out);
  }
  multipart_done(&form);
  bytes_done(&problem);
}

static void answer(const exchange *call, reply *out)
{
  const char *rest;
  const openai_dialect *speech = speech_of(call, &rest);
  bool post = same_text(call->request->method, "POST");
  if (post && same_text(rest, "/images/generations"))
    generate(call, speech, out);
  else if (post && same_text(rest, "/images/edits"))
    edit(call, speech, out);
  else if (!post && same_text(rest, "/models"))
    give_models(speech, out);
  else
    openai_refuse(speech, out, &(openai_problem){404, "invalid_request_error", NULL, NULL}, "Invalid URL (%s %s)",
                  call->request->method, call->request->path);
}

static void dress(const exchange *call, reply *out)
{
  const char *rest;
  if (!speech_of(call, &rest)->limits)
    return;
  bytes_text(&out->headers, "x-request-id: req_");
  exchange_id(call, &out->headers);
  bytes_text(&out->headers, "\r\nopenai-processing-ms: 12\r\nopenai-version: 2020-10-01\r\nopenai-organization: test-org\r\n"
                            "x-ratelimit-limit-requests: 500\r\nx-ratelimit-remaining-requests: 499\r\n"
                            "x-ratelimit-reset-requests: 120ms\r\nx-ratelimit-limit-tokens: 250000\r\n"
                            "x-ratelimit-remaining-tokens: 249000\r\nx-ratelimit-reset-tokens: 6m0s\r\n");
}

const protocol openai_protocol = {
    .name = "openai",
    .owns = owns,
    .refuses = refuses_key,
    .answer = answer,
    .dress = dress,
    .ready = openai_ready,
};
