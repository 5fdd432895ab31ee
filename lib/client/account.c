/* SPDX-License-Identifier: MIT */
#include "client/account.h"

#include <stdio.h>
#include <string.h>

#include <pixazo/version.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/str.h"
#include "client/builtin.h"
#include "client/catalogue.h"
#include "client/header.h"
#include "net/url.h"

enum { KEY_MAX = 4096, MODEL_NAME_MAX = 200, HEADERS_SIZE_MAX = 4096 };

void px_accounts_done(px_accounts *accounts)
{
  for (size_t i = 0; i < accounts->count; i++) {
    px_account *account = &accounts->items[i];
    px_free(account->model_name);
    px_free_secret(account->api_key);
    px_free_secret(account->secret_header);
    px_free(account->base_url);
    px_free(account->headers);
  }
  px_free(accounts->items);
  for (size_t i = 0; i < accounts->definition_count; i++)
    (void)pixazo_provider_unref(accounts->definitions[i]);
  px_free(accounts->definitions);
  *accounts = (px_accounts){NULL, 0, NULL, 0};
}

size_t px_account_lines(const px_account *account, const char **lines)
{
  size_t count = 0;
  lines[count++] = "Cache-Control: no-cache";
  lines[count++] = "User-Agent: libpixazo/" PIXAZO_VERSION_STRING;
  const char *line = account->headers;
  for (size_t i = 0; i < account->header_count; i++, line += strlen(line) + 1)
    lines[count++] = line;
  return count;
}

const px_account *px_account_find(const px_accounts *accounts, const px_provider *provider)
{
  for (size_t i = 0; accounts && i < accounts->count; i++) {
    if (accounts->items[i].provider == provider)
      return &accounts->items[i];
  }
  return NULL;
}

/* ---- names ---- */

static pixazo_status fail_unknown_provider(const px_accounts *accounts, const char *name, pixazo_error **error)
{
  px_auto(px_buf) known = PX_BUF_INIT(1024);
  for (size_t i = 0; i < px_provider_count(); i++)
    (void)px_buf_printf(&known, "%s%s", i > 0 ? ", " : "", px_provider_at(i)->name);
  for (size_t i = 0; accounts && i < accounts->definition_count; i++)
    (void)px_buf_printf(&known, ", %s", accounts->definitions[i]->row.name);
  for (size_t i = 0; i < px_builtin_count(); i++) {
    if (px_str_equal(px_builtin_at(i)->name, name)) {
      (void)px_fail(error, PIXAZO_E_AUTH, "provider %s is reached through an account; this client has none for it", name);
      px_error_hint(error, "give the client an account for that provider");
      return PIXAZO_E_AUTH;
    }
    if (!px_catalogue_definition(accounts, px_builtin_at(i)->name))
      (void)px_buf_printf(&known, ", %s", px_builtin_at(i)->name);
  }
  return px_fail(error, PIXAZO_E_ARGUMENT, "there is no provider \"%.64s\"; known: %s", name, px_buf_text(&known));
}

static pixazo_status fail_unknown_model(const px_provider *provider, const char *name, pixazo_error **error)
{
  px_auto(px_buf) known = PX_BUF_INIT(2048);
  for (size_t i = 0; i < provider->model_count; i++)
    (void)px_buf_printf(&known, "%s%s/%s", i > 0 ? ", " : "", provider->name, provider->models[i].name);
  return px_fail(error, PIXAZO_E_ARGUMENT, "there is no model \"%.64s\" at provider %s; known: %s", name, provider->name,
                 px_buf_text(&known));
}

/* The name of a model that is not listed goes into bodies and addresses. */
static bool good_model_name(const char *name)
{
  size_t length = strlen(name);
  for (size_t i = 0; i < length; i++) {
    if (name[i] <= 0x20 || name[i] >= 0x7F || name[i] == '"' || name[i] == '\\')
      return false;
  }
  return length > 0 && length <= MODEL_NAME_MAX;
}

static pixazo_status resolve_model(const px_provider *provider, const char *name, px_target *out, pixazo_error **error)
{
  const px_model *row = px_model_find(provider, name);
  if (!row && provider->other && good_model_name(name))
    row = provider->other;
  if (!row)
    return fail_unknown_model(provider, name, error);
  out->provider = provider;
  out->model = row;
  out->name = row == provider->other ? name : row->name;
  return PIXAZO_OK;
}

static void resolve_default(const px_provider *provider, const px_account *account, px_target *out)
{
  bool chosen = account && account->model;
  *out = (px_target){.provider = provider,
                     .model = chosen ? account->model : &provider->models[0],
                     .name = chosen ? account->model_name : provider->models[0].name,
                     .account = account};
}

