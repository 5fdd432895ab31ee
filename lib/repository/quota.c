/* SPDX-License-Identifier: MIT */
#include "repository/quota.h"

#include <stdio.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/quota.h"
#include "base/str.h"
#include "repository/worker.h"

static const char *text_or_empty(const char *text)
{
  return text ? text : "";
}

/* The buckets of one quota are told apart where it is about each for itself. */
static const char APPLYING[] =
    "SELECT q.id, q.provider, q.principal, q.requests, q.window_us, q.burst, q.slots, q.max_wait_us, "
    "coalesce(b.next_us, 0) FROM quota q LEFT JOIN bucket b ON b.quota = q.id "
    "AND b.provider = CASE q.provider WHEN '*' THEN ? ELSE '' END "
    "AND b.principal = CASE q.principal WHEN '*' THEN ? ELSE '' END "
    "WHERE q.provider IN ('', '*', '=' || ?) AND q.principal IN ('', '*', '=' || ?) ORDER BY q.id";

static pixazo_status find_applying(px_db_link *link, const px_gate_attempt *attempt, px_db_rows **rows, pixazo_error **error)
{
  px_db_value provider = px_db_text(text_or_empty(attempt->provider));
  px_db_value principal = px_db_text(text_or_empty(attempt->principal));
  return px_db_query(link, APPLYING, PX_BIND(provider, principal, provider, principal), rows, error);
}

static void read_terms(const px_db_rows *row, px_quota_terms *terms)
{
  (void)snprintf(terms->provider, sizeof terms->provider, "%s", text_or_empty(px_db_get_text(row, 1)));
  (void)snprintf(terms->principal, sizeof terms->principal, "%s", text_or_empty(px_db_get_text(row, 2)));
  terms->requests = px_db_get_int(row, 3);
  terms->window_us = px_db_get_int(row, 4);
  terms->burst = px_db_get_int(row, 5);
  terms->slots = px_db_get_int(row, 6);
  terms->max_wait_us = px_db_get_int(row, 7);
}

/* Attempts that hold a slot, by the worker that sends them. */
static const char HOLDERS[] =
    "SELECT w.uuid, w.place, w.kind, {now_us} - w.heartbeat_us, count(*) FROM attempt a "
    "JOIN generation g ON g.id = a.generation LEFT JOIN worker w ON w.uuid = a.spool "
    "WHERE a.state = 1 AND (? = 0 OR a.provider = ?) AND (? = 0 OR g.principal = ?) "
    "GROUP BY w.uuid, w.place, w.kind, w.heartbeat_us";

static bool lives(const px_db_rows *row, const char *me)
{
  const char *uuid = px_db_get_text(row, 0), *place = px_db_get_text(row, 1);
  if (!uuid || !place)
    return false; /* nobody sends it any more; its end is still to be recorded */
  return px_str_equal(uuid, me) ||
         px_worker_lives(place, uuid, (int32_t)px_db_get_int(row, 2), px_db_get_int(row, 3));
}

static pixazo_status count_taken(px_db_link *link, const px_quota_terms *terms, const px_gate_attempt *attempt,
                                 int64_t *taken, pixazo_error **error)
{
  px_auto(px_buf) sql = PX_BUF_INIT(4096);
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  *taken = 0;
  PX_TRY(px_db_expand_on(link, HOLDERS, &sql, error));
  PX_TRY(px_db_query(link, px_buf_text(&sql),
                     PX_BIND(px_db_int(terms->provider[0] != '\0'), px_db_text(text_or_empty(attempt->provider)),
                             px_db_int(terms->principal[0] != '\0'), px_db_text(text_or_empty(attempt->principal))),
                     &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    /* Whether somebody lives costs a look at a file: only asked as long as it can matter. */
    if (*taken < terms->slots && lives(rows, attempt->run))
      *taken += px_db_get_int(rows, 4);
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}

/* One attempt that asks. */
typedef struct asking {
  px_db_link *link;
  const px_gate_attempt *attempt;
  int64_t now_us;
  px_gate_verdict *verdict;
} asking;

static pixazo_status ask_slots(const asking *self, const px_quota_terms *terms, pixazo_error **error)
{
  int64_t taken = 0;
  if (terms->slots == 0)
    return PIXAZO_OK;
  PX_TRY(count_taken(self->link, terms, self->attempt, &taken, error));
  if (taken >= terms->slots)
    px_quota_wait_slot(terms, self->attempt, self->now_us, self->verdict);
  return PIXAZO_OK;
}

/* Of a clock that went back: written down, or the bucket would stay full for ever. */
static pixazo_status mend_bucket(px_db_link *link, int64_t quota, int64_t next_us, pixazo_error **error)
{
  return px_db_run(link, "UPDATE bucket SET next_us = ? WHERE quota = ? AND next_us > ?",
                   PX_BIND(px_db_int(next_us), px_db_int(quota), px_db_int(next_us)), NULL, error);
}

static pixazo_status ask_rate(const asking *self, const px_db_rows *row, const px_quota_terms *terms, pixazo_error **error)
{
  if (terms->requests == 0)
    return PIXAZO_OK;
  int64_t kept = px_db_get_int(row, 8), next = px_quota_sane(terms, kept, self->now_us);
  if (next != kept)
    PX_TRY(mend_bucket(self->link, px_db_get_int(row, 0), next, error));
  px_quota_wait(terms, self->attempt, px_quota_earliest(terms, next), self->now_us, self->verdict);
  return PIXAZO_OK;
}

pixazo_status px_quota_ask(px_db_link *link, const px_gate_attempt *attempt, int64_t now_us, px_gate_verdict *verdict,
                           pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  const asking self = {link, attempt, now_us, verdict};
  bool row = false;
  PX_TRY(find_applying(link, attempt, &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row && verdict->verdict != PX_GATE_DENIED) {
    px_quota_terms terms;
    read_terms(rows, &terms);
    PX_TRY(ask_rate(&self, rows, &terms, error));
    PX_TRY(ask_slots(&self, &terms, error));
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}

static pixazo_status take(px_db_link *link, const px_db_rows *row, const px_gate_attempt *attempt, int64_t now_us,
                          pixazo_error **error)
{
  px_quota_terms terms;
  read_terms(row, &terms);
  if (terms.requests == 0)
    return PIXAZO_OK;
  return px_db_run(link,
                   "INSERT INTO bucket (quota, provider, principal, next_us) VALUES (?, ?, ?, ?) "
                   "ON CONFLICT (quota, provider, principal) DO UPDATE SET next_us = excluded.next_us",
                   PX_BIND(px_db_int(px_db_get_int(row, 0)),
                           px_db_text(terms.provider[0] == '*' ? text_or_empty(attempt->provider) : ""),
                           px_db_text(terms.principal[0] == '*' ? text_or_empty(attempt->principal) : ""),
                           px_db_int(px_quota_take(&terms, px_db_get_int(row, 8), now_us))),
                   NULL, error);
}

pixazo_status px_quota_charge(px_db_link *link, const px_gate_attempt *attempt, int64_t now_us, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(find_applying(link, attempt, &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    PX_TRY(take(link, rows, attempt, now_us, error));
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}
