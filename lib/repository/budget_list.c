/* SPDX-License-Identifier: MIT */
/* What is used of each budget, for those who watch them. */
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/writing.h"

/* Day, first day of the month, or 0: as in the rows. */
static int64_t period_now(const char *period, int64_t now_us)
{
  px_date date;
  if (px_str_equal(period, "day"))
    return px_day_of(now_us);
  if (!px_str_equal(period, "month"))
    return 0;
  px_date_of(now_us, &date);
  px_date first = {date.year, date.month, 1, 0, 0, 0, 0};
  return px_day_of(px_time_of(&first));
}

static const char *text_or_empty(const char *text)
{
  return text ? text : "";
}

/* A total of an earlier period, or one that is to be added up anew, is told as it will be: nothing is used yet. */
static void tell_row(const px_db_rows *rows, int64_t now_us, void (*tell)(void *, const px_journal_budget *), void *user)
{
  px_journal_budget budget = {.id = px_db_get_int(rows, 0),
                              .scope = text_or_empty(px_db_get_text(rows, 1)),
                              .name = text_or_empty(px_db_get_text(rows, 2)),
                              .period = text_or_empty(px_db_get_text(rows, 3)),
                              .currency = text_or_empty(px_db_get_text(rows, 4)),
                              .cap_micros = px_db_get_int(rows, 5)};
  budget.period_id = period_now(budget.period, now_us);
  bool counted = !px_db_is_null(rows, 6) && px_db_get_int(rows, 6) == budget.period_id;
  budget.used_micros = counted ? px_db_get_int(rows, 7) : 0;
  tell(user, &budget);
}

pixazo_status px_journal_budgets(px_journal *journal, void (*tell)(void *user, const px_journal_budget *budget), void *user,
                                 pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  int64_t now = px_wall_us(journal->clock);
  PX_TRY(px_db_begin_read(journal->repository->db, &link, error));
  PX_TRY(px_db_query(link, "SELECT id, scope, name, period, currency, cap_micros, period_id, used_micros FROM budget ORDER BY id",
                     PX_BIND_NONE, &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    tell_row(rows, now, tell, user);
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}
