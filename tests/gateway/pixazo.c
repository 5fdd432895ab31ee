/* SPDX-License-Identifier: MIT */
#include "gateway/protocol.h"

#include <cjson/cJSON.h>
#include <string.h>
#include <strings.h>

#include "gateway/jobs.h"

typedef enum shape { SHAPE_IMAGE_URL, SHAPE_OUTPUT, SHAPE_QUEUE, SHAPE_LIBRARY } shape;

#define JSON "application/json"

static const ready_answer ready[] = {
    {"no-key", 401, JSON, "", "{\"statusCode\":401,\"message\":\"Access denied due to missing subscription key.\"}"},
    {"bad-key", 401, JSON, "", "{\"statusCode\":401,\"message\":\"Access denied due to invalid subscription key.\"}"},
    {"bad-request", 400, JSON, "", "{\"error\":\"width must be at most 2048\"}"},
    {"balance", 402, JSON, "", "{\"message\":\"Insufficient balance\"}"},
    {"forbidden", 403, JSON, "", "{\"message\":\"Forbidden\"}"},
    {"quota", 403, JSON, "Retry-After: 3723\r\n",
     "{\"statusCode\":403,\"message\":\"Out of call volume quota. Quota will be replenished in 01:02:03.\"}"},
    {"not-found", 404, JSON, "", "{\"statusCode\":404,\"message\":\"Resource not found\"}"},
    {"timeout", 408, JSON, "", "{\"message\":\"Request Timeout\"}"},
    {"unprocessable", 422, JSON, "", "{\"detail\":\"prompt is too long\"}"},
    {"rate-limited", 429, JSON, "Retry-After: 1\r\n",
     "{\"statusCode\":429,\"message\":\"Rate limit is exceeded. Try again in 1 seconds.\"}"},
    {"rate-limited-silent", 429, JSON, "", "{\"statusCode\":429,\"message\":\"Rate limit is exceeded.\"}"},
    {"own-500", 500, JSON, "", "{\"statusCode\":500,\"message\":\"Internal server error\",\"activityId\":\"1\"}"},
    {"model-500", 500, JSON, "", "{\"error\":\"model is starting\"}"},
    {"object-500", 500, JSON, "", "{\"error\":{\"message\":\"model is starting\",\"code\":7}}"},
    {"overloaded", 503, JSON, "Retry-After: 1\r\n", "{\"message\":\"overloaded, try again\"}"},
    {"overloaded-529", 529, JSON, "", "{\"message\":\"overloaded\"}"},
    {"empty-url", 200, JSON, "", "{\"imageUrl\":\"\"}"},
    {"no-url", 200, JSON, "", "{}"},
    {"half-json", 200, JSON, "", "{\"imageUrl\":\"https://"},
    {"error-in-200", 200, JSON, "", "{\"error\":\"prompt was refused\"}"},
    {0},
};

static const struct model {
  const char *path;
  shape answer;
  const char *name; /* begins the request ids of queue models */
} models[] = {
    {"/getImage/v1/getSDXLImage", SHAPE_IMAGE_URL, NULL},
    {"/sdxl_lightning/getImage/v1/getSDXLImage", SHAPE_IMAGE_URL, NULL},
    {"/inpainting/v1/getImage", SHAPE_IMAGE_URL, NULL},
    {"/sdxlTurbo/v2/getData", SHAPE_OUTPUT, NULL},
    {"/flux-1-schnell/v1/getData", SHAPE_OUTPUT, NULL},
    {"/sd3/v1/getData", SHAPE_OUTPUT, NULL},
    {"/sd3-5/v1/r-sd-3-5-large", SHAPE_OUTPUT, NULL},
    {"/pixelforge-image-v2/v1/text-to-image", SHAPE_LIBRARY, NULL},
    {"/gpt-image-2/v1/text-to-image", SHAPE_QUEUE, "gpt-image-2"},
    {"/gpt-image-2/v1/image-to-image-edit", SHAPE_QUEUE, "gpt-image-2"},
    {"/gpt-image-2-5-flare/v1/text-to-image", SHAPE_QUEUE, "gpt-image-2-5-flare"},
    {"/gpt-image-1-5-api-923/v1/gpt-image-1-5-api-request", SHAPE_QUEUE, "gpt-image-1-5"},
    {"/flux-dev/v1/dev/textToImage", SHAPE_QUEUE, "flux-dev"},
    {"/flux-pro/v1/pro/textToImage", SHAPE_QUEUE, "flux-pro"},
    {"/flux-2-dev/v1/generateT2I", SHAPE_QUEUE, "flux-2-dev"},
    {"/flux-2-klein-4b/v1/generateImage", SHAPE_QUEUE, "flux-2-klein-4b"},
    {"/nano-banana-pro-770/v1/nano-banana-pro-request", SHAPE_QUEUE, "nano-banana-pro"},
};

static const job_words words = {"QUEUED", "PROCESSING", "COMPLETED"};

typedef struct asked {
  bool good;
  uint32_t width;
  uint32_t height;
  int64_t images;
} asked;

static uint32_t side_of(const cJSON *root, const char *name)
{
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);
  return cJSON_IsNumber(item) && item->valueint > 0 ? (uint32_t)item->valueint : 0;
}

