/* SPDX-License-Identifier: MIT */
/* stable-diffusion.cpp's own calls: jobs that wait in a queue. Its other calls are a dialect of OpenAI's and a part of
 * AUTOMATIC1111's. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "gateway/jobs.h"
#include "gateway/protocol.h"

#define JSON "application/json"

enum { QUEUE_MAX = 16, BATCH_MAX = 8, SIDE_MIN = 64, SIDE_MAX = 4096, CREATED = 1795212986 };

static const ready_answer ready[] = {
    {"bad-request", 400, JSON, "", "{\"error\":\"invalid generation parameters\"}"},
    {"not-found", 404, JSON, "", "{\"error\":\"job not found\"}"},
    {"gone", 410, JSON, "", "{\"error\":\"job expired\"}"},
    {"rate-limited", 429, JSON, "", "{\"error\":\"job queue is full\"}"},
    {"own-500", 500, JSON, "", "{\"error\":\"server_error\",\"message\":\"something broke\"}"},
    {"error-text", 500, JSON, "", "{\"error\":\"generate_image returned no results\"}"},
    {0},
};

static const char plain_root[] = "/sdcpp/v1/";
static const char named_root[] = "/as/stable-diffusion.cpp/sdcpp/v1/";
static const job_words words = {"queued", "generating", "completed"};

static const char *page_of(const http_request *request)
{
  const char *path = request->path;
  if (strncmp(path, named_root, sizeof named_root - 1) == 0)
    return path + sizeof named_root - 1;
  return strncmp(path, plain_root, sizeof plain_root - 1) == 0 ? path + sizeof plain_root - 1 : NULL;
}

static bool owns(const http_request *request)
{
  return page_of(request) != NULL;
}

static bool refuses_key(const exchange *call, reply *out)
{
  (void)call;
  (void)out;
  return false;
}

static void refuse(reply *out, int status, const char *text)
{
  reply_json(out, status);
  bytes_printf(&out->content.text, "{\"error\":\"%s\"}", text);
}

typedef struct wish {
  int64_t count;
  picture_kind kind;
  uint32_t width;
  uint32_t height;
} wish;

static bool number_of(const cJSON *root, const char *name, int64_t least, int64_t most, int64_t *out)
{
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);
  if (!item)
    return true;
  *out = (int64_t)item->valuedouble;
  return cJSON_IsNumber(item) && (double)*out == item->valuedouble && *out >= least && *out <= most;
}

static bool read_wish(const cJSON *root, wish *out)
{
  int64_t width = 512;
  int64_t height = 512;
  const char *prompt = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "prompt"));
  const char *format = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "output_format"));
  *out = (wish){.count = 1};
  bool good = prompt && prompt[0] && number_of(root, "batch_count", 1, BATCH_MAX, &out->count) &&
              number_of(root, "width", SIDE_MIN, SIDE_MAX, &width) &&
              number_of(root, "height", SIDE_MIN, SIDE_MAX, &height) && (!format || picture_kind_of(format, &out->kind));
  out->width = (uint32_t)width;
  out->height = (uint32_t)height;
  return good;
}

static void submit(const exchange *call, reply *out)
{
  const bytes *body = &call->request->body;
  cJSON *root = cJSON_ParseWithLength(bytes_cstr(body), body->size);
  wish wanted;
  if (!root) {
    refuse(out, 400, body->size == 0 ? "empty body" : "invalid json");
  } else if (!read_wish(root, &wanted)) {
    refuse(out, 400, "invalid generation parameters");
  } else if (jobs_open(call->shared->queue, &words) >= QUEUE_MAX) {
    refuse(out, 429, "job queue is full");
  } else {
    job *entry = jobs_add(call, "job", &words, 0);
    entry->images = call->script && call->script->images >= 0 ? call->script->images : wanted.count;
    entry->kind = wanted.kind;
    entry->width = wanted.width;
    entry->height = wanted.height;
    reply_json(out, 202);
    bytes_printf(&out->content.text, "{\"id\":\"%s\",\"kind\":\"img_gen\",\"status\":\"queued\",\"created\":%d,", entry->id,
                 CREATED);
    bytes_printf(&out->content.text, "\"poll_url\":\"/sdcpp/v1/jobs/%s\"}", entry->id);
  }
  cJSON_Delete(root);
}

static void add_images(const exchange *call, const job *entry, reply *out)
{
  static const char *const formats[] = {[PICTURE_PNG] = "png", [PICTURE_JPEG] = "jpeg", [PICTURE_WEBP] = "webp"};
  bytes *text = &out->content.text;
  bool sized = exchange_honours_size(call);
  bytes_printf(text, "{\"output_format\":\"%s\",\"images\":[", formats[entry->kind]);
  for (int64_t i = 0; i < entry->images; i++) {
    char name[PICTURE_NAME_MAX];
    (void)snprintf(name, sizeof name, "%s-%" PRId64, entry->id, i);
    picture image = sized ? picture_of_size(entry->kind, name, entry->width, entry->height)
                          : picture_of_bytes(entry->kind, name, call->options->picture_bytes);
    bytes_printf(text, "%s{\"index\":%" PRId64 ",\"b64_json\":\"", i ? "," : "", i);
    reply_picture(out, &image, true);
    bytes_text(text, "\"}");
  }
  bytes_text(text, "]}");
}

static void give_job(const exchange *call, const job *entry, const char *state, reply *out)
{
  bytes *text = &out->content.text;
  bool done = same_text(state, "completed");
  bool failed = same_text(state, "failed") || same_text(state, "cancelled");
  reply_json(out, 200);
  bytes_printf(text, "{\"id\":\"%s\",\"kind\":\"img_gen\",\"status\":\"%s\",\"created\":%d,", entry->id, state, CREATED);
  bytes_printf(text, "\"started\":%s,\"completed\":%s,\"queue_position\":%d,\"result\":",
               same_text(state, "queued") ? "null" : "1795212987", done || failed ? "1795212988" : "null",
               same_text(state, "queued"));
  if (done)
    add_images(call, entry, out);
  else
    bytes_text(text, "null");
  bytes_text(text, ",\"error\":");
  if (failed) {
    bytes_printf(text, "{\"code\":\"%s\",\"message\":\"", entry->cancelled ? "cancelled" : "generation_failed");
    const char *message = entry->cancelled ? "job cancelled by client" : entry->error;
    bytes_json_text(text, message, strlen(message));
    bytes_text(text, "\"}}");
  } else {
    bytes_text(text, "null}");
  }
}

/* Only a job that still waits can be cancelled. */
static void cancel(const exchange *call, job *entry, reply *out)
{
  const char *state = job_state(entry);
  if (!same_text(state, "queued")) {
    refuse(out, 409, "job is not queued");
    return;
  }
  entry->cancelled = true;
  give_job(call, entry, "cancelled", out);
}

