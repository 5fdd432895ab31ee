/* SPDX-License-Identifier: MIT */
/* One generation read and written back: where its state is derived, its cost added up, its statistics counted. */
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/budget.h"
#include "repository/state.h"
#include "repository/writing.h"

void px_generation_row_done(px_generation_row *row)
{
  px_db_rows_done(&row->rows);
}

pixazo_status px_generation_read(px_journal *journal, const char *uuid, px_generation_row *row, pixazo_error **error)
{
  PX_TRY(px_db_first(
      journal->link,
      "SELECT id, uuid, provider, model, currency, ended_us, state, token, class, http_status, attempts, final, "
      "decided, delivered, not_before_us, day, sent_us, answered_us, message, principal FROM generation WHERE uuid = ?",
      PX_BIND(px_db_text(uuid)), &row->rows, error));
  const px_db_rows *rows = row->rows;
  if (!rows)
    return px_fail(error, PIXAZO_E_NOT_FOUND, "no generation %s", uuid ? uuid : "");
  const char *token = px_db_get_text(rows, 7);
  row->id = px_db_get_int(rows, 0);
  row->uuid = px_db_get_text(rows, 1);
  row->provider = px_db_get_text(rows, 2);
  row->model = px_db_get_text(rows, 3);
  row->currency = px_db_get_text(rows, 4);
  row->ended_us = px_db_get_int(rows, 5);
  row->state = (int32_t)px_db_get_int(rows, 6);
  row->owned = token != NULL;
  row->mine = !token || px_str_equal(token, journal->worker.uuid);
  row->class = (int32_t)px_db_get_int(rows, 8);
  row->http_status = (int32_t)px_db_get_int(rows, 9);
  row->attempts = (int32_t)px_db_get_int(rows, 10);
  row->final = (int32_t)px_db_get_int(rows, 11);
  row->decided = (int32_t)px_db_get_int(rows, 12);
  row->delivered = (int32_t)px_db_get_int(rows, 13);
  row->not_before_us = px_db_get_int(rows, 14);
  row->day = px_db_get_int(rows, 15);
  row->sent_us = px_db_get_int(rows, 16);
  row->answered_us = px_db_get_int(rows, 17);
  row->message = px_db_get_text(rows, 18);
  row->principal = px_db_get_text(rows, 19);
  return PIXAZO_OK;
}

pixazo_status px_generation_require_mine(const px_generation_row *row, pixazo_error **error)
{
  if (!row->mine)
    return px_fail(error, PIXAZO_E_CONFLICT, "generation %s belongs to another worker", row->uuid);
  return PIXAZO_OK;
}

/* What all attempts of a generation cost together, and how sure that is. */
typedef struct total {
  int64_t cost;
  int32_t confidence;
  bool known; /* some attempt has a ledger row that says something */
} total;

static void add_ledger(total *sum, int32_t state, int64_t amount, int32_t confidence)
{
  if (state != PX_LEDGER_SETTLED && state != PX_LEDGER_OPEN) {
    if (state == PX_LEDGER_RELEASED && !sum->known)
      sum->confidence = PIXAZO_CONFIDENCE_BILLED;
    return;
  }
  sum->cost += amount;
  if (!sum->known || confidence < sum->confidence)
    sum->confidence = confidence;
  sum->known = true;
}

