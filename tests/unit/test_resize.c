/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/mem.h"
#include "image/resize.h"

static void fill(px_pixmap *picture, uint32_t width, uint32_t height, const unsigned char *color, uint32_t channels)
{
  assert_status(px_pixmap_make(picture, width, height, channels, NULL), PIXAZO_OK);
  for (size_t i = 0; i < picture->stride * height; i++)
    picture->data[i] = color[i % channels];
}

static void scale(const px_pixmap *source, uint32_t width, uint32_t height, px_pixmap *out)
{
  px_resize_job job = {width, height, 0, 0, width, height};
  px_autoerror error = NULL;
  assert_ok(px_resize(source, &job, NULL, out, &error), error);
  assert_int_equal(out->width, width);
  assert_int_equal(out->height, height);
  assert_int_equal(out->channels, source->channels);
}

static void test_resize__keeps_a_flat_picture_flat(void **state)
{
  (void)state;
  static const uint32_t sizes[][4] = {{100, 80, 33, 27}, {7, 5, 200, 311}, {1, 1, 50, 50}, {300, 1, 1, 1},
                                      {2000, 3, 1, 5},   {64, 64, 64, 1},  {3, 3, 2, 2}};
  static const unsigned char colors[][4] = {{0, 0, 0, 255}, {255, 255, 255, 255}, {1, 128, 254, 255}, {200, 3, 90, 255}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(sizes) * PX_ARRAY_SIZE(colors) * 2; i++) {
    const uint32_t *size = sizes[i / 8];
    const unsigned char *color = colors[i / 2 % 4];
    uint32_t channels = 3 + i % 2;
    px_auto(px_pixmap) flat = PX_PIXMAP_INIT;
    px_auto(px_pixmap) out = PX_PIXMAP_INIT;
    fill(&flat, size[0], size[1], color, channels);
    scale(&flat, size[2], size[3], &out);
    for (size_t at = 0; at < out.stride * out.height; at++)
      assert_int_equal(out.data[at], color[at % channels]);
  }
}

/* Left half opaque white, right half transparent black: no pixel may be darker than white. */
static void test_resize__transparent_black_lends_no_colour(void **state)
{
  (void)state;
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  px_auto(px_pixmap) out = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&source, 64, 16, 4, NULL), PIXAZO_OK);
  for (size_t i = 0; i < source.stride * source.height; i++)
    source.data[i] = i % source.stride < source.stride / 2 ? 255 : 0;
  scale(&source, 23, 7, &out);
  unsigned soft = 0;
  for (size_t i = 0; i < out.stride * out.height; i += 4) {
    const unsigned char *pixel = out.data + i;
    soft += pixel[3] > 0 && pixel[3] < 255;
    if (pixel[3] > 0)
      assert_true(pixel[0] >= 254 && pixel[1] >= 254 && pixel[2] >= 254);
    else
      assert_int_equal(pixel[0] + pixel[1] + pixel[2], 0);
  }
  assert_true(soft > 0);
}

static double reference_weight(double x)
{
  double pi = 3.14159265358979323846;
  if (x == 0)
    return 1;
  return fabs(x) >= 3 ? 0 : 3 * sin(pi * x) * sin(pi * x / 3) / (pi * pi * x * x);
}

/* One row by the textbook, in doubles. */
static double reference(const unsigned char *row, uint32_t in, uint32_t full, uint32_t place)
{
  double ratio = (double)in / full, stretch = ratio > 1 ? ratio : 1, sum = 0, total = 0;
  for (uint32_t i = 0; i < in; i++) {
    double weight = reference_weight((i + 0.5 - (place + 0.5) * ratio) / stretch);
    sum += weight * row[3 * i];
    total += weight;
  }
  return sum / total;
}

static void noise(px_pixmap *picture, uint32_t width, uint32_t height, uint32_t channels)
{
  uint32_t seed = 12345;
  assert_status(px_pixmap_make(picture, width, height, channels, NULL), PIXAZO_OK);
  for (size_t i = 0; i < picture->stride * height; i++) {
    seed = seed * 1664525 + 1013904223;
    picture->data[i] = (unsigned char)(seed >> 24);
  }
}

