/* SPDX-License-Identifier: MIT */
/* The one graphics card of a server at home: calls wait for each other, and can be watched and interrupted. */
#ifndef GATEWAY_DEVICE_H
#define GATEWAY_DEVICE_H

#include <stddef.h>
#include <stdint.h>

enum { DEVICE_CALLS = 64 };

typedef struct device_call {
  uint64_t caller; /* number of the connection */
  int64_t from;
  int64_t until;
  int64_t steps;
} device_call;

typedef struct device {
  device_call calls[DEVICE_CALLS]; /* a ring */
  size_t total;
  int64_t free_at;
  uint64_t interrupted; /* the caller that is to be answered now, 0 = none */
} device;

/* Milliseconds until the work of this call is done. */
int64_t device_reserve(device *self, uint64_t caller, int64_t duration_ms, int64_t steps);
/* The call that is worked on now, NULL = none. */
device_call *device_now(device *self);
/* Ends the call that is worked on. */
void device_interrupt(device *self);

#endif
