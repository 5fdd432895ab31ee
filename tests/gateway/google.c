/* SPDX-License-Identifier: MIT */
/* Paths, keys and refusals of Google's generateContent; what is asked is read in google_wish.c. */
#include "gateway/google.h"

#include <string.h>

static const char models[] = "/v1beta/models";

static bool owns(const http_request *request)
{
  return strncmp(request->path, models, sizeof models - 1) == 0;
}

static bool is_stream(const exchange *call)
{
  return strstr(call->request->path, ":streamGenerateContent") != NULL;
}

static bool wants_events(const exchange *call)
{
  return strstr(call->request->target, "alt=sse") != NULL;
}

/* The header, else the parameter `key` of the address. */
static bool read_key(const http_request *request, char *out, size_t capacity)
{
  if (http_header(&request->head, "x-goog-api-key", out, capacity) && out[0] != '\0')
    return true;
  const char *query = strchr(request->target, '?');
  const char *key = query ? strstr(query, "key=") : NULL;
  if (!key || (key[-1] != '?' && key[-1] != '&'))
    return false;
  size_t size = strcspn(key + 4, "&");
  if (size == 0 || size >= capacity)
    return false;
  memcpy(out, key + 4, size);
  out[size] = '\0';
  return true;
}

static bool refuses_key(const exchange *call, reply *out)
{
  char key[512];
  const char *wanted = exchange_key(call, "google");
  if (!read_key(call->request, key, sizeof key))
    google_refuse(out, 403, "PERMISSION_DENIED", "",
                  "Method doesn't allow unregistered callers. Please use API Key or other form of API consumer identity.");
  else if (wanted && !same_text(key, wanted))
    google_refuse(out, 400, "INVALID_ARGUMENT",
                  "{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":\"API_KEY_INVALID\","
                  "\"domain\":\"googleapis.com\",\"metadata\":{\"service\":\"generativelanguage.googleapis.com\"}}",
                  "API key not valid. Please pass a valid API key.");
  else
    return false;
  return true;
}

static const google_model *find_model(const char *name, size_t length)
{
  for (const google_model *row = google_models; row->name; row++) {
    if (strlen(row->name) == length && strncmp(row->name, name, length) == 0)
      return row;
  }
  return NULL;
}

static void give_models(reply *out)
{
  bytes *text = &out->content.text;
  reply_json(out, 200);
  bytes_text(text, "{\"models\":[");
  for (const google_model *row = google_models; row->name; row++)
    bytes_printf(text, "%s{\"name\":\"models/%s\",\"supportedGenerationMethods\":[\"generateContent\"]}",
                 row == google_models ? "" : ",", row->name);
  bytes_text(text, "]}");
}

static void generate(const exchange *call, const google_model *model, reply *out)
{
  const bytes *body = &call->request->body;
  cJSON *root = cJSON_ParseWithLength(bytes_cstr(body), body->size);
  google_wish wish = {.model = model, .root = root, .streams = is_stream(call), .events = wants_events(call)};
  if (!cJSON_IsObject(root))
    google_refuse(out, 400, "INVALID_ARGUMENT", "", "Invalid JSON payload received. Unexpected token.");
  else if (google_read_wish(&wish, out))
    google_give(call, &wish, out);
  cJSON_Delete(root);
}

static void answer(const exchange *call, reply *out)
{
  const char *name = call->request->path + sizeof models - 1;
  const char *verb = strrchr(name, ':');
  bool post = same_text(call->request->method, "POST");
  size_t length = verb ? (size_t)(verb - name) : strlen(name);
  if (!post && length == 0) {
    give_models(out);
    return;
  }
  const google_model *model = name[0] == '/' ? find_model(name + 1, length - 1) : NULL;
  if (!model)
    google_refuse(out, 404, "NOT_FOUND", "",
                  "models%.*s is not found for API version v1beta, or is not supported for generateContent.", (int)length,
                  name);
  else if (post && verb && (same_text(verb, ":generateContent") || same_text(verb, ":streamGenerateContent")))
    generate(call, model, out);
  else
    google_refuse(out, 404, "NOT_FOUND", "", "Requested entity was not found.");
}

/* A call that streams has its error in a list of one. */
static void dress(const exchange *call, reply *out)
{
  bytes *text = &out->content.text;
  bytes_text(&out->headers, "Server: scaffolding on HTTPServer2\r\nServer-Timing: gfet4t7; dur=12\r\n");
  if (out->status < 400 || !is_stream(call) || bytes_cstr(text)[0] != '{')
    return;
  bytes whole = {0};
  bytes_printf(&whole, "[%s]", bytes_cstr(text));
  bytes_done(text);
  *text = whole;
}

