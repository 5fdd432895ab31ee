/* SPDX-License-Identifier: MIT */
/* The handle: options checked and copied, nothing sent. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/str.h"
#include "client/gate_local.h"
#include "client/plan.h"
#include "client/script.h"
#include "net/url.h"

enum {
  DEFAULT_CONNECT_MS = 10000,
  DEFAULT_GENERATION_MS = 300000,
  DEFAULT_STALL_MS = 60000,
  DEFAULT_RETRY_DELAY_MS = 1000,
  DEFAULT_RETRIES = 2,
  DEFAULT_FETCH_RETRIES = 5,
  KEY_MAX = 4096
};

static const uint64_t DEFAULT_DOWNLOAD = UINT64_C(64) << 20;
static const uint64_t DEFAULT_ANSWER = UINT64_C(96) << 20;

void pixazo_client_options_init(pixazo_client_options *options, size_t size)
{
  px_options_init(options, size);
}

static void destroy(pixazo_client *client)
{
  px_engine_unref(client->engine);
  (void)pixazo_gate_unref(client->gate);
  (void)pixazo_log_unref(client->log);
  px_script_free(client->script);
  px_limits_done(&client->limits);
  px_free_secret(client->api_key);
  px_free_secret(client->secret_header);
  px_free(client->base_url);
  px_free(client);
}

static void drop_client(pixazo_client **client)
{
  if (*client)
    destroy(*client);
}

static uint32_t number_or(uint32_t value, uint32_t otherwise)
{
  return value ? value : otherwise;
}

static uint32_t retries_or(uint32_t value, uint32_t otherwise)
{
  return value == PIXAZO_NO_RETRY ? 0 : number_or(value, otherwise);
}

static void fill_defaults(pixazo_client_options *options)
{
  options->max_download_bytes = options->max_download_bytes ? options->max_download_bytes : DEFAULT_DOWNLOAD;
  options->max_answer_bytes = options->max_answer_bytes ? options->max_answer_bytes : DEFAULT_ANSWER;
  options->connect_timeout_ms = number_or(options->connect_timeout_ms, DEFAULT_CONNECT_MS);
  options->generation_timeout_ms = number_or(options->generation_timeout_ms, DEFAULT_GENERATION_MS);
  options->stall_timeout_ms = number_or(options->stall_timeout_ms, DEFAULT_STALL_MS);
  options->max_retries = retries_or(options->max_retries, DEFAULT_RETRIES);
  options->max_fetch_retries = retries_or(options->max_fetch_retries, DEFAULT_FETCH_RETRIES);
  options->retry_delay_ms = number_or(options->retry_delay_ms, DEFAULT_RETRY_DELAY_MS);
}

static pixazo_status check_numbers(const pixazo_client_options *options, pixazo_error **error)
{
  if (!(options->guidance_floor >= 0 && options->guidance_floor <= 1000))
    return px_fail(error, PIXAZO_E_ARGUMENT, "guidance_floor must be between 0 and 1000");
  if (options->on_ambiguous != PIXAZO_AMBIGUOUS_STOP && options->on_ambiguous != PIXAZO_AMBIGUOUS_RETRY)
    return px_fail(error, PIXAZO_E_ARGUMENT, "on_ambiguous: %d is not PIXAZO_AMBIGUOUS_STOP or _RETRY",
                   options->on_ambiguous);
  return PIXAZO_OK;
}

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

static pixazo_status set_key(pixazo_client *client, const char *key, pixazo_error **error)
{
  const px_provider *provider = client->provider;
  if (px_str_empty(key)) {
    if (!provider->key_hint)
      return PIXAZO_OK;
    (void)px_fail(error, PIXAZO_E_AUTH, "provider %s needs an API key and none is given", provider->name);
    px_error_hint(error, provider->key_hint);
    return PIXAZO_E_AUTH;
  }
  PX_TRY(check_key(key, error));
  client->api_key = px_strdup(key);
  if (!client->api_key)
    return px_fail_nomem(error);
  px_log_add_secret(client->log, key);
  if (!provider->key_header)
    return PIXAZO_OK;
  size_t size = strlen(provider->key_header) + strlen(key) + 3;
  client->secret_header = px_malloc(size);
  if (!client->secret_header)
    return px_fail_nomem(error);
  (void)snprintf(client->secret_header, size, "%s: %s", provider->key_header, key);
  return PIXAZO_OK;
}

/* Scheme, host, port and a path: anything else in a base URL is a mistake that would leak or mislead. */
static pixazo_status set_base_url(pixazo_client *client, const char *given, pixazo_error **error)
{
  const char *url = px_str_empty(given) ? client->provider->base_url : given;
  if (!client->provider->base_url)
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
  client->base_url = px_strndup(url, length);
  return client->base_url ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status choose_model(pixazo_client *client, const pixazo_client_options *options, pixazo_error **error)
{
  const px_model *first = NULL;
  const char *name = px_str_empty(options->provider) ? px_provider_at(0)->name : options->provider;
  if (px_str_empty(options->provider) && options->model && strchr(options->model, '/'))
    return px_model_resolve(options->model, px_provider_at(0), &client->provider, &client->model, error);
  PX_TRY(px_model_resolve(name, px_provider_at(0), &client->provider, &first, error));
  if (!px_str_equal(client->provider->name, name))
    return px_fail(error, PIXAZO_E_ARGUMENT, "there is no provider \"%.64s\"", name);
  client->model = first;
  if (px_str_empty(options->model))
    return PIXAZO_OK;
  const px_provider *named = client->provider;
  PX_TRY(px_model_resolve(options->model, client->provider, &client->provider, &client->model, error));
  if (named != client->provider)
    return px_fail(error, PIXAZO_E_ARGUMENT, "model \"%.64s\" is not of provider %s", options->model, named->name);
  return PIXAZO_OK;
}

static pixazo_status open_engine(pixazo_client *client, const pixazo_client_options *options, pixazo_error **error)
{
  px_engine_options engine = {
      .ca_file = options->ca_file,
      .proxy = options->proxy,
      .allow_hosts = options->allow_hosts,
      .log = options->log,
      .connect_ms = client->options.connect_timeout_ms,
  };
  return px_engine_new(&engine, &client->engine, error);
}

static pixazo_status configure(pixazo_client *client, const pixazo_client_options *options, pixazo_error **error)
{
  client->log = pixazo_log_ref(options->log);
  PX_TRY(check_numbers(options, error));
  PX_TRY(choose_model(client, options, error));
  PX_TRY(set_base_url(client, options->base_url, error));
  PX_TRY(set_key(client, options->api_key, error));
  if (options->limits_json)
    PX_TRY(px_limits_read(&client->limits, options->limits_json, error));
  if (options->offline_script)
    PX_TRY(px_script_new(options->offline_script, &client->script, error));
  client->gate = pixazo_gate_ref(options->gate);
  if (!client->gate)
    PX_TRY(px_gate_local_new(&client->gate, error));
  return open_engine(client, options, error);
}

/* The copy keeps numbers and hooks; texts belong to the caller and are forgotten. */
static void forget_texts(pixazo_client_options *options)
{
  options->provider = options->model = options->api_key = options->base_url = NULL;
  options->allow_hosts = options->ca_file = options->proxy = NULL;
  options->limits_json = options->offline_script = NULL;
  options->gate = NULL;
  options->log = NULL;
}

pixazo_status pixazo_client_new(const pixazo_client_options *options, pixazo_client **out, pixazo_error **error)
{
  PX_REQUIRE(out, error, "out is NULL");
  pixazo_client_options given;
  PX_TRY(px_options_copy(&given, sizeof given, options, "pixazo_client_options", error));
  px_cleanup(drop_client) pixazo_client *client = px_calloc(1, sizeof *client);
  if (!client)
    return px_fail_nomem(error);
  atomic_init(&client->references, 1);
  atomic_init(&client->productions, 0);
  client->process = getpid();
  client->clock = px_clock_system();
  client->options = given;
  fill_defaults(&client->options);
  forget_texts(&client->options);
  PX_TRY(configure(client, &given, error));
  *out = px_steal(&client);
  return PIXAZO_OK;
}

pixazo_client *pixazo_client_ref(pixazo_client *client)
{
  if (client)
    atomic_fetch_add_explicit(&client->references, 1, memory_order_relaxed);
  return client;
}

pixazo_client *pixazo_client_unref(pixazo_client *client)
{
  if (client && atomic_fetch_sub_explicit(&client->references, 1, memory_order_acq_rel) == 1)
    destroy(client);
  return NULL;
}

const char *pixazo_client_provider(const pixazo_client *client)
{
  return client ? client->provider->name : "";
}

pixazo_status px_client_check(const pixazo_client *client, pixazo_error **error)
{
  if (client->process == getpid())
    return PIXAZO_OK;
  return px_fail(error, PIXAZO_E_STATE, "this client belongs to the process that was forked from");
}

pixazo_status px_client_access(const pixazo_client *client, const px_provider *provider, pixazo_error **error)
{
  if (provider == client->provider || !provider->key_hint)
    return PIXAZO_OK;
  (void)px_fail(error, PIXAZO_E_AUTH, "provider %s needs an API key; this client was made for provider %s", provider->name,
                client->provider->name);
  px_error_hint(error, "make a client for that provider with its key");
  return PIXAZO_E_AUTH;
}
