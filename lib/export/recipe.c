/* SPDX-License-Identifier: MIT */
#include "export/recipe.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "image/codec.h"

static const char *const FORMATS[] = {"same", "png", "jpeg", "webp", NULL}; /* by px_format */
static const char *const FITS[] = {"inside", "cover", "contain", "fill", "exact", NULL};
static const char *const GRAVITIES[] = {"centre",    "north", "northeast", "east",  "southeast", "south",
                                        "southwest", "west",  "northwest", "focus", "smart",     NULL};
static const char *const FLIPS[] = {"none", "horizontal", "vertical", NULL};
static const char *const ALPHAS[] = {"auto", "flatten", "keep", NULL};
static const char *const METADATA[] = {"exif", "xmp", "icc", "text", "provenance", NULL}; /* by bit */
static const char *const REENCODES[] = {"auto", "always", NULL};
static const char *const EFFORTS[] = {"normal", "fast", NULL};
static const char *const FILTERS[] = {"lanczos3", NULL};

#define WORD(field, words, start) {#field, (words), offsetof(pixazo_recipe, field), PX_RECIPE_WORD, 0, (start), 0}
#define INT(field, max, start) {#field, NULL, offsetof(pixazo_recipe, field), PX_RECIPE_INT, (max), (start), 0}
#define STEPS(field, max, step) {#field, NULL, offsetof(pixazo_recipe, field), PX_RECIPE_INT, (max), 0, (step)}

/* Sets that have a name of their own; it goes before a list of their parts. */
static const struct {
  const char *name;
  int32_t bits;
} policies[] = {{"full", PX_METADATA_FULL}, {"provenance", PX_METADATA_PROVENANCE}, {"none", PX_METADATA_NONE}};

static const px_recipe_key keys[] = {
    {"name", NULL, offsetof(pixazo_recipe, name), PX_RECIPE_NAME, 0, 0, 0},
    WORD(format, FORMATS, PX_FORMAT_NONE),
    INT(quality, 100, -1),
    INT(level, 9, PX_PNG_LEVEL),
    INT(width, 65535, 0),
    INT(height, 65535, 0),
    WORD(fit, FITS, PX_FIT_INSIDE),
    WORD(gravity, GRAVITIES, PX_GRAVITY_CENTRE),
    INT(focus_x, PX_FOCUS_WHOLE, PX_FOCUS_WHOLE / 2),
    INT(focus_y, PX_FOCUS_WHOLE, PX_FOCUS_WHOLE / 2),
    INT(enlarge, 1, 1),
    {"background", NULL, offsetof(pixazo_recipe, background), PX_RECIPE_COLOR, 0, 0xff, 0},
    WORD(alpha, ALPHAS, PX_ALPHA_AUTO),
    {"metadata", METADATA, offsetof(pixazo_recipe, metadata), PX_RECIPE_POLICY, 0, PX_METADATA_PROVENANCE, 0},
    WORD(filter, FILTERS, 0),
    INT(linear, 1, 0),
    STEPS(rotate, 270, 90),
    WORD(flip, FLIPS, PX_FLIP_NONE),
    WORD(reencode, REENCODES, PX_REENCODE_AUTO),
    WORD(effort, EFFORTS, PX_EFFORT_NORMAL),
    INT(max_bytes, INT32_MAX, 0),
};

const px_recipe_key *px_recipe_key_at(size_t index)
{
  return index < PX_ARRAY_SIZE(keys) ? &keys[index] : NULL;
}

static void *field_of(pixazo_recipe *recipe, const px_recipe_key *row)
{
  return (char *)recipe + row->offset;
}

int32_t px_recipe_value_int(const pixazo_recipe *recipe, const px_recipe_key *row)
{
  int32_t value;
  memcpy(&value, (const char *)recipe + row->offset, sizeof value);
  return value;
}

static void policy_text(int32_t bits, char *text, size_t size)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(policies); i++) {
    if (policies[i].bits == bits) {
      (void)snprintf(text, size, "%s", policies[i].name);
      return;
    }
  }
  size_t used = 0;
  for (int i = 0; METADATA[i]; i++) {
    if (bits >> i & 1)
      used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? "," : "", METADATA[i]);
  }
}

void px_recipe_value_text(const pixazo_recipe *recipe, const px_recipe_key *row, char *text, size_t size)
{
  px_color color = recipe->background;
  if (row->kind == PX_RECIPE_NAME)
    (void)snprintf(text, size, "%s", recipe->name);
  else if (row->kind == PX_RECIPE_WORD)
    (void)snprintf(text, size, "%s", row->words[px_recipe_value_int(recipe, row)]);
  else if (row->kind == PX_RECIPE_COLOR)
    (void)snprintf(text, size, "#%02x%02x%02x", color.red, color.green, color.blue);
  else if (row->kind == PX_RECIPE_POLICY)
    policy_text(recipe->metadata, text, size);
  else
    (void)snprintf(text, size, "%d", px_recipe_value_int(recipe, row));
}

