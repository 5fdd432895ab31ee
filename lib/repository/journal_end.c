/* SPDX-License-Identifier: MIT */
/* T3 and T4: how an attempt ended, and what became of its pictures. */
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/budget.h"
#include "repository/ledger.h"
#include "repository/state.h"
#include "repository/writing.h"

typedef struct attempt_row {
  int64_t id;
  int32_t state;
  int64_t sent_us;
} attempt_row;

static pixazo_status read_attempt(px_journal *journal, const px_generation_row *generation, const char *uuid,
                                  attempt_row *row, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  PX_TRY(px_db_first(journal->link, "SELECT id, state, sent_us FROM attempt WHERE uuid = ? AND generation = ?",
                     PX_BIND(px_db_text(uuid), px_db_int(generation->id)), &rows, error));
  if (!rows)
    return px_fail(error, PIXAZO_E_NOT_FOUND, "generation %s has no attempt %s", generation->uuid, uuid ? uuid : "");
  row->id = px_db_get_int(rows, 0);
  row->state = (int32_t)px_db_get_int(rows, 1);
  row->sent_us = px_db_get_int(rows, 2);
  return PIXAZO_OK;
}

/* What an attempt becomes. A queue's accepted attempt stays accepted until it fails. */
static pixazo_status next_state(const px_journal_answer *answer, const attempt_row *attempt, int32_t *state,
                                pixazo_error **error)
{
  bool failed = answer->facts.message != NULL;
  int32_t wanted = px_attempt_state_of(answer->facts.attempt_class);
  if (answer->later && !failed && (wanted == PX_ATTEMPT_ACCEPTED || answer->facts.attempt_class == PIXAZO_CLASS_NONE))
    wanted = PX_ATTEMPT_ACCEPTED;
  bool stays = answer->later && wanted == attempt->state && attempt->state == PX_ATTEMPT_ACCEPTED;
  if (!stays && !px_attempt_may(attempt->state, wanted))
    return px_fail(error, PIXAZO_E_CONFLICT, "attempt %s is %s: it cannot become %s", answer->facts.attempt,
                   px_attempt_state_name(attempt->state), px_attempt_state_name(wanted));
  *state = wanted;
  return PIXAZO_OK;
}

static pixazo_status write_attempt(px_journal *journal, const px_journal_answer *answer, const attempt_row *attempt,
                                   int32_t state, pixazo_error **error)
{
  const px_gate_answer *facts = &answer->facts;
  return px_db_run(journal->link,
                   "UPDATE attempt SET state = ?, class = ?, http_status = CASE WHEN ? > 0 THEN ? ELSE http_status END, "
                   "provider_code = coalesce(?, provider_code), request_id = coalesce(?, request_id), "
                   "remote_id = coalesce(?, remote_id), poll_url = coalesce(?, poll_url), answer = coalesce(?, answer), "
                   "message = ?, safety = coalesce(?, safety), answered_us = ? WHERE id = ?",
                   PX_BIND(px_db_int(state), px_db_int(facts->attempt_class), px_db_int(facts->http_status),
                           px_db_int(facts->http_status), px_db_text(facts->provider_code), px_db_text(facts->request_id),
                           px_db_text(facts->remote_id), px_db_text(facts->poll_url),
                           px_db_bytes(answer->answer, answer->answer_size), px_db_text(facts->message),
                           px_db_text(facts->safety_json),
                           px_db_int(px_wall_us(journal->clock)), px_db_int(attempt->id)),
                   NULL, error);
}

