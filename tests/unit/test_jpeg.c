/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/codec.h"
#include "support/pictures.h"

static const px_image_limits LIMITS = PX_IMAGE_LIMITS_INIT;

static pixazo_status decode(const file_bytes *file, px_pixmap *pixmap, px_image_info *info)
{
  px_decode_job job = {.file = file_view(file), .limits = &LIMITS};
  return px_codec_decode(&job, pixmap, info, NULL);
}

static void check_color(const jpeg_plan *plan, int red, int green, int blue)
{
  file_bytes file = {NULL, 0};
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  px_image_info info;
  jpeg_make(&file, plan);
  assert_status(decode(&file, NULL, &info), PIXAZO_OK);
  assert_status(decode(&file, &pixmap, &info), PIXAZO_OK);
  assert_int_equal(pixmap.channels, 3);
  assert_int_equal(pixmap.width, plan->width);
  for (size_t i = 0; i < pixmap.stride * pixmap.height; i += 3) {
    const unsigned char *pixel = pixmap.data + i;
    if (abs(pixel[0] - red) > 2 || abs(pixel[1] - green) > 2 || abs(pixel[2] - blue) > 2)
      fail_msg("kind %d: %u %u %u, not %d %d %d", plan->kind, pixel[0], pixel[1], pixel[2], red, green, blue);
  }
  file_bytes_done(&file);
}

static void test_jpeg__gray_and_colour_become_rgb(void **state)
{
  (void)state;
  for (int progressive = 0; progressive < 2; progressive++) {
    check_color(&(jpeg_plan){19, 13, JPEG_KIND_GRAY, progressive, false, {77, 0, 0, 0}}, 77, 77, 77);
    check_color(&(jpeg_plan){19, 13, JPEG_KIND_YCC, progressive, false, {200, 100, 50, 0}}, 200, 100, 50);
    check_color(&(jpeg_plan){19, 13, JPEG_KIND_RGB, progressive, true, {10, 220, 130, 0}}, 10, 220, 130);
  }
}

/* Inks cyan 40, magenta 90, yellow 200, black 30 of 255 give (255-c)(255-k)/255. */
static void test_jpeg__inks_are_read_straight_and_as_adobe_inverts_them(void **state)
{
  (void)state;
  int red = 215 * 225 / 255, green = 165 * 225 / 255, blue = 55 * 225 / 255;
  check_color(&(jpeg_plan){16, 16, JPEG_KIND_CMYK, false, false, {40, 90, 200, 30}}, red, green, blue);
  check_color(&(jpeg_plan){16, 16, JPEG_KIND_CMYK, false, true, {215, 165, 55, 225}}, red, green, blue);
  check_color(&(jpeg_plan){16, 16, JPEG_KIND_YCCK, false, true, {215, 165, 55, 225}}, red, green, blue);
  check_color(&(jpeg_plan){16, 16, JPEG_KIND_YCCK, true, true, {215, 165, 55, 225}}, red, green, blue);
}

/* The decoder itself only warns and fills in gray. */
static void test_jpeg__pixels_that_are_missing_before_the_end_are_an_error(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  jpeg_make(&file, &(jpeg_plan){16, 16, JPEG_KIND_YCC, false, false, {200, 100, 50, 0}});
  memmove(file.data + file.size - 12, file.data + file.size - 2, 2);
  file.size -= 10;
  assert_status(decode(&file, NULL, NULL), PIXAZO_E_CORRUPT);
  file_bytes_done(&file);
}

static pixazo_status decode_small(px_bytes file, const uint32_t wanted[2], px_pixmap *pixmap, px_image_info *info)
{
  px_decode_job job = {.file = file, .limits = &LIMITS, .want = {wanted[0], wanted[1]}};
  return px_codec_decode(&job, pixmap, info, NULL);
}

/* Squares of one colour each: an eighth is one pixel a square. */
static void test_jpeg__decodes_to_fewer_pixels_when_they_will_do(void **state)
{
  (void)state;
  static const uint32_t wanted[2] = {10, 6};
  px_auto(px_pixmap) squares = PX_PIXMAP_INIT;
  px_auto(px_pixmap) got = PX_PIXMAP_INIT;
  file_bytes file = {NULL, 0};
  px_image_info info;
  assert_status(px_pixmap_make(&squares, 320, 160, 3, NULL), PIXAZO_OK);
  for (uint32_t y = 0; y < 160; y++) {
    for (uint32_t x = 0; x < 320 * 3; x++)
      px_pixmap_row(&squares, y)[x] = (unsigned char)(40 + x / 48 * 7 + y / 16 * 8);
  }
  jpeg_of_pixmap(&file, &squares, 100);
  assert_status(decode_small(file_view(&file), wanted, &got, &info), PIXAZO_OK);
  assert_int_equal(info.width * 1000 + info.height, 320160);
  assert_int_equal(got.width * 1000 + got.height, 40020);
  for (uint32_t y = 0; y < 20; y++) {
    for (uint32_t x = 0; x < 40; x++)
      assert_in_range(px_pixmap_row(&got, y)[3 * x], 40 + x / 2 * 7 + y / 2 * 8 - 2, 40 + x / 2 * 7 + y / 2 * 8 + 2);
  }
  file_bytes_done(&file);
}

