/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/codec.h"
#include "support/pictures.h"

enum { SIDE = 11 }; /* odd, so that every interlace pass and every partial byte is met */

static const unsigned char PALETTE[] = {0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 40, 50, 60};
static const unsigned char PALETTE_ALPHA[] = {255, 128, 0}; /* shorter than the palette: the rest is opaque */

static unsigned depth_now; /* of the picture that is being made */

static unsigned sample_of(uint32_t x, uint32_t y, unsigned channel)
{
  return ((x * 7 + y * 13 + channel * 101 + x * y * 29) * 2654435761u >> 7) & ((1u << depth_now) - 1);
}

static unsigned index_of(uint32_t x, uint32_t y, unsigned channel)
{
  (void)channel;
  unsigned count = depth_now >= 4 ? (unsigned)sizeof PALETTE / 3 : 1u << depth_now;
  return (x + 3 * y) % count;
}

/* The exact rounded 8-bit value of a sample. */
static unsigned to8(unsigned sample, unsigned depth)
{
  unsigned max = (1u << depth) - 1;
  return (sample * 255 * 2 + max) / (2 * max);
}

static void expect_palette(uint32_t x, uint32_t y, bool transparent, unsigned char out[4])
{
  unsigned index = index_of(x, y, 0);
  memcpy(out, PALETTE + 3 * (size_t)index, 3);
  out[3] = transparent && index < sizeof PALETTE_ALPHA ? PALETTE_ALPHA[index] : 255;
}

static void expect_pixel(const png_plan *plan, uint32_t x, uint32_t y, unsigned char out[4])
{
  if (plan->color == 3) {
    expect_palette(x, y, plan->transparency != NULL, out);
    return;
  }
  bool gray = !(plan->color & 2);
  unsigned channels = gray ? 1 : 3;
  bool keyed = plan->transparency != NULL;
  const unsigned char *key = plan->transparency;
  for (unsigned c = 0; c < 3; c++) {
    unsigned sample = sample_of(x, y, gray ? 0 : c);
    out[c] = (unsigned char)to8(sample, plan->depth);
    if (keyed && c < channels && sample != ((unsigned)key[2 * c] << 8 | key[2 * c + 1]))
      keyed = false;
  }
  out[3] = keyed ? 0 : 255;
  if (plan->color & 4)
    out[3] = (unsigned char)to8(sample_of(x, y, channels), plan->depth);
}

static void check_pixels(const png_plan *plan, const px_pixmap *pixmap)
{
  for (uint32_t y = 0; y < SIDE; y++) {
    for (uint32_t x = 0; x < SIDE; x++) {
      unsigned char wanted[4];
      expect_pixel(plan, x, y, wanted);
      const unsigned char *got = px_pixmap_row(pixmap, y) + x * pixmap->channels;
      if (memcmp(got, wanted, pixmap->channels) != 0)
        fail_msg("colour %u depth %u interlaced %d at %u,%u: %u %u %u %u, not %u %u %u %u", plan->color, plan->depth,
                 plan->interlaced, x, y, got[0], got[1], got[2], pixmap->channels == 4 ? got[3] : 0, wanted[0], wanted[1],
                 wanted[2], wanted[3]);
    }
  }
}

static void check_plan(png_plan plan)
{
  file_bytes file = {NULL, 0};
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  px_image_info info;
  px_autoerror error = NULL;
  plan.width = plan.height = SIDE;
  depth_now = plan.depth;
  plan.sample = plan.color == 3 ? index_of : sample_of;
  png_make(&file, &plan);
  px_decode_job job = {.file = file_view(&file), .limits = &limits};
  assert_ok(px_codec_decode(&job, &pixmap, &info, &error), error);
  assert_int_equal(info.bit_depth, plan.depth);
  assert_int_equal(info.has_alpha, (plan.color & 4) != 0 || plan.transparency != NULL);
  assert_int_equal(pixmap.channels, info.has_alpha ? 4 : 3);
  check_pixels(&plan, &pixmap);
  assert_ok(px_codec_decode(&job, NULL, NULL, &error), error);
  file_bytes_done(&file);
}

