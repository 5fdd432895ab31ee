/* SPDX-License-Identifier: MIT */
/* A TLS server that says the same bytes to every request: for what neither the gateway nor a proxy would say. It knows as
 * much of HTTP/2 as is needed to see that a request has come. */
#ifndef PX_TESTS_TLS_PEER_H
#define PX_TESTS_TLS_PEER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct tls_peer_script {
  bool http2;       /* chooses it where it is offered, and ends the handshake where it is not */
  bool old;         /* nothing newer than TLS 1.1 */
  bool stall;       /* silent behind its answer, instead of closing */
  const void *says; /* once a request has come */
  size_t size;
} tls_peer_script;

typedef struct tls_peer {
  tls_peer_script script;
  pthread_t thread;
  void *context;
  int listener;
  char base[64]; /* "https://127.0.0.1:PORT" */
  atomic_bool ending;
  atomic_int connections;
  atomic_int requests;
} tls_peer;

/* With server.pem and server.key of the directory. */
void tls_peer_start(tls_peer *self, const char *directory, const tls_peer_script *script);
void tls_peer_stop(tls_peer *self);

#endif
