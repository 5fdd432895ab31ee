/* SPDX-License-Identifier: MIT */
/* Huffman tables of JPEG. Free of any library. */
#ifndef PX_IMAGE_JPEG_TABLES_H
#define PX_IMAGE_JPEG_TABLES_H

#include <stdbool.h>
#include <stdint.h>

enum { PX_JPEG_CODE_MAX = 16 };

/* As a DHT segment holds it. */
typedef struct px_jpeg_table {
  uint8_t counts[PX_JPEG_CODE_MAX + 1]; /* codes of each length; [0] is not used */
  uint8_t symbols[256];                 /* shortest code first */
} px_jpeg_table;

/* From a table that is good for a part of a picture to one for all of it: every symbol that 8-bit samples can give
 * gets a code, and those that were there keep about the length of theirs. `ac`: runs with sizes, else sizes only. */
void px_jpeg_table_complete(px_jpeg_table *table, bool ac);

#endif
