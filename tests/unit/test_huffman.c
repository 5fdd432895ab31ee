/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "image/png/huffman.h"
#include "support/kinds.h"

/* Whether the words fill the code to the last bit and none is too long. */
static void check_lengths(const unsigned char *lengths, const uint32_t *counts, unsigned count, unsigned limit)
{
  uint32_t filled = 0;
  for (unsigned i = 0; i < count; i++) {
    assert_true(lengths[i] <= limit);
    if (counts[i] > 0)
      assert_true(lengths[i] > 0);
    if (lengths[i] > 0)
      filled += 1U << (limit - lengths[i]);
  }
  assert_int_equal(filled, 1U << limit);
}

static uint64_t bits_of(const unsigned char *lengths, const uint32_t *counts, unsigned count)
{
  uint64_t bits = 0;
  for (unsigned i = 0; i < count; i++)
    bits += (uint64_t)lengths[i] * counts[i];
  return bits;
}

static void test_huffman__lengths_are_those_known_by_hand(void **state)
{
  static const uint32_t counts[] = {5, 0, 9, 12, 13, 16, 45};
  unsigned char lengths[7];
  (void)state;
  px_huffman_lengths(counts, 7, 15, lengths);
  assert_int_equal(lengths[1], 0);
  assert_int_equal(lengths[6], 1);
  assert_int_equal(bits_of(lengths, counts, 7), 224);
}

/* Counts like these want a word longer than any limit. */
static void test_huffman__a_limit_holds_and_the_code_stays_whole(void **state)
{
  uint32_t counts[PX_HUFFMAN_SYMBOLS] = {1, 1};
  unsigned char lengths[PX_HUFFMAN_SYMBOLS];
  (void)state;
  for (unsigned i = 2; i < 40; i++)
    counts[i] = counts[i - 1] + counts[i - 2];
  for (unsigned limit = 6; limit <= PX_HUFFMAN_LIMIT; limit++) {
    px_huffman_lengths(counts, 40, limit, lengths);
    check_lengths(lengths, counts, 40, limit);
  }
  for (unsigned i = 0; i < PX_HUFFMAN_SYMBOLS; i++)
    counts[i] = 1U << i % 31;
  px_huffman_lengths(counts, PX_HUFFMAN_SYMBOLS, 9, lengths);
  check_lengths(lengths, counts, PX_HUFFMAN_SYMBOLS, 9);
}

static void test_huffman__any_counts_give_a_whole_code(void **state)
{
  uint32_t seed = 1;
  (void)state;
  for (unsigned round = 0; round < 500; round++) {
    uint32_t counts[PX_HUFFMAN_SYMBOLS];
    unsigned char lengths[PX_HUFFMAN_SYMBOLS];
    unsigned count = 2 + disorder(&seed) % (PX_HUFFMAN_SYMBOLS - 1);
    for (unsigned i = 0; i < count; i++)
      counts[i] = disorder(&seed) % 3 ? disorder(&seed) >> disorder(&seed) % 24 : 0;
    px_huffman_lengths(counts, count, 9 + round % 7, lengths);
    check_lengths(lengths, counts, count, 9 + round % 7);
  }
}

static void test_huffman__one_symbol_or_none_still_makes_a_code(void **state)
{
  (void)state;
  for (unsigned only = 0; only <= 30; only++) {
    uint32_t counts[30] = {0};
    unsigned char lengths[30];
    if (only < 30)
      counts[only] = 7;
    px_huffman_lengths(counts, 30, 15, lengths);
    check_lengths(lengths, counts, 30, 15);
    assert_int_equal(bits_of(lengths, counts, 30), only < 30 ? 7 : 0);
  }
}

/* The example of RFC 1951, 3.2.2; words stand there first bit highest. */
static void test_huffman__words_are_those_of_the_standard(void **state)
{
  static const unsigned char lengths[] = {3, 3, 3, 3, 3, 2, 4, 4};
  static const unsigned char words[] = {2, 3, 4, 5, 6, 0, 14, 15};
  px_code codes[8];
  (void)state;
  px_huffman_codes(lengths, 8, codes);
  for (unsigned i = 0; i < 8; i++) {
    uint32_t turned = 0;
    for (unsigned bit = 0; bit < lengths[i]; bit++)
      turned = turned << 1 | (px_code_bits(codes[i]) >> bit & 1);
    assert_int_equal(turned, words[i]);
    assert_int_equal(px_code_length(codes[i]), lengths[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_huffman__lengths_are_those_known_by_hand),
      cmocka_unit_test(test_huffman__a_limit_holds_and_the_code_stays_whole),
      cmocka_unit_test(test_huffman__any_counts_give_a_whole_code),
      cmocka_unit_test(test_huffman__one_symbol_or_none_still_makes_a_code),
      cmocka_unit_test(test_huffman__words_are_those_of_the_standard),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
