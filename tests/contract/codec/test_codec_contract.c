/* SPDX-License-Identifier: MIT */
/* What every picture format keeps, whatever library is behind it. */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/codec.h"

typedef struct member {
  px_format format;
  uint32_t max_side;
  int tolerance; /* of a smooth picture at quality 100 */
} member;

static const member members[] = {{PX_FORMAT_PNG, 1000000, 0}, {PX_FORMAT_JPEG, 65500, 6}, {PX_FORMAT_WEBP, 16383, 8}};
static const px_image_limits LIMITS = PX_IMAGE_LIMITS_INIT;

static px_bytes view(const pixazo_blob *blob)
{
  return (px_bytes){pixazo_blob_data(blob), pixazo_blob_size(blob)};
}

static void paint(px_pixmap *picture, uint32_t width, uint32_t height, uint32_t channels)
{
  assert_status(px_pixmap_make(picture, width, height, channels, NULL), PIXAZO_OK);
  for (uint32_t y = 0; y < height; y++) {
    unsigned char *row = px_pixmap_row(picture, y);
    for (uint32_t x = 0; x < width; x++) {
      for (uint32_t c = 0; c < channels; c++)
        row[x * channels + c] = (unsigned char)(c == 3 ? 40 + 2 * y : 60 + 2 * x + 3 * y);
    }
  }
}

static pixazo_status encode(const px_encode_job *job, pixazo_blob **out)
{
  *out = NULL;
  return px_codec_encode(job, out, NULL);
}

static pixazo_blob *encode_plain(const member *m, const px_pixmap *picture)
{
  px_encode_job job = {.pixmap = picture, .format = m->format, .quality = 100, .level = 6};
  pixazo_blob *blob = NULL;
  assert_status(encode(&job, &blob), PIXAZO_OK);
  return blob;
}

static pixazo_status decode(px_bytes file, px_pixmap *pixmap)
{
  px_decode_job job = {.file = file, .limits = &LIMITS};
  return px_codec_decode(&job, pixmap, NULL, NULL);
}

static void check_near(const px_pixmap *a, const px_pixmap *b, int tolerance)
{
  assert_int_equal(a->width, b->width);
  assert_int_equal(a->height, b->height);
  assert_int_equal(a->channels, b->channels);
  for (size_t i = 0; i < a->stride * a->height; i++)
    assert_true(abs(a->data[i] - b->data[i]) <= tolerance);
}

static void test_codec__what_is_written_is_read_back(void **state)
{
  const member *m = *state;
  for (uint32_t channels = 3; channels <= (px_format_has_alpha(m->format) ? 4u : 3u); channels++) {
    px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
    px_auto(px_pixmap) again = PX_PIXMAP_INIT;
    paint(&picture, 37, 29, channels);
    pixazo_blob *blob = encode_plain(m, &picture);
    assert_int_equal(px_format_of_bytes(pixazo_blob_data(blob), pixazo_blob_size(blob)), m->format);
    assert_status(decode(view(blob), &again), PIXAZO_OK);
    assert_status(decode(view(blob), NULL), PIXAZO_OK);
    check_near(&picture, &again, m->tolerance);
    pixazo_blob_unref(blob);
  }
}

static void test_codec__the_same_job_gives_the_same_bytes(void **state)
{
  const member *m = *state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  paint(&picture, 65, 33, 3);
  pixazo_blob *first = encode_plain(m, &picture), *second = encode_plain(m, &picture);
  assert_int_equal(pixazo_blob_size(first), pixazo_blob_size(second));
  assert_memory_equal(pixazo_blob_data(first), pixazo_blob_data(second), pixazo_blob_size(first));
  pixazo_blob_unref(first);
  pixazo_blob_unref(second);
}

/* Each prefix is its own allocation, so that a sanitizer sees a read behind its end. */
static void test_codec__no_prefix_of_a_file_is_a_picture(void **state)
{
  const member *m = *state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  paint(&picture, 16, 16, 3);
  pixazo_blob *blob = encode_plain(m, &picture);
  for (size_t size = 0; size < pixazo_blob_size(blob); size++) {
    px_autofree unsigned char *cut = px_memdup(pixazo_blob_data(blob), size);
    px_pixmap pixmap = PX_PIXMAP_INIT;
    px_bytes file = {cut, size};
    if (decode(file, &pixmap) == PIXAZO_OK || decode(file, NULL) == PIXAZO_OK)
      fail_msg("%zu of %zu bytes of %s pass as a picture", size, pixazo_blob_size(blob), px_format_name(m->format));
    assert_null(pixmap.data);
  }
  pixazo_blob_unref(blob);
}

