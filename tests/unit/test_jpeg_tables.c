/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "image/codecs/jpeg_tables.h"

/* Length of the code of each symbol; fails when one has two codes. */
static void read_lengths(const px_jpeg_table *table, unsigned lengths[256])
{
  const uint8_t *symbol = table->symbols;
  memset(lengths, 0, 256 * sizeof *lengths);
  for (unsigned length = 1; length <= PX_JPEG_CODE_MAX; length++) {
    for (unsigned i = 0; i < table->counts[length]; i++, symbol++) {
      assert_int_equal(lengths[*symbol], 0);
      lengths[*symbol] = length;
    }
  }
}

/* Codes of length n take 1/2^n of the room each; the code of ones only has to be left over. */
static void check_room(const px_jpeg_table *table)
{
  uint32_t taken = 0;
  for (unsigned length = 1; length <= PX_JPEG_CODE_MAX; length++)
    taken += (uint32_t)table->counts[length] << (PX_JPEG_CODE_MAX - length);
  assert_in_range(taken, 1, 0xffff);
}

static void check_whole(const px_jpeg_table *table, unsigned lengths[256], bool ac)
{
  check_room(table);
  read_lengths(table, lengths);
  for (unsigned symbol = 0; symbol < 256; symbol++) {
    unsigned size = symbol & 15;
    bool wanted = ac ? size >= 1 && size <= 10 : symbol <= 11;
    if (ac && (symbol == 0x00 || symbol == 0xf0))
      wanted = true;
    if (wanted != (lengths[symbol] > 0))
      fail_msg("symbol %02x has a code of length %u", symbol, lengths[symbol]);
  }
}

static void test_table__that_knows_nothing_gets_every_symbol(void **state)
{
  (void)state;
  unsigned lengths[256];
  for (int ac = 0; ac < 2; ac++) {
    px_jpeg_table table = {{0}, {0}};
    px_jpeg_table_complete(&table, ac);
    check_whole(&table, lengths, ac);
    for (unsigned symbol = 0; symbol < 12; symbol++) {
      if (lengths[symbol] > 0)
        assert_in_range(lengths[symbol], ac ? 7 : 3, ac ? 8 : 4);
    }
  }
}

/* Codes of every length from 1 on: the rarest ones have to be moved, those at the top stay. */
static void test_table__keeps_the_lengths_that_matter(void **state)
{
  (void)state;
  unsigned lengths[256];
  px_jpeg_table table = {{0}, {0x01, 0x00, 0x02, 0x11, 0x03, 0x21, 0x04, 0x12, 0x31, 0x05, 0x41, 0x51, 0x06, 0x13, 0x61, 0x22}};
  for (unsigned length = 1; length <= PX_JPEG_CODE_MAX; length++)
    table.counts[length] = 1;
  px_jpeg_table_complete(&table, true);
  check_whole(&table, lengths, true);
  assert_int_equal(lengths[0x01], 1);
  assert_int_equal(lengths[0x00], 2);
  assert_int_equal(lengths[0x02], 3);
  assert_int_equal(lengths[0x11], 4);
  assert_in_range(lengths[0x04], 7, 8);
  assert_in_range(lengths[0xfa], 14, 16);
}

static void test_table__sorts_equal_symbols_by_their_value(void **state)
{
  (void)state;
  px_jpeg_table table = {{0, 0, 0, 5}, {9, 4, 7, 1, 3}};
  px_jpeg_table_complete(&table, false);
  static const uint8_t wanted[] = {1, 3, 4, 7, 9};
  assert_memory_equal(table.symbols, wanted, sizeof wanted);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_table__that_knows_nothing_gets_every_symbol),
      cmocka_unit_test(test_table__keeps_the_lengths_that_matter),
      cmocka_unit_test(test_table__sorts_equal_symbols_by_their_value),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
