/* SPDX-License-Identifier: MIT */
/* PNG through libpng's row interface: what png/read.c leaves, and all words about what is wrong. longjmp never leaves
 * this file: each entry sets its own return point, and everything it owns lives in a struct that is released after the
 * jump. */
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "image/codecs/codecs.h"
#include "image/codecs/png_headers.h"
#if PX_FAST_PNG
#include "image/png/pixels.h"
#endif
#include "image/png/read.h"

enum {
  CANCEL_ROWS = 64,         /* rows between two looks at the cancel token */
  RUN_LENGTHS = 3,          /* zlib's Z_RLE */
  WRITE_BUFFER = 65536
};

static const char XMP_KEYWORD[] = "XML:com.adobe.xmp";
/* A chunk header is all that png_read_info() wants to see of the pixels. */
static const unsigned char FAKE_IDAT[] = {0, 0, 0, 0, 'I', 'D', 'A', 'T', 0x35, 0xaf, 0x06, 0x1e};

static bool matches(px_bytes file)
{
  static const unsigned char magic[] = {0x89, 'P', 'N', 'G'};
  return file.size >= sizeof magic && memcmp(file.data, magic, sizeof magic) == 0;
}

/* ---- reading ---- */

typedef struct reader {
  png_structp png;
  png_infop info;
  px_pane *pane;     /* all of it; NULL: parts of it that are in memory */
  const px_bytes *parts; /* read one after the other */
  size_t part_count;
  size_t part;
  size_t at; /* in the part, or in the file */
  bool lenient; /* warnings are passed over */
  unsigned char *row;
  char message[160];
} reader;

static void reader_done(reader *self)
{
  png_destroy_read_struct(&self->png, &self->info, NULL);
  px_free(self->row);
}

static void on_error(png_structp png, png_const_charp text)
{
  reader *self = png_get_error_ptr(png);
  (void)snprintf(self->message, sizeof self->message, "%s", text);
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
  const reader *self = png_get_error_ptr(png);
  if (!self->lenient)
    on_error(png, text);
}

static void on_read_pane(png_structp png, png_bytep data, size_t size)
{
  reader *self = png_get_io_ptr(png);
  while (size > 0) {
    size_t have = 0;
    const unsigned char *bytes = px_pane_at(self->pane, self->at, 1, &have);
    if (!bytes)
      png_error(png, "the file is cut");
    size_t step = have < size ? have : size;
    memcpy(data, bytes, step);
    data += step;
    size -= step;
    self->at += step;
  }
}

static void on_read(png_structp png, png_bytep data, size_t size)
{
  reader *self = png_get_io_ptr(png);
  while (size > 0) {
    if (self->part == self->part_count)
      png_error(png, "the file is cut");
    const px_bytes *part = &self->parts[self->part];
    size_t left = part->size - self->at;
    size_t step = left < size ? left : size;
    memcpy(data, part->data + self->at, step);
    data += step;
    size -= step;
    self->at += step;
    if (self->at == part->size) {
      self->part++;
      self->at = 0;
    }
  }
}

static pixazo_status reader_open(reader *self, pixazo_error **error)
{
  self->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, self, on_error, on_warning);
  if (self->png)
    self->info = png_create_info_struct(self->png);
  if (!self->info)
    return px_fail_nomem(error);
  png_set_read_fn(self->png, self, self->pane ? on_read_pane : on_read);
  return PIXAZO_OK;
}

static pixazo_status reader_failed(const reader *self, pixazo_error **error)
{
  if (self->pane)
    PX_TRY(px_pane_check(self->pane, error));
  if (strstr(self->message, "emory"))
    return px_fail_nomem(error);
  return px_fail(error, PIXAZO_E_CORRUPT, "the PNG picture cannot be decoded: %s", self->message);
}

/* Everything becomes 8-bit RGB or RGBA; gamma and profiles are left out of it. */
static void set_transforms(png_structp png, const px_image_info *info)
{
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(png, ((reader *)png_get_error_ptr(png))->info);
  png_set_expand(png);
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  if (info->channels == 4)
    png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
}

