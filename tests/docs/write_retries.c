/* SPDX-License-Identifier: MIT */
/* docs/retries.md: every line is what the library says of a made-up answer, under a clock that stands still. */
#include "support/testing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "client/handle.h"
#include "client/plan.h"
#include "net/engine.h"
#include "net/retry.h"
#include "support/client_kit.h"
#include "write_docs.h"

/* Sun, 06 Nov 1994 08:49:00 GMT */
enum { NOW_S = 784111740 };

static int64_t standing_us(void *self)
{
  (void)self;
  return (int64_t)NOW_S * 1000000;
}

/* The most that chance can give. */
static void all_ones(void *self, void *data, size_t size)
{
  (void)self;
  memset(data, 0xFF, size);
}

static const px_clock standing = {standing_us, standing_us, standing_us, all_ones, NULL};

typedef struct event {
  const char *what;
  kit_reply reply; /* status 0: no head came */
  int trouble;     /* of a call without an answer */
  bool asked;      /* request bytes had left */
} event;

typedef struct column {
  pixazo_client *client;
  px_plan *plan;
  px_provider provider; /* the plan's, with its own word about money */
} column;

static void make_column(column *self, const char *model, bool honest)
{
  char request[96];
  (void)snprintf(request, sizeof request, "{\"prompt\":\"p\",\"seed\":1,\"model\":\"%s\"}", model);
  self->client = kit_client("pixazo", NULL);
  self->plan = kit_plan(self->client, request);
  self->client->clock = &standing;
  self->provider = *self->plan->provider;
  self->provider.billing.errors_unbilled = self->provider.billing.empty_unbilled = honest;
  self->plan->provider = &self->provider;
}

static void drop_column(column *self)
{
  px_plan_unref(self->plan);
  (void)pixazo_client_unref(self->client);
}

static pixazo_status status_of(int trouble)
{
  return trouble == PX_TROUBLE_TIMEOUT     ? PIXAZO_E_TIMEOUT
         : trouble == PX_TROUBLE_CANCEL    ? PIXAZO_E_CANCELLED
         : trouble == PX_TROUBLE_WITHHELD  ? PIXAZO_E_STATE
         : trouble == PX_TROUBLE_LOCAL     ? PIXAZO_E_IO
                                           : PIXAZO_E_NETWORK;
}

static void write_span(const char *before, uint32_t milliseconds)
{
  if (milliseconds % 1000 == 0)
    printf("%s%" PRIu32 " s", before, milliseconds / 1000);
  else
    printf("%s%" PRIu32 " ms", before, milliseconds);
}

/* What follows by itself: the longest waits, up to the end of the tries. */
static void write_tries(const column *self, const px_outcome *outcome, const px_evidence *evidence)
{
  uint32_t named = outcome ? outcome->retry_after_ms : 0;
  for (uint32_t done = 0; done < 10; done++) {
    uint32_t delay = 0;
    if (!px_client_retry(self->client, self->plan, outcome, evidence, done, &delay)) {
      printf("%s", done == 0 ? "stop" : "");
      return;
    }
    if (delay == UINT32_MAX) {
      write_span("not before ", named);
      return;
    }
    write_span(done > 0 ? ", " : delay == named ? "again after " : "again within ", delay);
  }
}

static px_outcome *judge(const column *self, const event *came, px_evidence *evidence)
{
  px_outcome *outcome = NULL;
  pixazo_error *error = NULL;
  kit_answer made;
  if (came->reply.status == 0) {
    *evidence = (px_evidence){.status = status_of(came->trouble), .trouble = came->trouble, .body_asked = came->asked};
    assert_ok(px_client_judge(self->client, self->plan, evidence, NULL, &outcome, &error), error);
  } else {
    kit_answer_make(&made, &came->reply);
    *evidence = made.evidence;
    evidence->ended_us = standing_us(NULL);
    assert_ok(px_client_judge(self->client, self->plan, evidence, &made.answer, &outcome, &error), error);
    kit_answer_done(&made);
  }
  return outcome;
}

