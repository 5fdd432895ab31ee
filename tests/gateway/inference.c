/* SPDX-License-Identifier: MIT */
/* A plain inference proxy: one call, the picture's bytes as the answer; the shapes it may have besides are ready answers. */
#include <cjson/cJSON.h>
#include <string.h>
#include <strings.h>

#include "gateway/protocol.h"

#define JSON "application/json"
#define TEXT "text/plain; charset=utf-8"

static const ready_answer ready[] = {
    {"bad-request", 400, JSON, "", "{\"error\":\"width must be positive\"}"},
    {"bad-key", 401, JSON, "", "{\"error\":\"unauthorized\"}"},
    {"no-key", 401, JSON, "", "{\"error\":\"unauthorized\"}"},
    {"not-found", 404, JSON, "", "{\"error\":\"not found\"}"},
    {"error-text", 500, TEXT, "", "CUDA out of memory"},
    {"error-in-200", 200, TEXT, "", "generation failed: no model is loaded"},
    {"zip", 200, "application/zip", "", "PK\003\004 not really"},
    {"multipart", 200, "multipart/mixed; boundary=b", "", "--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n"},
    {0},
};

static const char place[] = "/inference/images/generations";

static bool owns(const http_request *request)
{
  return strncmp(request->path, "/inference/", 11) == 0;
}

static bool refuses_key(const exchange *call, reply *out)
{
  char line[512];
  const char *wanted = exchange_key(call, "inference");
  if (!wanted)
    return false;
  if (http_header(&call->request->head, "Authorization", line, sizeof line) && strncasecmp(line, "Bearer ", 7) == 0 &&
      same_text(line + 7, wanted))
    return false;
  reply_file(out, 401, JSON, "{\"error\":\"unauthorized\"}", 24);
  return true;
}

static uint32_t side_of(const cJSON *root, const char *name)
{
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);
  return cJSON_IsNumber(item) && item->valueint > 0 && item->valueint <= 8192 ? (uint32_t)item->valueint : 0;
}

static void answer(const exchange *call, reply *out)
{
  const bytes *body = &call->request->body;
  cJSON *root = cJSON_ParseWithLength(bytes_cstr(body), body->size);
  const char *prompt = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "prompt"));
  if (!same_text(call->request->path, place) || !same_text(call->request->method, "POST")) {
    reply_file(out, 404, JSON, "{\"error\":\"not found\"}", 21);
  } else if (!prompt || prompt[0] == '\0') {
    reply_file(out, 400, JSON, "{\"error\":\"prompt is required\"}", 30);
  } else {
    bool sized = exchange_honours_size(call);
    picture fresh =
        exchange_picture(call, PICTURE_PNG, sized ? side_of(root, "width") : 0, sized ? side_of(root, "height") : 0);
    reply_file(out, 200, "image/png", "", 0);
    reply_picture(out, &fresh, false);
  }
  cJSON_Delete(root);
}

const protocol inference_protocol = {
    .name = "inference",
    .owns = owns,
    .refuses = refuses_key,
    .answer = answer,
    .ready = ready,
};
