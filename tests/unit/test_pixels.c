/* SPDX-License-Identifier: MIT */
/* Through the codec, so that libpng has the last word on every file. */
#include "support/testing.h"

#include <string.h>

#include <pixazo/blob.h>
#include <pixazo/cancel.h>

#include "base/crew.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/mem.h"
#include "image/codec.h"
#include "support/kinds.h"

static pixazo_blob *encode(const px_pixmap *picture, int32_t level, px_simd simd, px_crew *crew)
{
  px_encode_job job = {.pixmap = picture, .format = PX_FORMAT_PNG, .level = level, .simd = simd, .crew = crew};
  pixazo_blob *blob = NULL;
  px_autoerror error = NULL;
  assert_ok(px_codec_encode(&job, &blob, &error), error);
  return blob;
}

static size_t check_round(const px_pixmap *picture, int32_t level)
{
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  px_auto(px_pixmap) again = PX_PIXMAP_INIT;
  px_autoerror error = NULL;
  pixazo_blob *blob = encode(picture, level, PX_SIMD_AUTO, NULL);
  size_t size = pixazo_blob_size(blob);
  px_decode_job job = {.file = {pixazo_blob_data(blob), size}, .limits = &limits};
  assert_ok(px_codec_decode(&job, &again, NULL, &error), error);
  assert_int_equal(again.width, picture->width);
  assert_int_equal(again.height, picture->height);
  assert_int_equal(again.channels, picture->channels);
  assert_memory_equal(again.data, picture->data, picture->stride * picture->height);
  (void)pixazo_blob_unref(blob);
  return size;
}

static void check_same(pixazo_blob *first, pixazo_blob *second)
{
  assert_int_equal(pixazo_blob_size(first), pixazo_blob_size(second));
  assert_memory_equal(pixazo_blob_data(first), pixazo_blob_data(second), pixazo_blob_size(first));
  (void)pixazo_blob_unref(second);
}

static void test_pixels__every_small_size_gives_the_same_pixels(void **state)
{
  (void)state;
  for (uint32_t side = 1; side <= 70; side++) {
    for (uint32_t other = 1; other <= 70; other += side % 13 + 19) {
      px_auto(px_pixmap) wide = PX_PIXMAP_INIT;
      px_auto(px_pixmap) tall = PX_PIXMAP_INIT;
      kind_paint(&wide, (picture_kind)(side % KINDS), side, other, 3);
      kind_paint(&tall, (picture_kind)(other % KINDS), other, side, 4);
      (void)check_round(&wide, (int32_t)(side % 10));
      (void)check_round(&tall, (int32_t)(other % 10));
    }
  }
}

static void test_pixels__every_kind_and_level_gives_the_same_pixels(void **state)
{
  (void)state;
  for (unsigned kind = 0; kind < KINDS; kind++) {
    for (uint32_t channels = 3; channels <= 4; channels++) {
      px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
      kind_paint(&picture, (picture_kind)kind, 131, 67, channels);
      size_t stored = check_round(&picture, 0);
      for (int32_t level = 1; level <= 9; level++)
        assert_true(check_round(&picture, level) <= stored + stored / 1000);
    }
  }
}

/* One hash over files of every kind and level. It changes when the coding is changed on purpose, and never with the
 * compiler or the machine. */
static void test_pixels__every_compiler_writes_the_same_files(void **state)
{
  (void)state;
  char hash[PX_SHA256_HEX] = "";
  px_cleanup(px_digest_done) px_digest *digest = px_digest_new(false);
  assert_non_null(digest);
  for (unsigned kind = 0; kind < KINDS; kind++) {
    px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
    kind_paint(&picture, (picture_kind)kind, 230, 190, 3 + kind % 2);
    for (int32_t level = 0; level <= 9; level++) {
      pixazo_blob *blob = encode(&picture, level, PX_SIMD_AUTO, NULL);
      assert_true(px_digest_add(digest, pixazo_blob_data(blob), pixazo_blob_size(blob)));
      (void)pixazo_blob_unref(blob);
    }
  }
  assert_true(px_digest_finish(digest, hash, NULL));
  assert_string_equal(hash, "ec60cad3d29569934259beace63cd337f5d3576b96811a4673c4dd5938c37a6c");
}

static void test_pixels__a_picture_of_many_bands_is_the_same_with_any_help(void **state)
{
  static const int32_t levels[] = {0, 1, 6, 8};
  (void)state;
  for (unsigned kind = KIND_PHOTO; kind <= KIND_LETTERS; kind += 2) {
    px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
    kind_paint(&picture, (picture_kind)kind, 600, 600, 3); /* two bands */
    for (size_t i = 0; i < PX_ARRAY_SIZE(levels); i++) {
      pixazo_blob *alone = encode(&picture, levels[i], PX_SIMD_AUTO, NULL);
      check_same(alone, encode(&picture, levels[i], PX_SIMD_PLAIN, NULL));
      for (unsigned threads = 1; threads <= 3; threads += 2) {
        px_crew *crew = NULL;
        assert_status(px_crew_new("pixels", threads, &crew, NULL), PIXAZO_OK);
        check_same(alone, encode(&picture, levels[i], PX_SIMD_AUTO, crew));
        px_crew_free(crew);
      }
      (void)pixazo_blob_unref(alone);
    }
    (void)check_round(&picture, 6);
  }
}

static void test_pixels__a_higher_level_takes_no_more_room(void **state)
{
  (void)state;
  for (unsigned kind = 0; kind < KINDS; kind++) {
    px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
    size_t before = SIZE_MAX;
    kind_paint(&picture, (picture_kind)kind, 200, 200, 3);
    for (int32_t level = 0; level <= 9; level += 3) {
      size_t size = check_round(&picture, level);
      assert_true(size <= before + before / 100);
      before = size;
    }
  }
}

static void test_pixels__stop_when_they_are_told(void **state)
{
  (void)state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  pixazo_cancel *cancel = NULL;
  pixazo_blob *blob = NULL;
  assert_status(pixazo_cancel_new(&cancel, NULL), PIXAZO_OK);
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_NOW);
  kind_paint(&picture, KIND_PHOTO, 64, 64, 3);
  px_encode_job job = {.pixmap = &picture, .format = PX_FORMAT_PNG, .level = 6, .cancel = cancel};
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_E_CANCELLED);
  assert_null(blob);
  (void)pixazo_cancel_unref(cancel);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pixels__every_small_size_gives_the_same_pixels),
      cmocka_unit_test(test_pixels__every_kind_and_level_gives_the_same_pixels),
      cmocka_unit_test(test_pixels__every_compiler_writes_the_same_files),
      cmocka_unit_test(test_pixels__a_picture_of_many_bands_is_the_same_with_any_help),
      cmocka_unit_test(test_pixels__a_higher_level_takes_no_more_room),
      cmocka_unit_test(test_pixels__stop_when_they_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
