/* SPDX-License-Identifier: MIT */
/* Every kind of JPEG there is: the pixels of the reference decoder exactly, and near to what was drawn. */
#include "kit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t cases;

static unsigned smooth(uint32_t x, uint32_t y, unsigned c)
{
  return (unsigned)(128 + 90 * sin(x * 0.045 + c) * cos(y * 0.06 + c));
}

static unsigned rough(uint32_t x, uint32_t y, unsigned c)
{
  return kit_paint(KIT_PHOTO, x, y, c) ^ (kit_hash(x, y, c) & 15);
}

static const char *const NAMES[] = {"gray", "YCbCr", "RGB", "CMYK", "YCCK"};
static const unsigned CHANNELS[] = {1, 3, 3, 4, 4};

static unsigned char product(unsigned a, unsigned b)
{
  return (unsigned char)((a * b * 2 + 255) / 510);
}

/* Four inks of the reference decoder as RGB; with an Adobe marker they are stored inverted. */
static unsigned char *inks_to_rgb(const unsigned char *inks, size_t pixels, bool inverted)
{
  unsigned char *rgb = malloc(pixels * 3);
  assert_non_null(rgb);
  for (size_t i = 0; i < pixels; i++) {
    unsigned light[4];
    for (unsigned c = 0; c < 4; c++)
      light[c] = inverted ? inks[4 * i + c] : 255u - inks[4 * i + c];
    for (unsigned c = 0; c < 3; c++)
      rgb[3 * i + c] = product(light[c], light[3]);
  }
  return rgb;
}

static unsigned char *reference(const file_bytes *file, const jpeg_plan *plan)
{
  uint32_t size[2];
  unsigned channels = CHANNELS[plan->kind] == 4 ? 4 : 3;
  unsigned char *pixels = kit_reference_jpeg(file_view(file), channels, size);
  assert_int_equal(size[0], plan->width);
  assert_int_equal(size[1], plan->height);
  if (channels == 3)
    return pixels;
  unsigned char *rgb = inks_to_rgb(pixels, (size_t)size[0] * size[1], plan->adobe);
  free(pixels);
  return rgb;
}

/* What was drawn, as RGB. */
static unsigned char *drawn(const jpeg_plan *plan, const jpeg_coding *coding)
{
  size_t pixels = (size_t)plan->width * plan->height;
  unsigned channels = CHANNELS[plan->kind];
  unsigned char *samples = malloc(pixels * 4), *at = samples;
  assert_non_null(samples);
  for (uint32_t y = 0; y < plan->height; y++) {
    for (uint32_t x = 0; x < plan->width; x++) {
      for (unsigned c = 0; c < (channels == 1 ? 3 : channels); c++)
        *at++ = (unsigned char)coding->sample(x, y, channels == 1 ? 0 : c);
    }
  }
  if (channels < 4)
    return samples;
  unsigned char *rgb = inks_to_rgb(samples, pixels, plan->adobe);
  free(samples);
  return rgb;
}

static void check(const jpeg_plan *plan, const jpeg_coding *coding, double decibels)
{
  char what[200];
  file_bytes file = {NULL, 0};
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  px_image_info info;
  (void)snprintf(what, sizeof what, "%s %ux%u%s%s sampling %u%u,%u%u,%u%u restart %u quality %d", NAMES[plan->kind],
                 plan->width, plan->height, plan->progressive ? " progressive" : "", plan->adobe ? " Adobe" : "",
                 coding->sampling[0][0], coding->sampling[0][1], coding->sampling[1][0], coding->sampling[1][1],
                 coding->sampling[2][0], coding->sampling[2][1], coding->restart, coding->quality);
  jpeg_make_coded(&file, plan, coding);
  kit_decode_good(file_view(&file), &pixmap, &info, what);
  if (pixmap.channels != 3 || pixmap.width != plan->width || pixmap.height != plan->height || info.bit_depth != 8 ||
      info.has_alpha || (info.scans > 1) != plan->progressive)
    fail_msg("%s: the facts are wrong", what);
  unsigned char *wanted = reference(&file, plan), *source = drawn(plan, coding);
  kit_expect_pixels(&pixmap, wanted, what);
  double near = kit_psnr(pixmap.data, source, pixmap.stride * pixmap.height);
  if (near < decibels)
    fail_msg("%s: %.1f dB from what was drawn, not %.1f", what, near, decibels);
  free(wanted);
  free(source);
  file_bytes_done(&file);
  cases++;
}

