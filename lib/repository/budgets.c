/* SPDX-License-Identifier: MIT */
/* Setting, listing and removing budgets. */
#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/budget.h"
#include "repository/internal.h"
#include "repository/state.h"
#include "json/terms_json.h"

static pixazo_status refuse_run(const px_budget_terms *terms, pixazo_error **error)
{
  if (px_str_equal(terms->scope, "run"))
    return px_fail(error, PIXAZO_E_ARGUMENT, "the budget of a run belongs to its pipeline or gate and is set there");
  return PIXAZO_OK;
}

pixazo_status pixazo_repository_set_budget(pixazo_repository *repository, const char *json, pixazo_error **error)
{
  PX_REQUIRE(repository && json, error, "repository and json must not be NULL");
  px_cleanup(px_db_end) px_db_link *link = NULL;
  px_budget_terms terms;
  PX_TRY(px_budget_terms_read(json, &terms, error));
  PX_TRY(refuse_run(&terms, error));
  PX_TRY(px_db_begin_write(repository->db, &link, error));
  PX_TRY(px_budget_put(link, &terms, error));
  return px_db_commit(&link, error);
}

pixazo_status pixazo_repository_remove_budget(pixazo_repository *repository, const char *json, pixazo_error **error)
{
  PX_REQUIRE(repository && json, error, "repository and json must not be NULL");
  px_cleanup(px_db_end) px_db_link *link = NULL;
  px_budget_terms terms;
  int64_t changed = 0;
  PX_TRY(px_budget_terms_find(json, &terms, error));
  PX_TRY(refuse_run(&terms, error));
  PX_TRY(px_db_begin_write(repository->db, &link, error));
  PX_TRY(px_db_run(link, "DELETE FROM budget WHERE scope = ? AND name = ? AND period = ? AND currency = ?",
                   PX_BIND(px_db_text(terms.scope), px_db_text(terms.name), px_db_text(terms.period),
                           px_db_text(terms.currency)),
                   &changed, error));
  if (changed == 0)
    return px_fail(error, PIXAZO_E_NOT_FOUND, "there is no %s budget of scope %s%s%s in %s", terms.period, terms.scope,
                   terms.name[0] ? " and name " : "", terms.name, terms.currency);
  return px_db_commit(&link, error);
}

/* What a budget counts in the period of a day. */
typedef struct counted {
  int64_t settled;
  int64_t open;
  int64_t reserved;
  int64_t unknown; /* calls that are, or may be, charged and not counted: their price is not known in this currency */
  int64_t over;    /* answers that cost more than their upper bound */
} counted;

static pixazo_status count_budget(px_db_link *link, const px_db_rows *row, int64_t first, int64_t last, counted *out,
                                  pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  const char *currency = px_db_get_text(row, 3);
  bool more = false;
  PX_TRY(px_db_query(
      link,
      "SELECT l.state, sum(CASE WHEN l.currency = ? THEN l.amount_micros ELSE 0 END), "
      "sum(CASE WHEN l.confidence = 0 OR (l.currency <> ? AND l.amount_micros <> 0) THEN 1 ELSE 0 END), sum(l.over) FROM " PX_BUDGET_ROWS
      " GROUP BY l.state",
      PX_BIND(px_db_text(currency), px_db_text(currency),
              PX_BUDGET_BIND(first, last, px_db_get_text(row, 0), px_db_get_text(row, 1))),
      &rows, error));
  PX_TRY(px_db_step(rows, &more, error));
  while (more) {
    int64_t state = px_db_get_int(rows, 0), amount = px_db_get_int(rows, 1);
    out->settled += state == PX_LEDGER_SETTLED ? amount : 0;
    out->open += state == PX_LEDGER_OPEN ? amount : 0;
    out->reserved += state == PX_LEDGER_RESERVED ? amount : 0;
    out->unknown += state == PX_LEDGER_RELEASED ? 0 : px_db_get_int(rows, 2);
    out->over += px_db_get_int(rows, 3);
    PX_TRY(px_db_step(rows, &more, error));
  }
  return PIXAZO_OK;
}

static void put_period(px_json_writer *writer, int64_t first, int64_t last)
{
  static const int64_t DAY_US = INT64_C(86400000000);
  if (last == INT64_MAX) {
    px_json_put_null(writer, "period_begin_us");
    px_json_put_null(writer, "period_end_us");
    return;
  }
  px_json_put_int64(writer, "period_begin_us", first * DAY_US);
  px_json_put_int64(writer, "period_end_us", (last + 1) * DAY_US);
}

static pixazo_status put_budget(px_db_link *link, const px_db_rows *row, px_json_writer *writer, pixazo_error **error)
{
  counted sum = {0};
  int64_t first, last, cap = px_db_get_int(row, 4);
  px_budget_days(px_db_get_text(row, 2), px_day_of(px_wall_us(px_clock_system())), &first, &last);
  PX_TRY(count_budget(link, row, first, last, &sum, error));
  int64_t used = sum.settled + sum.open + sum.reserved;
  px_json_put_begin_object(writer, NULL);
  px_json_put_string(writer, "scope", px_db_get_text(row, 0));
  px_json_put_string(writer, "name", px_db_get_text(row, 1));
  px_json_put_string(writer, "period", px_db_get_text(row, 2));
  px_json_put_string(writer, "currency", px_db_get_text(row, 3));
  px_json_put_int64(writer, "cap_micros", cap);
  px_json_put_bool(writer, "allow_unknown_price", px_db_get_int(row, 5) != 0);
  put_period(writer, first, last);
  px_json_put_int64(writer, "used_micros", used);
  px_json_put_int64(writer, "settled_micros", sum.settled);
  px_json_put_int64(writer, "open_micros", sum.open);
  px_json_put_int64(writer, "reserved_micros", sum.reserved);
  px_json_put_int64(writer, "left_micros", used < cap ? cap - used : 0);
  px_json_put_int64(writer, "unknown_price_calls", sum.unknown);
  px_json_put_int64(writer, "over_bound_calls", sum.over);
  px_json_put_end_object(writer);
  return PIXAZO_OK;
}

pixazo_status pixazo_repository_budgets(pixazo_repository *repository, char **out, pixazo_error **error)
{
  static const px_report_part part = {
      "budgets", "SELECT scope, name, period, currency, cap_micros, allow_unknown FROM budget ORDER BY id", put_budget};
  PX_REQUIRE(repository && out, error, "repository and out must not be NULL");
  return px_report_write(repository, &part, 1, out, error);
}