pixazo_status px_target_provider(const px_accounts *accounts, const char *name, px_target *out, pixazo_error **error)
{
  const px_provider *found = px_catalogue_provider(accounts, name);
  if (!found)
    return fail_unknown_provider(accounts, name, error);
  resolve_default(found, px_account_find(accounts, found), out);
  return PIXAZO_OK;
}

pixazo_status px_target_resolve(const px_accounts *accounts, const char *name, const px_provider *fallback, px_target *out,
                                pixazo_error **error)
{
  char prefix[64];
  const char *slash = strchr(name, '/');
  px_target found = {0};
  if (!slash && px_catalogue_provider(accounts, name))
    return px_target_provider(accounts, name, out, error);
  if (slash) {
    size_t length = (size_t)(slash - name);
    length = length < sizeof prefix ? length : sizeof prefix - 1;
    memcpy(prefix, name, length);
    prefix[length] = '\0';
    PX_TRY(px_target_provider(accounts, prefix, &found, error));
    PX_TRY(resolve_model(found.provider, slash + 1, &found, error));
  } else if (fallback) {
    PX_TRY(resolve_model(px_catalogue_provider(accounts, fallback->name), name, &found, error));
  } else {
    return fail_unknown_provider(accounts, name, error);
  }
  found.account = px_account_find(accounts, found.provider);
  *out = found;
  return PIXAZO_OK;
}

pixazo_status px_target_access(const px_target *target, pixazo_error **error)
{
  if (target->account && !target->account->missing)
    return PIXAZO_OK;
  (void)px_fail(error, PIXAZO_E_AUTH, "provider %s needs an API key and this client has none for it", target->provider->name);
  px_error_hint(error, target->account && target->provider->key_hint ? target->provider->key_hint
                                                                     : "give the client an account for that provider");
  return PIXAZO_E_AUTH;
}

/* ---- making ---- */

/* A header line goes out as it is, so the key must not be able to begin a second one. The key is never quoted. */
static pixazo_status check_key(const char *key, pixazo_error **error)
{
  size_t length = strlen(key);
  for (size_t i = 0; i < length; i++) {
    if (key[i] <= 0x20 || key[i] >= 0x7F)
      return px_fail(error, PIXAZO_E_ARGUMENT,
                     "api_key: character %zu is a blank, a control character or not ASCII; was a line break copied with it?",
                     i + 1);
  }
  return length <= KEY_MAX ? PIXAZO_OK : px_fail(error, PIXAZO_E_ARGUMENT, "api_key: more than %d characters", KEY_MAX);
}

