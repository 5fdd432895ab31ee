/* SPDX-License-Identifier: MIT */
/* The Pixazo gateway. Paths and member names differ from model to model without a rule, so they are data. */
#include <math.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/provider.h"
#include "net/url.h"

#define SEED_MAX 4294967295.0
#define SIZE_STEP 8 /* no multiple is documented; these models work on squares of eight */
#define PICTURE_SHARE (UINT64_C(32) << 20)
#define FREE_PRICE                                                                    \
  {                                                                                   \
    true, 0, PIXAZO_CONFIDENCE_BILLED, "model pages of pixazo.ai: free", "2026-11-20" \
  }
#define UNKNOWN_PRICE                                                       \
  {                                                                         \
    false, 0, PIXAZO_CONFIDENCE_UNKNOWN, "no price was found", "2026-11-20" \
  }

/* Pictures that go along are addresses there, which a request cannot hold: they are said in provider_options. */
#define PROMPT_ALONE                          \
  {                                           \
    [PX_FIELD_PROMPT] = { "prompt", 0, 0, 0 } \
  }

static const px_size gpt_sizes[] = {{1024, 1024, NULL}, {1536, 1024, NULL}, {1024, 1536, NULL}, {0, 0, NULL}};

#define GPT_IMAGE(model_name, model_title, model_path)                                                                      \
  {                                                                                                                         \
    .name = model_name, .title = model_title, .path = model_path,                                                           \
    .params =                                                                                                               \
        {                                                                                                                   \
            [PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},                                                                        \
            [PX_FIELD_WIDTH] = {"image_size", 1024, 1536, 1024},                                                            \
            [PX_FIELD_HEIGHT] = {"image_size", 1024, 1536, 1024},                                                           \
            [PX_FIELD_COUNT] = {"num_images", 1, 10, 1},                                                                    \
            [PX_FIELD_QUALITY] = {"quality", 0, 0, 0},                                                                      \
            [PX_FIELD_FORMAT] = {"output_format", 0, 0, 0},                                                                 \
            [PX_FIELD_BACKGROUND] = {"background", 0, 0, 0},                                                                \
        },                                                                                                                  \
    .words =                                                                                                                \
        {                                                                                                                   \
            [PX_FIELD_QUALITY] = {"auto,low,medium,high", "high"},                                                          \
            [PX_FIELD_FORMAT] = {"png,jpeg,webp", "png"},                                                                   \
            [PX_FIELD_BACKGROUND] = {"auto,transparent,opaque", "auto"},                                                    \
        },                                                                                                                  \
    .size_wire = "image_size", .sizes = gpt_sizes, .pictures_per_call = 10, .queue = true, .answer_max = PICTURE_SHARE / 4, \
    .price = UNKNOWN_PRICE,                                                                                                 \
  }

/* These take a shape; the pixels are those that come of it. */
static const px_size sd3_sizes[] = {{1024, 1024, "1:1"}, {1344, 768, "16:9"}, {1536, 640, "21:9"}, {832, 1216, "2:3"},
                                    {1216, 832, "3:2"},  {896, 1088, "4:5"},  {1088, 896, "5:4"},  {768, 1344, "9:16"},
                                    {640, 1536, "9:21"}, {0, 0, NULL}};

#define SD3(model_name, model_title, model_path, most_steps, own_guidance)                                \
  .name = model_name, .title = model_title, .path = model_path,                                           \
  .params =                                                                                               \
      {                                                                                                   \
          [PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},                                                        \
          [PX_FIELD_NEGATIVE_PROMPT] = {"negativePrompt", 0, 0, 0},                                       \
          [PX_FIELD_WIDTH] = {"aspect_ratio", 640, 1536, 1024},                                           \
          [PX_FIELD_HEIGHT] = {"aspect_ratio", 640, 1536, 1024},                                          \
          [PX_FIELD_STEPS] = {"steps", 1, most_steps, most_steps},                                        \
          [PX_FIELD_GUIDANCE] = {"cfg", 0, 20, own_guidance},                                             \
          [PX_FIELD_FORMAT] = {"output_format", 0, 0, 0},                                                 \
  },                                                                                                      \
  .words = {[PX_FIELD_FORMAT] = {"webp,jpg,png", NULL}}, .sizes = sd3_sizes, .size_wire = "aspect_ratio", \
  .pictures_per_call = 1, .answer_max = PICTURE_SHARE, .price = UNKNOWN_PRICE

#define QUEUED(model_name, model_title, model_path)                                                    \
  .name = model_name, .title = model_title, .path = model_path, .pictures_per_call = 1, .queue = true, \
  .answer_max = PICTURE_SHARE

