/* SPDX-License-Identifier: MIT */
/* What dead workers left: whose it was, whether they are dead, and who may go on with it. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/budget.h"
#include "repository/gate.h"
#include "repository/state.h"
#include "repository/writing.h"

typedef struct other {
  int64_t id;
  char uuid[PX_UUID_TEXT];
  int32_t kind;
  bool silent; /* its heartbeat is too old */
} other;

typedef struct others {
  other *items;
  size_t count;
} others;

static void others_done(others *list)
{
  px_free(list->items);
}

static pixazo_status add_other(others *list, const px_db_rows *rows, pixazo_error **error)
{
  other *items = px_realloc_array(list->items, list->count + 1, sizeof *items);
  if (!items)
    return px_fail_nomem(error);
  list->items = items;
  other *item = &items[list->count++];
  const char *uuid = px_db_get_text(rows, 1);
  item->id = px_db_get_int(rows, 0);
  item->kind = (int32_t)px_db_get_int(rows, 2);
  item->silent = px_db_get_int(rows, 3) > PX_WORKER_SILENCE_US;
  (void)snprintf(item->uuid, sizeof item->uuid, "%s", uuid ? uuid : "");
  return PIXAZO_OK;
}

static pixazo_status list_others(px_journal *journal, others *list, pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  px_auto(px_buf) sql = PX_BUF_INIT(4096);
  bool row = false;
  PX_TRY(px_db_begin_read(journal->repository->db, &link, error));
  PX_TRY(px_db_expand_on(link, "SELECT id, uuid, kind, {now_us} - heartbeat_us FROM worker WHERE id <> ? ORDER BY id", &sql,
                         error));
  PX_TRY(px_db_query(link, px_buf_text(&sql), PX_BIND(px_db_int(journal->worker.id)), &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    PX_TRY(add_other(list, rows, error));
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}

/* `only`: no other generation; NULL: all. */
static pixazo_status adopt(px_journal *journal, const other *dead, const char *condition, const char *only,
                           pixazo_error **error)
{
  px_auto(px_buf) sql = PX_BUF_INIT(4096);
  (void)px_buf_printf(&sql,
                      "UPDATE generation SET worker = ?, token = ? WHERE worker = ? AND token = ? "
                      "AND uuid = coalesce(?, uuid)%s",
                      condition);
  if (sql.failed)
    return px_fail_nomem(error);
  return px_db_run(journal->link, px_buf_text(&sql),
                   PX_BIND(px_db_int(journal->worker.id), px_db_text(journal->worker.uuid), px_db_int(dead->id),
                           px_db_text(dead->uuid), px_db_text(only)),
                   NULL, error);
}

/* Work of a worker on another machine that went silent: what its spool is not needed for. */
static const char NEEDS_NO_SPOOL[] =
    " AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.generation = generation.id AND (a.state = 1 OR "
    "(a.state = 2 AND a.answer IS NULL AND a.remote_id IS NULL AND EXISTS (SELECT 1 FROM image i "
    "WHERE i.attempt = a.id AND i.state = 1 AND i.remote_url IS NULL))))";

static pixazo_status remove_worker(px_journal *journal, const other *dead, bool *gone, pixazo_error **error)
{
  int64_t changed = 0;
  PX_TRY(px_db_run(journal->link,
                   "DELETE FROM worker WHERE id = ? AND NOT EXISTS (SELECT 1 FROM generation WHERE worker = ?)",
                   PX_BIND(px_db_int(dead->id), px_db_int(dead->id)), &changed, error));
  *gone = changed > 0;
  return *gone ? px_budget_drop_run(journal->link, dead->uuid, error) : PIXAZO_OK;
}

static pixazo_status inherit(px_journal *journal, const other *dead, bool all, const char *only, bool *gone,
                             pixazo_error **error)
{
  if (only)
    return adopt(journal, dead, " AND state = 1", only, error);
  if (dead->kind == PX_WORKER_GATE)
    PX_TRY(px_gate_settle(journal, dead->id, dead->uuid, error));
  else
    PX_TRY(adopt(journal, dead, all ? "" : NEEDS_NO_SPOOL, NULL, error));
  return remove_worker(journal, dead, gone, error);
}

static pixazo_status inherit_in_transaction(px_journal *journal, const other *dead, bool all, const char *only, bool *gone,
                                            pixazo_error **error)
{
  PX_TRY(px_journal_begin(journal, error));
  pixazo_status status = inherit(journal, dead, all, only, gone, error);
  if (status != PIXAZO_OK) {
    px_journal_rollback(journal);
    return status;
  }
  return px_journal_commit(journal, error);
}

/* A lock in this directory tells at once; without one the worker has another spool and its heartbeat must do. */
static pixazo_status visit(px_journal *journal, const other *worker, int directory, const char *only, pixazo_error **error)
{
  int32_t state = PX_LOCK_ABSENT;
  px_autoclose int lock = -1;
  bool gone = false;
  PX_TRY(px_worker_probe(directory, worker->uuid, &state, &lock, error));
  if (state == PX_LOCK_LIVE || (state == PX_LOCK_ABSENT && (!worker->silent || worker->kind == PX_WORKER_GATE)))
    return PIXAZO_OK;
  PX_TRY(inherit_in_transaction(journal, worker, state == PX_LOCK_TAKEN, only, &gone, error));
  if (gone && state == PX_LOCK_TAKEN)
    px_worker_bury(directory, worker->uuid);
  return PIXAZO_OK;
}

static pixazo_status open_home(px_journal *journal, int *directory, pixazo_error **error)
{
  px_autofree char *home = px_gate_directory(journal->repository);
  return home ? px_directory_open(home, directory, error) : px_fail_nomem(error);
}

static pixazo_status count_elsewhere(px_journal *journal, size_t *elsewhere, pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  int64_t count = 0;
  PX_TRY(px_db_begin_read(journal->repository->db, &link, error));
  PX_TRY(px_db_number(link, "SELECT count(*) FROM generation WHERE state <= 2 AND worker <> ?",
                      PX_BIND(px_db_int(journal->worker.id)), &count, error));
  *elsewhere = (size_t)count;
  return PIXAZO_OK;
}

pixazo_status px_journal_take_over(px_journal *journal, size_t *elsewhere, pixazo_error **error)
{
  px_auto(others) list = {NULL, 0};
  px_autoclose int home = -1;
  PX_TRY(open_home(journal, &home, error));
  PX_TRY(list_others(journal, &list, error));
  for (size_t i = 0; i < list.count; i++) {
    int directory = list.items[i].kind == PX_WORKER_GATE ? home : journal->worker.directory;
    PX_TRY(visit(journal, &list.items[i], directory, NULL, error));
  }
  size_t count = 0;
  PX_TRY(count_elsewhere(journal, &count, error));
  if (elsewhere)
    *elsewhere = count;
  return PIXAZO_OK;
}

pixazo_status px_journal_take_planned(px_journal *journal, const char *generation, pixazo_error **error)
{
  px_auto(others) list = {NULL, 0};
  PX_TRY(list_others(journal, &list, error));
  for (size_t i = 0; i < list.count; i++) {
    if (list.items[i].kind != PX_WORKER_GATE)
      PX_TRY(visit(journal, &list.items[i], journal->worker.directory, generation, error));
  }
  return PIXAZO_OK;
}

static bool copy_text(char **target, const char *text)
{
  *target = text ? px_strdup(text) : NULL;
  return !text || *target;
}

static pixazo_status read_open_attempt(px_db_link *link, int64_t generation, px_journal_work *work, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  PX_TRY(px_db_first(link,
                     "SELECT uuid, n, state, remote_id, poll_url, answer, sent_us FROM attempt "
                     "WHERE generation = ? AND state IN (1, 2) ORDER BY n DESC LIMIT 1",
                     PX_BIND(px_db_int(generation)), &rows, error));
  if (!rows)
    return PIXAZO_OK;
  const char *uuid = px_db_get_text(rows, 0);
  (void)snprintf(work->attempt, sizeof work->attempt, "%s", uuid ? uuid : "");
  work->n = (int32_t)px_db_get_int(rows, 1);
  work->attempt_state = (int32_t)px_db_get_int(rows, 2);
  work->sent_us = px_db_get_int(rows, 6);
  size_t size = 0;
  const void *answer = px_db_get_bytes(rows, 5, &size);
  if (answer) {
    work->answer = px_memdup(answer, size);
    work->answer_size = size;
  }
  bool copied = copy_text(&work->remote_id, px_db_get_text(rows, 3)) && copy_text(&work->poll_url, px_db_get_text(rows, 4));
  return copied && (!answer || work->answer) ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status read_work(px_journal *journal, px_db_link *link, const char *after, px_journal_work *work,
                               pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  PX_TRY(px_db_first(link,
                     "SELECT id, not_before_us FROM generation WHERE worker = ? AND token = ? AND state <= 2 "
                     "AND id > coalesce((SELECT id FROM generation WHERE uuid = ?), 0) ORDER BY id LIMIT 1",
                     PX_BIND(px_db_int(journal->worker.id), px_db_text(journal->worker.uuid), px_db_text(after)), &rows,
                     error));
  if (!rows)
    return PIXAZO_E_NOT_FOUND;
  int64_t id = px_db_get_int(rows, 0);
  work->not_before_us = px_db_get_int(rows, 1);
  PX_TRY(px_record_load(journal->repository, link, id, &work->record, error));
  return read_open_attempt(link, id, work, error);
}

pixazo_status px_journal_next_work(px_journal *journal, char after[PX_UUID_TEXT], px_journal_work *work,
                                   pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  px_journal_work found = {0};
  PX_TRY(px_db_begin_read(journal->repository->db, &link, error));
  pixazo_status status = read_work(journal, link, after, &found, error);
  if (status != PIXAZO_OK) {
    px_journal_work_done(&found);
    return status;
  }
  (void)snprintf(after, PX_UUID_TEXT, "%s", found.record->uuid);
  *work = found;
  return PIXAZO_OK;
}

void px_journal_work_done(px_journal_work *work)
{
  pixazo_generation_free(work->record);
  px_free(work->remote_id);
  px_free(work->poll_url);
  px_free(work->answer);
  memset(work, 0, sizeof *work);
}
