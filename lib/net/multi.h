/* SPDX-License-Identifier: MIT */
/* libcurl's multi handle behind the engine's words; multi.c is the only user of libcurl. I/O thread only. */
#ifndef PX_NET_MULTI_H
#define PX_NET_MULTI_H

#include "net/transfer.h"

typedef struct px_multi px_multi;

typedef struct px_multi_settings {
  int epoll; /* sockets are watched here, event data is the descriptor; borrowed */
  const char *ca_file;
  const char *proxy;
  uint32_t connect_ms;
  const px_clock *clock;
  void (*resolved)(void *self, px_transfer *transfer);                    /* an address is there: a socket is being opened */
  void (*ready)(void *self, px_transfer *transfer);                       /* connected, or on a connection that was kept */
  void (*ended)(void *self, px_transfer *transfer, const char *redirect); /* off the wire; redirect: where to, or NULL */
  void *self;
} px_multi_settings;

/* Any thread. Strings are borrowed for the life of the handle. */
pixazo_status px_multi_new(const px_multi_settings *settings, px_multi **out, pixazo_error **error);
void px_multi_free(px_multi *multi);                       /* no transfer may be on the wire */
/* With more connections than that, busy ones included, idle ones are closed. */
void px_multi_keep(px_multi *multi, uint32_t connections);

pixazo_status px_multi_start(px_multi *multi, px_transfer *transfer, pixazo_error **error);
void px_multi_drop(px_multi *multi, px_transfer *transfer); /* cuts it; `ended` is not called */
void px_multi_event(px_multi *multi, int descriptor, uint32_t epoll_events);
/* Lets libcurl do what is due, and reports transfers that ended. */
void px_multi_advance(px_multi *multi);
int64_t px_multi_due_us(const px_multi *multi); /* monotonic; INT64_MAX: nothing planned */

#endif