static const px_model models[] = {
    {
        .name = "sdxl",
        .title = "Stable Diffusion XL base 1.0",
        .path = "/getImage/v1/getSDXLImage",
        .params =
            {
                [PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},
                [PX_FIELD_NEGATIVE_PROMPT] = {"negative_prompt", 0, 0, 0},
                [PX_FIELD_WIDTH] = {"width", 256, 2048, 1024},
                [PX_FIELD_HEIGHT] = {"height", 256, 2048, 1024},
                [PX_FIELD_STEPS] = {"num_steps", 1, 20, 20},
                [PX_FIELD_GUIDANCE] = {"guidance_scale", 1, 20, 7},
                [PX_FIELD_SEED] = {"seed", 0, SEED_MAX, 0},
            },
        .size_step = SIZE_STEP,
        .pictures_per_call = 1,
        .answer_max = PICTURE_SHARE,
        .price = FREE_PRICE,
    },
    {
        .name = "sdxl-lightning",
        .title = "Stable Diffusion XL Lightning",
        .path = "/sdxl_lightning/getImage/v1/getSDXLImage",
        .params =
            {
                [PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},
                [PX_FIELD_NEGATIVE_PROMPT] = {"negativePrompt", 0, 0, 0},
                [PX_FIELD_WIDTH] = {"width", 256, 2048, 1024},
                [PX_FIELD_HEIGHT] = {"height", 256, 2048, 1024},
                [PX_FIELD_STEPS] = {"num_steps", 1, 20, 20},
                [PX_FIELD_GUIDANCE] = {"guidance", 1, 20, 7},
                [PX_FIELD_SEED] = {"seed", 0, SEED_MAX, 0},
            },
        .size_step = SIZE_STEP,
        .pictures_per_call = 1,
        .answer_max = PICTURE_SHARE,
        .price = FREE_PRICE,
    },
    {
        .name = "sdxl-turbo",
        .title = "Stable Diffusion XL Turbo",
        .path = "/sdxlTurbo/v2/getData",
        .params =
            {
                [PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},
                [PX_FIELD_WIDTH] = {"width", 256, 2048, 768},
                [PX_FIELD_HEIGHT] = {"height", 256, 2048, 768},
                [PX_FIELD_STEPS] = {"num_inference_steps", 1, 50, 50},
                [PX_FIELD_GUIDANCE] = {"guidance_scale", 0, 20, 7.5},
            },
        .size_step = SIZE_STEP,
        .pictures_per_call = 1,
        .answer_max = PICTURE_SHARE,
        .price = UNKNOWN_PRICE,
    },
    {
        .name = "flux-schnell",
        .title = "Flux 1 schnell",
        .path = "/flux-1-schnell/v1/getData",
        .params =
            {
                [PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},
                [PX_FIELD_WIDTH] = {"width", 256, 2048, 1024},
                [PX_FIELD_HEIGHT] = {"height", 256, 2048, 1024},
                [PX_FIELD_STEPS] = {"num_steps", 1, 8, 4},
                [PX_FIELD_SEED] = {"seed", 0, SEED_MAX, 0},
            },
        .size_step = SIZE_STEP,
        .pictures_per_call = 1,
        .answer_max = PICTURE_SHARE,
        .price = FREE_PRICE,
    },
    {SD3("sd3", "Stable Diffusion 3", "/sd3/v1/getData", 28, 3.5)},
    {SD3("sd3.5-large", "Stable Diffusion 3.5 Large", "/sd3-5/v1/r-sd-3-5-large", 40, 4.5), .queue = true},
    {
        .name = "sd-inpainting",
        .title = "Stable Diffusion inpainting",
        .path = "/inpainting/v1/getImage",
        .params = PROMPT_ALONE,
        .pictures_per_call = 1,
        .answer_max = PICTURE_SHARE,
        .price = FREE_PRICE,
    },
    {QUEUED("flux-dev", "Flux 1 dev", "/flux-dev/v1/dev/textToImage"), .params = PROMPT_ALONE, .price = UNKNOWN_PRICE},
    {QUEUED("flux-pro", "Flux 1 pro", "/flux-pro/v1/pro/textToImage"), .params = PROMPT_ALONE, .price = UNKNOWN_PRICE},
    {QUEUED("flux-2-dev", "Flux 2 dev", "/flux-2-dev/v1/generateT2I"), .params = PROMPT_ALONE, .price = UNKNOWN_PRICE},
    {
        QUEUED("flux-2-klein-4b", "Flux 2 klein 4B", "/flux-2-klein-4b/v1/generateImage"),
        .params =
            {
                [PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},
                [PX_FIELD_WIDTH] = {"width", 256, 2048, 1024},
                [PX_FIELD_HEIGHT] = {"height", 256, 2048, 1024},
                [PX_FIELD_STEPS] = {"steps", 1, 50, NAN},
            },
        .size_step = SIZE_STEP,
        .price = UNKNOWN_PRICE,
    },
    GPT_IMAGE("gpt-image-2", "GPT Image 2", "/gpt-image-2/v1/text-to-image"),
    GPT_IMAGE("gpt-image-1.5", "GPT Image 1.5", "/gpt-image-1-5-api-923/v1/gpt-image-1-5-api-request"),
    {
        QUEUED("nano-banana-pro", "Nano Banana Pro", "/nano-banana-pro-770/v1/nano-banana-pro-request"),
        .params = PROMPT_ALONE,
        .price = {true, 45000, PIXAZO_CONFIDENCE_ESTIMATED, "a copy of Pixazo's price page", "2026-11-20"},
    },
};

static pixazo_status poll_path(const px_provider *provider, const char *remote_id, px_buf *path, pixazo_error **error)
{
  (void)provider;
  (void)px_buf_add_text(path, "/v2/requests/status/");
  px_url_escape(path, remote_id, false);
  if (path->over)
    return px_fail(error, PIXAZO_E_LIMIT, "the provider's request id is too long");
  return path->failed ? px_fail_nomem(error) : PIXAZO_OK;
}

const px_provider px_provider_pixazo = {
    .name = "pixazo",
    .title = "Pixazo gateway",
    .base_url = "https://gateway.pixazo.ai",
    .key_header = "Ocp-Apim-Subscription-Key",
    .key_hint = "set api_key (PIXAZO_API_KEY for the programs); keys are at https://api-console.pixazo.ai/api_keys; "
                "provider \"offline\" needs none and makes test pictures",
    .models = models,
    .model_count = PX_ARRAY_SIZE(models),
    .billing =
        {
            .rule = "free models are never billed; nothing is stated about errors of the others, so their ambiguous "
                    "outcomes count as possibly billed",
            .source = "model pages of pixazo.ai",
            .date = "2026-11-20",
            .blocked = PX_BILLED_UNKNOWN,
        },
    .poll_interval_ms = 5000,
    .ops = {.poll = poll_path},
};
