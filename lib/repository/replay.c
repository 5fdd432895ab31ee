/* SPDX-License-Identifier: MIT */
/* A generation answered by an earlier equal one: rows of its own that name the same files. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/state.h"
#include "repository/writing.h"

/* Of a generation g: done, and every picture of it is still there. */
#define IS_WHOLE \
  "g.state = 3 AND g.deleted_us = 0 AND EXISTS (SELECT 1 FROM image i WHERE i.generation = g.id) " \
  "AND NOT EXISTS (SELECT 1 FROM image i WHERE i.generation = g.id AND (i.state <> 2 OR i.deleted_us > 0))"

/* Another provider may have stood in for the one of the key: then the pictures are not the ones that were asked for. */
pixazo_status px_journal_find_replay(pixazo_repository *repository, const px_journal_new *row, pixazo_generation **out,
                                     pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  int64_t id = 0;
  PX_TRY(px_db_begin_read(repository->db, &link, error));
  PX_TRY(px_db_number(link,
                      "SELECT g.id FROM generation g WHERE g.replay_key = ? AND g.principal = ? AND g.provider = ? "
                      "AND g.model = ? AND " IS_WHOLE " ORDER BY g.id DESC LIMIT 1",
                      PX_BIND(px_db_text(row->replay_key), px_db_text(row->principal ? row->principal : ""),
                              px_db_text(row->provider), px_db_text(row->model)),
                      &id, error));
  if (id == 0)
    return px_fail(error, PIXAZO_E_NOT_FOUND, "no generation that is done has this key");
  return px_record_load(repository, link, id, out, error);
}

static pixazo_status find_newest(px_db_link *link, const char *generation, char uuid[PX_UUID_TEXT], pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  PX_TRY(px_db_first(link,
                     "SELECT g.uuid FROM generation w JOIN generation g ON g.replay_key = w.replay_key "
                     "AND g.principal = w.principal AND g.provider = w.provider AND g.model = w.model "
                     "WHERE w.uuid = ? AND g.id <> w.id AND " IS_WHOLE " ORDER BY g.id DESC LIMIT 1",
                     PX_BIND(px_db_text(generation)), &rows, error));
  if (!rows)
    return px_fail(error, PIXAZO_E_NOT_FOUND, "no generation that is done has the key of %s", generation);
  (void)snprintf(uuid, PX_UUID_TEXT, "%s", px_db_get_text(rows, 0));
  return PIXAZO_OK;
}

/* *id: of the source. */
static pixazo_status find_source(px_journal *journal, const char *source, const px_generation_row *row, int64_t *id,
                                 pixazo_error **error)
{
  PX_TRY(px_db_number(journal->link,
                      "SELECT g.id FROM generation g WHERE g.uuid = ? AND g.principal = ? AND g.provider = ? AND g.model = ? "
                      "AND " IS_WHOLE,
                      PX_BIND(px_db_text(source), px_db_text(row->principal), px_db_text(row->provider),
                              px_db_text(row->model)),
                      id, error));
  return *id != 0 ? PIXAZO_OK : px_fail(error, PIXAZO_E_NOT_FOUND, "generation %s cannot answer another one", source);
}

/* Number 0 is no call: it belongs to the pictures, costs nothing and is not counted. */
static pixazo_status insert_attempt(px_journal *journal, const px_generation_row *row, int64_t now, int64_t *attempt,
                                    pixazo_error **error)
{
  char uuid[PX_UUID_TEXT];
  px_uuid_new(journal->clock, uuid);
  PX_TRY(px_db_insert(journal->link,
                      "INSERT INTO attempt (uuid, generation, n, provider, model, state, class, sent_us, answered_us) "
                      "VALUES (?, ?, 0, ?, ?, 2, ?, ?, ?)",
                      PX_BIND(px_db_text(uuid), px_db_int(row->id), px_db_text(row->provider), px_db_text(row->model),
                              px_db_int(PIXAZO_CLASS_ACCEPTED), px_db_int(now), px_db_int(now)),
                      attempt, error));
  return px_db_run(journal->link,
                   "INSERT INTO ledger (attempt, principal, provider, day, state, upper_bound_micros, amount_micros, currency, "
                   "confidence, created_us, updated_us) VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?)",
                   PX_BIND(px_db_int(*attempt), px_db_text(row->principal), px_db_text(row->provider),
                           px_db_int(px_day_of(now)), px_db_int(PX_LEDGER_SETTLED), px_db_text(row->currency),
                           px_db_int(PIXAZO_CONFIDENCE_BILLED), px_db_int(now), px_db_int(now)),
                   NULL, error);
}