static void write_cell(const column *self, const event *came)
{
  static const char *const charges[] = {"", "free", "charged", "perhaps charged"};
  px_evidence evidence;
  px_outcome *outcome = judge(self, came, &evidence);
  printf(" `%s`, %s", pixazo_class_name(outcome->attempt_class), charges[outcome->charge]);
  if (outcome->attempt_class != PIXAZO_CLASS_ACCEPTED) {
    printf(": ");
    write_tries(self, outcome, &evidence);
  }
  printf(" |");
  px_outcome_free(outcome);
}

#define OWN(text) "{\"message\":\"" text "\"}"
#define HTML .type = "text/html", .body = "<html>"
#define AFTER(text) .header = "retry-after", .value = text

static const event paid_events[] = {
    {.what = "name not found", .trouble = PX_TROUBLE_RESOLVE},
    {.what = "nobody took the connection", .trouble = PX_TROUBLE_CONNECT},
    {.what = "TLS failed", .trouble = PX_TROUBLE_TLS},
    {.what = "the deadline passed before anything was sent", .trouble = PX_TROUBLE_TIMEOUT},
    {.what = "the address is not allowed", .trouble = PX_TROUBLE_GUARD},
    {.what = "withdrawn before anything was sent", .trouble = PX_TROUBLE_WITHHELD},
    {.what = "cancelled before anything was sent", .trouble = PX_TROUBLE_CANCEL},
    {.what = "sent, then the connection broke", .trouble = PX_TROUBLE_TRANSFER, .asked = true},
    {.what = "sent, then the deadline passed", .trouble = PX_TROUBLE_TIMEOUT, .asked = true},
    {.what = "sent, then cancelled", .trouble = PX_TROUBLE_CANCEL, .asked = true},
    {.what = "200 with a picture", .reply = {.status = 200, .body = "{\"output\":\"https://x.test/a.png\"}"}},
    {.what = "200 without a picture", .reply = {.status = 200, .body = "{}"}},
    {.what = "204", .reply = {.status = 204, .body = ""}},
    {.what = "200 that speaks of content policy", .reply = {.status = 200, .body = OWN("refused by content policy")}},
    {.what = "200, cut", .reply = {.status = 200, .body = "{\"output\":", .cut = true}},
    {.what = "200, neither JSON nor a picture", .reply = {.status = 200, HTML}},
    {.what = "307", .reply = {.status = 307, .body = ""}},
    {.what = "400", .reply = {.status = 400, .body = OWN("no")}},
    {.what = "400 that speaks of content policy", .reply = {.status = 400, .body = OWN("refused by content policy")}},
    {.what = "401", .reply = {.status = 401, .body = OWN("no")}},
    {.what = "402", .reply = {.status = 402, .body = OWN("no")}},
    {.what = "403", .reply = {.status = 403, .body = OWN("no")}},
    {.what = "403, a challenge page", .reply = {.status = 403, HTML}},
    {.what = "403, out of quota", .reply = {.status = 403, .body = OWN("Out of call volume quota."), AFTER("3723")}},
    {.what = "404", .reply = {.status = 404, .body = OWN("no")}},
    {.what = "408", .reply = {.status = 408, .body = OWN("no")}},
    {.what = "409", .reply = {.status = 409, .body = OWN("no")}},
    {.what = "413", .reply = {.status = 413, .body = OWN("no")}},
    {.what = "415", .reply = {.status = 415, .body = OWN("no")}},
    {.what = "422", .reply = {.status = 422, .body = OWN("no")}},
    {.what = "425", .reply = {.status = 425, .body = OWN("no")}},
    {.what = "429", .reply = {.status = 429, .body = OWN("too many")}},
    {.what = "429, Retry-After: 7", .reply = {.status = 429, .body = OWN("too many"), AFTER("7")}},
    {.what = "429, Retry-After: 7200", .reply = {.status = 429, .body = OWN("too many"), AFTER("7200")}},
    {.what = "429, \"Try again in 60 seconds.\"", .reply = {.status = 429, .body = OWN("Try again in 60 seconds.")}},
    {.what = "429, the quota is used up", .reply = {.status = 429, .body = OWN("You exceeded your quota")}},
    {.what = "500 in the provider's own format", .reply = {.status = 500, .body = OWN("internal error")}},
    {.what = "500 of somebody else", .reply = {.status = 500, HTML}},
    {.what = "501 in the provider's own format", .reply = {.status = 501, .body = OWN("not implemented")}},
    {.what = "502", .reply = {.status = 502, HTML}},
    {.what = "503", .reply = {.status = 503, HTML}},
    {.what = "503, Retry-After: 7", .reply = {.status = 503, HTML, AFTER("7")}},
    {.what = "503, \"overloaded\" in the provider's own format", .reply = {.status = 503, .body = OWN("overloaded")}},
    {.what = "504", .reply = {.status = 504, HTML}},
    {.what = "520", .reply = {.status = 520, HTML}},
    {.what = "522", .reply = {.status = 522, HTML}},
    {.what = "527", .reply = {.status = 527, HTML}},
    {.what = "529", .reply = {.status = 529, .body = OWN("overloaded")}},
    {.what = "529, Retry-After: 7", .reply = {.status = 529, .body = OWN("overloaded"), AFTER("7")}},
};

