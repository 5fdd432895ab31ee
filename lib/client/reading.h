/* SPDX-License-Identifier: MIT */
/* What the bytes of an answer say, before anybody judges what it means. */
#ifndef PX_CLIENT_READING_H
#define PX_CLIENT_READING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/answer.h"
#include "client/steps.h"
#include "client/usage.h"
#include "json/json.h"

/* Who wrote the body. */
typedef enum px_author {
  PX_AUTHOR_NOBODY,   /* there is none */
  PX_AUTHOR_PROVIDER, /* its own JSON format, or a picture */
  PX_AUTHOR_FOREIGN   /* HTML or anything else: a proxy, a CDN, a broken machine */
} px_author;

typedef enum px_queue_state { PX_QUEUE_NONE, PX_QUEUE_WORKING, PX_QUEUE_DONE, PX_QUEUE_FAILED } px_queue_state;

/* What a rule of the provider says that an error means. */
typedef enum px_ruling {
  PX_RULING_NONE,
  PX_RULING_REFUSED,  /* not taken on, not billed */
  PX_RULING_QUOTA,    /* the same, for lack of credit */
  PX_RULING_OVERLOAD, /* the same, for too much load: may be tried again */
  PX_RULING_BLOCKED,  /* content policy */
  PX_RULING_FAILED    /* taken on, and failed */
} px_ruling;

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
  bool crowded;    /* more pictures than PX_PICTURES_MAX */
  bool cost_known; /* the answer names what it cost */
  int64_t cost_micros;
  px_ruling ruling;
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

/* The document of an answer, without its pictures in base64. */
typedef struct px_document {
  const px_json *root;
  size_t first; /* number of its first picture in base64 */
  size_t taken; /* how many of those the stream saw; their places hold markers */
} px_document;

/* A provider's own way to find things in a document; it comes after the tolerant reading and may replace what that found. */
typedef struct px_reading_rules {
  pixazo_status (*apply)(const void *self, const px_document *document, px_reading *reading, pixazo_error **error);
  const void *self;
} px_reading_rules;
pixazo_status px_reading_read_by(const px_answer *answer, const px_reading_rules *rules, px_reading *reading,
                                 pixazo_error **error);
/* One picture, when the text is a marker or a link; nothing otherwise. */
pixazo_status px_reading_take(px_reading *reading, const px_document *document, const char *text, const char *revised,
                              pixazo_error **error);
/* Sets policy, quota and overload by the words of message and code. */
void px_reading_recognise(px_reading *reading);

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
