/* SPDX-License-Identifier: MIT */
/* Undoes the row filters of PNG, for pixels of three or four bytes. */
#ifndef PX_IMAGE_PNG_UNFILTER_H
#define PX_IMAGE_PNG_UNFILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"

enum {
  PX_UNFILTER_ROWS = 4, /* rows that are worked on at once */
  PX_UNFILTER_SLACK = 1 /* bytes behind the last filtered row that are read, though not used */
};

/* `rows` may lie in front of `filtered` in one block of memory, PX_UNFILTER_ROWS rows of `stride` bytes or more ahead. */
typedef struct px_unfilter_job {
  const unsigned char *filtered; /* each row: one byte that names its filter, then `stride` bytes */
  unsigned char *rows;           /* each row: `stride` bytes */
  size_t stride;                 /* width * pixel */
  uint32_t width;                /* pixels, at least 1 */
  uint32_t height;
  uint32_t pixel;                /* bytes of one: 3 or 4 */
  px_simd simd;
} px_unfilter_job;

/* Does every row name a filter that exists? */
bool px_unfilter_knows(const px_unfilter_job *job);
/* For rows with known filters. The bytes are the same with any `simd`. */
void px_unfilter(const px_unfilter_job *job);

#endif
