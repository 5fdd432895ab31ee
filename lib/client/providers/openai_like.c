/* SPDX-License-Identifier: MIT */
/* Servers that speak OpenAI's protocol in ways of their own: what each takes, under which name, and what it bills. */
#include <math.h>

#include "base/mem.h"
#include "client/providers/openai.h"

#define SEED_MAX 4294967295.0
#define PICTURE_SHARE (UINT64_C(48) << 20)
#define SELF_HOSTED_BILLING                                                                            \
  {                                                                                                    \
    .rule = "a server of your own: nothing is billed", .source = "none needed", .date = "2026-11-20", \
    .none = true, .errors_unbilled = true, .empty_unbilled = true, .blocked = PX_BILLED_NO             \
  }
#define FREE_PRICE                                                                \
  {                                                                               \
    true, 0, PIXAZO_CONFIDENCE_BILLED, "a server of your own", "2026-11-20" \
  }
#define SELF_HOSTED_SHARE .pictures_per_call = 4, .answer_max = PICTURE_SHARE, .price = FREE_PRICE

/* ---- Together ---- */

#define TOGETHER_MODEL                                                                                              \
  .path = PX_OPENAI_PATH,                                                                                           \
  .params =                                                                                                         \
      {                                                                                                             \
          [PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},                                                                  \
          [PX_FIELD_NEGATIVE_PROMPT] = {"negative_prompt", 0, 0, 0},                                                \
          [PX_FIELD_MODEL] = {"model", 0, 0, 0},                                                                    \
          [PX_FIELD_WIDTH] = {"width", 64, 2048, 1024},                                                             \
          [PX_FIELD_HEIGHT] = {"height", 64, 2048, 1024},                                                           \
          [PX_FIELD_STEPS] = {"steps", 1, 100, NAN},                                                                \
          [PX_FIELD_SEED] = {"seed", 0, SEED_MAX, 0},                                                               \
          [PX_FIELD_COUNT] = {"n", 1, 4, 1},                                                                        \
  },                                                                                                                \
  .size_step = 16, .extras = "{\"response_format\":\"base64\"}", .pictures_per_call = 4, .answer_max = PICTURE_SHARE, \
  .price = {false, 0, PIXAZO_CONFIDENCE_UNKNOWN, "no price was found", "2026-11-20"}

static const px_model together_models[] = {
    {.name = "black-forest-labs/FLUX.1-schnell", .title = "FLUX.1 schnell", TOGETHER_MODEL},
};
static const px_model together_other = {.name = "other", .title = "a model that is not listed", TOGETHER_MODEL};

const px_provider px_provider_together = {
    .name = "together",
    .title = "Together AI",
    .base_url = "https://api.together.xyz/v1",
    .key_header = "Authorization",
    .key_prefix = "Bearer ",
    .key_hint = "set together_api_key (TOGETHER_API_KEY for the programs)",
    .models = together_models,
    .model_count = PX_ARRAY_SIZE(together_models),
    .other = &together_other,
    .billing =
        {
            .rule = "nothing is stated about errors, so ambiguous outcomes count as possibly billed",
            .source = "API reference of Together AI",
            .date = "2026-11-20",
            .blocked = PX_BILLED_UNKNOWN,
        },
    .ops = {.build = px_openai_build},
};

/* ---- LocalAI: what should not be seen stands behind a bar in the prompt; a model has to be named ---- */

static const px_openai_dialect localai = {.negative_in_prompt = true};

#define LOCALAI_MODEL                                                                      \
  .path = PX_OPENAI_PATH,                                                                  \
  .params =                                                                                \
      {                                                                                    \
          [PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},                                         \
          [PX_FIELD_NEGATIVE_PROMPT] = {"prompt", 0, 0, 0},                                \
          [PX_FIELD_MODEL] = {"model", 0, 0, 0},                                           \
          [PX_FIELD_WIDTH] = {"size", 64, 4096, 512},                                      \
          [PX_FIELD_HEIGHT] = {"size", 64, 4096, 512},                                     \
          [PX_FIELD_STEPS] = {"step", 1, 1000, NAN},                                       \
          [PX_FIELD_COUNT] = {"n", 1, 4, 1},                                               \
  },                                                                                       \
  .size_wire = "size", .size_step = 8, .extras = "{\"response_format\":\"b64_json\"}",     \
  SELF_HOSTED_SHARE

