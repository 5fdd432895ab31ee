/* SPDX-License-Identifier: MIT */
#include "image/resize.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/mem.h"
#include "image/resize_light.h"
#include "image/resize_rows.h"
#include "image/resize_taps.h"

enum {
  CANCEL_ROWS = 16,
  RING_SHARE = 4,      /* rows that wait may take this part of the source's bytes, */
  RING_FREE = 4 << 20, /* and these besides */
  LIFT_COST = 4        /* of a row that is lifted anew for each use, against one that is read as it is */
};

typedef struct resizing {
  const px_pixmap *source;
  const px_resize_job *job;
  const pixazo_cancel *cancel;
  const px_resize_rows *rows;
  px_light *light; /* NULL: samples are sRGB codes */
  px_taps across, down;
  uint32_t left, columns; /* of the source that are needed */
  int16_t *line;          /* `columns` pixels */
  int16_t *last;          /* one row of the result */
  int16_t *ring;          /* rows as wide as the result, as high as the source */
  const int16_t **lines;  /* of the ring, for one row of the result */
  int32_t *sums;
} resizing;

static void resizing_done(resizing *r)
{
  px_taps_done(&r->across);
  px_taps_done(&r->down);
  px_free(r->light);
  px_free(r->line);
  px_free(r->last);
  px_free(r->ring);
  px_free(r->lines);
  px_free(r->sums);
}

/* ---- steps on one row ---- */

static size_t width_in_samples(const resizing *r, uint32_t pixels)
{
  return (size_t)pixels * r->source->channels;
}

/* Samples of a row of the result, and room after them. */
static size_t row_room(const resizing *r)
{
  return width_in_samples(r, r->job->width) + PX_ROW_SLACK;
}

static const unsigned char *source_row(const resizing *r, uint32_t y)
{
  return px_pixmap_row(r->source, y) + width_in_samples(r, r->left);
}

static void lift(const resizing *r, uint32_t y)
{
  const unsigned char *from = source_row(r, y);
  if (r->light)
    px_light_lift(r->light, from, r->columns, r->source->channels, r->line);
  else if (r->source->channels == 4)
    r->rows->lift_rgba(from, r->columns, r->line);
  else
    r->rows->lift_rgb(from, r->columns, r->line);
}

static void across(const resizing *r, int16_t *to)
{
  if (r->source->channels == 4)
    r->rows->across_rgba(r->line, r->left, &r->across, r->job->width, to);
  else
    r->rows->across_rgb(r->line, r->left, &r->across, r->job->width, to);
}

static void finish(const resizing *r, unsigned char *to)
{
  if (r->light)
    px_light_finish(r->light, r->last, r->job->width, r->source->channels, to);
  else if (r->source->channels == 4)
    px_resize_finish_rgba(r->last, r->job->width, to);
  else
    r->rows->finish_rgb(r->last, r->job->width, to);
}

static pixazo_status check(const resizing *r, uint32_t row, pixazo_error **error)
{
  return row % CANCEL_ROWS == 0 ? px_cancel_check(r->cancel, error) : PIXAZO_OK;
}

/* ---- the vertical pass first: the fewest samples when reducing ---- */

