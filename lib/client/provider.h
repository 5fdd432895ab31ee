/* SPDX-License-Identifier: MIT */
/* Providers and their models: rows of data, and the few functions in which providers differ.
 * A provider does no I/O of its own: it builds a request and reads an answer, or produces one inside the process. */
#ifndef PX_CLIENT_PROVIDER_H
#define PX_CLIENT_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "client/body.h"
#include "client/reading.h"
#include "client/request.h"
#include "client/steps.h"
#include "json/json.h"

/* One parameter as a model takes it. */
typedef struct px_param {
  const char *wire; /* member of the body; NULL: the model does not take it */
  double minimum;   /* of numbers */
  double maximum;
  double fallback; /* sent when nothing was asked, NAN: nothing is; ignored for strings, the seed and the count */
} px_param;

/* One parameter that is a word. */
typedef struct px_words {
  const char *choices;  /* the words there are, with commas between; NULL: any */
  const char *fallback; /* sent when nothing or something unknown was asked; NULL: nothing is */
} px_words;

typedef struct px_size {
  int32_t width;
  int32_t height;
  const char *name; /* how the service calls it; NULL: "WxH" */
} px_size;

typedef struct px_price {
  bool known;
  int64_t micros;     /* per picture, an upper bound */
  int32_t confidence; /* PIXAZO_CONFIDENCE_* of an accepted call */
  const char *source;
  const char *date; /* when the source was read */
} px_price;

/* A finer price: the first row that fits holds in place of price.micros. */
typedef struct px_rate {
  const char *quality; /* NULL: any */
  int64_t pixels;      /* up to so many; 0: any */
  int64_t micros;      /* per picture, an upper bound */
} px_rate;

/* What tokens cost, micro-units per million; for services that count them. */
typedef struct px_token_price {
  int64_t text_in;
  int64_t image_in;
  int64_t text_out;
  int64_t image_out; /* 0: tokens are not priced */
  int64_t per_input;   /* tokens of one picture that goes along, at most */
  int64_t per_partial; /* tokens of one partial picture */
} px_token_price;

typedef struct px_model {
  const char *name;
  const char *title;
  const char *path;      /* below the base URL; {model} stands for the escaped name */
  const char *edit_path; /* the same for a request with pictures; NULL: `path` */
  px_param params[PX_FIELDS];
  px_words words[PX_FIELDS];
  const char *size_wire; /* width and height travel as one member; NULL: as two */
  const px_size *sizes;  /* the only sizes there are; width 0 behind the last; NULL: any within the limits */
  int32_t size_step;     /* both sides are multiples of it; 0: of 1 */
  double ratio_max;      /* of the longer side to the shorter; 0: any */
  int64_t pixels_min;    /* 0: any */
  int64_t pixels_max;
  int32_t inputs_max;    /* pictures that may go along; 0: none */
  uint64_t input_bytes;  /* of one of them */
  bool mask;             /* a mask may go along */
  const char *mask_type; /* the only type of a mask; NULL: any */
  uint64_t mask_bytes;   /* of a mask; 0: input_bytes */
  const char *extras;    /* JSON object of members always sent; NULL: none */
  int32_t pictures_per_call;
  bool queue;          /* answers with an id to ask about */
  uint64_t answer_max; /* bytes of one picture's share of the answer */
  px_price price;
  const px_rate *rates; /* NULL: none */
  size_t rate_count;
  px_token_price tokens;
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

/* How to ask how far a call is, while it runs. Paths as in an answer. */
typedef struct px_progress_rule {
  const char *path; /* below the base URL, query included; NULL: cannot be asked */
  const char *done;
  const char *total; /* NULL: `done` is a part of one */
  uint32_t interval_ms;
} px_progress_rule;

struct px_script;
struct px_provider;

/* One call to be written. */
typedef struct px_build {
  const struct px_provider *provider;
  const px_model *model;
  const char *name;         /* of the model; differs from the row's for one that is not listed */
  const px_json *effective; /* the only source of what is sent */
  const px_input *inputs;   /* in the order of the request, the mask last; they outlive the body */
  size_t input_count;
  px_body *body; /* to be filled */
  px_buf *path;  /* below the base URL, query included; empty: the model's own */
} px_build;

/* One picture to be made inside the process. */
typedef struct px_production {
  const struct px_provider *provider;
  const px_model *model;
  const px_json *effective;
  const struct px_script *script; /* NULL: nothing goes wrong */
  uint64_t call;                  /* number of this call of the client, from 0 */
  const px_clock *clock;
  px_send *send;
  px_evidence *evidence;
} px_production;

typedef struct px_provider_ops {
  /* The body of one call; NULL writes the effective parameters by their wire names as one JSON object. */
  pixazo_status (*build)(const px_build *job, pixazo_error **error);
  /* Path and query, below the base URL, that tell how a remote id is doing; NULL: no queue. */
  pixazo_status (*poll)(const struct px_provider *provider, const char *remote_id, px_buf *path, pixazo_error **error);
  /* Reads an answer; NULL reads the tolerant common shapes. */
  pixazo_status (*read)(const struct px_provider *provider, const px_answer *answer, px_reading *reading,
                        pixazo_error **error);
  /* In place of the three above, for pictures made inside this process; see px_client_produce. */
  pixazo_status (*produce)(const px_production *job, pixazo_error **error);
} px_provider_ops;

typedef struct px_provider {
  const char *name;
  const char *title;
  const char *base_url;   /* NULL: inside this process */
  const char *key_header; /* NULL: no key is ever sent */
  const char *key_prefix; /* before the key, such as "Bearer "; NULL: nothing */
  bool key_basic;         /* the key is "user:password" and travels as HTTP Basic */
  const char *key_hint;   /* what to do when the key is missing; NULL: works without one */
  const px_model *models;
  size_t model_count;
  const px_model *other; /* what holds for models that are not listed; NULL: there are none */
  px_billing billing;
  px_progress_rule progress;
  uint32_t poll_interval_ms;
  uint32_t generation_ms; /* deadline of a generation; 0: the client's default */
  px_provider_ops ops;
  const void *self; /* of the ops */
} px_provider;

extern const px_provider px_provider_pixazo;
extern const px_provider px_provider_offline;
extern const px_provider px_provider_openai;
extern const px_provider px_provider_google;
extern const px_provider px_provider_together;
extern const px_provider px_provider_localai;
extern const px_provider px_provider_vllm;
extern const px_provider px_provider_sdcpp;

size_t px_provider_count(void);
const px_provider *px_provider_at(size_t index);
const px_provider *px_provider_find(const char *name); /* built in; NULL when unknown */
const px_model *px_model_find(const px_provider *provider, const char *name);

/* Nothing is billed: the provider never bills, or the price of the model is known to be 0. */
bool px_model_unbilled(const px_provider *provider, const px_model *model);
/* Micro-units one picture with these effective parameters costs at most. */
int64_t px_model_price(const px_model *model, const px_json *effective);
/* The same for a whole call: its pictures, and what goes along where tokens are counted. */
int64_t px_call_price(const px_model *model, const px_json *effective, int64_t pictures);

/* The body of ops.build = NULL: parameters by their wire names, extras, the caller's own options on top. */
pixazo_status px_build_plain(const px_build *job, pixazo_error **error);
/* The row of the model's list of sizes that the effective parameters name; NULL: none. */
const px_size *px_build_size(const px_build *job);
/* The members of that object, for a body of another form. */
pixazo_status px_build_members(px_json_writer *writer, const px_build *job, pixazo_error **error);

#endif
