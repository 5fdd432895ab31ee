/* SPDX-License-Identifier: MIT */
#include "studio/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

static void drop(char **slot)
{
  px_free_secret(*slot); /* which of the values are secret is not worth a branch */
  *slot = NULL;
}

pixazo_status pixazo_config_new(pixazo_config **out, pixazo_error **error)
{
  PX_REQUIRE(out, error, "out is NULL");
  pixazo_config *config = px_calloc(1, sizeof *config);
  if (!config)
    return px_fail_nomem(error);
  *out = config;
  return PIXAZO_OK;
}

void pixazo_config_free(pixazo_config *config)
{
  if (!config)
    return;
  for (int layer = 0; layer < PX_LAYERS; layer++) {
    for (size_t key = 0; key < px_config_key_count(); key++)
      drop(&config->values[layer][key]);
  }
  px_config_named_free(&config->named);
  px_free(config);
}

void px_config_scoped(pixazo_config **config)
{
  pixazo_config_free(*config);
}

/* Layer that gives the value; PX_LAYERS when it is the default. */
static px_config_layer layer_of(const pixazo_config *config, int key)
{
  for (int layer = PX_LAYERS - 1; layer >= 0; layer--) {
    if (config->values[layer][key])
      return (px_config_layer)layer;
  }
  return PX_LAYERS;
}

static const char *value_of(const pixazo_config *config, int key)
{
  px_config_layer layer = layer_of(config, key);
  return layer == PX_LAYERS ? px_config_key_at((size_t)key)->fallback : config->values[layer][key];
}

static pixazo_status replace(char **slot, const char *value, pixazo_error **error)
{
  char *copy = px_strdup(value);
  if (value && !copy)
    return px_fail_nomem(error);
  drop(slot);
  *slot = copy;
  return PIXAZO_OK;
}

/* Makes the lowest layer hold what the preset in force says, and its own name. */
static pixazo_status refresh_preset(pixazo_config *config, pixazo_error **error)
{
  const px_config_default *values = NULL;
  size_t count = 0;
  int self = px_config_key_find("preset");
  char **layer = config->values[PX_LAYER_PRESET];
  if (!px_config_preset(value_of(config, self), &values, &count))
    return px_fail(error, PIXAZO_E_INTERNAL, "preset \"%s\" is in the table of settings only", value_of(config, self));
  for (size_t key = 0; key < px_config_key_count(); key++) {
    if ((int)key != self)
      drop(&layer[key]);
  }
  for (size_t i = 0; i < count; i++)
    PX_TRY(replace(&layer[px_config_key_find(values[i].key)], values[i].value, error));
  return PIXAZO_OK;
}

bool px_config_is_setting(const char *name)
{
  char kept[PX_NAMED_SIZE];
  return px_config_key_find(name) >= 0 || px_config_named_name(name, kept);
}

pixazo_status px_config_put(pixazo_config *config, const char *name, px_config_layer layer, const char *value,
                            pixazo_error **error)
{
  char kept[PX_NAMED_SIZE];
  int key = px_config_key_find(name);
  if (key < 0 && px_config_named_name(name, kept))
    return px_config_named_put(&config->named, kept, layer, value, error);
  PX_TRY(replace(&config->values[layer][key], value, error));
  return key == px_config_key_find("preset") ? refresh_preset(config, error) : PIXAZO_OK;
}

pixazo_status px_config_copy(const pixazo_config *config, pixazo_config **out, pixazo_error **error)
{
  px_cleanup(px_config_scoped) pixazo_config *copy = NULL;
  PX_TRY(pixazo_config_new(&copy, error));
  for (int layer = 0; layer < PX_LAYERS; layer++) {
    for (size_t key = 0; key < px_config_key_count(); key++)
      PX_TRY(replace(&copy->values[layer][key], config->values[layer][key], error));
  }
  PX_TRY(px_config_named_copy(config->named, &copy->named, error));
  *out = px_steal(&copy);
  return PIXAZO_OK;
}

void px_config_draft_done(px_config_draft *draft)
{
  for (size_t key = 0; key < px_config_key_count(); key++)
    drop(&draft->values[key]);
  px_config_named_free(&draft->named);
  px_buf_done(&draft->problems);
}

void px_config_draft_problem(px_config_draft *draft, const char *format, ...)
{
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (draft->problems.size > 0)
    px_buf_add_text(&draft->problems, "; ");
  px_buf_add_text(&draft->problems, text);
}

/* The row, and where the draft keeps its value; NULL: no memory. */
static char **slot_of(px_config_draft *draft, const char *name, const px_config_key **row)
{
  char kept[PX_NAMED_SIZE];
  int index = px_config_key_find(name);
  if (index >= 0) {
    *row = px_config_key_at((size_t)index);
    return &draft->values[index];
  }
  px_config_named *named = px_config_named_name(name, kept) ? px_config_named_get(&draft->named, kept) : NULL;
  *row = named ? &named->key : NULL;
  return named ? &named->values[0] : NULL;
}

