/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <math.h>

#include "base/mem.h"
#include "image/resize_taps.h"

static void make(px_taps *taps, uint32_t in, uint32_t full)
{
  px_side side = {in, full, 0, full};
  assert_status(px_taps_make(taps, &side, NULL), PIXAZO_OK);
}

static void test_taps__sum_to_one_inside_of_the_source(void **state)
{
  (void)state;
  static const uint32_t sides[][2] = {{1, 1}, {1, 9}, {9, 1}, {100, 33}, {33, 100}, {1024, 256}, {7, 6}, {5000, 3}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(sides); i++) {
    px_auto(px_taps) taps = PX_TAPS_INIT;
    make(&taps, sides[i][0], sides[i][1]);
    assert_int_equal(taps.most % 4, 0);
    for (uint32_t place = 0; place < sides[i][1]; place++) {
      int32_t sum = 0;
      for (uint32_t k = 0; k < taps.most; k++)
        sum += px_taps_weights(&taps, place)[k] * (k < taps.count[place]);
      assert_int_equal(sum, PX_WEIGHT_ONE);
      assert_in_range(taps.count[place], 1, taps.most);
      assert_true(taps.first[place] + taps.count[place] <= sides[i][0]);
      for (uint32_t k = taps.count[place]; k < taps.most; k++)
        assert_int_equal(px_taps_weights(&taps, place)[k], 0);
    }
  }
}

static void test_taps__the_same_size_has_one_weight(void **state)
{
  (void)state;
  px_auto(px_taps) taps = PX_TAPS_INIT;
  make(&taps, 31, 31);
  for (uint32_t place = 0; place < 31; place++) {
    assert_int_equal(taps.first[place], place);
    assert_int_equal(taps.count[place], 1);
    assert_int_equal(px_taps_weights(&taps, place)[0], PX_WEIGHT_ONE);
  }
}

/* Doubling, far from the ends: the source lies at 0.25, 0.75, 1.25 ... of the filter. */
static void test_taps__are_lanczos3(void **state)
{
  (void)state;
  const double pi = 3.14159265358979323846;
  px_auto(px_taps) taps = PX_TAPS_INIT;
  double exact[6], total = 0;
  make(&taps, 50, 100);
  for (int k = 0; k < 6; k++) {
    double x = k - 2.25;
    exact[k] = 3 * sin(pi * x) * sin(pi * x / 3) / (pi * pi * x * x);
    total += exact[k];
  }
  assert_int_equal(taps.count[51], 6);
  assert_int_equal(taps.first[51], 23);
  for (int k = 0; k < 6; k++)
    assert_true(fabs(px_taps_weights(&taps, 51)[k] - exact[k] / total * PX_WEIGHT_ONE) <= 1);
}

static void test_taps__an_offset_moves_the_places(void **state)
{
  (void)state;
  px_auto(px_taps) whole = PX_TAPS_INIT;
  px_auto(px_taps) part = PX_TAPS_INIT;
  px_side side = {90, 40, 12, 5};
  make(&whole, 90, 40);
  assert_status(px_taps_make(&part, &side, NULL), PIXAZO_OK);
  for (uint32_t place = 0; place < 5; place++) {
    assert_int_equal(part.first[place], whole.first[place + 12]);
    assert_memory_equal(px_taps_weights(&part, place), px_taps_weights(&whole, place + 12), whole.most * sizeof(int16_t));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_taps__sum_to_one_inside_of_the_source),
      cmocka_unit_test(test_taps__the_same_size_has_one_weight),
      cmocka_unit_test(test_taps__are_lanczos3),
      cmocka_unit_test(test_taps__an_offset_moves_the_places),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
