/* SPDX-License-Identifier: MIT */
/* Google's Gemini models by generateContent. There are no figures for a size in their protocol: a shape and a grade are
 * asked for, and the pixels named here are those that come of it. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/provider.h"
#include "json/writer.h"

enum { BODY_MAX = 2 * 1024 * 1024, REQUEST_MAX = 20000000 };

#define PICTURE_SHARE (UINT64_C(48) << 20)
#define INPUT_BYTES (UINT64_C(14) << 20)

/* `n` halves of the grade 1K. */
#define SHAPES(n, grade)                                                                                               \
  {512 * (n), 512 * (n), "1:1" grade}, {424 * (n), 632 * (n), "2:3" grade}, {632 * (n), 424 * (n), "3:2" grade},       \
      {448 * (n), 600 * (n), "3:4" grade}, {600 * (n), 448 * (n), "4:3" grade}, {464 * (n), 576 * (n), "4:5" grade},   \
      {576 * (n), 464 * (n), "5:4" grade}, {384 * (n), 688 * (n), "9:16" grade}, {688 * (n), 384 * (n), "16:9" grade}, \
      {792 * (n), 336 * (n), "21:9" grade}
#define LONG_SHAPES(n, grade)                                                                                        \
  {256 * (n), 1024 * (n), "1:4" grade}, {1024 * (n), 256 * (n), "4:1" grade}, {184 * (n), 1472 * (n), "1:8" grade}, \
      {1472 * (n), 184 * (n), "8:1" grade}
#define END  \
  {          \
    0, 0, NULL \
  }

static const px_size flash_sizes[] = {SHAPES(2, " 1K"),      LONG_SHAPES(2, " 1K"), SHAPES(1, " 512"),
                                      LONG_SHAPES(1, " 512"), SHAPES(4, " 2K"),      LONG_SHAPES(4, " 2K"),
                                      SHAPES(8, " 4K"),       LONG_SHAPES(8, " 4K"), END};
static const px_size pro_sizes[] = {SHAPES(2, " 1K"), SHAPES(4, " 2K"), SHAPES(8, " 4K"), END};
static const px_size ungraded_sizes[] = {SHAPES(2, ""), END};

#define PARAMS                                                      \
  {                                                                 \
    [PX_FIELD_PROMPT] = {"text", 0, 0, 0},                          \
    [PX_FIELD_NEGATIVE_PROMPT] = {"text", 0, 0, 0},                 \
    [PX_FIELD_WIDTH] = {"imageConfig", 176, 16384, 1024},           \
    [PX_FIELD_HEIGHT] = {"imageConfig", 176, 16384, 1024},          \
    [PX_FIELD_SEED] = {"generationConfig.seed", 0, 2147483647.0, 0} \
  }
#define COMMON                                                                                              \
  .path = "/v1beta/models/{model}:generateContent", .params = PARAMS, .input_bytes = INPUT_BYTES,           \
  .pictures_per_call = 1, .answer_max = PICTURE_SHARE
#define PRICE(most)                                                                                                 \
  {                                                                                                                 \
    true, most, PIXAZO_CONFIDENCE_ESTIMATED,                                                                        \
        "price page of the Gemini API: tokens of a picture of this grade; the prompt is a small part more", "2026-11-20" \
  }
#define UNKNOWN_PRICE                                                                   \
  {                                                                                     \
    false, 0, PIXAZO_CONFIDENCE_UNKNOWN, "no price per picture was found", "2026-11-20" \
  }

static const px_rate flash_rates[] = {{NULL, 400000, 45000}, {NULL, 1300000, 67000}, {NULL, 5000000, 101000}};
static const px_rate pro_rates[] = {{NULL, 5000000, 134000}};

static const px_model models[] = {
    {
        .name = "gemini-3.1-flash-image",
        .title = "Gemini 3.1 Flash Image",
        COMMON,
        .sizes = flash_sizes,
        .inputs_max = 14,
        .price = PRICE(151000),
        .rates = flash_rates,
        .rate_count = PX_ARRAY_SIZE(flash_rates),
    },
    {
        .name = "gemini-3-pro-image",
        .title = "Gemini 3 Pro Image",
        COMMON,
        .sizes = pro_sizes,
        .inputs_max = 14,
        .price = PRICE(240000),
        .rates = pro_rates,
        .rate_count = PX_ARRAY_SIZE(pro_rates),
    },
    {
        .name = "gemini-3.1-flash-lite-image",
        .title = "Gemini 3.1 Flash Lite Image",
        COMMON,
        .sizes = ungraded_sizes,
        .inputs_max = 3,
        .price = UNKNOWN_PRICE,
    },
    {
        .name = "gemini-2.5-flash-image",
        .title = "Gemini 2.5 Flash Image",
        COMMON,
        .sizes = ungraded_sizes,
        .inputs_max = 3,
        .price = PRICE(39000),
    },
};

/* A shape alone is what all of them understand. */
static const px_model other = {
    .name = "other", .title = "a model that is not listed", COMMON, .sizes = ungraded_sizes, .inputs_max = 14, .price = UNKNOWN_PRICE};

