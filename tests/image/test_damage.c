/* SPDX-License-Identifier: MIT */
/* Files that are cut, bent or put together wrongly: whole pictures or errors, never anything between. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "samples.h"

static sample_files samples;
static size_t cases, accepted;

static int begin(void **state)
{
  samples_make(&samples);
  return kit_begin(state);
}

static int end(void **state)
{
  samples_done(&samples);
  return kit_end(state);
}

static void test_damage__the_samples_are_good(void **state)
{
  (void)state;
  for (size_t i = 0; i < samples.count; i++) {
    px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
    kit_decode_good(file_view(&samples.list[i].bytes), &pixmap, NULL, samples.list[i].name);
  }
}

/* Metadata has its own walk through the same bytes; whatever it finds, it comes back. */
static void read_metadata(px_bytes file)
{
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  (void)px_codec_metadata(file, &KIT_LIMITS, &metadata, NULL);
}

static void test_damage__no_prefix_of_any_kind_is_a_picture(void **state)
{
  (void)state;
  for (size_t i = 0; i < samples.count; i++) {
    const sample_file *sample = &samples.list[i];
    for (size_t size = 0; size < sample->bytes.size; size++) {
      px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
      if (kit_decode((px_bytes){sample->bytes.data, size}, &pixmap, NULL) == PIXAZO_OK)
        fail_msg("%s: %zu of %zu bytes pass as a picture", sample->name, size, sample->bytes.size);
      px_autofree unsigned char *copy = px_memdup(sample->bytes.data, size);
      read_metadata((px_bytes){copy, size});
      cases++;
    }
  }
}

/* Returns the verdict of one bent file. Plain and fast must agree on it and on the pixels. */
static pixazo_status try_bent(const unsigned char *bent, size_t size, px_pixmap *pixmap)
{
  px_auto(px_pixmap) fast = PX_PIXMAP_INIT;
  px_decode_job job = {.file = {bent, size}, .limits = &KIT_LIMITS, .simd = PX_SIMD_PLAIN};
  pixazo_status status = px_codec_decode(&job, pixmap, NULL, NULL);
  job.simd = PX_SIMD_AUTO;
  assert_status(px_codec_decode(&job, &fast, NULL, NULL), status);
  assert_status(px_codec_decode(&job, NULL, NULL, NULL), status);
  assert_int_equal(pixmap->data != NULL, status == PIXAZO_OK);
  if (pixmap->data)
    assert_memory_equal(pixmap->data, fast.data, pixmap->stride * pixmap->height);
  assert_true(status == PIXAZO_OK || status == PIXAZO_E_CORRUPT || status == PIXAZO_E_UNSUPPORTED ||
              status == PIXAZO_E_LIMIT);
  read_metadata((px_bytes){bent, size});
  if (cases % 4 == 0)
    kit_check_pane((px_bytes){bent, size});
  cases++;
  accepted += status == PIXAZO_OK;
  return status;
}

/* Every bit where that is quick, else one bit of every byte. */
static size_t bits_of(size_t size)
{
  return PX_IMAGE_LARGE ? size * 8 : size;
}

static size_t bit_at(size_t number)
{
  return PX_IMAGE_LARGE ? number : number * 8 + kit_hash((uint32_t)number, 0, 0) % 8;
}

static void test_damage__one_wrong_bit(void **state)
{
  (void)state;
  for (size_t i = 0; i < samples.count; i++) {
    const sample_file *sample = &samples.list[i];
    for (size_t n = 0; n < bits_of(sample->bytes.size); n++) {
      px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
      px_autofree unsigned char *bent = px_memdup(sample->bytes.data, sample->bytes.size);
      assert_non_null(bent);
      size_t bit = bit_at(n);
      bent[bit / 8] ^= (unsigned char)(1u << bit % 8);
      pixazo_status status = try_bent(bent, sample->bytes.size, &pixmap);
      if (sample->format == PX_FORMAT_PNG && status == PIXAZO_OK) /* every byte is under a checksum */
        fail_msg("%s: bit %zu is not noticed", sample->name, bit);
    }
  }
}

/* Offset and size of the data of the chunks of pixels. */
static bool in_pixels(const file_bytes *file, size_t offset)
{
  for (size_t at = 8; at + 12 <= file->size;) {
    const unsigned char *head = file->data + at;
    size_t length = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    if (memcmp(head + 4, "IDAT", 4) == 0 && offset >= at + 8 && offset < at + 8 + length)
      return true;
    at += length + 12;
  }
  return false;
}

/* With its checksum made right, a wrong bit in the packed rows is still found by the sum of the unpacked ones:
 * what is accepted has the pixels of the good file. */
