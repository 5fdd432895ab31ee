/* SPDX-License-Identifier: MIT */
/* JPEG through the libjpeg interface, row by row. longjmp never leaves this file. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/mem.h"
#include "image/codecs/codecs.h"
#include "image/exif.h"

enum {
  SOS = 0xda,
  COM = 0xfe,
  APP1 = 0xe1,
  APP2 = 0xe2,
  APP11 = 0xeb,
  OUT_STEP = 65536,
  SEGMENT_MAX = 65533,
  ICC_PARTS_MAX = 255
};

static const char EXIF_HEAD[] = "Exif\0"; /* two zero bytes with the one that ends the literal */
static const char XMP_HEAD[] = "http://ns.adobe.com/xap/1.0/";
static const char ICC_HEAD[] = "ICC_PROFILE";

static bool matches(px_bytes file)
{
  return file.size >= 3 && file.data[0] == 0xff && file.data[1] == 0xd8 && file.data[2] == 0xff;
}

/* ---- headers ---- */

static bool begins(const px_chunk *chunk, unsigned marker, const void *head, size_t size)
{
  return chunk->type[0] == marker && chunk->size >= size && memcmp(chunk->data, head, size) == 0;
}

static bool is_frame(unsigned marker)
{
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static pixazo_status read_frame(const px_chunk *chunk, px_image_info *info, pixazo_error **error)
{
  if (chunk->size < 6)
    return px_fail(error, PIXAZO_E_CORRUPT, "the JPEG frame header is cut");
  if (info->width != 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "the JPEG file has two frame headers");
  unsigned precision = chunk->data[0];
  unsigned components = chunk->data[5];
  info->height = px_be16(chunk->data + 1);
  info->width = px_be16(chunk->data + 3);
  if (chunk->type[0] > 0xc2)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "JPEG with SOF%u (lossless, hierarchical or arithmetic) is not supported",
                   chunk->type[0] - 0xc0u);
  if (precision != 8)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "JPEG of %u bits is not supported", precision);
  if (components != 1 && components != 3 && components != 4)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "JPEG of %u components is not supported", components);
  if (info->width == 0 || info->height == 0)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "JPEG that gives its height after the pixels is not supported");
  return PIXAZO_OK;
}

static pixazo_status note_segment(const px_chunk *chunk, const px_image_limits *limits, px_image_info *info,
                                  uint32_t *blocks, pixazo_error **error)
{
  unsigned marker = chunk->type[0];
  if (is_frame(marker))
    return read_frame(chunk, info, error);
  if (marker == SOS)
    info->scans++;
  if (begins(chunk, APP11, "JP", 2) && memmem(chunk->data, chunk->size, "c2pa", 4))
    info->has_c2pa = true;
  if (begins(chunk, APP1, EXIF_HEAD, sizeof EXIF_HEAD))
    info->orientation = px_exif_orientation(chunk->data + sizeof EXIF_HEAD, chunk->size - sizeof EXIF_HEAD);
  if (marker == APP1 || marker == APP2 || marker == COM)
    return px_limits_block(limits, blocks, chunk->size, error);
  return PIXAZO_OK;
}

static pixazo_status probe(px_bytes file, const px_image_limits *limits, px_image_info *info, pixazo_error **error)
{
  px_walk walk;
  px_chunk chunk;
  uint32_t blocks = 0;
  info->scans = 0;
  PX_TRY(px_jpeg_begin(&walk, file, error));
  while (!walk.ended) {
    PX_TRY(px_jpeg_next(&walk, &chunk, error));
    PX_TRY(note_segment(&chunk, limits, info, &blocks, error));
    if (info->scans > limits->max_scans)
      return px_fail(error, PIXAZO_E_LIMIT, "the JPEG file has more than %u scans", limits->max_scans);
  }
  if (info->width == 0 || info->scans == 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "the JPEG file has no pixels");
  return PIXAZO_OK;
}

/* ---- errors and cancelling, for both directions ---- */

typedef struct fault {
  struct jpeg_error_mgr manager; /* first: libjpeg hands its address back */
  struct jpeg_progress_mgr progress;
  jmp_buf jump;
  const pixazo_cancel *cancel;
  bool cancelled;
  char message[JMSG_LENGTH_MAX];
} fault;

static void on_error(j_common_ptr info)
{
  fault *self = (fault *)(void *)info->err;
  info->err->format_message(info, self->message);
  longjmp(self->jump, 1);
}