static const unsigned char SAMPLINGS[][4][2] = {
    {{1, 1}, {1, 1}, {1, 1}, {1, 1}},                                   /* 4:4:4 */
    {{2, 1}, {1, 1}, {1, 1}, {2, 1}},                                   /* 4:2:2 */
    {{1, 2}, {1, 1}, {1, 1}, {1, 2}},                                   /* 4:4:0 */
    {{2, 2}, {1, 1}, {1, 1}, {2, 2}},                                   /* 4:2:0 */
    {{4, 1}, {1, 1}, {1, 1}, {4, 1}},                                   /* 4:1:1 */
    {{1, 4}, {1, 1}, {1, 1}, {1, 4}}, {{4, 2}, {1, 1}, {1, 1}, {0, 0}}, /* 4:1:0 */
    {{2, 4}, {1, 1}, {1, 1}, {0, 0}}, {{3, 1}, {1, 1}, {1, 1}, {3, 1}},
    {{1, 3}, {1, 1}, {1, 1}, {1, 3}}, {{2, 2}, {2, 1}, {1, 2}, {0, 0}}, /* colour planes of unequal shape */
    {{2, 2}, {2, 2}, {1, 1}, {0, 0}}, {{2, 2}, {1, 2}, {2, 1}, {1, 1}},
    {{1, 1}, {2, 2}, {2, 2}, {1, 1}}, /* colour finer than light */
    {{2, 1}, {2, 1}, {2, 1}, {2, 1}}, /* every plane whole, by another way of saying it */
};
static const uint32_t SIZES[][2] = {{1, 1}, {7, 9}, {16, 16}, {17, 33}, {50, 37}, {64, 8}, {3, 70}};

static void check_kind(int kind, bool adobe)
{
  for (size_t s = 0; s < PX_ARRAY_SIZE(SAMPLINGS); s++) {
    if (CHANNELS[kind] == 4 && SAMPLINGS[s][3][0] == 0)
      continue; /* more than ten blocks in an MCU */
    for (size_t n = 0; n < PX_ARRAY_SIZE(SIZES) * 2; n++) {
      jpeg_plan plan = {SIZES[n / 2][0], SIZES[n / 2][1], kind, n % 2, adobe, {0, 0, 0, 0}};
      jpeg_coding coding = {.sample = smooth, .quality = 95, .restart = (unsigned)(n % 3)};
      memcpy(coding.sampling, SAMPLINGS[s], sizeof coding.sampling);
      check(&plan, &coding, plan.width > 15 && plan.height > 15 ? 24 : 14);
      coding.sample = rough;
      coding.quality = 60 + (int)n * 2;
      coding.restart = n % 4 == 3 ? 5 : 0;
      check(&plan, &coding, 8);
    }
  }
}

static void test_jpeg_matrix__colour_sampling_progression_restart(void **state)
{
  (void)state;
  check_kind(JPEG_KIND_YCC, false);
  check_kind(JPEG_KIND_RGB, true);
  check_kind(JPEG_KIND_CMYK, true);
  check_kind(JPEG_KIND_CMYK, false);
  check_kind(JPEG_KIND_YCCK, true);
}

static void test_jpeg_matrix__gray_with_any_sampling_factor_of_its_one_plane(void **state)
{
  (void)state;
  for (unsigned char factor = 1; factor <= 4; factor++) {
    for (size_t n = 0; n < PX_ARRAY_SIZE(SIZES) * 2; n++) {
      jpeg_plan plan = {SIZES[n / 2][0], SIZES[n / 2][1], JPEG_KIND_GRAY, n % 2, false, {0, 0, 0, 0}};
      jpeg_coding coding = {.sample = smooth, .quality = 95, .restart = (unsigned)n % 3};
      coding.sampling[0][0] = factor;
      coding.sampling[0][1] = (unsigned char)(5 - factor);
      check(&plan, &coding, 30);
    }
  }
}

static void test_jpeg_matrix__large_pictures_of_every_quality(void **state)
{
  (void)state;
  static const int qualities[] = {1, 10, 50, 85, 95, 100};
  for (size_t q = 0; q < PX_ARRAY_SIZE(qualities); q++) {
    for (size_t s = 0; s < 5; s++) {
      jpeg_plan plan = {333, 251, JPEG_KIND_YCC, s % 2 == 1, false, {0, 0, 0, 0}};
      jpeg_coding coding = {.sample = rough, .quality = qualities[q], .restart = q % 2 ? 42 : 0};
      memcpy(coding.sampling, SAMPLINGS[s], sizeof coding.sampling);
      check(&plan, &coding, 12);
    }
  }
}

/* Ends the file before its scan number `scans` from 0, if it has as many: what is missing is made smooth. */
static void cut_scans(file_bytes *file, unsigned scans)
{
  for (size_t at = 2; at + 1 < file->size; at++) {
    if (file->data[at] != 0xff || file->data[at + 1] != 0xda || scans-- > 0)
      continue;
    file->data[at + 1] = 0xd9;
    file->size = at + 2;
    return;
  }
}

static void check_whole(const file_bytes *file, const jpeg_plan *plan, const char *what)
{
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  px_autoerror error = NULL;
  px_decode_job job = {.file = file_view(file), .limits = &KIT_LIMITS};
  unsigned char *wanted = reference(file, plan);
  assert_ok(px_codec_decode(&job, &pixmap, NULL, &error), error);
  kit_expect_pixels(&pixmap, wanted, what);
  assert_ok(px_codec_decode(&job, NULL, NULL, &error), error);
  free(wanted);
  cases++;
}