static void refuse(px_config_draft *draft, const px_config_key *key, const char *origin, const char *value)
{
  px_auto(px_buf) range = PX_BUF_INIT(512);
  px_config_key_describe(key, &range);
  if (key->secret)
    px_config_draft_problem(draft, "%s (not shown): want %s", origin, px_buf_text(&range));
  else
    px_config_draft_problem(draft, "%s=\"%.64s\": want %s", origin, value, px_buf_text(&range));
}

void px_config_draft_add(px_config_draft *draft, const char *name, const char *origin, const char *text)
{
  const px_config_key *key = NULL;
  char **slot = slot_of(draft, name, &key);
  while (px_ascii_is_space(*text))
    text++;
  size_t length = strlen(text);
  while (length > 0 && px_ascii_is_space(text[length - 1]))
    length--;
  char *value = slot ? px_strndup(text, length) : NULL;
  if (!value) {
    draft->status = PIXAZO_E_NOMEM;
    return;
  }
  pixazo_status status = px_config_key_check(key, value);
  if (status == PIXAZO_OK) {
    drop(slot);
    *slot = value;
    return;
  }
  if (status == PIXAZO_E_NOMEM)
    draft->status = status;
  refuse(draft, key, origin, value);
  px_free_secret(value);
}

/* Makes room for what is applied, so that nothing can fail half-way. */
static pixazo_status reserve(const px_config_draft *draft, pixazo_config *config, pixazo_error **error)
{
  for (const px_config_named *each = draft->named; each; each = each->next) {
    if (!px_config_named_get(&config->named, each->name))
      return px_fail_nomem(error);
  }
  return PIXAZO_OK;
}

static void move(char **to, char **from)
{
  if (!*from)
    return;
  drop(to);
  *to = px_steal(from);
}

pixazo_status px_config_draft_apply(px_config_draft *draft, pixazo_config *config, px_config_layer layer, const char *where,
                                    pixazo_error **error)
{
  if (draft->status == PIXAZO_E_NOMEM || (draft->problems.failed && draft->problems.size == 0))
    return px_fail_nomem(error);
  if (draft->problems.size > 0)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s%s%s", where, where[0] ? ": " : "", px_buf_text(&draft->problems));
  PX_TRY(reserve(draft, config, error));
  for (size_t key = 0; key < px_config_key_count(); key++)
    move(&config->values[layer][key], &draft->values[key]);
  for (px_config_named *each = draft->named; each; each = each->next)
    move(&px_config_named_find(config->named, each->name)->values[layer], &each->values[0]);
  return refresh_preset(config, error);
}

pixazo_status pixazo_config_load_preset(pixazo_config *config, const char *name, pixazo_error **error)
{
  PX_REQUIRE(config && name, error, "config or name is NULL");
  const px_config_default *values;
  size_t count;
  int key = px_config_key_find("preset");
  if (!px_config_preset(name, &values, &count))
    return px_fail(error, PIXAZO_E_NOT_FOUND, "there is no preset \"%.64s\"; there are: %s", name,
                   px_config_key_at((size_t)key)->choices);
  return px_config_put(config, "preset", PX_LAYER_PRESET, name, error);
}

static pixazo_status unknown_key(const char *key, pixazo_error **error)
{
  const char *near = px_config_key_nearest(key);
  return px_fail(error, PIXAZO_E_ARGUMENT, "there is no setting \"%.64s\"%s%s%s", key, near ? "; did you mean \"" : "",
                 near ? near : "", near ? "\"?" : "");
}

pixazo_status pixazo_config_set(pixazo_config *config, const char *key, const char *value, pixazo_error **error)
{
  PX_REQUIRE(config && key, error, "config or key is NULL");
  if (!px_config_is_setting(key))
    return unknown_key(key, error);
  if (!value)
    return px_config_put(config, key, PX_LAYER_SET, NULL, error);
  px_auto(px_config_draft) draft = PX_CONFIG_DRAFT_INIT;
  px_config_draft_add(&draft, key, key, value);
  return px_config_draft_apply(&draft, config, PX_LAYER_SET, "", error);
}

/* Value in force and its layer, PX_LAYERS for a default; false: there is no such setting. */
static bool look_up(const pixazo_config *config, const char *key, const char **value, px_config_layer *layer)
{
  char kept[PX_NAMED_SIZE];
  int index = config && key ? px_config_key_find(key) : -1;
  *layer = PX_LAYERS;
  if (index >= 0) {
    *layer = layer_of(config, index);
    *value = value_of(config, index);
    return true;
  }
  if (!config || !key || !px_config_named_name(key, kept))
    return false;
  *value = px_config_named_value(px_config_named_find(config->named, kept), layer);
  return true;
}

const char *px_config_value(const pixazo_config *config, size_t key)
{
  return value_of(config, (int)key);
}

const char *pixazo_config_get(const pixazo_config *config, const char *key)
{
  const char *value = NULL;
  px_config_layer layer;
  return look_up(config, key, &value, &layer) ? value : NULL;
}

const char *pixazo_config_source(const pixazo_config *config, const char *key)
{
  static const char *const names[] = {"preset", "key file", "file", "env", "set", "default"};
  const char *value = NULL;
  px_config_layer layer;
  return look_up(config, key, &value, &layer) ? names[layer] : "";
}
