/* SPDX-License-Identifier: MIT */
/* Money: one ledger row per attempt and the budgets it counts against. */
#ifndef PX_REPOSITORY_LEDGER_H
#define PX_REPOSITORY_LEDGER_H

#include "base/gate.h"
#include "db/db.h"

/* Micro-units of one call; sums of any number of calls stay far from the end of 64 bits. */
#define PX_COST_MAX INT64_C(1000000000000000)

/* Of one transaction. */
typedef struct px_ledger {
  px_db_link *link; /* NULL: not opened yet */
  bool budgets;     /* there are any */
  bool quotas;
} px_ledger;

/* Once in a transaction; later calls do nothing. */
pixazo_status px_ledger_open(px_ledger *ledger, px_db_link *link, pixazo_error **error);
/* Whether budgets and quotas let an attempt begin now. Fills `verdict`. */
pixazo_status px_ledger_ask(const px_ledger *ledger, const px_gate_attempt *attempt, int64_t now_us, px_gate_verdict *verdict,
                            pixazo_error **error);
/* The row `reserved`, counted against every budget and quota that applies. */
pixazo_status px_ledger_reserve(const px_ledger *ledger, int64_t attempt_id, const px_gate_attempt *attempt, int64_t now_us,
                                pixazo_error **error);

typedef struct px_ledger_change {
  int64_t day;          /* of the charge */
  int64_t settled_more; /* what the settled amount grew by */
  bool over;            /* costs more than was reserved for it */
} px_ledger_change;

/* Settles, releases or leaves open, by facts->charge; PIXAZO_CHARGE_NONE leaves the row as it is. */
pixazo_status px_ledger_settle(const px_ledger *ledger, int64_t attempt_id, const px_gate_answer *facts, int64_t now_us,
                               px_ledger_change *change, pixazo_error **error);

#endif
