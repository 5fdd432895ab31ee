/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/mem.h"
#include "image/codecs/codecs.h"
#include "support/pictures.h"

static void test_walk__a_png_chunk_longer_than_the_file_is_a_cut(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_walk walk;
  px_chunk chunk;
  png_begin(&file);
  file_add_be32(&file, 0x3b9aca00);
  file_add(&file, "tEXt\0\0\0\0", 8);
  assert_status(px_png_begin(&walk, file_view(&file), NULL), PIXAZO_OK);
  assert_status(px_png_next(&walk, &chunk, NULL), PIXAZO_E_CORRUPT);
  file_bytes_done(&file);
}

static void test_walk__a_png_ends_with_iend_whatever_follows(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_walk walk;
  px_chunk chunk;
  png_begin(&file);
  png_chunk(&file, "IEND", "", 0);
  file_add(&file, "<script>", 8);
  assert_status(px_png_begin(&walk, file_view(&file), NULL), PIXAZO_OK);
  assert_status(px_png_next(&walk, &chunk, NULL), PIXAZO_OK);
  assert_true(walk.ended && px_chunk_is(&chunk, "IEND"));
  assert_int_equal(chunk.size, 0);
  assert_int_equal(chunk.whole_size, 12);
  file_bytes_done(&file);
}

static void test_walk__jpeg_segments_are_found_behind_entropy_with_stuffing_and_restarts(void **state)
{
  (void)state;
  static const unsigned char file[] = {0xff, 0xd8, 0xff, 0xff, 0xfe, 0, 4, 'h', 'i', 0xff, 0xda, 0, 2, 1, 0xff,
                                       0,    2,    0xff, 0xd3, 4,    0xff, 0xff, 0xd9, 'x'};
  px_walk walk;
  px_chunk chunk;
  assert_status(px_jpeg_begin(&walk, (px_bytes){file, sizeof file}, NULL), PIXAZO_OK);
  assert_status(px_jpeg_next(&walk, &chunk, NULL), PIXAZO_OK);
  assert_int_equal(chunk.type[0], 0xfe);
  assert_memory_equal(chunk.data, "hi", 2);
  assert_status(px_jpeg_next(&walk, &chunk, NULL), PIXAZO_OK);
  assert_int_equal(chunk.type[0], 0xda);
  assert_false(walk.ended);
  assert_status(px_jpeg_next(&walk, &chunk, NULL), PIXAZO_OK);
  assert_int_equal(chunk.type[0], 0xd9);
  assert_true(walk.ended);
}

static pixazo_status walk_jpeg(const file_bytes *file)
{
  px_walk walk;
  px_chunk chunk;
  pixazo_status status = px_jpeg_begin(&walk, file_view(file), NULL);
  while (status == PIXAZO_OK && !walk.ended)
    status = px_jpeg_next(&walk, &chunk, NULL);
  return status;
}

static void test_walk__a_jpeg_is_not_blown_up_with_fill_bytes(void **state)
{
  (void)state;
  for (size_t place = 0; place < 2; place++) { /* before a segment, or in a scan */
    for (size_t count = 65535; count <= 65537; count++) {
      file_bytes file = {NULL, 0};
      file_add(&file, "\xff\xd8", 2);
      if (place == 1)
        file_add(&file, "\xff\xda\0\2\1", 5);
      file_repeat(&file, "\xff", 1, count);
      file_add(&file, "\xff\xd9", 2);
      assert_status(walk_jpeg(&file), count > 65536 ? PIXAZO_E_LIMIT : PIXAZO_OK);
      file_bytes_done(&file);
    }
  }
}

static void test_walk__chunks_beside_the_pixels_are_counted(void **state)
{
  (void)state;
  uint32_t count = 65535;
  assert_status(px_limits_chunk(&count, NULL), PIXAZO_OK);
  assert_int_equal(count, 65536);
  assert_status(px_limits_chunk(&count, NULL), PIXAZO_E_LIMIT);
}

static void test_walk__jpeg_without_end_is_cut(void **state)
{
  (void)state;
  static const unsigned char file[] = {0xff, 0xd8, 0xff, 0xda, 0, 2, 1, 2, 3, 0xff};
  px_walk walk;
  px_chunk chunk;
  assert_status(px_jpeg_begin(&walk, (px_bytes){file, sizeof file}, NULL), PIXAZO_OK);
  assert_status(px_jpeg_next(&walk, &chunk, NULL), PIXAZO_OK);
  assert_status(px_jpeg_next(&walk, &chunk, NULL), PIXAZO_E_CORRUPT);
}

static void test_walk__a_riff_longer_than_the_file_is_cut(void **state)
{
  (void)state;
  px_walk walk;
  px_bytes file = {(const unsigned char *)"RIFF\x14\0\0\0WEBPVP8 ", 16};
  assert_status(px_riff_begin(&walk, file, NULL), PIXAZO_E_CORRUPT);
}

static void test_walk__riff_chunks_are_padded_to_even_sizes(void **state)
{
  (void)state;
  file_bytes body = {NULL, 0}, file = {NULL, 0};
  px_walk walk;
  px_chunk chunk;
  webp_chunk(&body, "ABCD", "123", 3);
  webp_chunk(&body, "EFGH", "45", 2);
  webp_wrap(&file, &body);
  file_add(&file, "tail", 4);
  assert_status(px_riff_begin(&walk, file_view(&file), NULL), PIXAZO_OK);
  assert_status(px_riff_next(&walk, &chunk, NULL), PIXAZO_OK);
  assert_int_equal(chunk.size, 3);
  assert_false(walk.ended);
  assert_status(px_riff_next(&walk, &chunk, NULL), PIXAZO_OK);
  assert_true(px_chunk_is(&chunk, "EFGH") && walk.ended);
  file_bytes_done(&body);
  file_bytes_done(&file);
}

static void test_limits__count_blocks_and_weigh_each(void **state)
{
  (void)state;
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  uint32_t count = 0;
  assert_status(px_limits_block(&limits, &count, (8u << 20) + 1, NULL), PIXAZO_E_LIMIT);
  for (uint32_t i = 0; i < 128; i++)
    assert_status(px_limits_block(&limits, &count, 8u << 20, NULL), PIXAZO_OK);
  assert_status(px_limits_block(&limits, &count, 1, NULL), PIXAZO_E_LIMIT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_walk__a_png_chunk_longer_than_the_file_is_a_cut),
      cmocka_unit_test(test_walk__a_png_ends_with_iend_whatever_follows),
      cmocka_unit_test(test_walk__jpeg_segments_are_found_behind_entropy_with_stuffing_and_restarts),
      cmocka_unit_test(test_walk__a_jpeg_is_not_blown_up_with_fill_bytes),
      cmocka_unit_test(test_walk__chunks_beside_the_pixels_are_counted),
      cmocka_unit_test(test_walk__jpeg_without_end_is_cut),
      cmocka_unit_test(test_walk__a_riff_longer_than_the_file_is_cut),
      cmocka_unit_test(test_walk__riff_chunks_are_padded_to_even_sizes),
      cmocka_unit_test(test_limits__count_blocks_and_weigh_each),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
