/* SPDX-License-Identifier: MIT */
#include "repository/budget.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/money.h"
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

void px_budget_days(const char *period, int64_t day, int64_t *first, int64_t *last)
{
  bool month = px_str_equal(period, "month");
  bool total = !month && !px_str_equal(period, "day");
  *first = total ? 0 : month ? day_start_of_month(day, 0) : day;
  *last = total ? INT64_MAX : month ? day_start_of_month(day, 1) - 1 : day;
}

/* Day, first day of the month, or 0: what tells one period from the next. */
static int64_t period_of(const char *period, int64_t day)
{
  int64_t first, last;
  px_budget_days(period, day, &first, &last);
  return first;
}

/* Adds up a budget from the ledger: after a change of period, or when the row is new. */
static pixazo_status add_up(px_db_link *link, const px_db_rows *row, int64_t day, int64_t *used, pixazo_error **error)
{
  const char *scope = text_or_empty(px_db_get_text(row, 1));
  const char *name = text_or_empty(px_db_get_text(row, 2));
  int64_t first, last;
  px_budget_days(text_or_empty(px_db_get_text(row, 3)), day, &first, &last);
  return px_db_number(
      link, "SELECT coalesce(sum(CASE WHEN l.currency = ? THEN l.amount_micros ELSE 0 END), 0) FROM " PX_BUDGET_ROWS,
      PX_BIND(px_db_text(px_db_get_text(row, 4)), PX_BUDGET_BIND(first, last, scope, name)), used, error);
}

static const char APPLYING[] =
    "SELECT id, scope, name, period, currency, cap_micros, period_id, used_micros, allow_unknown FROM budget "
    "WHERE scope = 'all' OR (scope = 'principal' AND name = ?) OR (scope = 'provider' AND name = ?) "
    "OR (scope = 'run' AND name = ?) ORDER BY id";

static void read_budget(const px_db_rows *row, const char *currency, int64_t day, budget *out)
{
  out->id = px_db_get_int(row, 0);
  out->cap = px_db_get_int(row, 5);
  out->used = px_db_get_int(row, 7);
  out->period_id = period_of(text_or_empty(px_db_get_text(row, 3)), day);
  out->counted = px_db_get_int(row, 6) == out->period_id && !px_db_is_null(row, 6);
  out->same_currency = px_str_equal(px_db_get_text(row, 4), currency);
}

/* "the day budget of provider pixazo". */
static void name_budget(const px_db_rows *row, px_buf *out)
{
  const char *scope = text_or_empty(px_db_get_text(row, 1));
  const char *name = text_or_empty(px_db_get_text(row, 2));
  bool run = px_str_equal(scope, "run");
  (void)px_buf_printf(out, "the %s budget%s", text_or_empty(px_db_get_text(row, 3)), run ? " of this run" : "");
  if (px_str_equal(scope, "principal") && !*name)
    (void)px_buf_add_text(out, " of the default principal");
  else if (!run && !px_str_equal(scope, "all"))
    (void)px_buf_printf(out, " of %s %s", scope, name);
}

/* " until 2026-11-21 UTC": when the period of a day ends; "" when it does not. */
static void name_end(const px_db_rows *row, int64_t day, char *text, size_t size)
{
  px_date date;
  int64_t first, last;
  text[0] = '\0';
  px_budget_days(text_or_empty(px_db_get_text(row, 3)), day, &first, &last);
  if (last == INT64_MAX)
    return;
  px_date_of((last + 1) * INT64_C(86400000000), &date);
  (void)snprintf(text, size, " until %04d-%02d-%02d UTC", (int)date.year, (int)date.month, (int)date.day);
}

static pixazo_status deny_unknown(const px_db_rows *row, const px_gate_attempt *attempt, pixazo_error **error)
{
  px_auto(px_buf) name = PX_BUF_INIT(1024);
  name_budget(row, &name);
  (void)px_fail(error, PIXAZO_E_BUDGET, "the price of %s/%s is not known%s%s, so %s cannot count it; nothing was sent",
                attempt->provider, attempt->model, attempt->price_known ? " in " : "",
                attempt->price_known ? text_or_empty(px_db_get_text(row, 4)) : "", px_buf_text(&name));
  px_error_hint(error, "allow calls of unknown price in this budget, or use a model whose price is known");
  return PIXAZO_E_BUDGET;
}

