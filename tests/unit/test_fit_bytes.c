/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "export/fit_bytes.h"

static void draw(px_pixmap *picture)
{
  assert_status(px_pixmap_make(picture, 160, 120, 3, NULL), PIXAZO_OK);
  for (uint32_t y = 0; y < 120; y++) {
    for (uint32_t i = 0; i < 480; i++)
      px_pixmap_row(picture, y)[i] = (unsigned char)(y + i / 3 + ((i * 2654435761u + y * 40503u * i) >> 13 & 31));
  }
}

static uint64_t size_at(px_encode_job job, int32_t quality)
{
  pixazo_blob *blob = NULL;
  job.quality = quality;
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_OK);
  uint64_t size = pixazo_blob_size(blob);
  (void)pixazo_blob_unref(blob);
  return size;
}

/* For every limit that lies at the size of some quality, just below and just above it. */
static void test_fit__finds_the_highest_quality_that_fits(void **state)
{
  (void)state;
  static const px_format formats[] = {PX_FORMAT_JPEG, PX_FORMAT_WEBP};
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  draw(&picture);
  for (size_t i = 0; i < PX_ARRAY_SIZE(formats); i++) {
    px_encode_job job = {.pixmap = &picture, .format = formats[i]};
    for (int32_t quality = 3; quality < 100; quality += 37) {
      uint64_t exact = size_at(job, quality);
      for (int around = -1; around <= 1; around++) {
        uint64_t most = exact + (uint64_t)(int64_t)around;
        pixazo_blob *blob = NULL;
        job.quality = 100;
        assert_status(px_fit_bytes(&job, most, &blob, NULL), PIXAZO_OK);
        assert_true(pixazo_blob_size(blob) <= most);
        assert_int_equal(pixazo_blob_size(blob), size_at(job, job.quality));
        assert_true(size_at(job, job.quality + 1) > most);
        (void)pixazo_blob_unref(blob);
      }
    }
  }
}

static void test_fit__keeps_the_quality_that_was_asked_for_when_it_fits(void **state)
{
  (void)state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  pixazo_blob *blob = NULL;
  draw(&picture);
  for (int32_t quality = 0; quality <= 100; quality += 50) {
    px_encode_job job = {.pixmap = &picture, .format = PX_FORMAT_JPEG, .quality = quality};
    assert_status(px_fit_bytes(&job, 1 << 20, &blob, NULL), PIXAZO_OK);
    assert_int_equal(job.quality, quality);
    blob = pixazo_blob_unref(blob);
  }
}

static void test_fit__says_what_was_reached_when_nothing_fits(void **state)
{
  (void)state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  pixazo_blob *blob = NULL;
  pixazo_error *error = NULL;
  draw(&picture);
  px_encode_job job = {.pixmap = &picture, .format = PX_FORMAT_JPEG, .quality = 85};
  assert_status(px_fit_bytes(&job, 200, &blob, &error), PIXAZO_E_LIMIT);
  assert_null(blob);
  assert_non_null(strstr(pixazo_error_message(error), "160x120 pixels takes "));
  assert_non_null(strstr(pixazo_error_message(error), "at quality 1; the recipe allows 200"));
  pixazo_error_free(error);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fit__finds_the_highest_quality_that_fits),
      cmocka_unit_test(test_fit__keeps_the_quality_that_was_asked_for_when_it_fits),
      cmocka_unit_test(test_fit__says_what_was_reached_when_nothing_fits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
