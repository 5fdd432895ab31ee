/* SPDX-License-Identifier: MIT */
/* Watches what goes wrong as a whole, and tells it once. */
#include "pipeline/internal.h"

#include <stdio.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/window.h"

enum { DEFAULT_WINDOW_MS = 600000, DEFAULT_CALLS = 20, DEFAULT_FAILURES = 20, DEFAULT_SLOW_MS = 120000, DEFAULT_BUDGET = 80 };
enum { PROVIDERS_MAX = 64, MESSAGE_SIZE = 512, SUBJECT_SIZE = 160, SLOW_PERCENT = 5, FULL = 100 };

/* One provider whose calls are watched. */
typedef struct watched {
  struct watched *next;
  px_window window;
  bool failing; /* told */
  bool slow;
  char provider[];
} watched;

/* What was told of one budget in one period. */
typedef struct mark {
  struct mark *next;
  int64_t id;
  int64_t period_id;
  int64_t told;      /* percent; 0: nothing */
  int64_t told_used; /* what was used then */
} mark;

struct px_watch {
  int64_t window_us;
  uint64_t min_calls;
  uint32_t failure_percent;
  uint32_t slow_ms;
  uint32_t budget_percent;
  watched *providers;
  size_t provider_count;
  mark *marks;
  bool troubled[PIXAZO_ALERT_SPACE + 1];
};

static uint32_t number_or(uint32_t value, uint32_t otherwise)
{
  return value ? value : otherwise;
}

pixazo_status px_watch_new(const pixazo_pipeline_options *options, px_watch **out, pixazo_error **error)
{
  px_watch *watch = px_calloc(1, sizeof *watch);
  if (!watch)
    return px_fail_nomem(error);
  watch->window_us = (int64_t)number_or(options->alert_window_ms, DEFAULT_WINDOW_MS) * 1000;
  watch->min_calls = number_or(options->alert_min_calls, DEFAULT_CALLS);
  watch->failure_percent = number_or(options->alert_failure_percent, DEFAULT_FAILURES);
  watch->slow_ms = number_or(options->alert_slow_ms, DEFAULT_SLOW_MS);
  watch->budget_percent = number_or(options->alert_budget_percent, DEFAULT_BUDGET);
  *out = watch;
  return PIXAZO_OK;
}

void px_watch_free(px_watch *watch)
{
  while (watch && watch->providers) {
    watched *next = watch->providers->next;
    px_free(watch->providers);
    watch->providers = next;
  }
  while (watch && watch->marks) {
    mark *next = watch->marks->next;
    px_free(watch->marks);
    watch->marks = next;
  }
  px_free(watch);
}

/* NULL: too many, or no memory; then it is not watched. */
static watched *find_provider(px_watch *watch, const char *provider)
{
  size_t size = strlen(provider) + 1;
  for (watched *each = watch->providers; each; each = each->next) {
    if (strcmp(each->provider, provider) == 0)
      return each;
  }
  watched *made = watch->provider_count < PROVIDERS_MAX ? px_calloc(1, sizeof *made + size) : NULL;
  if (!made)
    return NULL;
  memcpy(made->provider, provider, size);
  px_window_init(&made->window, watch->window_us);
  made->next = watch->providers;
  watch->providers = made;
  watch->provider_count++;
  return made;
}

/* Whether to tell it now: when it goes over the threshold, and again only after it fell to half of it. */
static bool crosses(bool *told, uint64_t part, uint64_t total, uint64_t percent)
{
  bool over = part * 100 > percent * total;
  bool calm = part * 200 <= percent * total;
  bool news = over && !*told;
  *told = over || (*told && !calm);
  return news;
}

static void tell_failures(pixazo_pipeline *pipeline, const watched *each, const px_tally *sum)
{
  char message[MESSAGE_SIZE];
  int64_t percent = (int64_t)(sum->failed * 100 / sum->total);
  (void)snprintf(message, sizeof message, "%s: %llu of the last %llu calls failed (%lld %%)", each->provider,
                 (unsigned long long)sum->failed, (unsigned long long)sum->total, (long long)percent);
  px_event_alert(pipeline, &(pixazo_alert){.struct_size = sizeof(pixazo_alert),
                                           .kind = PIXAZO_ALERT_FAILURES,
                                           .subject = each->provider,
                                           .message = message,
                                           .value = percent,
                                           .threshold = pipeline->watch->failure_percent});
}

static void tell_slow(pixazo_pipeline *pipeline, const watched *each, const px_tally *sum)
{
  char message[MESSAGE_SIZE];
  int64_t percent = (int64_t)(sum->slow * 100 / sum->total);
  (void)snprintf(message, sizeof message, "%s: %llu of the last %llu calls (%lld %%) took longer than %u ms", each->provider,
                 (unsigned long long)sum->slow, (unsigned long long)sum->total, (long long)percent, pipeline->watch->slow_ms);
  px_event_alert(pipeline, &(pixazo_alert){.struct_size = sizeof(pixazo_alert),
                                           .kind = PIXAZO_ALERT_SLOW,
                                           .subject = each->provider,
                                           .message = message,
                                           .value = percent,
                                           .threshold = pipeline->watch->slow_ms});
}

