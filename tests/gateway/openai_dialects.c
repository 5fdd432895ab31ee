/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "gateway/openai.h"

static const openai_model own_models[] = {
    {"gpt-image-1-mini", SIZES_FIXED, false, true, 10, 32000, false},
    {"gpt-image-1.5", SIZES_FIXED, false, true, 10, 32000, false},
    {"chatgpt-image-latest", SIZES_FIXED, false, true, 10, 32000, false},
    {"gpt-image-2", SIZES_FREE, false, false, 10, 32000, false},
    {"gpt-image-2.5-sunburst", SIZES_FREE, false, false, 10, 32000, false},
    {"gpt-image-2.5-flare", SIZES_FREE, false, false, 10, 32000, false},
    {"gpt-image-2.6-sunburst", SIZES_FREE, false, false, 10, 32000, false},
    {"gpt-image-2.6-flare", SIZES_FREE, false, false, 10, 32000, false},
    {"gpt-image-1", SIZES_FIXED, false, true, 10, 32000, true},
    /* Gone at OpenAI; kept for servers that still imitate them. */
    {"dall-e-2", SIZES_SQUARES, true, false, 10, 1000, false},
    {"dall-e-3", SIZES_WIDE, true, false, 1, 4000, false},
    {0},
};

static const openai_model local_models[] = {
    {"sd-cpp-local", SIZES_ANY, false, false, 10, 32000, false},
    {"stablediffusion", SIZES_ANY, false, false, 10, 32000, false},
    {"black-forest-labs/FLUX.1-schnell", SIZES_ANY, false, false, 4, 32000, false},
    {"Qwen/Qwen-Image", SIZES_ANY, false, false, 10, 32000, false},
    {0},
};

static const char *const none[] = {NULL};
static const char *const localai[] = {"step", "mode", "file", "files", "ref_images", "response_format", "seed", NULL};
static const char *const together[] = {"width",     "height",          "steps",          "seed", "negative_prompt",
                                       "image_url", "response_format", "guidance_scale", NULL};
static const char *const vllm[] = {
    "seed", "num_inference_steps", "guidance_scale", "true_cfg_scale", "negative_prompt", "response_format", NULL};

const openai_dialect openai_dialects[] = {
    {.name = "openai",
     .root = "/v1",
     .owner = "openai",
     .models = own_models,
     .more = none,
     .base64_word = "b64_json",
     .url_word = "url",
     .folder = "/files/",
     .strict = true,
     .needs_key = true,
     .streams = true,
     .usage = true,
     .limits = true,
     .most = 10},
    {.name = "azure",
     .root = "/openai/v1",
     .owner = "openai",
     .models = own_models,
     .more = none,
     .base64_word = "b64_json",
     .url_word = "url",
     .folder = "/files/",
     .strict = true,
     .needs_key = true,
     .needs_model = true,
     .streams = true,
     .usage = true,
     .limits = true,
     .most = 10},
    {.name = "localai",
     .root = "/v1",
     .owner = "local",
     .models = local_models,
     .more = localai,
     .base64_word = "b64_json",
     .url_word = "url",
     .folder = "/as/localai/generated-images/",
     .url_first = true,
     .needs_model = true,
     .numbered = true,
     .wrong_size_is_small = true,
     .most = 10},
    {.name = "together",
     .root = "/v1",
     .owner = "together",
     .models = local_models,
     .more = together,
     .base64_word = "base64",
     .url_word = "url",
     .folder = "/files/",
     .url_first = true,
     .strict = true,
     .needs_key = true,
     .needs_model = true,
     .numbered = true,
     .most = 4},
    {.name = "stable-diffusion.cpp",
     .root = "/v1",
     .owner = "local",
     .models = local_models,
     .more = none,
     .folder = "/files/",
     .bare_error = true,
     .most = 8},
    {.name = "vllm",
     .root = "/v1",
     .owner = "vllm",
     .models = local_models,
     .more = vllm,
     .base64_word = "b64_json",
     .folder = "/files/",
     .most = 10},
    {.name = "ovms",
     .root = "/v3",
     .owner = "local",
     .models = local_models,
     .more = vllm,
     .base64_word = "b64_json",
     .folder = "/files/",
     .needs_model = true,
     .most = 10},
    {0},
};

/* What follows `prefix`, or NULL. */
static const char *after(const char *path, const char *prefix)
{
  size_t length = strlen(prefix);
  return path && strncmp(path, prefix, length) == 0 ? path + length : NULL;
}

static bool rest_of(const openai_dialect *row, const char *path, const char **rest)
{
  *rest = after(path, row->root);
  return *rest && (strncmp(*rest, "/images/", 8) == 0 || strncmp(*rest, "/models", 7) == 0);
}

const openai_dialect *openai_dialect_of(const char *path, const char **rest)
{
  const char *named = after(path, "/as/");
  if (!named)
    return rest_of(openai_dialects, path, rest) ? openai_dialects : NULL;
  for (const openai_dialect *row = openai_dialects; row->name; row++) {
    if (rest_of(row, after(named, row->name), rest))
      return row;
  }
  return NULL;
}

/* "-2026-04-21" at the end of a name is a snapshot of the model. */
static size_t length_without_date(const char *name)
{
  static const char form[] = "-dddd-dd-dd";
  size_t length = strlen(name);
  if (length <= sizeof form - 1)
    return length;
  const char *tail = name + length - (sizeof form - 1);
  for (size_t i = 0; i < sizeof form - 1; i++) {
    if (form[i] == 'd' ? !isdigit((unsigned char)tail[i]) : tail[i] != '-')
      return length;
  }
  return length - (sizeof form - 1);
}

const openai_model *openai_model_of(const openai_dialect *speech, const char *name)
{
  size_t length = length_without_date(name);
  for (const openai_model *row = speech->models; row->name; row++) {
    if (strlen(row->name) == length && strncmp(row->name, name, length) == 0)
      return row;
  }
  return NULL;
}
