/* SPDX-License-Identifier: MIT */
#include "repository/ledger.h"

#include <pixazo/record.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/budget.h"
#include "repository/quota.h"
#include "repository/state.h"

/* Most databases have neither budgets nor quotas: then one look serves all attempts of a transaction. */
pixazo_status px_ledger_open(px_ledger *ledger, px_db_link *link, pixazo_error **error)
{
  int64_t found = 0;
  if (ledger->link)
    return PIXAZO_OK;
  PX_TRY(px_db_number(link, "SELECT EXISTS (SELECT 1 FROM budget) + 2 * EXISTS (SELECT 1 FROM quota)", PX_BIND_NONE, &found,
                      error));
  *ledger = (px_ledger){link, (found & 1) != 0, (found & 2) != 0};
  return PIXAZO_OK;
}

pixazo_status px_ledger_ask(const px_ledger *ledger, const px_gate_attempt *attempt, int64_t now_us,
                            px_gate_verdict *verdict, pixazo_error **error)
{
  px_autoerror why = NULL;
  pixazo_status status = ledger->budgets ? px_budget_ask(ledger->link, attempt, px_day_of(now_us), &why) : PIXAZO_OK;
  if (status == PIXAZO_E_BUDGET) {
    px_error_charge(&why, PIXAZO_CLASS_NONE, PIXAZO_CHARGE_NONE);
    *verdict = (px_gate_verdict){.verdict = PX_GATE_DENIED, .error = px_steal(&why)};
    return PIXAZO_OK;
  }
  if (status != PIXAZO_OK) {
    px_error_move(error, px_steal(&why));
    return status;
  }
  *verdict = (px_gate_verdict){.verdict = PX_GATE_GO};
  return ledger->quotas ? px_quota_ask(ledger->link, attempt, now_us, verdict, error) : PIXAZO_OK;
}

pixazo_status px_ledger_reserve(const px_ledger *ledger, int64_t attempt_id, const px_gate_attempt *attempt, int64_t now_us,
                                pixazo_error **error)
{
  const char *principal = attempt->principal ? attempt->principal : "";
  int64_t amount = attempt->price_known ? attempt->upper_bound_micros : 0;
  int64_t day = px_day_of(now_us);
  int32_t confidence = attempt->price_known ? PIXAZO_CONFIDENCE_UPPER_BOUND : PIXAZO_CONFIDENCE_UNKNOWN;
  PX_TRY(
      px_db_run(ledger->link,
                "INSERT INTO ledger (attempt, principal, provider, day, state, upper_bound_micros, amount_micros, currency, "
                "confidence, created_us, updated_us) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)",
                PX_BIND(px_db_int(attempt_id), px_db_text(principal), px_db_text(attempt->provider), px_db_int(day),
                        px_db_int(amount), px_db_int(amount), px_db_text(px_currency(attempt->currency)),
                        px_db_int(confidence), px_db_int(now_us), px_db_int(now_us)),
                NULL, error));
  px_charge charge = {principal, attempt->provider, attempt->run, px_currency(attempt->currency), day, amount, true};
  if (ledger->budgets)
    PX_TRY(px_budget_charge(ledger->link, &charge, error));
  return ledger->quotas ? px_quota_charge(ledger->link, attempt, now_us, error) : PIXAZO_OK;
}

/* What a row will be. */
typedef struct outcome {
  int32_t state;
  int32_t confidence;
  int64_t amount;
} outcome;

/* What a gate of the program's own claims; an answer is recorded whatever it claims. */
static int64_t possible_cost(int64_t micros)
{
  if (micros < 0)
    return 0;
  return micros < PX_COST_MAX ? micros : PX_COST_MAX;
}

static outcome outcome_of(const px_gate_answer *facts, int64_t upper_bound, bool priced)
{
  switch (facts->charge) {
  case PIXAZO_CHARGE_CHARGED:
    return (outcome){PX_LEDGER_SETTLED, facts->confidence, possible_cost(facts->cost_micros)};
  case PIXAZO_CHARGE_UNKNOWN:
    return (outcome){PX_LEDGER_OPEN, priced ? PIXAZO_CONFIDENCE_UPPER_BOUND : PIXAZO_CONFIDENCE_UNKNOWN, upper_bound};
  default:
    return (outcome){PX_LEDGER_RELEASED, PIXAZO_CONFIDENCE_BILLED, 0};
  }
}