static void set_defaults(pixazo_recipe *recipe)
{
  memset(recipe, 0, sizeof *recipe);
  for (size_t i = 0; i < PX_ARRAY_SIZE(keys); i++) {
    if (keys[i].kind == PX_RECIPE_COLOR)
      memset(field_of(recipe, &keys[i]), keys[i].start, sizeof(px_color));
    else if (keys[i].kind != PX_RECIPE_NAME)
      memcpy(field_of(recipe, &keys[i]), &keys[i].start, sizeof keys[i].start);
  }
}

pixazo_status pixazo_recipe_new(pixazo_recipe **out, pixazo_error **error)
{
  PX_REQUIRE(out, error, "out is NULL");
  pixazo_recipe *recipe = px_malloc(sizeof *recipe);
  if (!recipe)
    return px_fail_nomem(error);
  set_defaults(recipe);
  *out = recipe;
  return PIXAZO_OK;
}

void pixazo_recipe_free(pixazo_recipe *recipe)
{
  px_free(recipe);
}

/* ---- named recipes ---- */

typedef struct named {
  const char *name;
  int32_t format, side, quality, alpha, fit, gravity;
} named;

static const named bundles[] = {
    {"fit-256", PX_FORMAT_JPEG, 256, -1, PX_ALPHA_FLATTEN, PX_FIT_INSIDE, PX_GRAVITY_CENTRE},
    {"smart-300", PX_FORMAT_JPEG, 300, 70, PX_ALPHA_FLATTEN, PX_FIT_COVER, PX_GRAVITY_SMART},
    {"web", PX_FORMAT_WEBP, 1920, -1, PX_ALPHA_AUTO, PX_FIT_INSIDE, PX_GRAVITY_CENTRE},
};

static pixazo_status unknown_name(const char *name, pixazo_error **error)
{
  px_auto(px_buf) list = PX_BUF_INIT(1024);
  for (size_t i = 0; i < PX_ARRAY_SIZE(bundles); i++)
    (void)px_buf_printf(&list, "%s%s", i ? ", " : "", bundles[i].name);
  return px_fail(error, PIXAZO_E_UNSUPPORTED, "there is no recipe named \"%.80s\"; there are: %s", name, px_buf_text(&list));
}

pixazo_status pixazo_recipe_new_named(const char *name, pixazo_recipe **out, pixazo_error **error)
{
  PX_REQUIRE(name, error, "name is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  for (size_t i = 0; i < PX_ARRAY_SIZE(bundles); i++) {
    const named *bundle = &bundles[i];
    if (!px_str_equal(name, bundle->name))
      continue;
    pixazo_recipe *recipe = NULL;
    PX_TRY(pixazo_recipe_new(&recipe, error));
    (void)snprintf(recipe->name, sizeof recipe->name, "%s", name);
    recipe->format = bundle->format;
    recipe->width = recipe->height = bundle->side;
    recipe->quality = bundle->quality;
    recipe->alpha = bundle->alpha;
    recipe->fit = bundle->fit;
    recipe->gravity = bundle->gravity;
    recipe->enlarge = bundle->fit == PX_FIT_COVER; /* a thumbnail has its size, whatever it is made of */
    *out = recipe;
    return PIXAZO_OK;
  }
  return unknown_name(name, error);
}

uint32_t px_recipe_orientation(const pixazo_recipe *recipe)
{
  static const unsigned char turned[3][4] = {{1, 6, 3, 8}, {2, 5, 4, 7}, {4, 7, 2, 5}}; /* turned, then flipped */
  return turned[recipe->flip][recipe->rotate / 90];
}

/* ---- setting ---- */

const px_recipe_key *px_recipe_key_find(const char *key)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(keys); i++) {
    if (px_str_equal(key, keys[i].key))
      return &keys[i];
  }
  return NULL;
}

static void describe(const px_recipe_key *row, px_buf *text)
{
  if (row->step)
    (void)px_buf_printf(text, "a multiple of %d in 0-%d", row->step, row->max);
  else if (row->kind == PX_RECIPE_INT)
    (void)px_buf_printf(text, "a number in 0-%d", row->max);
  else if (row->kind == PX_RECIPE_NAME)
    (void)px_buf_printf(text, "up to %d of a-z 0-9 . _ -", PX_RECIPE_NAME_MAX);
  else if (row->kind == PX_RECIPE_COLOR)
    (void)px_buf_add_text(text, "a colour as #rrggbb");
  else if (row->kind == PX_RECIPE_POLICY)
    (void)px_buf_add_text(text, "full, provenance, none, or with commas some of");
  else
    (void)px_buf_add_text(text, "one of");
  for (size_t i = 0; row->words && row->words[i]; i++)
    (void)px_buf_printf(text, "%s %s", i ? "," : "", row->words[i]);
}

