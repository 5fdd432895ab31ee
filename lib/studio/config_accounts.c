/* SPDX-License-Identifier: MIT */
#include "studio/config_accounts.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

static const char keeper[] = "pixazo"; /* whose key and address are api_key and base_url */

void px_config_accounts_done(px_config_accounts *accounts)
{
  for (size_t i = 0; i < accounts->count; i++)
    px_buf_done(&accounts->headers[i]);
  accounts->count = 0;
  px_config_definitions_done(&accounts->definitions);
  px_json_done(&accounts->catalogue);
}

static pixazo_account *find(px_config_accounts *accounts, const char *provider)
{
  for (size_t i = 0; i < accounts->count; i++) {
    if (px_str_equal(accounts->items[i].provider, provider))
      return &accounts->items[i];
  }
  return NULL;
}

static pixazo_account *add(px_config_accounts *accounts, const char *provider)
{
  if (accounts->count == PX_CONFIG_ACCOUNTS_MAX)
    return NULL;
  accounts->headers[accounts->count] = (px_buf)PX_BUF_INIT(PX_CONFIG_HEADERS_MAX);
  pixazo_account *added = &accounts->items[accounts->count++];
  *added = (pixazo_account)PIXAZO_ACCOUNT_INIT;
  added->provider = provider;
  return added;
}

/* PIXAZO_API_KEY, PIXAZO_GATEWAY_URL and the file of the key say in their names whose they are. */
static bool is_keepers(const pixazo_config *config, const char *key)
{
  const char *source = pixazo_config_source(config, key);
  return px_str_equal(source, "env") || px_str_equal(source, "key file");
}

/* Whether this provider is the client's own. */
static bool is_own(const pixazo_client_options *options, const char *name)
{
  size_t length = strlen(name);
  bool by_model = !options->provider && options->model && strncmp(options->model, name, length) == 0 &&
                  options->model[length] == '/';
  return by_model || px_str_equal(options->provider, name);
}

/* Whether api_key was given for whoever the client's own provider is. */
static bool has_own_key(const pixazo_config *config, const pixazo_client_options *options)
{
  return options->api_key && !is_keepers(config, "api_key");
}

/* Whether a provider has all it cannot be reached without. */
static bool is_complete(const pixazo_config *config, const pixazo_client_options *options, const char *provider)
{
  if (is_own(options, provider) && has_own_key(config, options))
    return true;
  for (size_t i = 0; i < px_config_key_count(); i++) {
    const px_config_key *key = px_config_key_at(i);
    if (key->required && px_str_equal(key->account, provider) && !pixazo_config_get(config, key->name))
      return false;
  }
  return true;
}

static pixazo_status find_or_add(px_config_accounts *accounts, const char *provider, pixazo_account **out, pixazo_error **error)
{
  *out = find(accounts, provider);
  if (!*out)
    *out = add(accounts, provider);
  return *out ? PIXAZO_OK
              : px_fail(error, PIXAZO_E_ARGUMENT, "more than %d providers in the settings", PX_CONFIG_ACCOUNTS_MAX);
}

static void set_member(pixazo_account *account, const px_config_key *key, const char *value)
{
  memcpy((char *)account + key->offset, &value, sizeof value);
}

static pixazo_status take(px_config_accounts *accounts, const px_config_key *key, const char *value, pixazo_error **error)
{
  pixazo_account *account = NULL;
  PX_TRY(find_or_add(accounts, key->account, &account, error));
  if (!key->header) {
    set_member(account, key, value);
    return PIXAZO_OK;
  }
  px_buf *headers = &accounts->headers[account - accounts->items];
  if (!px_buf_printf(headers, "%s%s: %s", headers->size > 0 ? "\n" : "", key->header, value))
    return px_fail_nomem(error);
  account->headers = px_buf_text(headers);
  return PIXAZO_OK;
}

static pixazo_status take_definitions(px_config_accounts *accounts, pixazo_error **error)
{
  for (size_t i = 0; i < accounts->definitions.count; i++) {
    pixazo_account *account = NULL;
    PX_TRY(find_or_add(accounts, pixazo_provider_name(accounts->definitions.items[i]), &account, error));
    account->definition = accounts->definitions.items[i];
    account->key_later = 1;
  }
  return PIXAZO_OK;
}

static pixazo_status load_catalogue(px_config_accounts *accounts, pixazo_error **error)
{
  px_autofree char *text = NULL;
  if (accounts->catalogue)
    return PIXAZO_OK;
  PX_TRY(pixazo_providers_to_json(&text, error));
  return px_json_parse(text, strlen(text), NULL, &accounts->catalogue, error);
}

