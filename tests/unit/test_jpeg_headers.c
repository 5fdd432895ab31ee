/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "image/codecs/jpeg_headers.h"
#include "support/pictures.h"

static const px_image_limits LIMITS = PX_IMAGE_LIMITS_INIT;

static void make_plain(file_bytes *file, bool progressive)
{
  jpeg_make(file, &(jpeg_plan){16, 16, JPEG_KIND_YCC, progressive, false, {200, 100, 50, 0}});
}

/* Repeats the last scan of a progressive file. */
static void repeat_scan(file_bytes *file, unsigned times)
{
  size_t begin = file->size - 2;
  while (!(file->data[begin] == 0xff && file->data[begin + 1] == 0xda))
    begin--;
  size_t size = file->size - 2 - begin;
  unsigned char *scan = px_memdup(file->data + begin, size);
  assert_non_null(scan);
  for (unsigned i = 0; i < times; i++)
    file_insert(file, file->size - 2, scan, size);
  px_free(scan);
}

static void test_jpeg__more_than_a_hundred_scans_are_refused(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_image_info info;
  make_plain(&file, true);
  assert_status(px_codec_probe(file_view(&file), &LIMITS, &info, NULL), PIXAZO_OK);
  assert_in_range(info.scans, 2, 20);
  repeat_scan(&file, 100 - info.scans);
  assert_status(px_codec_probe(file_view(&file), &LIMITS, &info, NULL), PIXAZO_OK);
  assert_int_equal(info.scans, 100);
  repeat_scan(&file, 1);
  assert_status(px_codec_probe(file_view(&file), &LIMITS, &info, NULL), PIXAZO_E_LIMIT);
  file_bytes_done(&file);
}

static pixazo_status probe_with(unsigned marker, size_t size, size_t count)
{
  file_bytes file = {NULL, 0}, one = {NULL, 0}, segments = {NULL, 0};
  unsigned char *body = px_calloc(1, size);
  const unsigned char head[4] = {0xff, (unsigned char)marker, (unsigned char)((size + 2) >> 8), (unsigned char)(size + 2)};
  px_image_info info;
  assert_non_null(body);
  file_add(&one, head, sizeof head);
  file_add(&one, body, size);
  file_repeat(&segments, one.data, one.size, count);
  make_plain(&file, false);
  file_insert(&file, 2, segments.data, segments.size);
  pixazo_status status = px_codec_probe(file_view(&file), &LIMITS, &info, NULL);
  file_bytes_done(&file);
  file_bytes_done(&one);
  file_bytes_done(&segments);
  px_free(body);
  return status;
}

static void test_jpeg__tables_without_end_are_refused(void **state)
{
  (void)state;
  static const unsigned markers[] = {0xc4, 0xdb, 0xcc};
  for (size_t i = 0; i < PX_ARRAY_SIZE(markers); i++) {
    assert_status(probe_with(markers[i], 1 << 15, 7), PIXAZO_OK);
    assert_status(probe_with(markers[i], 1 << 15, 8), PIXAZO_E_LIMIT);
  }
  assert_status(probe_with(0xee, 1 << 15, 8), PIXAZO_OK);
}

static void test_jpeg__segments_without_end_are_refused(void **state)
{
  (void)state;
  assert_status(probe_with(0xee, 1, 65500), PIXAZO_OK);
  assert_status(probe_with(0xee, 1, 65537), PIXAZO_E_LIMIT);
}

static void test_jpeg__scans_hold_no_more_than_pixels_can_take(void **state)
{
  (void)state;
  enum { MOST = 65536 + 16 * 16 * 16 };
  file_bytes file = {NULL, 0};
  px_image_info info;
  make_plain(&file, false);
  unsigned char *bytes = px_calloc(1, MOST);
  assert_non_null(bytes);
  file_insert(&file, file.size - 2, bytes, MOST - 1000);
  assert_status(px_codec_probe(file_view(&file), &LIMITS, &info, NULL), PIXAZO_OK);
  file_insert(&file, file.size - 2, bytes, 1000);
  assert_status(px_codec_probe(file_view(&file), &LIMITS, &info, NULL), PIXAZO_E_LIMIT);
  px_free(bytes);
  file_bytes_done(&file);
}

static size_t frame_of(const file_bytes *file)
{
  for (size_t i = 0; i + 1 < file->size; i++) {
    if (file->data[i] == 0xff && file->data[i + 1] >= 0xc0 && file->data[i + 1] <= 0xc2)
      return i;
  }
  fail_msg("no frame header");
  return 0;
}

static void set_size(file_bytes *file, unsigned width, unsigned height)
{
  unsigned char *size = file->data + frame_of(file) + 5;
  size[0] = (unsigned char)(height >> 8);
  size[1] = (unsigned char)height;
  size[2] = (unsigned char)(width >> 8);
  size[3] = (unsigned char)width;
}

static void test_jpeg__scans_times_pixels_are_bounded(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_image_info info;
  make_plain(&file, true);
  repeat_scan(&file, 20);
  set_size(&file, 8192, 8192);
  assert_status(px_codec_probe(file_view(&file), &LIMITS, &info, NULL), PIXAZO_E_LIMIT);
  set_size(&file, 4096, 4096);
  assert_status(px_codec_probe(file_view(&file), &LIMITS, &info, NULL), PIXAZO_OK);
  file_bytes_done(&file);
}

