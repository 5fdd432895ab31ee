/* SPDX-License-Identifier: MIT */
#include "client/gate_local.h"

#include <pthread.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/quota.h"
#include "base/str.h"
#include "json/terms_json.h"

/* What went, or may go, in one currency. */
typedef struct purse {
  struct purse *next;
  char currency[PX_TERMS_WORD];
  int64_t used_micros; /* open and spent */
} purse;

typedef struct open_call {
  struct open_call *next;
  char attempt[PX_UUID_TEXT];
  char provider[PX_TERMS_NAME];
  char principal[PX_TERMS_NAME];
  purse *purse;
  int64_t upper_bound_micros;
} open_call;

typedef struct bucket {
  struct bucket *next;
  char provider[PX_TERMS_NAME]; /* "" where the quota does not tell them apart */
  char principal[PX_TERMS_NAME];
  int64_t next_us;
} bucket;

typedef struct quota {
  struct quota *next;
  px_quota_terms terms;
  bucket *buckets;
} quota;

typedef struct local_gate {
  const px_clock *clock;
  pthread_mutex_t lock;
  /* synced */
  px_gate_counts counts;
  open_call *open;
  purse first; /* of the currency seen first: most programs see one */
  quota *quotas;
  px_budget_terms budget;
  bool limited; /* there is a budget */
} local_gate;

static const char *currency_of(const char *currency)
{
  return px_str_empty(currency) ? "USD" : currency;
}

static purse *find_purse(local_gate *self, const char *currency)
{
  for (purse *found = &self->first; found; found = found->next) {
    if (px_str_equal(found->currency, currency))
      return found;
  }
  return NULL;
}

static purse *open_purse(local_gate *self, const char *currency)
{
  purse *found = find_purse(self, currency);
  if (found)
    return found;
  bool fresh = self->first.currency[0] == '\0';
  purse *made = fresh ? &self->first : px_calloc(1, sizeof *made);
  if (!made)
    return NULL;
  memcpy(made->currency, currency, strnlen(currency, sizeof made->currency - 1));
  if (!fresh) {
    made->next = self->first.next;
    self->first.next = made;
  }
  return made;
}

static void deny(px_gate_verdict *verdict, pixazo_error *why)
{
  px_error_charge(&why, PIXAZO_CLASS_NONE, PIXAZO_CHARGE_NONE);
  *verdict = (px_gate_verdict){.verdict = PX_GATE_DENIED, .error = why};
}

static void ask_budget(local_gate *self, const px_gate_attempt *attempt, px_gate_verdict *verdict)
{
  char cap[PX_MONEY_TEXT], used[PX_MONEY_TEXT], cost[PX_MONEY_TEXT];
  const purse *spent = find_purse(self, self->budget.currency);
  pixazo_error *why = NULL;
  bool same = px_str_equal(currency_of(attempt->currency), self->budget.currency);
  bool priced = attempt->price_known && (same || attempt->upper_bound_micros == 0); /* nothing is nothing in any currency */
  int64_t total = spent ? spent->used_micros : 0, bound = priced ? attempt->upper_bound_micros : 0;
  if (!self->limited)
    return;
  if (!priced && !self->budget.allow_unknown_price) {
    (void)px_fail(&why, PIXAZO_E_BUDGET, "the price of %s/%s in %s is not known, so the budget of this run cannot count it; "
                  "nothing was sent", attempt->provider, attempt->model, self->budget.currency);
    px_error_hint(&why, "allow calls of unknown price in this budget, or use a model whose price is known");
    deny(verdict, why);
    return;
  }
  if (!__builtin_add_overflow(total, bound, &total) && total <= self->budget.cap_micros)
    return;
  px_format_micros(self->budget.cap_micros, self->budget.currency, cap);
  px_format_micros(spent ? spent->used_micros : 0, NULL, used);
  px_format_micros(bound, NULL, cost);
  (void)px_fail(&why, PIXAZO_E_BUDGET, "the budget of this run allows %s: %s are used and one call to %s/%s may cost %s; "
                "nothing was sent", cap, used, attempt->provider, attempt->model, cost);
  px_error_hint(&why, "raise the budget, or ask for something cheaper");
  deny(verdict, why);
}

/* The part of a name that tells buckets of a quota apart. */
static const char *part(const char *dimension, const char *name)
{
  return dimension[0] == '*' && name ? name : "";
}

static bool same_name(const char *kept, const char *name)
{
  return strncmp(kept, name ? name : "", PX_TERMS_NAME - 1) == 0;
}

static bucket *find_bucket(const quota *found, const px_gate_attempt *attempt)
{
  bucket *item = found->buckets;
  while (item && !(same_name(item->provider, part(found->terms.provider, attempt->provider)) &&
                   same_name(item->principal, part(found->terms.principal, attempt->principal))))
    item = item->next;
  return item;
}