static void test_jpeg__a_cut_file_is_no_picture_at_any_size(void **state)
{
  (void)state;
  static const uint32_t wanted[2] = {10, 10};
  for (int progressive = 0; progressive < 2; progressive++) {
    file_bytes file = {NULL, 0};
    int good = 0;
    jpeg_make(&file, &(jpeg_plan){256, 256, JPEG_KIND_YCC, progressive, false, {200, 100, 50, 0}});
    for (size_t cut = 1; cut < file.size; cut += cut < 64 ? 1 : 37) {
      px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
      memmove(file.data + file.size - cut - 2, "\xff\xd9", 2);
      px_bytes shorter = {file.data, file.size - cut};
      px_decode_job whole = {.file = shorter, .limits = &LIMITS};
      pixazo_status status = px_codec_decode(&whole, NULL, NULL, NULL);
      good += status == PIXAZO_OK;
      assert_status(decode_small(shorter, wanted, &pixmap, NULL), status);
      if (cut + 3 + 64 > file.size)
        break;
    }
    assert_true(good <= 10 * progressive); /* cut between two of its scans, a progressive file is whole */
    file_bytes_done(&file);
  }
}

/* ---- writing ---- */

/* The same numbers on every machine. */
static unsigned char noise(uint32_t seed)
{
  seed = seed * 0x9e3779b1u + 0x7f4a7c15u;
  seed ^= seed >> 15;
  return (unsigned char)((seed * 0x85ebca6bu) >> 24);
}

/* Waves with a bit of grain, as in a photograph; or only grain. */
static void draw(px_pixmap *picture, uint32_t width, uint32_t height, unsigned grain)
{
  assert_status(px_pixmap_make(picture, width, height, 3, NULL), PIXAZO_OK);
  for (uint32_t y = 0; y < height; y++) {
    for (uint32_t i = 0; i < width * 3; i++) {
      double wave = 127 + 90 * sin(0.03 * i / 3 + 2 * (i % 3)) * cos(0.021 * y);
      unsigned added = noise(y * width * 3 + i) * grain / 255;
      px_pixmap_row(picture, y)[i] = (unsigned char)(grain > 200 ? added : (unsigned)wave + added);
    }
  }
}

static void encode(const px_pixmap *picture, int32_t quality, file_bytes *file)
{
  px_encode_job job = {.pixmap = picture, .format = PX_FORMAT_JPEG, .quality = quality};
  pixazo_blob *blob = NULL;
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_OK);
  file_add(file, pixazo_blob_data(blob), pixazo_blob_size(blob));
  (void)pixazo_blob_unref(blob);
}

/* Huffman tables change the size of a file, never its pixels. */
static void check_against_optimised(const px_pixmap *picture, int32_t quality, double most)
{
  file_bytes ours = {NULL, 0}, best = {NULL, 0};
  px_auto(px_pixmap) got = PX_PIXMAP_INIT;
  px_auto(px_pixmap) wanted = PX_PIXMAP_INIT;
  encode(picture, quality, &ours);
  jpeg_of_pixmap(&best, picture, quality);
  assert_status(decode(&ours, &got, NULL), PIXAZO_OK);
  assert_status(decode(&best, &wanted, NULL), PIXAZO_OK);
  assert_memory_equal(got.data, wanted.data, wanted.stride * wanted.height);
  if ((double)ours.size > most * (double)best.size)
    fail_msg("%zu bytes where %zu are enough", ours.size, best.size);
  file_bytes_done(&ours);
  file_bytes_done(&best);
}

static void test_jpeg__sampled_tables_cost_little(void **state)
{
  (void)state;
  static const struct {
    uint32_t width, height;
    unsigned grain;
    int32_t quality;
  } cases[] = {{1024, 512, 12, 85}, {1013, 541, 30, 85}, {128, 4096, 12, 50}, {4111, 129, 12, 30}, {800, 700, 255, 100}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
    draw(&picture, cases[i].width, cases[i].height, cases[i].grain);
    check_against_optimised(&picture, cases[i].quality, 1.02);
  }
}

static void test_jpeg__small_and_narrow_pictures_get_the_best_tables(void **state)
{
  (void)state;
  static const uint32_t sizes[][2] = {{1, 1}, {256, 256}, {127, 8000}, {40000, 31}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(sizes); i++) {
    px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
    draw(&picture, sizes[i][0], sizes[i][1], 12);
    check_against_optimised(&picture, 85, 1.0);
  }
}

/* Flat wherever the sample is taken, noise everywhere else: no symbol of the noise was seen. */
static void test_jpeg__what_the_sample_did_not_see_has_codes_too(void **state)
{
  (void)state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  draw(&picture, 1024, 512, 255);
  for (uint32_t y = 0; y < 512; y += 32) {
    for (uint32_t row = y; row < y + 16; row++)
      memset(px_pixmap_row(&picture, row), 100, picture.stride);
  }
  for (int32_t quality = 10; quality <= 100; quality += 30)
    check_against_optimised(&picture, quality, 3.0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_jpeg__gray_and_colour_become_rgb),
      cmocka_unit_test(test_jpeg__inks_are_read_straight_and_as_adobe_inverts_them),
      cmocka_unit_test(test_jpeg__pixels_that_are_missing_before_the_end_are_an_error),
      cmocka_unit_test(test_jpeg__decodes_to_fewer_pixels_when_they_will_do),
      cmocka_unit_test(test_jpeg__a_cut_file_is_no_picture_at_any_size),
      cmocka_unit_test(test_jpeg__sampled_tables_cost_little),
      cmocka_unit_test(test_jpeg__small_and_narrow_pictures_get_the_best_tables),
      cmocka_unit_test(test_jpeg__what_the_sample_did_not_see_has_codes_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
