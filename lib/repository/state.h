/* SPDX-License-Identifier: MIT */
/* The state machines of the journal as pure tables. A generation's state is never set: it follows from its attempts,
 * its pictures and what was decided about it. */
#ifndef PX_REPOSITORY_STATE_H
#define PX_REPOSITORY_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "repository/journal.h"

enum { PX_ATTEMPT_STATES = 10, PX_IMAGE_STATES = 5 };

/* A ledger row leaves RESERVED exactly once. */
enum { PX_LEDGER_RESERVED = 1, PX_LEDGER_SETTLED = 2, PX_LEDGER_RELEASED = 3, PX_LEDGER_OPEN = 4 };

typedef struct px_standing {
  int32_t attempts[PX_ATTEMPT_STATES]; /* how many are in each state */
  int32_t images[PX_IMAGE_STATES];
  int32_t last_attempt; /* state of the newest one; 0: there is none */
  int32_t decided;      /* PIXAZO_GENERATION_CANCELLED, _ABANDONED, _FAILED or _BLOCKED by decision; 0: not */
  bool final;           /* no further attempt follows by itself */
  bool delivered;       /* pictures went to the caller's hands, no rows are kept for them */
} px_standing;

int32_t px_generation_state_of(const px_standing *standing);
bool px_generation_ended(int32_t state);
bool px_attempt_may(int32_t from, int32_t to);
bool px_image_may(int32_t from, int32_t to);
/* Whether a caller may decide that a generation in state `from` ends as `to` without a further attempt. */
bool px_generation_may_end(int32_t from, int32_t to);
int32_t px_attempt_state_of(int32_t attempt_class); /* PX_ATTEMPT_* of PIXAZO_CLASS_*; NONE counts as failed */
const char *px_attempt_state_name(int32_t state);

#endif
