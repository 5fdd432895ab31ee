/* SPDX-License-Identifier: MIT */
/* What was spent, by day, month, provider, model or principal: sums over the ledger. */
#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/internal.h"
#include "json/writer.h"

enum { JSON_MAX = 16 * 1024 * 1024 };

/* A month is added up from its days here, because each database writes dates in its own way. */
static const struct {
  const char *by;
  const char *column;
} keys[] = {{"day", "l.day"},
            {"month", "l.day"},
            {"provider", "l.provider"},
            {"model", "l.provider || '/' || a.model"},
            {"principal", "l.principal"}};

/* One line of the report. */
typedef struct line {
  char key[512];
  char currency[16];
  int64_t numbers[5];
} line;

static const char *const names[] = {"settled_micros", "open_micros", "reserved_micros", "calls", "unknown_price_calls"};

static void put_line(px_json_writer *writer, const char *by, const line *sum)
{
  if (!*sum->currency)
    return;
  px_json_put_begin_object(writer, NULL);
  px_json_put_string(writer, by, sum->key);
  px_json_put_string(writer, "currency", sum->currency);
  for (size_t i = 0; i < PX_ARRAY_SIZE(names); i++)
    px_json_put_int64(writer, names[i], sum->numbers[i]);
  px_json_put_end_object(writer);
}

/* "2026-11-21" or "2026-11" of a day's number. */
static void name_day(int64_t day, bool month, char *text, size_t size)
{
  px_date date;
  px_date_of(day * INT64_C(86400000000), &date);
  if (month)
    (void)snprintf(text, size, "%04d-%02d", (int)date.year, (int)date.month);
  else
    (void)snprintf(text, size, "%04d-%02d-%02d", (int)date.year, (int)date.month, (int)date.day);
}

static void read_line(const px_db_rows *row, const char *by, line *out)
{
  const char *key = px_db_get_text(row, 0), *currency = px_db_get_text(row, 1);
  bool month = px_str_equal(by, "month");
  if (month || px_str_equal(by, "day"))
    name_day(px_db_get_int(row, 0), month, out->key, sizeof out->key);
  else
    (void)snprintf(out->key, sizeof out->key, "%s", key ? key : "");
  (void)snprintf(out->currency, sizeof out->currency, "%s", currency ? currency : "");
  for (size_t i = 0; i < PX_ARRAY_SIZE(out->numbers); i++)
    out->numbers[i] = px_db_get_int(row, 2 + (int)i);
}

static pixazo_status put_lines(px_db_rows *rows, const char *by, px_json_writer *writer, pixazo_error **error)
{
  line sum = {.numbers = {0}}, next;
  bool row = false;
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    read_line(rows, by, &next);
    if (px_str_equal(sum.key, next.key) && px_str_equal(sum.currency, next.currency)) {
      for (size_t i = 0; i < PX_ARRAY_SIZE(next.numbers); i++)
        sum.numbers[i] += next.numbers[i];
    } else {
      put_line(writer, by, &sum);
      sum = next;
    }
    PX_TRY(px_db_step(rows, &row, error));
  }
  put_line(writer, by, &sum);
  return PIXAZO_OK;
}

static const char *column_of(const char *by)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(keys); i++) {
    if (px_str_equal(keys[i].by, by))
      return keys[i].column;
  }
  return NULL;
}

/* Number 0 stands for a replay, for which nobody was called. */
static pixazo_status query_costs(px_db_link *link, const char *column, int64_t since_us, px_db_rows **rows,
                                 pixazo_error **error)
{
  px_auto(px_buf) sql = PX_BUF_INIT(2048);
  (void)px_buf_printf(&sql,
                      "SELECT %s AS k, l.currency, sum(CASE l.state WHEN 2 THEN l.amount_micros ELSE 0 END), "
                      "sum(CASE l.state WHEN 4 THEN l.amount_micros ELSE 0 END), "
                      "sum(CASE l.state WHEN 1 THEN l.amount_micros ELSE 0 END), sum(CASE WHEN a.n > 0 THEN 1 ELSE 0 END), "
                      "sum(CASE WHEN l.confidence = 0 THEN 1 ELSE 0 END) FROM ledger l JOIN attempt a ON a.id = l.attempt "
                      "WHERE l.day >= ? GROUP BY k, l.currency ORDER BY l.currency, k",
                      column);
  if (sql.failed)
    return px_fail_nomem(error);
  return px_db_query(link, px_buf_text(&sql), PX_BIND(px_db_int(px_day_of(since_us))), rows, error);
}

pixazo_status pixazo_repository_costs(pixazo_repository *repository, const char *by, int64_t since_us, char **out,
                                      pixazo_error **error)
{
  PX_REQUIRE(repository && out, error, "repository and out must not be NULL");
  const char *key = by ? by : "day", *column = column_of(key);
  PX_REQUIRE(column, error, "by must be day, month, provider, model or principal");
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(JSON_MAX);
  px_cleanup(px_db_end) px_db_link *link = NULL;
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  PX_TRY(px_db_begin_read(repository->db, &link, error));
  PX_TRY(query_costs(link, column, since_us, &rows, error));
  px_json_put_begin_object(&writer, NULL);
  px_json_put_int64(&writer, "schema", 1);
  px_json_put_string(&writer, "by", key);
  px_json_put_begin_array(&writer, "costs");
  PX_TRY(put_lines(rows, key, &writer, error));
  px_json_put_end_array(&writer);
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}