/* Calls on their way that share the slots of a quota with this one. */
static int64_t count_open(const local_gate *self, const px_quota_terms *terms, const px_gate_attempt *attempt)
{
  int64_t count = 0;
  for (const open_call *call = self->open; call; call = call->next)
    count += (terms->provider[0] == '\0' || same_name(call->provider, attempt->provider)) &&
             (terms->principal[0] == '\0' || same_name(call->principal, attempt->principal));
  return count;
}

static bool is_about(const px_quota_terms *terms, const px_gate_attempt *attempt)
{
  return px_quota_about(terms->provider, attempt->provider) && px_quota_about(terms->principal, attempt->principal);
}

static void ask_quota(local_gate *self, const quota *asked, const px_gate_attempt *attempt, int64_t now,
                      px_gate_verdict *verdict)
{
  bucket *found = find_bucket(asked, attempt);
  if (found && asked->terms.requests > 0) {
    found->next_us = px_quota_sane(&asked->terms, found->next_us, now);
    px_quota_wait(&asked->terms, attempt, px_quota_earliest(&asked->terms, found->next_us), now, verdict);
  }
  if (asked->terms.slots > 0 && count_open(self, &asked->terms, attempt) >= asked->terms.slots)
    px_quota_wait_slot(&asked->terms, attempt, now, verdict);
}

static bool take_bucket(quota *asked, const px_gate_attempt *attempt, int64_t now)
{
  bucket *found = find_bucket(asked, attempt);
  if (!found) {
    found = px_calloc(1, sizeof *found);
    if (!found)
      return false;
    const char *provider = part(asked->terms.provider, attempt->provider);
    const char *principal = part(asked->terms.principal, attempt->principal);
    memcpy(found->provider, provider, strnlen(provider, sizeof found->provider - 1));
    memcpy(found->principal, principal, strnlen(principal, sizeof found->principal - 1));
    found->next = asked->buckets;
    asked->buckets = found;
  }
  found->next_us = px_quota_take(&asked->terms, found->next_us, now);
  return true;
}

static open_call *make_call(const px_gate_attempt *attempt, purse *from)
{
  open_call *call = px_calloc(1, sizeof *call);
  if (!call)
    return NULL;
  memcpy(call->attempt, attempt->attempt, strnlen(attempt->attempt, sizeof call->attempt - 1));
  if (attempt->provider)
    memcpy(call->provider, attempt->provider, strnlen(attempt->provider, sizeof call->provider - 1));
  if (attempt->principal)
    memcpy(call->principal, attempt->principal, strnlen(attempt->principal, sizeof call->principal - 1));
  call->purse = from;
  call->upper_bound_micros = attempt->price_known ? attempt->upper_bound_micros : 0;
  return call;
}

static pixazo_status let_pass(local_gate *self, const px_gate_attempt *attempt, int64_t now, pixazo_error **error)
{
  purse *from = open_purse(self, currency_of(attempt->currency));
  px_autofree open_call *call = from ? make_call(attempt, from) : NULL;
  if (!call)
    return px_fail_nomem(error);
  for (quota *asked = self->quotas; asked; asked = asked->next) {
    if (asked->terms.requests > 0 && is_about(&asked->terms, attempt) && !take_bucket(asked, attempt, now))
      return px_fail_nomem(error);
  }
  from->used_micros += call->upper_bound_micros;
  self->counts.begun++;
  self->counts.open_micros += call->upper_bound_micros;
  call->next = self->open;
  self->open = px_steal(&call);
  return PIXAZO_OK;
}

static pixazo_status ask_one(local_gate *self, const px_gate_attempt *attempt, px_gate_verdict *verdict, pixazo_error **error)
{
  int64_t now = px_wall_us(self->clock);
  *verdict = (px_gate_verdict){.verdict = PX_GATE_GO};
  ask_budget(self, attempt, verdict);
  for (const quota *asked = self->quotas; asked; asked = asked->next) {
    if (is_about(&asked->terms, attempt))
      ask_quota(self, asked, attempt, now, verdict);
  }
  return verdict->verdict == PX_GATE_GO ? let_pass(self, attempt, now, error) : PIXAZO_OK;
}

static pixazo_status begin(void *user, const px_gate_attempt *attempts, size_t count, px_gate_verdict *verdicts,
                           pixazo_error **error)
{
  local_gate *self = user;
  pixazo_status status = PIXAZO_OK;
  (void)pthread_mutex_lock(&self->lock);
  for (size_t i = 0; i < count && status == PIXAZO_OK; i++)
    status = ask_one(self, &attempts[i], &verdicts[i], error);
  (void)pthread_mutex_unlock(&self->lock);
  for (size_t i = 0; i < count && status != PIXAZO_OK; i++) {
    pixazo_error_free(verdicts[i].error);
    verdicts[i] = (px_gate_verdict){.verdict = 0};
  }
  return status;
}

static open_call *take_call(local_gate *self, const char *attempt)
{
  for (open_call **link = &self->open; *link; link = &(*link)->next) {
    open_call *call = *link;
    if (strcmp(call->attempt, attempt) == 0) {
      *link = call->next;
      return call;
    }
  }
  return NULL;
}

