/* SPDX-License-Identifier: MIT */
#include "json/terms_json.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/str.h"
#include "json/json.h"

enum { TERMS_MAX = 16 * 1024 };

static const int64_t WINDOW_MAX_MS = INT64_C(366) * 86400000;

/* One document on its way into its struct. */
typedef struct reading {
  px_json *root;
  const char *what;
} reading;

static void reading_done(reading *self)
{
  px_json_free(self->root);
}

static pixazo_status open_terms(reading *self, const char *what, const char *json, pixazo_error **error)
{
  px_json_limits limits = {TERMS_MAX, 4, 256};
  self->what = what;
  PX_TRY(px_json_parse_given(json, strlen(json), &limits, what, &self->root, error));
  if (!px_json_is(self->root, PX_JSON_OBJECT))
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s: want a JSON object", what);
  return PIXAZO_OK;
}

/* `known`: member names with spaces around each. */
static pixazo_status check_members(const reading *self, const char *known, pixazo_error **error)
{
  for (const px_json *member = px_json_first(self->root); member; member = px_json_next(member)) {
    const char *name = px_json_name(member);
    char word[40];
    int length = snprintf(word, sizeof word, " %s ", name);
    if (length < 0 || (size_t)length >= sizeof word || strchr(name, ' ') || !strstr(known, word))
      return px_fail(error, PIXAZO_E_ARGUMENT, "%s: there is no member \"%.64s\"; there are%s", self->what, name, known);
  }
  return PIXAZO_OK;
}

/* Text of at most size - 1 bytes; stays as it is when the member is absent. */
static pixazo_status read_text(const reading *self, const char *name, char *out, size_t size, pixazo_error **error)
{
  const px_json *member = px_json_member(self->root, name);
  const char *text = px_json_is(member, PX_JSON_STRING) ? px_json_text(member) : NULL;
  if (!member || px_json_is(member, PX_JSON_NULL))
    return PIXAZO_OK;
  if (!text || strlen(text) >= size)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s: %s must be text of at most %zu bytes", self->what, name, size - 1);
  memcpy(out, text, strlen(text) + 1);
  return PIXAZO_OK;
}

static pixazo_status read_word(const reading *self, const char *name, const char *words, char out[PX_TERMS_WORD],
                               pixazo_error **error)
{
  char found[PX_TERMS_WORD + 2];
  PX_TRY(read_text(self, name, out, PX_TERMS_WORD, error));
  (void)snprintf(found, sizeof found, " %s ", out);
  if (!*out || !strstr(words, found))
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s: %s must be one of%s", self->what, name, words);
  return PIXAZO_OK;
}

static pixazo_status read_whole(const reading *self, const char *name, int64_t least, int64_t most, int64_t *out,
                                pixazo_error **error)
{
  const px_json *member = px_json_member(self->root, name);
  int64_t value = 0;
  if (!member || px_json_is(member, PX_JSON_NULL))
    return PIXAZO_OK;
  if (px_json_get_int64(member, "", &value, NULL) != PIXAZO_OK || value < least || value > most)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s: %s must be a whole number from %lld to %lld", self->what, name,
                   (long long)least, (long long)most);
  *out = value;
  return PIXAZO_OK;
}

static pixazo_status read_currency(const reading *self, char out[PX_TERMS_WORD], pixazo_error **error)
{
  PX_TRY(read_text(self, "currency", out, PX_TERMS_WORD, error));
  if (!px_currency_valid(out))
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s: currency must be three capital letters", self->what);
  return PIXAZO_OK;
}

static pixazo_status read_budget_key(const reading *self, px_budget_terms *terms, pixazo_error **error)
{
  *terms = (px_budget_terms){.scope = "all", .period = "total", .currency = "USD"};
  PX_TRY(read_word(self, "scope", " all provider principal run ", terms->scope, error));
  PX_TRY(read_text(self, "name", terms->name, sizeof terms->name, error));
  PX_TRY(read_word(self, "period", " day month total ", terms->period, error));
  PX_TRY(read_currency(self, terms->currency, error));
  if (px_str_equal(terms->scope, "all") && *terms->name)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s: a budget of scope all has no name", self->what);
  if (px_str_equal(terms->scope, "provider") && !*terms->name)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s: a budget of scope provider needs its name", self->what);
  return PIXAZO_OK;
}

pixazo_status px_budget_terms_find(const char *json, px_budget_terms *out, pixazo_error **error)
{
  px_auto(reading) self = {NULL, NULL};
  px_budget_terms terms;
  PX_TRY(open_terms(&self, "budget", json, error));
  PX_TRY(read_budget_key(&self, &terms, error));
  *out = terms;
  return PIXAZO_OK;
}

