/* SPDX-License-Identifier: MIT */
/* From a call that brought nothing to the next provider's call: applies the pure rules of route.c and health.c. */
#include "client/routing.h"

#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/plan.h"
#include "json/writer.h"

enum { ROUTE_MAX = 16 * 1024, REASON_MAX = 300 };

void px_chain_done(px_chain *chain)
{
  for (size_t i = 0; i < chain->count; i++)
    px_free(chain->names[i]);
  chain->count = 0;
}

static pixazo_status add_link(px_chain *chain, const px_accounts *accounts, const char *text, size_t size,
                              pixazo_error **error)
{
  char *name = px_strndup(text, size);
  if (!name)
    return px_fail_nomem(error);
  pixazo_status status = chain->count < PX_CHAIN_MAX
                             ? px_target_resolve(accounts, name, NULL, &chain->items[chain->count], error)
                             : px_fail(error, PIXAZO_E_ARGUMENT, "more than %d providers", PX_CHAIN_MAX);
  if (status == PIXAZO_OK && chain->items[chain->count].provider->ops.produce)
    status = px_fail(error, PIXAZO_E_ARGUMENT, "%s makes test pictures: nobody may get them without asking for them", name);
  if (status == PIXAZO_OK)
    chain->names[chain->count++] = name;
  else
    px_free(name);
  return status;
}

pixazo_status px_chain_make(px_chain *chain, const px_accounts *accounts, const char *list, pixazo_error **error)
{
  for (const char *at = list ? list : ""; *at;) {
    at += strspn(at, ", ");
    size_t size = strcspn(at, ", ");
    pixazo_status status = size > 0 ? add_link(chain, accounts, at, size, error) : PIXAZO_OK;
    if (status != PIXAZO_OK) {
      px_error_prefix(error, "fallback");
      px_chain_done(chain);
      return status;
    }
    at += size;
  }
  return PIXAZO_OK;
}

size_t px_chain_after(const px_chain *chain, size_t at)
{
  while (at < chain->count && px_target_access(&chain->items[at], NULL) != PIXAZO_OK)
    at++;
  return at;
}

pixazo_status px_wards_make(px_wards *wards, size_t count, const px_health_policy *policy, pixazo_error **error)
{
  wards->items = px_calloc(count, sizeof *wards->items);
  if (!wards->items)
    return px_fail_nomem(error);
  wards->policy = *policy;
  (void)pthread_mutex_init(&wards->lock, NULL);
  return PIXAZO_OK;
}

void px_wards_done(px_wards *wards)
{
  if (!wards->items)
    return;
  (void)pthread_mutex_destroy(&wards->lock);
  px_free(wards->items);
  wards->items = NULL;
}

/* ---- health ---- */

static size_t ward_of(const pixazo_client *client, const px_account *account)
{
  return (size_t)(account - client->accounts.items);
}

static int ask(pixazo_client *client, const px_account *account, bool begin, int64_t *until_us)
{
  px_wards *wards = &client->wards;
  (void)pthread_mutex_lock(&wards->lock);
  int state = px_health_ask(&wards->items[ward_of(client, account)], &wards->policy, px_mono_us(client->clock), begin,
                            until_us);
  (void)pthread_mutex_unlock(&wards->lock);
  return state;
}

void px_client_note(pixazo_client *client, const px_plan *plan, const px_outcome *outcome)
{
  px_wards *wards = &client->wards;
  pixazo_status status = outcome && outcome->error ? pixazo_error_status(outcome->error) : PIXAZO_OK;
  int news = outcome ? px_health_news(outcome->attempt_class, status, outcome->http_status) : PX_HEALTH_NEWS_NONE;
  (void)pthread_mutex_lock(&wards->lock);
  px_health_tell(&wards->items[ward_of(client, plan->account)], &wards->policy, news,
                 outcome ? outcome->retry_after_ms : 0, px_mono_us(client->clock));
  (void)pthread_mutex_unlock(&wards->lock);
}

