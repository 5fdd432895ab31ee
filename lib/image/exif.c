/* SPDX-License-Identifier: MIT */
#include "image/exif.h"

#include <stdbool.h>
#include <string.h>

enum {
  TAG_ORIENTATION = 0x0112,
  TAG_EXIF_DIRECTORY = 0x8769,
  TAG_EXIF_VERSION = 0x9000,
  TAG_USER_COMMENT = 0x9286,
  TYPE_ASCII = 2,
  TYPE_SHORT = 3,
  TYPE_LONG = 4,
  TYPE_UNDEFINED = 7,
  ENTRY = 12,
  HEADER = 8,
  CODE = 8 /* bytes that name the encoding of a user comment */
};

typedef struct tiff {
  const unsigned char *data;
  size_t size;
  bool big;
} tiff;

static uint32_t get16(const tiff *t, size_t at)
{
  const unsigned char *b = t->data + at;
  return t->big ? (uint32_t)b[0] << 8 | b[1] : (uint32_t)b[1] << 8 | b[0];
}

static uint32_t get32(const tiff *t, size_t at)
{
  return t->big ? get16(t, at) << 16 | get16(t, at + 2) : get16(t, at + 2) << 16 | get16(t, at);
}

static bool open_tiff(tiff *t, const unsigned char *data, size_t size)
{
  if (size < HEADER)
    return false;
  *t = (tiff){data, size, data[0] == 'M'};
  bool order = (data[0] == 'M' && data[1] == 'M') || (data[0] == 'I' && data[1] == 'I');
  return order && get16(t, 2) == 42;
}

/* Offset of the entry of `tag` in the directory at `at`; 0 when absent. */
static size_t find_entry(const tiff *t, size_t at, uint32_t tag)
{
  if (at < HEADER || at > t->size || t->size - at < 2)
    return 0;
  size_t count = get16(t, at);
  size_t room = (t->size - at - 2) / ENTRY;
  at += 2;
  for (size_t i = 0; i < count && i < room; i++, at += ENTRY) {
    if (get16(t, at) == tag)
      return at;
  }
  return 0;
}

static size_t find_orientation(const tiff *t)
{
  size_t entry = find_entry(t, get32(t, 4), TAG_ORIENTATION);
  return entry && get16(t, entry + 2) == TYPE_SHORT && get32(t, entry + 4) == 1 ? entry + 8 : 0;
}

uint32_t px_exif_orientation(const unsigned char *data, size_t size)
{
  tiff t;
  size_t at = open_tiff(&t, data, size) ? find_orientation(&t) : 0;
  uint32_t value = at ? get16(&t, at) : 1;
  return value >= 1 && value <= 8 ? value : 1;
}

void px_exif_reset_orientation(unsigned char *data, size_t size)
{
  tiff t;
  size_t at = open_tiff(&t, data, size) ? find_orientation(&t) : 0;
  if (at) {
    data[at] = t.big ? 0 : 1;
    data[at + 1] = t.big ? 1 : 0;
  }
}