static const px_json *options_of(const px_build *job)
{
  return px_json_member(job->effective, "provider_options");
}

/* There is no place for what a picture should not show but the words themselves. */
static pixazo_status put_words(px_json_writer *writer, const px_build *job, pixazo_error **error)
{
  px_auto(px_buf) text = PX_BUF_INIT(BODY_MAX);
  const char *prompt = "";
  const char *negative = "";
  (void)px_json_may_string(job->effective, "prompt", &prompt, NULL);
  (void)px_json_may_string(job->effective, "negative_prompt", &negative, NULL);
  (void)px_buf_add_text(&text, prompt);
  if (negative[0])
    (void)px_buf_printf(&text, "\n\nAvoid: %s", negative);
  if (text.failed)
    return px_fail_nomem(error);
  px_json_put_begin_object(writer, NULL);
  px_json_put_string(writer, "text", px_buf_text(&text));
  px_json_put_end_object(writer);
  return PIXAZO_OK;
}

static pixazo_status put_contents(px_json_writer *writer, const px_build *job, pixazo_error **error)
{
  px_json_put_begin_array(writer, "contents");
  px_json_put_begin_object(writer, NULL);
  px_json_put_string(writer, "role", "user");
  px_json_put_begin_array(writer, "parts");
  PX_TRY(put_words(writer, job, error));
  for (size_t i = 0; i < job->input_count; i++) {
    px_json_put_begin_object(writer, NULL);
    px_json_put_begin_object(writer, "inlineData");
    px_json_put_string(writer, "mimeType", job->inputs[i].type);
    px_body_put_input(writer, "data", "", i);
    px_json_put_end_object(writer);
    px_json_put_end_object(writer);
  }
  px_json_put_end_array(writer);
  px_json_put_end_object(writer);
  px_json_put_end_array(writer);
  return PIXAZO_OK;
}

/* "16:9 2K": the shape, and the grade of models that have one. */
static void put_image_config(px_json_writer *writer, const px_build *job)
{
  char shape[16] = "";
  const px_size *size = px_build_size(job);
  if (!size)
    return;
  const char *grade = strchr(size->name, ' ');
  size_t length = grade ? (size_t)(grade - size->name) : strlen(size->name);
  memcpy(shape, size->name, length);
  px_json_put_begin_object(writer, "imageConfig");
  px_json_put_string(writer, "aspectRatio", shape);
  if (grade)
    px_json_put_string(writer, "imageSize", grade + 1);
  px_json_put_end_object(writer);
}

static void put_generation_config(px_json_writer *writer, const px_build *job)
{
  const px_json *given = px_json_member(options_of(job), "generationConfig");
  int64_t seed = -1;
  (void)px_json_may_int64(job->effective, "seed", &seed, NULL);
  px_json_put_begin_object(writer, "generationConfig");
  if (!px_json_member(given, "responseModalities")) {
    px_json_put_begin_array(writer, "responseModalities");
    px_json_put_string(writer, NULL, "IMAGE");
    px_json_put_end_array(writer);
  }
  if (!px_json_member(given, "imageConfig"))
    put_image_config(writer, job);
  if (seed >= 0 && !px_json_member(given, "seed"))
    px_json_put_int64(writer, "seed", seed);
  for (const px_json *item = px_json_first(given); item; item = px_json_next(item))
    px_json_put_tree(writer, px_json_name(item), item);
  px_json_put_end_object(writer);
}

static pixazo_status build(const px_build *job, pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(BODY_MAX);
  const px_json *options = options_of(job);
  char *text = NULL;
  px_json_put_begin_object(&writer, NULL);
  if (!px_json_member(options, "contents"))
    PX_TRY(put_contents(&writer, job, error));
  put_generation_config(&writer, job);
  for (const px_json *item = px_json_first(options); item; item = px_json_next(item)) {
    if (!px_str_equal(px_json_name(item), "generationConfig"))
      px_json_put_tree(&writer, px_json_name(item), item);
  }
  px_json_put_end_object(&writer);
  PX_TRY(px_json_writer_finish(&writer, &text, error));
  PX_TRY(px_body_set_json(job->body, text, job->inputs, job->input_count, error));
  if (job->body->size > REQUEST_MAX)
    return px_fail(error, PIXAZO_E_LIMIT, "the request has %llu bytes with its pictures, google takes %d",
                   (unsigned long long)job->body->size, REQUEST_MAX);
  return PIXAZO_OK;
}

const px_provider px_provider_google = {
    .name = "google",
    .title = "Google Gemini",
    .base_url = "https://generativelanguage.googleapis.com",
    .key_header = "x-goog-api-key",
    .key_hint = "set google_api_key (GEMINI_API_KEY for the programs); keys are at https://aistudio.google.com/apikey",
    .models = models,
    .model_count = PX_ARRAY_SIZE(models),
    .other = &other,
    .billing =
        {
            .rule = "by tokens; nothing is stated about errors, nor about an answer in which the content policy left the picture "
                    "out, so both count as possibly billed",
            .source = "price page of the Gemini API",
            .date = "2026-11-20",
            .blocked = PX_BILLED_UNKNOWN,
        },
    .ops = {.build = build},
};
