/* SPDX-License-Identifier: MIT */
/* HTTP: one I/O thread, one libcurl multi handle, any number of calls in flight.
 *
 * Three kinds of calls, because they may be repeated by different rules:
 *   PAID      a fresh HTTP/1.1 connection of its own; the body is read once, so no path inside libcurl can
 *             send it twice; no redirects
 *   POLL      any other API call: connections are reused, HTTP/2 over TLS where offered; no redirects
 *   DOWNLOAD  a picture from a URL somebody else wrote: no key, no cookies, no referer; up to 5 redirects, each
 *             hop checked like the first
 * Every kind passes the address guard: https to public addresses only, unless `allow_hosts` names the host. */
#ifndef PX_NET_ENGINE_H
#define PX_NET_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/cancel.h>
#include <pixazo/log.h>

#include "base/clock.h"

typedef struct px_engine px_engine;

typedef struct px_engine_options {
  const char *ca_file;     /* PEM; NULL: the system's bundle. Copied, as all text here */
  const char *proxy;       /* URL; NULL: none. The environment is never read. Behind a proxy names are not looked up
                              here, so guarding against private addresses is the proxy's job; literals are still refused */
  const char *allow_hosts; /* comma list of host or host:port (the port is then exact) that may be plain http or at a
                              private address; NULL: none */
  pixazo_log *log;         /* a reference is taken; may be NULL */
  const px_clock *clock;   /* NULL: the system's; outlives the engine */
  uint32_t connect_ms;     /* lookup, connection and TLS together; 0: 10 s */
  uint32_t max_calls;      /* at once on the wire; 0: as many as the descriptor limit leaves */
} px_engine_options;

enum { PX_HTTP_PAID = 1, PX_HTTP_POLL = 2, PX_HTTP_DOWNLOAD = 3 };

/* What went wrong, finer than a status. Up to TLS nothing was asked of the other side. */
enum {
  PX_TROUBLE_NONE = 0,     /* a whole answer came, whatever its HTTP status is */
  PX_TROUBLE_GUARD = 1,    /* the address, scheme or redirect is not allowed: trying again is pointless */
  PX_TROUBLE_RESOLVE = 2,  /* the name was not found */
  PX_TROUBLE_CONNECT = 3,  /* nobody took the connection */
  PX_TROUBLE_TLS = 4,      /* handshake or certificate */
  PX_TROUBLE_TRANSFER = 5, /* cut, reset, not HTTP, wrong length */
  PX_TROUBLE_TIMEOUT = 6,  /* a deadline passed; look at body_asked and head_complete for how far it was */
  PX_TROUBLE_LIMIT = 7,    /* max_bytes, the size of the head, or too many redirects */
  PX_TROUBLE_CANCEL = 8,   /* token, px_engine_cancel, or the engine was freed */
  PX_TROUBLE_WITHHELD = 9, /* may_send said no: not a byte of the body left */
  PX_TROUBLE_STOPPED = 10, /* on_head or on_data said no */
  PX_TROUBLE_LOCAL = 11,   /* this machine: a CA file that cannot be read */
  PX_TROUBLE_MEMORY = 12
};

/* The final head of an answer. Borrowed: valid inside on_head only. */
typedef struct px_http_headers px_http_headers;
/* First value of a header, without surrounding white space; NULL when absent. */
const char *px_http_header(const px_http_headers *headers, const char *name);
/* Walks all headers; false behind the last. */
bool px_http_header_at(const px_http_headers *headers, size_t index, const char **name, const char **value);

enum { PX_CONTENT_TYPE_MAX = 128 };