/* Level -1 is a warning: data is missing or damaged. */
static void on_message(j_common_ptr info, int level)
{
  if (level < 0)
    on_error(info);
}

static void on_progress(j_common_ptr info)
{
  fault *self = (fault *)(void *)info->err;
  if (pixazo_cancel_get(self->cancel) != 0) {
    self->cancelled = true;
    longjmp(self->jump, 1);
  }
}

static void fault_init(fault *self, const pixazo_cancel *cancel)
{
  (void)jpeg_std_error(&self->manager);
  self->manager.error_exit = on_error;
  self->manager.emit_message = on_message;
  self->progress.progress_monitor = on_progress;
  self->cancel = cancel;
}

static pixazo_status fault_report(const fault *self, pixazo_status other, const char *what, pixazo_error **error)
{
  if (self->cancelled)
    return px_cancel_check(self->cancel, error);
  int code = self->manager.msg_code;
  if (code == JERR_IMAGE_TOO_BIG)
    other = PIXAZO_E_LIMIT;
  if (code == JERR_OUT_OF_MEMORY)
    return px_fail_nomem(error);
  if (code == JERR_CONVERSION_NOTIMPL || code == JERR_NOT_COMPILED || code == JERR_FRACT_SAMPLE_NOTIMPL ||
      code == JERR_CCIR601_NOTIMPL || code == JERR_BAD_PRECISION || code == JERR_SOF_UNSUPPORTED)
    other = PIXAZO_E_UNSUPPORTED;
  return px_fail(error, other, "the JPEG picture cannot be %s: %s", what, self->message);
}

/* ---- reading ---- */

typedef struct reader {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_source_mgr source;
  fault fault;
  unsigned char *row; /* four inks, or a row that nobody wants */
} reader;

static void reader_done(reader *self)
{
  jpeg_destroy_decompress(&self->jpeg);
  px_free(self->row);
}

static void source_begin(j_decompress_ptr jpeg)
{
  (void)jpeg;
}

/* All bytes were there from the start, so asking for more means that the file is cut. */
static boolean source_fill(j_decompress_ptr jpeg)
{
  ERREXIT(jpeg, JERR_INPUT_EOF);
  return FALSE;
}

static void source_skip(j_decompress_ptr jpeg, long count)
{
  if (count <= 0)
    return;
  if ((unsigned long)count > jpeg->src->bytes_in_buffer)
    ERREXIT(jpeg, JERR_INPUT_EOF);
  jpeg->src->next_input_byte += count;
  jpeg->src->bytes_in_buffer -= (size_t)count;
}

static void source_init(reader *self, px_bytes file)
{
  self->source = (struct jpeg_source_mgr){
      .next_input_byte = file.data,
      .bytes_in_buffer = file.size,
      .init_source = source_begin,
      .fill_input_buffer = source_fill,
      .skip_input_data = source_skip,
      .resync_to_restart = jpeg_resync_to_restart,
      .term_source = source_begin,
  };
  self->jpeg.src = &self->source;
}

/* Files that carry an Adobe marker store their inks inverted. */
static void inks_to_rgb(const unsigned char *inks, unsigned char *rgb, uint32_t width, bool inverted)
{
  unsigned flip = inverted ? 0 : 255;
  for (uint32_t x = 0; x < width; x++, inks += 4, rgb += 3) {
    unsigned light = inks[3] ^ flip;
    rgb[0] = (unsigned char)px_div255((inks[0] ^ flip) * light);
    rgb[1] = (unsigned char)px_div255((inks[1] ^ flip) * light);
    rgb[2] = (unsigned char)px_div255((inks[2] ^ flip) * light);
  }
}

static void read_row(reader *self, px_pixmap *pixmap, bool inks)
{
  uint32_t y = self->jpeg.output_scanline;
  JSAMPROW row = inks || !pixmap ? self->row : px_pixmap_row(pixmap, y);
  (void)jpeg_read_scanlines(&self->jpeg, &row, 1);
  if (inks && pixmap)
    inks_to_rgb(self->row, px_pixmap_row(pixmap, y), pixmap->width, self->jpeg.saw_Adobe_marker != 0);
}

