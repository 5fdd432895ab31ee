/* SPDX-License-Identifier: MIT */
#include "client/providers/paint.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

enum { OCTAVES_MAX = 6, RAMP = 1024, COLOURS = 5, HILLS_MAX = 5, ONE = 65536 };

typedef struct colour {
  uint8_t r, g, b;
} colour;

/* From high to low: sky, haze, light, middle, dark. */
static const colour palettes[][COLOURS] = {
    {{24, 40, 84}, {92, 84, 140}, {247, 178, 140}, {120, 62, 96}, {28, 20, 48}},
    {{12, 74, 110}, {72, 149, 172}, {250, 232, 190}, {38, 96, 108}, {8, 34, 46}},
    {{58, 28, 84}, {168, 64, 110}, {255, 196, 112}, {110, 36, 88}, {32, 12, 42}},
    {{110, 176, 214}, {186, 216, 226}, {255, 246, 222}, {98, 142, 118}, {34, 66, 60}},
    {{14, 26, 40}, {30, 78, 92}, {146, 212, 190}, {22, 64, 70}, {6, 18, 26}},
    {{196, 118, 84}, {232, 172, 122}, {255, 236, 196}, {140, 74, 66}, {58, 28, 36}},
    {{64, 84, 140}, {138, 152, 196}, {252, 222, 214}, {104, 96, 136}, {40, 38, 66}},
    {{22, 60, 44}, {82, 128, 86}, {240, 232, 168}, {46, 86, 58}, {12, 32, 24}},
};

static uint64_t mix(uint64_t value)
{
  value += UINT64_C(0x9E3779B97F4A7C15);
  value = (value ^ value >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  value = (value ^ value >> 27) * UINT64_C(0x94D049BB133111EB);
  return value ^ value >> 31;
}

static uint64_t hash_text(const char *text)
{
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  for (; *text; text++)
    hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001B3);
  return mix(hash);
}

/* A stream of numbers for the decisions of one picture. */
static uint32_t pick(uint64_t *state, uint32_t limit)
{
  *state = mix(*state);
  return (uint32_t)((*state >> 32) * limit >> 32);
}

static uint32_t lattice(uint64_t seed, uint32_t x, uint32_t y)
{
  return (uint32_t)(mix(seed ^ ((uint64_t)x << 32 | y)) >> 48);
}

static uint32_t smooth(uint32_t t) /* 3t^2 - 2t^3 of 0 … ONE */
{
  uint64_t square = (uint64_t)t * t >> 16;
  return (uint32_t)(square * (3 * ONE - 2 * (uint64_t)t) >> 16);
}

static uint32_t lerp(uint32_t a, uint32_t b, uint32_t t)
{
  return (uint32_t)((int64_t)a + (((int64_t)b - (int64_t)a) * (int64_t)t >> 16));
}

static colour lerp_colour(colour a, colour b, uint32_t t)
{
  return (colour){(uint8_t)lerp(a.r, b.r, t), (uint8_t)lerp(a.g, b.g, t), (uint8_t)lerp(a.b, b.b, t)};
}

/* One octave of value noise: where each column lies between its lattice points. */
typedef struct octave {
  uint64_t seed;
  uint32_t cells;   /* across the longer side */
  uint32_t share;   /* of the sum, out of ONE */
  uint32_t *values; /* lattice values of this row */
  uint16_t *index;
  uint16_t *weight;
} octave;

typedef struct canvas {
  const px_painting *painting;
  colour palette[COLOURS];
  colour ramp[RAMP];
  octave octaves[OCTAVES_MAX];
  uint32_t octave_count;
  uint32_t longer;  /* pixels of the longer side */
  uint32_t *noise;  /* of the row being painted, 0 … ONE */
  uint32_t *ridges; /* HILLS_MAX x width: where each hill begins, in 1/256 pixel */
  uint32_t hills;
  uint32_t horizon; /* of the sky's gradient, pixels */
  int64_t sun_x, sun_y, sun_radius;
  uint64_t random;
} canvas;

static void canvas_done(canvas *self)
{
  for (uint32_t i = 0; i < self->octave_count; i++)
    px_free(self->octaves[i].values);
  px_free(self->noise);
  px_free(self->ridges);
}

/* Columns and their weights are the same in each row, so they are worked out once. One block holds all three tables. */
static bool prepare_octave(canvas *self, octave *made, uint32_t cells, uint32_t share)
{
  uint32_t width = self->painting->width;
  size_t columns = (size_t)cells + 2;
  made->values = px_calloc(columns + width, sizeof *made->values);
  if (!made->values)
    return false;
  made->index = (uint16_t *)(made->values + columns);
  made->weight = made->index + width;
  made->seed = mix(self->random ^ cells);
  made->cells = cells;
  made->share = share;
  for (uint32_t x = 0; x < width; x++) {
    uint64_t place = (uint64_t)x * cells * ONE / self->longer;
    uint32_t weight = smooth((uint32_t)(place & (ONE - 1)));
    made->index[x] = (uint16_t)(place >> 16);
    made->weight[x] = (uint16_t)(weight < ONE ? weight : ONE - 1);
  }
  return true;
}

