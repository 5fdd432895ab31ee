/* SPDX-License-Identifier: MIT */
/* Google's generateContent where it makes pictures. */
#ifndef GATEWAY_GOOGLE_H
#define GATEWAY_GOOGLE_H

#include <cjson/cJSON.h>

#include "gateway/protocol.h"

typedef struct google_model {
  const char *name;
  const char *const *sizes; /* imageSize; NULL = the member is refused */
  const char *const *ratios;
  int tokens; /* of a picture of the smallest size, or of every one when `sizes` is NULL */
} google_model;

typedef struct google_wish {
  const google_model *model;
  const cJSON *root;
  const char *size; /* "1K" */
  uint32_t ratio[2];
  size_t text_bytes;
  size_t input_images;
  bool wants_text;
  bool wants_image;
  bool streams;
  bool events; /* server-sent ones, else one JSON list */
} google_wish;

/* False with the refusal in `out`. */
bool google_read_wish(google_wish *wish, reply *out);
void google_give(const exchange *call, const google_wish *wish, reply *out);
/* An answer given in the form the call wants: an object, an event, or a list of one. */
void google_give_object(const exchange *call, bool streams, bool events, const char *object, reply *out);
/* A google.rpc error; `details` is the inside of its list, "" = none. */
void google_refuse(reply *out, int status, const char *code, const char *details, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
int google_tokens(const google_wish *wish);

extern const google_model google_models[]; /* ends with a row without a name */
extern const ready_answer google_ready[];

#endif
