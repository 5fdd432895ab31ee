/* SPDX-License-Identifier: MIT */
/* Reads JSON of any size in pieces of any size: hands the characters of chosen strings (pictures in base64) to a
 * sink as they come and collects the rest of the document, so that nothing large is ever held. */
#ifndef PX_JSON_STREAM_H
#define PX_JSON_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

enum { PX_JSON_STREAM_HEAD = 64 };

typedef struct px_json_stream px_json_stream;

typedef struct px_json_stream_options {
  /* Member names whose string values may be taken; also strings in arrays right below them. Borrowed until
   * px_json_stream_done. "*" stands for every name. */
  const char *const *names;
  size_t name_count;
  /* Asked once per such string with its first characters (at most PX_JSON_STREAM_HEAD, fewer when it is shorter):
   * true takes it. NULL takes all but those that start with "http://" or "https://". */
  bool (*want)(void *self, const char *name, const char *head, size_t size);
  /* The decoded characters of a taken string, in order; at least one call, `last` true in the last one, where size
   * may be 0. `index` counts taken strings from 0. */
  pixazo_status (*take)(void *self, size_t index, const char *text, size_t size, bool last, pixazo_error **error);
  void *self;
  size_t max_rest;    /* bytes of the collected rest; 0: 1 MiB; more is E_LIMIT */
  size_t max_string;  /* longer strings that were not taken are replaced in the rest too; 0: 64 KiB */
  uint64_t max_bytes; /* of the whole document; 0: no bound here */
} px_json_stream_options;

pixazo_status px_json_stream_new(const px_json_stream_options *options, px_json_stream **out, pixazo_error **error);
void px_json_stream_done(px_json_stream **stream); /* for px_cleanup(px_json_stream_done) */

/* E_CORRUPT: not JSON; E_LIMIT; E_NOMEM; what the sink returned. After a failure the stream is over. */
pixazo_status px_json_stream_feed(px_json_stream *stream, const void *data, size_t size, pixazo_error **error);

/* Ends the document (E_CORRUPT when it is not whole) and hands out the rest: JSON in which each taken string is a
 * marker that px_json_stream_marker reads, and each cut one is "<N bytes>". Owned, px_free. */
pixazo_status px_json_stream_finish(px_json_stream *stream, char **rest, size_t *taken, pixazo_error **error);

/* True when a string of the rest stands for the taken string *index. Compare *index with the count taken. */
bool px_json_stream_marker(const char *text, size_t *index);

#endif
