/* SPDX-License-Identifier: MIT */
#include "repository/stat.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

static void row_done(px_stat_row *row)
{
  px_free(row->provider);
  px_free(row->model);
  px_free(row->currency);
}

void px_stats_clear(px_stats *stats)
{
  for (size_t i = 0; i < stats->count; i++)
    row_done(&stats->rows[i]);
  px_free(stats->rows);
  stats->rows = NULL;
  stats->count = 0;
  stats->undo_count = 0;
}

void px_stats_mark(px_stats *stats)
{
  stats->undo_count = 0;
}

void px_stats_undo(px_stats *stats)
{
  for (size_t i = 0; i < stats->undo_count; i++)
    stats->rows[stats->undo[i].row].numbers[stats->undo[i].field] -= stats->undo[i].amount;
  stats->undo_count = 0;
}

static px_stat_row *find_row(px_stats *stats, const px_stat_key *key)
{
  for (size_t i = 0; i < stats->count; i++) {
    px_stat_row *row = &stats->rows[i];
    if (row->day == key->day && px_str_equal(row->provider, key->provider) && px_str_equal(row->model, key->model) &&
        px_str_equal(row->currency, key->currency))
      return row;
  }
  return NULL;
}

static px_stat_row *add_row(px_stats *stats, const px_stat_key *key)
{
  px_stat_row *rows = px_realloc_array(stats->rows, stats->count + 1, sizeof *rows);
  if (!rows)
    return NULL;
  stats->rows = rows;
  px_stat_row row = {key->day, px_strdup(key->provider), px_strdup(key->model), px_strdup(key->currency), {0}};
  if (!row.provider || !row.model || !row.currency) {
    row_done(&row);
    return NULL;
  }
  rows[stats->count] = row;
  return &rows[stats->count++];
}

pixazo_status px_stats_add(px_stats *stats, const px_stat_key *key, px_stat_field field, int64_t amount,
                           pixazo_error **error)
{
  px_stat_row *row = find_row(stats, key);
  if (!row)
    row = add_row(stats, key);
  if (!row)
    return px_fail_nomem(error);
  if (stats->undo_count == PX_STAT_UNDO)
    return px_fail(error, PIXAZO_E_INTERNAL, "one write counts in more than %d places", PX_STAT_UNDO);
  stats->undo[stats->undo_count].row = (size_t)(row - stats->rows);
  stats->undo[stats->undo_count].field = field;
  stats->undo[stats->undo_count++].amount = amount;
  row->numbers[field] += amount;
  return PIXAZO_OK;
}

static pixazo_status write_row(const px_stat_row *row, px_db_link *link, int shard, pixazo_error **error)
{
  const int64_t *n = row->numbers;
  return px_db_run(
      link,
      "INSERT INTO stat_day (day, provider, model, shard, currency, done, partial, failed, blocked, ambiguous, cancelled, "
      "abandoned, attempts, pictures, bytes, cost_micros, time_us, timed) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (day, provider, model, shard, currency) DO UPDATE SET done = stat_day.done + excluded.done, "
      "partial = stat_day.partial + excluded.partial, failed = stat_day.failed + excluded.failed, "
      "blocked = stat_day.blocked + excluded.blocked, ambiguous = stat_day.ambiguous + excluded.ambiguous, "
      "cancelled = stat_day.cancelled + excluded.cancelled, abandoned = stat_day.abandoned + excluded.abandoned, "
      "attempts = stat_day.attempts + excluded.attempts, pictures = stat_day.pictures + excluded.pictures, "
      "bytes = stat_day.bytes + excluded.bytes, cost_micros = stat_day.cost_micros + excluded.cost_micros, "
      "time_us = stat_day.time_us + excluded.time_us, timed = stat_day.timed + excluded.timed",
      PX_BIND(px_db_int(row->day), px_db_text(row->provider), px_db_text(row->model), px_db_int(shard),
              px_db_text(row->currency), px_db_int(n[PX_STAT_DONE]), px_db_int(n[PX_STAT_PARTIAL]),
              px_db_int(n[PX_STAT_FAILED]), px_db_int(n[PX_STAT_BLOCKED]), px_db_int(n[PX_STAT_AMBIGUOUS]),
              px_db_int(n[PX_STAT_CANCELLED]), px_db_int(n[PX_STAT_ABANDONED]), px_db_int(n[PX_STAT_ATTEMPTS]),
              px_db_int(n[PX_STAT_PICTURES]), px_db_int(n[PX_STAT_BYTES]), px_db_int(n[PX_STAT_COST]),
              px_db_int(n[PX_STAT_TIME]), px_db_int(n[PX_STAT_TIMED])),
      NULL, error);
}

pixazo_status px_stats_write(px_stats *stats, px_db_link *link, int shard, pixazo_error **error)
{
  for (size_t i = 0; i < stats->count; i++)
    PX_TRY(write_row(&stats->rows[i], link, shard, error));
  px_stats_clear(stats);
  return PIXAZO_OK;
}
