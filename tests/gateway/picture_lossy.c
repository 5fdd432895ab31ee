/* SPDX-License-Identifier: MIT */
/* JPEG and WebP files of noise in the simplest form of each format: grey blocks of 8 pixels; two values for each colour. */
#include <string.h>

#include "gateway/picture.h"

enum { BLOCK = 8, COMMENT_MAX = 65000, LEVELS = 256 };

typedef struct bits {
  bytes *out;
  uint32_t held;
  unsigned count;
} bits;

/* From the highest bit down; a byte of ones is followed by a zero byte, as JPEG wants. */
static void put_high(bits *to, uint32_t value, unsigned count)
{
  for (unsigned i = count; i-- > 0;) {
    to->held = to->held << 1 | (value >> i & 1);
    if (++to->count < 8)
      continue;
    unsigned char full[2] = {(unsigned char)to->held, 0};
    bytes_add(to->out, full, full[0] == 0xff ? 2 : 1);
    to->held = to->count = 0;
  }
}

static void put_low(bits *to, uint32_t value, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    to->held |= (value >> i & 1) << to->count;
    if (++to->count < 8)
      continue;
    unsigned char full = (unsigned char)to->held;
    bytes_add(to->out, &full, 1);
    to->held = to->count = 0;
  }
}

static void add_segment(bytes *out, unsigned char marker, const void *data, size_t size)
{
  unsigned char head[4] = {0xff, marker, (unsigned char)((size + 2) >> 8), (unsigned char)(size + 2)};
  bytes_add(out, head, sizeof head);
  bytes_add(out, data, size);
}

/* Sizes of differences 0 to 11 have codes of 4 bits each; the only other code, of one bit, ends a block. */
static void add_tables(bytes *out, const picture *what)
{
  unsigned char quant[65] = {0};
  unsigned char first[29] = {0x00, 0, 0, 0, 12};
  unsigned char second[18] = {0x10, 1};
  unsigned char frame[9] = {8,
                            (unsigned char)(what->height >> 8),
                            (unsigned char)what->height,
                            (unsigned char)(what->width >> 8),
                            (unsigned char)what->width,
                            1,
                            1,
                            0x11,
                            0};
  memset(quant + 1, BLOCK, 64); /* so one step of a block's sum is one step of its grey */
  for (unsigned char i = 0; i < 12; i++)
    first[17 + i] = i;
  add_segment(out, 0xdb, quant, sizeof quant);
  add_segment(out, 0xc0, frame, sizeof frame);
  add_segment(out, 0xc4, first, sizeof first);
  add_segment(out, 0xc4, second, sizeof second);
}

static void add_filler(bytes *out, size_t wanted)
{
  char block[COMMENT_MAX];
  memset(block, 'c', sizeof block);
  while (out->size + 8 < wanted) {
    size_t left = wanted - out->size - 4;
    add_segment(out, 0xfe, block, left < sizeof block ? left : sizeof block);
  }
}

static void put_difference(bits *to, int difference)
{
  unsigned size = 0;
  unsigned amount = (unsigned)(difference < 0 ? -difference : difference);
  while (amount >> size)
    size++;
  put_high(to, size, 4);
  put_high(to, (uint32_t)(difference < 0 ? difference - 1 : difference), size);
  put_high(to, 0, 1);
}

void picture_write_jpeg(bytes *out, const picture *what)
{
  static const unsigned char scan[6] = {1, 1, 0, 0, 63, 0};
  uint64_t noise = picture_noise_begin(what->name);
  size_t blocks = (size_t)((what->width + BLOCK - 1) / BLOCK) * ((what->height + BLOCK - 1) / BLOCK);
  bytes coded = {0};
  bits to = {.out = &coded};
  int before = 0;
  for (size_t i = 0; i < blocks; i++) {
    int level = (int)(picture_noise(&noise) >> 32) & (LEVELS - 1);
    put_difference(&to, level - LEVELS / 2 - before);
    before = level - LEVELS / 2;
  }
  put_high(&to, 0x7f, 7);
  bytes_add(out, "\xff\xd8", 2);
  add_segment(out, 0xe0, "JFIF\0\1\1\0\0\1\0\1\0\0", 14);
  add_filler(out, what->size > coded.size + 400 ? what->size - coded.size - 200 : 0);
  add_tables(out, what);
  add_segment(out, 0xda, scan, sizeof scan);
  bytes_add(out, bytes_cstr(&coded), coded.size);
  bytes_add(out, "\xff\xd9", 2);
  bytes_done(&coded);
}

static void add_low_u32(bytes *out, size_t value)
{
  unsigned char raw[4] = {(unsigned char)value, (unsigned char)(value >> 8), (unsigned char)(value >> 16),
                          (unsigned char)(value >> 24)};
  bytes_add(out, raw, sizeof raw);
}

/* A code of one bit for two values, or of none for a single one. */
static void put_code(bits *to, bool two, uint32_t value)
{
  put_low(to, 1, 1);
  put_low(to, two, 1);
  put_low(to, 1, 1);
  put_low(to, value, 8);
  if (two)
    put_low(to, 255 - value, 8);
}

void picture_write_webp(bytes *out, const picture *what)
{
  uint64_t noise = picture_noise_begin(what->name);
  bytes coded = {0};
  bits to = {.out = &coded};
  put_low(&to, 0x2f, 8);
  put_low(&to, what->width - 1, 14);
  put_low(&to, what->height - 1, 14);
  put_low(&to, 0, 4 + 3); /* no alpha, version 0; no transform, no colour cache, no groups of codes */
  put_code(&to, true, (uint32_t)(picture_noise(&noise) & 127));
  put_code(&to, true, (uint32_t)(picture_noise(&noise) & 127));
  put_code(&to, true, (uint32_t)(picture_noise(&noise) & 127));
  put_code(&to, false, 255);
  put_code(&to, false, 0);
  for (size_t i = 0; i < (size_t)what->width * what->height; i++)
    put_low(&to, (uint32_t)(picture_noise(&noise) >> 40), 3);
  put_low(&to, 0, 7);
  if (coded.size % 2 != 0)
    bytes_add(&coded, "", 1);
  bytes_text(out, "RIFF");
  add_low_u32(out, coded.size + 12);
  bytes_text(out, "WEBPVP8L");
  add_low_u32(out, coded.size);
  bytes_add(out, coded.data, coded.size);
  bytes_done(&coded);
}
