/* SPDX-License-Identifier: MIT */
/* The picture is looked at in cells, at most 64 along its longer side, of 16 samples each. A cell has features: its
 * colour, how rough it is inside, and how it differs from its neighbours. What stands out is a place whose features,
 * averaged over about an object's size, are far from those of the whole picture less its plane (so that a
 * gradient is no object, and neither is noise, a checker or a texture that goes on everywhere). Edges, saturation and
 * skin add to it. The window is the one with the most, and the most in its inner half. */
#include "image/salience.h"

#include <math.h>

#include "base/error.h"
#include "base/mem.h"

enum {
  CELLS = 64, /* along the longer side */
  SIDE = 4,   /* samples of a cell along each side */
  FEATURES = 5,
  REACH = 3 /* cells on each side that an average takes in */
};

enum { LUMA, BLUE, RED, ROUGH, EDGE };

/* Spread below which a feature says nothing, in its own unit; and its part in the sum. */
static const double calm[FEATURES] = {6, 4, 4, 4, 4};
static const double parts[FEATURES] = {1, 1.5, 1.5, 1, 1};
static const double STANDING_MAX = 12, EDGES = 0.5, SATURATION = 0.5, SKIN = 1;

typedef struct map {
  uint32_t width, height;
  double *features[FEATURES]; /* per cell */
  double *skin, *saturation;
  double *score;
  double *scratch; /* (width + 1) x (height + 1): sums of everything above and to the left */
  double *memory;
} map;

static void map_done(map *m)
{
  px_free(m->memory);
}

static pixazo_status map_make(map *m, const px_pixmap *source, pixazo_error **error)
{
  uint32_t longer = source->width > source->height ? source->width : source->height;
  uint32_t cells = longer < CELLS ? longer : CELLS;
  m->width = (uint32_t)(((uint64_t)source->width * cells + longer - 1) / longer);
  m->height = (uint32_t)(((uint64_t)source->height * cells + longer - 1) / longer);
  size_t count = (size_t)m->width * m->height;
  size_t sums = (size_t)(m->width + 1) * (m->height + 1);
  m->memory = px_calloc(count * (FEATURES + 3) + sums, sizeof *m->memory);
  if (!m->memory)
    return px_fail_nomem(error);
  for (int i = 0; i < FEATURES; i++)
    m->features[i] = m->memory + count * (size_t)i;
  m->skin = m->memory + count * FEATURES;
  m->saturation = m->skin + count;
  m->score = m->saturation + count;
  m->scratch = m->score + count;
  return PIXAZO_OK;
}

/* ---- features ---- */

typedef struct cell {
  int luma, blue, red, squares, skin, saturation; /* sums over the samples */
} cell;

static void add_sample(cell *c, const unsigned char *pixel, uint32_t channels)
{
  int rgb[3] = {pixel[0], pixel[1], pixel[2]};
  for (int i = 0; channels == 4 && i < 3; i++) /* as it is seen on gray */
    rgb[i] = (int)px_div255((unsigned)rgb[i] * pixel[3] + 128U * (255U - pixel[3]));
  int luma = (77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2]) >> 8;
  int most = rgb[0] > rgb[1] ? rgb[0] : rgb[1], least = rgb[0] < rgb[1] ? rgb[0] : rgb[1];
  most = rgb[2] > most ? rgb[2] : most;
  least = rgb[2] < least ? rgb[2] : least;
  int blue = rgb[2] - luma, red = rgb[0] - luma; /* chrominance: about 1.8 and 1.4 times that of YCbCr */
  c->luma += luma;
  c->blue += blue;
  c->red += red;
  c->squares += luma * luma;
  c->saturation += most - least;
  c->skin += luma > 40 && red > 7 && red < 63 && blue > -90 && blue < 0 && rgb[0] > rgb[1] && rgb[1] > rgb[2];
}

/* Sample `i` of 2 x half lies at the middle of its part: the pattern is its own mirror image. */
static uint32_t sample_place(uint32_t i, uint32_t samples, uint32_t side)
{
  return (uint32_t)((2 * (uint64_t)i + 1) * side / (2 * (uint64_t)samples));
}

