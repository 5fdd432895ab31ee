/* SPDX-License-Identifier: MIT */
#include "image/png/unfilter.h"

#include <string.h>

#if PX_HAVE_AVX2
#include <immintrin.h>
#endif

enum { NONE, SUB, UP, AVERAGE, PAETH, FILTERS };

static const unsigned char *filtered_row(const px_unfilter_job *job, uint32_t y)
{
  return job->filtered + (job->stride + 1) * y;
}

static unsigned char *plain_row(const px_unfilter_job *job, uint32_t y)
{
  return job->rows + job->stride * y;
}

bool px_unfilter_knows(const px_unfilter_job *job)
{
  unsigned highest = 0;
  for (uint32_t y = 0; y < job->height; y++) {
    unsigned filter = *filtered_row(job, y);
    highest = filter > highest ? filter : highest;
  }
  return highest < FILTERS;
}

/* ---- plain ---- */

/* With turn = 3 corner - above - left and low <= high the two neighbours: high when turn <= low, low when turn >= high,
 * else the corner. That is Paeth's choice with all its ties, and nothing in it is worth a branch. */
static unsigned paeth(int left, int above, int corner)
{
  int turn = 3 * corner - above - left;
  int low = left < above ? left : above;
  int high = left < above ? above : left;
  int nearest = turn >= high ? low : corner;
  return (unsigned)(turn <= low ? high : nearest);
}

/* Above the first row everything is 0: Paeth is left with the left pixel, and Up with nothing. */
static void first_row(const px_unfilter_job *job)
{
  const unsigned char *in = job->filtered + 1;
  unsigned char *out = job->rows;
  unsigned filter = *job->filtered;
  memcpy(out, in, job->stride);
  if (filter == NONE || filter == UP)
    return;
  for (size_t i = job->pixel; i < job->stride; i++)
    out[i] = (unsigned char)(in[i] + (out[i - job->pixel] >> (filter == AVERAGE)));
}

static void add_left(const unsigned char *in, unsigned char *out, size_t stride, size_t pixel)
{
  memcpy(out, in, pixel);
  for (size_t i = pixel; i < stride; i++)
    out[i] = (unsigned char)(in[i] + out[i - pixel]);
}

static void add_above(const unsigned char *in, unsigned char *out, size_t stride)
{
  const unsigned char *above = out - stride;
  for (size_t i = 0; i < stride; i++)
    out[i] = (unsigned char)(in[i] + above[i]);
}

static void add_average(const unsigned char *in, unsigned char *out, size_t stride, size_t pixel)
{
  const unsigned char *above = out - stride;
  for (size_t i = 0; i < pixel; i++)
    out[i] = (unsigned char)(in[i] + above[i] / 2);
  for (size_t i = pixel; i < stride; i++)
    out[i] = (unsigned char)(in[i] + (out[i - pixel] + above[i]) / 2);
}

static void add_paeth(const unsigned char *in, unsigned char *out, size_t stride, size_t pixel)
{
  const unsigned char *above = out - stride;
  for (size_t i = 0; i < pixel; i++)
    out[i] = (unsigned char)(in[i] + above[i]);
  for (size_t i = pixel; i < stride; i++)
    out[i] = (unsigned char)(in[i] + paeth(out[i - pixel], above[i], above[i - pixel]));
}

/* Not the first row. */
static void one_row(const px_unfilter_job *job, uint32_t y)
{
  const unsigned char *in = filtered_row(job, y) + 1;
  unsigned char *out = plain_row(job, y);
  switch (in[-1]) {
    case SUB: add_left(in, out, job->stride, job->pixel); break;
    case UP: add_above(in, out, job->stride); break;
    case AVERAGE: add_average(in, out, job->stride, job->pixel); break;
    case PAETH: add_paeth(in, out, job->stride, job->pixel); break;
    default: memcpy(out, in, job->stride); break;
  }
}

static void unfilter_plain(const px_unfilter_job *job)
{
  for (uint32_t y = 1; y < job->height; y++)
    one_row(job, y);
}

/* ---- AVX2 ---- */

#if PX_HAVE_AVX2

/* Left, Average and Paeth wait for the pixel before, so one row alone keeps most of the processor idle. Four rows go
 * through one register, a pixel of each in a lane of four 16-bit values, and each row two pixels behind the row above it:
 * what a lane needs from above was made two steps earlier in the lane beside it. */
enum { LANES = PX_UNFILTER_ROWS, LAG = 2, LEAD_IN = LAG * (LANES - 1) };