/* A queue may name its pictures again, with fresh links: only what is still expected changes. */
static pixazo_status write_image(px_journal *journal, int64_t generation, int64_t attempt, const px_journal_image *image,
                                 bool later, pixazo_error **error)
{
  int64_t changed = 0;
  if (later)
    PX_TRY(px_db_run(journal->link,
                     "UPDATE image SET remote_url = coalesce(?, remote_url), updated_us = ? "
                     "WHERE attempt = ? AND position = ? AND state = 1",
                     PX_BIND(px_db_text(image->remote_url), px_db_int(px_wall_us(journal->clock)), px_db_int(attempt),
                             px_db_int(image->index)),
                     &changed, error));
  if (changed > 0)
    return PIXAZO_OK;
  return px_db_run(journal->link,
                   "INSERT INTO image (uuid, generation, attempt, position, state, remote_url, revised_prompt, store, "
                   "store_key, alt_text, seed, updated_us) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)",
                   PX_BIND(px_db_text(image->uuid), px_db_int(generation), px_db_int(attempt), px_db_int(image->index),
                           px_db_text(image->remote_url), px_db_text(image->revised_prompt), px_db_text(image->store),
                           px_db_text(image->key), px_db_text(image->alt_text),
                           image->seed >= 0 ? px_db_int(image->seed) : px_db_null(), px_db_int(px_wall_us(journal->clock))),
                   NULL, error);
}

static pixazo_status write_images(px_journal *journal, const px_journal_answer *answer, int64_t generation, int64_t attempt,
                                  int32_t state, pixazo_error **error)
{
  for (size_t i = 0; i < answer->image_count; i++)
    PX_TRY(write_image(journal, generation, attempt, &answer->images[i], answer->later, error));
  if (state == PX_ATTEMPT_ACCEPTED)
    return PIXAZO_OK;
  return px_db_run(journal->link, "UPDATE image SET state = 4, reason = ?, updated_us = ? WHERE attempt = ? AND state = 1",
                   PX_BIND(px_db_text(answer->facts.message), px_db_int(px_wall_us(journal->clock)), px_db_int(attempt)),
                   NULL, error);
}

static pixazo_status settle(px_journal *journal, const px_journal_answer *answer, const px_generation_row *row,
                            int64_t attempt_id, pixazo_error **error)
{
  px_ledger_change change = {0};
  PX_TRY(px_ledger_open(&journal->ledger, journal->link, error));
  PX_TRY(px_ledger_settle(&journal->ledger, attempt_id, &answer->facts, px_wall_us(journal->clock), &change, error));
  if (change.over)
    px_log(journal->repository->log, PIXAZO_LOG_WARNING, "repository", "attempt %s cost more than was reserved for it",
           answer->facts.attempt);
  px_stat_key key = {change.day, row->provider, row->model,
                     px_currency(answer->facts.currency ? answer->facts.currency : row->currency)};
  return change.settled_more != 0 ? px_stats_add(&journal->stats, &key, PX_STAT_COST, change.settled_more, error)
                                  : PIXAZO_OK;
}

static pixazo_status write_answer(px_journal *journal, const px_journal_answer *answer, px_generation_row *row,
                                  const attempt_row *attempt, int32_t state, pixazo_error **error)
{
  const px_gate_answer *facts = &answer->facts;
  PX_TRY(write_attempt(journal, answer, attempt, state, error));
  PX_TRY(settle(journal, answer, row, attempt->id, error));
  PX_TRY(write_images(journal, answer, row->id, attempt->id, state, error));
  bool accepted = state == PX_ATTEMPT_ACCEPTED;
  row->class = facts->attempt_class;
  if (facts->http_status > 0)
    row->http_status = facts->http_status;
  row->message = facts->message;
  row->final = accepted ? 1 : answer->final;
  row->decided = accepted ? 0 : row->decided; /* what was given up came after all */
  row->delivered = accepted && journal->worker.kind == PX_WORKER_GATE;
  row->not_before_us = answer->not_before_us;
  if (!answer->later)
    row->answered_us = px_wall_us(journal->clock);
  return px_generation_write(journal, row, error);
}

pixazo_status px_journal_answered(px_journal *journal, const px_journal_answer *answer, pixazo_error **error)
{
  px_auto(px_generation_row) row = {0};
  attempt_row attempt = {0};
  int32_t state = 0;
  PX_TRY(px_journal_check(journal, error));
  PX_TRY(px_generation_read(journal, answer->facts.generation, &row, error));
  PX_TRY(px_generation_require_mine(&row, error));
  PX_TRY(read_attempt(journal, &row, answer->facts.attempt, &attempt, error));
  PX_TRY(next_state(answer, &attempt, &state, error));
  PX_TRY(px_part_begin(journal, error));
  return px_part_end(journal, write_answer(journal, answer, &row, &attempt, state, error), error);
}

