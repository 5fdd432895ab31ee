/* SPDX-License-Identifier: MIT */
/* The handle: options checked and copied, nothing sent. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "base/options.h"
#include "base/str.h"
#include "client/gate_local.h"
#include "client/plan.h"
#include "client/script.h"
#include "net/url.h"

enum {
  DEFAULT_CONNECT_MS = 10000,
  DEFAULT_STALL_MS = 60000,
  DEFAULT_RETRY_DELAY_MS = 1000,
  DEFAULT_RETRIES = 2,
  DEFAULT_FETCH_RETRIES = 5
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
  px_wards_done(&client->wards);
  px_chain_done(&client->chain);
  (void)pixazo_gate_unref(client->gate);
  (void)pixazo_log_unref(client->log);
  (void)pixazo_metrics_unref(client->metrics);
  px_script_free(client->script);
  px_limits_done(&client->limits);
  px_accounts_done(&client->accounts);
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
  options->stall_timeout_ms = number_or(options->stall_timeout_ms, DEFAULT_STALL_MS);
  options->max_retries = retries_or(options->max_retries, DEFAULT_RETRIES);
  options->max_fetch_retries = retries_or(options->max_fetch_retries, DEFAULT_FETCH_RETRIES);
  options->retry_delay_ms = number_or(options->retry_delay_ms, DEFAULT_RETRY_DELAY_MS);
}

static pixazo_status check_numbers(const pixazo_client_options *options, pixazo_error **error)
{
  if (!(options->guidance_floor >= 0 && options->guidance_floor <= 1000))
    return px_fail(error, PIXAZO_E_ARGUMENT, "guidance_floor must be between 0 and 1000");
  if (options->on_ambiguous < PIXAZO_AMBIGUOUS_STOP || options->on_ambiguous > PIXAZO_AMBIGUOUS_FALLBACK)
    return px_fail(error, PIXAZO_E_ARGUMENT, "on_ambiguous: %d is not PIXAZO_AMBIGUOUS_STOP, _RETRY or _FALLBACK",
                   options->on_ambiguous);
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

/* The chain behind the first provider. Somebody in it must have a key. */
static pixazo_status open_chain(pixazo_client *client, const pixazo_client_options *options, pixazo_error **error)
{
  px_health_policy policy = PX_HEALTH_POLICY;
  policy.failures = retries_or(options->breaker_failures, policy.failures);
  policy.cool_ms = number_or(options->breaker_ms, policy.cool_ms);
  PX_TRY(px_wards_make(&client->wards, client->accounts.count, &policy, error));
  PX_TRY(px_chain_make(&client->chain, &client->accounts, options->fallback, error));
  if (!client->accounts.items[0].missing || px_chain_after(&client->chain, 0) < client->chain.count)
    return PIXAZO_OK;
  const px_provider *provider = client->accounts.items[0].provider;
  (void)px_fail(error, PIXAZO_E_AUTH, "provider %s needs an API key and none is given, nor for any in fallback", provider->name);
  px_error_hint(error, provider->key_hint);
  return PIXAZO_E_AUTH;
}

static pixazo_status configure(pixazo_client *client, const pixazo_client_options *options, pixazo_error **error)
{
  client->log = pixazo_log_ref(options->log);
  client->metrics = pixazo_metrics_ref(options->metrics);
  if (!client->metrics)
    PX_TRY(pixazo_metrics_new(&client->metrics, error));
  PX_TRY(check_numbers(options, error));
  PX_TRY(px_accounts_make(&client->accounts, options, error));
  PX_TRY(open_chain(client, options, error));
  for (size_t i = 0; i < client->accounts.count; i++)
    px_log_add_secret(client->log, client->accounts.items[i].api_key);
  const px_account *own = &client->accounts.items[0];
  if (own->model)
    (void)px_metrics_series(client->metrics, own->provider->name, own->model->name); /* shown from the start */
  if (options->limits_json)
    PX_TRY(px_limits_read(&client->limits, &client->accounts, options->limits_json, error));
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
  options->accounts = NULL;
  options->account_count = 0;
  options->fallback = NULL;
  options->definition = NULL;
  options->models_json = NULL;
  options->gate = NULL;
  options->log = NULL;
  options->metrics = NULL;
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

pixazo_metrics *pixazo_client_metrics(const pixazo_client *client)
{
  return client ? client->metrics : NULL;
}

const char *pixazo_client_provider(const pixazo_client *client)
{
  return client ? client->accounts.items[0].provider->name : "";
}

pixazo_status px_client_check(const pixazo_client *client, pixazo_error **error)
{
  if (client->process == getpid())
    return PIXAZO_OK;
  return px_fail(error, PIXAZO_E_STATE, "this client belongs to the process that was forked from");
}
