/* SPDX-License-Identifier: MIT */
#include "support/scenes.h"

#include <math.h>
#include <stdbool.h>

#include "support/testing.h"

static uint32_t mix(uint32_t x, uint32_t y, uint32_t seed)
{
  uint32_t h = x * 0x9e3779b1u ^ y * 0x85ebca77u ^ seed * 0xc2b2ae3du;
  h = (h ^ h >> 15) * 0x2c1b3c6du;
  h = (h ^ h >> 12) * 0x297a2d39u;
  return h ^ h >> 15;
}

static double chance(uint32_t x, uint32_t y, uint32_t seed)
{
  return mix(x, y, seed) / 4294967296.0;
}

/* Noise that changes smoothly over `period` pixels, 0 to 1. */
static double smooth(double x, double y, double period, uint32_t seed)
{
  double u = x / period, v = y / period;
  uint32_t i = (uint32_t)u, j = (uint32_t)v;
  u -= i;
  v -= j;
  u = u * u * (3 - 2 * u);
  v = v * v * (3 - 2 * v);
  double top = chance(i, j, seed) * (1 - u) + chance(i + 1, j, seed) * u;
  double bottom = chance(i, j + 1, seed) * (1 - u) + chance(i + 1, j + 1, seed) * u;
  return top * (1 - v) + bottom * v;
}

static double layers(double x, double y, uint32_t seed)
{
  double sum = 0, part = 0.5;
  for (double period = 160; period > 4; period /= 2, part /= 2)
    sum += part * smooth(x, y, period, seed++);
  return sum;
}

typedef struct color {
  double red, green, blue;
} color;

static color between(color a, color b, double t)
{
  return (color){a.red + (b.red - a.red) * t, a.green + (b.green - a.green) * t, a.blue + (b.blue - a.blue) * t};
}

/* ---- grounds ---- */

static color flat(uint32_t x, uint32_t y, uint32_t seed)
{
  (void)x, (void)y;
  return (color){90 + seed % 3 * 40, 100 + seed % 4 * 20, 120};
}

static color gradient(uint32_t x, uint32_t y, uint32_t seed)
{
  double t = seed % 2 ? x / 480.0 : (x + y) / 800.0;
  return between((color){20, 40, 90}, (color){220, 190, 150}, t);
}

static color radial(uint32_t x, uint32_t y, uint32_t seed)
{
  double dx = x - 240.0, dy = y - 160.0 - seed % 3 * 10;
  return between((color){210, 210, 200}, (color){50, 60, 70}, sqrt(dx * dx + dy * dy) / 310);
}

static color gray_noise(uint32_t x, uint32_t y, uint32_t seed)
{
  double v = 70 + 110 * chance(x, y, seed);
  return (color){v, v, v};
}

static color color_noise(uint32_t x, uint32_t y, uint32_t seed)
{
  return (color){60 + 120 * chance(x, y, seed), 60 + 120 * chance(x, y, seed + 1), 60 + 120 * chance(x, y, seed + 2)};
}

static color stripes(uint32_t x, uint32_t y, uint32_t seed)
{
  uint32_t width = 6 + seed % 4 * 4;
  return (seed % 2 ? x : x + y) / width % 2 ? (color){200, 195, 180} : (color){70, 80, 110};
}

static color checker(uint32_t x, uint32_t y, uint32_t seed)
{
  uint32_t width = 8 + seed % 3 * 6;
  return (x / width + y / width) % 2 ? (color){170, 170, 170} : (color){90, 90, 90};
}

static color wood(uint32_t x, uint32_t y, uint32_t seed)
{
  double rings = sin(x / 9.0 + 6 * smooth(x, y * 4.0, 120, seed)) * 0.5 + 0.5;
  return between((color){120, 82, 48}, (color){168, 124, 80}, rings * 0.8 + 0.2 * chance(x, y / 7, seed));
}

static color foliage(uint32_t x, uint32_t y, uint32_t seed)
{
  return between((color){20, 50, 15}, (color){130, 170, 70}, 0.6 * smooth(x, y, 9, seed) + 0.4 * chance(x, y, seed));
}

static color layered(uint32_t x, uint32_t y, uint32_t seed)
{
  return between((color){50, 60, 60}, (color){200, 190, 170}, layers(x, y, seed));
}

static color clouds(uint32_t x, uint32_t y, uint32_t seed)
{
  return between((color){90, 140, 200}, (color){235, 238, 240}, layers(x, y * 2.0, seed) * (1.2 - y / 500.0));
}

static color bokeh(uint32_t x, uint32_t y, uint32_t seed)
{
  color sum = {30, 28, 40};
  for (uint32_t i = 0; i < 14; i++) {
    double dx = x - 480 * chance(i, 1, seed), dy = y - 320 * chance(i, 2, seed), radius = 20 + 35 * chance(i, 3, seed);
    double edge = (radius - sqrt(dx * dx + dy * dy)) / 8;
    color blob = {120 + 100 * chance(i, 4, seed), 90 + 70 * chance(i, 5, seed), 50 + 90 * chance(i, 6, seed)};
    sum = between(sum, blob, 0.4 * (edge < 0 ? 0 : edge > 1 ? 1 : edge));
  }
  return sum;
}

typedef struct ground {
  const char *name;
  color (*paint)(uint32_t, uint32_t, uint32_t);
} ground;