typedef struct image_row {
  px_db_rows *rows;
  int64_t id;
  int32_t state;
  const char *remote_url;
  const char *reason;
  const char *provider;
  const char *model;
  const char *currency;
  int64_t day;
} image_row;

static void image_row_done(image_row *row)
{
  px_db_rows_done(&row->rows);
}

static pixazo_status read_image(px_journal *journal, const px_generation_row *generation, const char *uuid, image_row *row,
                                pixazo_error **error)
{
  PX_TRY(px_db_first(journal->link,
                     "SELECT i.id, i.state, i.remote_url, a.provider, a.model, l.currency, l.day, i.reason FROM image i "
                     "JOIN attempt a ON a.id = i.attempt JOIN ledger l ON l.attempt = a.id "
                     "WHERE i.uuid = ? AND i.generation = ?",
                     PX_BIND(px_db_text(uuid), px_db_int(generation->id)), &row->rows, error));
  if (!row->rows)
    return px_fail(error, PIXAZO_E_NOT_FOUND, "generation %s has no picture %s", generation->uuid, uuid ? uuid : "");
  row->id = px_db_get_int(row->rows, 0);
  row->state = (int32_t)px_db_get_int(row->rows, 1);
  row->remote_url = px_db_get_text(row->rows, 2);
  row->provider = px_db_get_text(row->rows, 3);
  row->model = px_db_get_text(row->rows, 4);
  row->currency = px_db_get_text(row->rows, 5);
  row->day = px_db_get_int(row->rows, 6);
  row->reason = px_db_get_text(row->rows, 7);
  return PIXAZO_OK;
}

/* The query of a provider's link may be a key to the picture: it is kept only while it is needed. */
static px_db_value cut_link(const char *url)
{
  px_db_value value = px_db_text(url);
  if (url)
    value.size = strcspn(url, "?#");
  return value;
}

static pixazo_status update_image(px_journal *journal, const px_journal_facts *facts, const image_row *row,
                                  pixazo_error **error)
{
  int64_t now = px_wall_us(journal->clock);
  bool recorded = facts->state == PIXAZO_IMAGE_RECORDED;
  return px_db_run(journal->link,
                   "UPDATE image SET state = ?, remote_url = ?, store_key = coalesce(?, store_key), sha256 = ?, md5 = ?, "
                   "content_type = ?, reason = ?, alt_text = coalesce(?, alt_text), safety = ?, width = ?, height = ?, has_alpha = ?, "
                   "bytes = ?, generation_us = ?, download_us = ?, processing_us = ?, recorded_us = ?, updated_us = ? WHERE id = ?",
                   PX_BIND(px_db_int(facts->state), recorded ? cut_link(row->remote_url) : px_db_text(row->remote_url),
                           px_db_text(facts->key), px_db_text(facts->sha256), px_db_text(facts->md5),
                           px_db_text(facts->content_type), px_db_text(recorded ? NULL : facts->reason),
                           px_db_text(facts->alt_text), px_db_text(facts->safety_json),
                           px_db_int(facts->width), px_db_int(facts->height), px_db_int(facts->has_alpha),
                           px_db_int(facts->bytes), px_db_int(facts->generation_us), px_db_int(facts->download_us),
                           px_db_int(facts->processing_us), px_db_int(recorded ? now : 0),
                           px_db_int(now), px_db_int(row->id)),
                   NULL, error);
}

static pixazo_status insert_rendition(px_journal *journal, int64_t image, const px_rendition_record *rendition,
                                      pixazo_error **error)
{
  return px_db_run(journal->link,
                   "INSERT INTO rendition (image, name, store_key, content_type, sha256, width, height, bytes, duration_us, "
                   "created_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   PX_BIND(px_db_int(image), px_db_text(rendition->name), px_db_text(rendition->key),
                           px_db_text(rendition->content_type), px_db_text(rendition->sha256), px_db_int(rendition->width),
                           px_db_int(rendition->height), px_db_int(rendition->bytes), px_db_int(rendition->duration_us),
                           px_db_int(px_wall_us(journal->clock))),
                   NULL, error);
}

