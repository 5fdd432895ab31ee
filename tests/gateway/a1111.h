/* SPDX-License-Identifier: MIT */
/* What a call to AUTOMATIC1111's service asks for, and its good answers. */
#ifndef GATEWAY_A1111_H
#define GATEWAY_A1111_H

#include <cjson/cJSON.h>

#include "gateway/protocol.h"

typedef struct a1111_wish {
  const cJSON *root;
  bool is_cpp; /* as stable-diffusion.cpp does it */
  bool from_image;
  const char *prompt;
  const char *negative;
  const char *sampler;
  const char *model;
  int64_t width;
  int64_t height;
  int64_t steps;
  int64_t seed;
  int64_t batch;
  int64_t rounds;
  picture_kind kind;
} a1111_wish;

void a1111_give(const exchange *call, const a1111_wish *wish, reply *out);
void a1111_progress(const exchange *call, reply *out);

#endif