/* The provider that "my_sd" means; *out NULL: there is none. Two are one too many: a key must not go to the wrong one. */
static pixazo_status find_meant(px_config_accounts *accounts, const px_config_named *named, const char **out,
                                pixazo_error **error)
{
  *out = NULL;
  PX_TRY(load_catalogue(accounts, error));
  const px_json *node = px_json_first(px_json_member(accounts->catalogue, "providers"));
  for (; node && !*out; node = px_json_next(node)) {
    const char *name = px_json_text(px_json_member(node, "name"));
    *out = px_config_named_means(named->provider, name) ? name : NULL;
  }
  for (size_t i = 0; i < accounts->definitions.count; i++) {
    const char *name = pixazo_provider_name(accounts->definitions.items[i]);
    if (!px_config_named_means(named->provider, name))
      continue;
    if (*out && !px_str_equal(*out, name))
      return px_fail(error, PIXAZO_E_ARGUMENT, "%s: providers \"%s\" and \"%s\" would share it; rename one", named->name, *out,
                     name);
    *out = name;
  }
  return PIXAZO_OK;
}

static pixazo_status take_named(px_config_accounts *accounts, const px_config_named *named, pixazo_error **error)
{
  px_config_layer layer = PX_LAYERS;
  pixazo_account *account = NULL;
  const char *provider = NULL;
  const char *value = px_config_named_value(named, &layer);
  if (!value)
    return PIXAZO_OK;
  PX_TRY(find_meant(accounts, named, &provider, error));
  if (!provider && (layer == PX_LAYER_ENV || layer == PX_LAYER_KEY_FILE))
    return PIXAZO_OK; /* a home and a shell serve many programs */
  if (!provider)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s: there is no provider \"%s\"; provider_files names definitions of further ones",
                   named->name, named->provider);
  PX_TRY(find_or_add(accounts, provider, &account, error));
  set_member(account, &named->key, value);
  account->key_later = 1;
  return PIXAZO_OK;
}

static pixazo_status take_all(const pixazo_config *config, const pixazo_client_options *options,
                              px_config_accounts *accounts, pixazo_error **error)
{
  for (size_t i = 0; i < px_config_key_count(); i++) {
    const px_config_key *key = px_config_key_at(i);
    const char *value = key->target == PX_CONFIG_ACCOUNT ? pixazo_config_get(config, key->name) : NULL;
    if (value && is_complete(config, options, key->account))
      PX_TRY(take(accounts, key, value, error));
  }
  PX_TRY(px_config_definitions_load(config, &accounts->definitions, error));
  PX_TRY(take_definitions(accounts, error));
  for (const px_config_named *each = config->named; each; each = each->next)
    PX_TRY(take_named(accounts, each, error));
  return PIXAZO_OK;
}

/* A model with a provider before it names that one where nothing else does. */
static void choose_provider(const pixazo_config *config, pixazo_client_options *options)
{
  bool silent = px_str_equal(pixazo_config_source(config, "provider"), "default");
  if (silent && options->model && strchr(options->model, '/'))
    options->provider = NULL;
}

static bool is_elsewhere(const pixazo_client_options *options)
{
  size_t length = strlen(keeper);
  if (options->provider)
    return !px_str_equal(options->provider, keeper);
  return options->model && !(strncmp(options->model, keeper, length) == 0 && options->model[length] == '/');
}

static void keep_at_home(const pixazo_config *config, pixazo_client_options *options)
{
  if (is_keepers(config, "api_key"))
    options->api_key = NULL;
  if (is_keepers(config, "base_url"))
    options->base_url = NULL;
}

/* The account of the client's own provider; NULL: it has none, and api_key and base_url are its own. */
static pixazo_account *own_of(px_config_accounts *accounts, const pixazo_client_options *options)
{
  for (size_t i = 0; i < accounts->count; i++) {
    if (is_own(options, accounts->items[i].provider))
      return &accounts->items[i];
  }
  return NULL;
}

pixazo_status px_config_client(const pixazo_config *config, pixazo_client_options *options, px_config_accounts *accounts,
                               pixazo_error **error)
{
  px_config_fill(config, PX_CONFIG_CLIENT, options);
  choose_provider(config, options);
  PX_TRY(take_all(config, options, accounts, error));
  pixazo_account *own = own_of(accounts, options);
  if (own && !own->api_key && has_own_key(config, options)) {
    own->api_key = options->api_key;
    options->api_key = NULL;
  }
  if (own && options->api_key) {
    pixazo_account *pixazo = add(accounts, keeper);
    if (!pixazo)
      return px_fail(error, PIXAZO_E_INTERNAL, "more than %d accounts in the settings", PX_CONFIG_ACCOUNTS_MAX);
    pixazo->api_key = options->api_key;
    pixazo->base_url = options->base_url;
    options->api_key = options->base_url = NULL;
  }
  if (is_elsewhere(options))
    keep_at_home(config, options);
  if (own && !own->base_url)
    own->base_url = options->base_url;
  if (own)
    options->base_url = NULL; /* its account has it */
  for (size_t i = 0; i < accounts->count; i++)
    accounts->list[i] = &accounts->items[i];
  options->accounts = accounts->list;
  options->account_count = accounts->count;
  return PIXAZO_OK;
}