static bool prepare_noise(canvas *self)
{
  uint32_t wanted = 3 + self->painting->steps / 8;
  uint32_t share = ONE / 2;
  uint32_t cells = 2 + pick(&self->random, 3);
  wanted = wanted < OCTAVES_MAX ? wanted : OCTAVES_MAX;
  while (self->octave_count < wanted) {
    if (!prepare_octave(self, &self->octaves[self->octave_count], cells, share))
      return false;
    self->octave_count++;
    cells = cells * 2 + pick(&self->random, 2);
    share /= 2;
  }
  return true;
}

static void begin_row(octave *self, uint32_t y, uint32_t longer)
{
  uint64_t place = (uint64_t)y * self->cells * ONE / longer;
  uint32_t row = (uint32_t)(place >> 16);
  uint32_t weight = smooth((uint32_t)(place & (ONE - 1)));
  for (uint32_t i = 0; i < self->cells + 2; i++)
    self->values[i] = lerp(lattice(self->seed, i, row), lattice(self->seed, i, row + 1), weight);
}

static void add_octave(const octave *self, uint32_t *noise, uint32_t width)
{
  uint32_t share = self->share;
  for (uint32_t x = 0; x < width; x++) {
    uint32_t left = self->values[self->index[x]];
    uint32_t right = self->values[self->index[x] + 1];
    int32_t value = (int32_t)left + (int32_t)(((int64_t)((int32_t)right - (int32_t)left) * self->weight[x]) >> 16);
    noise[x] += (uint32_t)value * share >> 16;
  }
}

static void make_noise(canvas *self, uint32_t y)
{
  memset(self->noise, 0, self->painting->width * sizeof *self->noise);
  for (uint32_t i = 0; i < self->octave_count; i++) {
    begin_row(&self->octaves[i], y, self->longer);
    add_octave(&self->octaves[i], self->noise, self->painting->width);
  }
}

/* A line of value noise along x, for the ridges. 0 … ONE. */
static uint32_t ridge_noise(uint64_t seed, uint64_t place)
{
  uint32_t cell = (uint32_t)(place >> 16);
  return lerp(lattice(seed, cell, 7), lattice(seed, cell + 1, 7), smooth((uint32_t)(place & (ONE - 1))));
}

static void prepare_hill(canvas *self, uint32_t hill)
{
  const px_painting *painting = self->painting;
  uint64_t seed = mix(self->random ^ (hill + 1) * UINT64_C(77777));
  uint64_t cells = 2 + hill + pick(&self->random, 3);
  int64_t height = painting->height;
  int64_t base = height * (45 + (int64_t)(hill + 1) * 45 / self->hills) / 100 * 256;
  int64_t swing = height * 22 / 100 * 256;
  for (uint32_t x = 0; x < painting->width; x++) {
    uint64_t place = (uint64_t)x * cells * ONE / self->longer;
    int64_t sum = ridge_noise(seed, place) / 2 + ridge_noise(seed + 1, place * 3) / 4 +
                  ridge_noise(seed + 2, place * 9) / 8 + ridge_noise(seed + 3, place * 27) / 24;
    int64_t top = base - sum * swing / ONE;
    self->ridges[hill * painting->width + x] = top > 0 ? (uint32_t)top : 0;
  }
}

static void prepare_ramp(canvas *self)
{
  for (uint32_t i = 0; i < RAMP; i++) {
    uint32_t place = i * 2 * ONE / RAMP;
    uint32_t step = place >> 16;
    self->ramp[i] = lerp_colour(self->palette[step], self->palette[step + 1], place & (ONE - 1));
  }
}

static uint8_t shift_channel(uint8_t value, uint32_t by)
{
  int32_t moved = (int32_t)value + (int32_t)by - 14;
  return (uint8_t)(moved < 0 ? 0 : moved > 255 ? 255 : moved);
}

/* The prompt chooses the palette, the seed bends it a little. */
static void prepare_colours(canvas *self, uint64_t prompt)
{
  uint64_t choice = prompt;
  const colour *chosen = palettes[pick(&choice, (uint32_t)PX_ARRAY_SIZE(palettes))];
  uint32_t red = pick(&self->random, 29);
  uint32_t green = pick(&self->random, 29);
  uint32_t blue = pick(&self->random, 29);
  for (uint32_t i = 0; i < COLOURS; i++)
    self->palette[i] =
        (colour){shift_channel(chosen[i].r, red), shift_channel(chosen[i].g, green), shift_channel(chosen[i].b, blue)};
  prepare_ramp(self);
}

static void prepare_sun(canvas *self)
{
  const px_painting *painting = self->painting;
  uint32_t smaller = painting->width < painting->height ? painting->width : painting->height;
  self->sun_x = (int64_t)painting->width * (15 + pick(&self->random, 70)) / 100;
  self->sun_y = (int64_t)painting->height * (15 + pick(&self->random, 30)) / 100;
  self->sun_radius = (int64_t)smaller * (5 + pick(&self->random, 8)) / 100 + 1;
  self->horizon = painting->height * (60 + pick(&self->random, 25)) / 100 + 1;
}

