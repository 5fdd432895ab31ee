/* SPDX-License-Identifier: MIT */
/* T1 and T2: a generation is planned, an attempt begins. And how a generation ends without one. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/budget.h"
#include "repository/ledger.h"
#include "repository/state.h"
#include "repository/writing.h"

static pixazo_status batch_id(px_journal *journal, const char *uuid, int64_t *id, pixazo_error **error)
{
  PX_TRY(px_db_number(journal->link, "SELECT id FROM batch WHERE uuid = ?", PX_BIND(px_db_text(uuid)), id, error));
  if (*id != 0)
    return PIXAZO_OK;
  return px_db_insert(journal->link, "INSERT INTO batch (uuid, created_us) VALUES (?, ?)",
                      PX_BIND(px_db_text(uuid), px_db_int(px_wall_us(journal->clock))), id, error);
}

/* *id stays 0 when the principal has used the key. */
static pixazo_status insert_generation(px_journal *journal, const px_journal_new *row, int64_t batch, int64_t *id,
                                       pixazo_error **error)
{
  int64_t now = px_wall_us(journal->clock);
  return px_db_insert(
      journal->link,
      "INSERT INTO generation (uuid, batch, principal, idempotency_key, parent, relation, request_json, metadata_json, "
      "effective_json, outcome_json, prompt, provider, model, images, state, worker, token, day, created_us, updated_us, "
      "replay_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (principal, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING",
      PX_BIND(px_db_text(row->uuid), batch ? px_db_int(batch) : px_db_null(),
              px_db_text(row->principal ? row->principal : ""), px_db_text(row->idempotency_key), px_db_text(row->parent),
              px_db_text(row->relation), px_db_text(row->request_json), px_db_text(row->metadata_json),
              px_db_text(row->effective_json), px_db_text(row->outcome_json), px_db_text(row->prompt ? row->prompt : ""),
              px_db_text(row->provider), px_db_text(row->model), px_db_int(row->images > 0 ? row->images : 1),
              px_db_int(journal->worker.id), px_db_text(journal->worker.uuid), px_db_int(px_day_of(now)), px_db_int(now),
              px_db_int(now), px_db_text(row->replay_key)),
      id, error);
}

/* "" when the key is free. */
static pixazo_status find_key(px_db_link *link, const char *principal, const char *key, char uuid[PX_UUID_TEXT],
                              pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  PX_TRY(px_db_first(link, "SELECT uuid FROM generation WHERE principal = ? AND idempotency_key = ?",
                     PX_BIND(px_db_text(principal ? principal : ""), px_db_text(key)), &rows, error));
  const char *found = rows ? px_db_get_text(rows, 0) : "";
  if (!found) /* nor may its key count as free: what it stands for may be paid */
    return px_fail(error, PIXAZO_E_CORRUPT, "the generation of an idempotency key has no UUID");
  (void)snprintf(uuid, PX_UUID_TEXT, "%s", found);
  return PIXAZO_OK;
}

pixazo_status px_journal_find_key(pixazo_repository *repository, const char *principal, const char *key,
                                  char uuid[PX_UUID_TEXT], pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  PX_TRY(px_db_borrow_reader(repository->db, &link, error));
  return find_key(link, principal, key, uuid, error);
}

static pixazo_status find_first(px_journal *journal, const px_journal_new *row, char existing[PX_UUID_TEXT],
                                pixazo_error **error)
{
  PX_TRY(find_key(journal->link, row->principal, row->idempotency_key, existing, error));
  if (!existing[0])
    return px_fail(error, PIXAZO_E_CORRUPT, "the index of idempotency keys names no generation");
  return px_fail(error, PIXAZO_E_EXISTS, "the idempotency key was used before, for generation %s", existing);
}

static pixazo_status insert_with_batch(px_journal *journal, const px_journal_new *row, int64_t *id, pixazo_error **error)
{
  int64_t batch = 0;
  PX_TRY(batch_id(journal, row->batch, &batch, error));
  return insert_generation(journal, row, batch, id, error);
}

/* One statement alone is undone as a whole when it fails: only what has two is a part. Either begins a write, and with it
 * what the statistics may have to take back. */
static pixazo_status add_rows(px_journal *journal, const px_journal_new *row, int64_t *id, pixazo_error **error)
{
  if (px_str_empty(row->batch)) {
    px_stats_mark(&journal->stats);
    return insert_generation(journal, row, 0, id, error);
  }
  PX_TRY(px_part_begin(journal, error));
  return px_part_end(journal, insert_with_batch(journal, row, id, error), error);
}

