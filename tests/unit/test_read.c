/* SPDX-License-Identifier: MIT */
/* The reader against libpng, which has the last word: it may leave a file, but never take one that libpng refuses, but for
 * codes in the stream that the format does not have: see the test of them. */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/png/read.h"
#include "support/odd_streams.h"
#include "support/pictures.h"
#include "support/torture.h"

static const px_image_limits LIMITS = PX_IMAGE_LIMITS_INIT;
enum { AT_FIRST_IDAT = 8 + 25, CHUNK_DATA = 8, FOOT = 12 };

typedef struct answer {
  bool mine;
  bool verified; /* without a pixmap */
  px_pixmap pixmap;
} answer;

static void answer_done(answer *self)
{
  px_pixmap_done(&self->pixmap);
}

/* What the reader alone says; a file that fails the probe never comes to it. */
static void ask(px_bytes file, px_simd simd, answer *out)
{
  px_image_info info;
  px_decode_job job = {.file = file, .limits = &LIMITS, .simd = simd};
  if (px_codec_probe(file, &LIMITS, &info, NULL) != PIXAZO_OK)
    return;
  const uint32_t shape[] = {info.width, info.height, info.channels};
  assert_status(px_pixmap_make_with_room(&out->pixmap, shape, px_png_room(&info), NULL), PIXAZO_OK);
  out->mine = px_png_read(&job, &info, &out->pixmap);
  out->verified = px_png_read(&job, &info, NULL);
}

/* Returns whether the reader took the file; then libpng takes it too and gives the same pixels. */
static bool is_taken(px_bytes bytes)
{
  unsigned char *copy = malloc(bytes.size ? bytes.size : 1); /* so that reading behind it is seen */
  assert_non_null(copy);
  memcpy(copy, bytes.data, bytes.size);
  px_bytes file = {copy, bytes.size};
  px_decode_job job = {.file = file, .limits = &LIMITS, .reference = true};
  px_auto(px_pixmap) wanted = PX_PIXMAP_INIT;
  px_cleanup(answer_done) answer plain = {.pixmap = PX_PIXMAP_INIT};
  px_cleanup(answer_done) answer best = {.pixmap = PX_PIXMAP_INIT};
  pixazo_status status = px_codec_decode(&job, &wanted, NULL, NULL);
  ask(file, PX_SIMD_PLAIN, &plain);
  ask(file, PX_SIMD_AUTO, &best);
  assert_int_equal(plain.mine, best.mine);
  assert_int_equal(plain.mine, plain.verified);
  if (plain.mine) {
    assert_status(status, PIXAZO_OK);
    assert_memory_equal(plain.pixmap.data, wanted.data, wanted.stride * wanted.height);
    assert_memory_equal(best.pixmap.data, wanted.data, wanted.stride * wanted.height);
  }
  free(copy);
  return plain.mine;
}

static bool is_whole(px_bytes file)
{
  px_decode_job job = {.file = file, .limits = &LIMITS, .reference = true};
  return px_codec_decode(&job, NULL, NULL, NULL) == PIXAZO_OK;
}

static void make_rows(file_bytes *rows, uint32_t width, uint32_t height, uint32_t channels)
{
  uint32_t noise = width * 31 + height;
  for (uint32_t y = 0; y < height; y++) {
    for (size_t i = 0; i <= (size_t)width * channels; i++) {
      noise = noise * 1664525u + 1013904223u;
      unsigned char byte = (unsigned char)(i == 0 ? (noise >> 24) % 5 : noise >> 24);
      file_add(rows, &byte, 1);
    }
  }
}

static void make(file_bytes *file, uint32_t width, uint32_t height, uint32_t channels, size_t cut)
{
  file_bytes rows = {NULL, 0}, stream = {NULL, 0};
  const uint32_t shape[] = {width, height, channels};
  make_rows(&rows, width, height, channels);
  png_store(&stream, rows.data, rows.size);
  png_wrap(file, shape, &stream, cut);
  file_bytes_done(&rows);
  file_bytes_done(&stream);
}

/* The checksum of the chunk at `at`, made right again. */
static void mend(file_bytes *file, size_t at)
{
  size_t size = (size_t)file->data[at] << 24 | (size_t)file->data[at + 1] << 16 | (size_t)file->data[at + 2] << 8 |
                file->data[at + 3];
  file_bytes chunk = {NULL, 0};
  char name[5] = {0};
  memcpy(name, file->data + at + 4, 4);
  png_chunk(&chunk, name, file->data + at + CHUNK_DATA, size);
  memcpy(file->data + at, chunk.data, chunk.size);
  file_bytes_done(&chunk);
}