/* What the user brought about is nobody's failure. */
static bool says_something(const px_job *job)
{
  int32_t attempt_class = job->outcome->attempt_class;
  bool queued = attempt_class == PIXAZO_CLASS_ACCEPTED && job->item_count == 0; /* its end is still to come */
  bool cancelled = attempt_class == PIXAZO_CLASS_NOT_SENT && atomic_load(&job->soft_cancelled);
  return attempt_class != PIXAZO_CLASS_BLOCKED && !queued && !cancelled && !job->recovered;
}

void px_watch_answer(const px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  px_watch *watch = pipeline->watch;
  watched *each = says_something(job) ? find_provider(watch, px_plan_get(job->plan)->provider) : NULL;
  if (!each)
    return;
  int64_t now = px_mono_us(pipeline->clock);
  bool slow = watch->slow_ms != PIXAZO_NO_ALERT && job->answered_us - job->sent_us > (int64_t)watch->slow_ms * 1000;
  px_window_add(&each->window, now, job->outcome->attempt_class != PIXAZO_CLASS_ACCEPTED, slow);
  px_tally sum = px_window_sum(&each->window, now);
  if (sum.total < watch->min_calls) {
    each->failing = each->slow = false;
    return;
  }
  if (watch->failure_percent != PIXAZO_NO_ALERT && crosses(&each->failing, sum.failed, sum.total, watch->failure_percent))
    tell_failures(pipeline, each, &sum);
  if (crosses(&each->slow, sum.slow, sum.total, SLOW_PERCENT))
    tell_slow(pipeline, each, &sum);
}

/* NULL: no memory. */
static mark *find_mark(px_watch *watch, const px_journal_budget *budget)
{
  mark *each = watch->marks;
  while (each && each->id != budget->id)
    each = each->next;
  if (!each) {
    each = px_calloc(1, sizeof *each);
    if (!each)
      return NULL;
    each->id = budget->id;
    each->next = watch->marks;
    watch->marks = each;
  }
  if (each->period_id != budget->period_id)
    each->told = each->told_used = 0;
  each->period_id = budget->period_id;
  return each;
}

typedef struct look {
  pixazo_pipeline *pipeline;
  const px_plan_facts *denied; /* the call that found no budget; NULL: none */
} look;

/* A budget that has something left is full all the same when a call that it counts finds no room. */
static bool is_full(const px_journal_budget *budget, const px_plan_facts *denied)
{
  if (budget->used_micros >= budget->cap_micros)
    return true;
  bool counts = denied && (px_str_equal(budget->scope, "all") ||
                           (px_str_equal(budget->scope, "provider") && px_str_equal(budget->name, denied->provider)) ||
                           (px_str_equal(budget->scope, "principal") && px_str_equal(budget->name, denied->principal)));
  return counts && denied->price_known && denied->upper_bound_micros > budget->cap_micros - budget->used_micros;
}

/* Without overflow, whatever stands in the row. */
static int64_t percent_of(const px_journal_budget *budget)
{
  if (budget->used_micros >= budget->cap_micros)
    return FULL;
  if (budget->used_micros <= 0)
    return 0;
  return (int64_t)((double)budget->used_micros * 100.0 / (double)budget->cap_micros);
}

static void tell_budget(pixazo_pipeline *pipeline, const px_journal_budget *budget, int64_t percent, int64_t threshold)
{
  char subject[SUBJECT_SIZE];
  char message[MESSAGE_SIZE];
  (void)snprintf(subject, sizeof subject, "%s%s%s/%s", budget->scope, *budget->name ? ":" : "", budget->name, budget->period);
  (void)snprintf(message, sizeof message, "the budget %s %s: %lld of %lld micro-units (%s)", subject,
                 threshold == FULL ? "is full" : "is nearly used up", (long long)budget->used_micros,
                 (long long)budget->cap_micros, budget->currency);
  px_event_alert(pipeline, &(pixazo_alert){.struct_size = sizeof(pixazo_alert),
                                           .kind = PIXAZO_ALERT_BUDGET,
                                           .subject = subject,
                                           .message = message,
                                           .value = percent,
                                           .threshold = threshold});
}

static void look_at(void *user, const px_journal_budget *budget)
{
  const look *self = user;
  px_watch *watch = self->pipeline->watch;
  mark *told = find_mark(watch, budget);
  int64_t percent = percent_of(budget);
  int64_t near = percent >= watch->budget_percent ? watch->budget_percent : 0;
  int64_t reached = is_full(budget, self->denied) ? FULL : near;
  if (!told)
    return;
  if (budget->used_micros < told->told_used) /* something was given back */
    told->told = told->told_used = 0;
  if (reached <= told->told)
    return;
  told->told = reached;
  told->told_used = budget->used_micros;
  tell_budget(self->pipeline, budget, percent, reached);
}

void px_watch_budgets(pixazo_pipeline *pipeline, const px_plan_facts *denied)
{
  look self = {pipeline, denied};
  if (pipeline->watch->budget_percent != PIXAZO_NO_ALERT)
    (void)px_journal_budgets(pipeline->journal, look_at, &self, NULL); /* a database in trouble is told elsewhere */
}

void px_watch_trouble(pixazo_pipeline *pipeline, int32_t kind, const pixazo_error *error)
{
  bool *told = &pipeline->watch->troubled[kind];
  if (error && !*told)
    px_event_alert(pipeline, &(pixazo_alert){.struct_size = sizeof(pixazo_alert),
                                             .kind = kind,
                                             .subject = "",
                                             .message = pixazo_error_message(error)});
  *told = error != NULL;
}
