/* SPDX-License-Identifier: MIT */
/* One thread, one epoll: connections, their plans and their timers. */
#ifndef GATEWAY_SERVER_H
#define GATEWAY_SERVER_H

#include "gateway/channel.h"
#include "gateway/counts.h"
#include "gateway/exchange.h"
#include "gateway/plan.h"
#include "gateway/timers.h"

typedef enum peer_state { PEER_NEW, PEER_HANDSHAKE, PEER_READING, PEER_ANSWERING, PEER_DRAINING } peer_state;

typedef struct server server;

typedef struct peer {
  timer wake; /* first: a due timer is its peer */
  server *owner;
  struct peer *next;
  struct peer *previous;
  channel wire;
  uint32_t interest; /* what epoll was told */
  peer_state state;
  bytes in;
  http_request request;
  plan answer;
  uint64_t number;
  int64_t requests; /* without those to /control/ */
  bool counted;
  bool is_post; /* the request being answered is a counted POST */
  bool is_file;
  bool is_control;
} peer;

struct server {
  const settings *options;
  bytes base;
  counts tally;
  rulebook rules;
  world shared;
  uint64_t next_number; /* of a connection */
  void *tls; /* SSL_CTX, NULL = plain */
  int listener;
  int epoll;
  int signals;
  timers waiting;
  peer *peers;
};

/* False after a message on stderr. */
bool server_start(server *self, const settings *options);
/* Until SIGTERM, SIGINT or the end of the lifetime. */
void server_run(server *self);
void server_done(server *self);

/* peer.c */
void peer_open(server *self, int descriptor);
void peer_event(peer *self, uint32_t events);
void peer_due(peer *self);
void peer_free(peer *self);
/* What it waits for comes now. */
void peer_hurry(peer *self);

/* serve.c: makes the plan of the request that has arrived. */
void serve_request(peer *self);
/* True when a rule answers at the head already. */
bool serve_head(peer *self);
/* True when a rule ends the connection before a byte is read. */
bool serve_accept(peer *self);
void serve_bad_request(peer *self);

#endif