/* Coefficients of large progressive files are given back while the pixels are made: none of them too early. */
static void test_jpeg_matrix__large_progressive_pictures_with_all_scans_and_with_few(void **state)
{
  (void)state;
  static const struct {
    int kind;
    size_t sampling;
  } list[] = {{JPEG_KIND_YCC, 0}, {JPEG_KIND_YCC, 3}, {JPEG_KIND_YCC, 5}, {JPEG_KIND_CMYK, 0}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(list); i++) {
    file_bytes file = {NULL, 0};
    jpeg_plan plan = {1203, 1411, list[i].kind, true, true, {0, 0, 0, 0}};
    jpeg_coding coding = {.sample = rough, .quality = 60};
    memcpy(coding.sampling, SAMPLINGS[list[i].sampling], sizeof coding.sampling);
    jpeg_make_coded(&file, &plan, &coding);
    check_whole(&file, &plan, "all scans");
    cut_scans(&file, 5);
    check_whole(&file, &plan, "five scans");
    cut_scans(&file, 1);
    check_whole(&file, &plan, "one scan");
    file_bytes_done(&file);
  }
}

static void test_jpeg_matrix__arithmetic_coding_is_refused_by_name(void **state)
{
  (void)state;
  for (int progressive = 0; progressive < 2; progressive++) {
    file_bytes file = {NULL, 0};
    px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
    px_autoerror error = NULL;
    jpeg_plan plan = {40, 30, JPEG_KIND_YCC, progressive, false, {0, 0, 0, 0}};
    jpeg_make_coded(&file, &plan, &(jpeg_coding){.sample = smooth, .arithmetic = true});
    assert_status(kit_decode(file_view(&file), &pixmap, NULL), PIXAZO_E_UNSUPPORTED);
    px_decode_job job = {.file = file_view(&file), .limits = &KIT_LIMITS};
    assert_status(px_codec_decode(&job, NULL, NULL, &error), PIXAZO_E_UNSUPPORTED);
    assert_non_null(strstr(pixazo_error_message(error), "arithmetic"));
    file_bytes_done(&file);
    cases++;
  }
}

/* Offset of the frame header's marker. */
static size_t frame_of(const file_bytes *file)
{
  size_t at = 2;
  while (file->data[at + 1] < 0xc0 || file->data[at + 1] > 0xc2)
    at += 2 + ((size_t)file->data[at + 2] << 8 | file->data[at + 3]);
  return at;
}

static void expect_edit(size_t offset, unsigned char value, pixazo_status wanted)
{
  file_bytes file = {NULL, 0};
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  jpeg_plan plan = {40, 30, JPEG_KIND_YCC, false, false, {0, 0, 0, 0}};
  jpeg_make_coded(&file, &plan, &(jpeg_coding){.sample = smooth});
  file.data[frame_of(&file) + offset] = value;
  assert_status(kit_decode(file_view(&file), &pixmap, NULL), wanted);
  file_bytes_done(&file);
  cases++;
}

/* Twelve bits, two components, the frames of lossless, hierarchical and arithmetic files, and sampling by halves. */
static void test_jpeg_matrix__what_is_not_supported_says_so(void **state)
{
  (void)state;
  expect_edit(4, 12, PIXAZO_E_UNSUPPORTED);
  expect_edit(4, 16, PIXAZO_E_UNSUPPORTED);
  expect_edit(9, 2, PIXAZO_E_UNSUPPORTED);
  for (unsigned char marker = 0xc3; marker <= 0xcf; marker++) {
    if (marker != 0xc4 && marker != 0xc8 && marker != 0xcc)
      expect_edit(1, marker, PIXAZO_E_UNSUPPORTED);
  }
  expect_edit(11, 0x32, PIXAZO_E_CORRUPT); /* 3x2 is allowed by the format; the data is not coded so */
  expect_edit(11, 0x02, PIXAZO_E_CORRUPT);
  expect_edit(11, 0x52, PIXAZO_E_CORRUPT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_jpeg_matrix__colour_sampling_progression_restart),
      cmocka_unit_test(test_jpeg_matrix__gray_with_any_sampling_factor_of_its_one_plane),
      cmocka_unit_test(test_jpeg_matrix__large_pictures_of_every_quality),
      cmocka_unit_test(test_jpeg_matrix__large_progressive_pictures_with_all_scans_and_with_few),
      cmocka_unit_test(test_jpeg_matrix__arithmetic_coding_is_refused_by_name),
      cmocka_unit_test(test_jpeg_matrix__what_is_not_supported_says_so),
  };
  int failed = cmocka_run_group_tests(tests, kit_begin, kit_end);
  (void)printf("pictures: %zu cases of JPEG\n", cases);
  return failed;
}