pixazo_status px_journal_add(px_journal *journal, const px_journal_new *row, char existing[PX_UUID_TEXT],
                             pixazo_error **error)
{
  PX_TRY(px_journal_check(journal, error));
  if (!px_uuid_valid(row->uuid) || px_str_empty(row->provider) || px_str_empty(row->model))
    return px_fail(error, PIXAZO_E_ARGUMENT, "a generation needs a UUID, a provider and a model");
  px_journal_new cleaned = *row;
  if (px_str_empty(cleaned.idempotency_key))
    cleaned.idempotency_key = NULL;
  int64_t id = 0;
  PX_TRY(add_rows(journal, &cleaned, &id, error));
  if (id == 0)
    return find_first(journal, &cleaned, existing, error);
  if (journal->first_new == 0 || id < journal->first_new)
    journal->first_new = id;
  return PIXAZO_OK;
}

/* Whether the journal's own rules let an attempt begin; the reason in *why otherwise. */
static pixazo_status ask_rules(px_journal *journal, const px_generation_row *row, pixazo_error **why)
{
  PX_TRY(px_generation_require_mine(row, why));
  bool bare = journal->worker.kind == PX_WORKER_GATE;
  bool again = bare && px_generation_ended(row->state) && row->decided == 0;
  if (row->state != PIXAZO_GENERATION_PLANNED && !again)
    return px_fail(why, PIXAZO_E_CONFLICT, "generation %s is %s: no attempt begins for it", row->uuid,
                   pixazo_generation_state_name(row->state));
  int64_t open = 0;
  PX_TRY(px_db_number(journal->link, "SELECT count(*) FROM attempt WHERE generation = ? AND state IN (1, 2)",
                      PX_BIND(px_db_int(row->id)), &open, why));
  return open == 0 ? PIXAZO_OK
                   : px_fail(why, PIXAZO_E_CONFLICT, "generation %s has an attempt that is not lost yet", row->uuid);
}

static pixazo_status insert_attempt(px_journal *journal, const px_generation_row *row, const px_gate_attempt *attempt,
                                    int64_t now, pixazo_error **error)
{
  int64_t id = 0;
  PX_TRY(px_db_insert(journal->link,
                      "INSERT INTO attempt (uuid, generation, n, provider, model, state, spool, sent_us) "
                      "VALUES (?, ?, ?, ?, ?, 1, ?, ?)",
                      PX_BIND(px_db_text(attempt->attempt), px_db_int(row->id), px_db_int(row->attempts + 1),
                              px_db_text(attempt->provider), px_db_text(attempt->model), px_db_text(journal->worker.uuid),
                              px_db_int(now)),
                      &id, error));
  return px_ledger_reserve(&journal->ledger, id, attempt, now, error);
}

static pixazo_status write_attempt(px_journal *journal, px_generation_row *row, const px_gate_attempt *attempt, int64_t now,
                                   pixazo_error **error)
{
  PX_TRY(insert_attempt(journal, row, attempt, now, error));
  if (row->attempts++ == 0)
    row->day = px_day_of(now);
  row->class = PIXAZO_CLASS_NONE;
  row->http_status = 0;
  row->final = 0;
  row->not_before_us = 0;
  row->message = NULL;
  row->sent_us = now;
  row->new_provider = attempt->provider;
  row->new_model = attempt->model;
  row->effective_json = attempt->effective_json;
  row->outcome_json = attempt->outcome_json;
  row->route_json = attempt->route_json;
  PX_TRY(px_generation_write(journal, row, error));
  px_stat_key key = {px_day_of(now), attempt->provider, attempt->model, px_currency(attempt->currency)};
  return px_stats_add(&journal->stats, &key, PX_STAT_ATTEMPTS, 1, error);
}

/* The failures that say no to this attempt alone; all others stop the whole call. */
static bool is_denial(pixazo_status status)
{
  return status == PIXAZO_E_CONFLICT || status == PIXAZO_E_NOT_FOUND || status == PIXAZO_E_ARGUMENT;
}

static pixazo_status check_attempt(const px_gate_attempt *attempt, pixazo_error **why)
{
  if (!px_uuid_valid(attempt->attempt) || px_str_empty(attempt->provider) || px_str_empty(attempt->model) ||
      (attempt->price_known && (attempt->upper_bound_micros < 0 || attempt->upper_bound_micros > PX_COST_MAX)))
    return px_fail(why, PIXAZO_E_ARGUMENT, "an attempt needs a UUID, a provider, a model and a possible price");
  return PIXAZO_OK;
}

/* The row says why nothing is sent for it; a later attempt or its end replaces that. */
static pixazo_status note_denial(px_journal *journal, px_generation_row *row, const pixazo_error *denial, pixazo_error **why)
{
  row->message = pixazo_error_message(denial);
  PX_TRY(px_part_begin(journal, why));
  return px_part_end(journal, px_generation_write(journal, row, why), why);
}