/* How a call ended. Borrowed: valid inside on_done only. */
typedef struct px_http_outcome {
  pixazo_status status;      /* OK: a whole answer came; its HTTP status may still be an error. E_NETWORK, E_TIMEOUT,
                                E_LIMIT, E_CANCELLED, E_STATE (withheld), E_IO (stopped, CA file), E_NOMEM */
  const pixazo_error *error; /* NULL when OK; px_error_copy to keep it */
  int trouble;               /* PX_TROUBLE_* */
  int http_status;           /* of the final status line, known before head_complete; 0 before it came */
  bool body_asked;           /* libcurl took request body bytes; for a call without a body: request bytes were written.
                                false proves that the provider cannot have acted on a paid call */
  bool head_complete;
  bool body_complete;                     /* the answer's body is whole, by its length or its framing */
  bool delimited;                         /* its end was marked (length, chunks, HTTP/2), not only by closing */
  uint64_t received;                      /* body bytes */
  int http_version;                       /* 10, 11, 20; 0 unknown */
  uint32_t redirects;                     /* hops followed */
  char content_type[PX_CONTENT_TYPE_MAX]; /* lower case, without parameters; "" unknown */
  int64_t started_us;                     /* UTC: submitted */
  int64_t first_byte_us;                  /* UTC: first byte of the answer; 0: none came */
  int64_t ended_us;                       /* UTC */
} px_http_outcome;

/* One call. Filled by the caller; all memory stays the caller's and unchanged until on_done returns.
 * Zero everything first. All hooks run on the I/O thread: they must not wait, and may submit, cancel and unref. */
typedef struct px_http_call {
  int kind;           /* PX_HTTP_* */
  const char *method; /* NULL: GET without, POST with a body. A download is GET or HEAD */
  const char *url;
  const char *const *headers; /* "Name: value", printable ASCII; behind a redirect they are not sent */
  size_t header_count;
  const char *secret_header; /* "Name: value" with the key: sent only when scheme, host and port of url equal those of
                                secret_origin; never to another host, never on a download */
  const char *secret_origin;
  const void *body; /* not NULL: there is a body, even when body_size is 0 */
  size_t body_size;
  /* In place of `body`: copies up to `room` bytes of the body at `offset`, at least one; false when they cannot be had,
   * which cuts the call. */
  bool (*read_body)(void *user, uint64_t offset, void *buffer, size_t room, size_t *given);
  uint32_t delay_ms;            /* before it may go on the wire, at the next look (100 ms); then only when nothing else waits
                                   for room. For what is not urgent */
  uint32_t total_ms;            /* from submit (behind delay_ms) to end, waiting included; 0: none */
  uint32_t stall_ms;            /* longest silence once connected; 0: none. For downloads */
  uint64_t max_bytes;           /* of the answer's body; 0: none */
  pixazo_cancel *cancel;        /* looked at every 100 ms; may be NULL */
  bool finish_when_sent;        /* a soft cancel no longer cuts once body_asked: the answer is still listened to */
  bool (*may_send)(void *user); /* PAID, asked once, right before the first body byte; false: withheld. May be NULL */
  bool (*on_head)(void *user, int http_status, const px_http_headers *headers); /* may be NULL */
  bool (*on_data)(void *user, const void *data, size_t size);                   /* may be NULL */
  void (*on_done)(void *user, const px_http_outcome *outcome);                  /* exactly once, the last hook */
  void *user;
  void *transfer; /* the engine's; zero it before submit */
} px_http_call;

pixazo_status px_engine_new(const px_engine_options *options, px_engine **out, pixazo_error **error);
px_engine *px_engine_ref(px_engine *engine);
/* The last reference cuts what is still in flight: each on_done runs with E_CANCELLED before this returns (on the I/O
 * thread itself: soon after). NULL is fine. */
void px_engine_unref(px_engine *engine);

/* Any thread; touches no socket. On failure no hook is ever called: E_ARGUMENT (URL, header, kind), E_NETWORK (the
 * guard refuses a literal address or plain http), E_STATE (after fork, or the engine is being freed), E_NOMEM. */
pixazo_status px_engine_submit(px_engine *engine, px_http_call *call, pixazo_error **error);
/* Any thread. on_done follows within a second, unless it is running or has run. `call` must still exist. */
void px_engine_cancel(px_engine *engine, px_http_call *call);
/* Submit and wait on this thread. Returns the outcome's status; on_done, when given, has run. Not on the I/O thread. */
pixazo_status px_engine_perform(px_engine *engine, px_http_call *call, pixazo_error **error);

#endif
