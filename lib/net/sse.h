/* SPDX-License-Identifier: MIT */
/* Server-sent events (the event stream of the HTML standard) out of pieces of any size. One line of data may have a
 * hundred megabytes: it goes through as it comes, nothing of it is held. Pure; allocates nothing. */
#ifndef PX_NET_SSE_H
#define PX_NET_SSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

enum { PX_SSE_TYPE_MAX = 127, PX_SSE_ID_MAX = 255, PX_SSE_NAME_MAX = 8 };

/* An event that is whole. Borrowed: valid inside the hook only. */
typedef struct px_sse_event {
  const char *type; /* "message" where none was given. Of more than PX_SSE_TYPE_MAX bytes: cut; NUL: '?' */
  const char *id;   /* the last one the stream gave, "" none; longer than PX_SSE_ID_MAX or with NUL counts as not given */
  uint64_t size;    /* bytes of data it had */
} px_sse_event;

typedef struct px_sse_hooks {
  /* Data of the event that is being read, in order; lines are joined by "\n", which comes as a piece of its own. Bytes are
   * not checked for UTF-8. Not called for empty lines of data. */
  pixazo_status (*data)(void *self, const char *text, size_t size, pixazo_error **error);
  /* Behind the last piece. Only events with a line of data are told, as the standard has it. */
  pixazo_status (*end)(void *self, const px_sse_event *event, pixazo_error **error);
  void *self;
} px_sse_hooks;

typedef struct px_sse {
  px_sse_hooks hooks;
  uint64_t max_event; /* bytes of data of one event; 0: none */
  uint64_t size;      /* of the data of this event so far */
  int64_t retry_ms;   /* the last reconnection time the stream gave; -1: none */
  int state;
  int field;        /* whose value is being read */
  bool after_cr;    /* a line feed right here belongs to the line end before it */
  bool has_data;    /* this event has a line of data */
  bool bad_value;   /* the value being read is no value of its field */
  uint8_t bom;      /* bytes of a byte order mark read at the very beginning */
  uint8_t name_size;
  char name[PX_SSE_NAME_MAX];
  size_t value_size; /* of an id or a retry */
  char value[PX_SSE_ID_MAX + 1];
  size_t type_size;
  char type[PX_SSE_TYPE_MAX + 1];
  char id[PX_SSE_ID_MAX + 1];
} px_sse;

void px_sse_init(px_sse *sse, const px_sse_hooks *hooks, uint64_t max_event);
/* E_LIMIT: more data than max_event; what a hook returned. After a failure the stream is over. */
pixazo_status px_sse_feed(px_sse *sse, const void *data, size_t size, pixazo_error **error);
/* At the end of the stream: it stops inside an event or a line. What was told of that event does not count. */
bool px_sse_cut(const px_sse *sse);

#endif
