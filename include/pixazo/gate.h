/* SPDX-License-Identifier: MIT */
/**
 * @file gate.h
 * The gate a client passes before it spends: it reserves and records every paid call.
 *
 * Without one a client keeps count in memory for itself. pixazo_repository_gate() gives one that is
 * durable and shared by all processes that open the same database. docs/budgets.md is the user's page.
 */
#ifndef PIXAZO_GATE_H
#define PIXAZO_GATE_H

#include <pixazo/api.h>
#include <pixazo/error.h>

PIXAZO_BEGIN_DECLS

/** A gate; counted; any thread. */
typedef struct pixazo_gate pixazo_gate;

/** A gate in memory: its budget and quotas hold for the clients it is given to, and are forgotten with it.
 *  @param[out] out owned, pixazo_gate_unref. @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_gate_new(pixazo_gate **out, pixazo_error **error);

/**
 * Sets the budget of this run: what the calls that pass this gate may cost together. Calls that passed before count.
 * @param json object with "cap_micros" (millionths of the currency's unit; required), "currency" (default "USD") and
 *             "allow_unknown_price" (default false: a call without a price in that currency is refused); NULL: no budget
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT (not JSON, another member or out of range), PIXAZO_E_NOMEM; of a gate of a
 *         repository also PIXAZO_E_BUSY, PIXAZO_E_IO, PIXAZO_E_STATE. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_gate_set_budget(pixazo_gate *gate, const char *json, pixazo_error **error);

/**
 * Sets a quota of a gate in memory, or replaces the one with the same provider and principal.
 * @param json as of pixazo_repository_set_quota()
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT (not JSON, another member or out of range), PIXAZO_E_UNSUPPORTED (a gate of a
 *         repository: its quotas are the repository's), PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_gate_set_quota(pixazo_gate *gate, const char *json, pixazo_error **error);

/** One more reference; returns @p gate. @since 0.1 */
PIXAZO_API pixazo_gate *pixazo_gate_ref(pixazo_gate *gate);

/** Drops one reference; NULL is allowed; always returns NULL. @since 0.1 */
PIXAZO_API pixazo_gate *pixazo_gate_unref(pixazo_gate *gate);

PIXAZO_END_DECLS

#endif
