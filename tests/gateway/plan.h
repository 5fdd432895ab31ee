/* SPDX-License-Identifier: MIT */
/* What goes on the wire for one request, and when: bytes, waits, and the way it ends. Every fault becomes such steps, so the
 * connection code knows none of them. */
#ifndef GATEWAY_PLAN_H
#define GATEWAY_PLAN_H

#include "gateway/reply.h"
#include "gateway/script.h"

typedef enum step_kind {
  STEP_WAIT,   /* wait_ms; 0 = for ever */
  STEP_SEND,   /* the next `size` bytes of the wire */
  STEP_REPEAT, /* the last `size` bytes of the wire, again and again */
  STEP_KEEP,   /* answered; the connection takes the next request */
  STEP_CLOSE,  /* orderly, with TLS's own end */
  STEP_FIN,    /* TCP's end alone */
  STEP_RESET
} step_kind;

typedef struct step {
  step_kind kind;
  int64_t wait_ms;
  size_t size;
  size_t piece;
  int64_t piece_ms;
} step;

enum { PLAN_STEPS_MAX = 8 };

typedef struct plan {
  bytes wire;
  step steps[PLAN_STEPS_MAX];
  size_t count;
  size_t index;     /* of the step that runs */
  size_t sent;      /* bytes of the wire */
  size_t step_sent; /* of them in this step */
  int64_t until;    /* of a wait that has begun, else 0 */
  int status;       /* 0 = no status line goes out */
  bool whole;       /* the answer is not cut */
} plan;

typedef struct plan_input {
  const reply *answer;
  const rule *script;  /* NULL = nothing goes wrong */
  int64_t delay_ms;    /* when the rule does not say */
  bool keep_alive;
  bool head_only;      /* HEAD */
} plan_input;

void plan_make(plan *out, const plan_input *input);
void plan_drop(plan *out, const rule *script); /* not one byte, then the rule's end */
void plan_done(plan *out);

#endif
