/* SPDX-License-Identifier: MIT */
/* What the bytes of an answer say, before anybody judges what it means. */
#ifndef PX_CLIENT_READING_H
#define PX_CLIENT_READING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/answer.h"
#include "client/steps.h"
#include "client/usage.h"

/* Who wrote the body. */
typedef enum px_author {
  PX_AUTHOR_NOBODY,   /* there is none */
  PX_AUTHOR_PROVIDER, /* its own JSON format, or a picture */
  PX_AUTHOR_FOREIGN   /* HTML or anything else: a proxy, a CDN, a broken machine */
} px_author;

typedef enum px_queue_state { PX_QUEUE_NONE, PX_QUEUE_WORKING, PX_QUEUE_DONE, PX_QUEUE_FAILED } px_queue_state;

enum { PX_PICTURES_MAX = 4096, PX_REMOTE_ID_MAX = 256 };

typedef struct px_reading {
  px_author author;
  px_queue_state queue;
  bool html;
  bool unreadable; /* there is a body, but neither JSON nor a picture; or more pictures than PX_PICTURES_MAX */
  bool policy;     /* an error that speaks of content policy */
  bool quota;      /* an error that speaks of credit or quota */
  bool overload;   /* an error that speaks of too much load */
  bool waits;      /* it names a wait in its body */
  uint32_t wait_ms;
  bool spent; /* its code says that the account has nothing left, whatever wait it names */
  bool bad_key; /* it says so, whatever its status is */
  px_usage usage;
  bool settled; /* a stream whose picture is whole, wherever it ends */
  int32_t safety_stage;    /* PIXAZO_SAFETY_* */
  char *safety_categories; /* JSON array of the provider's own words; NULL: it named none */
  char *message;   /* the provider's own words, as they came */
  char *code;
  char *request_id;
  char *remote_id;
  char *poll_url; /* as it came: not checked */
  px_picture *pictures;
  size_t picture_count;
} px_reading;

void px_reading_done(px_reading *reading);
void px_pictures_free(px_picture *pictures, size_t count);

/* Reads the shapes image services use. E_NOMEM and E_IO only: whatever the bytes are, they are described. */
pixazo_status px_reading_read(const px_answer *answer, px_reading *reading, pixazo_error **error);

/* One pass over the JSON of an answer file in pieces. `descriptor` >= 0: the picture with this ordinal is decoded
 * into it, at most max_bytes. *rest: the document without its pictures, owned; may be NULL. */
typedef struct px_scan {
  const px_answer *answer;
  int descriptor;
  size_t ordinal;
  uint64_t max_bytes;
} px_scan;
pixazo_status px_reading_scan(const px_scan *scan, char **rest, size_t *taken, pixazo_error **error);

/* The same for an answer that comes as events; the pictures are counted over all of them. */
typedef struct px_event {
  const char *type;
  const char *rest; /* its document without its pictures; NULL: it is no JSON */
  size_t first;     /* number of its first picture */
  size_t taken;
} px_event;
typedef pixazo_status (*px_event_fn)(void *self, const px_event *event, pixazo_error **error);
pixazo_status px_reading_events(const px_scan *scan, px_event_fn on_event, void *self, size_t *taken, pixazo_error **error);
bool px_reading_is_stream(const px_answer *answer);

#endif
