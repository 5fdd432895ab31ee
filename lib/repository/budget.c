/* SPDX-License-Identifier: MIT */
#include "repository/budget.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

const char *px_currency(const char *currency)
{
  return px_str_empty(currency) ? "USD" : currency;
}

static const char *text_or_empty(const char *text)
{
  return text ? text : "";
}

/* What the rules need of a budget row. */
typedef struct budget {
  int64_t id;
  int64_t cap;
  int64_t used;
  int64_t period_id; /* of the instant asked about */
  bool counted;      /* `used` belongs to that period */
  bool same_currency;
} budget;

static int64_t day_start_of_month(int64_t day, int add)
{
  px_date date;
  px_date_of(day * INT64_C(86400000000), &date);
  int32_t months = date.year * 12 + date.month - 1 + add;
  px_date first = {months / 12, months % 12 + 1, 1, 0, 0, 0, 0};
  return px_day_of(px_time_of(&first));
}

/* Day, first day of the month, or 0: what tells one period from the next. */
static int64_t period_of(const char *period, int64_t day)
{
  if (px_str_equal(period, "day"))
    return day;
  return px_str_equal(period, "month") ? day_start_of_month(day, 0) : 0;
}

static int64_t last_day_of(const char *period, int64_t day)
{
  if (px_str_equal(period, "day"))
    return day;
  return px_str_equal(period, "month") ? day_start_of_month(day, 1) - 1 : INT64_MAX;
}

/* Adds up a budget from the ledger: after a change of period, or when the row was put there by hand. */
static pixazo_status add_up(px_db_link *link, const px_db_rows *row, int64_t day, int64_t *used, pixazo_error **error)
{
  const char *scope = text_or_empty(px_db_get_text(row, 1));
  const char *period = text_or_empty(px_db_get_text(row, 3));
  const char *name = text_or_empty(px_db_get_text(row, 2));
  return px_db_number(link,
                      "SELECT coalesce(sum(amount_micros), 0) FROM ledger WHERE day >= ? AND day <= ? AND currency = ? "
                      "AND (? = 'all' OR (? = 'principal' AND principal = ?) OR (? = 'provider' AND provider = ?))",
                      PX_BIND(px_db_int(period_of(period, day)), px_db_int(last_day_of(period, day)),
                              px_db_text(px_db_get_text(row, 4)), px_db_text(scope), px_db_text(scope), px_db_text(name),
                              px_db_text(scope), px_db_text(name)),
                      used, error);
}

static const char APPLYING[] =
    "SELECT id, scope, name, period, currency, cap_micros, period_id, used_micros FROM budget "
    "WHERE scope = 'all' OR (scope = 'principal' AND name = ?) OR (scope = 'provider' AND name = ?) ORDER BY id";

static void read_budget(const px_db_rows *row, const char *currency, int64_t day, budget *out)
{
  out->id = px_db_get_int(row, 0);
  out->cap = px_db_get_int(row, 5);
  out->used = px_db_get_int(row, 7);
  out->period_id = period_of(text_or_empty(px_db_get_text(row, 3)), day);
  out->counted = px_db_get_int(row, 6) == out->period_id && !px_db_is_null(row, 6);
  out->same_currency = px_str_equal(px_db_get_text(row, 4), currency);
}

static pixazo_status ask_budget(px_db_link *link, const px_db_rows *row, const px_gate_attempt *attempt, int64_t day,
                                pixazo_error **error)
{
  budget found;
  int64_t total;
  const char *scope = text_or_empty(px_db_get_text(row, 1));
  const char *name = text_or_empty(px_db_get_text(row, 2));
  read_budget(row, px_currency(attempt->currency), day, &found);
  if (!attempt->price_known || !found.same_currency)
    return px_fail(error, PIXAZO_E_BUDGET, "the price of %s/%s is not known%s, and the %s budget%s%s counts every call",
                   attempt->provider, attempt->model, attempt->price_known ? " in the budget's currency" : "", scope,
                   *name ? " of " : "", name);
  if (!found.counted)
    PX_TRY(add_up(link, row, day, &found.used, error));
  if (__builtin_add_overflow(found.used, attempt->upper_bound_micros, &total) || total > found.cap)
    return px_fail(error, PIXAZO_E_BUDGET,
                   "the %s budget%s%s allows %lld micro-units per %s; %lld are used and this call may cost %lld", scope,
                   *name ? " of " : "", name, (long long)found.cap, text_or_empty(px_db_get_text(row, 3)),
                   (long long)found.used, (long long)attempt->upper_bound_micros);
  return PIXAZO_OK;
}

pixazo_status px_budget_ask(px_db_link *link, const px_gate_attempt *attempt, int64_t day, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_query(link, APPLYING, PX_BIND(px_db_text(text_or_empty(attempt->principal)), px_db_text(attempt->provider)),
                     &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    PX_TRY(ask_budget(link, rows, attempt, day, error));
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}

/* A total of another period, or one that is to be added up anew, does not change by a correction: px_budget_ask will
 * add it up. A reservation moves the row to its own period; the ledger row is written before, so a new sum has it. */
static pixazo_status charge_row(px_db_link *link, const px_db_rows *row, const px_charge *charge, pixazo_error **error)
{
  budget found;
  read_budget(row, charge->currency, charge->day, &found);
  if (!found.same_currency || (!found.counted && !charge->reserve))
    return PIXAZO_OK;
  if (found.counted)
    found.used += charge->amount;
  else
    PX_TRY(add_up(link, row, charge->day, &found.used, error));
  return px_db_run(link, "UPDATE budget SET period_id = ?, used_micros = ? WHERE id = ?",
                   PX_BIND(px_db_int(found.period_id), px_db_int(found.used), px_db_int(found.id)), NULL, error);
}

pixazo_status px_budget_charge(px_db_link *link, const px_charge *charge, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_query(link, APPLYING, PX_BIND(px_db_text(charge->principal), px_db_text(charge->provider)), &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    PX_TRY(charge_row(link, rows, charge, error));
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}

pixazo_status px_budget_forget(px_db_link *link, pixazo_error **error)
{
  return px_db_run(link, "UPDATE budget SET period_id = NULL", PX_BIND_NONE, NULL, error);
}