static pixazo_status read_rows(reader *self, const px_decode_job *job, const px_image_info *info, px_pixmap *pixmap,
                               pixazo_error **error)
{
  if (setjmp(png_jmpbuf(self->png)))
    return reader_failed(self, error);
  set_transforms(self->png, info);
  int passes = png_set_interlace_handling(self->png);
  png_read_update_info(self->png, self->info);
  if (png_get_rowbytes(self->png, self->info) != (size_t)info->width * info->channels)
    return px_fail(error, PIXAZO_E_CORRUPT, "the PNG rows do not have the size that the header gives");
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < info->height; y++) {
      if (y % CANCEL_ROWS == 0)
        PX_TRY(px_cancel_check(job->cancel, error));
      png_read_row(self->png, pixmap ? px_pixmap_row(pixmap, y) : self->row, NULL);
    }
  }
  png_read_end(self->png, NULL);
  return PIXAZO_OK;
}

static pixazo_status decode(const px_decode_job *job, const px_image_info *info, px_pixmap *pixmap, pixazo_error **error)
{
  px_cleanup(reader_done) reader self = {.pane = job->pane, .parts = &job->file, .part_count = 1};
  if (PX_FAST_PNG && !job->pane && !job->reference && px_png_read(job, info, pixmap))
    return PIXAZO_OK;
  if (!pixmap) {
    self.row = px_calloc(info->width, info->channels);
    if (!self.row)
      return px_fail_nomem(error);
  }
  PX_TRY(reader_open(&self, error));
  return read_rows(&self, job, info, pixmap, error);
}

/* ---- metadata ---- */

enum {
  PARTS = 3,
  HEAD_SIZE = 8 + 25, /* signature and header */
  PACK_RATIO = 1032, /* the most bytes that deflate makes of one */
  FAILURES = 4       /* blocks of the longest size that may unpack to nothing */
};

static size_t size_of(const px_metadata *metadata)
{
  size_t size = metadata->exif.size + metadata->xmp.size + metadata->icc.size;
  for (size_t i = 0; i < metadata->text_count; i++)
    size += strlen(metadata->texts[i].keyword) + strlen(metadata->texts[i].value);
  return size;
}

/* libpng unpacks what is packed. What it has stored when an error comes is kept. */
static void read_blocks(reader *self, size_t room)
{
  if (setjmp(png_jmpbuf(self->png)))
    return;
  png_set_crc_action(self->png, PNG_CRC_WARN_USE, PNG_CRC_WARN_DISCARD);
  png_set_chunk_malloc_max(self->png, room);
  png_read_info(self->png, self->info);
}

/* tEXt is Latin-1 by its standard and UTF-8 by habit. */
static pixazo_status add_text(px_metadata *metadata, const char *keyword, const char *text, pixazo_error **error)
{
  size_t length = strlen(text);
  if (px_utf8_valid(text, length))
    return px_metadata_add_text(metadata, keyword, text, error);
  px_autofree char *utf8 = px_malloc(2 * length + 1);
  if (!utf8)
    return px_fail_nomem(error);
  char *out = utf8;
  for (const unsigned char *in = (const unsigned char *)text; *in; in++) {
    if (*in >= 0x80)
      *out++ = (char)(0xc0 | *in >> 6);
    *out++ = (char)(*in >= 0x80 ? (0x80 | (*in & 0x3f)) : *in);
  }
  *out = '\0';
  return px_metadata_add_text(metadata, keyword, utf8, error);
}

static pixazo_status take_texts(const reader *self, px_metadata *metadata, pixazo_error **error)
{
  png_textp texts = NULL;
  int count = 0;
  (void)png_get_text(self->png, self->info, &texts, &count);
  for (int i = 0; i < count; i++) {
    const png_text *text = &texts[i];
    if (!text->text)
      continue;
    pixazo_status status;
    if (strcmp(text->key, XMP_KEYWORD) == 0)
      status = px_block_set(&metadata->xmp, text->text, strlen(text->text), error);
    else
      status = add_text(metadata, text->key, text->text, NULL);
    if (status == PIXAZO_E_NOMEM)
      return px_fail_nomem(error);
  }
  return PIXAZO_OK;
}

static pixazo_status take_blocks(const reader *self, px_metadata *metadata, pixazo_error **error)
{
  png_charp name = NULL;
  int compression = 0;
  png_bytep profile = NULL;
  png_uint_32 size = 0;
  if (metadata->icc.size == 0 &&
      (png_get_iCCP(self->png, self->info, &name, &compression, &profile, &size) & PNG_INFO_iCCP))
    PX_TRY(px_block_set(&metadata->icc, profile, size, error));
  png_bytep exif = NULL;
  if (metadata->exif.size == 0 && (png_get_eXIf_1(self->png, self->info, &size, &exif) & PNG_INFO_eXIf))
    PX_TRY(px_block_set(&metadata->exif, exif, size, error));
  return take_texts(self, metadata, error);
}

