/* SPDX-License-Identifier: MIT */
/* The one table of settings: parser, files, environment, documents and doctor all read it. */
#ifndef PX_STUDIO_CONFIG_KEYS_H
#define PX_STUDIO_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

#include "base/buf.h"

enum { PX_CONFIG_KEYS_MAX = 128 };

/* Where a value comes from; a later one wins. */
typedef enum px_config_layer {
  PX_LAYER_PRESET,
  PX_LAYER_KEY_FILE,
  PX_LAYER_FILE,
  PX_LAYER_ENV,
  PX_LAYER_SET,
  PX_LAYERS
} px_config_layer;

typedef enum px_config_type {
  PX_CONFIG_TEXT,
  PX_CONFIG_INT,
  PX_CONFIG_NUMBER,
  PX_CONFIG_MONEY, /* exact decimals of the currency's unit, above 0 */
  PX_CONFIG_CHOICE,
  PX_CONFIG_LIST,   /* words with commas between; an array of strings in JSON */
  PX_CONFIG_OBJECT, /* a JSON object */
  PX_CONFIG_MODE    /* permission bits, octal */
} px_config_type;

/* Which options struct a value goes to. */
typedef enum px_config_target {
  PX_CONFIG_STUDIO, /* read by the studio itself */
  PX_CONFIG_REQUEST,
  PX_CONFIG_CLIENT,
  PX_CONFIG_ACCOUNT, /* pixazo_account of the provider in `account` */
  PX_CONFIG_EXPORTER,
  PX_CONFIG_REPOSITORY,
  PX_CONFIG_STORE,
  PX_CONFIG_PIPELINE
} px_config_target;

/* How the member at `offset` of that struct holds it. */
typedef enum px_config_form {
  PX_CONFIG_NO_FIELD,
  PX_CONFIG_POINTER,
  PX_CONFIG_U32,
  PX_CONFIG_U64,
  PX_CONFIG_I32,
  PX_CONFIG_DOUBLE,
  PX_CONFIG_MICROS,  /* int64_t, millionths */
  PX_CONFIG_RETRIES, /* uint32_t where "none" is PIXAZO_NO_RETRY or PIXAZO_NO_ALERT */
  PX_CONFIG_ORDINAL  /* int32_t: position among the choices */
} px_config_form;

typedef struct px_config_key {
  const char *name;
  const char *variable;  /* environment; NULL: none */
  const char *fallback;  /* NULL: no value unless something sets one */
  const char *otherwise; /* what then holds, for the documents */
  const char *choices;   /* of PX_CONFIG_CHOICE, with commas between */
  double low;            /* of numbers, inclusive */
  double high;
  px_config_type type;
  px_config_target target;
  px_config_form form;
  bool secret;
  size_t offset;
  const char *account; /* a provider, of PX_CONFIG_ACCOUNT */
  const char *header;  /* the value goes out as this header line; NULL: to the member at `offset` */
  bool required;       /* there is no account without it */
  const char *meaning;
} px_config_key;

size_t px_config_key_count(void);
const px_config_key *px_config_key_at(size_t index); /* index < px_config_key_count() */
int px_config_key_find(const char *name);            /* "openai_api_key" or "openai.api_key"; -1: unknown */
const char *px_config_key_nearest(const char *name); /* NULL: nothing is near */

/* "a whole number from 1 to 65535". */
void px_config_key_describe(const px_config_key *key, px_buf *out);
/* Whether text is a value of this key: PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. */
pixazo_status px_config_key_check(const px_config_key *key, const char *text);
/* Position of a word in "a,b,c"; -1: not there. */
int px_config_choice(const char *choices, const char *word);

/* Presets: bundles of defaults. */
typedef struct px_config_default {
  const char *key;
  const char *value;
} px_config_default;
bool px_config_preset(const char *name, const px_config_default **values, size_t *count); /* false: unknown */

#endif
