/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "image/repack.h"
#include "support/pictures.h"

static const px_image_limits LIMITS = PX_IMAGE_LIMITS_INIT;

static unsigned sample_of(uint32_t x, uint32_t y, unsigned channel)
{
  return (x * 3 + y * 5 + channel * 70) & 255;
}

static void decode(px_bytes file, px_pixmap *pixmap, px_image_info *info)
{
  px_decode_job job = {.file = file, .limits = &LIMITS};
  assert_status(px_codec_decode(&job, pixmap, info, NULL), PIXAZO_OK);
}

static bool holds(px_bytes file, const char *text)
{
  return memmem(file.data, file.size, text, strlen(text)) != NULL;
}

static pixazo_status repack(const file_bytes *file, const px_metadata *metadata, bool keep_profile, pixazo_blob **out)
{
  px_image_info info;
  px_auto(px_pixmap) before = PX_PIXMAP_INIT;
  px_auto(px_pixmap) after = PX_PIXMAP_INIT;
  decode(file_view(file), &before, &info);
  px_repack_job job = {file_view(file), info.format, metadata, keep_profile, &info};
  pixazo_status status = px_repack(&job, out, NULL);
  if (status != PIXAZO_OK)
    return status;
  px_image_info again;
  decode((px_bytes){pixazo_blob_data(*out), pixazo_blob_size(*out)}, &after, &again);
  assert_int_equal(again.has_c2pa, false);
  assert_int_equal(again.orientation, 1);
  assert_int_equal(after.channels, before.channels);
  assert_memory_equal(after.data, before.data, before.stride * before.height);
  return status;
}

/* What went in comes out, and nothing else is in the file. */
static void check(file_bytes *file, bool keep_profile, bool profile_expected)
{
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  px_auto(px_metadata) none = PX_METADATA_INIT;
  px_auto(px_metadata) got = PX_METADATA_INIT;
  file_bytes exif = {NULL, 0};
  pixazo_blob *dressed = NULL, *bare = NULL;
  exif_make(&exif, true, 1);
  assert_status(px_block_set(&metadata.exif, exif.data, exif.size, NULL), PIXAZO_OK);
  assert_status(px_block_set(&metadata.xmp, "<x:xmpmeta/>", 12, NULL), PIXAZO_OK);
  assert_status(repack(file, &metadata, keep_profile, &dressed), PIXAZO_OK);
  px_bytes made = {pixazo_blob_data(dressed), pixazo_blob_size(dressed)};
  assert_status(px_codec_metadata(made, &LIMITS, &got, NULL), PIXAZO_OK);
  assert_int_equal(got.exif.size, exif.size);
  assert_memory_equal(got.exif.data, exif.data, exif.size);
  assert_int_equal(got.xmp.size, 12);
  assert_int_equal(got.icc.size > 0, profile_expected);
  assert_false(holds(made, "SECRET"));
  assert_status(repack(file, &none, false, &bare), PIXAZO_OK);
  px_bytes naked = {pixazo_blob_data(bare), pixazo_blob_size(bare)};
  assert_false(holds(naked, "SECRET"));
  assert_true(naked.size < file->size);
  (void)pixazo_blob_unref(dressed);
  (void)pixazo_blob_unref(bare);
  file_bytes_done(&exif);
  file_bytes_done(file);
}

static void test_repack__png_keeps_pixels_and_their_palette(void **state)
{
  (void)state;
  static const unsigned colors[] = {0, 2, 6};
  for (size_t i = 0; i < PX_ARRAY_SIZE(colors); i++) {
    file_bytes file = {NULL, 0};
    png_plan plan = {.width = 24, .height = 16, .depth = 8, .color = colors[i], .interlaced = i == 1, .sample = sample_of};
    png_make(&file, &plan);
    png_insert_chunk(&file, "tEXt", "Comment\0SECRET", 14);
    png_insert_chunk(&file, "caBX", "SECRET c2pa", 11);
    png_insert_chunk(&file, "gAMA", "\0\0\xb1\x8f", 4);
    check(&file, true, false);
  }
}

