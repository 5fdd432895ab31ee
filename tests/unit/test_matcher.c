/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "image/png/matcher.h"
#include "support/kinds.h"

enum { SIZE = 100000 };

static px_matcher matcher;
static unsigned char window[SIZE + 32];
static px_match matches[PX_MATCHES_EACH];
static const uint32_t free_distances[PX_DISTANCES]; /* cost nothing */

static void check_matches(size_t at, unsigned count, size_t end)
{
  size_t before = PX_MATCH_MIN - 1;
  for (unsigned i = 0; i < count; i++) {
    size_t distance = matches[i].before + 1U;
    assert_true(matches[i].length > before && matches[i].length <= PX_MATCH_MAX);
    assert_true(distance <= at && distance <= PX_WINDOW && at + matches[i].length <= end);
    assert_memory_equal(window + at, window + at - distance, matches[i].length);
    before = matches[i].length;
  }
}

static size_t search_all(unsigned values, unsigned depth)
{
  size_t found = 0;
  uint32_t seed = values;
  for (size_t i = 0; i < SIZE; i++)
    window[i] = (unsigned char)(disorder(&seed) % values);
  px_matcher_reset(&matcher, window, SIZE);
  px_search how = {SIZE - 7, depth, free_distances, 1, 0};
  for (size_t at = 0; at < how.end; at++) {
    unsigned count = px_matcher_find(&matcher, &how, at, matches);
    check_matches(at, count, how.end);
    found += count;
  }
  return found;
}

static void test_matcher__what_is_found_stands_there(void **state)
{
  (void)state;
  for (unsigned depth = 0; depth <= 20; depth += 10) {
    for (unsigned values = 1; values <= 64; values *= 4)
      assert_true(search_all(values, depth) > SIZE / 4);
  }
}

static void test_matcher__more_depth_finds_longer_matches(void **state)
{
  static const char words[2][9] = {"abcdefg1", "abcdefg2"};
  (void)state;
  memset(window, 0, sizeof window);
  memcpy(window + 1000, "abcdefg2", 8);
  for (size_t i = 2000; i < 3000; i += 20)
    memcpy(window + i, words[0], 8);
  memcpy(window + 4000, words[1], 8);
  unsigned lengths[2];
  for (unsigned deep = 0; deep < 2; deep++) {
    px_matcher_reset(&matcher, window, SIZE);
    px_search how = {SIZE, deep ? 100 : 5, free_distances, 1, 0};
    px_matcher_skip(&matcher, &how, 4000);
    unsigned count = px_matcher_find(&matcher, &how, 4000, matches);
    assert_true(count > 0);
    lengths[deep] = matches[count - 1].length;
  }
  assert_int_equal(lengths[0], 7);
  assert_true(lengths[1] > 8);
}

/* A place is found again by how long its run still goes, however many runs stand between. */
static void test_matcher__the_end_of_a_run_is_found_at_once(void **state)
{
  (void)state;
  memset(window, 0, sizeof window);
  memcpy(window + 500, "xyzw", 4);
  for (size_t i = 1000; i < 20000; i += 50)
    window[i] = 'q';
  memcpy(window + 20600, "xyzw", 4);
  px_matcher_reset(&matcher, window, SIZE);
  px_search how = {SIZE, 1, free_distances, 1, 0};
  px_matcher_skip(&matcher, &how, 20590);
  unsigned count = px_matcher_find(&matcher, &how, 20590, matches);
  assert_true(count > 0);
  check_matches(20590, count, SIZE);
  assert_int_equal(matches[count - 1].before + 1, 20600 - 500);
}

