/* SPDX-License-Identifier: MIT */
#include "client/catalogue.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/str.h"
#include "client/builtin.h"
#include "client/overlay.h"

pixazo_provider *px_catalogue_definition(const px_accounts *accounts, const char *name)
{
  for (size_t i = 0; accounts && i < accounts->definition_count; i++) {
    if (px_str_equal(accounts->definitions[i]->row.name, name))
      return accounts->definitions[i];
  }
  return NULL;
}

const px_provider *px_catalogue_provider(const px_accounts *accounts, const char *name)
{
  const pixazo_provider *definition = px_catalogue_definition(accounts, name);
  return definition ? &definition->row : px_provider_find(name);
}

static pixazo_status add_definition(px_accounts *accounts, pixazo_provider *definition, pixazo_error **error)
{
  if (px_catalogue_definition(accounts, definition->row.name))
    return px_fail(error, PIXAZO_E_ARGUMENT, "provider %s has an account already", definition->row.name);
  size_t count = accounts->definition_count;
  pixazo_provider **grown = px_realloc_array(accounts->definitions, count + 1, sizeof(pixazo_provider *));
  if (!grown)
    return px_fail_nomem(error);
  accounts->definitions = grown;
  grown[accounts->definition_count++] = pixazo_provider_ref(definition);
  return PIXAZO_OK;
}

/* A built-in definition is read where it is asked for. */
static pixazo_status load_builtin(px_accounts *accounts, const char *name, size_t length, pixazo_error **error)
{
  const px_builtin *row = px_builtin_find(name, length);
  if (!row || px_catalogue_definition(accounts, row->name))
    return PIXAZO_OK;
  pixazo_provider *made = NULL;
  PX_TRY(pixazo_provider_new(row->json, &made, error));
  pixazo_status status = add_definition(accounts, made, error);
  (void)pixazo_provider_unref(made);
  return status;
}

/* The definition of an account, where it has one. */
static pixazo_status load(px_accounts *accounts, pixazo_provider *definition, const char *name, pixazo_error **error)
{
  if (!definition)
    return px_str_empty(name) ? PIXAZO_OK : load_builtin(accounts, name, strcspn(name, "/"), error);
  if (!px_str_empty(name) && !px_str_equal(name, definition->row.name))
    return px_fail(error, PIXAZO_E_ARGUMENT, "provider \"%.64s\" is not what the definition calls itself: %s", name,
                   definition->row.name);
  return add_definition(accounts, definition, error);
}

/* Definitions that a list of fallbacks names. */
static pixazo_status load_named(px_accounts *accounts, const char *list, pixazo_error **error)
{
  for (const char *at = list ? list : ""; *at; at += strspn(at, ", ")) {
    PX_TRY(load_builtin(accounts, at, strcspn(at, "/, "), error));
    at += strcspn(at, ", ");
  }
  return PIXAZO_OK;
}

static pixazo_status load_all(px_accounts *accounts, const pixazo_client_options *options, pixazo_error **error)
{
  const char *own = px_str_empty(options->provider) && !options->definition ? options->model : options->provider;
  PX_TRY(load(accounts, options->definition, own, error));
  for (size_t i = 0; i < options->account_count; i++) {
    pixazo_account copy;
    PX_REQUIRE(options->accounts[i], error, "an account is NULL");
    PX_TRY(px_options_copy(&copy, sizeof copy, options->accounts[i], "pixazo_account", error));
    pixazo_status status = load(accounts, copy.definition, copy.provider, error);
    if (status != PIXAZO_OK) {
      px_error_prefix(error, "account %zu", i + 1);
      return status;
    }
  }
  return load_named(accounts, options->fallback, error);
}

/* ---- changes to the catalogue ---- */

/* Puts a changed provider in the place of the one it changes. */
static pixazo_status change_provider(px_accounts *accounts, const px_place *place, pixazo_error **error)
{
  pixazo_provider *made = NULL;
  PX_TRY(load_builtin(accounts, place->name, strlen(place->name), error));
  const px_provider *base = px_catalogue_provider(accounts, place->name);
  pixazo_provider *definition = px_catalogue_definition(accounts, place->name);
  if (!base)
    return px_place_fail(place, error, "there is no such provider");
  PX_TRY(px_overlay_new(base, definition, place, &made, error));
  pixazo_status status = definition ? PIXAZO_OK : add_definition(accounts, made, error);
  for (size_t i = 0; definition && i < accounts->definition_count; i++) {
    if (accounts->definitions[i] != definition)
      continue;
    accounts->definitions[i] = pixazo_provider_ref(made);
    (void)pixazo_provider_unref(definition);
  }
  (void)pixazo_provider_unref(made);
  return status;
}

static pixazo_status change_all(px_accounts *accounts, const px_place *top, pixazo_error **error)
{
  PX_TRY(px_place_is(top, PX_JSON_OBJECT, error));
  for (const px_json *node = px_json_first(top->node); node; node = px_json_next(node)) {
    px_place place = px_place_child(top, node, 0);
    PX_TRY(change_provider(accounts, &place, error));
  }
  return PIXAZO_OK;
}

static pixazo_status change_catalogue(px_accounts *accounts, const char *json, pixazo_error **error)
{
  static const px_json_limits limits = {.max_bytes = PX_DEFINITION_MAX};
  px_cleanup(px_json_done) px_json *root = NULL;
  if (px_str_empty(json))
    return PIXAZO_OK;
  PX_TRY(px_json_parse_given(json, strlen(json), &limits, "models_json", &root, error));
  px_place top = {.node = root};
  pixazo_status status = change_all(accounts, &top, error);
  if (status == PIXAZO_E_ARGUMENT)
    px_error_prefix(error, "models_json");
  return status;
}

pixazo_status px_catalogue_load(px_accounts *accounts, const pixazo_client_options *options, pixazo_error **error)
{
  PX_TRY(load_all(accounts, options, error));
  return change_catalogue(accounts, options->models_json, error);
}