/* Whatever one wrong byte does, the answer is a whole picture of some kind or an error. */
static void test_codec__one_wrong_byte_never_gives_half_a_picture(void **state)
{
  const member *m = *state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  paint(&picture, 8, 8, 3);
  pixazo_blob *blob = encode_plain(m, &picture);
  size_t size = pixazo_blob_size(blob), refused = 0;
  for (size_t at = 0; at < size; at++) {
    px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
    px_autofree unsigned char *bent = px_memdup(pixazo_blob_data(blob), size);
    bent[at] ^= 0x55;
    px_bytes file = {bent, size};
    pixazo_status status = decode(file, &pixmap);
    assert_int_equal(decode(file, NULL), status);
    assert_int_equal(pixmap.data != NULL, status == PIXAZO_OK);
    refused += status != PIXAZO_OK;
  }
  assert_true(refused >= 12);
  if (m->format == PX_FORMAT_PNG)
    assert_int_equal(refused, size); /* every byte is under a checksum */
  pixazo_blob_unref(blob);
}

static void test_codec__metadata_comes_back(void **state)
{
  const member *m = *state;
  static const char xmp[] = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>";
  static const unsigned char exif[] = {'I', 'I', 42, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  px_auto(px_metadata) given = PX_METADATA_INIT;
  px_auto(px_metadata) found = PX_METADATA_INIT;
  pixazo_blob *blob = NULL;
  paint(&picture, 9, 9, 3);
  assert_status(px_block_set(&given.xmp, xmp, sizeof xmp - 1, NULL), PIXAZO_OK);
  assert_status(px_block_set(&given.exif, exif, sizeof exif, NULL), PIXAZO_OK);
  assert_status(px_metadata_add_text(&given, "parameters", "a f\xc3\xb6x\nSeed: 7", NULL), PIXAZO_OK);
  px_encode_job job = {.pixmap = &picture, .metadata = &given, .format = m->format, .quality = 80, .level = 1};
  assert_status(encode(&job, &blob), PIXAZO_OK);
  assert_status(decode(view(blob), NULL), PIXAZO_OK);
  assert_status(px_codec_metadata(view(blob), &LIMITS, &found, NULL), PIXAZO_OK);
  assert_int_equal(found.xmp.size, sizeof xmp - 1);
  assert_memory_equal(found.xmp.data, xmp, sizeof xmp - 1);
  assert_int_equal(found.exif.size, sizeof exif);
  assert_memory_equal(found.exif.data, exif, sizeof exif);
  if (m->format == PX_FORMAT_PNG)
    assert_string_equal(px_metadata_text(&found, "parameters"), "a f\xc3\xb6x\nSeed: 7");
  pixazo_blob_unref(blob);
}

/* 100000 bytes: two segments of a JPEG. */
static void test_codec__a_long_profile_comes_back(void **state)
{
  const member *m = *state;
  enum { SIZE = 100000 };
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  px_auto(px_metadata) given = PX_METADATA_INIT;
  px_auto(px_metadata) found = PX_METADATA_INIT;
  pixazo_blob *blob = NULL;
  if (m->format == PX_FORMAT_PNG)
    return; /* libpng takes profiles only that are whole; the other two do not look inside */
  paint(&picture, 9, 9, 3);
  given.icc = (px_block){px_malloc(SIZE), SIZE};
  for (size_t i = 0; i < SIZE; i++)
    given.icc.data[i] = (unsigned char)(i * i >> 3);
  px_encode_job job = {.pixmap = &picture, .metadata = &given, .format = m->format, .quality = 80};
  assert_status(encode(&job, &blob), PIXAZO_OK);
  assert_status(px_codec_metadata(view(blob), &LIMITS, &found, NULL), PIXAZO_OK);
  assert_int_equal(found.icc.size, SIZE);
  assert_memory_equal(found.icc.data, given.icc.data, SIZE);
  pixazo_blob_unref(blob);
}

static void test_codec__the_longest_side_is_exact(void **state)
{
  const member *m = *state;
  px_auto(px_pixmap) line = PX_PIXMAP_INIT;
  pixazo_blob *blob = NULL;
  assert_status(px_pixmap_make(&line, m->max_side + 1, 1, 3, NULL), PIXAZO_OK);
  memset(line.data, 99, line.stride);
  px_encode_job job = {.pixmap = &line, .format = m->format, .quality = 50, .level = 1};
  assert_status(encode(&job, &blob), PIXAZO_E_LIMIT);
  line.width = m->max_side;
  line.stride -= 3;
  assert_status(encode(&job, &blob), PIXAZO_OK);
  assert_status(decode(view(blob), NULL), PIXAZO_OK);
  pixazo_blob_unref(blob);
}

static void test_codec__more_quality_or_level_is_felt(void **state)
{
  const member *m = *state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  pixazo_blob *low = NULL, *high = NULL;
  paint(&picture, 90, 60, 3);
  for (size_t i = 0; i < picture.stride * picture.height; i += 7)
    picture.data[i] ^= (unsigned char)(i * 31 >> 4 & 15);
  bool lossy = px_format_quality(m->format) > 0;
  px_encode_job job = {.pixmap = &picture, .format = m->format, .quality = 0, .level = 9};
  assert_status(encode(&job, &low), PIXAZO_OK);
  job.quality = 100;
  job.level = 0;
  assert_status(encode(&job, &high), PIXAZO_OK);
  assert_true(pixazo_blob_size(low) < pixazo_blob_size(high));
  assert_true(lossy || pixazo_blob_size(high) > picture.stride * picture.height);
  pixazo_blob_unref(low);
  pixazo_blob_unref(high);
}

static void test_codec__cancel_stops_both_directions(void **state)
{
  const member *m = *state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  pixazo_cancel *cancel = NULL;
  paint(&picture, 20, 20, 3);
  pixazo_blob *blob = encode_plain(m, &picture), *none = NULL;
  assert_status(pixazo_cancel_new(&cancel, NULL), PIXAZO_OK);
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_SOFT);
  px_decode_job decoding = {.file = view(blob), .limits = &LIMITS, .cancel = cancel};
  px_pixmap pixmap = PX_PIXMAP_INIT;
  assert_status(px_codec_decode(&decoding, &pixmap, NULL, NULL), PIXAZO_E_CANCELLED);
  assert_null(pixmap.data);
  px_encode_job encoding = {.pixmap = &picture, .cancel = cancel, .format = m->format, .quality = 50};
  assert_status(encode(&encoding, &none), PIXAZO_E_CANCELLED);
  assert_null(none);
  pixazo_cancel_unref(cancel);
  pixazo_blob_unref(blob);
}

