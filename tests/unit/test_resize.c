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
  px_resize_job job = {width, height, 0, 0, width, height, false, PX_SIMD_AUTO};
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

/* One place of one line by the textbook, in doubles; `step` from sample to sample. */
static double reference(const double *line, uint32_t in, size_t step, uint32_t full, uint32_t place)
{
  double ratio = (double)in / full, stretch = ratio > 1 ? ratio : 1, sum = 0, total = 0;
  for (uint32_t i = 0; i < in; i++) {
    double weight = reference_weight((i + 0.5 - (place + 0.5) * ratio) / stretch);
    sum += weight * line[i * step];
    total += weight;
  }
  return sum / total;
}

/* One channel of the whole picture; owned by the caller. */
static double *reference_channel(const px_pixmap *source, uint32_t channel, uint32_t width, uint32_t height)
{
  size_t tall = (size_t)width * source->height;
  double *wide = test_malloc(source->width * sizeof *wide), *half = test_malloc(tall * sizeof *half);
  double *made = test_malloc((size_t)width * height * sizeof *made);
  for (uint32_t y = 0; y < source->height; y++) {
    for (uint32_t x = 0; x < source->width; x++)
      wide[x] = px_pixmap_row(source, y)[(size_t)x * source->channels + channel];
    for (uint32_t x = 0; x < width; x++)
      half[(size_t)y * width + x] = reference(wide, source->width, 1, width, x);
  }
  for (uint32_t y = 0; y < height; y++) {
    for (uint32_t x = 0; x < width; x++)
      made[(size_t)y * width + x] = reference(half + x, source->height, width, height, y);
  }
  test_free(wide);
  test_free(half);
  return made;
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

/* Waves under a little noise: every frequency, few samples at the ends of the range. */
static void waves(px_pixmap *picture, uint32_t width, uint32_t height)
{
  noise(picture, width, height, 3);
  for (uint32_t y = 0; y < height; y++) {
    for (uint32_t x = 0; x < width * 3; x++) {
      unsigned char *sample = px_pixmap_row(picture, y) + x;
      *sample = (unsigned char)(*sample / 4 + 90 + 70 * sin(x * x / 900.0) * cos(y * y / 500.0));
    }
  }
}

/* Of two sizes of one picture: decibels against the reference, and the largest distance from it. */
static double quality(const px_pixmap *source, uint32_t width, uint32_t height, double *worst)
{
  px_auto(px_pixmap) out = PX_PIXMAP_INIT;
  double squares = 0;
  scale(source, width, height, &out);
  for (uint32_t c = 0; c < 3; c++) {
    double *exact = reference_channel(source, c, width, height);
    for (size_t i = 0; i < (size_t)width * height; i++) {
      double off = fabs(out.data[i * 3 + c] - fmin(255, fmax(0, exact[i])));
      squares += off * off;
      *worst = fmax(*worst, off);
    }
    test_free(exact);
  }
  return 10 * log10(255.0 * 255 * width * height * 3 / squares);
}

/* 58.9 dB is what rounding to whole numbers costs alone. */
static void test_resize__is_the_exact_filter_to_58_decibels(void **state)
{
  (void)state;
  static const uint32_t sizes[][2] = {{25, 19}, {33, 25}, {50, 37}, {99, 74}, {125, 94}, {200, 150}, {25, 125}, {190, 20}};
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  waves(&source, 100, 75);
  for (size_t i = 0; i < PX_ARRAY_SIZE(sizes); i++) {
    double worst = 0, decibels = quality(&source, sizes[i][0], sizes[i][1], &worst);
    if (decibels < 58 || worst > 0.6)
      fail_msg("%ux%u: %.2f dB, worst %.3f", sizes[i][0], sizes[i][1], decibels, worst);
  }
}

static void test_resize__noise_is_within_one_of_the_exact_filter(void **state)
{
  (void)state;
  static const uint32_t widths[] = {13, 50, 97, 101, 333};
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  noise(&source, 100, 1, 3);
  for (size_t i = 0; i < PX_ARRAY_SIZE(widths); i++) {
    double worst = 0;
    (void)quality(&source, widths[i], 1, &worst);
    assert_true(worst <= 1);
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
  static const uint32_t sizes[][2] = {{30, 20}, {90, 70}, {30, 70}, {90, 20}, {60, 40}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(sizes) * 4; i++) {
    uint32_t width = sizes[i / 4][0], height = sizes[i / 4][1], channels = 3 + i % 2;
    px_auto(px_pixmap) source = PX_PIXMAP_INIT;
    px_auto(px_pixmap) whole = PX_PIXMAP_INIT;
    px_auto(px_pixmap) part = PX_PIXMAP_INIT;
    noise(&source, 60, 40, channels);
    px_resize_job job = {width, height, 0, 0, width, height, i / 2 % 2 == 1, PX_SIMD_AUTO};
    assert_status(px_resize(&source, &job, NULL, &whole, NULL), PIXAZO_OK);
    job = (px_resize_job){width, height, 7, 3, 11, 13, job.linear, PX_SIMD_AUTO};
    assert_status(px_resize(&source, &job, NULL, &part, NULL), PIXAZO_OK);
    for (uint32_t y = 0; y < 13; y++)
      assert_memory_equal(px_pixmap_row(&part, y), px_pixmap_row(&whole, y + 3) + 7 * channels, 11 * channels);
  }
}

static void test_resize__a_window_outside_is_refused(void **state)
{
  (void)state;
  static const px_resize_job jobs[] = {{.full_width = 10, .full_height = 10, .x = 5, .width = 6, .height = 10},
                                       {.full_width = 10, .full_height = 10, .y = 11, .width = 1, .height = 1},
                                       {.full_width = 10, .full_height = 10, .height = 1},
                                       {.full_width = 0}};
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  px_pixmap out = PX_PIXMAP_INIT;
  noise(&source, 4, 4, 3);
  for (size_t i = 0; i < PX_ARRAY_SIZE(jobs); i++)
    assert_status(px_resize(&source, &jobs[i], NULL, &out, NULL), PIXAZO_E_ARGUMENT);
  assert_null(out.data);
}

typedef struct pinned {
  uint32_t width, height, channels;
  bool linear;
  const char *hash;
} pinned;

/* The same bytes from every compiler, level of optimisation and processor. */
static void test_resize__gives_the_same_bytes_everywhere(void **state)
{
  (void)state;
  static const pinned wanted[] = {
      {50, 31, 3, false, "ccd8b52e84d89536fece441b65e95728256b2ee584c68c65dc72b0321aafb0f9"},
      {50, 91, 3, false, "e0efd0bd0dd4765041e88cc8425a3c41e916e06ea51e6b9cc169ee99a7b99974"},
      {200, 150, 3, false, "1387c198fe6a8c97844ec8dc066259123b15dd37d3f4f86eca4ef3073368ac20"},
      {50, 31, 4, false, "44dac4f956aa083f6d474b1373ffc33c5a2639b70d1e67a1ee0f8348aff8c0f2"},
      {200, 150, 4, false, "ecf8b161da60cea6a2b45baa12fe5b2c1d9b9e85632d06e30da55a107a3984d4"},
      {50, 31, 3, true, "73a794acf392c59d2a3cf52e472c92590620f8dac1637f7bf55f2d2dcf1e47da"},
      {200, 150, 4, true, "ebd16c415d7fe73ac161ced220d03a966ffd2127eec4b85fa7f429ffa680292c"},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(wanted) * 2; i++) {
    const pinned *p = &wanted[i / 2];
    px_auto(px_pixmap) source = PX_PIXMAP_INIT;
    px_auto(px_pixmap) out = PX_PIXMAP_INIT;
    char hash[PX_SHA256_HEX];
    noise(&source, 123, 77, p->channels);
    px_resize_job job = {p->width, p->height, 0, 0, p->width, p->height, p->linear, i % 2 ? PX_SIMD_AUTO : PX_SIMD_PLAIN};
    assert_status(px_resize(&source, &job, NULL, &out, NULL), PIXAZO_OK);
    assert_true(px_sha256_hex(out.data, out.stride * out.height, hash));
    assert_string_equal(hash, p->hash);
  }
}

/* A picture so high that rows cannot wait: alpha and light are lifted for each use instead. */
static void test_resize__a_very_high_picture_keeps_its_colour(void **state)
{
  (void)state;
  for (int linear = 0; linear < 2; linear++) {
    px_auto(px_pixmap) high = PX_PIXMAP_INIT;
    px_auto(px_pixmap) out = PX_PIXMAP_INIT;
    fill(&high, 300, 9000, (const unsigned char[]){200, 3, 90, 255}, 4);
    for (size_t i = 3; i < high.stride * high.height; i += 8)
      high.data[i] = 0; /* every other column is invisible, and lends no colour */
    px_resize_job job = {150, 1, 0, 0, 150, 1, linear == 1, PX_SIMD_AUTO};
    assert_status(px_resize(&high, &job, NULL, &out, NULL), PIXAZO_OK);
    for (size_t i = 0; i < out.stride; i += 4) {
      assert_memory_equal(out.data + i, "\xc8\x03\x5a", 3);
      assert_in_range(out.data[i + 3], 100, 156);
    }
  }
}

/* Black and white in equal parts: half of the light is code 188, half of the code is 128. */
static void test_resize__linear_light_keeps_the_amount_of_light(void **state)
{
  (void)state;
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  px_auto(px_pixmap) coded = PX_PIXMAP_INIT;
  px_auto(px_pixmap) light = PX_PIXMAP_INIT;
  fill(&source, 64, 64, (const unsigned char[]){0, 0, 0}, 3);
  for (uint32_t y = 0; y < 64; y++) {
    for (uint32_t x = y % 2; x < 64; x += 2)
      memset(px_pixmap_row(&source, y) + 3 * x, 255, 3);
  }
  px_resize_job job = {8, 8, 2, 2, 4, 4, false, PX_SIMD_AUTO};
  assert_status(px_resize(&source, &job, NULL, &coded, NULL), PIXAZO_OK);
  job.linear = true;
  assert_status(px_resize(&source, &job, NULL, &light, NULL), PIXAZO_OK);
  for (size_t i = 0; i < coded.stride * coded.height; i++) {
    assert_in_range(coded.data[i], 127, 128);
    assert_in_range(light.data[i], 187, 188);
  }
}

static void test_resize__linear_light_keeps_flat_pictures_flat(void **state)
{
  (void)state;
  for (unsigned code = 0; code < 256; code++) {
    px_auto(px_pixmap) flat = PX_PIXMAP_INIT;
    px_auto(px_pixmap) out = PX_PIXMAP_INIT;
    fill(&flat, 9, 7, (const unsigned char[]){(unsigned char)code, (unsigned char)(255 - code), 77, 255}, 4);
    px_resize_job job = {5, 11, 0, 0, 5, 11, true, PX_SIMD_AUTO};
    assert_status(px_resize(&flat, &job, NULL, &out, NULL), PIXAZO_OK);
    for (size_t i = 0; i < out.stride * out.height; i++)
      assert_int_equal(out.data[i], flat.data[i % 4]);
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
  px_resize_job job = {4, 4, 0, 0, 4, 4, false, PX_SIMD_AUTO};
  assert_status(px_resize(&source, &job, cancel, &out, NULL), PIXAZO_E_CANCELLED);
  assert_null(out.data);
  pixazo_cancel_unref(cancel);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_resize__keeps_a_flat_picture_flat),
      cmocka_unit_test(test_resize__transparent_black_lends_no_colour),
      cmocka_unit_test(test_resize__is_the_exact_filter_to_58_decibels),
      cmocka_unit_test(test_resize__noise_is_within_one_of_the_exact_filter),
      cmocka_unit_test(test_resize__to_the_same_size_changes_nothing),
      cmocka_unit_test(test_resize__a_window_is_a_part_of_the_whole),
      cmocka_unit_test(test_resize__a_window_outside_is_refused),
      cmocka_unit_test(test_resize__gives_the_same_bytes_everywhere),
      cmocka_unit_test(test_resize__a_very_high_picture_keeps_its_colour),
      cmocka_unit_test(test_resize__linear_light_keeps_the_amount_of_light),
      cmocka_unit_test(test_resize__linear_light_keeps_flat_pictures_flat),
      cmocka_unit_test(test_resize__stops_when_cancelled),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
