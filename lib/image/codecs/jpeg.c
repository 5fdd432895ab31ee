/* SPDX-License-Identifier: MIT */
/* JPEG through the libjpeg interface, row by row. longjmp never leaves this file. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/mem.h"
#include "image/codecs/codecs.h"
#include "image/codecs/jpeg_headers.h"
#include "image/codecs/jpeg_tables.h"

enum {
  APP1 = 0xe1,
  APP2 = 0xe2,
  OUT_STEP = 65536,
  BAND = 2 * DCTSIZE, /* rows that are coded together */
  SAMPLE_BANDS = 2,
  SAMPLE_COLUMNS = 8,
  SAMPLE_STRIDE = 5,       /* has no factor in common with the columns, so each has its turn */
  SAMPLE_BYTES = 2560,
  RELEASE_BYTES = 1 << 20, /* of coefficients that are given back at once */
  SAMPLED_PIXELS = 1 << 19 /* below, the tables are made for the whole picture */
};

/* ---- errors and cancelling, for both directions ---- */

typedef struct fault {
  struct jpeg_error_mgr manager; /* first: libjpeg hands its address back */
  struct jpeg_progress_mgr progress;
  jmp_buf jump;
  const pixazo_cancel *cancel;
  bool cancelled;
  px_pane *pane; /* NULL: all of it is in memory */
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
  if (self->pane)
    PX_TRY(px_pane_check(self->pane, error));
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

typedef JBLOCKARRAY (*access_rows)(j_common_ptr info, jvirt_barray_ptr array, JDIMENSION start, JDIMENSION count,
                                   boolean writable);

/* How far the coefficients of one component are used up. */
typedef struct used_rows {
  jvirt_barray_ptr array;
  uintptr_t begin, end; /* no longer needed, and still there */
} used_rows;

typedef struct reader {
  struct jpeg_decompress_struct jpeg; /* first */
  struct jpeg_source_mgr source;
  fault fault;
  size_t at;          /* of what comes next through the pane */
  unsigned char *row; /* four inks, or a row that nobody wants */
  access_rows access; /* that of the library */
  used_rows used[MAX_COMPONENTS];
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

/* In memory all bytes were there from the start, so asking for more means that the file is cut. */
static boolean source_fill(j_decompress_ptr jpeg)
{
  reader *self = (reader *)(void *)jpeg;
  size_t have = 0;
  const unsigned char *bytes = self->fault.pane ? px_pane_at(self->fault.pane, self->at, 1, &have) : NULL;
  if (!bytes)
    ERREXIT(jpeg, JERR_INPUT_EOF);
  self->source.next_input_byte = bytes;
  self->source.bytes_in_buffer = have;
  self->at += have;
  return TRUE;
}

static void source_skip(j_decompress_ptr jpeg, long count)
{
  if (count <= 0)
    return;
  while ((unsigned long)count > jpeg->src->bytes_in_buffer) {
    count -= (long)jpeg->src->bytes_in_buffer;
    (void)source_fill(jpeg);
  }
  jpeg->src->next_input_byte += count;
  jpeg->src->bytes_in_buffer -= (size_t)count;
}

static void source_init(reader *self, const px_decode_job *job)
{
  self->fault.pane = job->pane;
  self->source = (struct jpeg_source_mgr){
      .next_input_byte = job->file.data,
      .bytes_in_buffer = job->pane ? 0 : job->file.size,
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

/* ---- coefficients of progressive pictures ---- */

/* The whole pages of what is used up. */
static void release(used_rows *used)
{
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  uintptr_t begin = (used->begin + page - 1) / page * page, end = used->end / page * page;
  if (end > begin)
    (void)madvise((void *)begin, end - begin, MADV_DONTNEED);
  used->begin = used->end;
}

static used_rows *used_of(reader *self, jvirt_barray_ptr array)
{
  size_t i = 0;
  while (i + 1 < MAX_COMPONENTS && self->used[i].array && self->used[i].array != array)
    i++;
  return &self->used[i];
}

/* While pixels are made, each component is read from its first row to its last, and once: what lies before the rows that
 * are asked for has been used, and gives way to the pixels. */
static JBLOCKARRAY access_and_release(j_common_ptr info, jvirt_barray_ptr array, JDIMENSION start, JDIMENSION count,
                                      boolean writable)
{
  reader *self = info->client_data;
  JBLOCKARRAY rows = self->access(info, array, start, count, writable);
  used_rows *used = used_of(self, array);
  uintptr_t begin = (uintptr_t)rows[0];
  if (writable)
    return rows;
  if (used->array != array || begin < used->end)
    *used = (used_rows){array, begin, begin};
  used->end = begin;
  if (used->end - used->begin >= RELEASE_BYTES)
    release(used);
  return rows;
}

/* Only where all rows of a component lie one after the other. */
static void release_while_reading(reader *self, const px_image_info *info)
{
  enum { MARGIN = 64 }; /* sides are rounded up to whole blocks, and these to the sampling */
  struct jpeg_memory_mgr *memory = self->jpeg.mem;
  uint64_t samples = (uint64_t)(info->width + MARGIN) * (info->height + MARGIN);
  if (!self->jpeg.progressive_mode || samples * sizeof(JCOEF) > (uint64_t)memory->max_alloc_chunk)
    return;
  self->jpeg.client_data = self;
  self->access = memory->access_virt_barray;
  memory->access_virt_barray = access_and_release;
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
  source_init(self, job);
  (void)jpeg_read_header(&self->jpeg, TRUE);
  if (self->jpeg.image_width != info->width || self->jpeg.image_height != info->height)
    return px_fail(error, PIXAZO_E_CORRUPT, "the JPEG headers disagree about the size");
  bool inks = self->jpeg.num_components == 4;
  self->jpeg.out_color_space = inks ? JCS_CMYK : JCS_RGB;
  self->jpeg.dct_method = JDCT_ISLOW;
  self->jpeg.scale_num = 1;
  self->jpeg.scale_denom = pixmap ? px_jpeg_denominator(info, pixmap) : 1;
  release_while_reading(self, info);
  (void)jpeg_start_decompress(&self->jpeg);
  if (pixmap && (self->jpeg.output_width != pixmap->width || self->jpeg.output_height != pixmap->height))
    return px_fail(error, PIXAZO_E_INTERNAL, "libjpeg rounds another way");
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

/* ---- writing ---- */

typedef struct writer {
  struct jpeg_compress_struct jpeg;
  struct jpeg_destination_mgr target;
  struct jpeg_compress_struct sample; /* a part of the picture, coded for its Huffman tables */
  struct jpeg_destination_mgr nowhere;
  JOCTET waste[SAMPLE_BYTES]; /* the coded sample; only its size matters, and only up to here */
  bool rich;                  /* it was longer than that */
  fault fault;
  px_buf *out;
} writer;

static void writer_done(writer *self)
{
  jpeg_destroy_compress(&self->jpeg);
  jpeg_destroy_compress(&self->sample);
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
  enum { HEAD = sizeof PX_JPEG_ICC_HEAD + 2, ROOM = PX_JPEG_SEGMENT_MAX - HEAD };
  size_t count = (icc->size + ROOM - 1) / ROOM;
  if (count > PX_JPEG_ICC_PARTS)
    return;
  unsigned char head[HEAD];
  memcpy(head, PX_JPEG_ICC_HEAD, sizeof PX_JPEG_ICC_HEAD);
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
  if (from->exif.size > 0 && from->exif.size + sizeof PX_JPEG_EXIF_HEAD <= PX_JPEG_SEGMENT_MAX)
    write_segment(jpeg, APP1, PX_JPEG_EXIF_HEAD, sizeof PX_JPEG_EXIF_HEAD, (px_bytes){from->exif.data, from->exif.size});
  if (from->xmp.size > 0 && from->xmp.size + sizeof PX_JPEG_XMP_HEAD <= PX_JPEG_SEGMENT_MAX)
    write_segment(jpeg, APP1, PX_JPEG_XMP_HEAD, sizeof PX_JPEG_XMP_HEAD, (px_bytes){from->xmp.data, from->xmp.size});
  write_icc(jpeg, &from->icc);
}

static void set_coding(j_compress_ptr jpeg, fault *monitor, const px_encode_job *job)
{
  jpeg->progress = &monitor->progress;
  jpeg->image_width = job->pixmap->width;
  jpeg->image_height = job->pixmap->height;
  jpeg->input_components = 3;
  jpeg->in_color_space = JCS_RGB;
  jpeg_set_defaults(jpeg);
  jpeg_set_quality(jpeg, job->quality, TRUE);
  jpeg->optimize_coding = TRUE;
  jpeg->dct_method = JDCT_ISLOW;
}

static void waste_begin(j_compress_ptr jpeg)
{
  writer *self = jpeg->client_data;
  self->nowhere.next_output_byte = self->waste;
  self->nowhere.free_in_buffer = sizeof self->waste;
}

static boolean waste_flush(j_compress_ptr jpeg)
{
  writer *self = jpeg->client_data;
  self->rich = true;
  waste_begin(jpeg);
  return TRUE;
}

static void waste_end(j_compress_ptr jpeg)
{
  (void)jpeg;
}

/* Of every second band of blocks an eighth, each time another one: a sixteenth of the picture, from everywhere. */
static void write_sample(j_compress_ptr jpeg, const px_pixmap *pixmap)
{
  uint32_t bands = jpeg->image_height / BAND;
  for (uint32_t band = 0; band < bands; band++) {
    uint32_t column = band * SAMPLE_STRIDE % SAMPLE_COLUMNS * jpeg->image_width;
    JSAMPROW rows[BAND];
    for (uint32_t i = 0; i < BAND; i++)
      rows[i] = px_pixmap_row(pixmap, band * SAMPLE_BANDS * BAND + i) + (size_t)column * 3;
    (void)jpeg_write_scanlines(jpeg, rows, BAND);
  }
}

static void copy_table(JHUFF_TBL *to, const JHUFF_TBL *from, bool ac)
{
  px_jpeg_table table;
  memcpy(table.counts, from->bits, sizeof table.counts);
  memcpy(table.symbols, from->huffval, sizeof table.symbols);
  px_jpeg_table_complete(&table, ac);
  memcpy(to->bits, table.counts, sizeof table.counts);
  memcpy(to->huffval, table.symbols, sizeof table.symbols);
}

/* Finding the best tables for all blocks takes longer than coding them. In a file of few bytes, tables that hold every
 * symbol weigh too much, and the best ones are found soon. */
static void sample_tables(writer *self, const px_encode_job *job)
{
  j_compress_ptr sample = &self->sample;
  jpeg_create_compress(sample);
  self->nowhere = (struct jpeg_destination_mgr){
      .init_destination = waste_begin, .empty_output_buffer = waste_flush, .term_destination = waste_end};
  sample->dest = &self->nowhere;
  sample->client_data = self;
  set_coding(sample, &self->fault, job);
  sample->image_width = job->pixmap->width / SAMPLE_COLUMNS / BAND * BAND;
  sample->image_height = job->pixmap->height / SAMPLE_BANDS / BAND * BAND;
  jpeg_start_compress(sample, TRUE);
  write_sample(sample, job->pixmap);
  jpeg_finish_compress(sample);
  if (!self->rich)
    return;
  for (int i = 0; i < 2; i++) {
    copy_table(self->jpeg.dc_huff_tbl_ptrs[i], sample->dc_huff_tbl_ptrs[i], false);
    copy_table(self->jpeg.ac_huff_tbl_ptrs[i], sample->ac_huff_tbl_ptrs[i], true);
  }
  self->jpeg.optimize_coding = FALSE;
}

static bool is_large(const px_pixmap *pixmap)
{
  return pixmap->width >= SAMPLE_COLUMNS * BAND && pixmap->height >= SAMPLE_BANDS * BAND &&
         (uint64_t)pixmap->width * pixmap->height >= SAMPLED_PIXELS;
}

static void start_writing(writer *self, const px_encode_job *job)
{
  j_compress_ptr jpeg = &self->jpeg;
  jpeg_create_compress(jpeg);
  self->target = (struct jpeg_destination_mgr){
      .init_destination = target_begin, .empty_output_buffer = target_flush, .term_destination = target_end};
  jpeg->dest = &self->target;
  jpeg->client_data = self;
  set_coding(jpeg, &self->fault, job);
  if (is_large(job->pixmap))
    sample_tables(self, job);
  jpeg_start_compress(jpeg, TRUE);
}

static void write_band(j_compress_ptr jpeg, const px_pixmap *pixmap)
{
  JSAMPROW rows[BAND];
  JDIMENSION count = 0;
  for (uint32_t y = jpeg->next_scanline; y < pixmap->height && count < BAND; y++)
    rows[count++] = px_pixmap_row(pixmap, y);
  (void)jpeg_write_scanlines(jpeg, rows, count);
}

static pixazo_status write_rows(writer *self, const px_encode_job *job, pixazo_error **error)
{
  if (setjmp(self->fault.jump))
    return fault_report(&self->fault, PIXAZO_E_INTERNAL, "encoded", error);
  start_writing(self, job);
  if (job->metadata)
    write_metadata(&self->jpeg, job->metadata);
  while (self->jpeg.next_scanline < self->jpeg.image_height)
    write_band(&self->jpeg, job->pixmap);
  jpeg_finish_compress(&self->jpeg);
  return PIXAZO_OK;
}

static pixazo_status encode(const px_encode_job *job, px_buf *out, pixazo_error **error)
{
  px_cleanup(writer_done) writer self = {.out = out};
  fault_init(&self.fault, job->cancel);
  self.jpeg.err = self.sample.err = &self.fault.manager;
  return write_rows(&self, job, error);
}

const px_codec px_codec_jpeg = {
    .format = PX_FORMAT_JPEG,
    .name = "jpeg",
    .content_type = "image/jpeg",
    .extension = "jpg",
    .max_side = JPEG_MAX_DIMENSION,
    .quality = PX_JPEG_QUALITY,
    .by_pane = true,
    .matches = px_jpeg_matches,
    .probe = px_jpeg_probe,
    .shrink = px_jpeg_shrink,
    .decode = decode,
    .metadata = px_jpeg_metadata,
    .encode = encode,
};
