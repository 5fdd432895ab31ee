/* SPDX-License-Identifier: MIT */
#include "image/png/pixels.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/parts.h"
#include "image/png/checksum.h"
#include "image/png/deflate.h"
#include "image/png/filter.h"
#include "image/png/strategy.h"

enum {
  BAND = 512 << 10, /* filtered bytes of a band, or more */
  WINDOW = 32 << 10, /* filtered bytes before a band that it may refer to */
  BANDS_EACH = 2,   /* at once for each thread */
  CHUNK_HEAD = 8,
  ZLIB_HEAD = 2,
  ADLER = 4,
  CHUNK = 256 << 10 /* a chunk that is longer is ended */
};

/* What one band needs while it is made; used again for later bands. */
typedef struct bench {
  unsigned char *filtered; /* rows before the band that it may refer to, the band, PX_DEFLATE_AHEAD */
  unsigned char *packed;
  px_deflate *deflate;
  size_t packed_size;
  size_t filtered_size;
  uint32_t adler;
  pixazo_status status;
  pixazo_error *error;
} bench;

typedef struct picture {
  const px_encode_job *job;
  unsigned char *nothing; /* the row above the first */
  size_t line;            /* bytes of a filtered row */
  size_t bands;
  uint32_t before;        /* rows above a band that it may refer to */
  px_filter filter;
  int32_t level;
  size_t first;           /* band of the first bench */
  bench *benches;
  size_t bench_count;
  uint32_t adler;
  size_t chunk;           /* where the open one begins */
} picture;

static void picture_done(picture *self)
{
  for (size_t i = 0; i < self->bench_count; i++) {
    px_free(self->benches[i].filtered);
    px_free(self->benches[i].packed);
    px_deflate_free(self->benches[i].deflate);
    pixazo_error_free(self->benches[i].error);
  }
  px_free(self->benches);
  px_free(self->nothing);
}

static uint32_t band_start(const picture *self, size_t band)
{
  return (uint32_t)((uint64_t)self->job->pixmap->height * band / self->bands);
}

static uint32_t band_rows_max(const picture *self)
{
  return (uint32_t)((self->job->pixmap->height + self->bands - 1) / self->bands);
}

static pixazo_status bench_prepare(const picture *self, bench *at, pixazo_error **error)
{
  size_t rows = (size_t)band_rows_max(self) + 1;
  if (at->deflate)
    return PIXAZO_OK;
  at->deflate = px_deflate_new(self->level, self->job->simd);
  at->filtered = px_malloc((rows + self->before) * self->line + PX_DEFLATE_AHEAD);
  at->packed = px_malloc(px_deflate_bound(rows * self->line));
  return at->deflate && at->filtered && at->packed ? PIXAZO_OK : px_fail_nomem(error);
}

/* Rows from..to; the filter of a row follows from it and the row above, so a row has the same bytes in two bands. */
static size_t filter_rows(const picture *self, uint32_t from, uint32_t to, unsigned char *out)
{
  const px_pixmap *pixmap = self->job->pixmap;
  size_t size = (size_t)pixmap->width * pixmap->channels;
  for (uint32_t y = from; y < to; y++) {
    const unsigned char *above = y > 0 ? px_pixmap_row(pixmap, y - 1) : self->nothing;
    px_filter_row row = {px_pixmap_row(pixmap, y), above, size, pixmap->channels};
    px_filter_apply(self->job->simd, self->filter, &row, out);
    out += self->line;
  }
  return (size_t)(to - from) * self->line;
}

static pixazo_status make_band(const picture *self, size_t band, bench *at, pixazo_error **error)
{
  uint32_t from = band_start(self, band);
  uint32_t to = band_start(self, band + 1);
  uint32_t before = from < self->before ? from : self->before;
  PX_TRY(bench_prepare(self, at, error));
  size_t known = filter_rows(self, from - before, from, at->filtered);
  at->filtered_size = filter_rows(self, from, to, at->filtered + known);
  memset(at->filtered + known + at->filtered_size, 0, PX_DEFLATE_AHEAD);
  at->adler = px_adler32(self->job->simd, PX_ADLER_INIT, at->filtered + known, at->filtered_size);
  px_deflate_job work = {at->filtered, known, at->filtered_size, band + 1 == self->bands, self->job->cancel};
  px_bits bits = {at->packed, 0, 0};
  PX_TRY(px_deflate_run(at->deflate, &work, &bits, error));
  at->packed_size = (size_t)(bits.out - at->packed);
  return PIXAZO_OK;
}

static void run_band(void *argument, size_t part)
{
  picture *self = argument;
  bench *at = &self->benches[part];
  at->status = make_band(self, self->first + part, at, &at->error);
}

