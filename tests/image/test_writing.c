/* SPDX-License-Identifier: MIT */
/* What is written, read by the reference decoders; the lossy formats beside their own libraries at the same settings. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <webp/encode.h>

static size_t cases;

static const uint32_t SIZES[][2] = {{1, 1},   {1, 37},  {37, 1}, {2, 2},    {3, 3},    {8, 8},
                                    {15, 17}, {31, 33}, {64, 9}, {127, 70}, {1025, 3}, {5, 800}};

static void check_png(const px_pixmap *picture, int32_t level, bool fast)
{
  char what[100];
  uint32_t size[2];
  pixazo_blob *blob = NULL;
  px_auto(px_pixmap) again = PX_PIXMAP_INIT;
  (void)snprintf(what, sizeof what, "%ux%u of %u channels, level %d%s", picture->width, picture->height, picture->channels,
                 level, fast ? ", fast" : "");
  px_encode_job job = {.pixmap = picture, .format = PX_FORMAT_PNG, .level = level, .fast = fast};
  assert_status(kit_encode(job, &blob), PIXAZO_OK);
  unsigned char *pixels = kit_reference_png(kit_view(blob), picture->channels, size);
  assert_int_equal(size[0], picture->width);
  assert_int_equal(size[1], picture->height);
  kit_expect_pixels(picture, pixels, what);
  kit_decode_good(kit_view(blob), &again, NULL, what);
  kit_expect_pixels(picture, again.data, what);
  free(pixels);
  (void)pixazo_blob_unref(blob);
  cases++;
}

static void test_writing__png_of_every_nature_size_and_level(void **state)
{
  (void)state;
  for (unsigned nature = 0; nature < KIT_NATURES; nature++) {
    for (size_t s = 0; s < PX_ARRAY_SIZE(SIZES); s++) {
      for (uint32_t channels = 3; channels <= 4; channels++) {
        px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
        kit_picture(&picture, nature, SIZES[s][0], SIZES[s][1], channels);
        for (int32_t level = (int32_t)s % 3; level <= 9; level += 3)
          check_png(&picture, level, false);
        check_png(&picture, 0, true);
      }
    }
  }
}

static void test_writing__png_of_every_width(void **state)
{
  (void)state;
  for (uint32_t width = 1; width <= 70; width++) {
    for (uint32_t channels = 3; channels <= 4; channels++) {
      px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
      kit_picture(&picture, width % KIT_NATURES, width, 9, channels);
      check_png(&picture, 6, false);
      check_png(&picture, 9, false);
      check_png(&picture, 1, true);
    }
  }
}

/* Repeats from the distance of one byte to that of the whole window and beyond it; runs of every length. */
static void paint_repeats(px_pixmap *picture, size_t distance, size_t run)
{
  size_t size = picture->stride * picture->height;
  for (size_t i = 0; i < size; i++)
    picture->data[i] = i < distance ? (unsigned char)kit_hash((uint32_t)i, 3, 4) : picture->data[i - distance];
  for (size_t i = run; run && i < size; i += run + 1)
    picture->data[i] ^= 0x40;
}

static void test_writing__png_of_repeats_at_every_distance(void **state)
{
  (void)state;
  static const size_t distances[] = {1, 2, 3, 4, 5, 7, 64, 255, 4095, 8191, 24576, 24577, 32506, 32767, 32768, 32769, 40000};
  static const size_t runs[] = {0, 2, 3, 4, 5, 10, 64, 257, 258, 259, 600};
  for (size_t d = 0; d < PX_ARRAY_SIZE(distances); d++) {
    for (size_t r = PX_IMAGE_LARGE ? 0 : d % 3; r < PX_ARRAY_SIZE(runs); r += PX_IMAGE_LARGE ? 1 : 3) {
      px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
      assert_status(px_pixmap_make(&picture, 97 + (uint32_t)r, 301, 3 + (d + r) % 2, NULL), PIXAZO_OK);
      paint_repeats(&picture, distances[d], runs[r]);
      check_png(&picture, (int32_t)(d + r) % 2 ? 9 : 6, false);
    }
  }
}

