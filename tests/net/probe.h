/* SPDX-License-Identifier: MIT */
/* One call whose every hook is recorded. */
#ifndef PX_TESTS_NET_PROBE_H
#define PX_TESTS_NET_PROBE_H

#include <pthread.h>

#include "net/engine.h"

typedef struct probe {
  px_http_call call; /* set up by probe_init; a test changes what it is about */
  px_http_outcome outcome;
  char message[512]; /* of the error; "" */
  char *body;
  size_t size;
  char header[256]; /* value of the header `wanted_header` in the final head */
  const char *wanted_header;
  int heads, asked, ends;
  bool withhold, stop_at_head, stop_at_data;
  pthread_mutex_t lock;
  pthread_cond_t ended;
} probe;

/* An engine that may speak to 127.0.0.1 and localhost in plain http. */
px_engine *loopback_engine(void);

void probe_init(probe *self, int kind, const char *base, const char *path);
void probe_body(probe *self, const char *body);
void probe_submit(probe *self, px_engine *engine);
/* False when it did not end in time; then the test should fail at once. */
bool probe_wait(probe *self, int timeout_ms);
void probe_run(probe *self, px_engine *engine); /* submit and wait; fails the test after 30 s */
void probe_done(probe *self);
int64_t test_now_ms(void);
/* The descriptors a program started now would find, as text; free() it. */
char *descriptors_after_exec(void);

#endif
