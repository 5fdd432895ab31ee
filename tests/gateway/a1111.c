/* SPDX-License-Identifier: MIT */
/* AUTOMATIC1111's web UI as a service, and the part of it that stable-diffusion.cpp imitates. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/a1111.h"

#define JSON "application/json"
#define HTTP_ERROR(detail) "{\"error\":\"HTTPException\",\"detail\":\"" detail "\",\"body\":\"\",\"errors\":\"\"}"
#define PNG_START "iVBORw0KGgo"

static const ready_answer ready[] = {
    {"bad-request", 400, JSON, "", HTTP_ERROR("Bad request")},
    {"bad-key", 401, JSON, "WWW-Authenticate: Basic\r\n", "{\"detail\":\"Incorrect username or password\"}"},
    {"no-key", 401, JSON, "WWW-Authenticate: Basic\r\n", "{\"detail\":\"Not authenticated\"}"},
    {"not-found", 404, JSON, "", "{\"detail\":\"Not Found\"}"}, /* also: started without its API */
    {"model-gone", 404, JSON, "", HTTP_ERROR("Sampler not found")},
    {"unprocessable", 422, JSON, "",
     "{\"detail\":[{\"loc\":[\"body\",\"steps\"],\"msg\":\"value is not a valid "
     "integer\",\"type\":\"type_error.integer\"}]}"},
    {"own-500", 500, JSON, "", "{\"error\":\"RuntimeError\",\"detail\":\"\",\"body\":\"\",\"errors\":\"something broke\"}"},
    {"out-of-memory", 500, JSON, "",
     "{\"error\":\"OutOfMemoryError\",\"detail\":\"\",\"body\":\"\",\"errors\":\"CUDA out of memory. Tried to allocate 2 "
     "GiB\"}"},
    {"error-text", 500, JSON, "", "{\"error\":\"generate_image returned no results\"}"},
    {"no-data", 200, JSON, "", "{\"parameters\":{},\"info\":\"{}\"}"},
    {"empty-data", 200, JSON, "", "{\"images\":[],\"parameters\":{},\"info\":\"{}\"}"},
    {"null-base64", 200, JSON, "", "{\"images\":null,\"parameters\":{},\"info\":\"\"}"},
    {"empty-base64", 200, JSON, "", "{\"images\":[\"\"],\"parameters\":{},\"info\":\"{}\"}"},
    {"odd-base64", 200, JSON, "", "{\"images\":[\"*not base64*\"],\"parameters\":{},\"info\":\"{}\"}"},
    {"text-base64", 200, JSON, "", "{\"images\":[\"bm90IGEgcGljdHVyZQ==\"],\"parameters\":{},\"info\":\"{}\"}"},
    {"half-json", 200, JSON, "", "{\"images\":[\"" PNG_START},
    {0},
};

static const char plain_root[] = "/sdapi/v1/";
static const char cpp_root[] = "/as/stable-diffusion.cpp/sdapi/v1/";

static const char *page_of(const http_request *request, bool *is_cpp)
{
  *is_cpp = strncmp(request->path, cpp_root, sizeof cpp_root - 1) == 0;
  if (*is_cpp)
    return request->path + sizeof cpp_root - 1;
  return strncmp(request->path, plain_root, sizeof plain_root - 1) == 0 ? request->path + sizeof plain_root - 1 : NULL;
}

static bool owns(const http_request *request)
{
  bool is_cpp;
  return page_of(request, &is_cpp) != NULL;
}

/* Only when a key "user:password" was given. */
static bool refuses_key(const exchange *call, reply *out)
{
  char line[512];
  const char *wanted = exchange_key(call, "a1111");
  if (!wanted)
    return false;
  bytes expected = {0};
  bytes_text(&expected, "Basic ");
  bytes_base64(&expected, wanted, strlen(wanted));
  bool given = http_header(&call->request->head, "Authorization", line, sizeof line);
  bool right = given && same_text(line, expected.data);
  bytes_done(&expected);
  if (right)
    return false;
  reply_json(out, 401);
  bytes_printf(&out->content.text, "{\"detail\":\"%s\"}", given ? "Incorrect username or password" : "Not authenticated");
  bytes_text(&out->headers, "WWW-Authenticate: Basic\r\n");
  return true;
}

static void refuse(const a1111_wish *wish, reply *out, int status, const char *detail)
{
  reply_json(out, wish->is_cpp ? 400 : status);
  if (wish->is_cpp)
    bytes_printf(&out->content.text, "{\"error\":\"%s\"}", detail);
  else
    bytes_printf(&out->content.text, HTTP_ERROR("%s"), detail);
}

static bool refuse_field(const a1111_wish *wish, reply *out, const char *name, const char *type)
{
  if (wish->is_cpp) {
    refuse(wish, out, 400, "invalid params");
    return false;
  }
  reply_json(out, 422);
  bytes_printf(&out->content.text,
               "{\"detail\":[{\"loc\":[\"body\",\"%s\"],\"msg\":\"value is not a valid %s\",\"type\":\"type_error.%s\"}]}",
               name, type, type);
  return false;
}

