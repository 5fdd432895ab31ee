/* SPDX-License-Identifier: MIT */
#include "gateway/picture.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

/* Pixels are stored without compression: the size is exact arithmetic, and making one costs little more than its sums. */
enum { STORED_MAX = 65535, STORED_HEAD = 5, CHANNELS = 3, CHUNK_EXTRA = 12, SIGNATURE = 8, HEADER = 13 };

static const char keyword[] = "parameters";

uint64_t picture_noise_begin(const char *name)
{
  uint64_t hash = 0xcbf29ce484222325u;
  for (; *name; name++)
    hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
  return hash ? hash : 1;
}

uint64_t picture_noise(uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

picture picture_of_size(picture_kind kind, const char *name, uint32_t width, uint32_t height)
{
  picture out = {.kind = kind, .width = width, .height = height};
  (void)snprintf(out.name, sizeof out.name, "%s", name);
  return out;
}

static uint32_t side_for(picture_kind kind, size_t size)
{
  uint32_t side = 1;
  if (kind == PICTURE_JPEG)
    return size > 4096 ? 64 : 8;
  while (side < 16383) {
    size_t next = side + 1;
    size_t needed = kind == PICTURE_PNG ? next * (next * CHANNELS + 1) + 70 : next * next * CHANNELS / 8 + 40;
    if (needed > size)
      break;
    side++;
  }
  return side;
}

picture picture_of_bytes(picture_kind kind, const char *name, size_t size)
{
  uint32_t side = side_for(kind, size);
  picture out = picture_of_size(kind, name, side, side);
  out.size = size;
  return out;
}

const char *picture_type(picture_kind kind)
{
  static const char *const types[] = {
      [PICTURE_PNG] = "image/png", [PICTURE_JPEG] = "image/jpeg", [PICTURE_WEBP] = "image/webp"};
  return types[kind];
}

bool picture_kind_of(const char *name, picture_kind *out)
{
  static const char *const names[] = {[PICTURE_PNG] = "png", [PICTURE_JPEG] = "jpeg", [PICTURE_WEBP] = "webp", "jpg"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strcasecmp(names[i], name) == 0) {
      *out = i > PICTURE_WEBP ? PICTURE_JPEG : (picture_kind)i;
      return true;
    }
  }
  return false;
}

static void add_u32(bytes *out, uint32_t value)
{
  unsigned char raw[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16), (unsigned char)(value >> 8),
                          (unsigned char)value};
  bytes_add(out, raw, sizeof raw);
}

static void add_chunk(bytes *out, const char *type, const bytes *data)
{
  add_u32(out, (uint32_t)data->size);
  size_t start = out->size;
  bytes_add(out, type, 4);
  bytes_add(out, bytes_cstr(data), data->size);
  add_u32(out, (uint32_t)crc32(0, (const unsigned char *)out->data + start, (uInt)(out->size - start)));
}

static size_t row_size(const picture *what)
{
  return (size_t)what->width * CHANNELS + 1;
}

static size_t packed_size(size_t rows)
{
  return 2 + rows + (rows + STORED_MAX - 1) / STORED_MAX * STORED_HEAD + 4;
}

size_t picture_png_size(const picture *what)
{
  size_t text = what->text ? CHUNK_EXTRA + sizeof keyword + strlen(what->text) : 0;
  return SIGNATURE + CHUNK_EXTRA + HEADER + text + CHUNK_EXTRA + packed_size(row_size(what) * what->height) + CHUNK_EXTRA;
}

void picture_begin(picture_maker *maker, const picture *what)
{
  *maker = (picture_maker){
      .what = what,
      .rows = row_size(what) * what->height,
      .noise = picture_noise_begin(what->name),
      .sum = (uint32_t)adler32(0, NULL, 0),
  };
}

static void write_head(picture_maker *maker, bytes *out)
{
  const picture *what = maker->what;
  bytes head = {0};
  add_u32(&head, what->width);
  add_u32(&head, what->height);
  bytes_add(&head, "\x08\x02\x00\x00\x00", 5); /* 8 bits, RGB, deflate, adaptive filters, not interlaced */
  bytes_add(out, "\x89PNG\r\n\x1a\n", SIGNATURE);
  add_chunk(out, "IHDR", &head);
  if (what->text) {
    head.size = 0;
    bytes_add(&head, keyword, sizeof keyword);
    bytes_text(&head, what->text);
    add_chunk(out, "tEXt", &head);
  }
  bytes_done(&head);
  add_u32(out, (uint32_t)packed_size(maker->rows));
  bytes_add(out, "IDAT\x78\x01", 6);
  maker->check = (uint32_t)crc32(0, (const unsigned char *)"IDAT\x78\x01", 6);
}

static void fill_noise(picture_maker *maker, unsigned char *out, size_t size)
{
  size_t done = 0;
  while (done < size) {
    if (maker->spare_size == 0) {
      uint64_t fresh = picture_noise(&maker->noise);
      memcpy(maker->spare, &fresh, sizeof fresh);
      maker->spare_size = sizeof fresh;
    }
    size_t take = maker->spare_size < size - done ? maker->spare_size : size - done;
    memcpy(out + done, maker->spare + sizeof maker->spare - maker->spare_size, take);
    maker->spare_size -= take;
    done += take;
  }
}

static void write_block(picture_maker *maker, bytes *out)
{
  size_t size = maker->rows - maker->at < STORED_MAX ? maker->rows - maker->at : STORED_MAX;
  size_t stride = row_size(maker->what);
  size_t start = out->size;
  unsigned char head[STORED_HEAD] = {maker->at + size == maker->rows, (unsigned char)size, (unsigned char)(size >> 8),
                                     (unsigned char)~size, (unsigned char)(~size >> 8)};
  bytes_add(out, head, sizeof head);
  bytes_reserve(out, size);
  unsigned char *block = (unsigned char *)out->data + out->size;
  fill_noise(maker, block, size);
  for (size_t at = (stride - maker->at % stride) % stride; at < size; at += stride)
    block[at] = 0; /* filter type: none */
  out->size += size;
  out->data[out->size] = '\0';
  maker->sum = (uint32_t)adler32(maker->sum, block, (uInt)size);
  maker->check = (uint32_t)crc32(maker->check, (const unsigned char *)out->data + start, (uInt)(out->size - start));
  maker->at += size;
}

static void write_end(picture_maker *maker, bytes *out)
{
  size_t start = out->size;
  add_u32(out, maker->sum);
  maker->check = (uint32_t)crc32(maker->check, (const unsigned char *)out->data + start, 4);
  add_u32(out, maker->check);
  add_chunk(out, "IEND", &(bytes){0});
}

bool picture_more(picture_maker *maker, bytes *out)
{
  if (maker->stage == 0) {
    write_head(maker, out);
    maker->stage = 1;
  } else if (maker->at < maker->rows) {
    write_block(maker, out);
  } else if (maker->stage == 1) {
    write_end(maker, out);
    maker->stage = 2;
  } else {
    return false;
  }
  return true;
}

void picture_write(bytes *out, const picture *what)
{
  picture_maker maker;
  switch (what->kind) {
  case PICTURE_PNG:
    bytes_reserve(out, picture_png_size(what));
    picture_begin(&maker, what);
    while (picture_more(&maker, out))
      ;
    return;
  case PICTURE_JPEG:
    picture_write_jpeg(out, what);
    return;
  case PICTURE_WEBP:
    picture_write_webp(out, what);
    return;
  }
}
