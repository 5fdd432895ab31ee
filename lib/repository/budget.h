/* SPDX-License-Identifier: MIT */
/* Budgets: spent + open + reserved <= cap at every commit. A row holds the running total of one period, so a call costs
 * the same however long the ledger is. */
#ifndef PX_REPOSITORY_BUDGET_H
#define PX_REPOSITORY_BUDGET_H

#include <stdbool.h>

#include "base/gate.h"
#include "base/terms.h"
#include "db/db.h"

/* What changes. Text is borrowed. */
typedef struct px_charge {
  const char *principal;
  const char *provider;
  const char *run; /* UUID of the worker that sent the call; NULL: not known */
  const char *currency;
  int64_t day;
  int64_t amount; /* more than before; negative: less */
  bool reserve;
} px_charge;

/* E_BUDGET with the reason when one that applies forbids the call. */
pixazo_status px_budget_ask(px_db_link *link, const px_gate_attempt *attempt, int64_t day, pixazo_error **error);
pixazo_status px_budget_charge(px_db_link *link, const px_charge *charge, pixazo_error **error);
/* All totals are to be added up anew. */
pixazo_status px_budget_forget(px_db_link *link, pixazo_error **error);

/* Sets the cap of one; it counts what was charged before, too. */
pixazo_status px_budget_put(px_db_link *link, const px_budget_terms *terms, pixazo_error **error);
/* The budget of a run that has ended. */
pixazo_status px_budget_drop_run(px_db_link *link, const char *run, pixazo_error **error);

/* The days a period has around a day; `total` has all. */
void px_budget_days(const char *period, int64_t day, int64_t *first, int64_t *last);
/* Rows of the ledger a budget counts, its currency aside: PX_BUDGET_BIND(first, last, scope, name) binds them. */
#define PX_BUDGET_ROWS                                                                                                 \
  "ledger l WHERE l.day >= ? AND l.day <= ? AND (? = 'all' OR (? = 'principal' AND l.principal = ?) OR (? = 'provider' " \
  "AND l.provider = ?) OR (? = 'run' AND (SELECT a.spool FROM attempt a WHERE a.id = l.attempt) = ?))"
#define PX_BUDGET_BIND(first, last, scope, name)                                                                      \
  px_db_int(first), px_db_int(last), px_db_text(scope), px_db_text(scope), px_db_text(name), px_db_text(scope),        \
      px_db_text(name), px_db_text(scope), px_db_text(name)

/* "USD" for NULL and "". */
const char *px_currency(const char *currency);

#endif
