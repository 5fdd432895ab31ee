/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "export/recipe.h"

enum { LABEL_MAX = 32 };

static const char *const common[] = {"schema", "recipe", "sizes", "formats", NULL};
static const char *const none[] = {NULL};

typedef struct matrix {
  const px_json *sizes, *formats;
  pixazo_recipe *base;
  pixazo_recipe **made; /* every one that exists is owned */
  size_t count;
} matrix;

static void matrix_done(matrix *m)
{
  for (size_t i = 0; m->made && i < m->count; i++)
    pixazo_recipe_free(m->made[i]);
  px_free(m->made);
  pixazo_recipe_free(m->base);
}

/* "480" for a width, "x270" for a height, "480x270" for both, "full" for none. */
static void label_of(const pixazo_recipe *recipe, char label[LABEL_MAX])
{
  if (recipe->width && recipe->height)
    (void)snprintf(label, LABEL_MAX, "%dx%d", recipe->width, recipe->height);
  else if (recipe->height)
    (void)snprintf(label, LABEL_MAX, "x%d", recipe->height);
  else if (recipe->width)
    (void)snprintf(label, LABEL_MAX, "%d", recipe->width);
  else
    (void)snprintf(label, LABEL_MAX, "full");
}

/* <name of the matrix>-<size>-<format>; a size may have a name of its own. */
static pixazo_status name_recipe(const matrix *m, pixazo_recipe *recipe, bool named, const char *format,
                                 pixazo_error **error)
{
  char label[LABEL_MAX], name[3 * PX_RECIPE_NAME_MAX];
  label_of(recipe, label);
  const char *head = m->base->name;
  (void)snprintf(name, sizeof name, "%s%s%s-%s", head, head[0] ? "-" : "", named ? recipe->name : label, format);
  PX_TRY(pixazo_recipe_set_string(recipe, "name", name, error));
  for (size_t i = 0; i < m->count; i++) {
    if (m->made[i] != recipe && px_str_equal(m->made[i]->name, name))
      return px_fail(error, PIXAZO_E_ARGUMENT, "two recipes of the matrix are named \"%s\"; give one size a name", name);
  }
  return PIXAZO_OK;
}

static pixazo_status add(matrix *m, const px_json *size, const px_json *format, pixazo_error **error)
{
  const char *word = px_json_is(format, PX_JSON_STRING) ? px_json_text(format) : "";
  pixazo_recipe *recipe = px_memdup(m->base, sizeof *m->base);
  if (!recipe)
    return px_fail_nomem(error);
  m->made[m->count++] = recipe;
  if (!px_json_is(size, PX_JSON_OBJECT))
    return px_fail(error, PIXAZO_E_ARGUMENT, "matrix key \"sizes\" takes objects of recipe keys");
  if (px_json_member(size, "width") || px_json_member(size, "height"))
    recipe->width = recipe->height = 0; /* who says one says both */
  PX_TRY(px_recipe_set_members(recipe, size, none, error));
  PX_TRY(pixazo_recipe_set_string(recipe, "format", word, error));
  return name_recipe(m, recipe, px_json_member(size, "name") != NULL, word, error);
}

static pixazo_status list_of(const px_json *root, const char *key, const px_json **list, pixazo_error **error)
{
  *list = px_json_member(root, key);
  if (px_json_is(*list, PX_JSON_ARRAY) && px_json_size(*list) > 0)
    return PIXAZO_OK;
  return px_fail(error, PIXAZO_E_ARGUMENT, "matrix key \"%s\" is needed: an array of at least one", key);
}

static pixazo_status expand(matrix *m, pixazo_error **error)
{
  size_t cells;
  if (!px_mul_size(px_json_size(m->sizes), px_json_size(m->formats), &cells) || cells > PIXAZO_RECIPES_MAX)
    return px_fail(error, PIXAZO_E_LIMIT, "the matrix has more than %d recipes", PIXAZO_RECIPES_MAX);
  m->made = px_calloc(cells, sizeof *m->made);
  if (!m->made)
    return px_fail_nomem(error);
  for (const px_json *size = px_json_first(m->sizes); size; size = px_json_next(size)) {
    for (const px_json *format = px_json_first(m->formats); format; format = px_json_next(format))
      PX_TRY(add(m, size, format, error));
  }
  return PIXAZO_OK;
}

pixazo_status pixazo_recipe_new_matrix(const char *json, pixazo_recipe **out, size_t capacity, size_t *count,
                                       pixazo_error **error)
{
  PX_REQUIRE(json, error, "json is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  PX_REQUIRE(count, error, "count is NULL");
  px_cleanup(px_json_done) px_json *root = NULL;
  px_cleanup(matrix_done) matrix m = {.count = 0};
  PX_TRY(px_recipe_parse(json, &root, error));
  PX_TRY(px_recipe_read(root, common, &m.base, error));
  PX_TRY(list_of(root, "sizes", &m.sizes, error));
  PX_TRY(list_of(root, "formats", &m.formats, error));
  PX_TRY(expand(&m, error));
  if (m.count > capacity)
    return px_fail(error, PIXAZO_E_LIMIT, "the matrix has %zu recipes, and there is room for %zu", m.count, capacity);
  memcpy(out, m.made, m.count * sizeof *out);
  *count = m.count;
  m.count = 0;
  return PIXAZO_OK;
}