static void answer_job(const exchange *call, const char *id, reply *out)
{
  static const char verb[] = "/cancel";
  char name[128];
  size_t length = strlen(id);
  bool cancels = length > sizeof verb && same_text(id + length - (sizeof verb - 1), verb);
  bool post = same_text(call->request->method, "POST");
  (void)snprintf(name, sizeof name, "%.*s", (int)(cancels ? length - (sizeof verb - 1) : length), id);
  job *entry = jobs_find(call->shared->queue, name);
  if (!entry || post != cancels)
    refuse(out, 404, "job not found");
  else if (cancels)
    cancel(call, entry, out);
  else
    give_job(call, entry, entry->cancelled ? "cancelled" : job_next_state(entry), out);
}

static void answer(const exchange *call, reply *out)
{
  const char *page = page_of(call->request);
  bool post = same_text(call->request->method, "POST");
  if (post && same_text(page, "img_gen")) {
    submit(call, out);
  } else if (strncmp(page, "jobs/", 5) == 0) {
    answer_job(call, page + 5, out);
  } else if (!post && same_text(page, "capabilities")) {
    reply_json(out, 200);
    bytes_printf(&out->content.text,
                 "{\"model\":{\"name\":\"sd-v1-5.safetensors\",\"stem\":\"sd-v1-5\"},\"current_mode\":\"img_gen\","
                 "\"supported_modes\":[\"img_gen\"],\"limits\":{\"min_width\":%d,\"max_width\":%d,\"min_height\":%d,"
                 "\"max_height\":%d,\"max_batch_count\":%d,\"max_queue_size\":%d},",
                 SIDE_MIN, SIDE_MAX, SIDE_MIN, SIDE_MAX, BATCH_MAX, QUEUE_MAX);
    bytes_text(&out->content.text, "\"output_formats\":[\"png\",\"jpeg\",\"webp\"],"
                                   "\"features\":{\"cancel_queued\":true,\"cancel_generating\":false}}");
  } else {
    refuse(out, 404, "not found");
  }
}

static bool is_poll(const http_request *request)
{
  const char *page = page_of(request);
  return page && strncmp(page, "jobs/", 5) == 0;
}

const protocol sdcpp_protocol = {
    .name = "sdcpp",
    .owns = owns,
    .refuses = refuses_key,
    .answer = answer,
    .polls = is_poll,
    .ready = ready,
};
