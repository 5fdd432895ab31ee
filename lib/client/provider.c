/* SPDX-License-Identifier: MIT */
/* The registry: it sits above its rows, and a new provider is one line here. */
#include "client/provider.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* Tokens that a service may put around a prompt. None says how many; budgets need a bound. */
enum { PROMPT_FRAME = 32 };

static const px_provider *const providers[] = {
    &px_provider_pixazo,   &px_provider_offline, &px_provider_openai, &px_provider_google,
    &px_provider_together, &px_provider_localai, &px_provider_vllm,   &px_provider_sdcpp,
};

size_t px_provider_count(void)
{
  return PX_ARRAY_SIZE(providers);
}

const px_provider *px_provider_at(size_t index)
{
  return providers[index];
}

const px_provider *px_provider_find(const char *name)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(providers); i++) {
    if (px_str_equal(providers[i]->name, name))
      return providers[i];
  }
  return NULL;
}

const px_model *px_model_find(const px_provider *provider, const char *name)
{
  for (size_t i = 0; i < provider->model_count; i++) {
    if (px_str_equal(provider->models[i].name, name))
      return &provider->models[i];
  }
  return NULL;
}

bool px_model_unbilled(const px_provider *provider, const px_model *model)
{
  return provider->billing.none || (model->price.known && model->price.micros == 0);
}

int64_t px_model_price(const px_model *model, const px_json *effective)
{
  int64_t width = 0;
  int64_t height = 0;
  const char *quality = NULL;
  (void)px_json_may_int64(effective, "width", &width, NULL);
  (void)px_json_may_int64(effective, "height", &height, NULL);
  (void)px_json_may_string(effective, "quality", &quality, NULL);
  for (size_t i = 0; i < model->rate_count; i++) {
    const px_rate *rate = &model->rates[i];
    if ((!rate->quality || px_str_equal(rate->quality, quality)) && (rate->pixels == 0 || width * height <= rate->pixels))
      return rate->micros;
  }
  return model->price.micros;
}

/* Micro-units of so many tokens, rounded up. */
static int64_t tokens_price(int64_t tokens, int64_t per_million)
{
  return (tokens * per_million + 999999) / 1000000;
}

/* A token of text has at least one byte. */
int64_t px_call_price(const px_model *model, const px_json *effective, int64_t pictures)
{
  const px_token_price *tokens = &model->tokens;
  const char *prompt = "";
  int64_t partials = 0;
  (void)px_json_may_string(effective, "prompt", &prompt, NULL);
  (void)px_json_may_int64(effective, "partial_images", &partials, NULL);
  int64_t inputs = (int64_t)px_json_size(px_json_member(effective, "images")) + (px_json_member(effective, "mask") != NULL);
  int64_t words = (int64_t)strlen(prompt) + PROMPT_FRAME;
  return px_model_price(model, effective) * pictures + tokens_price(words, tokens->text_in) +
         tokens_price(inputs * tokens->per_input, tokens->image_in) +
         tokens_price(partials * pictures * tokens->per_partial, tokens->image_out);
}