typedef struct wave_rows {
  const unsigned char *above; /* row above the first of the four */
  const unsigned char *in;    /* lane k of step i: in + i * pixel + k * in_step */
  unsigned char *out;
  ptrdiff_t in_step, out_step;
  size_t width;
  __m256i uses[FILTERS]; /* all ones in the lanes of a filter */
} wave_rows;

typedef struct wave_trail {
  __m256i last, before_last; /* results of the two steps before */
  __m256i corner;            /* what was above one step before */
} wave_trail;

/* As paeth(): five instructions from one pixel to the next. */
PX_TARGET_AVX2 static inline __m256i paeth_less_corner(__m256i left, __m256i above, __m256i corner)
{
  __m256i bend = _mm256_sub_epi16(_mm256_add_epi16(corner, _mm256_add_epi16(corner, corner)), above);
  __m256i turn = _mm256_sub_epi16(bend, left);
  __m256i low = _mm256_min_epi16(left, above);
  __m256i high = _mm256_max_epi16(left, above);
  __m256i is_low = _mm256_andnot_si256(_mm256_cmpgt_epi16(high, turn), _mm256_sub_epi8(low, corner));
  __m256i is_high = _mm256_andnot_si256(_mm256_cmpgt_epi16(turn, low), _mm256_sub_epi8(high, corner));
  return _mm256_or_si256(is_low, is_high); /* both only where all three are equal: then 0 */
}

PX_TARGET_AVX2 static inline __m256i mixed(const wave_rows *self, __m256i left, __m256i above, __m256i corner)
{
  __m256i average = _mm256_srli_epi16(_mm256_add_epi16(left, above), 1);
  __m256i nearest = _mm256_add_epi8(corner, paeth_less_corner(left, above, corner));
  __m256i straight = _mm256_or_si256(_mm256_and_si256(left, self->uses[SUB]), _mm256_and_si256(above, self->uses[UP]));
  __m256i bent =
      _mm256_or_si256(_mm256_and_si256(average, self->uses[AVERAGE]), _mm256_and_si256(nearest, self->uses[PAETH]));
  return _mm256_or_si256(straight, bent);
}

/* One pixel of each row; `above` is the pixel above the first lane. */
PX_TARGET_AVX2 static inline __m256i step(const wave_rows *self, wave_trail *trail, __m128i filtered, int above,
                                           bool all_paeth)
{
  enum { LANE_UP = 0x90, FIRST_LANE = 0x03 };
  __m256i in = _mm256_cvtepu8_epi16(filtered);
  __m256i first = _mm256_castsi128_si256(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(above)));
  __m256i up = _mm256_blend_epi32(_mm256_permute4x64_epi64(trail->before_last, LANE_UP), first, FIRST_LANE);
  __m256i out;
  if (all_paeth)
    out = _mm256_add_epi8(_mm256_add_epi8(in, trail->corner), paeth_less_corner(trail->last, up, trail->corner));
  else
    out = _mm256_add_epi8(in, mixed(self, trail->last, up, trail->corner));
  trail->corner = up;
  trail->before_last = trail->last;
  trail->last = out;
  return out;
}

static inline int load4(const unsigned char *from)
{
  int value;
  memcpy(&value, from, sizeof value);
  return value;
}

static inline void store4(unsigned char *to, int value)
{
  memcpy(to, &value, sizeof value);
}

PX_TARGET_AVX2 static inline __m128i load_lanes(const unsigned char *in, ptrdiff_t lane)
{
  __m128i four = _mm_cvtsi32_si128(load4(in));
  four = _mm_insert_epi32(four, load4(in + lane), 1);
  four = _mm_insert_epi32(four, load4(in + 2 * lane), 2);
  return _mm_insert_epi32(four, load4(in + 3 * lane), 3);
}

/* Writes four bytes a lane, also for pixels of three: the byte too many belongs to the next pixel of the row. */
PX_TARGET_AVX2 static inline void store_lanes(unsigned char *out, ptrdiff_t lane, __m256i pixels)
{
  __m256i bytes = _mm256_packus_epi16(pixels, pixels);
  __m128i low = _mm256_castsi256_si128(bytes);
  __m128i high = _mm256_extracti128_si256(bytes, 1);
  store4(out, _mm_cvtsi128_si32(low));
  store4(out + lane, _mm_extract_epi32(low, 1));
  store4(out + 2 * lane, _mm_cvtsi128_si32(high));
  store4(out + 3 * lane, _mm_extract_epi32(high, 1));
}