static void write_paid(void)
{
  column unknown, honest, unbilled;
  make_column(&unknown, "sdxl-turbo", false);
  make_column(&honest, "sdxl-turbo", true);
  make_column(&unbilled, "sdxl", false);
  printf("\n## Calls that may cost money\n\n"
         "| what happened | a paid call | its provider states that errors and empty answers are free | nothing is billed |\n"
         "|---|---|---|---|\n");
  for (size_t i = 0; i < PX_ARRAY_SIZE(paid_events); i++) {
    printf("| %s |", paid_events[i].what);
    write_cell(&unknown, &paid_events[i]);
    write_cell(&honest, &paid_events[i]);
    write_cell(&unbilled, &paid_events[i]);
    printf("\n");
  }
  drop_column(&unknown);
  drop_column(&honest);
  drop_column(&unbilled);
}

static void write_free_line(const column *self, const char *what, const px_evidence *evidence)
{
  printf("| %s | ", what);
  write_tries(self, NULL, evidence);
  printf(" |\n");
}

static void write_free(void)
{
  static const int statuses[] = {400, 401, 403, 404, 408, 410, 416, 425, 429, 500, 501, 502, 503, 504, 505, 520, 529};
  static const event troubles[] = {
      {.what = "name not found", .trouble = PX_TROUBLE_RESOLVE},
      {.what = "nobody took the connection", .trouble = PX_TROUBLE_CONNECT},
      {.what = "TLS failed", .trouble = PX_TROUBLE_TLS},
      {.what = "the connection broke, or the body was cut", .trouble = PX_TROUBLE_TRANSFER},
      {.what = "a deadline passed", .trouble = PX_TROUBLE_TIMEOUT},
      {.what = "the address is not allowed", .trouble = PX_TROUBLE_GUARD},
      {.what = "more bytes than allowed, or too many redirects", .trouble = PX_TROUBLE_LIMIT},
      {.what = "cancelled", .trouble = PX_TROUBLE_CANCEL},
      {.what = "the file could not be written", .trouble = PX_TROUBLE_LOCAL},
  };
  column self;
  make_column(&self, "sdxl", false);
  printf("\n## Questions to a queue and downloads\n\n| what happened | then |\n|---|---|\n");
  for (size_t i = 0; i < PX_ARRAY_SIZE(troubles); i++)
    write_free_line(&self, troubles[i].what,
                    &(px_evidence){.status = status_of(troubles[i].trouble), .trouble = troubles[i].trouble});
  for (size_t i = 0; i < PX_ARRAY_SIZE(statuses); i++) {
    char what[16];
    (void)snprintf(what, sizeof what, "%d", statuses[i]);
    write_free_line(&self, what, &(px_evidence){.status = PIXAZO_E_PROVIDER, .http_status = statuses[i]});
  }
  drop_column(&self);
}