static void test_damage__a_wrong_bit_under_a_right_checksum(void **state)
{
  (void)state;
  for (size_t i = 0; i < samples.count && samples.list[i].format == PX_FORMAT_PNG; i++) {
    const sample_file *sample = &samples.list[i];
    px_auto(px_pixmap) good = PX_PIXMAP_INIT;
    assert_status(kit_decode(file_view(&sample->bytes), &good, NULL), PIXAZO_OK);
    for (size_t n = 0; n < bits_of(sample->bytes.size); n++) {
      px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
      px_autofree unsigned char *bent = px_memdup(sample->bytes.data, sample->bytes.size);
      assert_non_null(bent);
      size_t bit = bit_at(n);
      bent[bit / 8] ^= (unsigned char)(1u << bit % 8);
      samples_mend_png(bent, sample->bytes.size);
      if (try_bent(bent, sample->bytes.size, &pixmap) == PIXAZO_OK && in_pixels(&sample->bytes, bit / 8))
        kit_expect_pixels(&pixmap, good.data, sample->name);
    }
  }
}

/* Bytes replaced, left out, doubled and swapped, many at once. */
static void test_damage__many_wrong_bytes(void **state)
{
  (void)state;
  enum { ROUNDS = PX_IMAGE_LARGE ? 400 : 60 };
  for (size_t i = 0; i < samples.count; i++) {
    const file_bytes *good = &samples.list[i].bytes;
    for (uint32_t round = 0; round < ROUNDS; round++) {
      px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
      px_autofree unsigned char *bent = px_memdup(good->data, good->size);
      assert_non_null(bent);
      size_t size = good->size, at = kit_hash(round, 1, (uint32_t)i) % size, run = kit_hash(round, 2, 3) % 9 + 1;
      if (round % 3 == 0 && at + run < size) {
        memmove(bent + at, bent + at + run, size - at - run);
        size -= run;
      } else {
        for (uint32_t k = 0; k < run; k++)
          bent[kit_hash(round, k, 5) % size] = (unsigned char)kit_hash(round, k, 6);
      }
      if (round % 2)
        samples_mend_png(bent, samples.list[i].format == PX_FORMAT_PNG ? size : 0);
      px_autofree unsigned char *exact = px_memdup(bent, size);
      (void)try_bent(exact, size, &pixmap);
    }
  }
}

/* ---- PNG put together wrongly ---- */

static unsigned value_of(uint32_t x, uint32_t y, unsigned channel)
{
  return (x * 31 + y * 17 + channel * 80) & 255;
}

static unsigned index_of(uint32_t x, uint32_t y, unsigned channel)
{
  (void)channel;
  return (x + y) & 3;
}

static const png_plan PLAN = {.width = 9, .height = 8, .depth = 8, .color = 2, .sample = value_of, .filter = 4, .level = 6};
static const png_plan INDEXED = {.width = 9, .height = 8, .depth = 8, .color = 3, .sample = index_of, .level = 6};

static void judge(file_bytes *file, pixazo_status wanted, const char *what)
{
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  pixazo_status status = kit_decode(file_view(file), &pixmap, NULL);
  if (status != wanted)
    fail_msg("%s gives %s, not %s", what, pixazo_status_name(status), pixazo_status_name(wanted));
  file_bytes_done(file);
  cases++;
}

/* Header, packed rows (changed by `bend`), end. */
static void judge_rows(const png_plan *plan, void (*bend)(file_bytes *rows), pixazo_status wanted, const char *what)
{
  file_bytes file = {NULL, 0}, rows = {NULL, 0};
  png_rows(&rows, plan);
  if (bend)
    bend(&rows);
  png_begin(&file);
  png_header(&file, plan->width, plan->height, plan->depth, plan->color, plan->interlaced);
  png_pixels(&file, &rows, plan);
  png_chunk(&file, "IEND", "", 0);
  file_bytes_done(&rows);
  judge(&file, wanted, what);
}

static void drop_row(file_bytes *rows)
{
  rows->size -= 9 * 3 + 1;
}

static void drop_byte(file_bytes *rows)
{
  rows->size--;
}

static void add_row(file_bytes *rows)
{
  static const unsigned char row[9 * 3 + 1];
  file_add(rows, row, sizeof row);
}

static void add_byte(file_bytes *rows)
{
  file_add(rows, "", 1);
}

static void filter_five(file_bytes *rows)
{
  rows->data[3 * 28] = 5;
}

static void filter_last(file_bytes *rows)
{
  rows->data[7 * 28] = 255;
}