static void test_png__every_colour_type_and_depth_gives_exact_pixels(void **state)
{
  (void)state;
  static const unsigned kinds[][2] = {{0, 1}, {0, 2}, {0, 4}, {0, 8}, {0, 16}, {2, 8},  {2, 16}, {3, 1},
                                      {3, 2}, {3, 4}, {3, 8}, {4, 8}, {4, 16}, {6, 8}, {6, 16}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(kinds); i++) {
    for (int interlaced = 0; interlaced < 2; interlaced++) {
      png_plan plan = {.depth = kinds[i][1], .color = kinds[i][0], .interlaced = interlaced};
      if (plan.color == 3) {
        plan.palette = PALETTE;
        plan.palette_size = plan.depth == 1 ? 6 : plan.depth == 2 ? 12 : sizeof PALETTE;
      }
      check_plan(plan);
    }
  }
}

static void test_png__a_transparent_palette_may_be_shorter_than_the_colours(void **state)
{
  (void)state;
  for (int interlaced = 0; interlaced < 2; interlaced++)
    check_plan((png_plan){.depth = 4, .color = 3, .interlaced = interlaced, .palette = PALETTE,
                          .palette_size = sizeof PALETTE, .transparency = PALETTE_ALPHA,
                          .transparency_size = sizeof PALETTE_ALPHA});
}

/* The key is the sample at 5,5, so one pixel at least is transparent. */
static void test_png__a_transparent_colour_matches_exactly_at_every_depth(void **state)
{
  (void)state;
  static const unsigned kinds[][2] = {{0, 1}, {0, 2}, {0, 4}, {0, 8}, {0, 16}, {2, 8}, {2, 16}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(kinds); i++) {
    unsigned char key[6];
    depth_now = kinds[i][1];
    for (unsigned c = 0; c < 3; c++) {
      key[2 * c] = (unsigned char)(sample_of(5, 5, c) >> 8);
      key[2 * c + 1] = (unsigned char)sample_of(5, 5, c);
    }
    check_plan((png_plan){.depth = depth_now, .color = kinds[i][0], .transparency = key,
                          .transparency_size = kinds[i][0] == 2 ? 6 : 2});
  }
}

static unsigned ramp16(uint32_t x, uint32_t y, unsigned channel)
{
  (void)channel;
  return y * 256 + x;
}

static void test_png__sixteen_bits_are_rounded_not_cut(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  png_plan plan = {.width = 256, .height = 256, .depth = 16, .color = 0, .sample = ramp16};
  png_make(&file, &plan);
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  px_decode_job job = {.file = file_view(&file), .limits = &limits};
  assert_status(px_codec_decode(&job, &pixmap, NULL, NULL), PIXAZO_OK);
  for (unsigned sample = 0; sample < 65536; sample++)
    assert_int_equal(pixmap.data[3 * sample], to8(sample, 16));
  file_bytes_done(&file);
}

static void make_small(file_bytes *file)
{
  depth_now = 8;
  png_plan plan = {.width = 5, .height = 5, .depth = 8, .color = 2, .sample = sample_of};
  png_make(file, &plan);
}

static pixazo_status verify(const file_bytes *file, px_image_info *info)
{
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  px_decode_job job = {.file = file_view(file), .limits = &limits};
  return px_codec_decode(&job, NULL, info, NULL);
}

static void test_png__gamma_and_a_broken_profile_do_not_touch_the_pixels(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_image_info info;
  make_small(&file);
  png_insert_chunk(&file, "gAMA", "\0\0\x27\x10", 4);
  png_insert_chunk(&file, "iCCP", "broken\0\0rubbish", 15);
  assert_status(verify(&file, &info), PIXAZO_OK);
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  assert_status(px_codec_metadata(file_view(&file), &limits, &metadata, NULL), PIXAZO_OK);
  assert_int_equal(metadata.icc.size, 0);
  file_bytes_done(&file);
}

static void test_png__finds_orientation_credentials_and_animation(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0}, exif = {NULL, 0};
  px_image_info info;
  make_small(&file);
  exif_make(&exif, true, 6);
  png_insert_chunk(&file, "eXIf", exif.data, exif.size);
  png_insert_chunk(&file, "caBX", "jumb", 4);
  png_insert_chunk(&file, "acTL", "\0\0\0\2\0\0\0\0", 8);
  assert_status(verify(&file, &info), PIXAZO_OK);
  assert_int_equal(info.orientation, 6);
  assert_true(info.has_c2pa && info.animated);
  file_bytes_done(&file);
  file_bytes_done(&exif);
}