static pixazo_status deny_costly(const px_db_rows *row, const budget *found, const px_gate_attempt *attempt, int64_t day,
                                 pixazo_error **error)
{
  char cap[PX_MONEY_TEXT], used[PX_MONEY_TEXT], cost[PX_MONEY_TEXT], end[64];
  const char *currency = text_or_empty(px_db_get_text(row, 4));
  px_auto(px_buf) name = PX_BUF_INIT(1024);
  name_budget(row, &name);
  name_end(row, day, end, sizeof end);
  px_format_micros(found->cap, currency, cap);
  px_format_micros(found->used, NULL, used);
  px_format_micros(attempt->upper_bound_micros, NULL, cost);
  (void)px_fail(error, PIXAZO_E_BUDGET, "%s allows %s%s: %s are used and one call to %s/%s may cost %s; nothing was sent",
                px_buf_text(&name), cap, end, used, attempt->provider, attempt->model, cost);
  px_error_hint(error, "raise the budget, wait for its next period, or ask for something cheaper");
  return PIXAZO_E_BUDGET;
}

static pixazo_status keep_total(px_db_link *link, const budget *found, pixazo_error **error)
{
  return px_db_run(link, "UPDATE budget SET period_id = ?, used_micros = ? WHERE id = ?",
                   PX_BIND(px_db_int(found->period_id), px_db_int(found->used), px_db_int(found->id)), NULL, error);
}

/* Kept also when the answer is no: those who watch the budget see why. */
static pixazo_status count_anew(px_db_link *link, const px_db_rows *row, int64_t day, budget *found, pixazo_error **error)
{
  PX_TRY(add_up(link, row, day, &found->used, error));
  return keep_total(link, found, error);
}

static pixazo_status ask_budget(px_db_link *link, const px_db_rows *row, const px_gate_attempt *attempt, int64_t day,
                                pixazo_error **error)
{
  budget found;
  int64_t total;
  read_budget(row, px_currency(attempt->currency), day, &found);
  bool nothing = attempt->upper_bound_micros == 0; /* in any currency */
  bool priced = attempt->price_known && (found.same_currency || nothing);
  if (!priced && px_db_get_int(row, 8) == 0)
    return deny_unknown(row, attempt, error);
  if (!found.counted)
    PX_TRY(count_anew(link, row, day, &found, error));
  if (__builtin_add_overflow(found.used, priced ? attempt->upper_bound_micros : 0, &total) || total > found.cap)
    return deny_costly(row, &found, attempt, day, error);
  return PIXAZO_OK;
}

pixazo_status px_budget_ask(px_db_link *link, const px_gate_attempt *attempt, int64_t day, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_query(link, APPLYING,
                     PX_BIND(px_db_text(text_or_empty(attempt->principal)), px_db_text(attempt->provider),
                             px_db_text(attempt->run)),
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
  return keep_total(link, &found, error);
}

pixazo_status px_budget_charge(px_db_link *link, const px_charge *charge, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_query(link, APPLYING,
                     PX_BIND(px_db_text(charge->principal), px_db_text(charge->provider), px_db_text(charge->run)), &rows,
                     error));
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

pixazo_status px_budget_put(px_db_link *link, const px_budget_terms *terms, pixazo_error **error)
{
  return px_db_run(link,
                   "INSERT INTO budget (scope, name, period, currency, cap_micros, allow_unknown) VALUES (?, ?, ?, ?, ?, ?) "
                   "ON CONFLICT (scope, name, period, currency) DO UPDATE SET cap_micros = excluded.cap_micros, "
                   "allow_unknown = excluded.allow_unknown, period_id = NULL",
                   PX_BIND(px_db_text(terms->scope), px_db_text(terms->name), px_db_text(terms->period),
                           px_db_text(terms->currency), px_db_int(terms->cap_micros), px_db_int(terms->allow_unknown_price)),
                   NULL, error);
}

pixazo_status px_budget_drop_run(px_db_link *link, const char *run, pixazo_error **error)
{
  return px_db_run(link, "DELETE FROM budget WHERE scope = 'run' AND name = ?", PX_BIND(px_db_text(run)), NULL, error);
}
