/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "image/blend.h"

typedef struct known {
  px_blend_mode mode;
  unsigned opacity;
  unsigned char below[4], layer[4], result[4];
} known;

/* Worked out by hand from the formulas. */
static const known cases[] = {
    {PX_BLEND_OVER, 100, {0, 0, 0, 255}, {200, 100, 50, 255}, {200, 100, 50, 255}},
    {PX_BLEND_OVER, 100, {10, 20, 30, 255}, {200, 100, 50, 0}, {10, 20, 30, 255}},
    {PX_BLEND_OVER, 100, {100, 0, 255, 255}, {200, 255, 0, 51}, {120, 51, 204, 255}},
    {PX_BLEND_OVER, 20, {100, 0, 255, 255}, {200, 255, 0, 255}, {120, 51, 204, 255}},
    {PX_BLEND_OVER, 0, {1, 2, 3, 255}, {200, 255, 0, 255}, {1, 2, 3, 255}},
    {PX_BLEND_MULTIPLY, 100, {128, 255, 0, 255}, {128, 77, 99, 255}, {64, 77, 0, 255}},
    {PX_BLEND_MULTIPLY, 50, {200, 255, 10, 255}, {0, 0, 255, 255}, {100, 127, 10, 255}},
    {PX_BLEND_SCREEN, 100, {128, 255, 0, 255}, {128, 77, 99, 255}, {192, 255, 99, 255}},
    {PX_BLEND_OVERLAY, 100, {64, 192, 128, 255}, {128, 128, 0, 255}, {64, 192, 1, 255}},
    {PX_BLEND_OVERLAY, 100, {0, 255, 127, 255}, {200, 200, 255, 255}, {0, 255, 254, 255}},
    /* Over what is not opaque: half of red over half of blue is 3/4 there, two parts of red to one of blue. */
    {PX_BLEND_OVER, 100, {0, 0, 255, 128}, {255, 0, 0, 128}, {170, 0, 85, 192}},
    {PX_BLEND_OVER, 100, {9, 9, 9, 0}, {7, 8, 9, 100}, {7, 8, 9, 100}},
    {PX_BLEND_MULTIPLY, 100, {9, 9, 9, 0}, {7, 8, 9, 100}, {7, 8, 9, 100}},
    {PX_BLEND_OVER, 100, {9, 9, 9, 0}, {7, 8, 9, 0}, {0, 0, 0, 0}},
    {PX_BLEND_SCREEN, 0, {9, 8, 7, 66}, {7, 8, 9, 200}, {9, 8, 7, 66}},
};

static void test_blend__gives_the_pixels_of_the_formulas(void **state)
{
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    for (uint32_t channels = cases[i].below[3] == 255 ? 3 : 4; channels <= 4; channels++) {
      unsigned char made[4];
      px_blend_row row = {cases[i].layer, cases[i].below, made, 1, cases[i].opacity};
      px_blend(&row, cases[i].mode, channels, PX_SIMD_AUTO);
      if (memcmp(made, cases[i].result, channels) != 0)
        fail_msg("case %zu, %u channels: %u %u %u", i, channels, made[0], made[1], made[2]);
    }
  }
}

static double formula(px_blend_mode mode, double b, double s)
{
  if (mode == PX_BLEND_MULTIPLY)
    return b * s;
  if (mode == PX_BLEND_SCREEN)
    return b + s - b * s;
  if (mode == PX_BLEND_OVERLAY)
    return b <= 0.5 ? 2 * b * s : 1 - 2 * (1 - b) * (1 - s);
  return s;
}

/* Every seventh pair of colours under a few alphas, in doubles: never more than half a step away. */
static void test_blend__rounds_once(void **state)
{
  (void)state;
  static const unsigned char alphas[] = {1, 3, 64, 127, 128, 200, 254, 255};
  for (unsigned i = 0; i < 4 * 8 * 8; i++) {
    unsigned char as = alphas[i / 4 % 8], ab = alphas[i / 32];
    for (unsigned pair = 0; pair < 65536; pair += 7) {
      unsigned char layer[4] = {(unsigned char)pair, 0, 0, as}, below[4] = {(unsigned char)(pair >> 8), 0, 0, ab}, made[4];
      px_blend_row row = {layer, below, made, 1, 100};
      px_blend(&row, (px_blend_mode)(i % 4), 4, PX_SIMD_AUTO);
      double s = layer[0] / 255.0, b = below[0] / 255.0, fs = as / 255.0, fb = ab / 255.0;
      double sum = fs * (1 - fb) * s + fs * fb * formula((px_blend_mode)(i % 4), b, s) + (1 - fs) * fb * b;
      double alpha = fs + fb * (1 - fs);
      assert_true(made[3] == 0 || fabs(made[0] - 255 * sum / alpha) <= 0.5 + 1e-9);
      assert_true(fabs(made[3] - 255 * alpha) <= 0.5 + 1e-9);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_blend__gives_the_pixels_of_the_formulas),
      cmocka_unit_test(test_blend__rounds_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