static pixazo_status copy_image(px_journal *journal, int64_t generation, int64_t attempt, int64_t image, int64_t now,
                                pixazo_error **error)
{
  int64_t copy = 0;
  char uuid[PX_UUID_TEXT];
  px_uuid_new(journal->clock, uuid);
  PX_TRY(px_db_insert(journal->link,
                      "INSERT INTO image (uuid, generation, attempt, position, state, remote_url, store, store_key, path, "
                      "sha256, md5, content_type, width, height, bytes, has_alpha, thumbhash, phash, alt_text, revised_prompt, "
                      "seed, recorded_us, updated_us) SELECT ?, ?, ?, position, state, remote_url, store, store_key, path, sha256, "
                      "md5, content_type, width, height, bytes, has_alpha, thumbhash, phash, alt_text, revised_prompt, seed, ?, ? "
                      "FROM image WHERE id = ?",
                      PX_BIND(px_db_text(uuid), px_db_int(generation), px_db_int(attempt), px_db_int(now), px_db_int(now),
                              px_db_int(image)),
                      &copy, error));
  return px_db_run(journal->link,
                   "INSERT INTO rendition (image, name, store_key, content_type, sha256, width, height, bytes, duration_us, "
                   "created_us) SELECT ?, name, store_key, content_type, sha256, width, height, bytes, 0, ? FROM rendition "
                   "WHERE image = ? ORDER BY id",
                   PX_BIND(px_db_int(copy), px_db_int(now), px_db_int(image)), NULL, error);
}

/* One after the other by their row ids: a statement that reads a table while it grows would not end. */
static pixazo_status copy_images(px_journal *journal, int64_t generation, int64_t attempt, int64_t source, int64_t now,
                                 pixazo_error **error)
{
  for (int64_t image = 0;;) {
    int64_t next = 0;
    PX_TRY(px_db_number(journal->link, "SELECT min(id) FROM image WHERE generation = ? AND id > ?",
                        PX_BIND(px_db_int(source), px_db_int(image)), &next, error));
    if (next == 0)
      return PIXAZO_OK;
    PX_TRY(copy_image(journal, generation, attempt, next, now, error));
    image = next;
  }
}

static pixazo_status write_replay(px_journal *journal, px_generation_row *row, int64_t source, const char *uuid,
                                  pixazo_error **error)
{
  int64_t now = px_wall_us(journal->clock), attempt = 0, captioned = 0;
  PX_TRY(insert_attempt(journal, row, now, &attempt, error));
  PX_TRY(copy_images(journal, row->id, attempt, source, now, error));
  PX_TRY(px_db_run(journal->link,
                   "UPDATE generation SET replayed_from = ?, outcome_json = (SELECT outcome_json FROM generation WHERE id = ?), "
                   "effective_json = (SELECT effective_json FROM generation WHERE id = ?) WHERE id = ?",
                   PX_BIND(px_db_text(uuid), px_db_int(source), px_db_int(source), px_db_int(row->id)), NULL, error));
  PX_TRY(px_db_number(journal->link, "SELECT captions IS NOT NULL FROM generation WHERE id = ?", PX_BIND(px_db_int(source)),
                      &captioned, error));
  PX_TRY(px_journal_captions(journal, row->id, captioned != 0, error));
  row->class = PIXAZO_CLASS_ACCEPTED;
  row->message = NULL; /* of an earlier try that came to nothing */
  row->final = 1;
  return px_generation_write(journal, row, error);
}

pixazo_status px_journal_replay(px_journal *journal, const char *generation, const char *source, pixazo_error **error)
{
  px_auto(px_generation_row) row = {0};
  int64_t id = 0;
  PX_TRY(px_journal_check(journal, error));
  PX_TRY(px_generation_read(journal, generation, &row, error));
  PX_TRY(px_generation_require_mine(&row, error));
  if (row.state != PIXAZO_GENERATION_PLANNED)
    return px_fail(error, PIXAZO_E_CONFLICT, "generation %s is past being answered by another one", generation);
  PX_TRY(find_source(journal, source, &row, &id, error));
  PX_TRY(px_part_begin(journal, error));
  return px_part_end(journal, write_replay(journal, &row, id, source, error), error);
}

pixazo_status px_journal_replay_newest(px_journal *journal, const char *generation, const char *gone, pixazo_error **error)
{
  char source[PX_UUID_TEXT];
  PX_TRY(px_journal_check(journal, error));
  PX_TRY(find_newest(journal->link, generation, source, error));
  if (strcmp(source, gone) == 0)
    return px_fail(error, PIXAZO_E_NOT_FOUND, "the files of generation %s are gone", source);
  return px_journal_replay(journal, generation, source, error);
}