static pixazo_status send_one(px_journal *journal, const px_gate_attempt *attempt, px_gate_verdict *verdict,
                              pixazo_error **why)
{
  px_auto(px_generation_row) row = {0};
  int64_t now = px_wall_us(journal->clock);
  PX_TRY(check_attempt(attempt, why));
  PX_TRY(px_generation_read(journal, attempt->generation, &row, why));
  PX_TRY(ask_rules(journal, &row, why));
  px_gate_attempt mine = *attempt;
  mine.principal = row.principal; /* who asked is who pays */
  mine.run = journal->worker.uuid;
  PX_TRY(px_ledger_open(&journal->ledger, journal->link, why));
  PX_TRY(px_ledger_ask(&journal->ledger, &mine, now, verdict, why));
  if (verdict->verdict == PX_GATE_DENIED)
    return note_denial(journal, &row, verdict->error, why);
  if (verdict->verdict != PX_GATE_GO)
    return PIXAZO_OK;
  PX_TRY(px_part_begin(journal, why));
  return px_part_end(journal, write_attempt(journal, &row, &mine, now, why), why);
}

static void drop_verdicts(px_gate_verdict *verdicts, size_t count)
{
  for (size_t i = 0; i < count; i++)
    pixazo_error_free(verdicts[i].error);
  memset(verdicts, 0, count * sizeof *verdicts);
}

pixazo_status px_journal_send(px_journal *journal, const px_gate_attempt *attempts, size_t count, px_gate_verdict *verdicts,
                              pixazo_error **error)
{
  PX_TRY(px_journal_check(journal, error));
  memset(verdicts, 0, count * sizeof *verdicts);
  for (size_t i = 0; i < count; i++) {
    px_autoerror why = NULL;
    pixazo_status status = send_one(journal, &attempts[i], &verdicts[i], &why);
    if (is_denial(status)) {
      pixazo_error_free(verdicts[i].error);
      verdicts[i] = (px_gate_verdict){.verdict = PX_GATE_DENIED, .error = px_steal(&why)};
    } else if (status != PIXAZO_OK) {
      drop_verdicts(verdicts, count);
      px_error_move(error, px_steal(&why));
      return status;
    }
  }
  return PIXAZO_OK;
}

static pixazo_status give_up(px_journal *journal, px_generation_row *row, int32_t state, const char *message,
                             pixazo_error **error)
{
  int64_t now = px_wall_us(journal->clock);
  PX_TRY(px_db_run(journal->link,
                   "UPDATE image SET state = 4, reason = ?, updated_us = ? WHERE generation = ? AND state = 1",
                   PX_BIND(px_db_text(message), px_db_int(now), px_db_int(row->id)), NULL, error));
  row->decided = state;
  row->final = 1;
  row->not_before_us = 0;
  if (!px_str_empty(message))
    row->message = message;
  return px_generation_write(journal, row, error);
}

pixazo_status px_journal_end(px_journal *journal, const char *generation, int32_t state, const char *message,
                             pixazo_error **error)
{
  px_auto(px_generation_row) row = {0};
  PX_TRY(px_journal_check(journal, error));
  PX_TRY(px_generation_read(journal, generation, &row, error));
  if (row.state == state && row.decided == state)
    return PIXAZO_OK;
  PX_TRY(px_generation_require_mine(&row, error));
  int64_t sending = 0;
  PX_TRY(px_db_number(journal->link, "SELECT count(*) FROM attempt WHERE generation = ? AND state = 1",
                      PX_BIND(px_db_int(row.id)), &sending, error));
  bool lost = row.state == PIXAZO_GENERATION_FAILED && row.class == PIXAZO_CLASS_LOST;
  bool settled = lost && state == PIXAZO_GENERATION_ABANDONED;
  if (sending > 0 || (!settled && !px_generation_may_end(row.state, state)))
    return px_fail(error, PIXAZO_E_STATE, "generation %s is %s%s: it cannot become %s", generation,
                   pixazo_generation_state_name(row.state), sending > 0 ? " and a call is being made" : "",
                   pixazo_generation_state_name(state));
  PX_TRY(px_part_begin(journal, error));
  return px_part_end(journal, give_up(journal, &row, state, message, error), error);
}

static pixazo_status write_block(px_journal *journal, px_generation_row *row, const char *message, const char *safety_json,
                                 pixazo_error **error)
{
  px_standing standing = {.final = true};
  PX_TRY(px_db_run(journal->link, "UPDATE generation SET safety = ? WHERE id = ?",
                   PX_BIND(px_db_text(safety_json), px_db_int(row->id)), NULL, error));
  PX_TRY(px_standing_read(journal->link, row->id, &standing, error));
  bool doubt = px_generation_state_of(&standing) == PIXAZO_GENERATION_AMBIGUOUS;
  return give_up(journal, row, doubt ? 0 : PIXAZO_GENERATION_BLOCKED, message, error);
}

