/* SPDX-License-Identifier: MIT */
#include "repository/journal.h"

#include <stdio.h>

#include "base/error.h"
#include "base/mem.h"
#include "repository/budget.h"
#include "repository/search.h"
#include "repository/writing.h"

static int shard_of(const char *uuid)
{
  return (unsigned char)uuid[PX_UUID_TEXT - 2] % PX_STAT_SHARDS;
}

pixazo_status px_journal_limit_run(px_journal *journal, const px_budget_terms *terms, pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  px_budget_terms mine = terms ? *terms : (px_budget_terms){0};
  (void)snprintf(mine.scope, sizeof mine.scope, "run");
  (void)snprintf(mine.period, sizeof mine.period, "total");
  (void)snprintf(mine.name, sizeof mine.name, "%s", journal->worker.uuid);
  PX_TRY(px_db_begin_write(journal->repository->db, &link, error));
  PX_TRY(px_budget_drop_run(link, mine.name, error));
  if (terms)
    PX_TRY(px_budget_put(link, &mine, error));
  return px_db_commit(&link, error);
}

pixazo_status px_journal_open_as(const px_journal_options *options, int32_t kind, px_journal **out, pixazo_error **error)
{
  px_autofree px_journal *journal = px_calloc(1, sizeof *journal);
  if (!journal)
    return px_fail_nomem(error);
  journal->clock = options->clock ? options->clock : px_clock_system();
  journal->worker = (px_worker)PX_WORKER_INIT;
  PX_TRY(px_worker_start(&journal->worker, options->repository->db, options->spool, kind, journal->clock, error));
  journal->repository = pixazo_repository_ref(options->repository);
  journal->shard = shard_of(journal->worker.uuid);
  pixazo_status status = options->budget ? px_journal_limit_run(journal, options->budget, error) : PIXAZO_OK;
  if (status == PIXAZO_OK)
    *out = px_steal(&journal);
  else
    px_journal_close(px_steal(&journal));
  return status;
}

pixazo_status px_journal_open(const px_journal_options *options, px_journal **out, pixazo_error **error)
{
  return px_journal_open_as(options, PX_WORKER_SPOOL, out, error);
}

void px_journal_close(px_journal *journal)
{
  if (!journal)
    return;
  px_journal_rollback(journal);
  px_worker_stop(&journal->worker, journal->repository->db);
  (void)pixazo_repository_unref(journal->repository);
  px_free(journal);
}

const char *px_journal_worker(const px_journal *journal)
{
  return journal->worker.uuid;
}

pixazo_status px_journal_heartbeat(px_journal *journal, pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  PX_TRY(px_db_begin_write(journal->repository->db, &link, error));
  PX_TRY(px_worker_heartbeat(&journal->worker, link, error));
  return px_db_commit(&link, error);
}

pixazo_status px_journal_begin(px_journal *journal, pixazo_error **error)
{
  px_db_link *link = NULL;
  PX_TRY(px_db_begin_write(journal->repository->db, &link, error));
  journal->link = link; /* only now: in between another thread of a gate may hold it */
  journal->ledger = (px_ledger){NULL, false, false};
  journal->first_new = 0;
  return PIXAZO_OK;
}

pixazo_status px_journal_captions(px_journal *journal, int64_t generation, bool given, pixazo_error **error)
{
  bool fresh = journal->first_new != 0 && generation >= journal->first_new;
  return px_search_captions(journal->repository, journal->link, generation, given, fresh, error);
}

pixazo_status px_journal_commit(px_journal *journal, pixazo_error **error)
{
  PX_TRY(px_journal_check(journal, error));
  pixazo_status status = px_stats_write(&journal->stats, journal->link, journal->shard, error);
  if (status == PIXAZO_OK && journal->first_new != 0)
    status = px_search_add(journal->repository, journal->link, journal->first_new, error);
  if (status != PIXAZO_OK) {
    px_journal_rollback(journal);
    return status;
  }
  px_db_link *link = px_steal(&journal->link);
  return px_db_commit(&link, error);
}

void px_journal_rollback(px_journal *journal)
{
  if (!journal->link)
    return;
  px_stats_clear(&journal->stats);
  px_db_link *link = px_steal(&journal->link);
  px_db_end(&link);
}

pixazo_status px_journal_check(const px_journal *journal, pixazo_error **error)
{
  if (!journal->link)
    return px_fail(error, PIXAZO_E_STATE, "the journal is written inside a transaction only");
  return PIXAZO_OK;
}

pixazo_status px_part_begin(px_journal *journal, pixazo_error **error)
{
  px_stats_mark(&journal->stats);
  return px_db_savepoint(journal->link, error);
}

pixazo_status px_part_end(px_journal *journal, pixazo_status status, pixazo_error **error)
{
  status = px_db_savepoint_end(journal->link, status, error);
  if (status != PIXAZO_OK)
    px_stats_undo(&journal->stats);
  return status;
}
