/* SPDX-License-Identifier: MIT */
/* What a recipe holds: plain values, one row of the key table each. */
#ifndef PX_EXPORT_RECIPE_H
#define PX_EXPORT_RECIPE_H

#include <pixazo/exporter.h>

#include "image/operate.h"

enum { PX_RECIPE_NAME_MAX = 64 };

enum { PX_ALPHA_AUTO, PX_ALPHA_FLATTEN, PX_ALPHA_KEEP };
enum { PX_METADATA_FULL, PX_METADATA_PROVENANCE, PX_METADATA_NONE };

struct pixazo_recipe {
  char name[PX_RECIPE_NAME_MAX + 1];
  int32_t format;  /* px_format; NONE: the format of the source */
  int32_t quality; /* -1: default of the format */
  int32_t level;
  int32_t width;
  int32_t height;
  int32_t fit; /* px_fit */
  int32_t gravity;
  int32_t enlarge;
  int32_t alpha;
  int32_t metadata;
  int32_t filter;
  px_color background;
};

typedef enum px_recipe_kind { PX_RECIPE_INT, PX_RECIPE_WORD, PX_RECIPE_NAME, PX_RECIPE_COLOR } px_recipe_kind;

typedef struct px_recipe_key {
  const char *key;
  const char *const *words; /* WORD: by value, NULL at the end */
  size_t offset;            /* in the struct */
  px_recipe_kind kind;
  int32_t max;  /* INT: 0 to max */
  int32_t start;
} px_recipe_key;

/* The table, in the order of documents; NULL past its end. */
const px_recipe_key *px_recipe_key_at(size_t index);

/* Text of a value as the setters take it; size >= 80. */
void px_recipe_value_text(const pixazo_recipe *recipe, const px_recipe_key *row, char *text, size_t size);
int32_t px_recipe_value_int(const pixazo_recipe *recipe, const px_recipe_key *row);

#endif