/* A breaker only spares calls that somebody else can make; without credit there is no call to spare for anybody. */
pixazo_error *px_client_closed(pixazo_client *client, const px_plan *plan, bool begin)
{
  int64_t until_us = 0;
  pixazo_error *why = NULL;
  const px_plan_facts *facts = px_plan_get(plan);
  int state = ask(client, plan->account, begin, &until_us);
  bool alone = px_chain_after(&client->chain, plan->chain_at) == client->chain.count;
  if (state == PX_HEALTH_GOOD || (state == PX_HEALTH_BROKEN && alone))
    return NULL;
  int64_t wait_ms = (until_us - px_mono_us(client->clock)) / 1000;
  if (state == PX_HEALTH_PAUSED)
    (void)px_fail(&why, PIXAZO_E_QUOTA, "not sent — %s/%s — the provider said that there is no credit or quota left — not charged",
                  facts->provider, facts->model);
  else
    (void)px_fail(&why, PIXAZO_E_NETWORK, "not sent — %s/%s — its last calls failed in a row, it is left alone for %lld s — not charged",
                  facts->provider, facts->model, (long long)(wait_ms / 1000 + 1));
  px_error_charge(&why, PIXAZO_CLASS_NONE, PIXAZO_CHARGE_NOT_CHARGED);
  px_error_retry_after(&why, wait_ms > 0 && wait_ms < UINT32_MAX ? (uint32_t)wait_ms : 1);
  px_error_hint(&why, "pixazo_client_reopen() lets calls pass at once, when the reason is gone");
  return why;
}

pixazo_status pixazo_client_reopen(pixazo_client *client, const char *provider, pixazo_error **error)
{
  PX_REQUIRE(client, error, "client is NULL");
  px_target target = {0};
  if (provider)
    PX_TRY(px_target_provider(&client->accounts, provider, &target, error));
  (void)pthread_mutex_lock(&client->wards.lock);
  for (size_t i = 0; i < client->accounts.count; i++) {
    if (!provider || client->accounts.items[i].provider == target.provider)
      client->wards.items[i] = (px_health){0};
  }
  (void)pthread_mutex_unlock(&client->wards.lock);
  return PIXAZO_OK;
}

static void put_ward(px_json_writer *writer, pixazo_client *client, const px_account *account)
{
  int64_t until_us = 0;
  int state = ask(client, account, false, &until_us);
  px_json_put_begin_object(writer, NULL);
  px_json_put_string(writer, "provider", account->provider->name);
  px_json_put_bool(writer, "has_key", !account->missing);
  px_json_put_string(writer, "state", px_health_name(state));
  if (state != PX_HEALTH_GOOD)
    px_json_put_int64(writer, "retry_after_ms", (until_us - px_mono_us(client->clock)) / 1000);
  px_json_put_end_object(writer);
}

pixazo_status pixazo_client_health(pixazo_client *client, char **out, pixazo_error **error)
{
  PX_REQUIRE(client, error, "client is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT((size_t)256 * 1024);
  px_json_put_begin_object(&writer, NULL);
  px_json_put_int64(&writer, "schema", 1);
  px_json_put_begin_array(&writer, "providers");
  for (size_t i = 0; i < client->accounts.count; i++)
    put_ward(&writer, client, &client->accounts.items[i]);
  px_json_put_end_array(&writer);
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}

/* ---- the way ---- */

char *px_route_add(const char *route, const char *provider, const char *model, const char *why)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(ROUTE_MAX);
  char *text = NULL;
  px_cleanup(px_json_done) px_json *root = NULL;
  if (route && px_json_parse(route, strlen(route), NULL, &root, NULL) != PIXAZO_OK)
    return NULL;
  px_autofree char *reason = px_strndup(why, px_utf8_cut(why, REASON_MAX));
  px_json_put_begin_array(&writer, NULL);
  for (const px_json *item = px_json_first(root); item; item = px_json_next(item))
    px_json_put_tree(&writer, NULL, item);
  px_json_put_begin_object(&writer, NULL);
  px_json_put_string(&writer, "provider", provider);
  px_json_put_string(&writer, "model", model);
  px_json_put_string(&writer, "why", reason);
  px_json_put_end_object(&writer);
  px_json_put_end_array(&writer);
  return reason && px_json_writer_finish(&writer, &text, NULL) == PIXAZO_OK ? text : NULL;
}

