/* SPDX-License-Identifier: MIT */
/* What the I/O thread does: which call goes on the wire when, and when it is cut. I/O thread only, once opened. */
#ifndef PX_NET_LOOP_H
#define PX_NET_LOOP_H

#include "net/lookup.h"
#include "net/multi.h"
#include "net/transfer.h"

typedef struct px_loop {
  /* constant after px_loop_open */
  const px_clock *clock;
  const char *allow_hosts; /* borrowed */
  const char *proxy;       /* borrowed */
  uint32_t max_calls;
  int epoll;
  int wake; /* eventfd: other threads write, the loop wakes up */
  px_multi *multi;
  void (*ended)(void *self, px_transfer *transfer); /* takes the transfer over */
  void *self;

  px_lookup lookup; /* holds those that wait for another's lookup */
  px_list ready;    /* may start as soon as there is room */
  px_list delayed;  /* not before its time: no descriptors were left, or its call says so */
  px_list running;
  uint32_t slots;
  uint32_t kept; /* idle connections */
  int64_t tick_us;
} px_loop;

/* Fills what `loop` does not hold yet; clock, allow_hosts, proxy, max_calls, ended and self are set by the caller. */
pixazo_status px_loop_open(px_loop *loop, const px_multi_settings *settings, pixazo_error **error);
void px_loop_done(px_loop *loop); /* cuts everything first; also after px_loop_open failed */

void px_loop_wake(px_loop *loop); /* any thread, signal-safe */
void px_loop_admit(px_loop *loop, px_transfer *transfer);
/* Waits for something to happen and serves the sockets. */
void px_loop_wait(px_loop *loop);
/* Ends, cuts and starts what is due. `look`: somebody asked to cancel, do not wait for the next tick. */
void px_loop_turn(px_loop *loop, bool look);
/* Ends everything as cancelled. */
void px_loop_cut_all(px_loop *loop);

#endif
