/* SPDX-License-Identifier: MIT */
/* The gate for a bare client: budgets and charges in the database, shared by all processes. Each call is one
 * transaction; there is no spool, so nothing can be brought home after a crash. */
#include "repository/gate.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "json/terms_json.h"

char *px_gate_directory(const pixazo_repository *repository)
{
  const char *name = px_db_name(repository->db);
  const char *slash = strrchr(name, '/');
  return px_strndup(name, slash == name ? 1 : (size_t)(slash - name));
}

static pixazo_status make_generation(px_journal *journal, const px_gate_attempt *attempt, pixazo_error **error)
{
  int64_t known = 0;
  char existing[PX_UUID_TEXT];
  PX_TRY(px_db_number(journal->link, "SELECT id FROM generation WHERE uuid = ?", PX_BIND(px_db_text(attempt->generation)),
                      &known, error));
  if (known != 0)
    return PIXAZO_OK;
  px_journal_new row = {.uuid = attempt->generation,
                        .principal = attempt->principal,
                        .request_json = attempt->request_json,
                        .metadata_json = attempt->metadata_json,
                        .effective_json = attempt->effective_json,
                        .outcome_json = attempt->outcome_json,
                        .prompt = attempt->prompt,
                        .provider = attempt->provider,
                        .model = attempt->model};
  return px_journal_add(journal, &row, existing, error);
}

/* A gate has no thread that could say by itself that it lives. */
static pixazo_status say_alive(px_journal *journal, pixazo_error **error)
{
  static const int64_t OFTEN_US = 10000000;
  int64_t now = px_mono_us(journal->clock);
  if (journal->beat_us != 0 && now - journal->beat_us < OFTEN_US)
    return PIXAZO_OK;
  journal->beat_us = now;
  return px_worker_heartbeat(&journal->worker, journal->link, error);
}

static pixazo_status begin_all(px_journal *journal, const px_gate_attempt *attempts, size_t count, px_gate_verdict *verdicts,
                               pixazo_error **error)
{
  PX_TRY(say_alive(journal, error));
  for (size_t i = 0; i < count; i++)
    PX_TRY(make_generation(journal, &attempts[i], error));
  return px_journal_send(journal, attempts, count, verdicts, error);
}

static void drop_verdicts(px_gate_verdict *verdicts, size_t count)
{
  for (size_t i = 0; i < count; i++)
    pixazo_error_free(verdicts[i].error);
  memset(verdicts, 0, count * sizeof *verdicts);
}

static pixazo_status gate_begin(void *self, const px_gate_attempt *attempts, size_t count, px_gate_verdict *verdicts,
                                pixazo_error **error)
{
  px_journal *journal = self;
  memset(verdicts, 0, count * sizeof *verdicts);
  PX_TRY(px_journal_begin(journal, error));
  pixazo_status status = begin_all(journal, attempts, count, verdicts, error);
  if (status == PIXAZO_OK)
    status = px_journal_commit(journal, error);
  else
    px_journal_rollback(journal);
  if (status != PIXAZO_OK)
    drop_verdicts(verdicts, count);
  return status;
}

static pixazo_status answer_all(px_journal *journal, const px_gate_answer *answers, size_t count, pixazo_error **error)
{
  for (size_t i = 0; i < count; i++) {
    px_journal_answer answer = {.facts = answers[i], .final = true};
    PX_TRY(px_journal_answered(journal, &answer, error));
  }
  return PIXAZO_OK;
}

static pixazo_status gate_answered(void *self, const px_gate_answer *answers, size_t count, pixazo_error **error)
{
  px_journal *journal = self;
  PX_TRY(px_journal_begin(journal, error));
  pixazo_status status = answer_all(journal, answers, count, error);
  if (status == PIXAZO_OK)
    return px_journal_commit(journal, error);
  px_journal_rollback(journal);
  return status;
}

/* One generation that a gate left open. */
typedef struct left_open {
  char generation[PX_UUID_TEXT];
  char attempt[PX_UUID_TEXT]; /* "": only planned */
  bool told; /* it says already why nothing was sent */
  bool found;
} left_open;