static pixazo_status refuse(const px_recipe_key *row, const char *value, pixazo_error **error)
{
  px_auto(px_buf) allowed = PX_BUF_INIT(1024);
  describe(row, &allowed);
  return px_fail(error, PIXAZO_E_ARGUMENT, "recipe key \"%s\": %.80s is not allowed; it takes %s", row->key, value,
                 px_buf_text(&allowed));
}

static pixazo_status unknown_key(const char *key, pixazo_error **error)
{
  px_auto(px_buf) list = PX_BUF_INIT(1024);
  for (size_t i = 0; i < PX_ARRAY_SIZE(keys); i++)
    (void)px_buf_printf(&list, "%s%s", i ? ", " : "", keys[i].key);
  return px_fail(error, PIXAZO_E_ARGUMENT, "a recipe has no key \"%.80s\"; there are: %s", key, px_buf_text(&list));
}

bool px_recipe_word(const px_recipe_key *row, const char *text, int32_t *value)
{
  for (int32_t i = 0; row->words[i]; i++) {
    if (px_str_equal(row->words[i], text)) {
      *value = i;
      return true;
    }
  }
  return false;
}

static bool set_word(pixazo_recipe *recipe, const px_recipe_key *row, const char *text)
{
  int32_t value;
  if (!px_recipe_word(row, text, &value))
    return false;
  memcpy(field_of(recipe, row), &value, sizeof value);
  return true;
}

static int32_t bit_of(const char *word, size_t length)
{
  for (int i = 0; METADATA[i]; i++) {
    if (strlen(METADATA[i]) == length && memcmp(METADATA[i], word, length) == 0)
      return 1 << i;
  }
  return 0;
}

static bool set_policy(pixazo_recipe *recipe, const char *value)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(policies); i++) {
    if (px_str_equal(policies[i].name, value)) {
      recipe->metadata = policies[i].bits;
      return true;
    }
  }
  int32_t bits = 0;
  for (const char *at = value;; at++) {
    size_t length = strcspn(at, ",");
    int32_t bit = bit_of(at, length);
    if (bit == 0 || (bits & bit))
      return false;
    bits |= bit;
    at += length;
    if (!*at)
      break;
  }
  recipe->metadata = bits;
  return true;
}

static bool set_name(pixazo_recipe *recipe, const char *value)
{
  size_t length = strlen(value);
  if (length > PX_RECIPE_NAME_MAX || strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789._-") != length)
    return false;
  memcpy(recipe->name, value, length + 1);
  return true;
}

static bool set_color(pixazo_recipe *recipe, const char *value)
{
  unsigned char bytes[3];
  if (value[0] != '#' || strlen(value) != 7 || !px_unhex(value + 1, bytes, sizeof bytes))
    return false;
  recipe->background = (px_color){bytes[0], bytes[1], bytes[2]};
  return true;
}

pixazo_status pixazo_recipe_set_string(pixazo_recipe *recipe, const char *key, const char *value, pixazo_error **error)
{
  PX_REQUIRE(recipe, error, "recipe is NULL");
  PX_REQUIRE(key, error, "key is NULL");
  PX_REQUIRE(value, error, "value is NULL");
  const px_recipe_key *row = px_recipe_key_find(key);
  if (!row)
    return unknown_key(key, error);
  bool taken = (row->kind == PX_RECIPE_WORD && set_word(recipe, row, value)) ||
               (row->kind == PX_RECIPE_NAME && set_name(recipe, value)) ||
               (row->kind == PX_RECIPE_POLICY && set_policy(recipe, value)) ||
               (row->kind == PX_RECIPE_COLOR && set_color(recipe, value));
  if (taken)
    return PIXAZO_OK;
  char quoted[96];
  (void)snprintf(quoted, sizeof quoted, "\"%.*s\"", (int)px_utf8_cut(value, 76), value);
  return refuse(row, quoted, error);
}

pixazo_status pixazo_recipe_set_int(pixazo_recipe *recipe, const char *key, int64_t value, pixazo_error **error)
{
  PX_REQUIRE(recipe, error, "recipe is NULL");
  PX_REQUIRE(key, error, "key is NULL");
  const px_recipe_key *row = px_recipe_key_find(key);
  if (!row)
    return unknown_key(key, error);
  if (row->kind != PX_RECIPE_INT || value < 0 || value > row->max || (row->step && value % row->step)) {
    char text[32];
    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    return refuse(row, text, error);
  }
  int32_t small = (int32_t)value;
  memcpy(field_of(recipe, row), &small, sizeof small);
  return PIXAZO_OK;
}
