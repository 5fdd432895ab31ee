/* SPDX-License-Identifier: MIT */
/* The gate: a port through which every paid call passes before and after it is made.
 * Arrays, because one transaction serves everything that waits. Calls block; never made on the I/O thread. */
#ifndef PX_BASE_GATE_H
#define PX_BASE_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>
#include <pixazo/gate.h>

#include "base/uuid.h"

/* A paid call about to be made. Text is borrowed for the call. */
typedef struct px_gate_attempt {
  const char *attempt;    /* UUID of the attempt; also the name of its answer in the spool */
  const char *generation; /* UUID; a gate that records makes the row when it is not there */
  const char *principal;
  const char *provider;
  const char *model;
  const char *prompt;
  const char *request_json;
  const char *metadata_json;
  const char *effective_json;
  const char *outcome_json;
  const char *route_json; /* NULL: none */
  const char *currency;
  int64_t upper_bound_micros; /* meaningless when price_known is false */
  bool price_known;
  int64_t waiting_since_us; /* wall clock: since when the gate says WAIT; 0: it was not asked before */
  const char *run;          /* set by the gate itself */
  int32_t n;                /* 1 for the first attempt of the generation */
} px_gate_attempt;

enum { PX_GATE_GO = 1, PX_GATE_WAIT = 2, PX_GATE_DENIED = 3 };

typedef struct px_gate_verdict {
  int32_t verdict;
  int64_t wait_until_us; /* PX_GATE_WAIT: wall clock */
  pixazo_error *error;   /* PX_GATE_DENIED: owned by the caller of begin */
  bool for_slot;         /* PX_GATE_WAIT: for a call on its way to end, which nobody can name the time of */
  int64_t patience_us;   /* for_slot: wall clock; a later look is a denial; 0: it waits as long as it takes */
} px_gate_verdict;

/* How a paid call ended. */
typedef struct px_gate_answer {
  const char *attempt;
  const char *generation;
  int32_t attempt_class; /* PIXAZO_CLASS_* */
  int32_t http_status;
  const char *provider_code;
  const char *request_id;
  const char *remote_id; /* queue: the provider's id */
  const char *poll_url;
  const char *message;    /* why it failed; NULL when accepted */
  const char *safety_json; /* what was said about safety; NULL: nothing */
  const char *currency;
  int64_t cost_micros;
  int32_t confidence; /* PIXAZO_CONFIDENCE_* */
  int32_t charge;     /* PIXAZO_CHARGE_*: settle, release or leave open */
} px_gate_answer;

typedef struct px_gate_ops {
  /* Durable when it returns. verdicts has `count` entries. */
  pixazo_status (*begin)(void *self, const px_gate_attempt *attempts, size_t count, px_gate_verdict *verdicts,
                         pixazo_error **error);
  pixazo_status (*answered)(void *self, const px_gate_answer *answers, size_t count, pixazo_error **error);
  pixazo_status (*set_budget)(void *self, const char *json, pixazo_error **error); /* json NULL: none any more */
  pixazo_status (*set_quota)(void *self, const char *json, pixazo_error **error);
  void (*destroy)(void *self);
} px_gate_ops;

struct pixazo_gate {
  atomic_uint references;
  const px_gate_ops *ops;
  void *self;
};

/* Takes over `self` on success only. */
pixazo_status px_gate_new(const px_gate_ops *ops, void *self, pixazo_gate **out, pixazo_error **error);

#endif
