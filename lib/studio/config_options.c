/* SPDX-License-Identifier: MIT */
/* From settings to options structs, handles and requests. */
#include "studio/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/str.h"
#include "json/writer.h"
#include "studio/config_accounts.h"

enum { DEFAULTS_MAX = 64 * 1024 };

static uint64_t whole(const px_config_key *key, const char *value)
{
  int64_t number = 0;
  if (key->type == PX_CONFIG_MODE)
    return strtoul(value, NULL, 8);
  (void)px_parse_int64(value, &number); /* values were checked when they were set */
  return (uint64_t)number;
}

static void store_number(const px_config_key *key, const char *value, void *member)
{
  uint64_t wide = whole(key, value);
  uint32_t narrow = (uint32_t)wide;
  switch (key->form) {
  case PX_CONFIG_U64:
    memcpy(member, &wide, sizeof wide);
    break;
  case PX_CONFIG_RETRIES:
    narrow = narrow == 0 ? PIXAZO_NO_RETRY : narrow;
    memcpy(member, &narrow, sizeof narrow);
    break;
  case PX_CONFIG_ORDINAL:
    narrow = (uint32_t)px_config_choice(key->choices, value);
    memcpy(member, &narrow, sizeof narrow);
    break;
  case PX_CONFIG_U32:
  case PX_CONFIG_I32:
  default:
    memcpy(member, &narrow, sizeof narrow);
    break;
  }
}

static void store(const px_config_key *key, const char *value, void *member)
{
  double number = 0;
  int64_t micros = 0;
  switch (key->form) {
  case PX_CONFIG_POINTER:
    memcpy(member, &value, sizeof value);
    break;
  case PX_CONFIG_DOUBLE:
    (void)px_parse_double(value, &number);
    memcpy(member, &number, sizeof number);
    break;
  case PX_CONFIG_MICROS:
    (void)px_parse_micros(value, &micros);
    memcpy(member, &micros, sizeof micros);
    break;
  case PX_CONFIG_NO_FIELD:
    break;
  case PX_CONFIG_U32:
  case PX_CONFIG_U64:
  case PX_CONFIG_I32:
  case PX_CONFIG_RETRIES:
  case PX_CONFIG_ORDINAL:
  default:
    store_number(key, value, member);
    break;
  }
}

void px_config_fill(const pixazo_config *config, px_config_target target, void *options)
{
  for (size_t i = 0; i < px_config_key_count(); i++) {
    const px_config_key *key = px_config_key_at(i);
    const char *value = key->target == target ? px_config_value(config, i) : NULL;
    if (value)
      store(key, value, (char *)options + key->offset);
  }
}

static pixazo_status defaults_json(const pixazo_config *config, char **out, pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(DEFAULTS_MAX);
  px_json_put_begin_object(&writer, NULL);
  for (size_t i = 0; i < px_config_key_count(); i++) {
    const px_config_key *key = px_config_key_at(i);
    const char *value = key->target == PX_CONFIG_REQUEST ? px_config_value(config, i) : NULL;
    if (!value)
      continue;
    if (key->type == PX_CONFIG_TEXT)
      px_json_put_string(&writer, key->name, value);
    else
      px_json_put_raw(&writer, key->name, value);
  }
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}

pixazo_status pixazo_config_apply(const pixazo_config *config, pixazo_request *request, pixazo_error **error)
{
  PX_REQUIRE(config && request, error, "config or request is NULL");
  px_autofree char *json = NULL;
  PX_TRY(defaults_json(config, &json, error));
  return pixazo_request_set_defaults(request, json, error);
}

pixazo_status pixazo_client_new_from_config(const pixazo_config *config, pixazo_client **out, pixazo_error **error)
{
  PX_REQUIRE(config && out, error, "config or out is NULL");
  px_auto(px_config_accounts) accounts = {.count = 0};
  pixazo_client_options options;
  pixazo_client_options_init(&options, sizeof options);
  PX_TRY(px_config_client(config, &options, &accounts, error));
  return pixazo_client_new(&options, out, error);
}

pixazo_status pixazo_exporter_new_from_config(const pixazo_config *config, pixazo_exporter **out, pixazo_error **error)
{
  PX_REQUIRE(config && out, error, "config or out is NULL");
  pixazo_exporter_options options;
  pixazo_exporter_options_init(&options, sizeof options);
  px_config_fill(config, PX_CONFIG_EXPORTER, &options);
  return pixazo_exporter_new(&options, out, error);
}

pixazo_status pixazo_repository_new_from_config(const pixazo_config *config, pixazo_repository **out, pixazo_error **error)
{
  PX_REQUIRE(config && out, error, "config or out is NULL");
  pixazo_repository_options options;
  pixazo_repository_options_init(&options, sizeof options);
  px_config_fill(config, PX_CONFIG_REPOSITORY, &options);
  if (!options.path)
    return px_fail(error, PIXAZO_E_ARGUMENT, "the setting \"database\" is needed: the database file");
  return pixazo_repository_new(&options, out, error);
}

pixazo_status pixazo_store_new_from_config(const pixazo_config *config, pixazo_store **out, pixazo_error **error)
{
  PX_REQUIRE(config && out, error, "config or out is NULL");
  pixazo_store_local_options options;
  pixazo_store_local_options_init(&options, sizeof options);
  px_config_fill(config, PX_CONFIG_STORE, &options);
  if (!options.directory)
    return px_fail(error, PIXAZO_E_ARGUMENT, "the setting \"store_directory\" is needed: where pictures are kept");
  return pixazo_store_new_local(&options, out, error);
}