static void read_cell(const px_pixmap *source, map *m, uint32_t x, uint32_t y)
{
  cell c = {0};
  for (uint32_t v = 0; v < SIDE; v++) {
    const unsigned char *row = px_pixmap_row(source, sample_place(y * SIDE + v, m->height * SIDE, source->height));
    for (uint32_t u = 0; u < SIDE; u++) {
      uint32_t column = sample_place(x * SIDE + u, m->width * SIDE, source->width);
      add_sample(&c, row + (size_t)column * source->channels, source->channels);
    }
  }
  enum { ALL = SIDE * SIDE };
  size_t at = (size_t)y * m->width + x;
  double mean = (double)c.luma / ALL, variance = (double)c.squares / ALL - mean * mean;
  m->features[LUMA][at] = mean;
  m->features[BLUE][at] = (double)c.blue / ALL;
  m->features[RED][at] = (double)c.red / ALL;
  m->features[ROUGH][at] = sqrt(variance < 0 ? 0 : variance);
  m->skin[at] = (double)c.skin / ALL;
  m->saturation[at] = (double)c.saturation / ALL / 255;
}

static double absolute(double value)
{
  return value < 0 ? -value : value;
}

static void find_edges(map *m)
{
  for (uint32_t y = 0; y < m->height; y++) {
    for (uint32_t x = 0; x < m->width; x++) {
      size_t left = (size_t)y * m->width + (x ? x - 1 : 0), right = (size_t)y * m->width + (x + 1 < m->width ? x + 1 : x);
      size_t up = (size_t)(y ? y - 1 : 0) * m->width + x, down = (size_t)(y + 1 < m->height ? y + 1 : y) * m->width + x;
      double sum = 0;
      for (int i = LUMA; i <= RED; i++)
        sum += absolute(m->features[i][right] - m->features[i][left]) + absolute(m->features[i][down] - m->features[i][up]);
      m->features[EDGE][(size_t)y * m->width + x] = sum;
    }
  }
}

/* ---- what stands out ---- */

/* Sums of everything above and to the left, in scratch. */
static void sum_up(const map *m, const double *values)
{
  size_t stride = m->width + 1;
  for (uint32_t y = 0; y < m->height; y++) {
    double row = 0;
    for (uint32_t x = 0; x < m->width; x++) {
      row += values[(size_t)y * m->width + x];
      m->scratch[(y + 1) * stride + x + 1] = m->scratch[y * stride + x + 1] + row;
    }
  }
}

static double sum_of(const map *m, uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
  size_t stride = m->width + 1;
  const double *top = m->scratch + y * stride, *bottom = m->scratch + (y + height) * stride;
  return bottom[x + width] - bottom[x] - top[x + width] + top[x];
}

/* Each value becomes the mean of its surroundings, as far as they lie in the picture. */
static void average(map *m, double *values)
{
  sum_up(m, values);
  for (uint32_t y = 0; y < m->height; y++) {
    uint32_t top = y > REACH ? y - REACH : 0, bottom = y + REACH < m->height ? y + REACH + 1 : m->height;
    for (uint32_t x = 0; x < m->width; x++) {
      uint32_t left = x > REACH ? x - REACH : 0, right = x + REACH < m->width ? x + REACH + 1 : m->width;
      values[(size_t)y * m->width + x] =
          sum_of(m, left, top, right - left, bottom - top) / ((double)(right - left) * (bottom - top));
    }
  }
}

/* Takes away the plane that lies nearest, in the sense of least squares. */
static void level(const map *m, double *values)
{
  double cells = (double)m->width * m->height, sum = 0, by_x = 0, by_y = 0;
  double middle_x = (m->width - 1) / 2.0, middle_y = (m->height - 1) / 2.0;
  double squares_x = cells * ((double)m->width * m->width - 1) / 12;
  double squares_y = cells * ((double)m->height * m->height - 1) / 12;
  for (uint32_t y = 0; y < m->height; y++) {
    for (uint32_t x = 0; x < m->width; x++) {
      double value = values[(size_t)y * m->width + x];
      sum += value;
      by_x += value * (x - middle_x);
      by_y += value * (y - middle_y);
    }
  }
  double mean = sum / cells, slope_x = squares_x > 0 ? by_x / squares_x : 0, slope_y = squares_y > 0 ? by_y / squares_y : 0;
  for (uint32_t y = 0; y < m->height; y++) {
    for (uint32_t x = 0; x < m->width; x++)
      values[(size_t)y * m->width + x] -= mean + slope_x * (x - middle_x) + slope_y * (y - middle_y);
  }
}