static void test_read__takes_rgb_and_rgba_of_every_width(void **state)
{
  (void)state;
  for (uint32_t width = 1; width <= 70; width++) {
    for (uint32_t channels = 3; channels <= 4; channels++) {
      file_bytes file = {NULL, 0};
      make(&file, width, 1 + width % 11, channels, width % 3 * 40);
      assert_true(is_taken(file_view(&file)));
      file_bytes_done(&file);
    }
  }
}

static void test_read__takes_what_libpng_and_the_encoder_write(void **state)
{
  (void)state;
  for (uint32_t channels = 3; channels <= 4; channels++) {
    for (int level = 0; level <= 9; level += 3) {
      px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
      pixazo_blob *blob = NULL;
      assert_status(px_pixmap_make(&picture, 150, 90, channels, NULL), PIXAZO_OK);
      for (size_t i = 0; i < picture.stride * picture.height; i++)
        picture.data[i] = (unsigned char)(i % 7 + i / 5 + (i * i >> 9));
      px_encode_job job = {.pixmap = &picture, .format = PX_FORMAT_PNG, .level = level};
      assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_OK);
      assert_true(is_taken((px_bytes){pixazo_blob_data(blob), pixazo_blob_size(blob)}));
      pixazo_blob_unref(blob);
    }
  }
}

static void test_read__pixels_may_come_in_many_chunks_and_in_empty_ones(void **state)
{
  (void)state;
  for (size_t cut = 1; cut <= 9; cut++) {
    file_bytes file = {NULL, 0};
    make(&file, 9, 7, 3, cut);
    assert_true(is_taken(file_view(&file)));
    png_insert_chunk(&file, "IDAT", "", 0);
    assert_true(is_taken(file_view(&file)));
    file.size -= FOOT;
    png_chunk(&file, "IDAT", "", 0);
    png_chunk(&file, "IEND", "", 0);
    (void)is_taken(file_view(&file));
    file_bytes_done(&file);
  }
}

static void test_read__only_empty_chunks_are_no_picture(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  png_begin(&file);
  png_header(&file, 4, 4, 8, 2, 0);
  png_chunk(&file, "IDAT", "", 0);
  png_chunk(&file, "IEND", "", 0);
  assert_false(is_taken(file_view(&file)));
  file_bytes_done(&file);
}

static unsigned sample(uint32_t x, uint32_t y, unsigned channel)
{
  return (x + y + channel) & 1;
}

static void test_read__leaves_other_kinds(void **state)
{
  (void)state;
  static const png_plan kinds[] = {
      {.depth = 8, .color = 0},  {.depth = 8, .color = 4},
      {.depth = 16, .color = 2}, {.depth = 16, .color = 6},
      {.depth = 8, .color = 2, .interlaced = true}, {.depth = 8, .color = 6, .interlaced = true},
      {.depth = 8, .color = 3, .palette = "abcdef", .palette_size = 6},
      {.depth = 8, .color = 2, .palette = "abcdef", .palette_size = 6},
      {.depth = 8, .color = 2, .transparency = "\0\1\0\1\0\1", .transparency_size = 6},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(kinds); i++) {
    file_bytes file = {NULL, 0};
    png_plan plan = kinds[i];
    plan.width = plan.height = 9;
    plan.sample = sample;
    png_make(&file, &plan);
    assert_true(is_whole(file_view(&file)));
    assert_false(is_taken(file_view(&file)));
    file_bytes_done(&file);
  }
}

static void test_read__a_cut_file_is_refused_at_every_byte(void **state)
{
  (void)state;
  for (size_t cut = 0; cut <= 50; cut += 25) {
    file_bytes file = {NULL, 0};
    make(&file, 5, 5, 3, cut);
    for (size_t size = 0; size < file.size; size++)
      assert_false(is_taken((px_bytes){file.data, size}));
    assert_true(is_taken(file_view(&file)));
    file_bytes_done(&file);
  }
}

static void test_read__no_bit_may_be_wrong(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  make(&file, 4, 3, 4, 20);
  for (size_t bit = 0; bit < 8 * file.size; bit++) {
    file.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
    assert_false(is_taken(file_view(&file)));
    file.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
  }
  file_bytes_done(&file);
}

/* With the checksum of the chunk made right: what is left is what the stream itself says. */
static void test_read__the_stream_is_checked_too(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  make(&file, 4, 3, 4, 0);
  size_t stream = AT_FIRST_IDAT + CHUNK_DATA;
  for (size_t at = stream; at < file.size - FOOT - 4; at++) {
    file.data[at] ^= 2;
    mend(&file, AT_FIRST_IDAT);
    assert_false(is_taken(file_view(&file)));
    file.data[at] ^= 2;
  }
  mend(&file, AT_FIRST_IDAT);
  assert_true(is_taken(file_view(&file)));
  file_bytes_done(&file);
}