static pixazo_status read_attempts(px_db_link *link, int64_t generation, px_standing *standing, total *sum,
                                   pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(
      px_db_query(link,
                  "SELECT a.state, l.state, l.amount_micros, l.confidence FROM attempt a JOIN ledger l ON l.attempt = a.id "
                  "WHERE a.generation = ? ORDER BY a.n",
                  PX_BIND(px_db_int(generation)), &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    int64_t state = px_db_get_int(rows, 0);
    if (state > 0 && state < PX_ATTEMPT_STATES)
      standing->attempts[state]++;
    standing->last_attempt = (int32_t)state;
    add_ledger(sum, (int32_t)px_db_get_int(rows, 1), px_db_get_int(rows, 2), (int32_t)px_db_get_int(rows, 3));
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}

static pixazo_status read_images(px_db_link *link, int64_t generation, px_standing *standing, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_query(link, "SELECT state FROM image WHERE generation = ?", PX_BIND(px_db_int(generation)), &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    int64_t state = px_db_get_int(rows, 0);
    if (state > 0 && state < PX_IMAGE_STATES)
      standing->images[state]++;
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}

/* A column that is named costs the entries of its indexes, changed or not: so what has an index comes last, and only where it
 * changes. */
#define SET                                                                                                                    \
  "UPDATE generation SET class = ?, http_status = ?, attempts = ?, final = ?, decided = ?, delivered = ?, not_before_us = ?, " \
  "day = ?, sent_us = ?, answered_us = ?, ended_us = ?, message = ?, cost_micros = ?, confidence = ?, "                        \
  "effective_json = coalesce(?, effective_json), outcome_json = coalesce(?, outcome_json), "                                   \
  "route_json = coalesce(?, route_json), currency = coalesce((SELECT l.currency FROM attempt a JOIN ledger l "                 \
  "ON l.attempt = a.id WHERE a.generation = generation.id ORDER BY a.n DESC LIMIT 1), currency), updated_us = ? "
#define SET_STATE SET ", state = ? "
#define SET_OWNER SET_STATE ", worker = ?, token = ? "
#define SET_MODEL SET_OWNER ", provider = coalesce(?, provider), model = coalesce(?, model) "
#define WHERE_MINE "WHERE id = ? AND (token = ? OR token IS NULL)"
static const struct {
  const char *sql;
  size_t left_out; /* of the values for SET_MODEL */
} updates[] = {{SET WHERE_MINE, 5}, {SET_STATE WHERE_MINE, 4}, {SET_OWNER WHERE_MINE, 2}, {SET_MODEL WHERE_MINE, 0}};

static bool moves(const px_generation_row *row)
{
  return (row->new_provider && !px_str_equal(row->new_provider, row->provider)) ||
         (row->new_model && !px_str_equal(row->new_model, row->model));
}

static pixazo_status write_back(px_journal *journal, const px_generation_row *row, int32_t state, const total *sum,
                                pixazo_error **error)
{
  bool ended = px_generation_ended(state);
  bool owner = ended || !row->owned; /* an ended one belongs to nobody: a late answer is for whoever has it */
  size_t kind = moves(row) ? 3 : owner ? 2 : state != row->state ? 1 : 0;
  const char *me = journal->worker.uuid;
  int64_t now = px_wall_us(journal->clock), changed = 0;
  int64_t ended_us = !ended ? 0 : row->ended_us ? row->ended_us : now;
  px_db_value values[] = {
      px_db_int(row->class), px_db_int(row->http_status), px_db_int(row->attempts), px_db_int(row->final),
      px_db_int(row->decided), px_db_int(row->delivered), px_db_int(row->not_before_us), px_db_int(row->day),
      px_db_int(row->sent_us), px_db_int(row->answered_us), px_db_int(ended_us), px_db_text(row->message),
      px_db_int(sum->cost), px_db_int(sum->confidence), px_db_text(row->effective_json), px_db_text(row->outcome_json),
      px_db_text(row->route_json), px_db_int(now),
      /* SET_STATE, SET_OWNER, SET_MODEL */
      px_db_int(state), ended ? px_db_null() : px_db_int(journal->worker.id), px_db_text(ended ? NULL : me),
      px_db_text(row->new_provider), px_db_text(row->new_model),
      /* WHERE_MINE */
      px_db_int(row->id), px_db_text(me)};
  enum { ALL = PX_ARRAY_SIZE(values), WHERE = 2 };
  size_t count = ALL - updates[kind].left_out;
  memmove(&values[count - WHERE], &values[ALL - WHERE], WHERE * sizeof *values);
  PX_TRY(px_db_run(journal->link, updates[kind].sql, values, count, &changed, error));
  return changed == 1 ? PIXAZO_OK : px_fail(error, PIXAZO_E_CONFLICT, "generation %s belongs to another worker", row->uuid);
}

static pixazo_status count_state(px_journal *journal, const px_generation_row *row, int32_t state, int64_t amount,
                                 pixazo_error **error)
{
  px_stat_key key = {row->day, row->provider, row->model, px_currency(row->currency)};
  if (!px_generation_ended(state) || state > PIXAZO_GENERATION_ABANDONED)
    return PIXAZO_OK;
  return px_stats_add(&journal->stats, &key, (px_stat_field)(PX_STAT_DONE + (state - PIXAZO_GENERATION_DONE)), amount,
                      error);
}

/* The copy of the answer may hold links that open the picture; it goes when the pictures are here. */
static pixazo_status redact(px_journal *journal, const px_generation_row *row, int32_t state, pixazo_error **error)
{
  if (state != PIXAZO_GENERATION_DONE && state != PIXAZO_GENERATION_PARTIAL)
    return PIXAZO_OK;
  return px_db_run(journal->link, "UPDATE attempt SET answer = NULL WHERE generation = ? AND answer IS NOT NULL",
                   PX_BIND(px_db_int(row->id)), NULL, error);
}

pixazo_status px_standing_read(px_db_link *link, int64_t generation, px_standing *standing, pixazo_error **error)
{
  total ignored = {0};
  PX_TRY(read_attempts(link, generation, standing, &ignored, error));
  return read_images(link, generation, standing, error);
}

pixazo_status px_generation_write(px_journal *journal, px_generation_row *row, pixazo_error **error)
{
  px_standing standing = {.decided = row->decided, .final = row->final != 0, .delivered = row->delivered != 0};
  total sum = {0};
  PX_TRY(read_attempts(journal->link, row->id, &standing, &sum, error));
  PX_TRY(read_images(journal->link, row->id, &standing, error));
  int32_t state = px_generation_state_of(&standing);
  PX_TRY(write_back(journal, row, state, &sum, error));
  PX_TRY(redact(journal, row, state, error));
  if (state == row->state)
    return PIXAZO_OK;
  PX_TRY(count_state(journal, row, row->state, -1, error));
  PX_TRY(count_state(journal, row, state, 1, error));
  row->state = state;
  return PIXAZO_OK;
}