static void test_resize__is_within_one_of_the_exact_filter(void **state)
{
  (void)state;
  static const uint32_t widths[] = {13, 50, 97, 101, 333};
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  noise(&source, 100, 1, 3);
  for (size_t i = 0; i < PX_ARRAY_SIZE(widths); i++) {
    px_auto(px_pixmap) out = PX_PIXMAP_INIT;
    scale(&source, widths[i], 1, &out);
    for (uint32_t x = 0; x < widths[i]; x++) {
      double exact = fmin(255, fmax(0, reference(source.data, 100, widths[i], x)));
      assert_true(fabs(out.data[3 * x] - exact) <= 1);
    }
  }
}

static void test_resize__to_the_same_size_changes_nothing(void **state)
{
  (void)state;
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  px_auto(px_pixmap) out = PX_PIXMAP_INIT;
  noise(&source, 31, 17, 3);
  scale(&source, 31, 17, &out);
  assert_memory_equal(out.data, source.data, source.stride * source.height);
}

static void test_resize__a_window_is_a_part_of_the_whole(void **state)
{
  (void)state;
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  px_auto(px_pixmap) whole = PX_PIXMAP_INIT;
  px_auto(px_pixmap) part = PX_PIXMAP_INIT;
  noise(&source, 60, 40, 4);
  scale(&source, 30, 20, &whole);
  px_resize_job job = {30, 20, 7, 3, 11, 13};
  assert_status(px_resize(&source, &job, NULL, &part, NULL), PIXAZO_OK);
  for (uint32_t y = 0; y < 13; y++)
    assert_memory_equal(px_pixmap_row(&part, y), px_pixmap_row(&whole, y + 3) + 7 * 4, 11 * 4);
}

static void test_resize__a_window_outside_is_refused(void **state)
{
  (void)state;
  static const px_resize_job jobs[] = {
      {10, 10, 5, 0, 6, 10}, {10, 10, 0, 11, 1, 1}, {10, 10, 0, 0, 0, 1}, {0, 0, 0, 0, 0, 0}};
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  px_pixmap out = PX_PIXMAP_INIT;
  noise(&source, 4, 4, 3);
  for (size_t i = 0; i < PX_ARRAY_SIZE(jobs); i++)
    assert_status(px_resize(&source, &jobs[i], NULL, &out, NULL), PIXAZO_E_ARGUMENT);
  assert_null(out.data);
}

/* The same bytes from every compiler and level of optimisation: gcc and clang agree on these, with and without AVX. */
static void test_resize__gives_the_same_bytes_everywhere(void **state)
{
  (void)state;
  static const char *const wanted[] = {"11dc4d94adf938bfe55bf73d64348c97d080daba856b7907f366a11066a5881a",
                                       "ed7260770e377a6013eb5d48f46eb45f010ef7e4670a4dcdc36a3f1c82c8ad57"};
  for (uint32_t channels = 3; channels <= 4; channels++) {
    px_auto(px_pixmap) source = PX_PIXMAP_INIT;
    px_auto(px_pixmap) out = PX_PIXMAP_INIT;
    char hash[PX_SHA256_HEX];
    noise(&source, 123, 77, channels);
    scale(&source, 50, 91, &out);
    assert_true(px_sha256_hex(out.data, out.stride * out.height, hash));
    assert_string_equal(hash, wanted[channels - 3]);
  }
}

static void test_resize__stops_when_cancelled(void **state)
{
  (void)state;
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  px_pixmap out = PX_PIXMAP_INIT;
  pixazo_cancel *cancel = NULL;
  noise(&source, 8, 8, 3);
  assert_status(pixazo_cancel_new(&cancel, NULL), PIXAZO_OK);
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_SOFT);
  px_resize_job job = {4, 4, 0, 0, 4, 4};
  assert_status(px_resize(&source, &job, cancel, &out, NULL), PIXAZO_E_CANCELLED);
  assert_null(out.data);
  pixazo_cancel_unref(cancel);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_resize__keeps_a_flat_picture_flat),
      cmocka_unit_test(test_resize__transparent_black_lends_no_colour),
      cmocka_unit_test(test_resize__is_within_one_of_the_exact_filter),
      cmocka_unit_test(test_resize__to_the_same_size_changes_nothing),
      cmocka_unit_test(test_resize__a_window_is_a_part_of_the_whole),
      cmocka_unit_test(test_resize__a_window_outside_is_refused),
      cmocka_unit_test(test_resize__gives_the_same_bytes_everywhere),
      cmocka_unit_test(test_resize__stops_when_cancelled),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
