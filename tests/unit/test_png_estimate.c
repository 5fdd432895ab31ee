/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/mem.h"
#include "image/codec.h"
#include "image/png_estimate.h"

static uint32_t hash(uint32_t value)
{
  value = (value ^ value >> 15) * 0x2c1b3c6du;
  return (value ^ value >> 12) * 0x297a2d39u >> 8;
}

static uint64_t estimate(unsigned char (*draw)(uint32_t x, uint32_t y), uint32_t channels)
{
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&picture, 128, 256, channels, NULL), PIXAZO_OK);
  for (uint32_t y = 0; y < 256; y++) {
    for (size_t i = 0; i < picture.stride; i++)
      px_pixmap_row(&picture, y)[i] = draw((uint32_t)i, y);
  }
  return px_png_estimate(&picture);
}

static unsigned char flat(uint32_t x, uint32_t y)
{
  (void)x;
  (void)y;
  return 77;
}

static unsigned char slope(uint32_t x, uint32_t y)
{
  return (unsigned char)(x / 3 + y);
}

static unsigned char grain(uint32_t x, uint32_t y)
{
  return (unsigned char)hash(y * 4096 + x);
}

/* Two bits a byte, whatever the filter. */
static unsigned char quarter(uint32_t x, uint32_t y)
{
  return (unsigned char)((hash(y * 4096 + x) & 3) * 64);
}

static void test_estimate__follows_the_entropy_of_what_the_filters_leave(void **state)
{
  (void)state;
  const uint64_t bytes = 128 * 256 * 3;
  assert_in_range(estimate(flat, 3), 0, bytes / 100);
  assert_in_range(estimate(slope, 3), 0, bytes / 20);
  assert_in_range(estimate(grain, 3), bytes * 97 / 100, bytes);
  assert_in_range(estimate(grain, 4), bytes / 3 * 4 * 97 / 100, bytes / 3 * 4);
  assert_in_range(estimate(quarter, 3), bytes * 24 / 100, bytes * 26 / 100);
}

static void test_estimate__of_one_row_is_the_row(void **state)
{
  (void)state;
  px_auto(px_pixmap) row = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&row, 9, 1, 3, NULL), PIXAZO_OK);
  assert_int_equal(px_png_estimate(&row), 27);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_estimate__follows_the_entropy_of_what_the_filters_leave),
      cmocka_unit_test(test_estimate__of_one_row_is_the_row),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