/* What ended costs in the purse it came from; in another one when the provider named another currency. */
static void pay(local_gate *self, const open_call *call, const px_gate_answer *answer)
{
  bool charged = answer->charge == PIXAZO_CHARGE_CHARGED;
  purse *to = charged && !px_str_empty(answer->currency) ? open_purse(self, answer->currency) : call->purse;
  int64_t cost = charged ? answer->cost_micros : answer->charge == PIXAZO_CHARGE_UNKNOWN ? call->upper_bound_micros : 0;
  call->purse->used_micros -= call->upper_bound_micros;
  if (to && __builtin_add_overflow(to->used_micros, cost, &to->used_micros))
    to->used_micros = INT64_MAX;
}

/* A call is settled once; later words about it (a queue's end) change nothing here. */
static void settle(local_gate *self, const px_gate_answer *answer)
{
  open_call *call = take_call(self, answer->attempt);
  if (!call)
    return;
  pay(self, call, answer);
  self->counts.answered++;
  self->counts.open_micros -= call->upper_bound_micros;
  if (answer->charge == PIXAZO_CHARGE_CHARGED || answer->charge == PIXAZO_CHARGE_UNKNOWN) {
    self->counts.spent_micros += answer->cost_micros;
    self->counts.unknown_price += answer->confidence == 0;
  }
  px_free(call);
}

static pixazo_status answered(void *user, const px_gate_answer *answers, size_t count, pixazo_error **error)
{
  local_gate *self = user;
  (void)error;
  (void)pthread_mutex_lock(&self->lock);
  for (size_t i = 0; i < count; i++)
    settle(self, &answers[i]);
  (void)pthread_mutex_unlock(&self->lock);
  return PIXAZO_OK;
}

static pixazo_status set_budget(void *user, const char *json, pixazo_error **error)
{
  local_gate *self = user;
  px_budget_terms terms = {.cap_micros = 0};
  if (json)
    PX_TRY(px_budget_terms_run(json, &terms, error));
  (void)pthread_mutex_lock(&self->lock);
  self->budget = terms;
  self->limited = json != NULL;
  (void)pthread_mutex_unlock(&self->lock);
  return PIXAZO_OK;
}

static quota *find_quota(const local_gate *self, const px_quota_terms *terms)
{
  quota *found = self->quotas;
  while (found &&
         !(px_str_equal(found->terms.provider, terms->provider) && px_str_equal(found->terms.principal, terms->principal)))
    found = found->next;
  return found;
}

static pixazo_status set_quota(void *user, const char *json, pixazo_error **error)
{
  local_gate *self = user;
  px_quota_terms terms;
  PX_TRY(px_quota_terms_read(json, &terms, error));
  px_autofree quota *made = px_calloc(1, sizeof *made);
  if (!made)
    return px_fail_nomem(error);
  (void)pthread_mutex_lock(&self->lock);
  quota *kept = find_quota(self, &terms);
  if (!kept) {
    kept = px_steal(&made);
    kept->next = self->quotas;
    self->quotas = kept;
  }
  kept->terms = terms;
  (void)pthread_mutex_unlock(&self->lock);
  return PIXAZO_OK;
}

static void free_quotas(quota *quotas)
{
  while (quotas) {
    quota *item = quotas;
    quotas = item->next;
    while (item->buckets) {
      bucket *next = item->buckets->next;
      px_free(item->buckets);
      item->buckets = next;
    }
    px_free(item);
  }
}

static void destroy(void *user)
{
  local_gate *self = user;
  while (self->open) {
    open_call *call = self->open;
    self->open = call->next;
    px_free(call);
  }
  while (self->first.next) {
    purse *next = self->first.next;
    self->first.next = next->next;
    px_free(next);
  }
  free_quotas(self->quotas);
  (void)pthread_mutex_destroy(&self->lock);
  px_free(self);
}

static const px_gate_ops local_ops = {begin, answered, set_budget, set_quota, destroy};

pixazo_status px_gate_local_on(const px_clock *clock, pixazo_gate **out, pixazo_error **error)
{
  local_gate *self = px_calloc(1, sizeof *self);
  if (!self)
    return px_fail_nomem(error);
  (void)pthread_mutex_init(&self->lock, NULL);
  self->clock = clock;
  pixazo_status status = px_gate_new(&local_ops, self, out, error);
  if (status != PIXAZO_OK)
    destroy(self);
  return status;
}

pixazo_status px_gate_local_new(pixazo_gate **out, pixazo_error **error)
{
  return px_gate_local_on(px_clock_system(), out, error);
}

pixazo_status pixazo_gate_new(pixazo_gate **out, pixazo_error **error)
{
  PX_REQUIRE(out, error, "out is NULL");
  return px_gate_local_new(out, error);
}

void px_gate_local_counts(const pixazo_gate *gate, px_gate_counts *out)
{
  local_gate *self = gate->self;
  (void)pthread_mutex_lock(&self->lock);
  *out = self->counts;
  (void)pthread_mutex_unlock(&self->lock);
}
