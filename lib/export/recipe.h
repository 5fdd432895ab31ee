/* SPDX-License-Identifier: MIT */
/* What a recipe holds: plain values, one row of the key table each. */
#ifndef PX_EXPORT_RECIPE_H
#define PX_EXPORT_RECIPE_H

#include <stdbool.h>

#include <pixazo/exporter.h>

#include "image/operate.h"
#include "json/json.h"

enum { PX_RECIPE_NAME_MAX = 64 };

enum { PX_ALPHA_AUTO, PX_ALPHA_FLATTEN, PX_ALPHA_KEEP };
enum { PX_FLIP_NONE, PX_FLIP_HORIZONTAL, PX_FLIP_VERTICAL };
enum { PX_EFFORT_NORMAL, PX_EFFORT_FAST };
enum { PX_REENCODE_AUTO, PX_REENCODE_ALWAYS };

/* Policies are sets of these. */
enum {
  PX_METADATA_EXIF = 1 << 0,
  PX_METADATA_XMP = 1 << 1,
  PX_METADATA_ICC = 1 << 2,
  PX_METADATA_TEXT = 1 << 3,
  PX_METADATA_FACTS = 1 << 4, /* how the picture was made */
  PX_METADATA_NONE = 0,
  PX_METADATA_PROVENANCE = PX_METADATA_ICC | PX_METADATA_FACTS,
  PX_METADATA_FULL = (1 << 5) - 1
};

struct pixazo_recipe {
  char name[PX_RECIPE_NAME_MAX + 1];
  int32_t format;  /* px_format; NONE: the format of the source */
  int32_t quality; /* -1: default of the format */
  int32_t level;
  int32_t width;
  int32_t height;
  int32_t fit; /* px_fit */
  int32_t gravity; /* px_gravity */
  int32_t focus_x; /* thousandths */
  int32_t focus_y;
  int32_t enlarge;
  int32_t alpha;
  int32_t metadata; /* bits of PX_METADATA_ */
  int32_t filter;
  int32_t linear;
  int32_t rotate; /* degrees, clockwise */
  int32_t flip;
  int32_t reencode;
  int32_t effort;
  int32_t max_bytes; /* 0: any */
  px_color background;
};

typedef enum px_recipe_kind {
  PX_RECIPE_INT,
  PX_RECIPE_WORD,
  PX_RECIPE_NAME,
  PX_RECIPE_COLOR,
  PX_RECIPE_POLICY
} px_recipe_kind;

typedef struct px_recipe_key {
  const char *key;
  const char *const *words; /* WORD: by value; POLICY: of bits; NULL at the end */
  size_t offset;            /* in the struct */
  px_recipe_kind kind;
  int32_t max;  /* INT: 0 to max */
  int32_t start;
  int32_t step; /* INT: multiples of it alone; 0: every number */
} px_recipe_key;

/* Rotation and flip as one EXIF orientation, 1 for none. */
uint32_t px_recipe_orientation(const pixazo_recipe *recipe);

/* The table, in the order of documents; NULL past its end. */
const px_recipe_key *px_recipe_key_at(size_t index);
const px_recipe_key *px_recipe_key_find(const char *key); /* NULL when there is none */

/* The value of one word of a WORD row; false when it has no such word. */
bool px_recipe_word(const px_recipe_key *row, const char *text, int32_t *value);

/* A recipe as a JSON object says it, and the members of one set in another. Members named in `skip` (NULL at the end)
 * are left to the caller. E_ARGUMENT, E_UNSUPPORTED, E_NOMEM. */
pixazo_status px_recipe_read(const px_json *object, const char *const *skip, pixazo_recipe **out, pixazo_error **error);
pixazo_status px_recipe_set_members(pixazo_recipe *recipe, const px_json *object, const char *const *skip,
                                    pixazo_error **error);
/* Parses the text of a recipe; *root is owned, px_json_free. E_ARGUMENT, E_NOMEM. */
pixazo_status px_recipe_parse(const char *json, px_json **root, pixazo_error **error);

/* Text of a value as the setters take it; size >= 80. */
void px_recipe_value_text(const pixazo_recipe *recipe, const px_recipe_key *row, char *text, size_t size);
int32_t px_recipe_value_int(const pixazo_recipe *recipe, const px_recipe_key *row);

#endif
