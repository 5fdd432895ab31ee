/* SPDX-License-Identifier: MIT */
/**
 * @file gate.h
 * The gate a client passes before it spends: it reserves and records every paid call.
 *
 * Without one a client keeps count in memory for itself. pixazo_repository_gate() gives one that is
 * durable and shared by all processes that open the same database.
 */
#ifndef PIXAZO_GATE_H
#define PIXAZO_GATE_H

#include <pixazo/api.h>

PIXAZO_BEGIN_DECLS

/** A gate; counted; any thread. */
typedef struct pixazo_gate pixazo_gate;

/** One more reference; returns @p gate. @since 0.1 */
PIXAZO_API pixazo_gate *pixazo_gate_ref(pixazo_gate *gate);

/** Drops one reference; NULL is allowed; always returns NULL. @since 0.1 */
PIXAZO_API pixazo_gate *pixazo_gate_unref(pixazo_gate *gate);

PIXAZO_END_DECLS

#endif
