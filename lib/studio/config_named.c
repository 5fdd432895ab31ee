/* SPDX-License-Identifier: MIT */
#include "studio/config_named.h"

#include <stdio.h>
#include <string.h>

#include <pixazo/client.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

static const struct {
  const char *field;
  const char *variable; /* what its variables begin with; NULL: they have none */
  size_t offset;
  bool secret;
  const char *otherwise;
  const char *meaning;
} fields[] = {
    {"api_key", "PIXAZO_KEY_", offsetof(pixazo_account, api_key), true, "~/.pixazo/keys/NAME when it is there",
     "key of that provider; it goes to its address only"},
    {"base_url", "PIXAZO_URL_", offsetof(pixazo_account, base_url), false, "the provider's public address",
     "where that provider is"},
    {"model", NULL, offsetof(pixazo_account, model), false, "the provider's first",
     "model that is asked for where only that provider is named"},
};

static size_t field_of(const char *name)
{
  size_t i = 0;
  while (i < PX_ARRAY_SIZE(fields) && strcmp(fields[i].field, name) != 0)
    i++;
  return i;
}

/* Letters and digits of a name, and '_' for what may stand between them. */
static bool simplify(const char *given, size_t length, char *out)
{
  for (size_t i = 0; i < length; i++) {
    if (!px_ascii_is_alnum(given[i]) && !strchr("-_.", given[i]))
      return false;
    out[i] = px_ascii_is_alnum(given[i]) ? px_ascii_lower(given[i]) : '_';
  }
  out[length] = '\0';
  return length > 0;
}

bool px_config_named_name(const char *given, char name[PX_NAMED_SIZE])
{
  const char *dot = strrchr(given, '.');
  size_t field = dot ? field_of(dot + 1) : PX_ARRAY_SIZE(fields);
  if (field == PX_ARRAY_SIZE(fields) || strlen(given) >= PX_NAMED_SIZE)
    return false;
  size_t length = (size_t)(dot - given);
  if (!simplify(given, length, name) || strcmp(name, "pixazo") == 0 || strcmp(name, "offline") == 0)
    return false;
  (void)snprintf(name + length, PX_NAMED_SIZE - length, ".%s", fields[field].field);
  return true;
}

bool px_config_named_variable(const char *variable, char name[PX_NAMED_SIZE])
{
  char given[PX_NAMED_SIZE];
  for (size_t i = 0; i < PX_ARRAY_SIZE(fields); i++) {
    if (!fields[i].variable || !px_str_starts(variable, fields[i].variable))
      continue;
    int size = snprintf(given, sizeof given, "%s.%s", variable + strlen(fields[i].variable), fields[i].field);
    return size < (int)sizeof given && px_config_named_name(given, name);
  }
  return false;
}

bool px_config_named_means(const char *kept, const char *provider)
{
  char simple[PX_NAMED_SIZE];
  size_t length = strlen(provider);
  return length < sizeof simple && simplify(provider, length, simple) && strcmp(simple, kept) == 0;
}

px_config_named *px_config_named_find(px_config_named *list, const char *name)
{
  while (list && strcmp(list->name, name) != 0)
    list = list->next;
  return list;
}

static void name_variable(px_config_named *named, const char *prefix)
{
  (void)snprintf(named->variable, sizeof named->variable, "%s%s", prefix, named->provider);
  for (char *at = named->variable; *at; at++)
    *at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
}

static void describe(px_config_named *named)
{
  const char *dot = strrchr(named->name, '.');
  size_t field = field_of(dot + 1);
  (void)snprintf(named->provider, sizeof named->provider, "%.*s", (int)(dot - named->name), named->name);
  if (fields[field].variable)
    name_variable(named, fields[field].variable);
  named->key = (px_config_key){.name = named->name,
                               .variable = fields[field].variable ? named->variable : NULL,
                               .otherwise = fields[field].otherwise,
                               .type = PX_CONFIG_TEXT,
                               .target = PX_CONFIG_ACCOUNT,
                               .form = PX_CONFIG_POINTER,
                               .secret = fields[field].secret,
                               .offset = fields[field].offset,
                               .account = named->provider,
                               .meaning = fields[field].meaning};
}

px_config_named *px_config_named_get(px_config_named **list, const char *name)
{
  px_config_named *found = px_config_named_find(*list, name);
  if (found)
    return found;
  px_config_named *made = px_calloc(1, sizeof *made);
  if (!made)
    return NULL;
  (void)snprintf(made->name, sizeof made->name, "%s", name);
  describe(made);
  while (*list && strcmp((*list)->name, name) < 0)
    list = &(*list)->next;
  made->next = *list;
  *list = made;
  return made;
}

const char *px_config_named_value(const px_config_named *named, px_config_layer *layer)
{
  for (int i = PX_LAYERS - 1; named && i >= 0; i--) {
    if (!named->values[i])
      continue;
    if (layer)
      *layer = (px_config_layer)i;
    return named->values[i];
  }
  return NULL;
}

pixazo_status px_config_named_put(px_config_named **list, const char *name, px_config_layer layer, const char *value,
                                  pixazo_error **error)
{
  px_config_named *named = value ? px_config_named_get(list, name) : px_config_named_find(*list, name);
  char *copy = px_strdup(value);
  if (value && (!copy || !named)) {
    px_free_secret(copy);
    return px_fail_nomem(error);
  }
  if (!named)
    return PIXAZO_OK;
  px_free_secret(named->values[layer]);
  named->values[layer] = copy;
  return PIXAZO_OK;
}

pixazo_status px_config_named_copy(const px_config_named *list, px_config_named **out, pixazo_error **error)
{
  for (; list; list = list->next) {
    for (int layer = 0; layer < PX_LAYERS; layer++) {
      if (list->values[layer])
        PX_TRY(px_config_named_put(out, list->name, (px_config_layer)layer, list->values[layer], error));
    }
  }
  return PIXAZO_OK;
}

void px_config_named_free(px_config_named **list)
{
  while (*list) {
    px_config_named *next = (*list)->next;
    for (int layer = 0; layer < PX_LAYERS; layer++)
      px_free_secret((*list)->values[layer]);
    px_free(*list);
    *list = next;
  }
}