/* A step at either end, where some lanes have no pixel. Lanes that have not begun work on zeros and give zeros, which is
 * what lies left of the first pixel. */
PX_TARGET_AVX2 static void edge_step(const wave_rows *self, wave_trail *trail, size_t i, size_t pixel)
{
  int in[LANES] = {0};
  int out[2 * LANES];
  int above = 0;
  size_t at = i * pixel;
  if (i < self->width)
    memcpy(&above, self->above + at, pixel);
  for (size_t k = 0; k < LANES; k++) {
    if (i >= LAG * k && i - LAG * k < self->width)
      memcpy(&in[k], self->in + at + (ptrdiff_t)k * self->in_step, pixel);
  }
  __m256i pixels = step(self, trail, _mm_loadu_si128((const __m128i *)in), above, false);
  _mm256_storeu_si256((__m256i *)out, _mm256_packus_epi16(pixels, pixels));
  for (size_t k = 0; k < LANES; k++) {
    if (i >= LAG * k && i - LAG * k < self->width)
      memcpy(self->out + at + (ptrdiff_t)k * self->out_step, &out[k + (k & 2)], pixel);
  }
}

/* The last pixel of the first row is left to edge_step(): the byte too many would be in the row below, done already. */
PX_TARGET_AVX2 static inline void run(const wave_rows *self, size_t pixel, bool all_paeth)
{
  wave_trail trail = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
  size_t i = 0;
  for (; i < LEAD_IN; i++)
    edge_step(self, &trail, i, pixel);
  for (; i + 1 < self->width; i++) {
    __m128i in = load_lanes(self->in + i * pixel, self->in_step);
    __m256i out = step(self, &trail, in, load4(self->above + i * pixel), all_paeth);
    store_lanes(self->out + i * pixel, self->out_step, out);
  }
  for (; i < self->width + LEAD_IN; i++)
    edge_step(self, &trail, i, pixel);
}

PX_TARGET_AVX2 static void four_rows(const px_unfilter_job *job, uint32_t y)
{
  int64_t uses[FILTERS][LANES] = {{0}};
  ptrdiff_t back = (ptrdiff_t)(LAG * job->pixel);
  for (uint32_t k = 0; k < LANES; k++)
    uses[*filtered_row(job, y + k)][k] = -1;
  wave_rows wave = {plain_row(job, y - 1), filtered_row(job, y) + 1, plain_row(job, y), (ptrdiff_t)job->stride + 1 - back,
               (ptrdiff_t)job->stride - back, job->width, {{0}}};
  for (int filter = 0; filter < FILTERS; filter++)
    wave.uses[filter] = _mm256_loadu_si256((const __m256i *)uses[filter]);
  bool all_paeth = _mm256_movemask_epi8(wave.uses[PAETH]) == -1;
  if (job->pixel == 3 && all_paeth)
    run(&wave, 3, true);
  else if (job->pixel == 3)
    run(&wave, 3, false);
  else if (all_paeth)
    run(&wave, 4, true);
  else
    run(&wave, 4, false);
}

PX_TARGET_AVX2 static void add_above_avx2(const unsigned char *in, unsigned char *out, size_t stride)
{
  const unsigned char *above = out - stride;
  size_t i = 0;
  for (; i + sizeof(__m256i) <= stride; i += sizeof(__m256i)) {
    __m256i sum = _mm256_add_epi8(_mm256_loadu_si256((const __m256i *)(in + i)),
                                  _mm256_loadu_si256((const __m256i *)(above + i)));
    _mm256_storeu_si256((__m256i *)(out + i), sum);
  }
  for (; i < stride; i++)
    out[i] = (unsigned char)(in[i] + above[i]);
}

PX_TARGET_AVX2 static void unfilter_avx2(const px_unfilter_job *job)
{
  for (uint32_t y = 1; y < job->height;) {
    unsigned filter = *filtered_row(job, y);
    bool waits = filter != NONE && filter != UP;
    if (waits && job->height - y >= LANES) {
      four_rows(job, y);
      y += LANES;
      continue;
    }
    if (filter == UP)
      add_above_avx2(filtered_row(job, y) + 1, plain_row(job, y), job->stride);
    else
      one_row(job, y);
    y++;
  }
}

#endif

void px_unfilter(const px_unfilter_job *job)
{
  first_row(job);
#if PX_HAVE_AVX2
  if (px_simd_choose(job->simd) == PX_SIMD_AVX2) {
    unfilter_avx2(job);
    return;
  }
#endif
  unfilter_plain(job);
}