static void check_rows(size_t size, unsigned char filter, bool wanted)
{
  static unsigned char rows[64];
  file_bytes file = {NULL, 0}, stream = {NULL, 0};
  rows[13] = filter;
  png_store(&stream, rows, size);
  png_wrap(&file, (const uint32_t[]){4, 3, 3}, &stream, 0);
  assert_int_equal(is_taken(file_view(&file)), wanted);
  file_bytes_done(&file);
  file_bytes_done(&stream);
}

static void test_read__the_rows_are_all_there_and_no_more(void **state)
{
  (void)state;
  check_rows(39, 0, true);
  check_rows(38, 0, false);
  check_rows(40, 0, false);
  check_rows(13, 0, false);
}

static void test_read__a_filter_that_does_not_exist_is_refused(void **state)
{
  (void)state;
  check_rows(39, 4, true);
  check_rows(39, 5, false);
  check_rows(39, 255, false);
}

static void test_read__bytes_behind_the_stream_are_left_to_libpng(void **state)
{
  (void)state;
  static const unsigned char rows[39];
  file_bytes file = {NULL, 0}, stream = {NULL, 0};
  png_store(&stream, rows, sizeof rows);
  file_add(&stream, "", 1);
  png_wrap(&file, (const uint32_t[]){4, 3, 3}, &stream, 0);
  assert_false(is_taken(file_view(&file)));
  file_bytes_done(&file);
  file_bytes_done(&stream);
}

/* The pixels of an odd stream are those of the same rows packed by zlib. */
static void check_odd(unsigned odd)
{
  static unsigned char raw[ODD_RAW];
  file_bytes stream = {NULL, 0}, packed = {NULL, 0}, file = {NULL, 0}, good = {NULL, 0};
  const uint32_t shape[] = {ODD_WIDTH, ODD_HEIGHT, 3};
  odd_stream(&stream, odd, raw);
  png_store(&packed, raw, sizeof raw);
  png_wrap(&file, shape, &stream, 1000);
  png_wrap(&good, shape, &packed, 0);
  px_cleanup(answer_done) answer wanted = {.pixmap = PX_PIXMAP_INIT};
  px_cleanup(answer_done) answer found = {.pixmap = PX_PIXMAP_INIT};
  ask(file_view(&good), PX_SIMD_PLAIN, &wanted);
  ask(file_view(&file), PX_SIMD_AUTO, &found);
  assert_int_equal(is_whole(file_view(&file)), odd == 0);
  assert_true(wanted.mine && (found.mine || odd != 0));
  assert_int_equal(found.mine, found.verified);
  if (found.mine)
    assert_memory_equal(found.pixmap.data, wanted.pixmap.data, found.pixmap.stride * found.pixmap.height);
  file_bytes_done(&stream);
  file_bytes_done(&packed);
  file_bytes_done(&file);
  file_bytes_done(&good);
}

static void test_read__odd_codes_are_left_or_give_the_pixels_they_stand_for(void **state)
{
  (void)state;
  for (unsigned odd = ODD_COUNT; odd <= ODD_UNUSED; odd <<= 1)
    check_odd(odd);
  check_odd(0);
}

static void check_beside(const char *name, const char *data, size_t size, bool wanted)
{
  file_bytes file = {NULL, 0};
  make(&file, 5, 4, 3, 0);
  png_insert_chunk(&file, name, data, size);
  if (is_taken(file_view(&file)) != wanted)
    fail_msg("%s before the pixels: not %d", name, wanted);
  file_bytes_done(&file);
  make(&file, 5, 4, 3, 0);
  file.size -= FOOT;
  png_chunk(&file, name, data, size);
  png_chunk(&file, "IEND", "", 0);
  if (is_taken(file_view(&file)) != wanted)
    fail_msg("%s behind the pixels: not %d", name, wanted);
  file_bytes_done(&file);
}

static void test_read__what_stands_beside_the_pixels_is_passed_over(void **state)
{
  (void)state;
  check_beside("gAMA", "\0\0\x27\x10", 4, true);
  check_beside("tEXt", "Title\0x", 7, true);
  check_beside("iCCP", "broken\0\0rubbish", 15, true);
  check_beside("sRGB", "", 0, true);
  check_beside("caBX", "jumb", 4, true);
  check_beside("PLTE", "abc", 3, false);
  check_beside("tRNS", "\0\1\0\1\0\1", 6, false);
  check_beside("CRIT", "x", 1, false);
  check_beside("tExt", "reserved", 8, false);
  check_beside("t3Xt", "no name", 7, false);
  check_beside("tE@t", "no name", 7, false);
  check_beside("tE{t", "no name", 7, false);
}

