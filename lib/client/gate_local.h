/* SPDX-License-Identifier: MIT */
/* The gate in memory: of a client that was given none, or of the clients a program gives one to (pixazo_gate_new). */
#ifndef PX_CLIENT_GATE_LOCAL_H
#define PX_CLIENT_GATE_LOCAL_H

#include "base/clock.h"
#include "base/gate.h"

pixazo_status px_gate_local_new(pixazo_gate **out, pixazo_error **error);
/* With a clock of the caller's, which outlives the gate. */
pixazo_status px_gate_local_on(const px_clock *clock, pixazo_gate **out, pixazo_error **error);

typedef struct px_gate_counts {
  uint64_t begun;
  uint64_t answered;
  int64_t open_micros;    /* upper bounds of calls that have not ended */
  int64_t spent_micros;   /* of calls that were or may have been billed */
  uint64_t unknown_price; /* billed or maybe billed calls without a known price */
} px_gate_counts;

/* Of a gate made by px_gate_local_new. */
void px_gate_local_counts(const pixazo_gate *gate, px_gate_counts *out);

#endif