static pixazo_status read_rows(reader *self, const px_decode_job *job, const px_image_info *info, px_pixmap *pixmap,
                               pixazo_error **error)
{
  if (setjmp(self->fault.jump))
    return fault_report(&self->fault, PIXAZO_E_CORRUPT, "decoded", error);
  jpeg_create_decompress(&self->jpeg);
  self->jpeg.progress = &self->fault.progress;
  source_init(self, job->file);
  (void)jpeg_read_header(&self->jpeg, TRUE);
  if (self->jpeg.image_width != info->width || self->jpeg.image_height != info->height)
    return px_fail(error, PIXAZO_E_CORRUPT, "the JPEG headers disagree about the size");
  bool inks = self->jpeg.num_components == 4;
  self->jpeg.out_color_space = inks ? JCS_CMYK : JCS_RGB;
  self->jpeg.dct_method = JDCT_ISLOW;
  (void)jpeg_start_decompress(&self->jpeg);
  while (self->jpeg.output_scanline < self->jpeg.output_height)
    read_row(self, pixmap, inks);
  (void)jpeg_finish_decompress(&self->jpeg);
  return PIXAZO_OK;
}

static pixazo_status decode(const px_decode_job *job, const px_image_info *info, px_pixmap *pixmap, pixazo_error **error)
{
  px_cleanup(reader_done) reader self = {0};
  fault_init(&self.fault, job->cancel);
  self.jpeg.err = &self.fault.manager;
  self.row = px_calloc(info->width, 4);
  if (!self.row)
    return px_fail_nomem(error);
  return read_rows(&self, job, info, pixmap, error);
}

/* ---- metadata ---- */

typedef struct icc_parts {
  px_bytes part[ICC_PARTS_MAX + 1]; /* by sequence number, from 1 */
  unsigned count;
} icc_parts;

static void note_icc(const px_chunk *chunk, icc_parts *parts)
{
  size_t head = sizeof ICC_HEAD + 2;
  if (chunk->size <= head)
    return;
  unsigned number = chunk->data[sizeof ICC_HEAD];
  parts->part[number] = (px_bytes){chunk->data + head, chunk->size - head};
  parts->count = chunk->data[sizeof ICC_HEAD + 1];
}

/* A profile with a missing part is none. */
static pixazo_status join_icc(const icc_parts *parts, px_metadata *out, pixazo_error **error)
{
  px_auto(px_buf) joined = PX_BUF_INIT((size_t)ICC_PARTS_MAX * SEGMENT_MAX);
  for (unsigned i = 1; i <= parts->count; i++) {
    if (!parts->part[i].data)
      return PIXAZO_OK;
    if (!px_buf_add(&joined, parts->part[i].data, parts->part[i].size))
      return px_fail_nomem(error);
  }
  return px_block_set(&out->icc, joined.data, joined.size, error);
}

static pixazo_status metadata(px_bytes file, const px_image_limits *limits, px_metadata *out, pixazo_error **error)
{
  (void)limits; /* no segment is longer than 64 KiB, and the probe has counted them */
  px_walk walk;
  px_chunk chunk;
  icc_parts parts = {.count = 0};
  PX_TRY(px_jpeg_begin(&walk, file, error));
  while (!walk.ended) {
    PX_TRY(px_jpeg_next(&walk, &chunk, error));
    if (begins(&chunk, APP1, EXIF_HEAD, sizeof EXIF_HEAD))
      PX_TRY(px_block_set(&out->exif, chunk.data + sizeof EXIF_HEAD, chunk.size - sizeof EXIF_HEAD, error));
    else if (begins(&chunk, APP1, XMP_HEAD, sizeof XMP_HEAD))
      PX_TRY(px_block_set(&out->xmp, chunk.data + sizeof XMP_HEAD, chunk.size - sizeof XMP_HEAD, error));
    else if (begins(&chunk, APP2, ICC_HEAD, sizeof ICC_HEAD))
      note_icc(&chunk, &parts);
  }
  return join_icc(&parts, out, error);
}

/* ---- writing ---- */

typedef struct writer {
  struct jpeg_compress_struct jpeg;
  struct jpeg_destination_mgr target;
  fault fault;
  px_buf *out;
} writer;

static void writer_done(writer *self)
{
  jpeg_destroy_compress(&self->jpeg);
}

static void target_begin(j_compress_ptr jpeg)
{
  writer *self = jpeg->client_data;
  if (!px_buf_reserve(self->out, OUT_STEP))
    ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
  self->target.next_output_byte = (JOCTET *)self->out->data + self->out->size;
  self->target.free_in_buffer = OUT_STEP;
}

static boolean target_flush(j_compress_ptr jpeg)
{
  writer *self = jpeg->client_data;
  self->out->size += OUT_STEP;
  target_begin(jpeg);
  return TRUE;
}

static void target_end(j_compress_ptr jpeg)
{
  writer *self = jpeg->client_data;
  self->out->size += OUT_STEP - self->target.free_in_buffer;
}