static bool read_number(a1111_wish *wish, const char *name, int64_t *out, reply *answer)
{
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(wish->root, name);
  if (!item || cJSON_IsNull(item))
    return true;
  *out = (int64_t)item->valuedouble;
  return (cJSON_IsNumber(item) && (double)*out == item->valuedouble) || refuse_field(wish, answer, name, "integer");
}

static bool read_text(a1111_wish *wish, const char *name, const char **out, reply *answer)
{
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(wish->root, name);
  if (!item || cJSON_IsNull(item))
    return true;
  *out = cJSON_GetStringValue(item);
  return *out || refuse_field(wish, answer, name, "str");
}

static bool read_numbers(a1111_wish *wish, reply *out)
{
  const char *unused;
  const cJSON *scale = cJSON_GetObjectItemCaseSensitive(wish->root, "cfg_scale");
  wish->width = wish->height = 512;
  wish->steps = wish->is_cpp ? 20 : 50;
  wish->seed = -1;
  wish->batch = wish->rounds = 1;
  if (scale && !cJSON_IsNumber(scale))
    return refuse_field(wish, out, "cfg_scale", "float");
  return read_text(wish, "scheduler", &unused, out) && read_number(wish, "width", &wish->width, out) &&
         read_number(wish, "height", &wish->height, out) && read_number(wish, "steps", &wish->steps, out) &&
         read_number(wish, "seed", &wish->seed, out) && read_number(wish, "batch_size", &wish->batch, out) &&
         read_number(wish, "n_iter", &wish->rounds, out);
}

static const char *const samplers[] = {"DPM++ 2M", "DPM++ SDE", "Euler a", "Euler", "LMS", "Heun",
                                       "DPM2",     "DDIM",      "UniPC",   "LCM",   NULL};

static bool check_sampler(a1111_wish *wish, reply *out)
{
  if (!wish->sampler)
    wish->sampler = "Euler";
  for (size_t i = 0; samplers[i]; i++) {
    if (strcasecmp(samplers[i], wish->sampler) == 0)
      return true;
  }
  if (!wish->is_cpp)
    refuse(wish, out, 404, "Sampler not found");
  return wish->is_cpp;
}

static bool check_ranges(const a1111_wish *wish, reply *out)
{
  bool sides = wish->width > 0 && wish->height > 0 && wish->width <= 4096 && wish->height <= 4096;
  int64_t count = wish->batch > 0 && wish->rounds > 0 ? wish->batch * wish->rounds : 0;
  if (wish->is_cpp && wish->prompt[0] == '\0')
    refuse(wish, out, 400, "prompt required");
  else if (!sides)
    refuse(wish, out, 500, "width and height must be positive");
  else if (count < 1 || count > 64 || wish->steps < 1)
    refuse(wish, out, 500, "invalid params");
  else
    return true;
  return false;
}

/* A data address or base64 alone; only the beginning is looked at. */
static bool is_picture_text(const char *text)
{
  const char *comma = strncmp(text, "data:image/", 11) == 0 ? strstr(text, ";base64,") : NULL;
  const char *data = comma ? comma + 8 : text;
  return strncmp(data, PNG_START, 11) == 0 || strncmp(data, "/9j/", 4) == 0 || strncmp(data, "UklGR", 5) == 0;
}

static bool check_inputs(const a1111_wish *wish, reply *out)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(wish->root, "init_images");
  const cJSON *mask = cJSON_GetObjectItemCaseSensitive(wish->root, "mask");
  const cJSON *item;
  if (!wish->from_image)
    return true;
  if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) == 0) {
    refuse(wish, out, 404, "Init image not found");
    return false;
  }
  bool good = !mask || cJSON_IsNull(mask) || (cJSON_IsString(mask) && is_picture_text(mask->valuestring));
  cJSON_ArrayForEach(item, list)
  {
    good = good && cJSON_IsString(item) && is_picture_text(item->valuestring);
  }
  if (!good)
    refuse(wish, out, 500, "Invalid encoded image");
  return good;
}

static bool read_format(a1111_wish *wish, reply *out)
{
  const cJSON *chosen = cJSON_GetObjectItemCaseSensitive(wish->root, "override_settings");
  const char *format = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(chosen, "samples_format"));
  const char *model = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(chosen, "sd_model_checkpoint"));
  wish->model = model ? model : "sd-v1-5";
  if (chosen && !cJSON_IsObject(chosen))
    return refuse_field(wish, out, "override_settings", "dict");
  return !format || wish->is_cpp || picture_kind_of(format, &wish->kind) ||
         refuse_field(wish, out, "override_settings", "dict");
}