/* A small PNG of signature, header and one block. */
static pixazo_status take_one(const unsigned char *head, const px_chunk *block, size_t room, px_metadata *out,
                              pixazo_error **error)
{
  const px_bytes parts[PARTS] = {{head, HEAD_SIZE}, {block->whole, block->whole_size}, {FAKE_IDAT, sizeof FAKE_IDAT}};
  px_cleanup(reader_done) reader self = {.parts = parts, .part_count = PARTS, .lenient = true};
  PX_TRY(reader_open(&self, error));
  read_blocks(&self, room);
  return take_blocks(&self, out, error);
}

/* For all blocks of a file together. */
typedef struct allowance {
  size_t room; /* bytes that may still be kept */
  size_t work; /* bytes that may still be unpacked for nothing */
} allowance;

/* A packed block that gave nothing may have been unpacked up to the end of the room before it was given up. */
static void charge(allowance *left, const px_chunk *block, size_t grown)
{
  bool packed = !px_chunk_is(block, "tEXt") && !px_chunk_is(block, "eXIf");
  size_t tried = block->size < left->room / PACK_RATIO ? block->size * PACK_RATIO : left->room;
  if (packed && grown == 0)
    left->work -= tried < left->work ? tried : left->work;
  left->room -= grown < left->room ? grown : left->room;
}

/* The signature and the header, copied: what a pane shows stays only until the next look. */
static pixazo_status copy_head(px_walk *walk, unsigned char copy[HEAD_SIZE], pixazo_error **error)
{
  px_chunk header;
  memset(copy, 0, HEAD_SIZE);
  PX_TRY(px_png_next(walk, &header, error));
  px_chunk whole = {.at = 0, .whole_size = header.at + header.whole_size};
  if (whole.whole_size != HEAD_SIZE)
    return PIXAZO_OK; /* not a PNG that passed the probe: libpng will not find anything in it */
  PX_TRY(px_chunk_load(walk, &whole, error));
  memcpy(copy, whole.whole, HEAD_SIZE);
  return PIXAZO_OK;
}

static pixazo_status metadata(const px_file *file, const px_image_limits *limits, px_metadata *out, pixazo_error **error)
{
  px_walk walk;
  px_chunk chunk;
  unsigned char head[HEAD_SIZE];
  allowance left = {limits->max_ancillary, FAILURES * limits->max_ancillary};
  PX_TRY(px_png_begin_file(&walk, file, error));
  PX_TRY(copy_head(&walk, head, error));
  while (!walk.ended && left.room > 0 && left.work > 0) {
    PX_TRY(px_png_next(&walk, &chunk, error));
    if (!px_png_is_metadata(&chunk) || chunk.size > left.room)
      continue;
    size_t before = size_of(out);
    PX_TRY(px_chunk_load(&walk, &chunk, error));
    PX_TRY(take_one(head, &chunk, left.room, out, error));
    size_t after = size_of(out);
    charge(&left, &chunk, after > before ? after - before : 0);
  }
  return PIXAZO_OK;
}

/* ---- writing ---- */

typedef struct writer {
  png_structp png;
  png_infop info;
  px_buf *out;
  png_text *texts;
  int text_count;
  char message[160];
} writer;

static void writer_done(writer *self)
{
  png_destroy_write_struct(&self->png, &self->info);
  px_free(self->texts);
}

static void on_write_error(png_structp png, png_const_charp text)
{
  writer *self = png_get_error_ptr(png);
  (void)snprintf(self->message, sizeof self->message, "%s", text);
  png_longjmp(png, 1);
}

static void on_write_warning(png_structp png, png_const_charp text)
{
  (void)png;
  (void)text;
}

static void on_write(png_structp png, png_bytep data, size_t size)
{
  const writer *self = png_get_io_ptr(png);
  if (!px_buf_add(self->out, data, size))
    png_error(png, "Out of memory");
}

static void on_flush(png_structp png)
{
  (void)png;
}

static bool is_ascii(const char *text)
{
  for (; *text; text++) {
    if ((unsigned char)*text >= 0x80)
      return false;
  }
  return true;
}