/* Larger than any part a picture is cut into. */
static void test_writing__large_pictures(void **state)
{
  (void)state;
  static const int32_t levels[] = {1, 6, 9};
  for (unsigned nature = 0; PX_IMAGE_LARGE && nature < KIT_NATURES; nature++) {
    px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
    kit_picture(&picture, nature, 1131, 907, 3 + nature % 2);
    check_png(&picture, levels[nature % 3], nature == KIT_LINES);
  }
}

/* ---- JPEG: the same pixels as libjpeg's own encoder, hardly more bytes ---- */

static void libjpeg_write(file_bytes *file, const px_pixmap *picture, int quality)
{
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  unsigned char *data = NULL;
  unsigned long size = 0;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &data, &size);
  jpeg.image_width = picture->width;
  jpeg.image_height = picture->height;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg.optimize_coding = TRUE;
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = px_pixmap_row(picture, jpeg.next_scanline);
    (void)jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  file_add(file, data, size);
  free(data);
}

static void check_jpeg(const px_pixmap *picture, int32_t quality)
{
  char what[80];
  uint32_t size[2];
  file_bytes other = {NULL, 0};
  px_auto(px_pixmap) pixels = PX_PIXMAP_INIT;
  pixazo_blob *blob = NULL;
  (void)snprintf(what, sizeof what, "%ux%u at quality %d", picture->width, picture->height, quality);
  px_encode_job job = {.pixmap = picture, .format = PX_FORMAT_JPEG, .quality = quality};
  assert_status(kit_encode(job, &blob), PIXAZO_OK);
  libjpeg_write(&other, picture, quality);
  kit_decode_good(kit_view(blob), &pixels, NULL, what);
  unsigned char *wanted = kit_reference_jpeg(file_view(&other), 3, size);
  kit_expect_pixels(&pixels, wanted, what);
  if ((double)pixazo_blob_size(blob) > 1.02 * (double)other.size + 64)
    fail_msg("%s: %zu bytes, libjpeg needs %zu", what, pixazo_blob_size(blob), other.size);
  free(wanted);
  file_bytes_done(&other);
  (void)pixazo_blob_unref(blob);
  cases++;
}

static void test_writing__jpeg_has_the_pixels_of_libjpeg(void **state)
{
  (void)state;
  static const int32_t qualities[] = {0, 1, 25, 50, 70, 85, 92, 100};
  for (unsigned nature = 0; nature < KIT_NATURES; nature++) {
    for (size_t s = 0; s <= PX_ARRAY_SIZE(SIZES); s++) {
      bool large = s == PX_ARRAY_SIZE(SIZES);
      px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
      kit_picture(&picture, nature, large ? 517 : SIZES[s][0], large ? 389 : SIZES[s][1], 3);
      for (size_t q = 0; q < PX_ARRAY_SIZE(qualities); q += large ? 3 : 1)
        check_jpeg(&picture, qualities[q]);
    }
  }
}

/* ---- WebP: the bytes of libwebp at method 4 ---- */

static void libwebp_write(file_bytes *file, const px_pixmap *picture, int quality)
{
  WebPConfig config;
  WebPPicture to;
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  assert_true(WebPConfigInit(&config) && WebPPictureInit(&to));
  config.quality = (float)quality;
  config.method = 4;
  to.width = (int)picture->width;
  to.height = (int)picture->height;
  to.writer = WebPMemoryWrite;
  to.custom_ptr = &writer;
  assert_true(picture->channels == 4 ? WebPPictureImportRGBA(&to, picture->data, (int)picture->stride)
                                     : WebPPictureImportRGB(&to, picture->data, (int)picture->stride));
  assert_true(WebPEncode(&config, &to));
  WebPPictureFree(&to);
  file_add(file, writer.mem, writer.size);
  WebPMemoryWriterClear(&writer);
}

