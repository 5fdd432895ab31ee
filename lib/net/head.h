/* SPDX-License-Identifier: MIT */
/* The head of an answer, gathered line by line within a fixed bound. Pure. */
#ifndef PX_NET_HEAD_H
#define PX_NET_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/engine.h"

enum { PX_HEAD_MAX = 65536 };

struct px_http_headers {
  px_buf fields; /* name NUL value NUL ... */
  size_t seen;   /* bytes of all heads and trailers of this answer */
  int status;    /* of the head being read */
  int version;   /* 10, 11, 20 */
  bool final;    /* the final head is complete */
  bool chunked;  /* has a Transfer-Encoding */
  bool has_length;
  bool bad_length; /* lengths that contradict each other or are no numbers */
  uint64_t length;
};

#define PX_HEAD_INIT                                                 \
  {                                                                  \
    PX_BUF_INIT(PX_HEAD_MAX), 0, 0, 0, false, false, false, false, 0 \
  }

enum { PX_HEAD_MORE = 0, PX_HEAD_FINAL = 1, PX_HEAD_TOO_LARGE = 2, PX_HEAD_BAD_LENGTH = 3, PX_HEAD_NOMEM = 4 };

/* One line with its line end. FINAL once: when the head that is not 1xx ends. */
int px_head_add(px_http_headers *head, const char *line, size_t size);
void px_head_reset(px_http_headers *head);
void px_head_done(px_http_headers *head);
/* Lower case, without parameters; "" when absent. */
void px_head_content_type(const px_http_headers *head, char text[PX_CONTENT_TYPE_MAX]);
bool px_head_is_redirect(const px_http_headers *head);

#endif
