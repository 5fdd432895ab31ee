/* SPDX-License-Identifier: MIT */
/* What `pixazo providers` shows: the providers of the library and those of provider_files, and how each would be reached. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/writer.h"
#include "studio/config_accounts.h"

enum { JSON_MAX = 32 * 1024 * 1024 };

typedef struct listing {
  const pixazo_config *config;
  const px_config_accounts *accounts;
  const pixazo_client_options *options;
  px_json_writer *writer;
} listing;

static const char *path_of(const listing *self, const char *provider)
{
  const px_config_definitions *definitions = &self->accounts->definitions;
  for (size_t i = 0; i < definitions->count; i++) {
    if (px_str_equal(pixazo_provider_name(definitions->items[i]), provider))
      return definitions->paths[i];
  }
  return NULL;
}

static const pixazo_account *account_of(const listing *self, const char *provider)
{
  for (size_t i = 0; i < self->accounts->count; i++) {
    if (px_str_equal(self->accounts->items[i].provider, provider))
      return &self->accounts->items[i];
  }
  return NULL;
}

/* Of the client's own provider the key may stand in the options. */
static bool has_key(const listing *self, const char *provider)
{
  const pixazo_account *account = account_of(self, provider);
  if (account && account->api_key)
    return true;
  return self->options->api_key && px_str_equal(self->options->provider ? self->options->provider : "pixazo", provider);
}

static void put_access(const listing *self, const char *provider)
{
  const pixazo_account *account = account_of(self, provider);
  px_json_put_bool(self->writer, "has_key", has_key(self, provider));
  px_json_put_string(self->writer, "reached_at", account ? account->base_url : NULL);
  px_json_put_string(self->writer, "file", path_of(self, provider));
}

static void put_provider(const listing *self, const px_json *node)
{
  px_json_put_begin_object(self->writer, NULL);
  for (const px_json *member = px_json_first(node); member; member = px_json_next(member))
    px_json_put_tree(self->writer, px_json_name(member), member);
  put_access(self, px_json_text(px_json_member(node, "name")));
  px_json_put_end_object(self->writer);
}

/* `text`: as of pixazo_providers_to_json(). */
static pixazo_status put_all(const listing *self, const char *text, bool library, pixazo_error **error)
{
  px_cleanup(px_json_done) px_json *root = NULL;
  PX_TRY(px_json_parse(text, strlen(text), NULL, &root, error));
  for (const px_json *node = px_json_first(px_json_member(root, "providers")); node; node = px_json_next(node)) {
    if (!library || !path_of(self, px_json_text(px_json_member(node, "name"))))
      put_provider(self, node);
  }
  return PIXAZO_OK;
}

static pixazo_status put_list(const listing *self, pixazo_error **error)
{
  px_autofree char *library = NULL;
  PX_TRY(pixazo_providers_to_json(&library, error));
  PX_TRY(put_all(self, library, true, error));
  for (size_t i = 0; i < self->accounts->definitions.count; i++) {
    px_autofree char *text = NULL;
    PX_TRY(pixazo_provider_to_json(self->accounts->definitions.items[i], &text, error));
    PX_TRY(put_all(self, text, false, error));
  }
  return PIXAZO_OK;
}

pixazo_status pixazo_config_providers_to_json(const pixazo_config *config, char **out, pixazo_error **error)
{
  PX_REQUIRE(config && out, error, "config or out is NULL");
  px_auto(px_config_accounts) accounts = {.count = 0};
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(JSON_MAX);
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  PX_TRY(px_config_client(config, &options, &accounts, error));
  listing self = {config, &accounts, &options, &writer};
  px_json_put_begin_object(&writer, NULL);
  px_json_put_int64(&writer, "schema", 1);
  px_json_put_begin_array(&writer, "providers");
  PX_TRY(put_list(&self, error));
  px_json_put_end_array(&writer);
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}
