/* SPDX-License-Identifier: MIT */
/* A heap of instants: the earliest first, set and cleared in O(log n). */
#ifndef GATEWAY_TIMERS_H
#define GATEWAY_TIMERS_H

#include <stddef.h>
#include <stdint.h>

typedef struct timer {
  int64_t due;
  size_t place; /* 1 and up; 0 = not set */
} timer;

typedef struct timers {
  timer **heap;
  size_t count;
  size_t capacity;
} timers;

void timers_set(timers *all, timer *entry, int64_t due);
void timers_clear(timers *all, timer *entry);
/* The earliest when it is due, taken out; else NULL. */
timer *timers_take(timers *all, int64_t now);
void timers_done(timers *all);

#endif
