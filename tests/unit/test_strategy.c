/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/mem.h"
#include "image/png/strategy.h"
#include "support/kinds.h"

static px_filter strategy(picture_kind kind, uint32_t width, uint32_t height, uint32_t channels)
{
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  px_filter best = PX_FILTERS;
  px_filter plain = PX_FILTERS;
  kind_paint(&picture, kind, width, height, channels);
  assert_status(px_filter_strategy(PX_SIMD_AUTO, &picture, &best, NULL), PIXAZO_OK);
  assert_status(px_filter_strategy(PX_SIMD_PLAIN, &picture, &plain, NULL), PIXAZO_OK);
  assert_int_equal(best, plain);
  return best;
}

static void test_strategy__few_colours_in_disorder_are_not_filtered(void **state)
{
  (void)state;
  assert_int_equal(strategy(KIND_PALETTE, 200, 200, 3), PX_FILTER_NONE);
  assert_int_equal(strategy(KIND_PALETTE, 200, 200, 4), PX_FILTER_NONE);
}

static void test_strategy__many_colours_are_filtered(void **state)
{
  (void)state;
  assert_int_equal(strategy(KIND_PHOTO, 200, 200, 3), PX_FILTER_CHOOSE);
  assert_int_equal(strategy(KIND_NOISE, 200, 200, 4), PX_FILTER_CHOOSE);
}

static void test_strategy__few_colours_that_go_smoothly_are_filtered(void **state)
{
  (void)state;
  assert_int_equal(strategy(KIND_GRADIENT, 100, 300, 3), PX_FILTER_CHOOSE);
}

static void test_strategy__any_shape_is_decided(void **state)
{
  (void)state;
  for (uint32_t width = 1; width < 30000; width = width * 3 + 1) {
    for (uint32_t height = 1; height < 30000 / width; height = height * 4 + 1)
      (void)strategy(KIND_LETTERS, width, height, 3);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_strategy__few_colours_in_disorder_are_not_filtered),
      cmocka_unit_test(test_strategy__many_colours_are_filtered),
      cmocka_unit_test(test_strategy__few_colours_that_go_smoothly_are_filtered),
      cmocka_unit_test(test_strategy__any_shape_is_decided),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
