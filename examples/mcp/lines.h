/* SPDX-License-Identifier: MIT */
/* Bytes of stdin become lines. A line has at most LINE_BYTES; what is longer is passed over without being kept. */
#ifndef MCP_LINES_H
#define MCP_LINES_H

#include <stdbool.h>
#include <stddef.h>

enum { LINE_BYTES = 1024 * 1024 };

typedef struct lines {
  char *text; /* of the line that is being read, with room for a NUL */
  size_t size;
  size_t capacity;
  size_t passed_over; /* bytes of a line that is too long; 0: it is not */
} lines;

typedef enum line_kind {
  LINE_NONE, /* all bytes are taken, no line is whole yet */
  LINE_WHOLE,
  LINE_TOO_LONG, /* and over */
  LINE_NO_MEMORY /* the line is lost */
} line_kind;

/* Takes bytes up to the end of a line. *out: the line, NUL-terminated, without its end; valid until the next call. */
line_kind lines_take(lines *self, const char **bytes, size_t *count, char **out);
/* What stands behind the last newline when the input ends. */
line_kind lines_rest(lines *self, char **out);
void lines_done(lines *self);

#endif
