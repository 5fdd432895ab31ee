/* SPDX-License-Identifier: MIT */
#include <pixazo/studio.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/str.h"
#include "studio/config_accounts.h"
#include "studio/offline_rule.h"
#include "studio/price.h"
#include "studio/recipes.h"
#include "studio/spending.h"

enum { DIRECTORY_MODE = 0750 };

struct pixazo_studio {
  /* constant */
  char *directory; /* absolute */
  pixazo_config *config;
  pixazo_client *client;
  pixazo_store *store;
  pixazo_exporter *exporter;
  pixazo_repository *repository;
  pixazo_pipeline *pipeline;
  pixazo_log *log;
  const char *note; /* a literal */
  /* synced */
  atomic_flag priced; /* the first paid call was announced */
};

void pixazo_studio_options_init(pixazo_studio_options *options, size_t size)
{
  px_options_init(options, size);
}

void pixazo_studio_close(pixazo_studio *studio)
{
  if (!studio)
    return;
  pixazo_pipeline_free(studio->pipeline);
  pixazo_client_unref(studio->client);
  pixazo_store_unref(studio->store);
  pixazo_exporter_unref(studio->exporter);
  pixazo_repository_unref(studio->repository);
  px_log_deliver(studio->log);
  pixazo_log_unref(studio->log);
  pixazo_config_free(studio->config);
  px_free(studio->directory);
  px_free(studio);
}

static void close_scoped(pixazo_studio **studio)
{
  pixazo_studio_close(*studio);
}

static void unref_gate(pixazo_gate **gate)
{
  pixazo_gate_unref(*gate);
}

static pixazo_status enter_directory(pixazo_studio *studio, const char *directory, pixazo_error **error)
{
  PX_TRY(px_directory_make(directory, DIRECTORY_MODE, error));
  char *real = realpath(directory, NULL);
  if (!real)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot resolve %s", directory);
  studio->directory = px_strdup(real);
  free(real);
  return studio->directory ? PIXAZO_OK : px_fail_nomem(error);
}

/* The setting, or "<directory>/<name>"; owned. */
static char *path_or(const pixazo_studio *studio, const char *key, const char *name)
{
  const char *given = pixazo_config_get(studio->config, key);
  if (given)
    return px_strdup(given);
  px_auto(px_buf) path = PX_BUF_INIT(PX_PATH_MAX);
  px_buf_printf(&path, "%s%s%s", studio->directory, name[0] ? "/" : "", name);
  return px_buf_steal(&path);
}

static pixazo_status open_repository(pixazo_studio *studio, pixazo_error **error)
{
  px_autofree char *database = path_or(studio, "database", "pixazo.db");
  px_autofree char *media_root = path_or(studio, "media_root", "");
  if (!database || !media_root)
    return px_fail_nomem(error);
  pixazo_repository_options options;
  pixazo_repository_options_init(&options, sizeof options);
  options.convert_legacy = 1;
  px_config_fill(studio->config, PX_CONFIG_REPOSITORY, &options);
  options.path = database;
  options.media_root = media_root;
  options.log = studio->log;
  return pixazo_repository_new(&options, &studio->repository, error);
}

static pixazo_status open_store(pixazo_studio *studio, pixazo_error **error)
{
  px_autofree char *directory = path_or(studio, "store_directory", "");
  if (!directory)
    return px_fail_nomem(error);
  pixazo_store_local_options options;
  pixazo_store_local_options_init(&options, sizeof options);
  px_config_fill(studio->config, PX_CONFIG_STORE, &options);
  options.directory = directory;
  options.log = studio->log;
  return pixazo_store_new_local(&options, &studio->store, error);
}