/* How long a 429 with this header or body is waited for. */
static void write_wait(const column *self, const char *name, const char *value, const char *body)
{
  px_evidence evidence;
  event came = {.reply = {.status = 429, .body = body ? body : OWN("too many"), .header = name, .value = value}};
  px_outcome *outcome = judge(self, &came, &evidence);
  if (body)
    printf("| body `%s` | ", body);
  else
    printf("| `%s: %s` | ", name, value ? value : "");
  if (outcome->retry_after_ms > 0)
    write_span("", outcome->retry_after_ms);
  else
    printf("none");
  printf(" | ");
  write_tries(self, outcome, &evidence);
  printf(" |\n");
  px_outcome_free(outcome);
}

static void write_waits(void)
{
  static const char *const values[] = {"7",
                                       "0",
                                       "0.5",
                                       "120",
                                       "121",
                                       "99999999999",
                                       "-5",
                                       "soon",
                                       "1e3",
                                       "Sun, 06 Nov 1994 08:49:37 GMT",
                                       "Sunday, 06-Nov-94 08:49:37 GMT",
                                       "Sun Nov  6 08:49:37 1994",
                                       "Sun, 06 Nov 1994 08:00:00 GMT",
                                       "Sun, 06 Nov 1994 09:49:00 GMT"};
  static const char *const bodies[] = {
      "{\"message\":\"Rate limit is exceeded. Try again in 60 seconds.\"}",
      "{\"error\":{\"message\":\"Please try again in 1m30.5s.\"}}",
      "{\"message\":\"Quota will be replenished in 01:02:03.\"}",
      "{\"message\":\"slow down\",\"retry_after\":2.5}",
      "{\"message\":\"slow down\",\"retry_after_ms\":2500}",
      "{\"error\":{\"message\":\"slow down\",\"details\":[{\"retryDelay\":\"37.4s\"}]}}",
      "{\"error\":{\"message\":\"slow down\",\"details\":[{\"violations\":[{\"quotaId\":\"PerDay\"}]},{\"retryDelay\":\"9s\"}]}}",
      "{\"message\":\"Try again in 60\"}",
      "{\"message\":\"try again later\"}",
  };
  column self;
  make_column(&self, "sdxl-turbo", false);
  printf("\n## How a wait is read\n\n"
         "A 429 at Sun, 06 Nov 1994 08:49:00 GMT.\n\n| named as | wait | then |\n|---|---|---|\n");
  write_wait(&self, "retry-after-ms", "2500", NULL);
  for (size_t i = 0; i < PX_ARRAY_SIZE(values); i++)
    write_wait(&self, "retry-after", values[i], NULL);
  for (size_t i = 0; i < PX_ARRAY_SIZE(bodies); i++)
    write_wait(&self, NULL, NULL, bodies[i]);
  drop_column(&self);
}

void write_retries(void)
{
  printf(
      "# What is tried again\n\n"
      "This page is made by asking the library about each line; `write_docs retries` prints it and a test compares.\n\n"
      "There is one loop in one place: neither libcurl nor a provider's adapter repeats anything by itself. A paid call is\n"
      "repeated only where that cannot cost twice: at most `max_retries` times (2), while questions to a queue and downloads\n"
      "are repeated `max_fetch_retries` times (5). The wait before try *n* is a random part of `retry_delay_ms` (1 s) times\n"
      "2^*n*, at most 30 s; the tables give the longest one. A wait that the other side names holds where it is longer; one\n"
      "above 120 s is not waited out: a pipeline leaves the generation planned with that time, a bare client fails with\n"
      "`pixazo_error_retry_after_ms`. The retry hook is told of each repetition and may change the wait or forbid it.\n\n"
      "A provider that sends `x-should-retry` decides: `false` ends it, `true` makes any refusal one that is repeated, but\n"
      "never a call that may have been charged, a block, or a code that says the account has nothing left.\n\n"
      "*Perhaps charged* counts in budgets as the upper bound until it is settled. `on_ambiguous` = `retry` treats\n"
      "`ambiguous` like `failed`; it is the only setting that may pay twice, and it is off.\n");
  write_paid();
  write_free();
  write_waits();
}