static void test_codec__trailing_bytes_are_not_carried_along(void **state)
{
  const member *m = *state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  px_auto(px_pixmap) again = PX_PIXMAP_INIT;
  paint(&picture, 8, 8, 3);
  pixazo_blob *blob = encode_plain(m, &picture);
  size_t size = pixazo_blob_size(blob);
  px_autofree unsigned char *polyglot = px_malloc(size + 8);
  assert_non_null(polyglot);
  memcpy(polyglot, pixazo_blob_data(blob), size);
  memcpy(polyglot + size, "<script>", 8);
  pixazo_blob_unref(blob);
  assert_status(decode((px_bytes){polyglot, size + 8}, &again), PIXAZO_OK);
  blob = encode_plain(m, &again);
  assert_null(memmem(pixazo_blob_data(blob), pixazo_blob_size(blob), "<script", 7));
  pixazo_blob_unref(blob);
}

static int run(const member *m)
{
  void *state = (void *)(uintptr_t)m;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(test_codec__what_is_written_is_read_back, state),
      cmocka_unit_test_prestate(test_codec__the_same_job_gives_the_same_bytes, state),
      cmocka_unit_test_prestate(test_codec__no_prefix_of_a_file_is_a_picture, state),
      cmocka_unit_test_prestate(test_codec__one_wrong_byte_never_gives_half_a_picture, state),
      cmocka_unit_test_prestate(test_codec__metadata_comes_back, state),
      cmocka_unit_test_prestate(test_codec__a_long_profile_comes_back, state),
      cmocka_unit_test_prestate(test_codec__the_longest_side_is_exact, state),
      cmocka_unit_test_prestate(test_codec__more_quality_or_level_is_felt, state),
      cmocka_unit_test_prestate(test_codec__cancel_stops_both_directions, state),
      cmocka_unit_test_prestate(test_codec__trailing_bytes_are_not_carried_along, state),
  };
  return cmocka_run_group_tests_name(px_format_name(m->format), tests, NULL, NULL);
}

int main(void)
{
  int failed = 0;
  for (size_t i = 0; i < PX_ARRAY_SIZE(members); i++)
    failed += run(&members[i]);
  return failed;
}