static pixazo_status open_client(pixazo_studio *studio, const pixazo_studio_options *given, pixazo_error **error)
{
  px_cleanup(unref_gate) pixazo_gate *gate = NULL;
  px_auto(px_config_accounts) accounts = {.count = 0};
  PX_TRY(pixazo_repository_gate(studio->repository, &gate, error));
  PX_TRY(px_spending_limit_gate(studio->config, gate, error));
  pixazo_client_options options;
  pixazo_client_options_init(&options, sizeof options);
  PX_TRY(px_config_client(studio->config, &options, &accounts, error));
  if (px_offline_wanted(studio->config))
    options.provider = PX_OFFLINE_PROVIDER;
  if (px_str_equal(options.provider, PX_OFFLINE_PROVIDER)) {
    studio->note = px_offline_note(studio->config);
    px_log(studio->log, PIXAZO_LOG_WARNING, "studio", "%s", studio->note);
  }
  options.gate = gate;
  options.log = studio->log;
  options.on_progress = given->on_progress;
  options.on_progress_data = given->on_progress_data;
  options.on_retry = given->on_retry;
  options.on_retry_data = given->on_retry_data;
  pixazo_status status = pixazo_client_new(&options, &studio->client, error);
  if (status == PIXAZO_E_AUTH && px_str_equal(options.provider, "pixazo"))
    px_error_hint(error, PX_KEY_HINT);
  return status;
}

static pixazo_status open_exporter(pixazo_studio *studio, pixazo_error **error)
{
  pixazo_exporter_options options;
  pixazo_exporter_options_init(&options, sizeof options);
  px_config_fill(studio->config, PX_CONFIG_EXPORTER, &options);
  options.log = studio->log;
  return pixazo_exporter_new(&options, &studio->exporter, error);
}

static pixazo_status open_pipeline(pixazo_studio *studio, const pixazo_studio_options *given, pixazo_error **error)
{
  px_auto(px_recipes) recipes = {{NULL}, 0};
  px_autofree char *spool = path_or(studio, "spool", "spool");
  if (!spool)
    return px_fail_nomem(error);
  if (!given->recipes)
    PX_TRY(px_recipes_from_config(studio->config, &recipes, error));
  pixazo_pipeline_options options;
  pixazo_pipeline_options_init(&options, sizeof options);
  px_config_fill(studio->config, PX_CONFIG_PIPELINE, &options);
  options.client = studio->client;
  options.store = studio->store;
  options.repository = studio->repository;
  options.exporter = studio->exporter;
  options.spool = spool;
  options.recipes = given->recipes ? given->recipes : (const pixazo_recipe *const *)recipes.items;
  options.recipe_count = given->recipes ? given->recipe_count : recipes.count;
  options.log = studio->log;
  options.on_progress = given->on_progress;
  options.on_progress_data = given->on_progress_data;
  options.on_retry = given->on_retry;
  options.on_retry_data = given->on_retry_data;
  options.on_alert = given->on_alert;
  options.on_alert_data = given->on_alert_data;
  options.on_prompt = given->on_prompt;
  options.on_prompt_data = given->on_prompt_data;
  options.on_picture = given->on_picture;
  options.on_picture_data = given->on_picture_data;
  if (given->concurrency > 0)
    options.concurrency = given->concurrency;
  return pixazo_pipeline_new(&options, &studio->pipeline, error);
}

static void add_secrets(const pixazo_studio *studio)
{
  for (size_t i = 0; i < px_config_key_count(); i++) {
    const px_config_key *key = px_config_key_at(i);
    if (key->secret)
      px_log_add_secret(studio->log, pixazo_config_get(studio->config, key->name));
  }
  for (const px_config_named *each = studio->config->named; each; each = each->next) {
    if (each->key.secret)
      px_log_add_secret(studio->log, px_config_named_value(each, NULL));
  }
}