static void test_damage__rows_that_are_missing_or_too_many(void **state)
{
  (void)state;
  judge_rows(&PLAN, NULL, PIXAZO_OK, "the plan itself");
  judge_rows(&PLAN, drop_row, PIXAZO_E_CORRUPT, "a missing row");
  judge_rows(&PLAN, drop_byte, PIXAZO_E_CORRUPT, "a missing byte");
  judge_rows(&PLAN, add_row, PIXAZO_E_CORRUPT, "a row too many");
  judge_rows(&PLAN, add_byte, PIXAZO_E_CORRUPT, "a byte too many");
  judge_rows(&PLAN, filter_five, PIXAZO_E_CORRUPT, "filter 5");
  judge_rows(&PLAN, filter_last, PIXAZO_E_CORRUPT, "filter 255 of the last row");
}

static void make_parts(file_bytes *file, const file_bytes *rows, const char *between, size_t part)
{
  file_bytes pixels = {NULL, 0};
  png_plan plan = PLAN;
  png_pixels(&pixels, rows, &plan);
  const unsigned char *data = pixels.data + 8;
  size_t size = pixels.size - 12;
  png_begin(file);
  png_header(file, PLAN.width, PLAN.height, 8, 2, 0);
  png_chunk(file, "IDAT", "", 0);
  png_chunk(file, "IDAT", data, part);
  if (between)
    png_chunk(file, between, "k\0v", 3);
  png_chunk(file, "IDAT", "", 0);
  png_chunk(file, "IDAT", data + part, size - part);
  png_chunk(file, "IEND", "", 0);
  file_bytes_done(&pixels);
}

static void test_damage__pixels_in_pieces(void **state)
{
  (void)state;
  file_bytes rows = {NULL, 0}, file = {NULL, 0};
  png_rows(&rows, &PLAN);
  for (size_t part = 0; part < 12; part++) {
    make_parts(&file, &rows, NULL, part);
    judge(&file, PIXAZO_OK, "empty pieces");
  }
  make_parts(&file, &rows, "tEXt", 30);
  judge(&file, PIXAZO_E_CORRUPT, "a text inside the pixels");
  file_bytes_done(&rows);
}

static void judge_header(unsigned depth, unsigned color, unsigned interlace, pixazo_status wanted)
{
  char what[60];
  file_bytes file = {NULL, 0};
  (void)snprintf(what, sizeof what, "colour %u depth %u interlace %u", color, depth, interlace);
  png_begin(&file);
  png_header(&file, 1, 1, depth, color, interlace);
  if (color == 3)
    png_chunk(&file, "PLTE", "\1\2\3", 3);
  png_chunk(&file, "IDAT", "", 0);
  png_chunk(&file, "IEND", "", 0);
  judge(&file, wanted, what);
}

static void test_damage__headers_that_no_standard_knows(void **state)
{
  (void)state;
  for (unsigned color = 0; color < 9; color++) {
    for (unsigned depth = 0; depth < 34; depth++)
      judge_header(depth, color, depth % 3, PIXAZO_E_CORRUPT);
  }
  judge_header(8, 255, 0, PIXAZO_E_CORRUPT);
  judge_header(255, 2, 0, PIXAZO_E_CORRUPT);
}

typedef struct strange {
  const char *name;
  const void *data;
  size_t size;
  pixazo_status wanted;
} strange;

/* Ancillary chunks that are nonsense never make a good picture bad unless libpng cannot go on; critical ones do. */
static void test_damage__chunks_that_nobody_knows(void **state)
{
  (void)state;
  static const strange list[] = {
      {"prIv", "anything", 8, PIXAZO_OK},
      {"ABCD", "anything", 8, PIXAZO_E_CORRUPT},
      {"IHDR", "\0\0\0\1\0\0\0\1\x8\2\0\0\0", 13, PIXAZO_E_CORRUPT},
      {"IEND", "", 0, PIXAZO_E_CORRUPT},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(list); i++) {
    file_bytes file = {NULL, 0};
    png_make(&file, &PLAN);
    png_insert_chunk(&file, list[i].name, list[i].data, list[i].size);
    judge(&file, list[i].wanted, list[i].name);
  }
}

/* An index behind the last colour is black, as everywhere. */
static void test_damage__palettes_that_do_not_fit(void **state)
{
  (void)state;
  static const unsigned char colors[1000] = {1, 2, 3, 4, 5, 6};
  static const struct {
    size_t palette, transparency;
    pixazo_status wanted;
  } list[] = {{12, 0, PIXAZO_OK},       {768, 0, PIXAZO_OK},       {12, 4, PIXAZO_OK},
              {0, 0, PIXAZO_E_CORRUPT}, {11, 0, PIXAZO_E_CORRUPT}, {771, 0, PIXAZO_E_CORRUPT},
              {9, 0, PIXAZO_OK},        {12, 5, PIXAZO_E_CORRUPT}, {12, 257, PIXAZO_E_CORRUPT}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(list); i++) {
    file_bytes file = {NULL, 0};
    char what[60];
    png_plan plan = INDEXED;
    plan.palette = list[i].palette ? colors : NULL;
    plan.palette_size = list[i].palette;
    plan.transparency = list[i].transparency ? colors : NULL;
    plan.transparency_size = list[i].transparency;
    (void)snprintf(what, sizeof what, "a palette of %zu bytes, tRNS of %zu", plan.palette_size, plan.transparency_size);
    png_make(&file, &plan);
    judge(&file, list[i].wanted, what);
  }
}