static void put_be32(unsigned char *out, uint32_t value)
{
  for (int i = 0; i < 4; i++)
    out[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* Window of 32 KiB and how hard was tried; the check bits make it a multiple of 31. */
static void put_zlib_head(unsigned char *out, int32_t level)
{
  unsigned head = 0x7800 | (level < 2 ? 0U : level < 6 ? 1U : level == 6 ? 2U : 3U) << 6;
  head += 31 - head % 31;
  out[0] = (unsigned char)(head >> 8);
  out[1] = (unsigned char)head;
}

static void open_chunk(picture *self, px_buf *out)
{
  static const unsigned char head[CHUNK_HEAD] = {0, 0, 0, 0, 'I', 'D', 'A', 'T'};
  self->chunk = out->size;
  (void)px_buf_add(out, head, sizeof head);
}

static void close_chunk(picture *self, px_buf *out)
{
  unsigned char sum[4];
  if (out->failed)
    return;
  unsigned char *chunk = (unsigned char *)out->data + self->chunk;
  size_t size = out->size - self->chunk - CHUNK_HEAD;
  put_be32(chunk, (uint32_t)size);
  put_be32(sum, px_crc32(self->job->simd, 0, chunk + 4, size + 4));
  (void)px_buf_add(out, sum, sizeof sum);
}

/* Bands go into one chunk until it is long. */
static void add_band(picture *self, const bench *at, size_t band, px_buf *out)
{
  unsigned char around[4];
  if (band == 0) {
    open_chunk(self, out);
    put_zlib_head(around, self->level);
    (void)px_buf_add(out, around, ZLIB_HEAD);
  }
  (void)px_buf_add(out, at->packed, at->packed_size);
  if (band + 1 == self->bands) {
    put_be32(around, self->adler);
    (void)px_buf_add(out, around, ADLER);
    close_chunk(self, out);
  } else if (out->size - self->chunk > CHUNK) {
    close_chunk(self, out);
    open_chunk(self, out);
  }
}

static pixazo_status take_bands(picture *self, size_t count, px_buf *out, pixazo_error **error)
{
  for (size_t i = 0; i < count; i++) {
    bench *at = &self->benches[i];
    if (at->status != PIXAZO_OK) {
      pixazo_error *failed = px_steal(&at->error);
      px_error_move(error, failed);
      return at->status;
    }
    self->adler = px_adler32_join(self->adler, at->adler, at->filtered_size);
    add_band(self, at, self->first + i, out);
  }
  return out->failed ? px_fail_nomem(error) : PIXAZO_OK;
}

static pixazo_status plan(picture *self, const px_encode_job *job, pixazo_error **error)
{
  const px_pixmap *pixmap = job->pixmap;
  self->job = job;
  self->adler = PX_ADLER_INIT;
  self->level = job->fast ? 1 : job->level;
  self->line = 1 + (size_t)pixmap->width * pixmap->channels;
  self->filter = self->level == 0 ? PX_FILTER_NONE : PX_FILTER_CHOOSE;
  if (self->level > 1)
    PX_TRY(px_filter_strategy(job->simd, pixmap, &self->filter, error));
  self->before = self->level > 1 ? (uint32_t)((WINDOW + self->line - 1) / self->line) : 0;
  uint64_t bands = (uint64_t)self->line * pixmap->height / BAND;
  self->bands = bands == 0 ? 1 : bands > pixmap->height ? pixmap->height : (size_t)bands;
  self->nothing = px_calloc(1, self->line);
  size_t threads = job->crew ? px_crew_threads(job->crew) + 1U : 0;
  size_t benches = threads > 0 ? BANDS_EACH * threads : 1;
  if (benches > self->bands)
    benches = self->bands;
  self->benches = px_calloc(benches, sizeof *self->benches);
  if (!self->benches || !self->nothing)
    return px_fail_nomem(error);
  self->bench_count = benches;
  return PIXAZO_OK;
}

pixazo_status px_png_write_pixels(const px_encode_job *job, px_buf *out, pixazo_error **error)
{
  static const unsigned char end[] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};
  px_cleanup(picture_done) picture self = {0};
  PX_TRY(plan(&self, job, error));
  for (; self.first < self.bands; self.first += self.bench_count) {
    size_t left = self.bands - self.first;
    size_t count = left < self.bench_count ? left : self.bench_count;
    px_parts_run(job->crew, &(px_parts){run_band, &self, count});
    PX_TRY(take_bands(&self, count, out, error));
  }
  return px_buf_add(out, end, sizeof end) ? PIXAZO_OK : px_fail_nomem(error);
}
