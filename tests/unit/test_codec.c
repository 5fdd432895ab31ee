/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "image/codec.h"
#include "support/pictures.h"

static pixazo_status probe(const file_bytes *file, px_image_info *info)
{
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  return px_codec_probe(file_view(file), &limits, info, NULL);
}

static void test_format__is_told_by_the_first_bytes_only(void **state)
{
  (void)state;
  assert_int_equal(px_format_of_bytes("\x89PNG\r\n\x1a\n", 8), PX_FORMAT_PNG);
  assert_int_equal(px_format_of_bytes("\xff\xd8\xff\xe0", 4), PX_FORMAT_JPEG);
  assert_int_equal(px_format_of_bytes("RIFF\0\0\0\0WEBPVP8 ", 16), PX_FORMAT_WEBP);
  assert_int_equal(px_format_of_bytes("RIFF\0\0\0\0WAVEfmt ", 16), PX_FORMAT_NONE);
  assert_int_equal(px_format_of_bytes("GIF89a", 6), PX_FORMAT_NONE);
  assert_int_equal(px_format_of_bytes("<!doctype html>", 15), PX_FORMAT_NONE);
  assert_int_equal(px_format_of_bytes("\xff\xd8", 2), PX_FORMAT_NONE);
  assert_int_equal(px_format_of_bytes(NULL, 0), PX_FORMAT_NONE);
}

static void test_format__names_and_facts_belong_together(void **state)
{
  (void)state;
  assert_int_equal(px_format_of_name("JPG"), PX_FORMAT_JPEG);
  assert_int_equal(px_format_of_name("jpeg"), PX_FORMAT_JPEG);
  assert_int_equal(px_format_of_name("avif"), PX_FORMAT_NONE);
  assert_string_equal(px_format_content_type(PX_FORMAT_WEBP), "image/webp");
  assert_string_equal(px_format_extension(PX_FORMAT_JPEG), "jpg");
  assert_string_equal(px_format_name(PX_FORMAT_NONE), "");
  assert_false(px_format_has_alpha(PX_FORMAT_JPEG));
  assert_true(px_format_has_alpha(PX_FORMAT_PNG) && px_format_has_alpha(PX_FORMAT_WEBP));
  assert_int_equal(px_format_quality(PX_FORMAT_JPEG), 85);
  assert_int_equal(px_format_quality(PX_FORMAT_WEBP), 80);
}

static void test_probe__names_what_it_got_instead_of_a_picture(void **state)
{
  (void)state;
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  px_image_info info;
  pixazo_error *error = NULL;
  px_bytes html = {(const unsigned char *)"<html>", 6};
  assert_status(px_codec_probe(html, &limits, &info, &error), PIXAZO_E_UNSUPPORTED);
  assert_non_null(strstr(pixazo_error_message(error), "3c68746d"));
  pixazo_error_free(error);
  px_bytes nothing = {NULL, 0};
  assert_status(px_codec_probe(nothing, &limits, &info, NULL), PIXAZO_E_CORRUPT);
}

static unsigned zero(uint32_t x, uint32_t y, unsigned channel)
{
  (void)x;
  (void)y;
  (void)channel;
  return 0;
}

static void check_limit(uint32_t width, uint32_t height, pixazo_status wanted)
{
  file_bytes file = {NULL, 0};
  px_image_info info;
  png_begin(&file);
  png_header(&file, width, height, 1, 0, 0);
  png_chunk(&file, "IDAT", "", 0);
  png_chunk(&file, "IEND", "", 0);
  assert_status(probe(&file, &info), wanted);
  file_bytes_done(&file);
}

static void test_probe__the_pixel_limit_is_exact(void **state)
{
  (void)state;
  check_limit(8192, 8192, PIXAZO_OK);
  check_limit(8193, 8192, PIXAZO_E_LIMIT);
  check_limit(50000, 50000, PIXAZO_E_LIMIT);
  check_limit(UINT32_MAX, UINT32_MAX, PIXAZO_E_LIMIT);
  check_limit(1000001, 1, PIXAZO_E_LIMIT);
  check_limit(0, 1, PIXAZO_E_CORRUPT);
}

static void test_decode__leaves_the_pixmap_alone_when_it_fails(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  png_plan plan = {.width = 4, .height = 4, .depth = 8, .color = 2, .sample = zero};
  png_make(&file, &plan);
  file.data[file.size - 20] ^= 1;
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  px_decode_job job = {.file = file_view(&file), .limits = &limits};
  px_pixmap pixmap = PX_PIXMAP_INIT;
  assert_status(px_codec_decode(&job, &pixmap, NULL, NULL), PIXAZO_E_CORRUPT);
  assert_null(pixmap.data);
  file_bytes_done(&file);
}

static void test_encode__refuses_what_a_format_cannot_hold(void **state)
{
  (void)state;
  px_auto(px_pixmap) wide = PX_PIXMAP_INIT;
  px_auto(px_pixmap) alpha = PX_PIXMAP_INIT;
  pixazo_blob *blob = NULL;
  assert_status(px_pixmap_make(&wide, 65536, 1, 3, NULL), PIXAZO_OK);
  assert_status(px_pixmap_make(&alpha, 2, 2, 4, NULL), PIXAZO_OK);
  px_encode_job job = {.pixmap = &wide, .format = PX_FORMAT_JPEG, .quality = 85};
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_E_LIMIT);
  wide.width = 16384;
  job.format = PX_FORMAT_WEBP;
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_E_LIMIT);
  job = (px_encode_job){.pixmap = &alpha, .format = PX_FORMAT_JPEG, .quality = 85};
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_E_ARGUMENT);
  job = (px_encode_job){.pixmap = &alpha, .format = PX_FORMAT_WEBP, .quality = 101};
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_E_ARGUMENT);
  job = (px_encode_job){.pixmap = &alpha, .format = PX_FORMAT_PNG, .level = 10};
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_E_ARGUMENT);
  job = (px_encode_job){.pixmap = &alpha, .format = PX_FORMAT_NONE};
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_E_ARGUMENT);
  assert_null(blob);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_format__is_told_by_the_first_bytes_only),
      cmocka_unit_test(test_format__names_and_facts_belong_together),
      cmocka_unit_test(test_probe__names_what_it_got_instead_of_a_picture),
      cmocka_unit_test(test_probe__the_pixel_limit_is_exact),
      cmocka_unit_test(test_decode__leaves_the_pixmap_alone_when_it_fails),
      cmocka_unit_test(test_encode__refuses_what_a_format_cannot_hold),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
