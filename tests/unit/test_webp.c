/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/codec.h"
#include "support/pictures.h"

static const px_image_limits LIMITS = PX_IMAGE_LIMITS_INIT;

static pixazo_status decode(const file_bytes *file, px_pixmap *pixmap, px_image_info *info)
{
  px_decode_job job = {.file = file_view(file), .limits = &LIMITS};
  return px_codec_decode(&job, pixmap, info, NULL);
}

static void check_color(bool lossless, const unsigned char rgba[4], int tolerance)
{
  file_bytes file = {NULL, 0};
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  px_image_info info;
  webp_make(&file, 21, 9, lossless, rgba);
  assert_status(decode(&file, NULL, &info), PIXAZO_OK);
  assert_status(decode(&file, &pixmap, &info), PIXAZO_OK);
  assert_int_equal(pixmap.channels, rgba[3] == 255 ? 3 : 4);
  assert_int_equal(pixmap.width, 21);
  for (size_t i = 0; i < pixmap.stride * pixmap.height; i++)
    assert_true(abs(pixmap.data[i] - rgba[i % pixmap.channels]) <= tolerance);
  file_bytes_done(&file);
}

static void test_webp__lossless_is_exact_and_lossy_is_near(void **state)
{
  (void)state;
  check_color(true, (const unsigned char[]){12, 200, 99, 255}, 0);
  check_color(true, (const unsigned char[]){12, 200, 99, 77}, 0);
  check_color(false, (const unsigned char[]){12, 200, 99, 255}, 6);
  check_color(false, (const unsigned char[]){12, 200, 99, 77}, 6);
}

static void take_body(const file_bytes *file, file_bytes *body)
{
  file_add(body, file->data + 12, file->size - 12);
}

static void make_extended(file_bytes *out, unsigned char flags, const char *name, const void *data, size_t size)
{
  file_bytes simple = {NULL, 0}, body = {NULL, 0};
  const unsigned char canvas[10] = {flags, 0, 0, 0, 7, 0, 0, 7, 0, 0};
  webp_make(&simple, 8, 8, true, (const unsigned char[]){1, 2, 3, 255});
  webp_chunk(&body, "VP8X", canvas, sizeof canvas);
  take_body(&simple, &body);
  webp_chunk(&body, name, data, size);
  webp_wrap(out, &body);
  file_bytes_done(&simple);
  file_bytes_done(&body);
}

static void test_webp__finds_orientation_with_and_without_the_head_of_jpeg(void **state)
{
  (void)state;
  for (size_t head = 0; head <= 6; head += 6) {
    file_bytes file = {NULL, 0}, exif = {NULL, 0};
    px_image_info info;
    px_auto(px_metadata) metadata = PX_METADATA_INIT;
    file_add(&exif, "Exif\0", head);
    exif_make(&exif, true, 3);
    make_extended(&file, 0x08, "EXIF", exif.data, exif.size);
    assert_status(decode(&file, NULL, &info), PIXAZO_OK);
    assert_int_equal(info.orientation, 3);
    assert_status(px_codec_metadata(file_view(&file), &LIMITS, &metadata, NULL), PIXAZO_OK);
    assert_int_equal(metadata.exif.size, exif.size - head);
    file_bytes_done(&file);
    file_bytes_done(&exif);
  }
}

static void test_webp__finds_credentials(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_image_info info;
  make_extended(&file, 0, "C2PA", "jumb", 4);
  assert_status(decode(&file, NULL, &info), PIXAZO_OK);
  assert_true(info.has_c2pa);
  file_bytes_done(&file);
}

static void test_webp__chunks_without_end_are_refused(void **state)
{
  (void)state;
  static const unsigned char rgba[4] = {1, 2, 3, 255};
  file_bytes plain = {NULL, 0}, body = {NULL, 0}, file = {NULL, 0};
  px_image_info info;
  webp_make(&plain, 8, 8, true, rgba);
  take_body(&plain, &body);
  file_repeat(&body, "none\0\0\0\0", 8, 65535);
  webp_wrap(&file, &body);
  assert_status(px_codec_probe(file_view(&file), &LIMITS, &info, NULL), PIXAZO_OK);
  file_bytes_done(&file);
  webp_chunk(&body, "none", "", 0);
  webp_wrap(&file, &body);
  assert_status(px_codec_probe(file_view(&file), &LIMITS, &info, NULL), PIXAZO_E_LIMIT);
  file_bytes_done(&file);
  file_bytes_done(&body);
  file_bytes_done(&plain);
}

static void test_webp__animation_is_refused_before_a_canvas_is_made(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0}, body = {NULL, 0};
  const unsigned char canvas[10] = {0x02, 0, 0, 0, 0xff, 0xff, 0xff, 0, 0, 0};
  webp_chunk(&body, "VP8X", canvas, sizeof canvas);
  webp_chunk(&body, "ANIM", "\0\0\0\0\0\0", 6);
  webp_wrap(&file, &body);
  assert_status(decode(&file, NULL, NULL), PIXAZO_E_UNSUPPORTED);
  file_bytes_done(&file);
  file_bytes_done(&body);
}

static void draw(px_pixmap *picture, uint32_t channels)
{
  assert_status(px_pixmap_make(picture, 101, 67, channels, NULL), PIXAZO_OK);
  for (uint32_t y = 0; y < 67; y++) {
    for (uint32_t i = 0; i < picture->stride; i++)
      px_pixmap_row(picture, y)[i] = (unsigned char)(y * 2 + i / 3 + ((i * 2654435761u + y * 40503u * i) >> 13 & 31));
  }
}

static void encode(const px_pixmap *picture, int32_t quality, bool fast, file_bytes *file)
{
  px_encode_job job = {.pixmap = picture, .format = PX_FORMAT_WEBP, .quality = quality, .fast = fast};
  pixazo_blob *blob = NULL;
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_OK);
  file_add(file, pixazo_blob_data(blob), pixazo_blob_size(blob));
  (void)pixazo_blob_unref(blob);
}

static void test_webp__is_byte_for_byte_what_libwebp_makes(void **state)
{
  (void)state;
  for (uint32_t channels = 3; channels <= 4; channels++) {
    px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
    draw(&picture, channels);
    for (int32_t quality = 0; quality <= 100; quality += 20) {
      file_bytes ours = {NULL, 0}, theirs = {NULL, 0};
      encode(&picture, quality, false, &ours);
      webp_of_pixmap(&theirs, &picture, (float)quality);
      assert_int_equal(ours.size, theirs.size);
      assert_memory_equal(ours.data, theirs.data, ours.size);
      file_bytes_done(&ours);
      file_bytes_done(&theirs);
    }
  }
}

static void test_webp__made_fast_is_another_file(void **state)
{
  (void)state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  file_bytes fast = {NULL, 0}, normal = {NULL, 0};
  draw(&picture, 3);
  encode(&picture, 80, true, &fast);
  encode(&picture, 80, false, &normal);
  assert_in_range(fast.size, normal.size + 1, normal.size * 5 / 4);
  file_bytes_done(&fast);
  file_bytes_done(&normal);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_webp__lossless_is_exact_and_lossy_is_near),
      cmocka_unit_test(test_webp__finds_orientation_with_and_without_the_head_of_jpeg),
      cmocka_unit_test(test_webp__finds_credentials),
      cmocka_unit_test(test_webp__chunks_without_end_are_refused),
      cmocka_unit_test(test_webp__animation_is_refused_before_a_canvas_is_made),
      cmocka_unit_test(test_webp__is_byte_for_byte_what_libwebp_makes),
      cmocka_unit_test(test_webp__made_fast_is_another_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
