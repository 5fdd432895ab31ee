/* SPDX-License-Identifier: MIT */
/* The grammar of RFC 8259 as a machine fed byte by byte: the check in front of the tree parser and the reader under
 * the stream. Also refuses \u0000, lone surrogates and bytes that are not UTF-8. */
#ifndef PX_JSON_SCAN_H
#define PX_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

#include "json/json.h"

typedef enum px_json_event {
  PX_JSON_PUNCTUATION,  /* one of { } [ ] , : */
  PX_JSON_LITERAL,      /* true, false or null, in one piece */
  PX_JSON_NUMBER_BEGIN, /* scan->offset is where it starts */
  PX_JSON_NUMBER_PIECE, /* as it stands in the text */
  PX_JSON_NUMBER_END,   /* scan->offset is right behind it */
  PX_JSON_KEY_BEGIN,
  PX_JSON_KEY_END,
  PX_JSON_STRING_BEGIN,
  PX_JSON_STRING_PIECE, /* decoded characters of a key or string */
  PX_JSON_STRING_END
} px_json_event;

typedef pixazo_status (*px_json_event_fn)(void *self, px_json_event event, const char *text, size_t size,
                                          pixazo_error **error);

typedef struct px_json_scan {
  px_json_event_fn event; /* NULL: only check */
  void *self;
  px_json_limits limits; /* all set */
  uint64_t offset;       /* bytes consumed */
  uint64_t objects;      /* bit n: level n is an object */
  uint32_t depth;
  uint32_t tokens;
  int state;
  int number;                  /* state inside a number */
  const char *literal;         /* what must still come of true, false, null */
  bool key;                    /* the string being read is a key */
  uint32_t unit;               /* \u digits read so far */
  uint32_t high;               /* high surrogate waiting for its other half, or 0 */
  uint8_t digits;              /* how many digits of \u are read */
  uint8_t utf8_left;           /* continuation bytes still due */
  uint8_t utf8_low, utf8_high; /* range of the next continuation byte */
} px_json_scan;

void px_json_scan_init(px_json_scan *scan, const px_json_limits *limits, px_json_event_fn event, void *self);
/* E_CORRUPT "byte N: want X, got Y"; E_LIMIT; what the event hook returned. */
pixazo_status px_json_scan_feed(px_json_scan *scan, const char *text, size_t size, pixazo_error **error);
/* E_CORRUPT when the text is not whole. */
pixazo_status px_json_scan_finish(px_json_scan *scan, pixazo_error **error);

#endif