static bool note_reason(char **route, const char *provider, const char *model, const char *why)
{
  char *longer = px_route_add(*route, provider, model, why);
  if (!longer)
    return false;
  px_free(*route);
  *route = longer;
  return true;
}

/* The same request as a call to one link of the chain, or why that cannot be. */
static px_plan *try_link(pixazo_client *client, const px_plan *plan, size_t at, const char *route, pixazo_error **why)
{
  const px_target *target = &client->chain.items[at];
  px_plan *made = NULL;
  int64_t until_us = 0;
  px_reroute way = {plan, target, at + 1, route, false};
  if (target->account == plan->account && px_str_equal(target->name, plan->model_name)) {
    (void)px_fail(why, PIXAZO_E_ARGUMENT, "it was asked already");
    return NULL;
  }
  if (px_target_access(target, why) != PIXAZO_OK)
    return NULL;
  int state = ask(client, target->account, false, &until_us);
  if (state != PX_HEALTH_GOOD)
    (void)px_fail(why, PIXAZO_E_NETWORK, state == PX_HEALTH_PAUSED ? "it said that there is no credit or quota left"
                                                                  : "its last calls failed in a row");
  else
    (void)px_plan_reroute(client, &way, &made, why);
  return made;
}

/* The first link behind the plan's own place that can take the request. NULL: there is none. */
static px_plan *find_other(pixazo_client *client, const px_plan *plan, const char *why)
{
  const px_plan_facts *facts = px_plan_get(plan);
  px_autofree char *route = px_strdup(facts->route_json);
  if (!note_reason(&route, facts->provider, facts->model, why))
    return NULL;
  for (size_t at = plan->chain_at; at < client->chain.count; at++) {
    const px_target *target = &client->chain.items[at];
    px_autoerror problem = NULL;
    px_plan *made = try_link(client, plan, at, route, &problem);
    if (made) {
      px_log(client->log, PIXAZO_LOG_WARNING, "client", "%s/%s is asked in place of %s/%s: %s", target->provider->name,
             target->name, facts->provider, facts->model, why);
      return made;
    }
    if (!note_reason(&route, target->provider->name, target->name, pixazo_error_message(problem)))
      return NULL;
  }
  return NULL;
}

static px_route_case facts_of(pixazo_client *client, const px_plan *plan, const px_call_end *end, uint32_t *delay_ms)
{
  const px_outcome *outcome = end->outcome;
  px_route_case facts = {
      .attempt_class = outcome ? outcome->attempt_class : PIXAZO_CLASS_NONE,
      .status = pixazo_error_status(outcome ? outcome->error : end->why),
      .charged = outcome && outcome->charge != PIXAZO_CHARGE_NOT_CHARGED,
  };
  if (outcome && px_client_retry(client, plan, outcome, end->evidence, end->retries_done, delay_ms)) {
    facts.later = *delay_ms == UINT32_MAX;
    facts.retry = !facts.later;
  }
  return facts;
}

px_plan *px_client_follow(pixazo_client *client, const px_plan *plan, const px_call_end *end, int32_t *action,
                          uint32_t *delay_ms)
{
  const pixazo_client_options *options = &client->options;
  px_route_policy policy = {options->fallback_rejected != 0, options->fallback_blocked != 0,
                            options->on_ambiguous == PIXAZO_AMBIGUOUS_FALLBACK};
  px_route_case facts = facts_of(client, plan, end, delay_ms);
  const pixazo_error *why = end->outcome ? end->outcome->error : end->why;
  *action = px_route_next(&policy, &facts, plan->chain_at >= client->chain.count);
  px_plan *other = *action == PX_ROUTE_NEXT ? find_other(client, plan, pixazo_error_message(why)) : NULL;
  if (*action == PX_ROUTE_NEXT && !other)
    *action = px_route_next(&policy, &facts, true);
  return other;
}
