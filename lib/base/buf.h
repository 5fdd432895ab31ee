/* SPDX-License-Identifier: MIT */
/* Growing bytes with a hard maximum given at the start; always NUL-terminated behind the end. */
#ifndef PX_BASE_BUF_H
#define PX_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

typedef struct px_buf {
  char *data;
  size_t size;
  size_t capacity;
  size_t max;
  bool failed; /* sticky: out of memory or over max; nothing more is added */
  bool over;   /* it was max */
} px_buf;

#define PX_BUF_INIT(maximum) {NULL, 0, 0, (maximum), false, false}

void px_buf_done(px_buf *buf);
void px_buf_clear(px_buf *buf); /* keeps memory and max, resets `failed` and `over` */

/* All return false once the buffer has failed, so a caller may check once at the end. */
bool px_buf_add(px_buf *buf, const void *data, size_t size);
bool px_buf_add_text(px_buf *buf, const char *text);
bool px_buf_add_char(px_buf *buf, char byte);
bool px_buf_printf(px_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool px_buf_reserve(px_buf *buf, size_t more);

const char *px_buf_text(const px_buf *buf); /* "" when empty; borrowed */
char *px_buf_steal(px_buf *buf);            /* owned text, px_free; NULL when failed; never NULL for empty */

#endif
