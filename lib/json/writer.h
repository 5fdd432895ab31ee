/* SPDX-License-Identifier: MIT */
/* Writes one JSON text into a bounded buffer. Failures stick; px_json_writer_finish tells the first one,
 * so the calls in between need no checks. */
#ifndef PX_JSON_WRITER_H
#define PX_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

#include "base/buf.h"
#include "json/json.h"

typedef struct px_json_writer {
  px_buf buf;
  uint64_t objects; /* bit n: level n is an object */
  uint32_t depth;
  bool comma;            /* the next item needs one before it */
  pixazo_status failure; /* the first one, PIXAZO_OK before */
} px_json_writer;

/* px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(65536); */
#define PX_JSON_WRITER_INIT(maximum) {PX_BUF_INIT(maximum), 0, 0, false, PIXAZO_OK}
void px_json_writer_done(px_json_writer *writer);

/* `key` names the member inside an object and is NULL inside an array and at the top. */
void px_json_put_begin_object(px_json_writer *writer, const char *key);
void px_json_put_end_object(px_json_writer *writer);
void px_json_put_begin_array(px_json_writer *writer, const char *key);
void px_json_put_end_array(px_json_writer *writer);
void px_json_put_string(px_json_writer *writer, const char *key, const char *value); /* NULL writes null */
void px_json_put_text(px_json_writer *writer, const char *key, const char *value, size_t size);
void px_json_put_int64(px_json_writer *writer, const char *key, int64_t value);
void px_json_put_double(px_json_writer *writer, const char *key, double value); /* finite only */
void px_json_put_bool(px_json_writer *writer, const char *key, bool value);
void px_json_put_null(px_json_writer *writer, const char *key);
/* Text that is one valid JSON value already: it is not checked again. NULL or "" writes null. */
void px_json_put_raw(px_json_writer *writer, const char *key, const char *json);
void px_json_put_tree(px_json_writer *writer, const char *key, const px_json *node); /* NULL writes null */

/* Hands out the text (owned, px_free). E_NOMEM; E_LIMIT: over the maximum or deeper than 64;
 * E_ARGUMENT: a string that is not UTF-8 or a number that is not finite; E_INTERNAL: keys or brackets do not match. */
pixazo_status px_json_writer_finish(px_json_writer *writer, char **out, pixazo_error **error);

/* The characters of a JSON string without its quotes. Bytes >= 0x80 pass as they are. */
bool px_json_escape(px_buf *buf, const char *text, size_t size);

#endif
