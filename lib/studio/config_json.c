/* SPDX-License-Identifier: MIT */
#include "studio/config.h"

#include "base/error.h"
#include "base/mem.h"
#include "json/writer.h"

enum { JSON_MAX = 1024 * 1024 };

static void put_key(px_json_writer *writer, const pixazo_config *config, const px_config_key *key)
{
  px_auto(px_buf) range = PX_BUF_INIT(512);
  const char *value = pixazo_config_get(config, key->name);
  px_config_key_describe(key, &range);
  px_json_put_begin_object(writer, NULL);
  px_json_put_string(writer, "key", key->name);
  px_json_put_string(writer, "value", value && key->secret ? "(set)" : value);
  px_json_put_string(writer, "source", pixazo_config_source(config, key->name));
  px_json_put_string(writer, "default", key->fallback);
  if (key->otherwise)
    px_json_put_string(writer, "otherwise", key->otherwise);
  px_json_put_string(writer, "allowed", px_buf_text(&range));
  px_json_put_string(writer, "variable", key->variable);
  px_json_put_bool(writer, "secret", key->secret);
  px_json_put_string(writer, "meaning", key->meaning);
  px_json_put_end_object(writer);
}

pixazo_status pixazo_config_to_json(const pixazo_config *config, char **out, pixazo_error **error)
{
  PX_REQUIRE(config && out, error, "config or out is NULL");
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(JSON_MAX);
  px_json_put_begin_object(&writer, NULL);
  px_json_put_int64(&writer, "schema", 1);
  px_json_put_begin_array(&writer, "settings");
  for (size_t i = 0; i < px_config_key_count(); i++)
    put_key(&writer, config, px_config_key_at(i));
  for (const px_config_named *each = config->named; each; each = each->next) {
    if (px_config_named_value(each, NULL))
      put_key(&writer, config, &each->key);
  }
  px_json_put_end_array(&writer);
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}