static pixazo_status open_parts(pixazo_studio *studio, const char *directory, const pixazo_studio_options *options,
                                pixazo_error **error)
{
  if (options->config)
    PX_TRY(px_config_copy(options->config, &studio->config, error));
  else
    PX_TRY(px_config_load_studio(directory, &studio->config, error));
  PX_TRY(enter_directory(studio, directory, error));
  add_secrets(studio);
  PX_TRY(open_repository(studio, error));
  PX_TRY(px_spending_apply(studio->config, studio->repository, error));
  PX_TRY(open_store(studio, error));
  PX_TRY(open_client(studio, options, error));
  PX_TRY(open_exporter(studio, error));
  PX_TRY(open_pipeline(studio, options, error));
  if (options->resume_on_open)
    PX_TRY(pixazo_pipeline_resume(studio->pipeline, PIXAZO_RESUME_PAID, NULL, NULL, error));
  return PIXAZO_OK;
}

pixazo_status pixazo_studio_open(const char *directory, const pixazo_studio_options *options, pixazo_studio **out,
                                 pixazo_error **error)
{
  PX_REQUIRE(!px_str_empty(directory) && out, error, "directory is NULL or empty, or out is NULL");
  pixazo_studio_options copy;
  PX_TRY(px_options_copy(&copy, sizeof copy, options, "pixazo_studio_options", error));
  PX_REQUIRE(copy.recipes || copy.recipe_count == 0, error, "recipe_count is set, but recipes is NULL");
  px_cleanup(close_scoped) pixazo_studio *studio = px_calloc(1, sizeof *studio);
  if (!studio)
    return px_fail_nomem(error);
  studio->note = "";
  studio->log = pixazo_log_ref(copy.log);
  atomic_flag_clear(&studio->priced);
  pixazo_status status = open_parts(studio, directory, &copy, error);
  px_log_deliver(studio->log);
  if (status == PIXAZO_OK)
    *out = px_steal(&studio);
  return status;
}

static void free_request(pixazo_request **request)
{
  pixazo_request_free(*request);
}

pixazo_status pixazo_studio_generate(pixazo_studio *studio, const pixazo_request *request, pixazo_cancel *cancel,
                                     pixazo_generation **out, pixazo_error **error)
{
  PX_REQUIRE(studio && request && out, error, "studio, request or out is NULL");
  px_cleanup(free_request) pixazo_request *filled = NULL;
  px_autofree char *id = NULL;
  PX_TRY(pixazo_request_new_copy(request, &filled, error));
  PX_TRY(pixazo_config_apply(studio->config, filled, error));
  if (!atomic_flag_test_and_set(&studio->priced) && !px_price_announce(studio->client, filled, studio->log))
    atomic_flag_clear(&studio->priced); /* free calls say nothing */
  PX_TRY(pixazo_pipeline_add(studio->pipeline, filled, NULL, &id, error));
  return pixazo_pipeline_wait(studio->pipeline, id, UINT32_MAX, cancel, out, error);
}

pixazo_status pixazo_studio_generate_prompt(pixazo_studio *studio, const char *prompt, pixazo_generation **out,
                                            pixazo_error **error)
{
  PX_REQUIRE(studio && prompt && out, error, "studio, prompt or out is NULL");
  px_cleanup(free_request) pixazo_request *request = NULL;
  PX_TRY(pixazo_request_new(prompt, &request, error));
  return pixazo_studio_generate(studio, request, NULL, out, error);
}

pixazo_client *pixazo_studio_client(const pixazo_studio *studio)
{
  return studio ? studio->client : NULL;
}

pixazo_store *pixazo_studio_store(const pixazo_studio *studio)
{
  return studio ? studio->store : NULL;
}

pixazo_exporter *pixazo_studio_exporter(const pixazo_studio *studio)
{
  return studio ? studio->exporter : NULL;
}

pixazo_repository *pixazo_studio_repository(const pixazo_studio *studio)
{
  return studio ? studio->repository : NULL;
}

pixazo_pipeline *pixazo_studio_pipeline(const pixazo_studio *studio)
{
  return studio ? studio->pipeline : NULL;
}

const pixazo_config *pixazo_studio_config(const pixazo_studio *studio)
{
  return studio ? studio->config : NULL;
}

const char *pixazo_studio_note(const pixazo_studio *studio)
{
  return studio ? studio->note : "";
}
