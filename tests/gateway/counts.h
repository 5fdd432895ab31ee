/* SPDX-License-Identifier: MIT */
/* What the server saw and gave. Requests to /control/ are never counted. */
#ifndef GATEWAY_COUNTS_H
#define GATEWAY_COUNTS_H

#include "gateway/http.h"

/* X(name): README.md says what each is. */
#define GATEWAY_COUNTERS(X)                                                                                            \
  X(posts_begun)                                                                                                       \
  X(posts)                                                                                                             \
  X(posts_repeated)                                                                                                    \
  X(posts_answered)                                                                                                    \
  X(posts_answered_200)                                                                                                \
  X(posts_begun_200)                                                                                                   \
  X(posts_open)                                                                                                        \
  X(posts_open_peak)                                                                                                   \
  X(gets)                                                                                                              \
  X(polls)                                                                                                             \
  X(downloads)                                                                                                         \
  X(downloads_whole)                                                                                                   \
  X(other_requests)                                                                                                    \
  X(bad_requests)                                                                                                      \
  X(keys_on_files)                                                                                                     \
  X(client_gone)                                                                                                       \
  X(accepted)                                                                                                          \
  X(connections)                                                                                                       \
  X(connections_open)                                                                                                  \
  X(connections_open_peak)                                                                                             \
  X(handshakes)                                                                                                        \
  X(handshakes_failed)

typedef struct path_count {
  char *path;
  int64_t posts;
} path_count;

typedef struct seen_request {
  char *line;
  bytes head;
  bytes body; /* its first bytes */
  bytes parts; /* JSON list of what a form holds; empty = no form */
} seen_request;

enum { SEEN_MAX = 256, SEEN_BODY_MAX = 8192, WHOLE_MAX = 4, WHOLE_BODY_MAX = 64 * 1024 * 1024 };

typedef struct counts {
#define GATEWAY_COUNTER_MEMBER(name) int64_t name;
  GATEWAY_COUNTERS(GATEWAY_COUNTER_MEMBER)
#undef GATEWAY_COUNTER_MEMBER
  path_count *paths;
  size_t path_total;
  uint64_t *bodies; /* open-addressed set of body hashes; 0 = empty */
  size_t body_slots;
  size_t body_total;
  seen_request seen[SEEN_MAX]; /* a ring */
  size_t seen_total;
  bytes whole[WHOLE_MAX]; /* bodies of the last POSTs, a ring */
  bool changed;
} counts;

void counts_done(counts *tally);
/* All to 0 but what is open now. */
void counts_reset(counts *tally);
/* A POST that a provider would bill: one that neither asks about a job nor ends one. */
bool counts_is_bill(const http_request *request);
/* A whole request arrived. */
void counts_request(counts *tally, const http_request *request);
void counts_post_open(counts *tally, int64_t by);
void counts_connection_open(counts *tally, int64_t by);
void counts_to_json(const counts *tally, bytes *out);
/* The whole body of a POST, 0 = the last; NULL = it is not kept. */
const bytes *counts_body(const counts *tally, size_t back);
void counts_seen_to_json(const counts *tally, bytes *out);
/* By way of a temporary file beside it, so a reader always finds whole JSON. */
void counts_save(counts *tally, const char *path);

#endif
