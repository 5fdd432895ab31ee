/* SPDX-License-Identifier: MIT */
/* The registry: it sits above its rows, and a new provider is one line here. */
#include "client/provider.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

static const px_provider *const providers[] = {&px_provider_pixazo, &px_provider_offline};

size_t px_provider_count(void)
{
  return PX_ARRAY_SIZE(providers);
}

const px_provider *px_provider_at(size_t index)
{
  return providers[index];
}

const px_provider *px_provider_find(const char *name)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(providers); i++) {
    if (px_str_equal(providers[i]->name, name))
      return providers[i];
  }
  return NULL;
}

const px_model *px_model_find(const px_provider *provider, const char *name)
{
  for (size_t i = 0; i < provider->model_count; i++) {
    if (px_str_equal(provider->models[i].name, name))
      return &provider->models[i];
  }
  return NULL;
}

static pixazo_status fail_unknown_provider(const char *name, pixazo_error **error)
{
  px_auto(px_buf) known = PX_BUF_INIT(512);
  for (size_t i = 0; i < PX_ARRAY_SIZE(providers); i++)
    (void)px_buf_printf(&known, "%s%s", i > 0 ? ", " : "", providers[i]->name);
  return px_fail(error, PIXAZO_E_ARGUMENT, "there is no provider \"%.64s\"; known: %s", name, px_buf_text(&known));
}

static pixazo_status fail_unknown_model(const px_provider *provider, const char *name, pixazo_error **error)
{
  px_auto(px_buf) known = PX_BUF_INIT(512);
  for (size_t i = 0; i < provider->model_count; i++)
    (void)px_buf_printf(&known, "%s%s/%s", i > 0 ? ", " : "", provider->name, provider->models[i].name);
  return px_fail(error, PIXAZO_E_ARGUMENT, "there is no model \"%.64s\" at provider %s; known: %s", name, provider->name,
                 px_buf_text(&known));
}

pixazo_status px_model_resolve(const char *name, const px_provider *fallback, const px_provider **provider,
                               const px_model **model, pixazo_error **error)
{
  char prefix[64];
  const char *slash = strchr(name, '/');
  const px_provider *found = fallback;
  const char *rest = name;
  if (slash) {
    size_t length = (size_t)(slash - name);
    length = length < sizeof prefix ? length : sizeof prefix - 1;
    memcpy(prefix, name, length);
    prefix[length] = '\0';
    found = px_provider_find(prefix);
    rest = slash + 1;
    if (!found)
      return fail_unknown_provider(prefix, error);
  } else if (px_provider_find(name)) {
    found = px_provider_find(name);
    rest = found->models[0].name;
  }
  const px_model *row = px_model_find(found, rest);
  if (!row)
    return fail_unknown_model(found, rest, error);
  *provider = found;
  *model = row;
  return PIXAZO_OK;
}

bool px_model_unbilled(const px_provider *provider, const px_model *model)
{
  return provider->billing.none || (model->price.known && model->price.micros == 0);
}
