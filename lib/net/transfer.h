/* SPDX-License-Identifier: MIT */
/* One call on its way through the engine. Shared by the files of net/ only. */
#ifndef PX_NET_TRANSFER_H
#define PX_NET_TRANSFER_H

#include <pthread.h>
#include <stdatomic.h>

#include "net/engine.h"
#include "net/head.h"
#include "net/url.h"

struct px_host;
struct px_multi;

/* A thread that waits inside px_engine_perform. */
typedef struct px_waiter {
  pthread_mutex_t lock;
  pthread_cond_t ended;
  bool done;
  pixazo_status status;
  pixazo_error *error;
} px_waiter;

typedef struct px_transfer {
  struct px_transfer *next, *previous;
  struct px_list *list; /* where it is linked */

  /* constant after submit */
  px_http_call *call;
  px_waiter *waiter;
  bool with_secret;
  int64_t submitted_us; /* monotonic */
  int64_t deadline_us;  /* monotonic; INT64_MAX: none */

  atomic_bool cancelled; /* px_engine_cancel */

  /* I/O thread */
  px_url target; /* of this hop */
  bool listed;   /* target is in allow_hosts: any address */
  char *hop_url; /* owned; NULL on the first hop: the caller's url */
  struct px_multi *multi;
  const px_clock *clock;
  void *easy;           /* libcurl's handle while on the wire */
  void *header_list;    /* libcurl's list while on the wire */
  char reason[256];     /* libcurl's own words; must outlive the easy handle */
  struct px_host *host; /* as the one that looks the name up */
  int64_t activity_us;  /* monotonic: last sign of life */
  int64_t pause_until_us;
  size_t body_at;
  uint64_t skipped; /* body bytes of a redirect */
  bool connected;
  bool following;      /* this head is a redirect that will be followed */
  bool opened;         /* a socket was opened */
  int refused;         /* PX_ADDRESS_* of an address the guard refused; PUBLIC: none */
  bool no_descriptors; /* a socket could not be opened for want of descriptors */
  bool written;        /* request bytes left */
  px_http_headers head;
  px_http_outcome outcome;
  pixazo_error *error;
} px_transfer;

/* A first-in first-out list; a transfer is in one at most. */
typedef struct px_list {
  px_transfer *first, *last;
  size_t count;
} px_list;

void px_list_append(px_list *list, px_transfer *transfer);
void px_list_remove(px_transfer *transfer); /* from whichever list it is in; none is fine */
void px_list_move(px_list *to, px_list *from);

/* Copies nothing of the call but checks all of it. E_ARGUMENT, E_NETWORK (guard), E_NOMEM. */
pixazo_status px_transfer_new(px_http_call *call, const char *allow_hosts, px_transfer **out, pixazo_error **error);
void px_transfer_free(px_transfer *transfer);

/* The URL of this hop. */
const char *px_transfer_url(const px_transfer *transfer);
const char *px_transfer_method(const px_transfer *transfer);
bool px_transfer_has_body(const px_transfer *transfer);
bool px_transfer_has_bytes(const px_transfer *transfer); /* a body that is not empty */

/* Notes how it failed; the first note stays. `format` says why; method and host are put before it. */
void px_transfer_fail(px_transfer *transfer, int trouble, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* As if it had not been started: for another try on the wire before anything was asked. */
void px_transfer_rewind(px_transfer *transfer);
/* Takes the next hop of a download. On failure the reason is noted and false returned. */
bool px_transfer_redirect(px_transfer *transfer, const char *url, const char *allow_hosts);

#endif