static bool read_wish(a1111_wish *wish, reply *out)
{
  wish->prompt = wish->negative = "";
  return read_text(wish, "prompt", &wish->prompt, out) && read_text(wish, "negative_prompt", &wish->negative, out) &&
         read_text(wish, "sampler_name", &wish->sampler, out) && read_numbers(wish, out) && check_sampler(wish, out) &&
         check_ranges(wish, out) && check_inputs(wish, out) && read_format(wish, out);
}

static void generate(const exchange *call, bool is_cpp, bool from_image, reply *out)
{
  const bytes *body = &call->request->body;
  cJSON *root = cJSON_ParseWithLength(bytes_cstr(body), body->size);
  a1111_wish wish = {.root = root, .is_cpp = is_cpp, .from_image = from_image};
  if (!cJSON_IsObject(root)) {
    reply_json(out, is_cpp ? 400 : 422);
    bytes_text(&out->content.text, is_cpp ? "{\"error\":\"invalid json\",\"message\":\"parse error\"}"
                                          : "{\"detail\":[{\"loc\":[\"body\",1],\"msg\":\"Expecting value\","
                                            "\"type\":\"value_error.jsondecode\"}]}");
  } else if (read_wish(&wish, out)) {
    a1111_give(call, &wish, out);
  }
  cJSON_Delete(root);
}

static void give_samplers(reply *out)
{
  bytes_text(&out->content.text, "[");
  for (size_t i = 0; samplers[i]; i++)
    bytes_printf(&out->content.text, "%s{\"name\":\"%s\",\"aliases\":[],\"options\":{}}", i ? "," : "", samplers[i]);
  bytes_text(&out->content.text, "]");
}

static const struct page {
  const char *name;
  bool in_cpp;
  const char *body;
} pages[] = {
    {"options", true, "{\"samples_format\":\"png\",\"sd_model_checkpoint\":\"sd-v1-5\",\"return_grid\":true}"},
    {"sd-models", true,
     "[{\"title\":\"sd-v1-5\",\"model_name\":\"sd-v1-5\",\"hash\":null,\"sha256\":null,\"filename\":\"sd-v1-5.safetensors\","
     "\"config\":null}]"},
    {"schedulers", true, "[{\"name\":\"automatic\",\"label\":\"Automatic\"},{\"name\":\"karras\",\"label\":\"Karras\"}]"},
    {"upscalers", true, "[{\"name\":\"None\",\"model_name\":null,\"model_path\":null,\"model_url\":null,\"scale\":4}]"},
    {"loras", true, "[]"},
    {"cmd-flags", false, "{\"api\":true}"},
    {"memory", false, "{\"ram\":{},\"cuda\":{}}"},
};

static bool give_page(const char *name, bool is_cpp, reply *out)
{
  reply_json(out, 200);
  if (same_text(name, "samplers")) {
    give_samplers(out);
    return true;
  }
  for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
    if (same_text(pages[i].name, name) && (pages[i].in_cpp || !is_cpp)) {
      bytes_text(&out->content.text, pages[i].body);
      return true;
    }
  }
  return false;
}

static bool give_action(const exchange *call, const char *name, reply *out)
{
  bool stops = same_text(name, "interrupt") || same_text(name, "skip");
  if (!stops && !same_text(name, "options"))
    return false;
  if (stops)
    device_interrupt(&call->shared->card);
  reply_json(out, 200);
  bytes_text(&out->content.text, stops ? "{}" : "null");
  return true;
}

static void answer(const exchange *call, reply *out)
{
  bool is_cpp;
  const char *page = page_of(call->request, &is_cpp);
  bool post = same_text(call->request->method, "POST");
  bool made = false;
  if (post && (same_text(page, "txt2img") || same_text(page, "img2img"))) {
    generate(call, is_cpp, page[0] == 'i', out);
    return;
  }
  if (!post && !is_cpp && same_text(page, "progress")) {
    a1111_progress(call, out);
    return;
  }
  made = post ? !is_cpp && give_action(call, page, out) : give_page(page, is_cpp, out);
  if (!made)
    reply_file(out, 404, JSON, "{\"detail\":\"Not Found\"}", 22);
}

static void dress(const exchange *call, reply *out)
{
  bool is_cpp;
  (void)page_of(call->request, &is_cpp);
  if (!is_cpp)
    bytes_text(&out->headers, "X-Process-Time: 0.0123\r\n");
}

static bool is_poll(const http_request *request)
{
  static const char *const names[] = {"progress", "interrupt", "skip", "options", NULL};
  bool is_cpp;
  const char *page = page_of(request, &is_cpp);
  for (size_t i = 0; page && names[i]; i++) {
    if (same_text(page, names[i]))
      return true;
  }
  return false;
}

const protocol a1111_protocol = {
    .name = "a1111",
    .owns = owns,
    .refuses = refuses_key,
    .answer = answer,
    .dress = dress,
    .polls = is_poll,
    .ready = ready,
};