/* "Name: prefix key", or the key in base64 for HTTP Basic. */
static pixazo_status make_secret_header(px_account *account, pixazo_error **error)
{
  const px_provider *provider = account->provider;
  const char *key = account->api_key;
  const char *prefix = provider->key_prefix ? provider->key_prefix : "";
  size_t length = strlen(key);
  char *encoded = NULL;
  if (provider->key_basic) {
    encoded = px_malloc((length + 2) / 3 * 4 + 1);
    if (!encoded)
      return px_fail_nomem(error);
    px_base64_encode(key, length, encoded);
    key = encoded;
    length = strlen(encoded);
  }
  size_t size = strlen(provider->key_header) + strlen(prefix) + length + 3;
  account->secret_header = px_malloc(size);
  if (account->secret_header)
    (void)snprintf(account->secret_header, size, "%s: %s%s", provider->key_header, prefix, key);
  px_free_secret(encoded);
  return account->secret_header ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status set_key(px_account *account, const char *key, pixazo_error **error)
{
  const px_provider *provider = account->provider;
  if (px_str_empty(key)) {
    if (!provider->key_hint)
      return PIXAZO_OK;
    (void)px_fail(error, PIXAZO_E_AUTH, "provider %s needs an API key and none is given", provider->name);
    px_error_hint(error, provider->key_hint);
    return PIXAZO_E_AUTH;
  }
  PX_TRY(check_key(key, error));
  account->api_key = px_strdup(key);
  if (!account->api_key)
    return px_fail_nomem(error);
  return provider->key_header ? make_secret_header(account, error) : PIXAZO_OK;
}

/* Scheme, host, port and a path: anything else in a base URL is a mistake that would leak or mislead. */
static pixazo_status set_base_url(px_account *account, const char *given, pixazo_error **error)
{
  const char *url = px_str_empty(given) ? account->provider->base_url : given;
  if (!account->provider->base_url)
    return PIXAZO_OK;
  px_url parsed;
  pixazo_status status = px_url_parse(url, &parsed, error);
  if (status != PIXAZO_OK) {
    px_error_prefix(error, "base_url");
    return status;
  }
  if (strpbrk(url, "?#"))
    return px_fail(error, PIXAZO_E_ARGUMENT, "base_url: a query or fragment does not belong there (host %s)", parsed.host);
  size_t length = strlen(url);
  while (length > parsed.path && url[length - 1] == '/')
    length--;
  account->base_url = px_strndup(url, length);
  return account->base_url ? PIXAZO_OK : px_fail_nomem(error);
}

/* Such lines are neither masked in what comes back nor kept out of what is shown. */
static pixazo_status check_header(const px_account *account, const char *name, size_t length, pixazo_error **error)
{
  px_header_kind kind = px_header_kind_of(name, length, account->provider->key_header);
  int shown = length < 64 ? (int)length : 64;
  if (kind == PX_HEADER_FREE)
    return PIXAZO_OK;
  if (kind == PX_HEADER_OWN)
    return px_fail(error, PIXAZO_E_ARGUMENT, "headers: \"%.*s\" is written by the library", shown, name);
  (void)px_fail(error, PIXAZO_E_ARGUMENT, "headers: \"%.*s\" holds a key, and header lines are not kept secret", shown, name);
  px_error_hint(error, "give the key as api_key of the account; a definition says in which header it goes (auth)");
  return PIXAZO_E_ARGUMENT;
}

/* "Name: value" lines with line feeds between. What they hold is checked once more by the engine. */
static pixazo_status set_headers(px_account *account, const char *given, pixazo_error **error)
{
  px_auto(px_buf) all = PX_BUF_INIT(HEADERS_SIZE_MAX);
  const char *own = account->definition ? account->definition->headers : NULL;
  if (px_str_empty(given) && px_str_empty(own))
    return PIXAZO_OK;
  (void)px_buf_printf(&all, "%s%s%s", own ? own : "", own && !px_str_empty(given) ? "\n" : "", given ? given : "");
  if (all.over)
    return px_fail(error, PIXAZO_E_ARGUMENT, "headers: more than %d bytes", HEADERS_SIZE_MAX);
  account->headers = px_buf_steal(&all);
  if (!account->headers)
    return px_fail_nomem(error);
  for (char *line = account->headers; *line;) {
    char *end = line + strcspn(line, "\n");
    bool last = *end == '\0';
    const char *colon = memchr(line, ':', (size_t)(end - line));
    if (!colon || colon == line || ++account->header_count > PX_ACCOUNT_HEADERS_MAX)
      return px_fail(error, PIXAZO_E_ARGUMENT, "headers: want at most %d lines of \"Name: value\"", PX_ACCOUNT_HEADERS_MAX);
    PX_TRY(check_header(account, line, (size_t)(colon - line), error));
    *end = '\0';
    line = last ? end : end + 1;
  }
  return PIXAZO_OK;
}

static pixazo_status set_model(px_account *account, const px_target *target, pixazo_error **error)
{
  account->model = target->model;
  account->model_name = px_strdup(target->name);
  return account->model_name ? PIXAZO_OK : px_fail_nomem(error);
}

static px_account *add_account(px_accounts *accounts, const px_provider *provider)
{
  px_account *grown = px_realloc_array(accounts->items, accounts->count + 1, sizeof *grown);
  if (!grown)
    return NULL;
  accounts->items = grown;
  pixazo_provider *definition = px_catalogue_definition(accounts, provider->name);
  grown[accounts->count] = (px_account){.provider = provider, .definition = definition};
  return &grown[accounts->count++];
}

static pixazo_status fail_account(size_t index, pixazo_status status, pixazo_error **error)
{
  if (status != PIXAZO_OK)
    px_error_prefix(error, "account %zu", index + 1);
  return status;
}

/* The client's own provider and model, as its options name them. */
static pixazo_status choose_first(const px_accounts *named, const pixazo_client_options *options, px_target *out,
                                  pixazo_error **error)
{
  const char *name = px_str_empty(options->provider) ? px_provider_at(0)->name : options->provider;
  if (px_str_empty(options->provider) && options->model && strchr(options->model, '/'))
    return px_target_resolve(named, options->model, px_provider_at(0), out, error);
  PX_TRY(px_target_provider(named, name, out, error));
  if (px_str_empty(options->model))
    return PIXAZO_OK;
  const px_provider *provider = out->provider;
  PX_TRY(px_target_resolve(named, options->model, provider, out, error));
  if (out->provider != provider)
    return px_fail(error, PIXAZO_E_ARGUMENT, "model \"%.64s\" is not of provider %s", options->model, provider->name);
  return PIXAZO_OK;
}

static const char *name_of(const char *name, const pixazo_provider *definition)
{
  return definition ? definition->row.name : name;
}

/* The client's own provider may have its key and address in an account too. *index: which one; SIZE_MAX: none. */
static pixazo_status find_own(const pixazo_client_options *options, const px_provider *provider, pixazo_account *own,
                              size_t *index, pixazo_error **error)
{
  *index = SIZE_MAX;
  if (!px_str_empty(options->api_key) || !px_str_empty(options->base_url))
    return PIXAZO_OK;
  for (size_t i = 0; i < options->account_count && *index == SIZE_MAX; i++) {
    PX_REQUIRE(options->accounts[i], error, "an account is NULL");
    PX_TRY(px_options_copy(own, sizeof *own, options->accounts[i], "pixazo_account", error));
    if (px_str_equal(name_of(own->provider, own->definition), provider->name))
      *index = i;
  }
  return PIXAZO_OK;
}

static pixazo_status add_first(px_accounts *accounts, const pixazo_client_options *options, size_t *own_index,
                               pixazo_error **error)
{
  px_target target = {0};
  pixazo_account own;
  pixazo_client_options named = *options;
  named.provider = name_of(options->provider, options->definition);
  PX_TRY(choose_first(accounts, &named, &target, error));
  PX_TRY(find_own(options, target.provider, &own, own_index, error));
  bool given = *own_index != SIZE_MAX;
  if (given && px_str_empty(options->model) && !px_str_empty(own.model))
    PX_TRY(px_target_resolve(accounts, own.model, target.provider, &target, error));
  px_account *account = add_account(accounts, target.provider);
  if (!account)
    return px_fail_nomem(error);
  PX_TRY(set_model(account, &target, error));
  PX_TRY(set_base_url(account, given ? own.base_url : options->base_url, error));
  PX_TRY(set_headers(account, given ? own.headers : NULL, error));
  const char *key = given ? own.api_key : options->api_key;
  account->missing = px_str_empty(key) && account->provider->key_hint && !px_str_empty(options->fallback);
  return account->missing ? PIXAZO_OK : set_key(account, key, error);
}

static pixazo_status add_given(px_accounts *accounts, const pixazo_account *given, pixazo_error **error)
{
  px_target target = {0};
  const char *name = name_of(given->provider, given->definition);
  PX_TRY(px_target_provider(accounts, name ? name : "", &target, error));
  if (px_account_find(accounts, target.provider))
    return px_fail(error, PIXAZO_E_ARGUMENT, "provider %s has an account already", target.provider->name);
  if (!px_str_empty(given->model))
    PX_TRY(px_target_resolve(accounts, given->model, target.provider, &target, error));
  px_account *account = add_account(accounts, target.provider);
  if (!account)
    return px_fail_nomem(error);
  PX_TRY(set_model(account, &target, error));
  PX_TRY(set_base_url(account, given->base_url, error));
  PX_TRY(set_headers(account, given->headers, error));
  account->missing = given->key_later && px_str_empty(given->api_key) && account->provider->key_hint;
  return account->missing ? PIXAZO_OK : set_key(account, given->api_key, error);
}

static pixazo_status add_all_given(px_accounts *accounts, const pixazo_client_options *options, size_t own,
                                   pixazo_error **error)
{
  for (size_t i = 0; i < options->account_count; i++) {
    pixazo_account copy;
    if (i == own)
      continue;
    PX_TRY(px_options_copy(&copy, sizeof copy, options->accounts[i], "pixazo_account", error));
    PX_TRY(fail_account(i, add_given(accounts, &copy, error), error));
  }
  return PIXAZO_OK;
}

static pixazo_status add_if_keyless(px_accounts *accounts, const px_provider *provider, pixazo_error **error)
{
  if (provider->key_hint || px_account_find(accounts, provider))
    return PIXAZO_OK;
  px_account *account = add_account(accounts, provider);
  if (!account)
    return px_fail_nomem(error);
  PX_TRY(set_base_url(account, NULL, error));
  return set_headers(account, NULL, error);
}

/* What works without a key can be asked for by name at any time. */
static pixazo_status add_keyless(px_accounts *accounts, pixazo_error **error)
{
  for (size_t i = 0; i < px_provider_count(); i++)
    PX_TRY(add_if_keyless(accounts, px_provider_at(i), error));
  for (size_t i = 0; i < accounts->definition_count; i++)
    PX_TRY(add_if_keyless(accounts, &accounts->definitions[i]->row, error));
  return PIXAZO_OK;
}

pixazo_status px_accounts_make(px_accounts *accounts, const pixazo_client_options *options, pixazo_error **error)
{
  px_auto(px_accounts) made = {NULL, 0, NULL, 0};
  size_t own = SIZE_MAX;
  if (options->account_count > PX_ACCOUNTS_MAX || (options->account_count > 0 && !options->accounts))
    return px_fail(error, PIXAZO_E_ARGUMENT, "account_count: more than %d, or accounts is NULL", PX_ACCOUNTS_MAX);
  PX_TRY(px_catalogue_load(&made, options, error));
  PX_TRY(add_first(&made, options, &own, error));
  PX_TRY(add_all_given(&made, options, own, error));
  PX_TRY(add_keyless(&made, error));
  *accounts = made;
  made = (px_accounts){NULL, 0, NULL, 0};
  return PIXAZO_OK;
}
