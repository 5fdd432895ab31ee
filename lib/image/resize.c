/* SPDX-License-Identifier: MIT */
#include "image/resize.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/mem.h"

enum {
  LOBES = 3,
  WEIGHT_BITS = 14,
  WEIGHT_ONE = 1 << WEIGHT_BITS,
  FRACTION_BITS = 6, /* of samples between the two passes */
  CANCEL_ROWS = 16
};

static const double PI = 3.14159265358979323846;

/* For each place of the output: which places of the input, and their weights, which sum to WEIGHT_ONE. */
typedef struct taps {
  uint32_t *first;
  uint32_t *count;
  int16_t *weights; /* `most` for each place */
  size_t most;
} taps;

static void taps_done(taps *t)
{
  px_free(t->first);
  px_free(t->count);
  px_free(t->weights);
}

/* sin(pi x) for x >= 0 by plain arithmetic: libm differs from machine to machine in the last bit. */
static double sin_pi(double x)
{
  int turns = (int)(x + 0.5);
  double angle = (x - turns) * PI;
  double square = angle * angle;
  double term = angle, sum = angle;
  for (int n = 2; n <= 18; n += 2) {
    term = -term * square / (n * (n + 1));
    sum += term;
  }
  return turns % 2 == 0 ? sum : -sum;
}

static double lanczos(double x)
{
  if (x < 0)
    x = -x;
  if (x >= LOBES)
    return 0;
  if (x < 1e-9)
    return 1;
  return LOBES * sin_pi(x) * sin_pi(x / LOBES) / (PI * PI * x * x);
}

/* Rounds running sums, so that the integers sum to WEIGHT_ONE exactly: a flat picture stays flat. */
static void weigh(double centre, double stretch, uint32_t first, uint32_t count, int16_t *weights)
{
  double total = 0, sum = 0;
  for (uint32_t i = 0; i < count; i++)
    total += lanczos((first + i + 0.5 - centre) / stretch);
  int before = 0;
  for (uint32_t i = 0; i < count; i++) {
    sum += lanczos((first + i + 0.5 - centre) / stretch);
    double exact = i + 1 == count ? WEIGHT_ONE : sum / total * WEIGHT_ONE;
    int now = (int)(exact < 0 ? exact - 0.5 : exact + 0.5);
    weights[i] = (int16_t)(now - before);
    before = now;
  }
}

static pixazo_status taps_make(taps *t, uint32_t in, uint32_t full, uint32_t offset, uint32_t places, pixazo_error **error)
{
  double scale = (double)in / full;
  double stretch = scale > 1 ? scale : 1;
  double support = LOBES * stretch;
  size_t most = (size_t)(2 * support) + 2;
  most = most < in ? most : in;
  size_t cells;
  if (!px_mul_size(most, places, &cells))
    return px_fail(error, PIXAZO_E_LIMIT, "resizing %u to %u pixels needs too much memory", in, full);
  t->most = most;
  t->first = px_calloc(places, sizeof *t->first);
  t->count = px_calloc(places, sizeof *t->count);
  t->weights = px_calloc(cells, sizeof *t->weights);
  if (!t->first || !t->count || !t->weights)
    return px_fail_nomem(error);
  for (uint32_t i = 0; i < places; i++) {
    double centre = ((double)offset + i + 0.5) * scale;
    double low = centre - support + 0.5, high = centre + support + 0.5;
    uint32_t first = low > 0 ? (uint32_t)low : 0;
    uint32_t end = high < in ? (uint32_t)high : in;
    t->first[i] = first;
    t->count[i] = end - first < most ? end - first : (uint32_t)most;
    weigh(centre, stretch, first, t->count[i], t->weights + i * most);
  }
  return PIXAZO_OK;
}

static void add_rgb(int32_t *sums, const unsigned char *row, size_t samples, int32_t weight)
{
  weight *= 1 << FRACTION_BITS;
  for (size_t i = 0; i < samples; i++)
    sums[i] += weight * row[i];
}