static void test_jpeg__kinds_that_nobody_sends_are_refused_by_name(void **state)
{
  (void)state;
  static const struct {
    size_t offset;
    unsigned char value;
  } edits[] = {{1, 0xc3}, {1, 0xc9}, {4, 12}, {9, 2}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(edits); i++) {
    file_bytes file = {NULL, 0};
    px_image_info info;
    make_plain(&file, false);
    file.data[frame_of(&file) + edits[i].offset] = edits[i].value;
    assert_status(px_codec_probe(file_view(&file), &LIMITS, &info, NULL), PIXAZO_E_UNSUPPORTED);
    file_bytes_done(&file);
  }
}

static void test_jpeg__finds_orientation_and_credentials(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0}, exif = {NULL, 0};
  px_image_info info;
  make_plain(&file, false);
  file_add(&exif, "Exif\0", 6);
  exif_make(&exif, false, 8);
  jpeg_insert_segment(&file, 0xe1, exif.data, exif.size);
  jpeg_insert_segment(&file, 0xeb, "JP\0\1\0\0\0\1\0\0\0\x20jumb\0\0\0\x18jumdc2pa", 28);
  assert_status(px_codec_probe(file_view(&file), &LIMITS, &info, NULL), PIXAZO_OK);
  assert_int_equal(info.orientation, 8);
  assert_true(info.has_c2pa);
  file_bytes_done(&file);
  file_bytes_done(&exif);
}

static void test_jpeg__a_profile_in_parts_is_joined_in_order_or_left_out(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  px_auto(px_metadata) broken = PX_METADATA_INIT;
  make_plain(&file, false);
  jpeg_insert_segment(&file, 0xe2, "ICC_PROFILE\0\1\2first-", 20);
  assert_status(px_codec_metadata(file_view(&file), &LIMITS, &broken, NULL), PIXAZO_OK);
  assert_int_equal(broken.icc.size, 0);
  jpeg_insert_segment(&file, 0xe2, "ICC_PROFILE\0\2\2second", 20);
  assert_status(px_codec_metadata(file_view(&file), &LIMITS, &metadata, NULL), PIXAZO_OK);
  assert_int_equal(metadata.icc.size, 12);
  assert_memory_equal(metadata.icc.data, "first-second", 12);
  file_bytes_done(&file);
}

static void test_jpeg__is_reduced_to_what_is_left_for_the_filter(void **state)
{
  (void)state;
  static const struct {
    uint32_t size[2], wanted[2], reduced[2], denominator;
  } cases[] = {
      {{4096, 4096}, {300, 300}, {512, 512}, 8}, /* an eighth is enough at five thirds of what is wanted */
      {{4096, 4096}, {308, 308}, {1024, 1024}, 4},
      {{4096, 4096}, {512, 100}, {1024, 1024}, 4}, /* the rest at twice */
      {{4096, 4096}, {513, 100}, {2048, 2048}, 2},
      {{4096, 4096}, {1024, 1024}, {2048, 2048}, 2},
      {{4096, 4096}, {1025, 1025}, {4096, 4096}, 1},
      {{4096, 4096}, {8192, 10}, {4096, 4096}, 1},
      {{1920, 1080}, {144, 81}, {240, 135}, 8},
      {{65500, 64}, {1000, 1}, {16375, 16}, 4}, /* 65500 is no multiple of eight */
      {{4001, 4001}, {60, 60}, {2001, 2001}, 2},
      {{4001, 4001}, {300, 300}, {4001, 4001}, 1},
      {{1, 1}, {1, 1}, {1, 1}, 1},
      {{16, 1}, {1, 1}, {16, 1}, 1},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    px_image_info info = {.width = cases[i].size[0], .height = cases[i].size[1]};
    uint32_t size[2] = {info.width, info.height};
    px_jpeg_shrink(&info, cases[i].wanted, size);
    px_pixmap pixmap = {.width = size[0], .height = size[1]};
    if (size[0] != cases[i].reduced[0] || size[1] != cases[i].reduced[1])
      fail_msg("case %zu: reduced to %ux%u", i, size[0], size[1]);
    assert_int_equal(px_jpeg_denominator(&info, &pixmap), cases[i].denominator);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_jpeg__more_than_a_hundred_scans_are_refused),
      cmocka_unit_test(test_jpeg__scans_times_pixels_are_bounded),
      cmocka_unit_test(test_jpeg__tables_without_end_are_refused),
      cmocka_unit_test(test_jpeg__segments_without_end_are_refused),
      cmocka_unit_test(test_jpeg__scans_hold_no_more_than_pixels_can_take),
      cmocka_unit_test(test_jpeg__kinds_that_nobody_sends_are_refused_by_name),
      cmocka_unit_test(test_jpeg__finds_orientation_and_credentials),
      cmocka_unit_test(test_jpeg__a_profile_in_parts_is_joined_in_order_or_left_out),
      cmocka_unit_test(test_jpeg__is_reduced_to_what_is_left_for_the_filter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
