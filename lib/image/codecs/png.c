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
#include "image/exif.h"
#if PX_FAST_PNG
#include "image/png/pixels.h"
#endif
#include "image/png/read.h"

enum {
  CANCEL_ROWS = 64,         /* rows between two looks at the cancel token */
  COLOR_BIT = 2,            /* of the colour type */
  ALPHA_BIT = 4,
  PALETTE = 3,
  RUN_LENGTHS = 3,          /* zlib's Z_RLE */
  WRITE_BUFFER = 65536,
  CHECKSUM = 4
};

static const char XMP_KEYWORD[] = "XML:com.adobe.xmp";
/* A chunk header is all that png_read_info() wants to see of the pixels. */
static const unsigned char FAKE_IDAT[] = {0, 0, 0, 0, 'I', 'D', 'A', 'T', 0x35, 0xaf, 0x06, 0x1e};

static bool matches(px_bytes file)
{
  static const unsigned char magic[] = {0x89, 'P', 'N', 'G'};
  return file.size >= sizeof magic && memcmp(file.data, magic, sizeof magic) == 0;
}

/* ---- headers ---- */

static pixazo_status read_header(const px_chunk *chunk, px_image_info *info, pixazo_error **error)
{
  if (!px_chunk_is(chunk, "IHDR") || chunk->size != 13)
    return px_fail(error, PIXAZO_E_CORRUPT, "the PNG file does not begin with its header");
  info->width = px_be32(chunk->data);
  info->height = px_be32(chunk->data + 4);
  info->bit_depth = chunk->data[8];
  unsigned color = chunk->data[9];
  info->has_alpha = (color & ALPHA_BIT) != 0;
  info->channels = info->has_alpha ? 4 : 3;
  if (info->bit_depth == 0 || info->bit_depth > 16 || color > (COLOR_BIT | ALPHA_BIT))
    return px_fail(error, PIXAZO_E_CORRUPT, "the PNG header names colour type %u with %u bits", color, info->bit_depth);
  return PIXAZO_OK;
}

static bool is_metadata(const px_chunk *chunk)
{
  static const char names[][5] = {"tEXt", "zTXt", "iTXt", "iCCP", "eXIf"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(names); i++) {
    if (px_chunk_is(chunk, names[i]))
      return true;
  }
  return false;
}

static pixazo_status note_chunk(const px_chunk *chunk, px_image_info *info, pixazo_error **error)
{
  if (px_chunk_is(chunk, "tRNS")) {
    info->has_alpha = true;
    info->channels = 4;
  } else if (px_chunk_is(chunk, "acTL")) {
    info->animated = true;
  } else if (px_chunk_is(chunk, "caBX")) {
    info->has_c2pa = true;
  } else if (px_chunk_is(chunk, "eXIf")) {
    info->orientation = px_exif_orientation(chunk->data, chunk->size);
  } else if (px_chunk_is(chunk, "IHDR")) {
    return px_fail(error, PIXAZO_E_CORRUPT, "the PNG file has two headers");
  }
  return PIXAZO_OK;
}

static pixazo_status probe(px_bytes file, const px_image_limits *limits, px_image_info *info, pixazo_error **error)
{
  px_walk walk;
  px_chunk chunk;
  uint32_t blocks = 0;
  bool has_pixels = false;
  PX_TRY(px_png_begin(&walk, file, error));
  PX_TRY(px_png_next(&walk, &chunk, error));
  PX_TRY(read_header(&chunk, info, error));
  while (!walk.ended) {
    PX_TRY(px_png_next(&walk, &chunk, error));
    if (px_chunk_is(&chunk, "IDAT"))
      has_pixels = true;
    else if (is_metadata(&chunk))
      PX_TRY(px_limits_block(limits, &blocks, chunk.size, error));
    else if ((chunk.type[0] & 0x20) && chunk.size > limits->max_ancillary)
      return px_fail(error, PIXAZO_E_LIMIT, "a PNG chunk of %zu bytes is over the limit", chunk.size);
    PX_TRY(note_chunk(&chunk, info, error));
  }
  return has_pixels ? PIXAZO_OK : px_fail(error, PIXAZO_E_CORRUPT, "the PNG file has no pixels");
}

/* ---- reading ---- */

typedef struct reader {
  png_structp png;
  png_infop info;
  const px_bytes *parts; /* read one after the other */
  size_t part_count;
  size_t part;
  size_t at;
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
  png_set_read_fn(self->png, self, on_read);
  return PIXAZO_OK;
}

static pixazo_status reader_failed(const reader *self, pixazo_error **error)
{
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
  px_cleanup(reader_done) reader self = {.parts = &job->file, .part_count = 1};
  if (PX_FAST_PNG && !job->reference && px_png_read(job, info, pixmap))
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

enum { PARTS_MAX = 132 };

/* A small PNG of header, palette and metadata only: libpng unpacks what is packed, under its own limits. */
static pixazo_status gather_parts(px_bytes file, const px_image_limits *limits, px_bytes parts[PARTS_MAX], size_t *count,
                                  pixazo_error **error)
{
  px_walk walk;
  px_chunk chunk;
  bool palette = false;
  PX_TRY(px_png_begin(&walk, file, error));
  parts[0] = (px_bytes){file.data, walk.at};
  *count = 1;
  while (!walk.ended && *count < PARTS_MAX - 1) {
    PX_TRY(px_png_next(&walk, &chunk, error));
    bool first_palette = px_chunk_is(&chunk, "PLTE") && !palette;
    palette = palette || first_palette;
    if (first_palette || px_chunk_is(&chunk, "IHDR") || (is_metadata(&chunk) && chunk.size <= limits->max_ancillary))
      parts[(*count)++] = (px_bytes){chunk.whole, chunk.whole_size};
  }
  parts[(*count)++] = (px_bytes){FAKE_IDAT, sizeof FAKE_IDAT};
  return PIXAZO_OK;
}

/* What libpng has stored when an error comes is kept: the blocks before the broken one. */
static void read_blocks(reader *self, const px_image_limits *limits)
{
  if (setjmp(png_jmpbuf(self->png)))
    return;
  png_set_crc_action(self->png, PNG_CRC_WARN_USE, PNG_CRC_WARN_DISCARD);
  png_set_chunk_malloc_max(self->png, limits->max_ancillary);
  png_set_chunk_cache_max(self->png, limits->max_metadata_blocks);
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
  if (png_get_iCCP(self->png, self->info, &name, &compression, &profile, &size) & PNG_INFO_iCCP)
    PX_TRY(px_block_set(&metadata->icc, profile, size, error));
  png_bytep exif = NULL;
  if (png_get_eXIf_1(self->png, self->info, &size, &exif) & PNG_INFO_eXIf)
    PX_TRY(px_block_set(&metadata->exif, exif, size, error));
  return take_texts(self, metadata, error);
}

static pixazo_status metadata(px_bytes file, const px_image_limits *limits, px_metadata *out, pixazo_error **error)
{
  px_bytes parts[PARTS_MAX];
  px_cleanup(reader_done) reader self = {.parts = parts, .lenient = true};
  PX_TRY(gather_parts(file, limits, parts, &self.part_count, error));
  PX_TRY(reader_open(&self, error));
  read_blocks(&self, limits);
  return take_blocks(&self, out, error);
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
    .matches = matches,
    .probe = probe,
    .room = PX_FAST_PNG ? px_png_room : NULL,
    .decode = decode,
    .metadata = metadata,
    .encode = encode,
};