static const px_model localai_models[] = {
    {.name = "stablediffusion", .title = "the picture model of its all-in-one images", LOCALAI_MODEL},
};
static const px_model localai_other = {.name = "other", .title = "a model of the server", LOCALAI_MODEL};

const px_provider px_provider_localai = {
    .name = "localai",
    .title = "LocalAI",
    .base_url = "http://127.0.0.1:8080/v1",
    .key_header = "Authorization",
    .key_prefix = "Bearer ",
    .models = localai_models,
    .model_count = PX_ARRAY_SIZE(localai_models),
    .other = &localai_other,
    .billing = SELF_HOSTED_BILLING,
    .generation_ms = 600000,
    .ops = {.build = px_openai_build},
    .self = &localai,
};

/* ---- vLLM ---- */

#define VLLM_MODEL(model_wire)                                         \
  .path = PX_OPENAI_PATH,                                              \
  .params =                                                            \
      {                                                                \
          [PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},                     \
          [PX_FIELD_NEGATIVE_PROMPT] = {"negative_prompt", 0, 0, 0},   \
          [PX_FIELD_MODEL] = {model_wire, 0, 0, 0},                    \
          [PX_FIELD_WIDTH] = {"size", 64, 4096, 1024},                 \
          [PX_FIELD_HEIGHT] = {"size", 64, 4096, 1024},                \
          [PX_FIELD_STEPS] = {"num_inference_steps", 1, 1000, NAN},    \
          [PX_FIELD_GUIDANCE] = {"guidance_scale", 0, 100, NAN},       \
          [PX_FIELD_SEED] = {"seed", 0, SEED_MAX, 0},                  \
          [PX_FIELD_COUNT] = {"n", 1, 4, 1},                           \
  },                                                                   \
  .size_wire = "size", .size_step = 16, SELF_HOSTED_SHARE

static const px_model vllm_models[] = {
    {.name = "default", .title = "the model that is served", VLLM_MODEL(NULL)},
};
static const px_model vllm_other = {.name = "other", .title = "a model of the server", VLLM_MODEL("model")};

const px_provider px_provider_vllm = {
    .name = "vllm",
    .title = "vLLM",
    .base_url = "http://127.0.0.1:8000/v1",
    .key_header = "Authorization",
    .key_prefix = "Bearer ",
    .models = vllm_models,
    .model_count = PX_ARRAY_SIZE(vllm_models),
    .other = &vllm_other,
    .billing = SELF_HOSTED_BILLING,
    .generation_ms = 600000,
    .ops = {.build = px_openai_build},
};

/* ---- stable-diffusion.cpp: one model, and a seed that travels inside the prompt ---- */

static const px_openai_dialect sdcpp = {.seed_in_prompt = true};

static const px_model sdcpp_models[] = {
    {
        .name = "loaded",
        .title = "the model that is loaded",
        .path = PX_OPENAI_PATH,
        .edit_path = PX_OPENAI_EDIT_PATH,
        .params =
            {
                [PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},
                [PX_FIELD_WIDTH] = {"size", 64, 4096, 512},
                [PX_FIELD_HEIGHT] = {"size", 64, 4096, 512},
                [PX_FIELD_SEED] = {"prompt", 0, SEED_MAX, 0},
                [PX_FIELD_COUNT] = {"n", 1, 4, 1},
                [PX_FIELD_FORMAT] = {"output_format", 0, 0, 0},
            },
        .words = {[PX_FIELD_FORMAT] = {"png,jpeg,webp", NULL}},
        .size_wire = "size",
        .size_step = 64,
        .inputs_max = 4,
        .input_bytes = UINT64_C(50) << 20,
        .mask = true,
        SELF_HOSTED_SHARE,
    },
};

const px_provider px_provider_sdcpp = {
    .name = "sdcpp",
    .title = "stable-diffusion.cpp",
    .base_url = "http://127.0.0.1:1234/v1",
    .models = sdcpp_models,
    .model_count = PX_ARRAY_SIZE(sdcpp_models),
    .billing = SELF_HOSTED_BILLING,
    .generation_ms = 600000,
    .ops = {.build = px_openai_build},
    .self = &sdcpp,
};