static void add_utf8(px_buf *out, uint32_t code)
{
  char bytes[4];
  size_t size = 0;
  if (code < 0x80) {
    bytes[size++] = (char)code;
  } else if (code < 0x800) {
    bytes[size++] = (char)(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    bytes[size++] = (char)(0xe0 | code >> 12);
    bytes[size++] = (char)(0x80 | (code >> 6 & 0x3f));
  } else {
    bytes[size++] = (char)(0xf0 | code >> 18);
    bytes[size++] = (char)(0x80 | (code >> 12 & 0x3f));
    bytes[size++] = (char)(0x80 | (code >> 6 & 0x3f));
  }
  if (code >= 0x80)
    bytes[size++] = (char)(0x80 | (code & 0x3f));
  (void)px_buf_add(out, bytes, size);
}

/* Ends at a zero character; a half surrogate becomes U+FFFD. */
static void add_utf16(px_buf *out, const tiff *t, size_t at, size_t end)
{
  while (end - at >= 2) {
    uint32_t unit = get16(t, at);
    at += 2;
    if (unit == 0)
      return;
    if (unit >= 0xd800 && unit < 0xdc00 && end - at >= 2 && (get16(t, at) & 0xfc00) == 0xdc00) {
      unit = 0x10000 + ((unit - 0xd800) << 10) + (get16(t, at) - 0xdc00);
      at += 2;
    } else if (unit >= 0xd800 && unit < 0xe000) {
      unit = 0xfffd;
    }
    add_utf8(out, unit);
  }
}

/* Writers disagree whether the text follows the byte order of the block; zero high bytes of
 * Latin letters tell. */
static bool looks_big(const tiff *t, size_t at, size_t end)
{
  size_t even = 0, odd = 0;
  for (; end - at >= 2; at += 2) {
    even += t->data[at] == 0;
    odd += t->data[at + 1] == 0;
  }
  return even == odd ? t->big : even > odd;
}

void px_exif_user_comment(const unsigned char *data, size_t size, px_buf *out)
{
  tiff t;
  if (!open_tiff(&t, data, size))
    return;
  size_t link = find_entry(&t, get32(&t, 4), TAG_EXIF_DIRECTORY);
  size_t entry = link ? find_entry(&t, get32(&t, link + 8), TAG_USER_COMMENT) : 0;
  if (!entry || get16(&t, entry + 2) != TYPE_UNDEFINED)
    return;
  size_t length = get32(&t, entry + 4);
  size_t at = get32(&t, entry + 8);
  if (length < CODE || length <= 4 || at > size || length > size - at)
    return;
  size_t end = at + length;
  const unsigned char *code = data + at;
  at += CODE;
  if (memcmp(code, "UNICODE", CODE) == 0) {
    tiff text = {data, size, looks_big(&t, at, end)};
    add_utf16(out, &text, at, end);
  } else if (memcmp(code, "ASCII\0\0", CODE) == 0) {
    for (; at < end && data[at] != 0; at++)
      add_utf8(out, data[at]);
  }
}

void px_exif_text(const unsigned char *data, size_t size, uint32_t tag, px_buf *out)
{
  tiff t;
  size_t entry = open_tiff(&t, data, size) ? find_entry(&t, get32(&t, 4), tag) : 0;
  if (!entry || get16(&t, entry + 2) != TYPE_ASCII)
    return;
  size_t length = get32(&t, entry + 4);
  size_t at = length <= 4 ? entry + 8 : get32(&t, entry + 8);
  for (; length > 0 && at < size && data[at] != 0; length--, at++) {
    if (data[at] >= ' ' && data[at] <= '~')
      (void)px_buf_add_char(out, (char)data[at]);
  }
}

static void put16(px_buf *out, uint32_t value)
{
  (void)px_buf_add_char(out, (char)(value >> 8));
  (void)px_buf_add_char(out, (char)value);
}

static void put32(px_buf *out, uint32_t value)
{
  put16(out, value >> 16);
  put16(out, value & 0xffff);
}

static void put_entry(px_buf *out, uint32_t tag, uint32_t type, uint32_t count, uint32_t value)
{
  put16(out, tag);
  put16(out, type);
  put32(out, count);
  put32(out, value);
}

/* One code point of valid UTF-8; advances *text. */
static uint32_t next_code(const unsigned char **text)
{
  uint32_t lead = *(*text)++;
  if (lead < 0x80)
    return lead;
  unsigned more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  uint32_t code = lead & (0x3fu >> more);
  for (; more > 0 && (**text & 0xc0) == 0x80; more--)
    code = code << 6 | (*(*text)++ & 0x3f);
  return code;
}

void px_exif_build(const char *text, px_buf *out)
{
  enum { FIRST = HEADER, SECOND = FIRST + 2 + ENTRY + 4, COMMENT = SECOND + 2 + 2 * ENTRY + 4 };
  uint32_t units = 0;
  for (const unsigned char *at = (const unsigned char *)text; *at;)
    units += next_code(&at) >= 0x10000 ? 2 : 1;
  (void)px_buf_add(out, "MM\0*", 4);
  put32(out, FIRST);
  put16(out, 1);
  put_entry(out, TAG_EXIF_DIRECTORY, TYPE_LONG, 1, SECOND);
  put32(out, 0);
  put16(out, 2);
  put_entry(out, TAG_EXIF_VERSION, TYPE_UNDEFINED, 4, 0x30323332); /* "0232" */
  put_entry(out, TAG_USER_COMMENT, TYPE_UNDEFINED, CODE + 2 * units, COMMENT);
  put32(out, 0);
  (void)px_buf_add(out, "UNICODE", CODE);
  for (const unsigned char *at = (const unsigned char *)text; *at;) {
    uint32_t code = next_code(&at);
    if (code >= 0x10000) {
      put16(out, 0xd800 + ((code - 0x10000) >> 10));
      code = 0xdc00 + ((code - 0x10000) & 0x3ff);
    }
    put16(out, code);
  }
}