static void add_standing_out(map *m, int feature)
{
  size_t cells = (size_t)m->width * m->height;
  double *values = m->features[feature], squares = 0;
  level(m, values);
  average(m, values);
  for (size_t i = 0; i < cells; i++)
    squares += values[i] * values[i];
  double spread = squares / (double)cells + calm[feature] * calm[feature];
  for (size_t i = 0; i < cells; i++) {
    double far = values[i] * values[i] / spread;
    m->score[i] += parts[feature] * (far < STANDING_MAX ? far : STANDING_MAX);
  }
}

static void add_liking(map *m)
{
  size_t cells = (size_t)m->width * m->height;
  double most = 1;
  for (size_t i = 0; i < cells; i++)
    most = m->features[EDGE][i] > most ? m->features[EDGE][i] : most;
  for (size_t i = 0; i < cells; i++)
    m->score[i] = EDGES * m->features[EDGE][i] / most + SATURATION * m->saturation[i] + SKIN * m->skin[i];
}

/* Only what is above the mean counts. */
static void keep_peaks(map *m)
{
  size_t cells = (size_t)m->width * m->height;
  double sum = 0;
  for (size_t i = 0; i < cells; i++)
    sum += m->score[i];
  for (size_t i = 0; i < cells; i++)
    m->score[i] = m->score[i] > sum / (double)cells ? m->score[i] - sum / (double)cells : 0;
}

static void map_score(map *m, const px_pixmap *source)
{
  for (uint32_t y = 0; y < m->height; y++) {
    for (uint32_t x = 0; x < m->width; x++)
      read_cell(source, m, x, y);
  }
  find_edges(m);
  add_liking(m);
  for (int i = 0; i < FEATURES; i++)
    add_standing_out(m, i);
  keep_peaks(m);
}

/* ---- the window ---- */

/* A length of the full size in cells, at least 1. */
static uint32_t in_cells(uint32_t length, uint32_t full, uint32_t cells)
{
  uint64_t rounded = ((uint64_t)length * cells + full / 2) / full;
  return rounded < 1 ? 1 : rounded < cells ? (uint32_t)rounded : cells;
}

static double window_score(const map *m, const uint32_t at[2], const uint32_t size[2])
{
  double all = sum_of(m, at[0], at[1], size[0], size[1]);
  uint32_t x = size[0] / 4, y = size[1] / 4;
  return all + sum_of(m, at[0] + x, at[1] + y, size[0] - 2 * x, size[1] - 2 * y);
}

static uint32_t off_middle(uint32_t at, uint32_t last)
{
  return 2 * at > last ? 2 * at - last : last - 2 * at;
}

/* The best place of a window of `size` cells; of places that are as good, the one nearest to the middle. */
static void best_window(const map *m, const uint32_t size[2], uint32_t best[2])
{
  const uint32_t last[2] = {m->width - size[0], m->height - size[1]};
  double most = -1;
  uint32_t nearest = 0;
  for (uint32_t y = 0; y <= last[1]; y++) {
    for (uint32_t x = 0; x <= last[0]; x++) {
      double score = window_score(m, (const uint32_t[]){x, y}, size);
      uint32_t off = off_middle(x, last[0]) + off_middle(y, last[1]);
      if (score > most + 1e-6 || (score > most - 1e-6 && off < nearest)) {
        most = score > most ? score : most;
        nearest = off;
        best[0] = x;
        best[1] = y;
      }
    }
  }
}

static uint32_t spread_place(uint32_t at, uint32_t last, uint32_t slack, uint32_t middle)
{
  return last == 0 ? middle : (uint32_t)(((uint64_t)at * slack + last / 2) / last);
}

pixazo_status px_salience_aim(const px_pixmap *source, px_resize_job *job, pixazo_error **error)
{
  px_cleanup(map_done) map m = {0};
  PX_TRY(map_make(&m, source, error));
  map_score(&m, source);
  sum_up(&m, m.score);
  const uint32_t size[2] = {in_cells(job->width, job->full_width, m.width),
                            in_cells(job->height, job->full_height, m.height)};
  uint32_t best[2] = {0, 0};
  best_window(&m, size, best);
  job->x = spread_place(best[0], m.width - size[0], job->full_width - job->width, job->x);
  job->y = spread_place(best[1], m.height - size[1], job->full_height - job->height, job->y);
  return PIXAZO_OK;
}