static asked read_body(const exchange *call)
{
  const bytes *body = &call->request->body;
  asked out = {.images = 1};
  cJSON *root = cJSON_ParseWithLength(bytes_cstr(body), body->size);
  const cJSON *prompt = cJSON_GetObjectItemCaseSensitive(root, "prompt");
  if (!prompt)
    prompt = cJSON_GetObjectItemCaseSensitive(root, "text");
  out.good = cJSON_IsString(prompt) && prompt->valuestring[0] != '\0';
  if (exchange_honours_size(call)) {
    out.width = side_of(root, "width");
    out.height = side_of(root, "height");
  }
  const cJSON *images = cJSON_GetObjectItemCaseSensitive(root, "num_images");
  if (cJSON_IsNumber(images) && images->valueint > 0 && images->valueint <= 64)
    out.images = images->valueint;
  if (call->script && call->script->images >= 0)
    out.images = call->script->images;
  cJSON_Delete(root);
  return out;
}

static void refuse(reply *out, int status, const char *message)
{
  reply_json(out, status);
  bytes_printf(&out->content.text, "{\"statusCode\":%d,\"message\":\"%s\"}", status, message);
}

static const char wrong_key[] =
    "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.";
static const char missing_key[] =
    "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.";

static bool refuses_key(const exchange *call, reply *out)
{
  char key[512];
  bool given = http_header(&call->request->head, "Ocp-Apim-Subscription-Key", key, sizeof key) && key[0] != '\0';
  if (given && (!call->options->key || same_text(key, call->options->key)))
    return false;
  refuse(out, 401, given ? wrong_key : missing_key);
  bytes_text(&out->headers, "WWW-Authenticate: AzureApiManagementKey realm=\"gateway\","
                            "name=\"Ocp-Apim-Subscription-Key\",type=\"header\"\r\n");
  return true;
}

static void answer_url(const exchange *call, const char *member, const asked *wanted, reply *out)
{
  reply_json(out, 200);
  bytes_printf(&out->content.text, "{\"%s\":\"", member);
  exchange_picture_url(call, &out->content.text, wanted->width, wanted->height);
  bytes_text(&out->content.text, "\"}");
}

static void answer_library(const exchange *call, reply *out)
{
  reply_json(out, 200);
  bytes_text(&out->content.text, "{\"type\":[\"tags\",\"caption\"],\"results\":[{\"key\":\"k1\",\"caption\":\"found\",");
  bytes_text(&out->content.text, "\"url\":\"");
  exchange_picture_url(call, &out->content.text, 0, 0);
  bytes_text(&out->content.text, "\"}]}");
}

static void answer_queued(const exchange *call, const char *model, int64_t images, reply *out)
{
  const job *entry = jobs_add(call, model, &words, images);
  reply_json(out, 202);
  bytes_printf(&out->content.text, "{\"request_id\":\"%s\",\"status\":\"QUEUED\",", entry->id);
  bytes_printf(&out->content.text, "\"polling_url\":\"%s/v2/requests/status/%s\"}", call->base, entry->id);
}

static void answer_poll(const exchange *call, reply *out)
{
  const char *path = call->request->path;
  job *entry = jobs_find(call->shared->queue, strrchr(path, '/') + 1);
  if (!entry) {
    refuse(out, 404, "Resource not found");
    return;
  }
  const char *state = job_next_state(entry);
  reply_json(out, 200);
  bytes_printf(&out->content.text, "{\"request_id\":\"%s\",\"status\":\"%s\"", entry->id, state);
  bytes_text(&out->content.text, ",\"created_at\":\"2026-05-01T10:00:00Z\"");
  if (strcasecmp(state, "COMPLETED") == 0)
    bytes_printf(&out->content.text,
                 ",\"output\":{\"media_url\":[%s],\"media_type\":\"image/png\"},\"completed_at\":\"2026-05-01T10:00:21Z\"",
                 bytes_cstr(&entry->urls));
  if (strcasecmp(state, "FAILED") == 0 || strcasecmp(state, "ERROR") == 0) {
    bytes_text(&out->content.text, ",\"error\":\"");
    bytes_json_text(&out->content.text, entry->error, strlen(entry->error));
    bytes_text(&out->content.text, "\"");
  }
  bytes_text(&out->content.text, "}");
}

static bool is_poll(const http_request *request)
{
  return same_text(request->method, "GET") &&
         (strstr(request->path, "/status/") != NULL || strstr(request->path, "/v1/result/") != NULL);
}

static void answer_model(const exchange *call, const struct model *model, reply *out)
{
  asked wanted = read_body(call);
  if (!wanted.good) {
    refuse(out, 400, "prompt is required");
    return;
  }
  switch (model->answer) {
  case SHAPE_IMAGE_URL:
    answer_url(call, "imageUrl", &wanted, out);
    return;
  case SHAPE_OUTPUT:
    answer_url(call, "output", &wanted, out);
    return;
  case SHAPE_QUEUE:
    answer_queued(call, model->name, wanted.images, out);
    return;
  case SHAPE_LIBRARY:
    answer_library(call, out);
    return;
  }
}

static void answer(const exchange *call, reply *out)
{
  const http_request *request = call->request;
  if (is_poll(request)) {
    answer_poll(call, out);
    return;
  }
  for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
    if (same_text(request->method, "POST") && same_text(request->path, models[i].path)) {
      answer_model(call, &models[i], out);
      return;
    }
  }
  refuse(out, 404, "Resource not found");
}

static bool owns(const http_request *request)
{
  (void)request;
  return true;
}

const protocol pixazo_protocol = {
    .name = "pixazo",
    .owns = owns,
    .refuses = refuses_key,
    .answer = answer,
    .polls = is_poll,
    .ready = ready,
};
