/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "image/png/runs.h"
#include "support/kinds.h"

enum { SIZE = 3000 };

static unsigned char bytes[SIZE + 1];
static px_token tokens[SIZE / PX_MATCH_MIN + 2];
static px_token others[SIZE / PX_MATCH_MIN + 2];

/* Tokens must cover all, and a match must say what stands there. */
static void check_tokens(size_t size, size_t count, bool first)
{
  size_t at = 0;
  for (size_t i = 0; i < count; i++) {
    at += tokens[i].literals;
    if (tokens[i].length == 0)
      continue;
    assert_in_range(tokens[i].length, PX_MATCH_MIN, PX_MATCH_MAX);
    assert_int_equal(tokens[i].distance, 1);
    assert_true(at > 0 || !first);
    for (size_t end = at + tokens[i].length; at < end; at++)
      assert_int_equal(bytes[1 + at], bytes[at]);
  }
  assert_int_equal(at, size);
}

static void test_runs__runs_of_every_length_are_covered(void **state)
{
  (void)state;
  for (size_t run = 1; run < 1100; run++) {
    for (size_t i = 0; i < SIZE; i++)
      bytes[1 + i] = (unsigned char)(i >= 50 && i < 50 + run ? 9 : i * 37);
    size_t count = px_runs_find(PX_SIMD_AUTO, bytes + 1, SIZE, true, tokens);
    check_tokens(SIZE, count, true);
    assert_int_equal(count, run < 5 ? 1 : 1 + (run - 1 + PX_MATCH_MAX - 1) / PX_MATCH_MAX);
  }
}

static void test_runs__both_ways_give_the_same_tokens(void **state)
{
  uint32_t seed = 4;
  (void)state;
  for (unsigned round = 0; round < 600; round++) {
    size_t size = disorder(&seed) % SIZE;
    for (size_t i = 0; i < SIZE + 1; i++)
      bytes[i] = (unsigned char)(disorder(&seed) % (2 + round % 40) / 2);
    bool first = round % 2;
    size_t count = px_runs_find(PX_SIMD_AUTO, bytes + 1, size, first, tokens);
    check_tokens(size, count, first);
    assert_int_equal(px_runs_find(PX_SIMD_PLAIN, bytes + 1, size, first, others), count);
    assert_memory_equal(tokens, others, count * sizeof *tokens);
  }
}

static void test_runs__counts_are_those_of_the_tokens(void **state)
{
  px_counts counts = {.extra = 0};
  (void)state;
  for (size_t i = 0; i < SIZE; i++)
    bytes[i] = (unsigned char)(i % 7);
  const px_token some[] = {{20, 258, 1}, {0, 11, 5}, {13, 0, 0}};
  px_tokens_count(bytes, some, 3, &counts);
  unsigned literals = 0;
  for (unsigned i = 0; i < 256; i++)
    literals += counts.literals[i];
  assert_int_equal(literals, 33);
  assert_int_equal(counts.literals[0], 5); /* 0, 7, 14; of the last stretch 294 and 301 */
  assert_int_equal(counts.literals[285], 1);
  assert_int_equal(counts.literals[265], 1);
  assert_int_equal(counts.distances[0], 1);
  assert_int_equal(counts.distances[4], 1);
  assert_int_equal(counts.extra, 2);
  assert_int_equal(counts.literals[PX_END], 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_runs__runs_of_every_length_are_covered),
      cmocka_unit_test(test_runs__both_ways_give_the_same_tokens),
      cmocka_unit_test(test_runs__counts_are_those_of_the_tokens),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
