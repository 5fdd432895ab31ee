/* SPDX-License-Identifier: MIT */
/* The parameters of a request: one table of names, kinds and ranges for JSON, setters and the planner. */
#ifndef PX_CLIENT_REQUEST_H
#define PX_CLIENT_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/request.h>

#include "json/json.h"

typedef enum px_field {
  PX_FIELD_PROMPT,
  PX_FIELD_NEGATIVE_PROMPT,
  PX_FIELD_MODEL,
  PX_FIELD_PROVIDER,
  PX_FIELD_WIDTH,
  PX_FIELD_HEIGHT,
  PX_FIELD_STEPS,
  PX_FIELD_GUIDANCE,
  PX_FIELD_SEED,
  PX_FIELD_COUNT,
  PX_FIELD_SAMPLER,
  PX_FIELD_ASPECT_RATIO,
  PX_FIELD_QUALITY,
  PX_FIELD_FORMAT,
  PX_FIELD_BACKGROUND,
  PX_FIELD_STRENGTH,
  PX_FIELD_PARTIAL_IMAGES,
  PX_FIELD_IMAGES,
  PX_FIELD_MASK,
  PX_FIELD_PARENT,
  PX_FIELD_IDEMPOTENCY_KEY,
  PX_FIELD_PRINCIPAL,
  PX_FIELD_TRACEPARENT,
  PX_FIELD_REPLAY,
  PX_FIELD_PROVIDER_OPTIONS,
  PX_FIELD_METADATA,
  PX_FIELDS
} px_field;

typedef enum px_field_kind { PX_KIND_STRING, PX_KIND_INTEGER, PX_KIND_NUMBER, PX_KIND_OBJECT, PX_KIND_LIST } px_field_kind;

typedef struct px_field_row {
  const char *name;
  const char *aliases[3]; /* NULL behind the last */
  px_field_kind kind;
  size_t max_bytes; /* of text */
  double minimum;   /* of integers and numbers */
  double maximum;
} px_field_row;

enum { PX_REQUEST_JSON_MAX = 1024 * 1024, PX_REQUEST_IMAGES_MAX = 64 };

const px_field_row *px_field_row_of(px_field field);
const char *px_field_kind_name(px_field_kind kind);
/* By canonical name or alias; false when unknown. */
bool px_field_find(const char *name, px_field *out);

struct pixazo_request {
  char *values[PX_FIELDS]; /* owned text; numbers as JSON writes them, objects and lists as JSON; NULL: not given */
  char *verbatim;          /* the JSON it was made from, until a setter changes something */
};

/* Borrowed; NULL: not given. */
const char *px_request_text(const pixazo_request *request, px_field field);
/* False: not given. */
bool px_request_number(const pixazo_request *request, px_field field, double *out);
bool px_request_integer(const pixazo_request *request, px_field field, int64_t *out);

/* "16:9" as a number; false when it is not two numbers above 0. */
bool px_request_ratio(const pixazo_request *request, double *out);

/* At most PX_REQUEST_IMAGES_MAX texts that are not empty. */
bool px_request_list_fits(const px_json *node);

/* Fills an empty request from JSON. */
pixazo_status px_request_read(pixazo_request *request, const char *json, pixazo_error **error);

#endif
