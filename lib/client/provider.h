/* SPDX-License-Identifier: MIT */
/* Providers and their models: rows of data, and the few functions in which providers differ.
 * A provider does no I/O of its own: it builds a request and reads an answer, or produces one inside the process. */
#ifndef PX_CLIENT_PROVIDER_H
#define PX_CLIENT_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "client/reading.h"
#include "client/request.h"
#include "client/steps.h"
#include "json/json.h"

/* One parameter as a model takes it. */
typedef struct px_param {
  const char *wire; /* member of the body; NULL: the model does not take it */
  double minimum;   /* of numbers */
  double maximum;
  double fallback; /* sent when nothing was asked; ignored for strings, the seed and the count */
} px_param;

typedef struct px_size {
  int32_t width;
  int32_t height;
} px_size;

typedef struct px_price {
  bool known;
  int64_t micros;     /* per picture, an upper bound */
  int32_t confidence; /* PIXAZO_CONFIDENCE_* of an accepted call */
  const char *source;
  const char *date; /* when the source was read */
} px_price;

enum { PX_SIZES_MAX = 4 };

typedef struct px_model {
  const char *name;
  const char *title;
  const char *path; /* below the base URL */
  px_param params[PX_FIELDS];
  const char *size_wire;       /* width and height travel as one "WxH" member; NULL: as two */
  px_size sizes[PX_SIZES_MAX]; /* the only sizes there are; width 0 behind the last; none: any within the limits */
  const char *extras;          /* JSON object of members always sent; NULL: none */
  int32_t pictures_per_call;
  bool queue;          /* answers with an id to ask about */
  uint64_t answer_max; /* bytes of one picture's share of the answer */
  px_price price;
} px_model;

typedef enum px_billed { PX_BILLED_UNKNOWN, PX_BILLED_NO, PX_BILLED_YES } px_billed;

/* What the provider says about money when something goes wrong. */
typedef struct px_billing {
  const char *rule; /* one sentence for readers */
  const char *source;
  const char *date;
  bool none;            /* nothing is ever billed */
  bool errors_unbilled; /* it states that its own errors are not billed */
  bool empty_unbilled;  /* it states that an answer without a picture is not billed */
  px_billed blocked;
} px_billing;

struct px_script;

/* One picture to be made inside the process. */
typedef struct px_production {
  const px_model *model;
  const px_json *effective;
  const struct px_script *script; /* NULL: nothing goes wrong */
  uint64_t call;                  /* number of this call of the client, from 0 */
  const px_clock *clock;
  px_send *send;
  px_evidence *evidence;
} px_production;

typedef struct px_provider_ops {
  /* The body of one call. *body: px_malloc text. */
  pixazo_status (*build)(const px_model *model, const px_json *effective, char **body, pixazo_error **error);
  /* Path and query, below the base URL, that tell how a remote id is doing; NULL: no queue. */
  pixazo_status (*poll)(const char *remote_id, px_buf *path, pixazo_error **error);
  /* Reads an answer; NULL reads the tolerant common shapes. */
  pixazo_status (*read)(const px_answer *answer, px_reading *reading, pixazo_error **error);
  /* In place of the three above, for pictures made inside this process; see px_client_produce. */
  pixazo_status (*produce)(const px_production *job, pixazo_error **error);
} px_provider_ops;

typedef struct px_provider {
  const char *name;
  const char *title;
  const char *base_url; /* NULL: inside this process */
  const char *key_header;
  const char *key_hint; /* what to do when the key is missing; NULL: needs none */
  const px_model *models;
  size_t model_count;
  px_billing billing;
  uint32_t poll_interval_ms;
  px_provider_ops ops;
} px_provider;

extern const px_provider px_provider_pixazo;
extern const px_provider px_provider_offline;

size_t px_provider_count(void);
const px_provider *px_provider_at(size_t index);
const px_provider *px_provider_find(const char *name); /* NULL when unknown */
const px_model *px_model_find(const px_provider *provider, const char *name);
/* "provider/model", a bare model of `fallback`, or the bare name of a provider, which means its first model.
 * E_ARGUMENT names what is known. */
pixazo_status px_model_resolve(const char *name, const px_provider *fallback, const px_provider **provider,
                               const px_model **model, pixazo_error **error);
/* Nothing is billed: the provider never bills, or the price of the model is known to be 0. */
bool px_model_unbilled(const px_provider *provider, const px_model *model);

#endif
