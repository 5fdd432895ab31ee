/* SPDX-License-Identifier: MIT */
/* The Pixazo gateway. Paths and member names differ from model to model without a rule, so they are data. */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/provider.h"
#include "net/url.h"
#include "json/writer.h"

enum { BODY_MAX = 2 * 1024 * 1024 };

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
        .sizes = {{1024, 1024}, {1536, 1024}, {1024, 1536}, {0, 0}},
        .extras = "{\"background\":\"auto\",\"quality\":\"high\",\"output_format\":\"png\"}",
        .pictures_per_call = 10,
        .queue = true,
        .answer_max = PICTURE_SHARE / 4,
        .price = UNKNOWN_PRICE,
    },
};

static void put_size(px_json_writer *writer, const char *wire, const px_json *effective)
{
  px_auto(px_buf) text = PX_BUF_INIT(64);
  int64_t width = 0;
  int64_t height = 0;
  (void)px_json_may_int64(effective, "width", &width, NULL);
  (void)px_json_may_int64(effective, "height", &height, NULL);
  if (px_buf_printf(&text, "%" PRId64 "x%" PRId64, width, height))
    px_json_put_string(writer, wire, px_buf_text(&text));
}

/* Members of `object` that the caller's own options do not replace. */
static void put_members(px_json_writer *writer, const px_json *object, const px_json *options)
{
  for (const px_json *node = px_json_first(object); node; node = px_json_next(node)) {
    if (!px_json_member(options, px_json_name(node)))
      px_json_put_tree(writer, px_json_name(node), node);
  }
}

static pixazo_status build(const px_model *model, const px_json *effective, char **body, pixazo_error **error)
{
  const px_json *options = px_json_member(effective, "provider_options");
  px_cleanup(px_json_done) px_json *extras = NULL;
  if (model->extras)
    PX_TRY(px_json_parse(model->extras, strlen(model->extras), NULL, &extras, error));
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(BODY_MAX);
  px_json_put_begin_object(&writer, NULL);
  for (px_field field = 0; field < PX_FIELDS; field++) {
    const char *wire = model->params[field].wire;
    bool in_size = model->size_wire && (field == PX_FIELD_WIDTH || field == PX_FIELD_HEIGHT);
    const px_json *value = px_json_member(effective, px_field_row_of(field)->name);
    if (wire && value && !in_size && !px_json_member(options, wire))
      px_json_put_tree(&writer, wire, value);
  }
  if (model->size_wire && !px_json_member(options, model->size_wire))
    put_size(&writer, model->size_wire, effective);
  put_members(&writer, extras, options);
  put_members(&writer, options, NULL);
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, body, error);
}

static pixazo_status poll_path(const char *remote_id, px_buf *path, pixazo_error **error)
{
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
    .ops = {.build = build, .poll = poll_path},
};