static pixazo_status next_left(px_journal *journal, int64_t worker, const char *uuid, left_open *left, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  PX_TRY(px_db_first(journal->link,
                     "SELECT g.uuid, a.uuid, g.message IS NOT NULL FROM generation g "
                     "LEFT JOIN attempt a ON a.generation = g.id AND a.state = 1 "
                     "WHERE g.worker = ? AND g.token = ? AND g.state <= 2 ORDER BY g.id LIMIT 1",
                     PX_BIND(px_db_int(worker), px_db_text(uuid)), &rows, error));
  left->found = rows != NULL;
  if (!rows)
    return PIXAZO_OK;
  const char *generation = px_db_get_text(rows, 0), *attempt = px_db_get_text(rows, 1);
  (void)snprintf(left->generation, sizeof left->generation, "%s", generation ? generation : "");
  (void)snprintf(left->attempt, sizeof left->attempt, "%s", attempt ? attempt : "");
  left->told = px_db_get_int(rows, 2) != 0;
  return PIXAZO_OK;
}

static pixazo_status end_left(px_journal *journal, const left_open *left, pixazo_error **error)
{
  PX_TRY(px_db_run(journal->link, "UPDATE generation SET worker = ?, token = ? WHERE uuid = ?",
                   PX_BIND(px_db_int(journal->worker.id), px_db_text(journal->worker.uuid), px_db_text(left->generation)),
                   NULL, error));
  if (!*left->attempt)
    return px_journal_end(journal, left->generation, PIXAZO_GENERATION_CANCELLED,
                          left->told ? NULL : "the client ended before it was sent", error);
  px_journal_answer answer = {.facts = {.attempt = left->attempt,
                                        .generation = left->generation,
                                        .attempt_class = PIXAZO_CLASS_AMBIGUOUS,
                                        .charge = PIXAZO_CHARGE_UNKNOWN,
                                        .message = "the client ended while the call was being made"},
                              .final = true};
  return px_journal_answered(journal, &answer, error);
}

pixazo_status px_gate_settle(px_journal *journal, int64_t worker, const char *uuid, pixazo_error **error)
{
  left_open left = {.found = true};
  while (left.found) {
    PX_TRY(next_left(journal, worker, uuid, &left, error));
    if (left.found)
      PX_TRY(end_left(journal, &left, error));
  }
  return PIXAZO_OK;
}

static void gate_destroy(void *self)
{
  px_journal *journal = self;
  if (px_journal_begin(journal, NULL) == PIXAZO_OK) {
    if (px_gate_settle(journal, journal->worker.id, journal->worker.uuid, NULL) == PIXAZO_OK)
      (void)px_journal_commit(journal, NULL);
    else
      px_journal_rollback(journal);
  }
  px_journal_close(journal);
}

static pixazo_status gate_set_budget(void *self, const char *json, pixazo_error **error)
{
  px_budget_terms terms;
  if (!json)
    return px_journal_limit_run(self, NULL, error);
  PX_TRY(px_budget_terms_run(json, &terms, error));
  return px_journal_limit_run(self, &terms, error);
}

static pixazo_status gate_set_quota(void *self, const char *json, pixazo_error **error)
{
  (void)self;
  (void)json;
  return px_fail(error, PIXAZO_E_UNSUPPORTED, "the quotas of this gate are its repository's: pixazo_repository_set_quota");
}

pixazo_status pixazo_repository_gate(pixazo_repository *repository, pixazo_gate **out, pixazo_error **error)
{
  static const px_gate_ops ops = {gate_begin, gate_answered, gate_set_budget, gate_set_quota, gate_destroy};
  PX_REQUIRE(repository && out, error, "repository and out must not be NULL");
  px_autofree char *directory = px_gate_directory(repository);
  px_journal *journal = NULL;
  if (!directory)
    return px_fail_nomem(error);
  px_journal_options options = {.repository = repository, .spool = directory};
  PX_TRY(px_journal_open_as(&options, PX_WORKER_GATE, &journal, error));
  pixazo_status status = px_gate_new(&ops, journal, out, error);
  if (status != PIXAZO_OK)
    px_journal_close(journal);
  return status;
}
