/* SPDX-License-Identifier: MIT */
#include "image/icc.h"

#include <stdint.h>
#include <string.h>

enum { HEADER = 128, ENTRY = 12, TAGS_MAX = 100, TEXT_MAX = 256 };

static size_t get32(const unsigned char *at)
{
  return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

bool px_icc_is_rgb(const unsigned char *data, size_t size)
{
  return size >= HEADER && get32(data) == size && memcmp(data + 16, "RGB ", 4) == 0 && memcmp(data + 36, "acsp", 4) == 0;
}

static void add_latin(px_buf *out, unsigned code)
{
  if (code < ' ' || (code >= 0x7f && code < 0xa0) || code > 0xff)
    return;
  if (code >= 0x80)
    (void)px_buf_add_char(out, (char)(0xc0 | code >> 6));
  (void)px_buf_add_char(out, (char)(code < 0x80 ? code : 0x80 | (code & 0x3f)));
}

/* Version 2: length and ASCII text. */
static void read_desc(const unsigned char *tag, size_t size, px_buf *out)
{
  size_t length = size >= 12 ? get32(tag + 8) : 0;
  for (size_t i = 0; i < length && i < TEXT_MAX && 12 + i < size && tag[12 + i] != 0; i++)
    add_latin(out, tag[12 + i]);
}

/* Version 4: languages with UTF-16; the first one will do. */
static void read_mluc(const unsigned char *tag, size_t size, px_buf *out)
{
  if (size < 28 || get32(tag + 8) == 0)
    return;
  size_t length = get32(tag + 20), at = get32(tag + 24);
  for (size_t i = 0; i + 1 < length && i < TEXT_MAX && at < size && size - at >= i + 2; i += 2)
    add_latin(out, (unsigned)tag[at + i] << 8 | tag[at + i + 1]);
}

void px_icc_description(const unsigned char *data, size_t size, px_buf *out)
{
  size_t count = size >= HEADER + 4 ? get32(data + HEADER) : 0;
  for (size_t i = 0; i < count && i < TAGS_MAX && HEADER + 4 + (i + 1) * ENTRY <= size; i++) {
    const unsigned char *entry = data + HEADER + 4 + i * ENTRY;
    size_t at = get32(entry + 4), length = get32(entry + 8);
    if (memcmp(entry, "desc", 4) != 0 || at > size || length > size - at || length < 8)
      continue;
    if (memcmp(data + at, "desc", 4) == 0)
      read_desc(data + at, length, out);
    else if (memcmp(data + at, "mluc", 4) == 0)
      read_mluc(data + at, length, out);
    return;
  }
}
