/* SPDX-License-Identifier: MIT */
/* Prefix codes of deflate: lengths from counts under a limit, and the bits from the lengths. */
#ifndef PX_IMAGE_PNG_HUFFMAN_H
#define PX_IMAGE_PNG_HUFFMAN_H

#include <stdint.h>

enum { PX_HUFFMAN_SYMBOLS = 288, PX_HUFFMAN_LIMIT = 15 };

/* What a symbol is written as: its bits, first bit lowest, in the low 16; their number above. */
typedef uint32_t px_code;

static inline uint32_t px_code_bits(px_code code)
{
  return code & 0xffff;
}

static inline uint32_t px_code_length(px_code code)
{
  return code >> 16;
}

/* Lengths of a code with which the counted symbols take least room, none longer than `limit` bits. A symbol without a
 * count gets 0. One symbol alone gets 1, and a second one with it: some readers refuse a code with one word.
 * count <= PX_HUFFMAN_SYMBOLS, 2^limit > count. */
void px_huffman_lengths(const uint32_t *counts, unsigned count, unsigned limit, unsigned char *lengths);
void px_huffman_codes(const unsigned char *lengths, unsigned count, px_code *codes);

#endif