static void write_segment(j_compress_ptr jpeg, int marker, const void *head, size_t head_size, px_bytes body)
{
  jpeg_write_m_header(jpeg, marker, (unsigned)(head_size + body.size));
  const unsigned char *bytes = head;
  for (size_t i = 0; i < head_size; i++)
    jpeg_write_m_byte(jpeg, bytes[i]);
  for (size_t i = 0; i < body.size; i++)
    jpeg_write_m_byte(jpeg, body.data[i]);
}

static void write_icc(j_compress_ptr jpeg, const px_block *icc)
{
  enum { HEAD = sizeof ICC_HEAD + 2, ROOM = SEGMENT_MAX - HEAD };
  size_t count = (icc->size + ROOM - 1) / ROOM;
  if (count > ICC_PARTS_MAX)
    return;
  unsigned char head[HEAD];
  memcpy(head, ICC_HEAD, sizeof ICC_HEAD);
  head[HEAD - 1] = (unsigned char)count;
  for (size_t i = 0; i < count; i++) {
    size_t left = icc->size - i * ROOM;
    head[HEAD - 2] = (unsigned char)(i + 1);
    write_segment(jpeg, APP2, head, sizeof head, (px_bytes){icc->data + i * ROOM, left < ROOM ? left : ROOM});
  }
}

/* Blocks that do not fit into one segment are left out; export/ has shortened them before. */
static void write_metadata(j_compress_ptr jpeg, const px_metadata *from)
{
  if (from->exif.size > 0 && from->exif.size + sizeof EXIF_HEAD <= SEGMENT_MAX)
    write_segment(jpeg, APP1, EXIF_HEAD, sizeof EXIF_HEAD, (px_bytes){from->exif.data, from->exif.size});
  if (from->xmp.size > 0 && from->xmp.size + sizeof XMP_HEAD <= SEGMENT_MAX)
    write_segment(jpeg, APP1, XMP_HEAD, sizeof XMP_HEAD, (px_bytes){from->xmp.data, from->xmp.size});
  write_icc(jpeg, &from->icc);
}

static void set_coding(writer *self, const px_encode_job *job)
{
  j_compress_ptr jpeg = &self->jpeg;
  self->target = (struct jpeg_destination_mgr){
      .init_destination = target_begin, .empty_output_buffer = target_flush, .term_destination = target_end};
  jpeg->dest = &self->target;
  jpeg->client_data = self;
  jpeg->progress = &self->fault.progress;
  jpeg->image_width = job->pixmap->width;
  jpeg->image_height = job->pixmap->height;
  jpeg->input_components = 3;
  jpeg->in_color_space = JCS_RGB;
  jpeg_set_defaults(jpeg);
  jpeg_set_quality(jpeg, job->quality, TRUE);
  jpeg->optimize_coding = TRUE;
  jpeg->dct_method = JDCT_ISLOW;
}

static pixazo_status write_rows(writer *self, const px_encode_job *job, pixazo_error **error)
{
  if (setjmp(self->fault.jump))
    return fault_report(&self->fault, PIXAZO_E_INTERNAL, "encoded", error);
  jpeg_create_compress(&self->jpeg);
  set_coding(self, job);
  jpeg_start_compress(&self->jpeg, TRUE);
  if (job->metadata)
    write_metadata(&self->jpeg, job->metadata);
  while (self->jpeg.next_scanline < self->jpeg.image_height) {
    JSAMPROW row = px_pixmap_row(job->pixmap, self->jpeg.next_scanline);
    (void)jpeg_write_scanlines(&self->jpeg, &row, 1);
  }
  jpeg_finish_compress(&self->jpeg);
  return PIXAZO_OK;
}

static pixazo_status encode(const px_encode_job *job, px_buf *out, pixazo_error **error)
{
  px_cleanup(writer_done) writer self = {.out = out};
  fault_init(&self.fault, job->cancel);
  self.jpeg.err = &self.fault.manager;
  return write_rows(&self, job, error);
}

const px_codec px_codec_jpeg = {
    .format = PX_FORMAT_JPEG,
    .name = "jpeg",
    .content_type = "image/jpeg",
    .extension = "jpg",
    .max_side = JPEG_MAX_DIMENSION,
    .quality = PX_JPEG_QUALITY,
    .has_alpha = false,
    .matches = matches,
    .probe = probe,
    .decode = decode,
    .metadata = metadata,
    .encode = encode,
};