static int32_t premultiply(unsigned color, unsigned alpha)
{
  return (int32_t)(((color * alpha << FRACTION_BITS) + 127) / 255);
}

static void add_rgba(int32_t *sums, const unsigned char *row, size_t samples, int32_t weight)
{
  for (size_t i = 0; i < samples; i += 4) {
    unsigned alpha = row[i + 3];
    sums[i] += weight * premultiply(row[i], alpha);
    sums[i + 1] += weight * premultiply(row[i + 1], alpha);
    sums[i + 2] += weight * premultiply(row[i + 2], alpha);
    sums[i + 3] += weight * (int32_t)(alpha << FRACTION_BITS);
  }
}

/* One output row, still as wide as the source. */
static void pass_vertical(const px_pixmap *source, const taps *t, uint32_t place, int32_t *sums)
{
  size_t samples = source->stride;
  memset(sums, 0, samples * sizeof *sums);
  for (uint32_t i = 0; i < t->count[place]; i++) {
    const unsigned char *row = px_pixmap_row(source, t->first[place] + i);
    int32_t weight = t->weights[place * t->most + i];
    if (source->channels == 4)
      add_rgba(sums, row, samples, weight);
    else
      add_rgb(sums, row, samples, weight);
  }
  for (size_t i = 0; i < samples; i++)
    sums[i] = (sums[i] + (WEIGHT_ONE >> 1)) >> WEIGHT_BITS;
}

static unsigned char clamp(int32_t value)
{
  return (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static void store_rgb(const int32_t *sum, unsigned char *out)
{
  enum { SHIFT = WEIGHT_BITS + FRACTION_BITS };
  for (int c = 0; c < 3; c++)
    out[c] = clamp((sum[c] + (1 << (SHIFT - 1))) >> SHIFT);
}

/* Out of premultiplied again; what rounds to invisible becomes black and invisible. */
static void store_rgba(const int32_t *sum, unsigned char *out)
{
  int32_t alpha = (sum[3] + (WEIGHT_ONE >> 1)) >> WEIGHT_BITS;
  unsigned char visible = clamp((alpha + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS);
  out[3] = visible;
  for (int c = 0; c < 3; c++) {
    int32_t color = (sum[c] + (WEIGHT_ONE >> 1)) >> WEIGHT_BITS;
    out[c] = visible == 0 || color <= 0 ? 0 : clamp((int32_t)(((int64_t)color * 255 + alpha / 2) / alpha));
  }
}

static void pass_horizontal(const int32_t *row, const taps *t, uint32_t channels, uint32_t width, unsigned char *out)
{
  for (uint32_t x = 0; x < width; x++, out += channels) {
    int32_t sum[4] = {0, 0, 0, 0};
    const int16_t *weights = t->weights + x * t->most;
    const int32_t *from = row + (size_t)t->first[x] * channels;
    for (uint32_t i = 0; i < t->count[x]; i++) {
      for (uint32_t c = 0; c < channels; c++)
        sum[c] += weights[i] * *from++;
    }
    if (channels == 4)
      store_rgba(sum, out);
    else
      store_rgb(sum, out);
  }
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
  px_cleanup(taps_done) taps across = {0};
  px_cleanup(taps_done) taps down = {0};
  PX_TRY(taps_make(&across, source->width, job->full_width, job->x, job->width, error));
  PX_TRY(taps_make(&down, source->height, job->full_height, job->y, job->height, error));
  px_autofree int32_t *sums = px_calloc(source->stride, sizeof *sums);
  if (!sums)
    return px_fail_nomem(error);
  px_auto(px_pixmap) made = PX_PIXMAP_INIT;
  PX_TRY(px_pixmap_make(&made, job->width, job->height, source->channels, error));
  for (uint32_t y = 0; y < job->height; y++) {
    if (y % CANCEL_ROWS == 0)
      PX_TRY(px_cancel_check(cancel, error));
    pass_vertical(source, &down, y, sums);
    pass_horizontal(sums, &across, source->channels, job->width, px_pixmap_row(&made, y));
  }
  px_pixmap_move(out, &made);
  return PIXAZO_OK;
}
