/* SPDX-License-Identifier: MIT */
/* The body of pixazo_generation: filled by the repository and by a bare client, read through record.c. */
#ifndef PX_BASE_RECORD_H
#define PX_BASE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/record.h>

#include "base/digest.h"
#include "base/uuid.h"

/* Owned text is px_malloc memory or NULL; getters turn NULL into "". */
typedef struct px_rendition_record {
  char *name;
  char *key;
  char *path;
  char *content_type;
  char sha256[PX_SHA256_HEX];
  int32_t width;
  int32_t height;
  int64_t bytes;
  int64_t duration_us;
} px_rendition_record;

typedef struct px_image_record {
  char uuid[PX_UUID_TEXT];
  char generation[PX_UUID_TEXT];
  char attempt[PX_UUID_TEXT];
  int32_t index;
  int32_t state;
  char *remote_url;
  char *store;
  char *key;
  char *path;
  char *content_type;
  char *reason;
  char *alt_text;
  char *revised_prompt;
  char *safety_json; /* what the program said about it; NULL: nothing */
  char sha256[PX_SHA256_HEX];
  char md5[PX_MD5_HEX];
  int32_t width;
  int32_t height;
  int32_t has_alpha;
  int32_t rating;
  int32_t starred;
  int64_t bytes;
  int64_t seed; /* that the provider says it was made with; -1: it did not say */
  int64_t recorded_us;
  int64_t generation_us; /* from sending to the whole answer */
  int64_t download_us;   /* 0: it came inside the answer */
  int64_t processing_us; /* from its bytes to its place in the store */
  char *post_id;
  char *prompt_id;
  pixazo_blob *blob;
  px_rendition_record *renditions;
  size_t rendition_count;
} px_image_record;

/* One attempt: a paid call and what became of it. */
typedef struct px_call_record {
  char uuid[PX_UUID_TEXT];
  char *provider;
  char *model;
  char *provider_code;
  char *request_id;
  char *remote_id;
  char *message;
  char *safety_json; /* NULL: nothing was said about safety */
  char *currency;
  int32_t n;
  int32_t attempt_class; /* 0: it has not ended */
  int32_t http_status;
  int32_t charge; /* PIXAZO_CHARGE_* */
  int32_t confidence;
  int64_t cost_micros;
  int64_t sent_us;
  int64_t answered_us; /* 0: not yet */
} px_call_record;

struct pixazo_generation {
  char uuid[PX_UUID_TEXT];
  char batch[PX_UUID_TEXT];
  char parent[PX_UUID_TEXT]; /* "" none */
  char replayed_from[PX_UUID_TEXT]; /* "" it made calls of its own */
  char replay_key[PX_SHA256_HEX];   /* "" it stands for no equal one */
  char *relation;            /* "part_of": one of several calls a request was split into; NULL none */
  char *principal;
  char *idempotency_key;
  char *prompt;
  char *provider;
  char *model;
  char *request_json;
  char *metadata_json;
  char *effective_json;
  char *outcome_json;
  char *route_json;
  char *safety_json; /* what the program said about its prompt; NULL: nothing */
  char *message;
  char *currency;
  int32_t state;
  int32_t last_class;
  int32_t http_status;
  int32_t attempts;
  int32_t confidence;
  int64_t cost_micros;
  int64_t created_us;
  int64_t updated_us;
  int64_t not_before_us;
  int64_t sent_us;     /* of the last call; 0: none */
  int64_t answered_us; /* 0: not yet */
  int64_t ended_us;    /* 0: not yet */
  px_call_record *calls; /* by n */
  size_t call_count;
  px_image_record *images;
  size_t image_count;
};

pixazo_generation *px_generation_new(void); /* NULL: no memory */
/* One more zeroed picture at the end; NULL: no memory. Pointers to earlier ones become invalid. */
px_image_record *px_generation_add_image(pixazo_generation *generation);
px_rendition_record *px_image_add_rendition(px_image_record *image);
px_call_record *px_generation_add_call(pixazo_generation *generation);
/* Replaces owned text by a copy (NULL for NULL); false: no memory. */
bool px_record_set(char **slot, const char *text);
/* Moves the pictures and calls of `from` behind those of `to` and adds up attempts and cost; frees `from`. */
bool px_generation_absorb(pixazo_generation *to, pixazo_generation *from);

#endif
