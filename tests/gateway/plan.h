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
  STEP_REPEAT, /* the last part of the wire, again and again */
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

typedef struct wire_part {
  bool is_body; /* the next bytes of the body, else of the text */
  size_t offset;
  size_t size;
} wire_part;

typedef struct plan {
  bytes text; /* everything but the body */
  body_reader body;
  wire_part *parts;
  size_t part_count;
  size_t part; /* that is being sent */
  size_t part_sent;
  step *steps;
  size_t count;
  size_t index;     /* of the step that runs */
  bool begun;       /* a first byte was sent */
  size_t step_sent; /* bytes in this step */
  int64_t until;    /* of a wait that has begun, else 0 */
  int status;       /* 0 = no status line goes out */
  bool whole;       /* the answer is not cut */
} plan;

typedef struct plan_input {
  reply *answer;       /* its body is taken */
  const rule *script;  /* NULL = nothing goes wrong */
  int64_t delay_ms;    /* when the rule does not say */
  bool keep_alive;
  bool head_only;      /* HEAD */
} plan_input;

void plan_make(plan *out, const plan_input *input);
void plan_drop(plan *out, const rule *script); /* not one byte, then the rule's end */
void plan_done(plan *out);

/* The next bytes of the wire, at least one while the steps want any; the same again until they are taken. */
size_t plan_peek(plan *self, const char **data);
void plan_take(plan *self, size_t size);
/* Back to the beginning of the last part. */
void plan_repeat(plan *self);

#endif
