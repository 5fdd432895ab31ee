/* SPDX-License-Identifier: MIT */
/* The Pixazo gateway. Paths and member names differ from model to model without a rule, so they are data. */
#include "base/error.h"
#include "base/mem.h"
#include "client/provider.h"
#include "net/url.h"

#define SEED_MAX 4294967295.0
#define PICTURE_SHARE (UINT64_C(32) << 20)
#define FREE_PRICE                                                                    \
  {                                                                                   \
    true, 0, PIXAZO_CONFIDENCE_BILLED, "model pages of pixazo.ai: free", "2026-11-20" \
  }
#define UNKNOWN_PRICE                                                       \
  {                                                                         \
    false, 0, PIXAZO_CONFIDENCE_UNKNOWN, "no price was found", "2026-11-20" \
  }

static const px_size gpt_sizes[] = {{1024, 1024, NULL}, {1536, 1024, NULL}, {1024, 1536, NULL}, {0, 0, NULL}};

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
        .pictures_per_call = 1,
        .answer_max = PICTURE_SHARE,
        .price = FREE_PRICE,
    },
    {
        .name = "gpt-image-2",
        .title = "GPT Image 2",
        .path = "/gpt-image-2/v1/text-to-image",
        .params =
            {
                [PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},
                [PX_FIELD_WIDTH] = {"image_size", 1024, 1536, 1024},
                [PX_FIELD_HEIGHT] = {"image_size", 1024, 1536, 1024},
                [PX_FIELD_COUNT] = {"num_images", 1, 10, 1},
            },
        .size_wire = "image_size",
        .sizes = gpt_sizes,
        .extras = "{\"background\":\"auto\",\"quality\":\"high\",\"output_format\":\"png\"}",
        .pictures_per_call = 10,
        .queue = true,
        .answer_max = PICTURE_SHARE / 4,
        .price = UNKNOWN_PRICE,
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
