/* SPDX-License-Identifier: MIT */
#include "image/png/strategy.h"

#include "base/error.h"
#include "base/mem.h"
#include "image/png/deflate.h"

enum {
  COLORS = 1024, /* more are not few */
  SLOTS = 4096,
  ROWS = 16,     /* that are looked at for colours */
  STRIPS = 2,
  STRIP = 48 << 10, /* bytes of rows that are tried, about */
  TRIED_LEVEL = 5,
  LEAST = 8 << 10 /* smaller pictures are not tried */
};

typedef struct colors {
  uint32_t slots[SLOTS]; /* 0: free; colours are kept with one added to them */
  bool has_slot_zero;
  unsigned count;
} colors;

static uint32_t color_at(const unsigned char *pixel, uint32_t channels)
{
  uint32_t color = (uint32_t)pixel[0] | (uint32_t)pixel[1] << 8 | (uint32_t)pixel[2] << 16;
  return channels == 4 ? color | (uint32_t)pixel[3] << 24 : color;
}

static void add_color(colors *self, uint32_t color)
{
  uint32_t kept = color + 1;
  if (kept == 0) {
    self->count += !self->has_slot_zero;
    self->has_slot_zero = true;
    return;
  }
  uint32_t slot = kept * 0x9e3779b1U >> 20;
  while (self->slots[slot] != 0 && self->slots[slot] != kept)
    slot = (slot + 1) % SLOTS;
  self->count += self->slots[slot] == 0;
  self->slots[slot] = kept;
}

static bool has_few_colors(const px_pixmap *pixmap)
{
  colors seen = {.count = 0};
  uint32_t rows = pixmap->height < ROWS ? pixmap->height : ROWS;
  for (uint32_t i = 0; i < rows; i++) {
    const unsigned char *pixel = px_pixmap_row(pixmap, (uint32_t)((uint64_t)pixmap->height * i / rows));
    for (uint32_t x = 0; x < pixmap->width && seen.count <= COLORS; x++, pixel += pixmap->channels)
      add_color(&seen, color_at(pixel, pixmap->channels));
  }
  return seen.count <= COLORS;
}

typedef struct trial {
  const px_pixmap *pixmap;
  px_simd simd;
  unsigned char *filtered;
  unsigned char *packed;
  px_deflate *deflate;
  uint32_t rows; /* of a strip */
} trial;

static void trial_done(trial *self)
{
  px_free(self->filtered);
  px_free(self->packed);
  px_deflate_free(self->deflate);
}

static pixazo_status trial_prepare(trial *self, pixazo_error **error)
{
  size_t line = self->pixmap->stride + 1;
  self->rows = (uint32_t)(STRIP / line) + 1;
  if (self->rows > self->pixmap->height)
    self->rows = self->pixmap->height;
  self->filtered = px_malloc(self->rows * line + PX_DEFLATE_AHEAD);
  self->packed = px_malloc(px_deflate_bound(self->rows * line));
  self->deflate = px_deflate_new(TRIED_LEVEL, self->simd);
  return self->filtered && self->packed && self->deflate ? PIXAZO_OK : px_fail_nomem(error);
}

/* The room that a strip takes. Its first row is that above the others. */
static size_t pack_strip(const trial *self, uint32_t from, px_filter filter)
{
  const px_pixmap *pixmap = self->pixmap;
  size_t size = (size_t)pixmap->width * pixmap->channels;
  unsigned char *out = self->filtered;
  for (uint32_t y = from + 1; y < from + self->rows; y++) {
    px_filter_row row = {px_pixmap_row(pixmap, y), px_pixmap_row(pixmap, y - 1), size, pixmap->channels};
    px_filter_apply(self->simd, filter, &row, out);
    out += size + 1;
  }
  px_deflate_job job = {self->filtered, 0, (size_t)(out - self->filtered), true, NULL};
  px_bits bits = {self->packed, 0, 0};
  memset(out, 0, PX_DEFLATE_AHEAD);
  (void)px_deflate_run(self->deflate, &job, &bits, NULL); /* nothing can stop it */
  return (size_t)(bits.out - self->packed);
}

pixazo_status px_filter_strategy(px_simd simd, const px_pixmap *pixmap, px_filter *out, pixazo_error **error)
{
  px_cleanup(trial_done) trial self = {.pixmap = pixmap, .simd = simd};
  size_t sizes[2] = {0, 0};
  *out = PX_FILTER_CHOOSE;
  if (pixmap->stride * pixmap->height < LEAST || pixmap->height < 2 || !has_few_colors(pixmap))
    return PIXAZO_OK;
  PX_TRY(trial_prepare(&self, error));
  for (uint32_t strip = 0; strip < STRIPS; strip++) {
    uint32_t from = (uint32_t)((uint64_t)(pixmap->height - self.rows) * (strip + 1) / (STRIPS + 1));
    sizes[0] += pack_strip(&self, from, PX_FILTER_NONE);
    sizes[1] += pack_strip(&self, from, PX_FILTER_CHOOSE);
  }
  if (sizes[0] < sizes[1])
    *out = PX_FILTER_NONE;
  return PIXAZO_OK;
}
