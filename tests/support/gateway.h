/* SPDX-License-Identifier: MIT */
/* Starts the loopback gateway (tests/gateway) for a test, scripts it and reads its counts. Independent of the library under
 * test: plain sockets, bounded waits. A helper that cannot do its work prints why and ends the test program: no test can
 * pass because its server was not there. */
#ifndef PX_SUPPORT_GATEWAY_H
#define PX_SUPPORT_GATEWAY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct gateway {
  pid_t pid;
  uint16_t port;
  char base[64]; /* "http://127.0.0.1:PORT", https when started with --tls or --make-tls */
} gateway;

/* Arguments of the program, ended by NULL; NULL = none. Ready to serve when it returns. It ends with the thread that
 * started it, at gateway_stop, or after 600 s. */
void gateway_start(gateway *self, const char *const *arguments);
/* SIGTERM, and SIGKILL when it is still there after 5 s. Nothing when it does not run. */
void gateway_stop(gateway *self);

/* Replaces the rules by this JSON (tests/gateway/README.md); "[]" = none. */
void gateway_script(const gateway *self, const char *json);
/* Answers that wait (delay_ms, event_ms ...) go on now, to their next wait. */
void gateway_hurry(const gateway *self);
/* All counts to 0. */
void gateway_reset(const gateway *self);
/* One counter, such as "posts" or "downloads"; an unknown name ends the program. */
int64_t gateway_count(const gateway *self, const char *name);
/* POSTs of one path. */
int64_t gateway_posts(const gateway *self, const char *path);
/* Waits until the counter is at least `wanted`, at most `timeout_ms`; returns its last value. */
int64_t gateway_wait(const gateway *self, const char *name, int64_t wanted, int64_t timeout_ms);
/* A page of the server as text: "counts", "requests" (lines, heads and bodies of the last 256), "rules" (how often each
 * was used). free() it. */
char *gateway_page(const gateway *self, const char *page);
/* The whole body of a POST, 0 = the last of the four that are kept, with a NUL behind it; one that is not there ends the
 * program. free() it. */
char *gateway_body(const gateway *self, size_t back, size_t *size);

#endif
