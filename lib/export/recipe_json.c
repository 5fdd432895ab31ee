/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "export/recipe.h"
#include "json/writer.h"

enum { TEXT_MAX = 65536, SCHEMA = 1 };

pixazo_status pixazo_recipe_to_json(const pixazo_recipe *recipe, char **json, pixazo_error **error)
{
  PX_REQUIRE(recipe, error, "recipe is NULL");
  PX_REQUIRE(json, error, "json is NULL");
  px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(TEXT_MAX);
  px_json_put_begin_object(&w, NULL);
  px_json_put_int64(&w, "schema", SCHEMA);
  const px_recipe_key *row;
  for (size_t i = 0; (row = px_recipe_key_at(i)) != NULL; i++) {
    char text[96];
    if (row->kind != PX_RECIPE_INT) {
      px_recipe_value_text(recipe, row, text, sizeof text);
      px_json_put_string(&w, row->key, text);
    } else if (px_recipe_value_int(recipe, row) >= 0) {
      px_json_put_int64(&w, row->key, px_recipe_value_int(recipe, row));
    }
  }
  px_json_put_end_object(&w);
  return px_json_writer_finish(&w, json, error);
}

static pixazo_status set_member(pixazo_recipe *recipe, const px_json *member, pixazo_error **error)
{
  const char *key = px_json_name(member);
  if (px_json_is(member, PX_JSON_STRING))
    return pixazo_recipe_set_string(recipe, key, px_json_text(member), error);
  int64_t number = 0;
  bool truth = false;
  if (px_json_is(member, PX_JSON_BOOL)) {
    PX_TRY(px_json_get_bool(member, "", &truth, error));
    number = truth;
  } else if (!px_json_is(member, PX_JSON_NUMBER) || px_json_get_int64(member, "", &number, NULL) != PIXAZO_OK) {
    return px_fail(error, PIXAZO_E_ARGUMENT, "recipe key \"%.80s\" needs a text or a whole number", key);
  }
  return pixazo_recipe_set_int(recipe, key, number, error);
}

static bool is_among(const char *key, const char *const *words)
{
  for (size_t i = 0; words[i]; i++) {
    if (px_str_equal(key, words[i]))
      return true;
  }
  return false;
}

pixazo_status px_recipe_set_members(pixazo_recipe *recipe, const px_json *object, const char *const *skip,
                                    pixazo_error **error)
{
  for (const px_json *member = px_json_first(object); member; member = px_json_next(member)) {
    if (!is_among(px_json_name(member), skip) && !px_json_is(member, PX_JSON_NULL))
      PX_TRY(set_member(recipe, member, error));
  }
  return PIXAZO_OK;
}

static pixazo_status start(const px_json *root, pixazo_recipe **out, pixazo_error **error)
{
  int64_t schema = SCHEMA;
  const char *name = NULL;
  if (!px_json_is(root, PX_JSON_OBJECT))
    return px_fail(error, PIXAZO_E_ARGUMENT, "a recipe is a JSON object");
  if (px_json_may_int64(root, "schema", &schema, NULL) != PIXAZO_OK || schema != SCHEMA)
    return px_fail(error, PIXAZO_E_ARGUMENT, "recipe key \"schema\" takes 1 only");
  if (px_json_may_string(root, "recipe", &name, NULL) != PIXAZO_OK)
    return px_fail(error, PIXAZO_E_ARGUMENT, "recipe key \"recipe\" takes the name of a recipe");
  return name ? pixazo_recipe_new_named(name, out, error) : pixazo_recipe_new(out, error);
}

static void recipe_done(pixazo_recipe **recipe)
{
  pixazo_recipe_free(*recipe);
}

pixazo_status px_recipe_read(const px_json *object, const char *const *skip, pixazo_recipe **out, pixazo_error **error)
{
  px_cleanup(recipe_done) pixazo_recipe *recipe = NULL;
  PX_TRY(start(object, &recipe, error));
  PX_TRY(px_recipe_set_members(recipe, object, skip, error));
  *out = px_steal(&recipe);
  return PIXAZO_OK;
}

pixazo_status px_recipe_parse(const char *json, px_json **root, pixazo_error **error)
{
  const px_json_limits limits = {.max_bytes = TEXT_MAX};
  px_autoerror why = NULL;
  pixazo_status status = px_json_parse(json, strlen(json), &limits, root, &why);
  if (status == PIXAZO_E_NOMEM)
    return px_fail_nomem(error);
  if (status != PIXAZO_OK)
    return px_fail(error, PIXAZO_E_ARGUMENT, "the recipe is not valid JSON: %s", pixazo_error_message(why));
  return PIXAZO_OK;
}

pixazo_status pixazo_recipe_new_from_json(const char *json, pixazo_recipe **out, pixazo_error **error)
{
  static const char *const skip[] = {"schema", "recipe", NULL};
  PX_REQUIRE(json, error, "json is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  px_cleanup(px_json_done) px_json *root = NULL;
  PX_TRY(px_recipe_parse(json, &root, error));
  return px_recipe_read(root, skip, out, error);
}
