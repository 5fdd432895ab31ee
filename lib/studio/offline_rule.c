/* SPDX-License-Identifier: MIT */
#include "studio/offline_rule.h"

#include "base/mem.h"
#include "base/str.h"

static bool is_default(const pixazo_config *config, const char *key)
{
  return px_str_equal(pixazo_config_source(config, key), "default");
}

static bool is_named(const pixazo_config *config)
{
  static const char *const names[] = {"provider", "model", "base_url", "api_key"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(names); i++) {
    if (!is_default(config, names[i]))
      return true;
  }
  return false;
}

bool px_offline_wanted(const pixazo_config *config)
{
  const char *model = pixazo_config_get(config, "model");
  if (model && px_str_starts(model, PX_OFFLINE_PROVIDER "/"))
    return is_default(config, "provider");
  return !is_named(config);
}

const char *px_offline_note(const pixazo_config *config)
{
  if (is_named(config))
    return "offline test pictures, as asked for: no AI service is called";
  return "offline test pictures: no provider is configured; set PIXAZO_API_KEY for real ones";
}
