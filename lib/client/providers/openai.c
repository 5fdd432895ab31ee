/* SPDX-License-Identifier: MIT */
/* OpenAI's image models. Prices are estimates on the high side, none of them confirmed by OpenAI as a limit: the dearest
 * shape of each quality and size, where "auto" counts as high. The tokens of an answer replace them. */
#include <math.h>

#include "base/mem.h"
#include "client/providers/openai.h"

#define PICTURE_SHARE (UINT64_C(48) << 20)
#define INPUT_BYTES ((UINT64_C(50) << 20) - 1)
#define MASK_BYTES ((UINT64_C(4) << 20) - 1)

/* ---- prices: micro-units per picture; tokens: micro-units per million ---- */

static const px_rate rates_2[] = {
    {"low", 1048576, 5880},     {"low", 1572864, 6870},     {"low", 3686400, 10920},    {"low", 0, 19770},
    {"medium", 1048576, 52680}, {"medium", 1572864, 61740}, {"medium", 3686400, 98280}, {"medium", 0, 177900},
    {NULL, 1048576, 210720},    {NULL, 1572864, 246960},    {NULL, 3686400, 393060},
};
static const px_rate rates_1_5[] = {
    {"low", 1048576, 9000}, {"low", 0, 13056}, {"medium", 1048576, 34000}, {"medium", 0, 50688}, {NULL, 1048576, 133120},
};
static const px_rate rates_mini[] = {
    {"low", 1048576, 5000}, {"low", 0, 6000}, {"medium", 1048576, 11000}, {"medium", 0, 15000}, {NULL, 1048576, 36000},
};

#define TOKENS_2                                                                                             \
  {                                                                                                          \
    .text_in = 5000000, .image_in = 8000000, .text_out = 30000000, .image_out = 30000000, .per_input = 8192, \
    .per_partial = 100                                                                                       \
  }
#define TOKENS_1_5                                                                                           \
  {                                                                                                          \
    .text_in = 5000000, .image_in = 8000000, .text_out = 10000000, .image_out = 32000000, .per_input = 8192, \
    .per_partial = 100                                                                                       \
  }
#define TOKENS_MINI                                                                                        \
  {                                                                                                        \
    .text_in = 2000000, .image_in = 2500000, .text_out = 8000000, .image_out = 8000000, .per_input = 8192, \
    .per_partial = 100                                                                                     \
  }
#define ASSUMED "; 8192 tokens for an input picture are assumed"
#define SOURCE_2 "token prices: third-party pages that quote OpenAI's; tokens of a picture: users' published formula" ASSUMED
#define SOURCE_1_5 "third-party reports: a reseller's price list, or the tokens of gpt-image-1 where they cost more" ASSUMED
#define SOURCE_MINI "OpenAI's page of the model, as found by search" ASSUMED
#define PRICE(most, source)                                       \
  {                                                               \
    true, most, PIXAZO_CONFIDENCE_ESTIMATED, source, "2026-11-20" \
  }
#define NO_PRICE(source)                                      \
  {                                                           \
    false, 0, PIXAZO_CONFIDENCE_UNKNOWN, source, "2026-11-20" \
  }
#define UNKNOWN_PRICE NO_PRICE("no price per picture was found")
#define METERED_2_5 NO_PRICE("no price per picture was found; token prices: third-party reports, resellers among them")

/* ---- what a model takes ---- */

#define PARAMS(least, most)                                    \
  {                                                            \
    [PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},                   \
    [PX_FIELD_MODEL] = {"model", 0, 0, 0},                     \
    [PX_FIELD_WIDTH] = {"size", least, most, 1024},            \
    [PX_FIELD_HEIGHT] = {"size", least, most, 1024},           \
    [PX_FIELD_COUNT] = {"n", 1, 10, 1},                        \
    [PX_FIELD_QUALITY] = {"quality", 0, 0, 0},                 \
    [PX_FIELD_FORMAT] = {"output_format", 0, 0, 0},            \
    [PX_FIELD_BACKGROUND] = {"background", 0, 0, 0},           \
    [PX_FIELD_PARTIAL_IMAGES] = {"partial_images", 0, 3, NAN}, \
  }
#define WORDS(qualities)                                      \
  {                                                           \
    [PX_FIELD_QUALITY] = {qualities, NULL},                   \
    [PX_FIELD_FORMAT] = {"png,jpeg,webp", NULL},              \
    [PX_FIELD_BACKGROUND] = {"auto,transparent,opaque", NULL} \
  }
#define COMMON                                                                                           \
  .path = PX_OPENAI_PATH, .edit_path = PX_OPENAI_EDIT_PATH, .size_wire = "size", .inputs_max = 16,       \
  .input_bytes = INPUT_BYTES, .mask = true, .mask_type = "image/png", .mask_bytes = MASK_BYTES,          \
  .pictures_per_call = 10, .answer_max = PICTURE_SHARE