static unsigned repeating(uint32_t x, uint32_t y, unsigned channel)
{
  return kit_hash(x, y % 7, channel) & 255;
}

/* A window that is declared smaller than the matches reach: refused, or the pixels are right. */
static void test_damage__a_window_smaller_than_the_matches(void **state)
{
  (void)state;
  for (unsigned bits = 8; bits < 15; bits++) {
    file_bytes file = {NULL, 0};
    px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
    png_plan plan = {.width = 300, .height = 60, .depth = 8, .color = 2, .sample = repeating, .level = 9};
    png_make(&file, &plan);
    unsigned char *stream = file.data + 8 + 25 + 8;
    stream[0] = (unsigned char)((bits - 8) << 4 | 8);
    stream[1] = (unsigned char)(stream[1] & 0xe0);
    stream[1] = (unsigned char)(stream[1] + (31 - (stream[0] * 256 + stream[1]) % 31) % 31);
    samples_mend_png(file.data, file.size);
    if (kit_decode(file_view(&file), &pixmap, NULL) == PIXAZO_OK) {
      for (size_t i = 0; i < pixmap.stride * 60; i++)
        assert_int_equal(pixmap.data[i], repeating((uint32_t)(i % 900 / 3), (uint32_t)(i / 900), (unsigned)(i % 3)));
    }
    file_bytes_done(&file);
    cases++;
  }
}

/* ---- what is no picture ---- */

static void test_damage__the_bytes_say_what_a_file_is(void **state)
{
  (void)state;
  static const strange list[] = {
      {"nothing", "", 0, PIXAZO_E_CORRUPT},
      {"a page", "<!DOCTYPE html><html>", 21, PIXAZO_E_UNSUPPORTED},
      {"SVG", "<?xml version=\"1.0\"?><svg/>", 27, PIXAZO_E_UNSUPPORTED},
      {"GIF", "GIF89a\1\0\1\0\0\0\0;", 14, PIXAZO_E_UNSUPPORTED},
      {"AVIF",
       "\0\0\0\x1c"
       "ftypavif\0\0\0\0",
       16, PIXAZO_E_UNSUPPORTED},
      {"a program",
       "\x7f"
       "ELF\2\1\1",
       7, PIXAZO_E_UNSUPPORTED},
      {"ZIP", "PK\3\4", 4, PIXAZO_E_UNSUPPORTED},
      {"RIFF of sound", "RIFF\x24\0\0\0WAVEfmt ", 16, PIXAZO_E_UNSUPPORTED},
      {"JSON", "{\"error\":\"no\"}", 14, PIXAZO_E_UNSUPPORTED},
      {"a PNG whose line ends were turned", "\x89PNG\n\x1a\n\0\0\0\rIHDR", 15, PIXAZO_E_CORRUPT},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(list); i++) {
    file_bytes file = {NULL, 0};
    file_add(&file, list[i].data, list[i].size);
    judge(&file, list[i].wanted, list[i].name);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_damage__the_samples_are_good),
      cmocka_unit_test(test_damage__no_prefix_of_any_kind_is_a_picture),
      cmocka_unit_test(test_damage__one_wrong_bit),
      cmocka_unit_test(test_damage__a_wrong_bit_under_a_right_checksum),
      cmocka_unit_test(test_damage__many_wrong_bytes),
      cmocka_unit_test(test_damage__rows_that_are_missing_or_too_many),
      cmocka_unit_test(test_damage__pixels_in_pieces),
      cmocka_unit_test(test_damage__headers_that_no_standard_knows),
      cmocka_unit_test(test_damage__chunks_that_nobody_knows),
      cmocka_unit_test(test_damage__palettes_that_do_not_fit),
      cmocka_unit_test(test_damage__a_window_smaller_than_the_matches),
      cmocka_unit_test(test_damage__the_bytes_say_what_a_file_is),
  };
  int failed = cmocka_run_group_tests(tests, begin, end);
  (void)printf("pictures: %zu damaged files, %zu of them whole pictures\n", cases, accepted);
  return failed;
}
