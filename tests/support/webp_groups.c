/* SPDX-License-Identifier: MIT */
#include "support/webp_groups.h"

enum { GREEN = 256 + 24, OTHERS = 256, BLOCK = 4, LENGTHS = 12 };

/* Symbol 0, which takes no bits. */
static void put_single(bits *to)
{
  bits_put(to, 1, 4);
}

/* Eight bits for each of the first 256 symbols. The lengths of codes are 8 and 0, of one bit each. */
static void put_even(bits *to, unsigned count)
{
  bits_put(to, 0, 1);
  bits_put(to, LENGTHS - 4, 4);
  for (int i = 0; i < LENGTHS; i++)
    bits_put(to, i == 2 || i == LENGTHS - 1, 3);
  bits_put(to, 0, 1);
  for (unsigned i = 0; i < count; i++)
    bits_put(to, i < 256, 1);
}

static void put_group(bits *to, bool costly)
{
  if (!costly) {
    for (int i = 0; i < 5; i++)
      put_single(to);
    return;
  }
  put_even(to, GREEN);
  put_even(to, OTHERS);
  put_even(to, OTHERS);
  put_single(to);
  put_single(to);
}

/* Which group each block has: green and red are its number. */
static void put_blocks(bits *to, uint32_t blocks, uint32_t groups)
{
  bits_put(to, 0, 1);
  put_even(to, GREEN);
  put_even(to, OTHERS);
  for (int i = 0; i < 3; i++)
    put_single(to);
  for (uint32_t i = 0; i < blocks; i++) {
    bits_put_code(to, i % groups & 255, 8);
    bits_put_code(to, i % groups >> 8, 8);
  }
}

void webp_groups(bits *to, uint32_t side, uint32_t groups, bool costly)
{
  uint32_t across = (side + BLOCK - 1) / BLOCK;
  bits_put(to, 0, 1); /* no transform */
  bits_put(to, 0, 1); /* no cache */
  bits_put(to, 1, 1);
  bits_put(to, 0, 3);
  put_blocks(to, across * across, groups);
  for (uint32_t i = 0; i < groups; i++)
    put_group(to, costly);
  for (uint32_t i = 0; costly && i < side * side; i++)
    bits_put(to, 0, 24);
  bits_put(to, 0, 16);
  bits_align(to);
}

void webp_groups_file(file_bytes *file, uint32_t side, uint32_t groups, bool costly)
{
  bits stream = {{NULL, 0}, 0, 0};
  file_bytes body = {NULL, 0};
  bits_put(&stream, 0x2f, 8);
  bits_put(&stream, side - 1, 14);
  bits_put(&stream, side - 1, 14);
  bits_put(&stream, 0, 4);
  webp_groups(&stream, side, groups, costly);
  webp_chunk(&body, "VP8L", stream.bytes.data, stream.bytes.size);
  webp_wrap(file, &body);
  file_bytes_done(&body);
  file_bytes_done(&stream.bytes);
}

void webp_groups_alpha_file(file_bytes *file, uint32_t side, uint32_t groups)
{
  const unsigned char last[2] = {(unsigned char)(side - 1), (unsigned char)((side - 1) >> 8)};
  const unsigned char canvas[10] = {0x10, 0, 0, 0, last[0], last[1], 0, last[0], last[1], 0};
  bits stream = {{NULL, 0}, 0, 0};
  file_bytes plain = {NULL, 0}, body = {NULL, 0};
  webp_make(&plain, side, side, false, (const unsigned char[]){1, 2, 3, 255});
  bits_put(&stream, 1, 8); /* lossless */
  webp_groups(&stream, side, groups, false);
  webp_chunk(&body, "VP8X", canvas, sizeof canvas);
  webp_chunk(&body, "ALPH", stream.bytes.data, stream.bytes.size);
  file_add(&body, plain.data + 12, plain.size - 12);
  webp_wrap(file, &body);
  file_bytes_done(&plain);
  file_bytes_done(&body);
  file_bytes_done(&stream.bytes);
}
