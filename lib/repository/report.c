/* SPDX-License-Identifier: MIT */
/* Numbers over everything: from the rows per day, so their cost grows with days and not with pictures. */
#include "base/error.h"
#include "base/mem.h"
#include "repository/internal.h"
#include "json/writer.h"

enum { JSON_MAX = 16 * 1024 * 1024 };

static const char MODELS[] =
    "SELECT provider, model, currency, sum(planned), sum(active), sum(done), sum(partial), sum(failed), sum(blocked), "
    "sum(ambiguous), sum(cancelled), sum(abandoned), sum(attempts), sum(pictures), sum(bytes), sum(cost_micros), "
    "sum(time_us), "
    "sum(timed) FROM (SELECT provider, model, currency, 0 AS planned, 0 AS active, done, partial, failed, blocked, "
    "ambiguous, "
    "cancelled, abandoned, attempts, pictures, bytes, cost_micros, time_us, timed FROM stat_day "
    "UNION ALL SELECT provider, model, currency, CASE state WHEN 1 THEN 1 ELSE 0 END, CASE state WHEN 2 THEN 1 ELSE 0 END, "
    "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM generation WHERE state <= 2) s "
    "GROUP BY provider, model, currency ORDER BY provider, model, currency";

static pixazo_status put_model(px_db_link *link, const px_db_rows *rows, px_json_writer *writer, pixazo_error **error)
{
  static const char *const numbers[] = {"attempts", "pictures", "bytes", "cost_micros"};
  int64_t timed = px_db_get_int(rows, 17);
  (void)link;
  (void)error;
  px_json_put_begin_object(writer, NULL);
  px_json_put_string(writer, "provider", px_db_get_text(rows, 0));
  px_json_put_string(writer, "model", px_db_get_text(rows, 1));
  px_json_put_string(writer, "currency", px_db_get_text(rows, 2));
  px_json_put_begin_object(writer, "generations");
  for (int32_t state = PIXAZO_GENERATION_PLANNED; state <= PIXAZO_GENERATION_ABANDONED; state++)
    px_json_put_int64(writer, pixazo_generation_state_name(state), px_db_get_int(rows, 2 + state));
  px_json_put_end_object(writer);
  for (size_t i = 0; i < PX_ARRAY_SIZE(numbers); i++)
    px_json_put_int64(writer, numbers[i], px_db_get_int(rows, 12 + (int)i));
  px_json_put_int64(writer, "mean_time_us", timed > 0 ? px_db_get_int(rows, 16) / timed : 0);
  px_json_put_end_object(writer);
  return PIXAZO_OK;
}

static const char LEDGER[] =
    "SELECT currency, sum(settled), sum(unknown), sum(reserved) FROM (SELECT currency, cost_micros AS settled, 0 AS "
    "unknown, "
    "0 AS reserved FROM stat_day UNION ALL SELECT currency, 0, CASE state WHEN 4 THEN amount_micros ELSE 0 END, "
    "CASE state WHEN 1 THEN amount_micros ELSE 0 END FROM ledger WHERE state IN (1, 4)) l GROUP BY currency ORDER BY "
    "currency";

static pixazo_status put_ledger(px_db_link *link, const px_db_rows *rows, px_json_writer *writer, pixazo_error **error)
{
  (void)link;
  (void)error;
  px_json_put_begin_object(writer, NULL);
  px_json_put_string(writer, "currency", px_db_get_text(rows, 0));
  px_json_put_int64(writer, "settled_micros", px_db_get_int(rows, 1));
  px_json_put_int64(writer, "open_micros", px_db_get_int(rows, 2));
  px_json_put_int64(writer, "reserved_micros", px_db_get_int(rows, 3));
  px_json_put_end_object(writer);
  return PIXAZO_OK;
}

static pixazo_status put_part(px_db_link *link, const px_report_part *part, px_json_writer *writer, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_query(link, part->sql, PX_BIND_NONE, &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  px_json_put_begin_array(writer, part->name);
  while (row) {
    PX_TRY(part->put(link, rows, writer, error));
    PX_TRY(px_db_step(rows, &row, error));
  }
  px_json_put_end_array(writer);
  return PIXAZO_OK;
}

pixazo_status px_report_write(pixazo_repository *repository, const px_report_part *parts, size_t count, char **out,
                              pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(JSON_MAX);
  px_cleanup(px_db_end) px_db_link *link = NULL;
  PX_TRY(px_db_begin_read(repository->db, &link, error));
  px_json_put_begin_object(&writer, NULL);
  px_json_put_int64(&writer, "schema", 1);
  for (size_t i = 0; i < count; i++)
    PX_TRY(put_part(link, &parts[i], &writer, error));
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}

pixazo_status pixazo_repository_stats(pixazo_repository *repository, char **out, pixazo_error **error)
{
  static const px_report_part parts[] = {{"models", MODELS, put_model}, {"ledger", LEDGER, put_ledger}};
  PX_REQUIRE(repository && out, error, "repository and out must not be NULL");
  return px_report_write(repository, parts, PX_ARRAY_SIZE(parts), out, error);
}