static void test_repack__jpeg_keeps_its_scans_and_its_profile(void **state)
{
  (void)state;
  for (int kind = JPEG_KIND_GRAY; kind <= JPEG_KIND_RGB; kind++) {
    file_bytes file = {NULL, 0};
    jpeg_make(&file, &(jpeg_plan){40, 24, kind, kind == JPEG_KIND_YCC, kind == JPEG_KIND_RGB, {200, 100, 50, 0}});
    jpeg_insert_segment(&file, 0xfe, "SECRET", 6);
    jpeg_insert_segment(&file, 0xed, "SECRET", 6);
    jpeg_insert_segment(&file, 0xe2, "ICC_PROFILE\0\1\1profile", 21);
    jpeg_insert_segment(&file, 0xeb, "JP\0\1\0\0\0\1\0\0\0\x20jumb\0\0\0\x18jumdc2pa", 28);
    jpeg_insert_segment(&file, 0xe1, "Exif\0\0SECRET", 12);
    check(&file, true, true);
  }
}

static void test_repack__webp_keeps_its_chunks(void **state)
{
  (void)state;
  for (int lossless = 0; lossless < 2; lossless++) {
    for (unsigned alpha = 100; alpha <= 255; alpha += 155) {
      file_bytes file = {NULL, 0}, body = {NULL, 0}, bare = {NULL, 0};
      webp_make(&bare, 31, 17, lossless, (const unsigned char[]){10, 20, 30, (unsigned char)alpha});
      file_add(&body, bare.data + 12, bare.size - 12);
      webp_chunk(&body, "C2PA", "SECRET", 6);
      webp_chunk(&body, "what", "SECRET!", 7);
      webp_wrap(&file, &body);
      file_bytes_done(&bare);
      file_bytes_done(&body);
      check(&file, true, false);
    }
  }
}

static void test_repack__inks_are_coded_anew(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_auto(px_metadata) none = PX_METADATA_INIT;
  pixazo_blob *out = NULL;
  jpeg_make(&file, &(jpeg_plan){16, 16, JPEG_KIND_CMYK, false, true, {200, 100, 50, 0}});
  assert_status(repack(&file, &none, true, &out), PIXAZO_E_UNSUPPORTED);
  assert_null(out);
  file_bytes_done(&file);
}

static void check_gain(const px_pixmap *pixmap, int32_t made, int32_t wanted, bool gains)
{
  px_encode_job job = {.pixmap = pixmap, .format = PX_FORMAT_PNG, .level = made};
  pixazo_blob *blob = NULL;
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_OK);
  px_bytes file = {pixazo_blob_data(blob), pixazo_blob_size(blob)};
  if (px_repack_png_gains(file, pixmap, wanted) != gains)
    fail_msg("made at level %d, wanted at %d", made, wanted);
  (void)pixazo_blob_unref(blob);
}

static void test_repack__says_when_a_png_could_be_smaller(void **state)
{
  (void)state;
  px_auto(px_pixmap) grain = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&grain, 200, 160, 3, NULL), PIXAZO_OK);
  for (uint32_t y = 0; y < 160; y++) {
    for (uint32_t i = 0; i < 600; i++)
      px_pixmap_row(&grain, y)[i] = (unsigned char)(y + i / 3 + ((i * 2654435761u + y * 40503u * i) >> 13 & 15));
  }
  check_gain(&grain, 9, 9, false);
  check_gain(&grain, 9, 6, false);
  check_gain(&grain, 0, 9, true);
  check_gain(&grain, 0, 0, true);
  file_bytes stored = {NULL, 0};
  png_plan plan = {.width = 200, .height = 160, .depth = 8, .color = 2, .sample = sample_of};
  png_make(&stored, &plan);
  assert_true(px_repack_png_gains(file_view(&stored), &grain, 0));
  file_bytes_done(&stored);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_repack__png_keeps_pixels_and_their_palette),
      cmocka_unit_test(test_repack__jpeg_keeps_its_scans_and_its_profile),
      cmocka_unit_test(test_repack__webp_keeps_its_chunks),
      cmocka_unit_test(test_repack__inks_are_coded_anew),
      cmocka_unit_test(test_repack__says_when_a_png_could_be_smaller),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
