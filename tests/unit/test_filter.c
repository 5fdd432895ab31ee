/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "image/png/filter.h"
#include "support/kinds.h"

enum { SIZE_MAX_TESTED = 252 };

/* As the standard says it, from the packed row alone. */
static void undo(const unsigned char *packed, const unsigned char *above, size_t size, size_t pixel, unsigned char *out)
{
  for (size_t i = 0; i < size; i++) {
    int left = i < pixel ? 0 : out[i - pixel];
    int corner = i < pixel ? 0 : above[i - pixel];
    int up = above[i];
    int guess = left + up - corner;
    int from_left = guess > left ? guess - left : left - guess;
    int from_up = guess > up ? guess - up : up - guess;
    int from_corner = guess > corner ? guess - corner : corner - guess;
    int nearest = from_left <= from_up && from_left <= from_corner ? left : from_up <= from_corner ? up : corner;
    const int expected[] = {0, left, up, (left + up) / 2, nearest};
    out[i] = (unsigned char)(packed[1 + i] + expected[packed[0]]);
  }
}

static unsigned sum_of(const unsigned char *packed, size_t size)
{
  unsigned sum = 0;
  for (size_t i = 1; i <= size; i++)
    sum += packed[i] < 128 ? packed[i] : 256U - packed[i];
  return sum;
}

typedef struct rows {
  unsigned char above[SIZE_MAX_TESTED];
  unsigned char row[SIZE_MAX_TESTED];
} rows;

static void fill(rows *out, uint32_t seed, unsigned spread)
{
  for (size_t i = 0; i < SIZE_MAX_TESTED; i++) {
    out->above[i] = (unsigned char)(i * 2 + disorder(&seed) % spread);
    out->row[i] = (unsigned char)(i * 2 + disorder(&seed) % spread);
  }
}

static void check_filter(const px_filter_row *row, px_filter filter)
{
  unsigned char plain[SIZE_MAX_TESTED + 1];
  unsigned char best[SIZE_MAX_TESTED + 1];
  unsigned char back[SIZE_MAX_TESTED];
  px_filter_apply(PX_SIMD_PLAIN, filter, row, plain);
  px_filter_apply(PX_SIMD_AUTO, filter, row, best);
  assert_memory_equal(plain, best, row->size + 1);
  undo(plain, row->above, row->size, row->pixel, back);
  assert_memory_equal(back, row->row, row->size);
  if (filter != PX_FILTER_CHOOSE)
    assert_int_equal(plain[0], filter);
}

static void test_filter__every_filter_can_be_undone_at_every_size(void **state)
{
  static const unsigned spreads[] = {1, 5, 60, 256};
  rows of;
  (void)state;
  for (size_t pixel = 3; pixel <= 4; pixel++) {
    for (size_t size = pixel; size <= SIZE_MAX_TESTED; size += pixel) {
      fill(&of, (uint32_t)size, spreads[size % 4]);
      px_filter_row row = {of.row, of.above, size, pixel};
      for (unsigned filter = 0; filter <= PX_FILTER_CHOOSE; filter++)
        check_filter(&row, (px_filter)filter);
    }
  }
}

/* Corners where distances tie or do not fit into eight bits. */
static void test_filter__paeth_is_exact_for_extreme_neighbours(void **state)
{
  static const unsigned char values[] = {0, 1, 2, 126, 127, 128, 129, 254, 255};
  rows of;
  uint32_t seed = 9;
  (void)state;
  for (int round = 0; round < 200; round++) {
    for (size_t i = 0; i < SIZE_MAX_TESTED; i++) {
      of.above[i] = values[disorder(&seed) % sizeof values];
      of.row[i] = values[disorder(&seed) % sizeof values];
    }
    px_filter_row row = {of.row, of.above, SIZE_MAX_TESTED, 3};
    check_filter(&row, PX_FILTER_PAETH);
    check_filter(&row, PX_FILTER_MEAN);
  }
}

static void test_filter__the_smallest_sum_is_chosen(void **state)
{
  rows of;
  (void)state;
  for (uint32_t seed = 0; seed < 20; seed++) {
    unsigned char chosen[SIZE_MAX_TESTED + 1];
    unsigned char other[SIZE_MAX_TESTED + 1];
    fill(&of, seed, 1 + seed * 4);
    px_filter_row row = {of.row, of.above, SIZE_MAX_TESTED, 4};
    px_filter_apply(PX_SIMD_AUTO, PX_FILTER_CHOOSE, &row, chosen);
    for (unsigned filter = 0; filter < PX_FILTERS; filter++) {
      px_filter_apply(PX_SIMD_AUTO, (px_filter)filter, &row, other);
      assert_true(sum_of(chosen, row.size) <= sum_of(other, row.size));
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_filter__every_filter_can_be_undone_at_every_size),
      cmocka_unit_test(test_filter__paeth_is_exact_for_extreme_neighbours),
      cmocka_unit_test(test_filter__the_smallest_sum_is_chosen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
