/* SPDX-License-Identifier: MIT */
/* WebP of every kind: lossless exactly what was drawn, lossy exactly what the reference decoder says. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <webp/encode.h>
#include <webp/mux.h>

static size_t cases;

static void draw(px_pixmap *picture, unsigned nature, uint32_t width, uint32_t height, uint32_t channels)
{
  kit_picture(picture, nature, width, height, channels);
}

static bool import(WebPPicture *picture, const px_pixmap *pixmap)
{
  picture->width = (int)pixmap->width;
  picture->height = (int)pixmap->height;
  return pixmap->channels == 4 ? WebPPictureImportRGBA(picture, pixmap->data, (int)pixmap->stride)
                               : WebPPictureImportRGB(picture, pixmap->data, (int)pixmap->stride);
}

static void write_webp(file_bytes *file, const px_pixmap *pixmap, const WebPConfig *config)
{
  WebPPicture picture;
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  assert_true(WebPPictureInit(&picture) && WebPValidateConfig(config));
  picture.use_argb = config->lossless;
  assert_true(import(&picture, pixmap));
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  assert_true(WebPEncode(config, &picture));
  WebPPictureFree(&picture);
  file_add(file, writer.mem, writer.size);
  WebPMemoryWriterClear(&writer);
}

static void check(const px_pixmap *source, const WebPConfig *config, double decibels)
{
  char what[120];
  file_bytes file = {NULL, 0};
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  uint32_t size[2];
  (void)snprintf(what, sizeof what, "%ux%u of %u channels, lossless %d method %d quality %.0f alpha %d", source->width,
                 source->height, source->channels, config->lossless, config->method, (double)config->quality,
                 config->alpha_compression);
  write_webp(&file, source, config);
  kit_decode_good(file_view(&file), &pixmap, NULL, what);
  assert_int_equal(pixmap.width, source->width);
  assert_int_equal(pixmap.height, source->height);
  unsigned char *wanted = kit_reference_webp(file_view(&file), pixmap.channels, size);
  kit_expect_pixels(&pixmap, wanted, what);
  if (pixmap.channels == source->channels) {
    if (config->lossless)
      kit_expect_pixels(&pixmap, source->data, what);
    else if (source->channels == 3 && kit_psnr(pixmap.data, source->data, source->stride * source->height) < decibels)
      fail_msg("%s: far from what was drawn", what);
  }
  free(wanted);
  file_bytes_done(&file);
  cases++;
}

static const uint32_t SIZES[][2] = {{1, 1}, {2, 9}, {16, 16}, {17, 5}, {65, 33}, {3, 64}};

static WebPConfig config_of(int lossless, int method, float quality)
{
  WebPConfig config;
  assert_true(WebPConfigInit(&config));
  config.lossless = lossless;
  config.exact = 1;
  config.method = method;
  config.quality = quality;
  return config;
}

static void test_webp_matrix__lossless_is_exact(void **state)
{
  (void)state;
  static const int methods[] = {0, 3, 6};
  for (unsigned nature = 0; nature < KIT_NATURES; nature++) {
    for (size_t s = 0; s < PX_ARRAY_SIZE(SIZES); s++) {
      for (uint32_t channels = 3; channels <= 4; channels++) {
        px_auto(px_pixmap) source = PX_PIXMAP_INIT;
        draw(&source, nature, SIZES[s][0], SIZES[s][1], channels);
        for (size_t m = 0; m < PX_ARRAY_SIZE(methods); m++) {
          WebPConfig config = config_of(1, methods[m], 75);
          check(&source, &config, 0);
        }
      }
    }
  }
}

static void test_webp_matrix__lossy_is_what_the_reference_says(void **state)
{
  (void)state;
  for (unsigned nature = 0; nature < KIT_NATURES; nature++) {
    for (size_t s = 0; s < PX_ARRAY_SIZE(SIZES); s++) {
      for (uint32_t channels = 3; channels <= 4; channels++) {
        px_auto(px_pixmap) source = PX_PIXMAP_INIT;
        draw(&source, nature, SIZES[s][0], SIZES[s][1], channels);
        WebPConfig config = config_of(0, (int)(s + nature) % 7, (float)(20 + 15 * s));
        config.alpha_compression = s % 2;
        config.alpha_filtering = (int)s % 3;
        config.partitions = (int)s % 4;
        config.segments = 1 + (int)nature % 4;
        config.filter_type = (int)s % 2;
        check(&source, &config, nature == KIT_PHOTO ? 20 : 5);
      }
    }
  }
}

static void test_webp_matrix__few_colours(void **state)
{
  (void)state;
  static const unsigned counts[] = {1, 2, 3, 4, 5, 16, 17, 255, 256, 257};
  for (size_t i = 0; i < PX_ARRAY_SIZE(counts); i++) {
    px_auto(px_pixmap) source = PX_PIXMAP_INIT;
    assert_status(px_pixmap_make(&source, 61, 29, 4, NULL), PIXAZO_OK);
    for (size_t at = 0; at < source.stride * source.height; at += 4) {
      uint32_t color = kit_hash((uint32_t)at, 1, 1) % counts[i];
      for (unsigned c = 0; c < 4; c++)
        source.data[at + c] = (unsigned char)kit_hash(color, c, 5);
    }
    WebPConfig config = config_of(1, 4, 100);
    check(&source, &config, 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_webp_matrix__lossless_is_exact),
      cmocka_unit_test(test_webp_matrix__lossy_is_what_the_reference_says),
      cmocka_unit_test(test_webp_matrix__few_colours),
  };
  int failed = cmocka_run_group_tests(tests, kit_begin, kit_end);
  (void)printf("pictures: %zu cases of WebP\n", cases);
  return failed;
}
