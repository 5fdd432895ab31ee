/* SPDX-License-Identifier: MIT */
#include "client/usage.h"

#include "client/provider.h"

#define TOKENS_MAX INT64_C(1000000000)

static int64_t tokens_at(const px_json *root, const char *path)
{
  int64_t count = 0;
  if (px_json_may_int64(root, path, &count, NULL) != PIXAZO_OK || count < 0)
    return 0;
  return count < TOKENS_MAX ? count : TOKENS_MAX;
}

static void add(int64_t *sum, int64_t count)
{
  *sum = *sum + count < TOKENS_MAX ? *sum + count : TOKENS_MAX;
}

/* A total that its parts do not add up to has a rest of unknown kind. */
static int64_t rest_of(int64_t total, int64_t a, int64_t b)
{
  return total > a + b ? total - a - b : 0;
}

void px_usage_read(px_usage *usage, const px_json *root)
{
  const px_json *node = px_json_member(root, "usage");
  if (!px_json_is(node, PX_JSON_OBJECT))
    return;
  int64_t text_in = tokens_at(node, "input_tokens_details.text_tokens");
  int64_t image_in = tokens_at(node, "input_tokens_details.image_tokens");
  int64_t text_out = tokens_at(node, "output_tokens_details.text_tokens");
  int64_t image_out = tokens_at(node, "output_tokens_details.image_tokens");
  add(&usage->text_in, text_in);
  add(&usage->image_in, image_in);
  add(&usage->other_in, rest_of(tokens_at(node, "input_tokens"), text_in, image_in));
  add(&usage->text_out, text_out);
  add(&usage->image_out, image_out);
  add(&usage->other_out, rest_of(tokens_at(node, "output_tokens"), text_out, image_out));
  usage->known = usage->text_out + usage->image_out + usage->other_out > 0;
}

static int64_t dearer(int64_t a, int64_t b)
{
  return a > b ? a : b;
}

int64_t px_usage_cost(const px_usage *usage, const px_token_price *price)
{
  if (!usage->known || price->image_out == 0)
    return -1;
  int64_t sum = usage->text_in * price->text_in + usage->image_in * price->image_in +
                usage->other_in * dearer(price->text_in, price->image_in) + usage->text_out * price->text_out +
                usage->image_out * price->image_out + usage->other_out * dearer(price->text_out, price->image_out);
  return (sum + 999999) / 1000000;
}