static pixazo_status prepare(canvas *self, pixazo_error **error)
{
  const px_painting *painting = self->painting;
  uint64_t prompt = hash_text(painting->prompt);
  self->random = mix(prompt ^ mix(painting->seed));
  self->longer = painting->width > painting->height ? painting->width : painting->height;
  self->hills = 2 + pick(&self->random, HILLS_MAX - 1);
  prepare_colours(self, prompt);
  prepare_sun(self);
  self->noise = px_calloc(painting->width, sizeof *self->noise);
  self->ridges = px_calloc((size_t)painting->width * HILLS_MAX, sizeof *self->ridges);
  if (!self->noise || !self->ridges || !prepare_noise(self))
    return px_fail_nomem(error);
  for (uint32_t hill = 0; hill < self->hills; hill++)
    prepare_hill(self, hill);
  return PIXAZO_OK;
}

static colour sky_at(const canvas *self, uint32_t x, uint32_t y)
{
  uint32_t slope = y < self->horizon ? (uint32_t)((uint64_t)y * (RAMP - 1) / self->horizon) : RAMP - 1;
  int32_t cloud = ((int32_t)self->noise[x] - ONE / 2) >> 8; /* -128 … 127 */
  int32_t place = (int32_t)slope + cloud * 3;
  return self->ramp[place < 0 ? 0 : place >= RAMP ? RAMP - 1 : place];
}

/* A disk with a soft edge and a glow around it. */
static colour add_sun(const canvas *self, colour sky, uint32_t x, uint32_t y)
{
  int64_t dx = (int64_t)x - self->sun_x;
  int64_t dy = (int64_t)y - self->sun_y;
  int64_t distance = dx * dx + dy * dy;
  int64_t disk = self->sun_radius * self->sun_radius;
  int64_t glow = disk * 25;
  if (distance >= glow)
    return sky;
  uint32_t near = (uint32_t)((glow - distance) * ONE / glow);
  uint32_t light = (uint32_t)((uint64_t)near * near / ONE * near / ONE * 2 / 3);
  colour shown = lerp_colour(sky, self->palette[2], light);
  int64_t soft = disk / 12 + self->sun_radius + 1;
  if (distance >= disk + soft)
    return shown;
  uint32_t cover = distance <= disk ? ONE : (uint32_t)((disk + soft - distance) * ONE / soft);
  return lerp_colour(shown, (colour){255, 250, 236}, cover);
}

/* Far hills have the colour of the haze, near ones are dark; noise gives them a ground. */
static colour hill_colour(const canvas *self, uint32_t hill, uint32_t depth, uint32_t noise)
{
  uint32_t near = (hill + 1) * ONE / self->hills;
  colour top = near < ONE / 2 ? lerp_colour(self->palette[1], self->palette[3], near * 2)
                              : lerp_colour(self->palette[3], self->palette[4], near * 2 - ONE);
  uint32_t haze = depth < ONE ? depth / 4 : ONE / 4;
  colour body = lerp_colour(top, self->palette[2], haze / 2);
  return lerp_colour(body, self->palette[4], (noise & (ONE - 1)) / 4);
}

/* The nearest hill that covers this pixel, its edge blended by how much of the pixel it covers. */
static colour add_hills(const canvas *self, colour behind, uint32_t x, uint32_t y)
{
  uint32_t width = self->painting->width;
  uint32_t bottom = (y + 1) * 256;
  for (uint32_t hill = 0; hill < self->hills; hill++) {
    uint32_t top = self->ridges[hill * width + x];
    if (bottom <= top)
      continue;
    uint32_t cover = bottom - top;
    bool hidden = hill + 1 < self->hills && self->ridges[(hill + 1) * width + x] + 256 < bottom;
    if (hidden)
      continue; /* the next one covers it whole */
    uint32_t depth = (uint32_t)((uint64_t)cover * ONE / ((uint64_t)self->painting->height * 64 + 1));
    colour ground = hill_colour(self, hill, depth, self->noise[x]);
    behind = cover >= 256 ? ground : lerp_colour(behind, ground, cover * 256);
  }
  return behind;
}

static void paint_row(canvas *self, uint32_t y, unsigned char *row)
{
  uint32_t width = self->painting->width;
  make_noise(self, y);
  for (uint32_t x = 0; x < width; x++) {
    colour pixel = add_sun(self, sky_at(self, x, y), x, y);
    pixel = add_hills(self, pixel, x, y);
    row[3 * x] = pixel.r;
    row[3 * x + 1] = pixel.g;
    row[3 * x + 2] = pixel.b;
  }
}

pixazo_status px_paint(const px_painting *painting, unsigned char *pixels, size_t stride, pixazo_error **error)
{
  px_auto(canvas) self = {.painting = painting};
  PX_TRY(prepare(&self, error));
  for (uint32_t y = 0; y < painting->height; y++)
    paint_row(&self, y, pixels + y * stride);
  return PIXAZO_OK;
}