static void test_read__pixels_in_two_places_are_refused(void **state)
{
  (void)state;
  static const unsigned char rows[39];
  file_bytes file = {NULL, 0}, stream = {NULL, 0};
  png_store(&stream, rows, sizeof rows);
  png_begin(&file);
  png_header(&file, 4, 3, 8, 2, 0);
  png_chunk(&file, "IDAT", stream.data, 20);
  png_chunk(&file, "tEXt", "a\0b", 3);
  png_chunk(&file, "IDAT", stream.data + 20, stream.size - 20);
  png_chunk(&file, "IEND", "", 0);
  assert_false(is_taken(file_view(&file)));
  file_bytes_done(&file);
  file_bytes_done(&stream);
}

static void test_read__the_end_is_empty_and_what_follows_does_not_count(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  make(&file, 5, 4, 3, 0);
  file_add(&file, "PK\3\4", 4);
  assert_true(is_taken(file_view(&file)));
  file.size -= FOOT + 4;
  png_chunk(&file, "IEND", "x", 1);
  assert_false(is_taken(file_view(&file)));
  file_bytes_done(&file);
}

static void test_read__thousands_of_chunks_make_no_difference(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0}, many = {NULL, 0};
  make(&file, 5, 4, 3, 0);
  for (int i = 0; i < 3000; i++)
    png_chunk(&many, "teSt", "x", 1);
  file_insert(&file, AT_FIRST_IDAT, many.data, many.size);
  assert_true(is_taken(file_view(&file)));
  file_bytes_done(&file);
  file_bytes_done(&many);
}

static void test_read__a_cancelled_job_is_left(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_image_info info;
  pixazo_cancel *cancel = NULL;
  make(&file, 5, 4, 3, 0);
  assert_status(pixazo_cancel_new(&cancel, NULL), PIXAZO_OK);
  px_decode_job job = {.file = file_view(&file), .limits = &LIMITS, .cancel = cancel};
  assert_status(px_codec_probe(job.file, &LIMITS, &info, NULL), PIXAZO_OK);
  assert_true(px_png_read(&job, &info, NULL));
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_NOW);
  assert_false(px_png_read(&job, &info, NULL));
  pixazo_cancel_unref(cancel);
  file_bytes_done(&file);
}

static pixazo_status decode_twice(void *user_data, pixazo_error **error)
{
  const file_bytes *file = user_data;
  px_decode_job job = {.file = file_view(file), .limits = &LIMITS};
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  pixazo_status status = px_codec_decode(&job, &pixmap, NULL, error);
  return status == PIXAZO_OK ? px_codec_decode(&job, NULL, NULL, error) : status;
}

/* Where the reader cannot have its memory, libpng goes on with less. */
static void test_read__memory_may_run_out(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  make(&file, 20, 15, 3, 100);
  assert_true(torture_run("png", decode_twice, &file, 1) >= 4);
  file_bytes_done(&file);
}

int main(void)
{
  torture_install();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_read__takes_rgb_and_rgba_of_every_width),
      cmocka_unit_test(test_read__takes_what_libpng_and_the_encoder_write),
      cmocka_unit_test(test_read__pixels_may_come_in_many_chunks_and_in_empty_ones),
      cmocka_unit_test(test_read__only_empty_chunks_are_no_picture),
      cmocka_unit_test(test_read__leaves_other_kinds),
      cmocka_unit_test(test_read__a_cut_file_is_refused_at_every_byte),
      cmocka_unit_test(test_read__no_bit_may_be_wrong),
      cmocka_unit_test(test_read__the_stream_is_checked_too),
      cmocka_unit_test(test_read__the_rows_are_all_there_and_no_more),
      cmocka_unit_test(test_read__a_filter_that_does_not_exist_is_refused),
      cmocka_unit_test(test_read__bytes_behind_the_stream_are_left_to_libpng),
      cmocka_unit_test(test_read__odd_codes_are_left_or_give_the_pixels_they_stand_for),
      cmocka_unit_test(test_read__what_stands_beside_the_pixels_is_passed_over),
      cmocka_unit_test(test_read__pixels_in_two_places_are_refused),
      cmocka_unit_test(test_read__the_end_is_empty_and_what_follows_does_not_count),
      cmocka_unit_test(test_read__thousands_of_chunks_make_no_difference),
      cmocka_unit_test(test_read__a_cancelled_job_is_left),
      cmocka_unit_test(test_read__memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