#define THREE_SIZES COMMON, .params = PARAMS(1024, 1536), .words = WORDS("auto,low,medium,high"), .sizes = three_sizes
#define ANY_SIZE(qualities)                                                                                  \
  COMMON, .params = PARAMS(256, 3840), .words = WORDS(qualities), .size_step = 16, .ratio_max = 3,           \
          .pixels_min = 655360, .pixels_max = 8294400

static const px_size three_sizes[] = {{1024, 1024, NULL}, {1536, 1024, NULL}, {1024, 1536, NULL}, {0, 0, NULL}};

#define GPT_IMAGE_2(model_name, model_title)                                                                      \
  {                                                                                                               \
    .name = model_name, .title = model_title, ANY_SIZE("auto,low,medium,high"), .price = PRICE(711570, SOURCE_2), \
    .rates = rates_2, .rate_count = PX_ARRAY_SIZE(rates_2), .tokens = TOKENS_2                                    \
  }
/* Said to cost the same per token; how many a picture has was not found. */
#define GPT_IMAGE_2_5(model_name, model_title)                                                                  \
  {                                                                                                             \
    .name = model_name, .title = model_title, ANY_SIZE("auto,low,medium,high,xhigh,max"), .price = METERED_2_5, \
    .tokens = TOKENS_2                                                                                          \
  }
#define GPT_IMAGE_2_6(model_name, model_title)                                                                   \
  {                                                                                                              \
    .name = model_name, .title = model_title, ANY_SIZE("auto,low,medium,high,xhigh,max"), .price = UNKNOWN_PRICE \
  }

static const px_model models[] = {
    GPT_IMAGE_2("gpt-image-2", "GPT Image 2"),
    GPT_IMAGE_2("gpt-image-2-2026-04-21", "GPT Image 2, snapshot"),
    GPT_IMAGE_2_6("gpt-image-2.6-sunburst", "GPT Image 2.6 Sunburst"),
    GPT_IMAGE_2_6("gpt-image-2.6-flare", "GPT Image 2.6 Flare"),
    GPT_IMAGE_2_5("gpt-image-2.5-sunburst", "GPT Image 2.5 Sunburst"),
    GPT_IMAGE_2_5("gpt-image-2.5-sunburst-2026-09-08", "GPT Image 2.5 Sunburst, snapshot"),
    GPT_IMAGE_2_5("gpt-image-2.5-flare", "GPT Image 2.5 Flare"),
    GPT_IMAGE_2_5("gpt-image-2.5-flare-2026-09-08", "GPT Image 2.5 Flare, snapshot"),
    {
        .name = "gpt-image-1.5",
        .title = "GPT Image 1.5",
        THREE_SIZES,
        .price = PRICE(200000, SOURCE_1_5),
        .rates = rates_1_5,
        .rate_count = PX_ARRAY_SIZE(rates_1_5),
        .tokens = TOKENS_1_5,
    },
    {
        .name = "gpt-image-1-mini",
        .title = "GPT Image 1 mini",
        THREE_SIZES,
        .price = PRICE(52000, SOURCE_MINI),
        .rates = rates_mini,
        .rate_count = PX_ARRAY_SIZE(rates_mini),
        .tokens = TOKENS_MINI,
    },
    {.name = "chatgpt-image-latest", .title = "ChatGPT's image model", THREE_SIZES, .price = UNKNOWN_PRICE},
};

/* What is not listed is asked for as it was asked, at a price nobody knows. */
static const px_model other = {
    .name = "other",
    .title = "a model that is not listed",
    COMMON,
    .params = PARAMS(16, 8192),
    .words = {[PX_FIELD_QUALITY] = {NULL, NULL}, [PX_FIELD_FORMAT] = {NULL, NULL}, [PX_FIELD_BACKGROUND] = {NULL, NULL}},
    .price = UNKNOWN_PRICE,
};

const px_provider px_provider_openai = {
    .name = "openai",
    .title = "OpenAI",
    .base_url = "https://api.openai.com/v1",
    .key_header = "Authorization",
    .key_prefix = "Bearer ",
    .key_hint = "set openai_api_key (OPENAI_API_KEY for the programs); keys are at https://platform.openai.com/api-keys",
    .models = models,
    .model_count = PX_ARRAY_SIZE(models),
    .other = &other,
    .billing =
        {
            .rule = "by tokens; nothing is stated about errors, so ambiguous outcomes count as possibly billed; what the "
                    "content policy refuses with an error is not billed",
            .source = "API reference of OpenAI",
            .date = "2026-11-20",
            .blocked = PX_BILLED_UNKNOWN,
        },
    .generation_ms = 600000,
    .ops = {.build = px_openai_build},
};