pixazo_status px_journal_block(px_journal *journal, const char *generation, const char *message, const char *safety_json,
                               int32_t *state, pixazo_error **error)
{
  px_auto(px_generation_row) row = {0};
  PX_TRY(px_journal_check(journal, error));
  PX_TRY(px_generation_read(journal, generation, &row, error));
  PX_TRY(px_generation_require_mine(&row, error));
  if (!px_generation_may_end(row.state, PIXAZO_GENERATION_BLOCKED))
    return px_fail(error, PIXAZO_E_STATE, "generation %s is %s: it cannot be blocked any more", generation,
                   pixazo_generation_state_name(row.state));
  PX_TRY(px_part_begin(journal, error));
  PX_TRY(px_part_end(journal, write_block(journal, &row, message, safety_json, error), error));
  *state = row.state;
  return PIXAZO_OK;
}

static bool is_lost(const px_generation_row *row)
{
  return row->state == PIXAZO_GENERATION_FAILED && row->class == PIXAZO_CLASS_LOST;
}

/* What waits for a decision, or to be sent: it is over when it is tried again. */
static bool is_pending(const px_generation_row *row)
{
  return row->state == PIXAZO_GENERATION_PLANNED || row->state == PIXAZO_GENERATION_AMBIGUOUS || is_lost(row);
}

/* Two who try the same again would pay twice. */
static pixazo_status check_not_retried(px_journal *journal, const char *old, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  PX_TRY(px_db_first(journal->link,
                     "SELECT uuid, state FROM generation WHERE parent = ? AND relation = 'retry_of' "
                     "AND (state <= 4 OR state = 7 OR (state = 5 AND class = 7)) LIMIT 1",
                     PX_BIND(px_db_text(old)), &rows, error));
  if (!rows)
    return PIXAZO_OK;
  return px_fail(error, PIXAZO_E_EXISTS, "generation %s was tried again before, as %s, which is %s", old,
                 px_db_get_text(rows, 0), pixazo_generation_state_name((int32_t)px_db_get_int(rows, 1)));
}

static pixazo_status check_retry(px_journal *journal, const px_generation_row *old, pixazo_error **error)
{
  bool ended = old->state == PIXAZO_GENERATION_FAILED || old->state == PIXAZO_GENERATION_BLOCKED ||
               old->state == PIXAZO_GENERATION_CANCELLED;
  PX_TRY(px_generation_require_mine(old, error));
  if (!ended && !is_pending(old)) {
    (void)px_fail(error, PIXAZO_E_STATE, "generation %s is %s: there is nothing to be tried again", old->uuid,
                  pixazo_generation_state_name(old->state));
    px_error_hint(error, "what is wanted once more is asked for anew");
    return PIXAZO_E_STATE;
  }
  return check_not_retried(journal, old->uuid, error);
}

/* The key stands for the newest try: who asks with it again gets that one. */
static pixazo_status take_key(px_journal *journal, const px_generation_row *old, const char *heir, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  PX_TRY(px_db_first(journal->link, "SELECT idempotency_key FROM generation WHERE id = ? AND idempotency_key IS NOT NULL",
                     PX_BIND(px_db_int(old->id)), &rows, error));
  if (!rows)
    return PIXAZO_OK;
  PX_TRY(px_db_run(journal->link, "UPDATE generation SET idempotency_key = NULL WHERE id = ?", PX_BIND(px_db_int(old->id)),
                   NULL, error));
  return px_db_run(journal->link, "UPDATE generation SET idempotency_key = ? WHERE uuid = ?",
                   PX_BIND(px_db_text(px_db_get_text(rows, 0)), px_db_text(heir)), NULL, error);
}

static pixazo_status write_retry(px_journal *journal, px_generation_row *old, const px_journal_new *row,
                                 pixazo_error **error)
{
  char existing[PX_UUID_TEXT], message[64];
  px_journal_new fresh = *row;
  fresh.idempotency_key = NULL;
  (void)snprintf(message, sizeof message, "tried again as %s", row->uuid);
  PX_TRY(px_journal_add(journal, &fresh, existing, error));
  PX_TRY(take_key(journal, old, row->uuid, error));
  return is_pending(old) ? give_up(journal, old, PIXAZO_GENERATION_ABANDONED, message, error) : PIXAZO_OK;
}

pixazo_status px_journal_retry(px_journal *journal, const char *old, const px_journal_new *row, pixazo_error **error)
{
  px_auto(px_generation_row) found = {0};
  PX_TRY(px_journal_check(journal, error));
  PX_TRY(px_generation_read(journal, old, &found, error));
  PX_TRY(check_retry(journal, &found, error));
  return write_retry(journal, &found, row, error);
}
