/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "image/resize_rows.h"

static const px_resize_rows *const rows = &px_resize_rows_plain;

static void test_plain__premultiplies_almost_exactly(void **state)
{
  (void)state;
  for (unsigned alpha = 0; alpha < 256; alpha++) {
    for (unsigned color = 0; color < 256; color++) {
      int made = px_sample_premultiply(color, alpha);
      double off = made - color * alpha * 64 / 255.0;
      assert_true(off <= 0.63 && off >= -0.63);
      if (alpha == 255)
        assert_int_equal(made, color << PX_SAMPLE_BITS);
    }
  }
}

static void test_plain__lifts_bytes(void **state)
{
  (void)state;
  int16_t made[4];
  rows->lift_rgb((const unsigned char *)"\x01\x80\xff", 1, made);
  assert_memory_equal(made, ((const int16_t[]){64, 8192, 16320}), 6);
  rows->lift_rgba((const unsigned char *)"\x33\x00\xff\x80", 1, made);
  assert_memory_equal(made, ((const int16_t[]){1639, 0, 8192, 8192}),
                      8); /* 51 x 128 / 255 x 64 = 1638.4; at most 0.63 off */
}

/* Weights of 3/4, 1/2 and -1/4. */
static const int16_t weights[4] = {12288, 8192, -4096, 0};

static void test_plain__weighs_rows(void **state)
{
  (void)state;
  static const unsigned char bytes[] = {0, 100, 255, 9, 0, 200, 255, 9, 0, 40, 255, 9};
  static const int16_t samples[3][3] = {{0, 6400, -32768}, {1, 12800, -32768}, {0, 2560, 32767}};
  const int16_t *const lines[3] = {samples[0], samples[1], samples[2]};
  int16_t made[3];
  px_rows_below below = {.bytes = bytes, .stride = 4, .samples = lines, .weights = weights, .count = 3};
  rows->down_bytes(&below, 3, made);
  assert_memory_equal(made, ((const int16_t[]){0, 165 * 64, 16320}), 6);
  rows->down_samples(&below, 3, made);
  assert_memory_equal(made, ((const int16_t[]){1, 165 * 64, INT16_MIN}), 6);
}

static void test_plain__weighs_pixels(void **state)
{
  (void)state;
  uint32_t first[1] = {5}, count[1] = {3};
  int16_t copy[4], made[4];
  memcpy(copy, weights, sizeof copy);
  px_taps taps = {first, count, copy, 4};
  static const int16_t rgb[] = {9, 9, 9, 100, 0, 4, 200, 0, 8, 40, 64, 16};
  rows->across_rgb(rgb, 4, &taps, 1, made);
  assert_memory_equal(made, ((const int16_t[]){165, -16, 3}), 6);
  static const int16_t rgba[] = {100, 0, 4, 64, 200, 0, 8, 64, 40, 64, 16, 64};
  rows->across_rgba(rgba, 5, &taps, 1, made);
  assert_memory_equal(made, ((const int16_t[]){165, -16, 3, 64}), 8);
}

static void test_plain__finishes_with_rounding_and_limits(void **state)
{
  (void)state;
  unsigned char made[8];
  rows->finish_rgb((const int16_t[]){-900, 31, 32, 95, 16320, 32767}, 2, made);
  assert_memory_equal(made, "\0\0\1\1\xff\xff", 6);
  px_resize_finish_rgba((const int16_t[]){8160, 4080, 9000, 8160, 5, 5, 5, 31}, 2, made);
  assert_memory_equal(made, "\xff\x80\xff\x80\0\0\0\0", 8);
}

static void test_plain__an_opaque_pixel_takes_the_short_way_to_the_same_colour(void **state)
{
  (void)state;
  for (int color = 1; color < PX_SAMPLE_MAX; color++) {
    unsigned char made[4];
    px_resize_finish_rgba((const int16_t[]){(int16_t)color, 0, 0, PX_SAMPLE_MAX}, 1, made);
    assert_int_equal(made[0], (color * 255 + PX_SAMPLE_MAX / 2) / PX_SAMPLE_MAX);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_plain__premultiplies_almost_exactly),
      cmocka_unit_test(test_plain__lifts_bytes),
      cmocka_unit_test(test_plain__weighs_rows),
      cmocka_unit_test(test_plain__weighs_pixels),
      cmocka_unit_test(test_plain__finishes_with_rounding_and_limits),
      cmocka_unit_test(test_plain__an_opaque_pixel_takes_the_short_way_to_the_same_colour),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