/* From `reserved` to anything; from `open` only to what is known; a queue may take back what it charged, or leave it open whether
 * it did. */
static bool may_become(int32_t from, int32_t to)
{
  switch (from) {
  case PX_LEDGER_RESERVED:
    return true;
  case PX_LEDGER_OPEN:
    return to == PX_LEDGER_SETTLED || to == PX_LEDGER_RELEASED;
  case PX_LEDGER_SETTLED:
    return to == PX_LEDGER_SETTLED || to == PX_LEDGER_RELEASED || to == PX_LEDGER_OPEN;
  default:
    return false;
  }
}

static pixazo_status write_outcome(px_db_link *link, int64_t attempt_id, const outcome *after, const char *currency,
                                   bool over, int64_t now_us, pixazo_error **error)
{
  return px_db_run(link,
                   "UPDATE ledger SET state = ?, amount_micros = ?, confidence = ?, currency = ?, over = ?, updated_us = ? "
                   "WHERE attempt = ?",
                   PX_BIND(px_db_int(after->state), px_db_int(after->amount), px_db_int(after->confidence),
                           px_db_text(currency), px_db_int(over), px_db_int(now_us), px_db_int(attempt_id)),
                   NULL, error);
}

pixazo_status px_ledger_settle(const px_ledger *ledger, int64_t attempt_id, const px_gate_answer *facts, int64_t now_us,
                               px_ledger_change *change, pixazo_error **error)
{
  px_db_link *link = ledger->link;
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  if (facts->charge == PIXAZO_CHARGE_NONE)
    return PIXAZO_OK;
  PX_TRY(px_db_first(link,
                     "SELECT l.state, l.upper_bound_micros, l.amount_micros, l.confidence, l.principal, l.provider, l.day, "
                     "l.currency, a.spool FROM ledger l JOIN attempt a ON a.id = l.attempt WHERE l.attempt = ?",
                     PX_BIND(px_db_int(attempt_id)), &rows, error));
  if (!rows)
    return px_fail(error, PIXAZO_E_CORRUPT, "attempt %s has no ledger row", facts->attempt);
  int32_t before = (int32_t)px_db_get_int(rows, 0);
  int64_t bound = px_db_get_int(rows, 1), amount = px_db_get_int(rows, 2);
  bool priced = px_db_get_int(rows, 3) != PIXAZO_CONFIDENCE_UNKNOWN;
  outcome after = outcome_of(facts, bound, priced);
  if (!may_become(before, after.state))
    return PIXAZO_OK;
  if (before == PX_LEDGER_SETTLED && after.state == PX_LEDGER_OPEN) /* no more than was charged: others were given the rest */
    after = (outcome){PX_LEDGER_OPEN, priced ? PIXAZO_CONFIDENCE_UPPER_BOUND : PIXAZO_CONFIDENCE_UNKNOWN, amount};
  const char *old_currency = px_db_get_text(rows, 7);
  bool named = after.state == PX_LEDGER_SETTLED && !px_str_empty(facts->currency);
  const char *currency = named ? facts->currency : old_currency;
  change->day = px_db_get_int(rows, 6);
  change->over = after.state == PX_LEDGER_SETTLED && priced && after.amount > bound;
  change->settled_more = (after.state == PX_LEDGER_SETTLED ? after.amount : 0) - (before == PX_LEDGER_SETTLED ? amount : 0);
  PX_TRY(write_outcome(link, attempt_id, &after, currency, change->over, now_us, error));
  if (!ledger->budgets)
    return PIXAZO_OK;
  if (!px_str_equal(currency, old_currency))
    return px_budget_forget(link, error);
  px_charge charge = {.principal = px_db_get_text(rows, 4),
                      .provider = px_db_get_text(rows, 5),
                      .run = px_db_get_text(rows, 8),
                      .currency = currency,
                      .day = change->day,
                      .amount = after.amount - amount};
  return px_budget_charge(link, &charge, error);
}
