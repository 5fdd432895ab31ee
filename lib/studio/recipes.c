/* SPDX-License-Identifier: MIT */
#include "studio/recipes.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

/* A format by its own name: the picture at its own size, with the quality of the settings. */
static const struct {
  const char *name;
  const char *setting;
  const char *recipe_key;
} formats[] = {{"png", "png_level", "level"}, {"jpeg", "jpeg_quality", "quality"}, {"webp", "webp_quality", "quality"}};

void px_recipes_done(px_recipes *recipes)
{
  for (size_t i = 0; i < recipes->count; i++)
    pixazo_recipe_free(recipes->items[i]);
  recipes->count = 0;
}

static pixazo_status fill_format(pixazo_recipe *recipe, const pixazo_config *config, size_t format, pixazo_error **error)
{
  int64_t number = 0;
  (void)px_parse_int64(pixazo_config_get(config, formats[format].setting), &number);
  PX_TRY(pixazo_recipe_set_string(recipe, "name", formats[format].name, error));
  PX_TRY(pixazo_recipe_set_string(recipe, "format", formats[format].name, error));
  return pixazo_recipe_set_int(recipe, formats[format].recipe_key, number, error);
}

static pixazo_status add(px_recipes *recipes, const pixazo_config *config, const char *name, pixazo_error **error)
{
  size_t format = 0;
  while (format < PX_ARRAY_SIZE(formats) && !px_str_equal(formats[format].name, name))
    format++;
  if (recipes->count == PX_RECIPES_MAX)
    return px_fail(error, PIXAZO_E_ARGUMENT, "renditions: at most %d", PX_RECIPES_MAX);
  pixazo_recipe **slot = &recipes->items[recipes->count];
  if (format == PX_ARRAY_SIZE(formats)) {
    pixazo_status status = pixazo_recipe_new_named(name, slot, error);
    if (status == PIXAZO_OK)
      recipes->count++;
    else
      px_error_prefix(error, "renditions (png, jpeg, webp, none or a named recipe)");
    return status;
  }
  PX_TRY(pixazo_recipe_new(slot, error));
  recipes->count++;
  return fill_format(*slot, config, format, error);
}

pixazo_status px_recipes_from_config(const pixazo_config *config, px_recipes *recipes, pixazo_error **error)
{
  const char *names = pixazo_config_get(config, "renditions");
  if (px_str_equal(names, "none"))
    return PIXAZO_OK;
  for (const char *at = names; at;) {
    const char *comma = strchr(at, ',');
    size_t length = comma ? (size_t)(comma - at) : strlen(at);
    while (length > 0 && *at == ' ')
      at++, length--;
    while (length > 0 && at[length - 1] == ' ')
      length--;
    px_autofree char *name = px_strndup(at, length);
    if (!name)
      return px_fail_nomem(error);
    PX_TRY(add(recipes, config, name, error));
    at = comma ? comma + 1 : NULL;
  }
  return PIXAZO_OK;
}
