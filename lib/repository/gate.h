/* SPDX-License-Identifier: MIT */
#ifndef PX_REPOSITORY_GATE_H
#define PX_REPOSITORY_GATE_H

#include "repository/writing.h"

/* Where the locks of bare clients are: beside the database. Owned. */
char *px_gate_directory(const pixazo_repository *repository);
/* In a transaction: ends what the gate of a bare client left open. What was sent is ambiguous, because a bare client
 * keeps no answers. */
pixazo_status px_gate_settle(px_journal *journal, int64_t worker, const char *uuid, pixazo_error **error);

#endif
