/* SPDX-License-Identifier: MIT */
/* A body of server-sent events. A rule says how it is written: line ends, comments, data over two lines, [DONE]. */
#ifndef GATEWAY_SSE_H
#define GATEWAY_SSE_H

#include "gateway/exchange.h"

/* False once the rule's error event ended the stream: nothing more is written then. */
typedef struct sse {
  const exchange *call;
  reply *out;
  const char *error_event; /* name of the rule's error event, NULL = none */
  int64_t events;
  bool over;
} sse;

sse sse_start(const exchange *call, reply *out);
/* An event whose data follows in the reply's text; `name` NULL = none. False when the stream is over. */
bool sse_event(sse *self, const char *name);
/* Between two members of the data: a rule may want a new line here. */
void sse_split(sse *self);
void sse_event_end(sse *self);
/* After the last event: the rule's error event when it was to come only now. */
void sse_last(sse *self);
/* [DONE] when the rule says so. */
void sse_finish(sse *self);

#endif