static pixazo_status count_picture(px_journal *journal, const px_journal_facts *facts, const image_row *row,
                                   pixazo_error **error)
{
  px_stat_key key = {row->day, row->provider, row->model, px_currency(row->currency)};
  if (facts->state != PIXAZO_IMAGE_RECORDED)
    return PIXAZO_OK;
  PX_TRY(px_stats_add(&journal->stats, &key, PX_STAT_PICTURES, 1, error));
  PX_TRY(px_stats_add(&journal->stats, &key, PX_STAT_BYTES, facts->bytes, error));
  if (facts->generation_us <= 0)
    return PIXAZO_OK;
  PX_TRY(px_stats_add(&journal->stats, &key, PX_STAT_TIME, facts->generation_us, error));
  return px_stats_add(&journal->stats, &key, PX_STAT_TIMED, 1, error);
}

static pixazo_status write_picture(px_journal *journal, const px_journal_facts *facts, px_generation_row *row,
                                   const image_row *image, pixazo_error **error)
{
  PX_TRY(update_image(journal, facts, image, error));
  for (size_t i = 0; i < facts->rendition_count; i++)
    PX_TRY(insert_rendition(journal, image->id, &facts->renditions[i], error));
  row->outcome_json = facts->outcome_json;
  if (facts->state != PIXAZO_IMAGE_RECORDED)
    row->message = facts->reason;
  else if (px_str_equal(row->message, image->reason))
    row->message = NULL; /* it was only why this picture was not here yet */
  PX_TRY(px_generation_write(journal, row, error));
  if (facts->alt_text)
    PX_TRY(px_journal_captions(journal, row->id, true, error));
  return count_picture(journal, facts, image, error);
}

/* Still expected, and now it says why. */
static pixazo_status write_left(px_journal *journal, const px_journal_facts *facts, px_generation_row *row,
                                const image_row *image, pixazo_error **error)
{
  PX_TRY(px_db_run(journal->link, "UPDATE image SET reason = ?, updated_us = ? WHERE id = ?",
                   PX_BIND(px_db_text(facts->reason), px_db_int(px_wall_us(journal->clock)), px_db_int(image->id)), NULL, error));
  row->message = facts->reason;
  return px_generation_write(journal, row, error);
}

pixazo_status px_journal_recorded(px_journal *journal, const px_journal_facts *facts, pixazo_error **error)
{
  px_auto(px_generation_row) row = {0};
  px_auto(image_row) image = {0};
  PX_TRY(px_journal_check(journal, error));
  PX_TRY(px_generation_read(journal, facts->generation, &row, error));
  PX_TRY(px_generation_require_mine(&row, error));
  PX_TRY(read_image(journal, &row, facts->image, &image, error));
  bool left = facts->state == PIXAZO_IMAGE_EXPECTED && image.state == PIXAZO_IMAGE_EXPECTED && facts->reason;
  if (!left && !px_image_may(image.state, facts->state))
    return px_fail(error, PIXAZO_E_CONFLICT, "picture %s is %s: it cannot become %s", facts->image,
                   pixazo_image_state_name(image.state), pixazo_image_state_name(facts->state));
  if (facts->state == PIXAZO_IMAGE_RECORDED && (px_str_empty(facts->key) || px_str_empty(facts->sha256)))
    return px_fail(error, PIXAZO_E_ARGUMENT, "picture %s: a recorded picture has a key and a hash", facts->image);
  PX_TRY(px_part_begin(journal, error));
  pixazo_status (*write)(px_journal *, const px_journal_facts *, px_generation_row *, const image_row *, pixazo_error **) =
      left ? write_left : write_picture;
  return px_part_end(journal, write(journal, facts, &row, &image, error), error);
}
