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
  px_free(config);
}

void px_config_scoped(pixazo_config **config)
{
  pixazo_config_free(*config);
}

px_config_layer px_config_layer_of(const pixazo_config *config, int key)
{
  for (int layer = PX_LAYERS - 1; layer >= 0; layer--) {
    if (config->values[layer][key])
      return (px_config_layer)layer;
  }
  return PX_LAYERS;
}

static const char *value_of(const pixazo_config *config, int key)
{
  px_config_layer layer = px_config_layer_of(config, key);
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

pixazo_status px_config_put(pixazo_config *config, int key, px_config_layer layer, const char *value, pixazo_error **error)
{
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
  *out = px_steal(&copy);
  return PIXAZO_OK;
}

void px_config_draft_done(px_config_draft *draft)
{
  for (size_t key = 0; key < px_config_key_count(); key++)
    drop(&draft->values[key]);
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

void px_config_draft_add(px_config_draft *draft, int index, const char *origin, const char *text)
{
  const px_config_key *key = px_config_key_at((size_t)index);
  while (px_ascii_is_space(*text))
    text++;
  size_t length = strlen(text);
  while (length > 0 && px_ascii_is_space(text[length - 1]))
    length--;
  char *value = px_strndup(text, length);
  if (!value) {
    draft->status = PIXAZO_E_NOMEM;
    return;
  }
  pixazo_status status = px_config_key_check(key, value);
  if (status == PIXAZO_OK) {
    drop(&draft->values[index]);
    draft->values[index] = value;
    return;
  }
  if (status == PIXAZO_E_NOMEM)
    draft->status = status;
  px_auto(px_buf) range = PX_BUF_INIT(512);
  px_config_key_describe(key, &range);
  if (key->secret)
    px_config_draft_problem(draft, "%s (not shown): want %s", origin, px_buf_text(&range));
  else
    px_config_draft_problem(draft, "%s=\"%.64s\": want %s", origin, value, px_buf_text(&range));
  px_free_secret(value);
}

pixazo_status px_config_draft_apply(px_config_draft *draft, pixazo_config *config, px_config_layer layer, const char *where,
                                    pixazo_error **error)
{
  if (draft->status == PIXAZO_E_NOMEM || (draft->problems.failed && draft->problems.size == 0))
    return px_fail_nomem(error);
  if (draft->problems.size > 0)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s%s%s", where, where[0] ? ": " : "", px_buf_text(&draft->problems));
  for (size_t key = 0; key < px_config_key_count(); key++) {
    if (!draft->values[key])
      continue;
    drop(&config->values[layer][key]);
    config->values[layer][key] = px_steal(&draft->values[key]);
  }
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
  return px_config_put(config, key, PX_LAYER_PRESET, name, error);
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
  int index = px_config_key_find(key);
  if (index < 0)
    return unknown_key(key, error);
  if (!value)
    return px_config_put(config, index, PX_LAYER_SET, NULL, error);
  px_auto(px_config_draft) draft = PX_CONFIG_DRAFT_INIT;
  px_config_draft_add(&draft, index, key, value);
  return px_config_draft_apply(&draft, config, PX_LAYER_SET, "", error);
}

const char *pixazo_config_get(const pixazo_config *config, const char *key)
{
  int index = config && key ? px_config_key_find(key) : -1;
  return index < 0 ? NULL : value_of(config, index);
}

const char *pixazo_config_source(const pixazo_config *config, const char *key)
{
  static const char *const names[] = {"preset", "key file", "file", "env", "set", "default"};
  int index = config && key ? px_config_key_find(key) : -1;
  return index < 0 ? "" : names[px_config_layer_of(config, index)];
}
