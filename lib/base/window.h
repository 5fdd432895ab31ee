/* SPDX-License-Identifier: MIT */
/* How often something went wrong lately: counts of a span of time that moves on, in slots of equal length. Pure. */
#ifndef PX_BASE_WINDOW_H
#define PX_BASE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

enum { PX_WINDOW_SLOTS = 32 };

typedef struct px_tally {
  uint64_t total;
  uint64_t failed;
  uint64_t slow;
} px_tally;

typedef struct px_window {
  int64_t slot_us;
  struct {
    int64_t number; /* of the slot since the clock began */
    px_tally tally;
  } slots[PX_WINDOW_SLOTS];
} px_window;

void px_window_init(px_window *window, int64_t span_us);
void px_window_add(px_window *window, int64_t now_us, bool failed, bool slow);
px_tally px_window_sum(const px_window *window, int64_t now_us);

#endif
