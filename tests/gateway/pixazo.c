/* SPDX-License-Identifier: MIT */
/* Pixazo's gateway: each model has its own path and its own form of answer. */
#include "gateway/pixazo.h"

#include <cjson/cJSON.h>
#include <string.h>

typedef enum shape { SHAPE_IMAGE_URL, SHAPE_OUTPUT, SHAPE_QUEUE, SHAPE_LIBRARY, SHAPE_BYTES, SHAPE_IMAGES } shape;

static const struct model {
  const char *path;
  shape answer;
  const char *name; /* begins the request ids of queue models */
} models[] = {
    {"/getImage/v1/getSDXLImage", SHAPE_IMAGE_URL, NULL},
    {"/sdxl_lightning/getImage/v1/getSDXLImage", SHAPE_IMAGE_URL, NULL},
    {"/sdxl_lightning/getImage/v1/getSDXLImageStream", SHAPE_BYTES, NULL},
    {"/inpainting/v1/getImage", SHAPE_IMAGE_URL, NULL},
    {"/inpainting/v1/getImageStream", SHAPE_BYTES, NULL},
    {"/sdxlTurbo/v2/getData", SHAPE_OUTPUT, NULL},
    {"/flux-1-schnell/v1/getData", SHAPE_OUTPUT, NULL},
    {"/flux-1-schnell/v1/getDataBatch", SHAPE_QUEUE, "flux-1-schnell"},
    {"/sd3/v1/getData", SHAPE_OUTPUT, NULL},
    {"/sd3-5/v1/r-sd-3-5-large", SHAPE_OUTPUT, NULL},
    {"/pixelforge-image/v1/qwen_image_gen/serve_image", SHAPE_IMAGES, NULL},
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

typedef struct asked {
  bool good;
  uint32_t width;
  uint32_t height;
  int64_t images;
  int64_t found; /* by the library */
} asked;

static uint32_t side_of(const cJSON *root, const char *name)
{
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);
  return cJSON_IsNumber(item) && item->valueint > 0 ? (uint32_t)item->valueint : 0;
}

static asked read_body(const exchange *call)
{
  const bytes *body = &call->request->body;
  asked out = {.images = 1, .found = 1};
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
  const cJSON *found = cJSON_GetObjectItemCaseSensitive(root, "size");
  if (cJSON_IsNumber(found) && found->valueint > 0 && found->valueint <= 64)
    out.found = found->valueint;
  if (call->script && call->script->images >= 0)
    out.images = out.found = call->script->images;
  cJSON_Delete(root);
  return out;
}

void pixazo_refuse(reply *out, int status, const char *message)
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
  pixazo_refuse(out, 401, given ? wrong_key : missing_key);
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

static void answer_library(const exchange *call, int64_t found, reply *out)
{
  bytes *text = &out->content.text;
  reply_json(out, 200);
  bytes_text(text, "{\"type\":[\"tags\",\"caption\"],\"results\":[");
  for (int64_t i = 1; i <= found; i++) {
    bytes_printf(text, "%s{\"key\":\"k%d\",\"caption\":\"found\",\"url\":\"", i > 1 ? "," : "", (int)i);
    exchange_picture_url(call, text, 0, 0);
    bytes_text(text, "\"}");
  }
  bytes_text(text, "]}");
}

static void answer_images(const exchange *call, const asked *wanted, reply *out)
{
  reply_json(out, 200);
  bytes_text(&out->content.text, "{\"images\":[{\"url\":\"");
  exchange_picture_url(call, &out->content.text, wanted->width, wanted->height);
  bytes_text(&out->content.text, "\"}]}");
}

static void answer_bytes(const exchange *call, const asked *wanted, reply *out)
{
  picture fresh = exchange_picture(call, PICTURE_JPEG, wanted->width, wanted->height);
  reply_file(out, 200, picture_type(fresh.kind), "", 0);
  reply_picture(out, &fresh, false);
}

static void answer_model(const exchange *call, const struct model *model, reply *out)
{
  asked wanted = read_body(call);
  if (!wanted.good) {
    pixazo_refuse(out, 400, "prompt is required");
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
    pixazo_submit(call, model->name, wanted.images, out);
    return;
  case SHAPE_LIBRARY:
    answer_library(call, wanted.found, out);
    return;
  case SHAPE_BYTES:
    answer_bytes(call, &wanted, out);
    return;
  case SHAPE_IMAGES:
    answer_images(call, &wanted, out);
    return;
  }
}

static void answer(const exchange *call, reply *out)
{
  const http_request *request = call->request;
  if (pixazo_is_poll(request)) {
    pixazo_poll(call, out);
    return;
  }
  for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
    if (same_text(request->method, "POST") && same_text(request->path, models[i].path)) {
      answer_model(call, &models[i], out);
      return;
    }
  }
  pixazo_refuse(out, 404, "Resource not found");
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
    .polls = pixazo_is_poll,
    .ready = pixazo_ready,
};
