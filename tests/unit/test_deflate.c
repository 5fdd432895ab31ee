/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include <pixazo/cancel.h>

#include "base/mem.h"
#include "image/png/deflate.h"
#include "support/inflate.h"
#include "support/kinds.h"

enum { SIZE = 100000, KNOWN = 40000, WIDE = 300000 };

static unsigned char window[WIDE + PX_DEFLATE_AHEAD];
static unsigned char packed[WIDE + WIDE / 10];
static unsigned char other[SIZE * 2];

static size_t run(int32_t level, px_simd simd, size_t known, size_t size, bool last)
{
  px_deflate *deflate = px_deflate_new(level, simd);
  px_deflate_job job = {window, known, size, last, NULL};
  px_bits bits = {packed, 0, 0};
  assert_non_null(deflate);
  assert_status(px_deflate_run(deflate, &job, &bits, NULL), PIXAZO_OK);
  px_deflate_free(deflate);
  assert_int_equal(bits.held, 0);
  assert_true((size_t)(bits.out - packed) + 8 <= px_deflate_bound(size));
  return (size_t)(bits.out - packed);
}

static void fill(unsigned kind)
{
  uint32_t seed = kind;
  for (size_t i = 0; i < KNOWN + SIZE; i++) {
    uint32_t value = disorder(&seed);
    window[i] = (unsigned char)(kind == 0 ? value : kind == 1 ? 0 : kind == 2 ? value % 5 * (value % 7) : i < 300 ? value : 0);
    if (kind == 3 && i >= 300)
      window[i] = (unsigned char)(value % 50 == 0 ? value >> 8 : window[i - 299 + value % 2]);
    if (kind == 4)
      window[i] = (unsigned char)(i / 30000 % 2 ? value : value % 100 == 0);
  }
}

static void test_deflate__zlib_reads_every_level_and_kind(void **state)
{
  (void)state;
  for (unsigned kind = 0; kind < 5; kind++) {
    fill(kind);
    for (int32_t level = 0; level <= 9; level++) {
      size_t known = level % 2 ? KNOWN : 0;
      bool last = level % 3 == 0;
      size_t size = run(level, PX_SIMD_AUTO, known, SIZE, last);
      assert_true(inflates_to(packed, size, window, known, SIZE, last));
    }
  }
}

static void test_deflate__both_ways_give_the_same_bytes(void **state)
{
  (void)state;
  for (unsigned kind = 0; kind < 5; kind++) {
    fill(kind);
    for (int32_t level = 1; level <= 9; level += 2) {
      size_t size = run(level, PX_SIMD_AUTO, KNOWN, 50001, false);
      memcpy(other, packed, size);
      assert_int_equal(run(level, PX_SIMD_PLAIN, KNOWN, 50001, false), size);
      assert_memory_equal(packed, other, size);
    }
  }
}

static void test_deflate__any_small_size_works(void **state)
{
  (void)state;
  fill(2);
  for (size_t size = 0; size < 300; size++) {
    for (int32_t level = 0; level <= 9; level += 3) {
      size_t got = run(level, PX_SIMD_AUTO, 0, size, true);
      assert_true(inflates_to(packed, got, window, 0, size, true));
    }
  }
}

static void test_deflate__noise_takes_hardly_more_room_than_itself(void **state)
{
  (void)state;
  fill(0);
  for (int32_t level = 0; level <= 9; level++)
    assert_true(run(level, PX_SIMD_AUTO, 0, SIZE, true) <= SIZE + SIZE / 1000);
}

static void test_deflate__what_stood_before_is_referred_to(void **state)
{
  (void)state;
  fill(0);
  memcpy(window + KNOWN, window + KNOWN - 20000, 15000);
  assert_true(run(9, PX_SIMD_AUTO, KNOWN, 15000, true) < 2000);
}

/* Three bytes again and again: nearly every match is as long as can be, in each of the pieces and between them. */
static void test_deflate__a_match_goes_on_behind_its_piece(void **state)
{
  (void)state;
  for (int32_t level = 3; level <= 9; level += 3) {
    for (size_t i = 0; i < WIDE; i++)
      window[i] = (unsigned char)(i % 3 * 7);
    size_t size = run(level, PX_SIMD_AUTO, 0, WIDE, true);
    assert_true(inflates_to(packed, size, window, 0, WIDE, true));
    assert_in_range(size, WIDE / 258 / 4, WIDE / 258 / 4 + 24);
  }
}

/* First noise with nothing to find, then noise that repeats three bytes at a time: the search is taken up again. */
static void test_deflate__a_search_that_paid_nowhere_is_tried_again(void **state)
{
  (void)state;
  uint32_t seed = 6;
  for (size_t i = 0; i < WIDE; i++)
    window[i] = (unsigned char)(disorder(&seed) % 200 + i % 2);
  size_t without = run(7, PX_SIMD_AUTO, 0, WIDE, true);
  for (size_t i = WIDE / 2; i < WIDE; i += 20)
    memcpy(window + i, window + i - 400 - disorder(&seed) % 8, 4);
  size_t searched = run(7, PX_SIMD_AUTO, 0, WIDE, true);
  assert_true(inflates_to(packed, searched, window, 0, WIDE, true));
  assert_true(searched < without);
  assert_true(searched < run(6, PX_SIMD_AUTO, 0, WIDE, true));
}

/* Not the bytes behind the window, whatever they are. */
static void test_deflate__the_bytes_depend_on_the_window_alone(void **state)
{
  (void)state;
  for (unsigned kind = 1; kind < 5; kind++) {
    fill(kind);
    size_t size = run(9, PX_SIMD_AUTO, 0, 50000, true);
    memcpy(other, packed, size);
    memset(window + 50000, 0xa5, 300);
    assert_int_equal(run(9, PX_SIMD_AUTO, 0, 50000, true), size);
    assert_memory_equal(packed, other, size);
  }
}

static void test_deflate__stops_when_it_is_told(void **state)
{
  (void)state;
  pixazo_cancel *cancel = NULL;
  assert_status(pixazo_cancel_new(&cancel, NULL), PIXAZO_OK);
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_NOW);
  px_deflate *deflate = px_deflate_new(6, PX_SIMD_AUTO);
  px_deflate_job job = {window, 0, SIZE, true, cancel};
  px_bits bits = {packed, 0, 0};
  assert_status(px_deflate_run(deflate, &job, &bits, NULL), PIXAZO_E_CANCELLED);
  px_deflate_free(deflate);
  (void)pixazo_cancel_unref(cancel);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_deflate__zlib_reads_every_level_and_kind),
      cmocka_unit_test(test_deflate__both_ways_give_the_same_bytes),
      cmocka_unit_test(test_deflate__any_small_size_works),
      cmocka_unit_test(test_deflate__noise_takes_hardly_more_room_than_itself),
      cmocka_unit_test(test_deflate__what_stood_before_is_referred_to),
      cmocka_unit_test(test_deflate__the_bytes_depend_on_the_window_alone),
      cmocka_unit_test(test_deflate__a_match_goes_on_behind_its_piece),
      cmocka_unit_test(test_deflate__a_search_that_paid_nowhere_is_tried_again),
      cmocka_unit_test(test_deflate__stops_when_it_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
