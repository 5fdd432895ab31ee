/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/codecs/webp_lossless.h"
#include "support/kinds.h"
#include "support/webp_groups.h"

static const px_image_limits LIMITS = PX_IMAGE_LIMITS_INIT;
enum { SIDE = 264, STREAM_AT = 12 + 8 + 5 }; /* 66 x 66 blocks: more than are allowed as groups */

/* A copy of exactly this size, so that reading behind it is seen. */
static uint32_t groups_of(const unsigned char *bytes, size_t size, uint32_t width, uint32_t height)
{
  unsigned char *copy = malloc(size ? size : 1);
  assert_non_null(copy);
  if (size > 0)
    memcpy(copy, bytes, size);
  uint32_t groups = px_webp_groups((px_bytes){copy, size}, width, height);
  free(copy);
  return groups;
}

static void test_webp_lossless__groups_are_counted(void **state)
{
  (void)state;
  static const uint32_t counts[] = {1, 2, 255, 256, 257, 3000, 4356};
  for (size_t i = 0; i < PX_ARRAY_SIZE(counts); i++) {
    bits stream = {{NULL, 0}, 0, 0};
    webp_groups(&stream, SIDE, counts[i], false);
    assert_int_equal(groups_of(stream.bytes.data, stream.bytes.size, SIDE, SIDE), counts[i]);
    file_bytes_done(&stream.bytes);
  }
}

static pixazo_status decode(const file_bytes *file)
{
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  px_decode_job job = {.file = file_view(file), .limits = &LIMITS};
  return px_codec_decode(&job, &pixmap, NULL, NULL);
}

static void test_webp_lossless__more_groups_than_anyone_writes_are_refused(void **state)
{
  (void)state;
  for (uint32_t groups = 4096; groups <= 4097; groups++) {
    file_bytes picture = {NULL, 0}, alpha = {NULL, 0};
    pixazo_status wanted = groups > 4096 ? PIXAZO_E_LIMIT : PIXAZO_OK;
    webp_groups_file(&picture, SIDE, groups, false);
    webp_groups_alpha_file(&alpha, SIDE, groups);
    assert_status(decode(&picture), wanted);
    assert_status(decode(&alpha), wanted);
    file_bytes_done(&picture);
    file_bytes_done(&alpha);
  }
}

/* Stripes of every kind, so that one group is not good for all of it. */
static void paint_stripes(px_pixmap *picture, uint32_t channels)
{
  kind_paint(picture, KIND_PHOTO, 301, 220, channels);
  for (unsigned kind = 0; kind < KINDS; kind++) {
    px_auto(px_pixmap) other = PX_PIXMAP_INIT;
    kind_paint(&other, (picture_kind)kind, 301, 220, channels);
    for (uint32_t y = 30 * kind; y < 30 * kind + 30; y++)
      memcpy(px_pixmap_row(picture, y), px_pixmap_row(&other, y), picture->stride);
  }
}

/* All transforms, palettes of every size, caches and copies: a decoder that loses its way reads nonsense. */
static void test_webp_lossless__what_libwebp_writes_is_understood(void **state)
{
  (void)state;
  uint32_t most = 0;
  for (unsigned kind = 0; kind <= KINDS; kind++) {
    for (uint32_t channels = 3; channels <= 4; channels++) {
      px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
      file_bytes file = {NULL, 0};
      if (kind < KINDS)
        kind_paint(&picture, (picture_kind)kind, 301, 220, channels);
      else
        paint_stripes(&picture, channels);
      webp_lossless_of_pixmap(&file, &picture);
      if (memcmp(file.data + 12, "VP8L", 4) != 0)
        fail_msg("libwebp has another way to begin");
      uint32_t groups = groups_of(file.data + STREAM_AT, file.size - STREAM_AT, 301, 220);
      assert_in_range(groups, 1, 2600);
      most = groups > most ? groups : most;
      file_bytes_done(&file);
    }
  }
  assert_true(most > 2);
}

static void test_webp_lossless__a_cut_stream_is_broken_or_the_same(void **state)
{
  (void)state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  file_bytes file = {NULL, 0};
  kind_paint(&picture, KIND_PHOTO, 120, 90, 3);
  webp_lossless_of_pixmap(&file, &picture);
  uint32_t wanted = groups_of(file.data + STREAM_AT, file.size - STREAM_AT, 120, 90);
  size_t broken = 0;
  assert_true(wanted > 0);
  for (size_t size = 0; size < file.size - STREAM_AT; size++) {
    uint32_t groups = groups_of(file.data + STREAM_AT, size, 120, 90);
    assert_true(groups == 0 || groups == wanted);
    broken += groups == 0;
  }
  assert_true(broken > 10 && groups_of(NULL, 0, 120, 90) == 0);
  file_bytes_done(&file);
}

static void test_webp_lossless__any_bytes_come_to_an_end(void **state)
{
  (void)state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  file_bytes file = {NULL, 0};
  uint32_t seed = 5;
  kind_paint(&picture, KIND_PHOTO, 60, 50, 4);
  webp_lossless_of_pixmap(&file, &picture);
  size_t size = file.size - STREAM_AT < 300 ? file.size - STREAM_AT : 300;
  for (int i = 0; i < 5000; i++) {
    unsigned char bytes[300];
    memcpy(bytes, file.data + STREAM_AT, size);
    for (unsigned k = 0; k < 1 + (unsigned)i % 8; k++)
      bytes[disorder(&seed) % size] ^= (unsigned char)(1U << disorder(&seed) % 8);
    assert_in_range(groups_of(bytes, size, 60, 50), 0, 65536);
    for (size_t k = 0; k < size; k++)
      bytes[k] = (unsigned char)disorder(&seed);
    assert_in_range(groups_of(bytes, size, 60, 50), 0, 65536);
  }
  file_bytes_done(&file);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_webp_lossless__groups_are_counted),
      cmocka_unit_test(test_webp_lossless__more_groups_than_anyone_writes_are_refused),
      cmocka_unit_test(test_webp_lossless__what_libwebp_writes_is_understood),
      cmocka_unit_test(test_webp_lossless__a_cut_stream_is_broken_or_the_same),
      cmocka_unit_test(test_webp_lossless__any_bytes_come_to_an_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