static void test_writing__webp_has_the_bytes_of_libwebp(void **state)
{
  (void)state;
  static const int32_t qualities[] = {0, 40, 80, 100};
  for (unsigned nature = 0; nature < KIT_NATURES; nature++) {
    for (size_t n = 0; n < PX_ARRAY_SIZE(SIZES) * PX_ARRAY_SIZE(qualities); n++) {
      const uint32_t *side = SIZES[n / PX_ARRAY_SIZE(qualities)];
      px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
      file_bytes wanted = {NULL, 0};
      pixazo_blob *blob = NULL;
      kit_picture(&picture, nature, side[0], side[1], 3 + n % 2);
      int32_t quality = qualities[n % PX_ARRAY_SIZE(qualities)];
      px_encode_job job = {.pixmap = &picture, .format = PX_FORMAT_WEBP, .quality = quality};
      assert_status(kit_encode(job, &blob), PIXAZO_OK);
      libwebp_write(&wanted, &picture, quality);
      assert_int_equal(pixazo_blob_size(blob), wanted.size);
      assert_memory_equal(pixazo_blob_data(blob), wanted.data, wanted.size);
      file_bytes_done(&wanted);
      (void)pixazo_blob_unref(blob);
      cases++;
    }
  }
}

/* ---- what cannot be written ---- */

static void refuse(px_pixmap *picture, px_format format, int32_t quality, int32_t level, pixazo_status wanted)
{
  pixazo_blob *blob = NULL;
  px_encode_job job = {.pixmap = picture, .format = format, .quality = quality, .level = level};
  assert_status(kit_encode(job, &blob), wanted);
  assert_null(blob);
  cases++;
}

static void test_writing__refuses_what_a_format_cannot_hold(void **state)
{
  (void)state;
  px_auto(px_pixmap) small = PX_PIXMAP_INIT;
  px_auto(px_pixmap) clear = PX_PIXMAP_INIT;
  px_pixmap none = PX_PIXMAP_INIT;
  kit_picture(&small, KIT_FLAT, 2, 2, 3);
  kit_picture(&clear, KIT_FLAT, 2, 2, 4);
  for (px_format format = PX_FORMAT_PNG; format <= PX_FORMAT_WEBP; format++) {
    refuse(&small, format, -1, 6, PIXAZO_E_ARGUMENT);
    refuse(&small, format, 101, 6, PIXAZO_E_ARGUMENT);
    refuse(&small, format, 50, -1, PIXAZO_E_ARGUMENT);
    refuse(&small, format, 50, 10, PIXAZO_E_ARGUMENT);
    refuse(&none, format, 50, 6, PIXAZO_E_ARGUMENT);
  }
  refuse(&small, PX_FORMAT_NONE, 50, 6, PIXAZO_E_ARGUMENT);
  refuse(&clear, PX_FORMAT_JPEG, 50, 6, PIXAZO_E_ARGUMENT);
  assert_status(px_pixmap_make(&none, 0, 1, 3, NULL), PIXAZO_E_ARGUMENT);
  assert_status(px_pixmap_make(&none, 1, 1, 2, NULL), PIXAZO_E_ARGUMENT);
  assert_status(px_pixmap_make(&none, UINT32_MAX, UINT32_MAX, 4, NULL), PIXAZO_E_LIMIT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_writing__png_of_every_nature_size_and_level),
      cmocka_unit_test(test_writing__png_of_every_width),
      cmocka_unit_test(test_writing__png_of_repeats_at_every_distance),
      cmocka_unit_test(test_writing__large_pictures),
      cmocka_unit_test(test_writing__jpeg_has_the_pixels_of_libjpeg),
      cmocka_unit_test(test_writing__webp_has_the_bytes_of_libwebp),
      cmocka_unit_test(test_writing__refuses_what_a_format_cannot_hold),
  };
  int failed = cmocka_run_group_tests(tests, kit_begin, kit_end);
  (void)printf("pictures: %zu cases of writing\n", cases);
  return failed;
}
