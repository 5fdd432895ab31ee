/* SPDX-License-Identifier: MIT */
/* Tokens that an answer says it used, and what they cost. */
#ifndef PX_CLIENT_USAGE_H
#define PX_CLIENT_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "json/json.h"

typedef struct px_usage {
  bool known;
  int64_t text_in;
  int64_t image_in;
  int64_t other_in; /* of either kind */
  int64_t text_out;
  int64_t image_out;
  int64_t other_out;
} px_usage;

struct px_token_price;

/* Adds what the member "usage" of a document says; usage of nothing is none. */
void px_usage_read(px_usage *usage, const px_json *root);
/* Micro-units, rounded up; tokens of either kind count as the dearer one. -1: not known. */
int64_t px_usage_cost(const px_usage *usage, const struct px_token_price *price);

#endif