static void test_png__reads_texts_before_and_behind_the_pixels(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  make_small(&file);
  png_insert_chunk(&file, "tEXt", "parameters\0a f\xf6x", 16);
  png_insert_chunk(&file, "iTXt", "XML:com.adobe.xmp\0\0\0\0\0<x/>", 26);
  file.size -= 12;
  png_chunk(&file, "tEXt", "late\0yes", 8);
  png_chunk(&file, "IEND", "", 0);
  assert_status(px_codec_metadata(file_view(&file), &limits, &metadata, NULL), PIXAZO_OK);
  assert_string_equal(px_metadata_text(&metadata, "parameters"), "a f\xc3\xb6x");
  assert_string_equal(px_metadata_text(&metadata, "late"), "yes");
  assert_int_equal(metadata.xmp.size, 4);
  assert_memory_equal(metadata.xmp.data, "<x/>", 4);
  file_bytes_done(&file);
}

/* Room for the first and the third. */
static void test_png__metadata_is_bounded_in_sum(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  char text[64] = "a";
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  limits.max_ancillary = 100;
  memset(text + 2, 'x', sizeof text - 2);
  make_small(&file);
  png_insert_chunk(&file, "tEXt", "c\0short", 7);
  text[0] = 'b';
  png_insert_chunk(&file, "tEXt", text, sizeof text);
  text[0] = 'a';
  png_insert_chunk(&file, "tEXt", text, sizeof text);
  assert_status(px_codec_metadata(file_view(&file), &limits, &metadata, NULL), PIXAZO_OK);
  assert_int_equal(strlen(px_metadata_text(&metadata, "a")), sizeof text - 2);
  assert_null(px_metadata_text(&metadata, "b"));
  assert_string_equal(px_metadata_text(&metadata, "c"), "short");
  file_bytes_done(&file);
}

static void test_png__checksums_are_believed(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_image_info info;
  make_small(&file);
  png_insert_chunk(&file, "teSt", "anything", 8);
  assert_status(verify(&file, &info), PIXAZO_OK);
  file.data[8 + 25 + 10] ^= 1; /* a byte of a chunk that nobody needs */
  assert_status(verify(&file, &info), PIXAZO_E_CORRUPT);
  file_bytes_done(&file);
}

static void test_png__fast_writing_gives_the_same_pixels(void **state)
{
  (void)state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  px_auto(px_pixmap) again = PX_PIXMAP_INIT;
  pixazo_blob *blob = NULL;
  assert_status(px_pixmap_make(&picture, 37, 23, 4, NULL), PIXAZO_OK);
  for (size_t i = 0; i < picture.stride * picture.height; i++)
    picture.data[i] = (unsigned char)(i * i / 7);
  px_encode_job job = PX_ENCODE_JOB_FAST_PNG(&picture);
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_OK);
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  px_decode_job decode = {.file = {pixazo_blob_data(blob), pixazo_blob_size(blob)}, .limits = &limits};
  assert_status(px_codec_decode(&decode, &again, NULL, NULL), PIXAZO_OK);
  assert_memory_equal(again.data, picture.data, picture.stride * picture.height);
  pixazo_blob_unref(blob);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_png__every_colour_type_and_depth_gives_exact_pixels),
      cmocka_unit_test(test_png__a_transparent_palette_may_be_shorter_than_the_colours),
      cmocka_unit_test(test_png__a_transparent_colour_matches_exactly_at_every_depth),
      cmocka_unit_test(test_png__sixteen_bits_are_rounded_not_cut),
      cmocka_unit_test(test_png__gamma_and_a_broken_profile_do_not_touch_the_pixels),
      cmocka_unit_test(test_png__finds_orientation_credentials_and_animation),
      cmocka_unit_test(test_png__reads_texts_before_and_behind_the_pixels),
      cmocka_unit_test(test_png__metadata_is_bounded_in_sum),
      cmocka_unit_test(test_png__checksums_are_believed),
      cmocka_unit_test(test_png__fast_writing_gives_the_same_pixels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