static pixazo_status read_cap(const reading *self, px_budget_terms *terms, pixazo_error **error)
{
  terms->cap_micros = -1;
  PX_TRY(read_whole(self, "cap_micros", 0, INT64_MAX, &terms->cap_micros, error));
  if (terms->cap_micros < 0)
    return px_fail(error, PIXAZO_E_ARGUMENT, "budget: cap_micros is missing: millionths of the currency's unit");
  if (px_json_may_bool(self->root, "allow_unknown_price", &terms->allow_unknown_price, NULL) != PIXAZO_OK)
    return px_fail(error, PIXAZO_E_ARGUMENT, "budget: allow_unknown_price must be true or false");
  return PIXAZO_OK;
}

pixazo_status px_budget_terms_read(const char *json, px_budget_terms *out, pixazo_error **error)
{
  px_auto(reading) self = {NULL, NULL};
  px_budget_terms terms;
  PX_TRY(open_terms(&self, "budget", json, error));
  PX_TRY(check_members(&self, " schema scope name period currency cap_micros allow_unknown_price ", error));
  PX_TRY(read_budget_key(&self, &terms, error));
  PX_TRY(read_cap(&self, &terms, error));
  *out = terms;
  return PIXAZO_OK;
}

pixazo_status px_budget_terms_run(const char *json, px_budget_terms *out, pixazo_error **error)
{
  px_auto(reading) self = {NULL, NULL};
  px_budget_terms terms = {.scope = "run", .period = "total", .currency = "USD"};
  PX_TRY(open_terms(&self, "budget", json, error));
  PX_TRY(check_members(&self, " schema scope period currency cap_micros allow_unknown_price ", error));
  PX_TRY(read_word(&self, "scope", " run ", terms.scope, error));
  PX_TRY(read_word(&self, "period", " total ", terms.period, error));
  PX_TRY(read_currency(&self, terms.currency, error));
  PX_TRY(read_cap(&self, &terms, error));
  *out = terms;
  return PIXAZO_OK;
}

/* Absent: all together; "*": each for itself; a name: that one. */
static pixazo_status read_dimension(const reading *self, const char *name, char out[PX_TERMS_NAME], pixazo_error **error)
{
  const px_json *member = px_json_member(self->root, name);
  out[0] = out[1] = '\0';
  if (!member || px_json_is(member, PX_JSON_NULL))
    return PIXAZO_OK;
  PX_TRY(read_text(self, name, out + 1, PX_TERMS_NAME - 1, error));
  if (px_str_equal(out + 1, "*"))
    memcpy(out, "*", 2);
  else
    out[0] = '=';
  return PIXAZO_OK;
}

static pixazo_status read_quota_key(const reading *self, px_quota_terms *terms, pixazo_error **error)
{
  *terms = (px_quota_terms){.max_wait_us = -1};
  PX_TRY(read_dimension(self, "provider", terms->provider, error));
  return read_dimension(self, "principal", terms->principal, error);
}

pixazo_status px_quota_terms_find(const char *json, px_quota_terms *out, pixazo_error **error)
{
  px_auto(reading) self = {NULL, NULL};
  px_quota_terms terms;
  PX_TRY(open_terms(&self, "quota", json, error));
  PX_TRY(read_quota_key(&self, &terms, error));
  *out = terms;
  return PIXAZO_OK;
}

pixazo_status px_quota_terms_read(const char *json, px_quota_terms *out, pixazo_error **error)
{
  px_auto(reading) self = {NULL, NULL};
  px_quota_terms terms;
  int64_t window_ms = INT64_C(3600000), max_wait_ms = -1;
  PX_TRY(open_terms(&self, "quota", json, error));
  PX_TRY(check_members(&self, " schema provider principal requests window_ms burst slots max_wait_ms ", error));
  PX_TRY(read_quota_key(&self, &terms, error));
  PX_TRY(read_whole(&self, "requests", 1, 1000000, &terms.requests, error));
  PX_TRY(read_whole(&self, "window_ms", 1, WINDOW_MAX_MS, &window_ms, error));
  terms.burst = terms.requests;
  PX_TRY(read_whole(&self, "burst", 1, 1000000, &terms.burst, error));
  PX_TRY(read_whole(&self, "slots", 1, 1000000, &terms.slots, error));
  PX_TRY(read_whole(&self, "max_wait_ms", 0, WINDOW_MAX_MS, &max_wait_ms, error));
  if (terms.requests == 0 && terms.slots == 0)
    return px_fail(error, PIXAZO_E_ARGUMENT, "quota: want requests (in window_ms), slots, or both");
  terms.window_us = terms.requests > 0 ? window_ms * 1000 : 0;
  terms.burst = terms.requests == 0 ? 0 : terms.burst < terms.requests ? terms.burst : terms.requests;
  terms.max_wait_us = max_wait_ms < 0 ? -1 : max_wait_ms * 1000;
  *out = terms;
  return PIXAZO_OK;
}