static void fill_text(png_text *text, char *keyword, char *value)
{
  text->compression = is_ascii(value) ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
  text->key = keyword;
  text->text = value;
}

/* Texts in one array for libpng; the packet of XMP is one of them. */
static pixazo_status gather_texts(writer *self, const px_metadata *from, char *packet, pixazo_error **error)
{
  self->texts = px_calloc(from->text_count + 1, sizeof *self->texts);
  if (!self->texts)
    return px_fail_nomem(error);
  size_t used = 0;
  for (; used < from->text_count; used++)
    fill_text(&self->texts[used], from->texts[used].keyword, from->texts[used].value);
  if (packet) {
    fill_text(&self->texts[used], (char *)(uintptr_t)XMP_KEYWORD, packet);
    self->texts[used++].compression = PNG_ITXT_COMPRESSION_NONE;
  }
  self->text_count = (int)used;
  return PIXAZO_OK;
}

static pixazo_status set_metadata(writer *self, const px_metadata *from, pixazo_error **error)
{
  px_autofree char *packet = NULL;
  if (from->xmp.size > 0) {
    packet = px_strndup((const char *)from->xmp.data, from->xmp.size);
    if (!packet)
      return px_fail_nomem(error);
  }
  PX_TRY(gather_texts(self, from, packet, error));
  if (setjmp(png_jmpbuf(self->png)))
    return px_fail_nomem(error);
  if (from->icc.size > 0)
    png_set_iCCP(self->png, self->info, "icc", PNG_COMPRESSION_TYPE_BASE, from->icc.data, (png_uint_32)from->icc.size);
  if (from->exif.size > 0)
    png_set_eXIf_1(self->png, self->info, (png_uint_32)from->exif.size, from->exif.data);
  if (self->text_count > 0)
    png_set_text(self->png, self->info, self->texts, self->text_count);
  return PIXAZO_OK;
}

static void set_coding(png_structp png, const px_encode_job *job)
{
  png_set_compression_buffer_size(png, WRITE_BUFFER);
  png_set_compression_level(png, job->fast ? 1 : job->level);
  if (job->fast) {
    png_set_compression_strategy(png, RUN_LENGTHS);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
  } else {
    png_set_filter(png, PNG_FILTER_TYPE_BASE, job->level == 0 ? PNG_FILTER_NONE : PNG_ALL_FILTERS);
  }
}

static pixazo_status write_rows(writer *self, const px_encode_job *job, pixazo_error **error)
{
  const px_pixmap *pixmap = job->pixmap;
  if (setjmp(png_jmpbuf(self->png))) {
    if (self->out->failed || strstr(self->message, "emory"))
      return px_fail_nomem(error);
    return px_fail(error, PIXAZO_E_INTERNAL, "the PNG picture cannot be encoded: %s", self->message);
  }
  png_set_IHDR(self->png, self->info, pixmap->width, pixmap->height, 8,
               pixmap->channels == 4 ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
  set_coding(self->png, job);
  png_write_info(self->png, self->info);
#if PX_FAST_PNG
  return px_png_write_pixels(job, self->out, error);
#else
  for (uint32_t y = 0; y < pixmap->height; y++) {
    if (y % CANCEL_ROWS == 0)
      PX_TRY(px_cancel_check(job->cancel, error));
    png_write_row(self->png, px_pixmap_row(pixmap, y));
  }
  png_write_end(self->png, NULL);
  return PIXAZO_OK;
#endif
}

static pixazo_status encode(const px_encode_job *job, px_buf *out, pixazo_error **error)
{
  px_cleanup(writer_done) writer self = {.out = out};
  self.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &self, on_write_error, on_write_warning);
  if (self.png)
    self.info = png_create_info_struct(self.png);
  if (!self.info)
    return px_fail_nomem(error);
  png_set_write_fn(self.png, &self, on_write, on_flush);
  if (job->metadata)
    PX_TRY(set_metadata(&self, job->metadata, error));
  return write_rows(&self, job, error);
}

const px_codec px_codec_png = {
    .format = PX_FORMAT_PNG,
    .name = "png",
    .content_type = "image/png",
    .extension = "png",
    .max_side = 1000000,
    .quality = 0,
    .has_alpha = true,
    .by_pane = true,
    .matches = matches,
    .probe = px_png_probe,
    .room = PX_FAST_PNG ? px_png_room : NULL,
    .decode = decode,
    .metadata = metadata,
    .encode = encode,
};
