/* SPDX-License-Identifier: MIT */
/* A deflate decoder that takes what libdeflate takes, one bit after the other, and says what of it the format does not
 * have. Streams that zlib refuses are read through it to know what they stand for. */
#ifndef PX_SUPPORT_ODD_INFLATE_H
#define PX_SUPPORT_ODD_INFLATE_H

#include <stddef.h>

enum {
  ODD_COUNT = 1 << 0,    /* a block announces more than 286 codes of literals and lengths, or more than 30 of distances */
  ODD_BEHIND = 1 << 1,   /* lengths of codes behind the last code; they are left out */
  ODD_LENGTH = 1 << 2,   /* length code 286 or 287: 258 */
  ODD_DISTANCE = 1 << 3, /* distance code 30 or 31: 24577 and 13 bits more */
  ODD_UNUSED = 1 << 4    /* the bit that means nothing in a code of one symbol (that symbol), or any bit of one of none (0) */
};

typedef struct odd_answer {
  size_t used; /* bytes of the stream; 0: it is not sound even so, or holds more than there is room for */
  size_t size; /* bytes that it holds */
  unsigned odd;
} odd_answer;

/* `packed` is bare deflate, and may go on behind its end. */
odd_answer odd_inflate(const unsigned char *packed, size_t packed_size, unsigned char *out, size_t room);

#endif