static const char *const finish_reasons[] = {"STOP",
                                             "MAX_TOKENS",
                                             "SAFETY",
                                             "RECITATION",
                                             "LANGUAGE",
                                             "OTHER",
                                             "BLOCKLIST",
                                             "PROHIBITED_CONTENT",
                                             "SPII",
                                             "MALFORMED_FUNCTION_CALL",
                                             "IMAGE_SAFETY",
                                             "UNEXPECTED_TOOL_CALL",
                                             "TOO_MANY_TOOL_CALLS",
                                             "IMAGE_PROHIBITED_CONTENT",
                                             "NO_IMAGE",
                                             "IMAGE_RECITATION",
                                             "IMAGE_OTHER",
                                             "CONTINUATION",
                                             "MALFORMED_RESPONSE",
                                             "FINISH_REASON_UNSPECIFIED",
                                             "NEW_REASON",
                                             NULL};
static const char *const block_reasons[] = {"BLOCKED_REASON_UNSPECIFIED",
                                            "SAFETY",
                                            "OTHER",
                                            "BLOCKLIST",
                                            "PROHIBITED_CONTENT",
                                            "IMAGE_SAFETY",
                                            "MODEL_ARMOR",
                                            "JAILBREAK",
                                            "NEW_REASON",
                                            NULL};

#define RATINGS \
  "\"safetyRatings\":[{\"category\":\"HARM_CATEGORY_DANGEROUS_CONTENT\",\"probability\":\"HIGH\",\"blocked\":true}]"
#define USAGE "\"usageMetadata\":{\"promptTokenCount\":7,\"totalTokenCount\":7},\"modelVersion\":\"m\",\"responseId\":\"r\""

/* Refusals with status 200; the reason takes the place of %s. */
static const struct refusal {
  const char *name; /* before ':' where there are reasons */
  const char *const *reasons;
  const char *form;
} refusals[] = {
    {"finish", finish_reasons,
     "{\"candidates\":[{\"finishReason\":\"%s\",\"finishMessage\":\"Unable to show the picture.\",\"index\":0," RATINGS
     "}]," USAGE "}"},
    {"finish-text", finish_reasons,
     "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"I can't.\"}]},\"finishReason\":\"%s\","
     "\"index\":0}]," USAGE "}"},
    {"block", block_reasons, "{\"promptFeedback\":{\"blockReason\":\"%s\"," RATINGS "}," USAGE "}"},
    {"text-only", NULL,
     "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"I can't create that picture.%s\"}]},"
     "\"finishReason\":\"STOP\",\"index\":0}]," USAGE "}"},
    {"no-parts", NULL,
     "{\"candidates\":[{\"content\":{\"role\":\"model\"%s},\"finishReason\":\"STOP\",\"index\":0}]," USAGE "}"},
    {"empty-parts", NULL,
     "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[%s]},\"finishReason\":\"STOP\"}]," USAGE "}"},
    {"no-content", NULL, "{\"candidates\":[{\"index\":0%s}]," USAGE "}"},
    {"no-candidates", NULL, "{%s" USAGE "}"},
    {"empty-candidates", NULL, "{\"candidates\":[%s]," USAGE "}"},
    {"empty-data", NULL, "{%s}"},
};

static bool reason_known(const char *const *reasons, const char *name)
{
  for (; *reasons; reasons++) {
    if (same_text(*reasons, name))
      return true;
  }
  return false;
}

static void give_refusal(const exchange *call, const struct refusal *row, const char *reason, reply *out)
{
  bytes object = {0};
  const char *place = strstr(row->form, "%s");
  bytes_add(&object, row->form, (size_t)(place - row->form));
  bytes_text(&object, reason);
  bytes_text(&object, place + 2);
  google_give_object(call, is_stream(call), wants_events(call), object.data, out);
  bytes_done(&object);
}

static bool give(const exchange *call, const char *name, reply *out)
{
  size_t length = strcspn(name, ":");
  const char *reason = name[length] == ':' ? name + length + 1 : NULL;
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
    const struct refusal *row = &refusals[i];
    if (strlen(row->name) != length || strncmp(row->name, name, length) != 0)
      continue;
    if (row->reasons ? !reason || !reason_known(row->reasons, reason) : reason != NULL)
      return false;
    if (call)
      give_refusal(call, row, row->reasons ? reason : "", out);
    return true;
  }
  return false;
}

const protocol google_protocol = {
    .name = "google",
    .owns = owns,
    .refuses = refuses_key,
    .answer = answer,
    .dress = dress,
    .ready = google_ready,
    .give = give,
};
