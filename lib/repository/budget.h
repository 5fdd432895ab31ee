/* SPDX-License-Identifier: MIT */
/* Budgets: spent + open + reserved <= cap at every commit. A row holds the running total of one period, so a call costs
 * the same however long the ledger is. */
#ifndef PX_REPOSITORY_BUDGET_H
#define PX_REPOSITORY_BUDGET_H

#include <stdbool.h>

#include "base/gate.h"
#include "db/db.h"

/* What changes. Text is borrowed. */
typedef struct px_charge {
  const char *principal;
  const char *provider;
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

/* "USD" for NULL and "". */
const char *px_currency(const char *currency);

#endif