static const ground grounds[SCENE_GROUNDS] = {
    {"flat", flat},
    {"gradient", gradient},
    {"radial", radial},
    {"gray noise", gray_noise},
    {"colour noise", color_noise},
    {"stripes", stripes},
    {"checker", checker},
    {"wood", wood},
    {"foliage", foliage},
    {"layered noise", layered},
    {"clouds", clouds},
    {"bokeh", bokeh},
};

/* ---- objects: 64 to 96 pixels, u and v from -1 to 1; false where the ground is seen ---- */

static bool face(double u, double v, color *out)
{
  if (u * u / 0.64 + v * v > 1)
    return false;
  *out = between((color){224, 172, 140}, (color){170, 116, 88}, (u + 1) / 2);
  bool eye = fabs(fabs(u) - 0.3) < 0.12 && fabs(v + 0.2) < 0.08, mouth = fabs(u) < 0.3 && fabs(v - 0.45) < 0.06;
  if (eye || v < -0.7)
    *out = (color){50, 36, 30};
  if (mouth)
    *out = (color){160, 60, 60};
  return true;
}

static bool ball(double u, double v, color *out)
{
  double far = u * u + v * v, light = (u + 0.4) * (u + 0.4) + (v + 0.4) * (v + 0.4);
  *out = between((color){235, 60, 45}, (color){90, 10, 15}, light > 2 ? 1 : light / 2);
  return far <= 1;
}

static bool bird(double u, double v, color *out)
{
  bool body = u * u + (v / 0.45) * (v / 0.45) < 0.7, wing = fabs(v + 0.5 * fabs(u)) < 0.18 && fabs(u) < 1;
  *out = v < -0.1 ? (color){30, 34, 40} : (color){60, 70, 90};
  return body || wing;
}

static bool flower(double u, double v, color *out)
{
  double far = sqrt(u * u + v * v), petal = 0.7 + 0.3 * cos(6 * atan2(v, u));
  *out = far < 0.28 ? (color){240, 200, 40} : between((color){180, 60, 170}, (color){230, 130, 220}, far);
  return far <= petal;
}

static bool board(double u, double v, color *out)
{
  bool ink = fabs(v - 0.6 * rint(v / 0.6)) < 0.12 && fabs(u) < 0.8 && (int)floor((u + 1) * 9) % 3 != 0;
  *out = ink ? (color){20, 20, 20} : (color){245, 245, 240};
  return fabs(v) < 0.9;
}

static bool car(double u, double v, color *out)
{
  bool wheel = (fabs(u) - 0.55) * (fabs(u) - 0.55) + (v - 0.4) * (v - 0.4) < 0.06;
  bool body = fabs(u) < 1 && v > -0.05 && v < 0.4,
       roof = fabs(u) < 0.55 - 0.3 * (v < -0.2 ? -0.2 - v : 0) && v > -0.5 && v <= -0.05;
  *out = wheel ? (color){25, 25, 25} : roof && fabs(u) < 0.45 ? (color){170, 200, 215} : (color){40, 90, 200};
  return wheel || body || roof;
}

typedef struct thing {
  const char *name;
  bool (*paint)(double, double, color *);
} thing;

static const thing things[SCENE_OBJECTS] = {{"face", face},     {"ball", ball},   {"bird", bird},
                                            {"flower", flower}, {"board", board}, {"car", car}};

static unsigned char byte(double value)
{
  return (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5);
}

static void paint_pixel(const scene *s, uint32_t x, uint32_t y, uint32_t number)
{
  uint32_t seed = number * 17 + 5;
  color seen = grounds[number % SCENE_GROUNDS].paint(x, y, seed), object;
  double u = (x + 0.5 - s->x) / s->width * 2 - 1, v = (y + 0.5 - s->y) / s->height * 2 - 1;
  if (fabs(u) <= 1 && fabs(v) <= 1 && things[number / SCENE_GROUNDS % SCENE_OBJECTS].paint(u, v, &object)) {
    double grain = 10 * chance(x, y, seed + 9) - 5;
    seen = (color){object.red + grain, object.green + grain, object.blue + grain};
  }
  unsigned char *to = px_pixmap_row(&s->pixmap, y) + (size_t)3 * x;
  to[0] = byte(seen.red);
  to[1] = byte(seen.green);
  to[2] = byte(seen.blue);
}

void scene_make(uint32_t number, scene *made)
{
  static const double spots[SCENE_PLACES] = {0.02, 0.28, 0.7, 0.97};
  *made = (scene){.pixmap = PX_PIXMAP_INIT};
  made->ground = grounds[number % SCENE_GROUNDS].name;
  made->object = things[number / SCENE_GROUNDS % SCENE_OBJECTS].name;
  made->width = made->height = 64 + mix(number, 1, 1) % 33;
  double spot = spots[number / (SCENE_GROUNDS * SCENE_OBJECTS)];
  made->x = (uint32_t)(spot * (SCENE_WIDTH - made->width));
  made->y = (uint32_t)(chance(number, 2, 2) * (SCENE_HEIGHT - made->height));
  assert_status(px_pixmap_make(&made->pixmap, SCENE_WIDTH, SCENE_HEIGHT, 3, NULL), PIXAZO_OK);
  for (uint32_t y = 0; y < SCENE_HEIGHT; y++) {
    for (uint32_t x = 0; x < SCENE_WIDTH; x++)
      paint_pixel(made, x, y, number);
  }
}
