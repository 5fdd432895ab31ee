/* SPDX-License-Identifier: MIT */
#include "image/resize_taps.h"

#include "base/error.h"
#include "base/mem.h"

enum { LOBES = 3 };

static const double PI = 3.14159265358979323846;

void px_taps_done(px_taps *taps)
{
  px_free(taps->first);
  px_free(taps->count);
  px_free(taps->weights);
  *taps = (px_taps)PX_TAPS_INIT;
}

/* sin x for 0 <= x <= pi by its series: libm differs from machine to machine in the last bit. */
static double sine(double x)
{
  static const double terms[] = {-1.0 / 1307674368000.0, 1.0 / 6227020800.0, -1.0 / 39916800.0, 1.0 / 362880.0,
                                 -1.0 / 5040.0,          1.0 / 120.0,        -1.0 / 6.0,        1.0};
  double folded = x > PI / 2 ? PI - x : x;
  double square = folded * folded, sum = 0;
  for (size_t i = 0; i < PX_ARRAY_SIZE(terms); i++)
    sum = sum * square + terms[i];
  return folded * sum;
}

/* 3 sin(pi x) sin(pi x / 3) / (pi x)^2 with one sine, by sin 3u = 3 sin u - 4 sin^3 u. */
static double lanczos(double x)
{
  double u = (x < 0 ? -x : x) * (PI / LOBES);
  if (u >= PI)
    return 0;
  if (u < 1e-9)
    return 1;
  double s = sine(u);
  return s * s * (3 - 4 * s * s) / (3 * u * u);
}

/* Rounds running sums, so that the integers sum to PX_WEIGHT_ONE exactly. */
static void round_weights(const double *exact, uint32_t count, int16_t *weights)
{
  double total = 0, sum = 0;
  for (uint32_t i = 0; i < count; i++)
    total += exact[i];
  int before = 0;
  for (uint32_t i = 0; i < count; i++) {
    sum += exact[i];
    double place = i + 1 == count ? PX_WEIGHT_ONE : sum / total * PX_WEIGHT_ONE;
    int now = (int)(place < 0 ? place - 0.5 : place + 0.5);
    weights[i] = (int16_t)(now - before);
    before = now;
  }
}

/* Leaves out weights of zero at both ends: a side that keeps its size then has one weight for each place. */
static void trim(px_taps *taps, uint32_t place)
{
  int16_t *weights = taps->weights + (size_t)place * taps->most;
  uint32_t count = taps->count[place], skip = 0;
  while (count > 1 && weights[count - 1] == 0)
    count--;
  while (skip + 1 < count && weights[skip] == 0)
    skip++;
  if (skip > 0) {
    memmove(weights, weights + skip, (count - skip) * sizeof *weights);
    memset(weights + count - skip, 0, skip * sizeof *weights);
  }
  taps->first[place] += skip;
  taps->count[place] = count - skip;
}

static void fill(px_taps *taps, const px_side *side, double *exact)
{
  double scale = (double)side->in / side->full;
  double stretch = scale > 1 ? scale : 1;
  double support = LOBES * stretch;
  for (uint32_t i = 0; i < side->places; i++) {
    double centre = ((double)side->offset + i + 0.5) * scale;
    double low = centre - support + 0.5, high = centre + support + 0.5;
    uint32_t first = low > 0 ? (uint32_t)low : 0;
    uint32_t end = high < side->in ? (uint32_t)high : side->in;
    uint32_t count = end - first < taps->most ? end - first : taps->most;
    for (uint32_t k = 0; k < count; k++)
      exact[k] = lanczos((first + k + 0.5 - centre) / stretch);
    taps->first[i] = first;
    taps->count[i] = count;
    round_weights(exact, count, taps->weights + (size_t)i * taps->most);
    trim(taps, i);
  }
}

pixazo_status px_taps_make(px_taps *taps, const px_side *side, pixazo_error **error)
{
  double scale = (double)side->in / side->full;
  size_t most = (size_t)(2 * LOBES * (scale > 1 ? scale : 1)) + 2, cells;
  most = ((most < side->in ? most : side->in) + 3) & ~(size_t)3;
  if (!px_mul_size(most, side->places, &cells))
    return px_fail(error, PIXAZO_E_LIMIT, "resizing %u to %u pixels needs too much memory", side->in, side->full);
  px_auto(px_taps) made = {.most = (uint32_t)most};
  px_autofree double *exact = px_calloc(most, sizeof *exact);
  made.first = px_calloc(side->places, sizeof *made.first);
  made.count = px_calloc(side->places, sizeof *made.count);
  made.weights = px_calloc(cells, sizeof *made.weights);
  if (!exact || !made.first || !made.count || !made.weights)
    return px_fail_nomem(error);
  fill(&made, side, exact);
  *taps = made;
  made = (px_taps)PX_TAPS_INIT;
  return PIXAZO_OK;
}
