/* SPDX-License-Identifier: MIT */
/**
 * @file config.h
 * Settings by name, from presets, files, the environment and the program, with a memory of where each came from.
 *
 * Nothing is read by itself: handles never look at the environment or at $HOME. A program that wants
 * that calls pixazo_config_load_*(). Precedence, highest first, whatever the order of the calls: pixazo_config_set(),
 * environment, configuration file, key file, preset, default. docs/configuration.md lists every key; it is made from the
 * same table that this parser uses.
 *
 * Beside these keys every provider, of the library or of provider_files, has "NAME.api_key", "NAME.base_url" and "NAME.model";
 * their variables are PIXAZO_KEY_NAME and PIXAZO_URL_NAME in capitals with '_' for '-' and '.', and the key may stand in the
 * file ~/.pixazo/keys/NAME. "openai.api_key" is another name of openai_api_key. Keys of providers that there are none of are left
 * aside where they come from the environment or a key file, and are an error elsewhere.
 *
 * One thread while it is built, read-only when used.
 */
#ifndef PIXAZO_CONFIG_H
#define PIXAZO_CONFIG_H

#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/client.h>
#include <pixazo/error.h>
#include <pixazo/exporter.h>
#include <pixazo/repository.h>
#include <pixazo/request.h>
#include <pixazo/store.h>

PIXAZO_BEGIN_DECLS

/** Settings; sole owner; pixazo_config_free. */
typedef struct pixazo_config pixazo_config;

/** Makes settings with defaults only. @param[out] out owned, pixazo_config_free.
 *  @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_config_new(pixazo_config **out, pixazo_error **error);

/** Applies a preset: "default", "pixazo-mcp", "pixazo-mcp-s2", "playground", "dev" or "prod". It sets defaults only.
 *  The key "preset" from any other source wins over it. @return PIXAZO_OK, PIXAZO_E_NOT_FOUND (the message lists the presets),
 *  PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_config_load_preset(pixazo_config *config, const char *name, pixazo_error **error);

/** Reads the PIXAZO_* variables. @return PIXAZO_OK; PIXAZO_E_ARGUMENT: every variable at fault is named with its value
 *  and the allowed range, and none is applied; PIXAZO_E_NOMEM. A variable that is set but empty counts as absent; a program
 *  with raised privileges (set-user-id) sees none of them. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_config_load_env(pixazo_config *config, pixazo_error **error);

/** Reads a JSON file whose members are keys; all are applied or none. @return PIXAZO_OK; PIXAZO_E_NOT_FOUND;
 *  PIXAZO_E_LIMIT (over 1 MiB); PIXAZO_E_ARGUMENT (no JSON object; all members at fault are named; also a
 *  secret in a file that others may read or write, or that is another user's); PIXAZO_E_IO; PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_config_load_file(pixazo_config *config, const char *path, pixazo_error **error);

/** Reads the members of a JSON object as if each were given to pixazo_config_set(); all are applied or none. @return
 *  PIXAZO_OK, PIXAZO_E_LIMIT (over 1 MiB), PIXAZO_E_ARGUMENT (no JSON object; all members at fault are named),
 *  PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_config_load_json(pixazo_config *config, const char *json, pixazo_error **error);

/**
 * Reads the key of the Pixazo gateway from a file of one line, unless a key is set already.
 * @param path NULL means ~/.pixazo/api-key, and for other providers each file ~/.pixazo/keys/NAME
 * @return PIXAZO_OK (also when a key was set already); PIXAZO_E_NOT_FOUND (absent; those of other providers are read all the
 *         same); PIXAZO_E_AUTH (it may not be opened; others may read or write it: its mode must be 0600; or it is another user's); PIXAZO_E_ARGUMENT (not one line
 *         with a key); PIXAZO_E_IO; PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_config_load_key_file(pixazo_config *config, const char *path, pixazo_error **error);

/** Sets one key from text. NULL removes what was set. @return PIXAZO_OK, PIXAZO_E_ARGUMENT (unknown key with the nearest
 *  known one, or a value out of range), PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_config_set(pixazo_config *config, const char *key, const char *value, pixazo_error **error);

/** Value of a key as text; borrowed until it changes; NULL when unknown or without a value. @since 0.1 */
PIXAZO_API const char *pixazo_config_get(const pixazo_config *config, const char *key);

/** Where the value of a key came from: "set", "file", "env", "preset", "key file", "default"; static; "" for an
 *  unknown key. @since 0.1 */
PIXAZO_API const char *pixazo_config_source(const pixazo_config *config, const char *key);

/** All keys with value, source, default, allowed range, variable and meaning; secrets are shown as "(set)".
 *  @param[out] out owned, pixazo_free. @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_config_to_json(const pixazo_config *config, char **out, pixazo_error **error);

/** Fills a request's unset parameters (width, height, steps, guidance, seed, model ...) from the settings.
 *  @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_config_apply(const pixazo_config *config, pixazo_request *request, pixazo_error **error);

/** A client from the settings, without log, gate and hooks. @param[out] out owned, pixazo_client_unref.
 *  @return as pixazo_client_new(). @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_client_new_from_config(const pixazo_config *config, pixazo_client **out, pixazo_error **error);

/** An exporter from the settings. @param[out] out owned, pixazo_exporter_unref.
 *  @return as pixazo_exporter_new(). @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_exporter_new_from_config(const pixazo_config *config, pixazo_exporter **out, pixazo_error **error);

/** A repository from the settings; the key "database" is required. @param[out] out owned, pixazo_repository_unref.
 *  @return as pixazo_repository_new(). @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_new_from_config(const pixazo_config *config, pixazo_repository **out, pixazo_error **error);

/** A local store from the settings; the key "store_directory" is required. @param[out] out owned, pixazo_store_unref.
 *  @return as pixazo_store_new_local(). @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_store_new_from_config(const pixazo_config *config, pixazo_store **out, pixazo_error **error);

/**
 * The providers that a client made from these settings can be asked for: as pixazo_providers_to_json(), with those of
 * provider_files behind, or in the place of the library's with the same name. Each has further members: "has_key", "reached_at"
 * (its base_url in the settings, else null) and "file" (its definition, else null). No key is shown.
 * @param[out] out owned, pixazo_free
 * @return PIXAZO_OK; PIXAZO_E_ARGUMENT (a file that cannot be read or has mistakes, with its place; a setting of a provider that
 *         there is none of); PIXAZO_E_LIMIT; PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_config_providers_to_json(const pixazo_config *config, char **out, pixazo_error **error);

/** Frees the settings; secrets are wiped. NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_config_free(pixazo_config *config);

PIXAZO_END_DECLS

#endif