static void down_lifted(const resizing *r, uint32_t y)
{
  size_t samples = width_in_samples(r, r->columns);
  const int16_t *weights = px_taps_weights(&r->down, y);
  for (size_t i = 0; i < samples; i++)
    r->sums[i] = PX_WEIGHT_ONE >> 1;
  for (uint32_t i = 0; i < r->down.count[y]; i++) {
    lift(r, r->down.first[y] + i);
    for (size_t k = 0; k < samples; k++)
      r->sums[k] += weights[i] * r->line[k];
  }
  for (size_t i = 0; i < samples; i++) {
    int32_t value = r->sums[i] >> PX_WEIGHT_BITS;
    r->line[i] = (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
  }
}

static void down_bytes(const resizing *r, uint32_t y)
{
  px_rows_below below = {.bytes = source_row(r, r->down.first[y]),
                         .stride = r->source->stride,
                         .weights = px_taps_weights(&r->down, y),
                         .count = r->down.count[y]};
  r->rows->down_bytes(&below, width_in_samples(r, r->columns), r->line);
}

static bool reads_bytes(const resizing *r)
{
  return r->source->channels == 3 && !r->light;
}

static pixazo_status down_then_across(resizing *r, px_pixmap *made, pixazo_error **error)
{
  if (!reads_bytes(r)) {
    r->sums = px_calloc(width_in_samples(r, r->columns), sizeof *r->sums);
    if (!r->sums)
      return px_fail_nomem(error);
  }
  for (uint32_t y = 0; y < made->height; y++) {
    PX_TRY(check(r, y, error));
    if (reads_bytes(r))
      down_bytes(r, y);
    else
      down_lifted(r, y);
    across(r, r->last);
    finish(r, px_pixmap_row(made, y));
  }
  return PIXAZO_OK;
}

/* ---- the horizontal pass first: each row of the source once, waiting in a ring ---- */

static int16_t *ring_row(const resizing *r, uint32_t y)
{
  return r->ring + (size_t)(y % r->down.most) * row_room(r);
}

static void down_ring(const resizing *r, uint32_t y)
{
  for (uint32_t i = 0; i < r->down.count[y]; i++)
    r->lines[i] = ring_row(r, r->down.first[y] + i);
  px_rows_below below = {.samples = r->lines, .weights = px_taps_weights(&r->down, y), .count = r->down.count[y]};
  r->rows->down_samples(&below, width_in_samples(r, r->job->width), r->last);
}

static pixazo_status across_then_down(resizing *r, px_pixmap *made, pixazo_error **error)
{
  size_t room;
  if (!px_mul_size(row_room(r), r->down.most, &room))
    return px_fail_nomem(error);
  r->ring = px_calloc(room, sizeof *r->ring);
  r->lines = px_calloc(r->down.most, sizeof *r->lines);
  if (!r->ring || !r->lines)
    return px_fail_nomem(error);
  uint32_t next = 0;
  for (uint32_t y = 0; y < made->height; y++) {
    uint32_t first = r->down.first[y], end = first + r->down.count[y];
    PX_TRY(check(r, y, error));
    for (next = next > first ? next : first; next < end; next++) {
      PX_TRY(check(r, next, error));
      lift(r, next);
      across(r, ring_row(r, next));
    }
    down_ring(r, y);
    finish(r, px_pixmap_row(made, y));
  }
  return PIXAZO_OK;
}

/* ---- all of it ---- */

/* The cheaper order, by the whole size: a window has the bytes of the same part of the whole. */
static bool across_is_first(const resizing *r)
{
  uint64_t in_width = r->source->width, in_height = r->source->height;
  uint64_t width = r->job->full_width, height = r->job->full_height;
  uint64_t ring = width * r->source->channels * r->down.most * sizeof(int16_t);
  if (ring > r->source->stride * in_height / RING_SHARE + RING_FREE)
    return false;
  uint64_t lifting = reads_bytes(r) ? 1 : LIFT_COST;
  uint64_t down_first = lifting * height * r->down.most * in_width + 2 * height * width * r->across.most;
  uint64_t across_first = 2 * in_height * width * r->across.most + height * r->down.most * width;
  return across_first < down_first;
}

static const px_resize_rows *rows_of(px_simd simd)
{
#if PX_HAVE_AVX2
  if (px_simd_choose(simd) == PX_SIMD_AVX2)
    return &px_resize_rows_avx2;
#else
  (void)simd;
#endif
  return &px_resize_rows_plain;
}

static pixazo_status light_make(resizing *r, pixazo_error **error)
{
  if (!r->job->linear)
    return PIXAZO_OK;
  r->light = px_malloc(sizeof *r->light);
  if (!r->light)
    return px_fail_nomem(error);
  px_light_init(r->light);
  return PIXAZO_OK;
}

static pixazo_status resizing_init(resizing *r, pixazo_error **error)
{
  const px_resize_job *job = r->job;
  PX_TRY(px_taps_make(&r->across, &(px_side){r->source->width, job->full_width, job->x, job->width}, error));
  PX_TRY(px_taps_make(&r->down, &(px_side){r->source->height, job->full_height, job->y, job->height}, error));
  PX_TRY(light_make(r, error));
  uint32_t end = 0;
  r->left = r->across.first[0];
  for (uint32_t x = 0; x < job->width; x++) {
    uint32_t after = r->across.first[x] + r->across.count[x];
    r->left = r->across.first[x] < r->left ? r->across.first[x] : r->left;
    end = after > end ? after : end;
  }
  r->columns = end - r->left;
  r->line = px_calloc(width_in_samples(r, r->columns) + PX_ROW_SLACK, sizeof *r->line);
  r->last = px_calloc(row_room(r), sizeof *r->last);
  return r->line && r->last ? PIXAZO_OK : px_fail_nomem(error);
}

static bool window_fits(uint32_t full, uint32_t offset, uint32_t size)
{
  return size > 0 && offset <= full && size <= full - offset;
}

pixazo_status px_resize(const px_pixmap *source, const px_resize_job *job, const pixazo_cancel *cancel, px_pixmap *out,
                        pixazo_error **error)
{
  if (!window_fits(job->full_width, job->x, job->width) || !window_fits(job->full_height, job->y, job->height))
    return px_fail(error, PIXAZO_E_ARGUMENT, "the window of the resize lies outside of %ux%u", job->full_width,
                   job->full_height);
  px_cleanup(resizing_done) resizing r = {.source = source, .job = job, .cancel = cancel, .rows = rows_of(job->simd)};
  PX_TRY(resizing_init(&r, error));
  px_auto(px_pixmap) made = PX_PIXMAP_INIT;
  PX_TRY(px_pixmap_make(&made, job->width, job->height, source->channels, error));
  if (across_is_first(&r))
    PX_TRY(across_then_down(&r, &made, error));
  else
    PX_TRY(down_then_across(&r, &made, error));
  px_pixmap_move(out, &made);
  return PIXAZO_OK;
}