static void test_matcher__nothing_beyond_the_window_or_the_end_is_found(void **state)
{
  (void)state;
  uint32_t seed = 2;
  for (size_t i = 0; i < SIZE; i++)
    window[i] = (unsigned char)disorder(&seed);
  memcpy(window + PX_WINDOW + 10, window + 9, 50);
  memcpy(window + PX_WINDOW + 1000, window + 1001, 50);
  px_matcher_reset(&matcher, window, PX_WINDOW + 1040);
  px_search how = {PX_WINDOW + 1040, 10, free_distances, 1, 0};
  px_matcher_skip(&matcher, &how, PX_WINDOW + 10);
  unsigned count = px_matcher_find(&matcher, &how, PX_WINDOW + 10, matches);
  assert_true(count == 0 || matches[count - 1].length < 50);
  px_matcher_skip(&matcher, &how, PX_WINDOW + 1000);
  count = px_matcher_find(&matcher, &how, PX_WINDOW + 1000, matches);
  assert_int_equal(matches[count - 1].length, 40);
  px_matcher_skip(&matcher, &how, how.end - 3);
  assert_int_equal(px_matcher_find(&matcher, &how, how.end - 3, matches), 0);
}

static void test_matcher__a_distance_that_costs_too_much_is_left_out_for_three_bytes(void **state)
{
  uint32_t seed = 3;
  (void)state;
  for (size_t i = 0; i < 1000; i++)
    window[i] = (unsigned char)disorder(&seed);
  memcpy(window + 500, window + 100, 3);
  for (uint32_t spent = 0; spent < 2; spent++) {
    px_search how = {1000, 0, free_distances, spent, 0};
    px_matcher_reset(&matcher, window, 1000);
    px_matcher_skip(&matcher, &how, 500);
    assert_int_equal(px_matcher_find(&matcher, &how, 500, matches), spent);
  }
}

/* Nearer places hide it: they are compared first, and there are more of them than the depth. */
static void test_matcher__a_hint_is_compared_whatever_the_tables_know(void **state)
{
  unsigned lengths[2];
  (void)state;
  for (size_t i = 0; i < SIZE; i++)
    window[i] = (unsigned char)(i % 3);
  window[1000] = window[10000] = 77;
  for (unsigned hinted = 0; hinted < 2; hinted++) {
    px_matcher_reset(&matcher, window, SIZE);
    px_search how = {SIZE, 10, free_distances, 1, hinted ? 9000 : 0};
    px_matcher_skip(&matcher, &how, 9950);
    unsigned count = px_matcher_find(&matcher, &how, 9950, matches);
    check_matches(9950, count, SIZE);
    lengths[hinted] = matches[count - 1].length;
  }
  assert_int_equal(lengths[0], 50);
  assert_int_equal(lengths[1], PX_MATCH_MAX);
}

/* All but the last places of a run are the same to a search, so not all of them are kept. */
static void test_matcher__a_run_that_was_skipped_is_known_by_its_newest_place(void **state)
{
  (void)state;
  uint32_t seed = 4;
  for (size_t i = 0; i < SIZE; i++)
    window[i] = (unsigned char)disorder(&seed);
  memset(window + 1000, 5, 3000);
  memset(window + 8000, 5, 200);
  for (unsigned depth = 0; depth <= 1; depth++) {
    px_matcher_reset(&matcher, window, SIZE);
    px_search how = {SIZE, depth, free_distances, 1, 0};
    px_matcher_skip(&matcher, &how, 3000);
    unsigned count = px_matcher_find(&matcher, &how, 3000, matches);
    assert_int_equal(matches[0].before, 0);
    assert_int_equal(matches[count - 1].length, PX_MATCH_MAX);
    px_matcher_skip(&matcher, &how, 8000);
    count = px_matcher_find(&matcher, &how, 8000, matches);
    check_matches(8000, count, SIZE);
    assert_true(count > 0 && matches[0].before == 8000 - 3996 - 1);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_matcher__what_is_found_stands_there),
      cmocka_unit_test(test_matcher__more_depth_finds_longer_matches),
      cmocka_unit_test(test_matcher__the_end_of_a_run_is_found_at_once),
      cmocka_unit_test(test_matcher__a_hint_is_compared_whatever_the_tables_know),
      cmocka_unit_test(test_matcher__a_run_that_was_skipped_is_known_by_its_newest_place),
      cmocka_unit_test(test_matcher__a_distance_that_costs_too_much_is_left_out_for_three_bytes),
      cmocka_unit_test(test_matcher__nothing_beyond_the_window_or_the_end_is_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
