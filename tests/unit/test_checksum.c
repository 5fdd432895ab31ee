/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>
#include <zlib.h>

#include "image/png/checksum.h"
#include "support/kinds.h"

static unsigned char bytes[70000];

static int fill(void **state)
{
  uint32_t seed = 3;
  (void)state;
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (unsigned char)disorder(&seed);
  return 0;
}

static const size_t sizes[] = {0, 1, 7, 31, 32, 33, 63, 64, 127, 128, 129, 191, 255, 1000, 4095, 4096, 4103, 5536, 5537, 69000};

static void test_checksum__crc_is_that_of_zlib(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    for (size_t from = 0; from < 3; from++) {
      uint32_t wanted = (uint32_t)crc32(17, bytes + from, (uInt)sizes[i]);
      assert_int_equal(px_crc32(PX_SIMD_PLAIN, 17, bytes + from, sizes[i]), wanted);
      assert_int_equal(px_crc32(PX_SIMD_AUTO, 17, bytes + from, sizes[i]), wanted);
    }
  }
}

static void test_checksum__adler_is_that_of_zlib(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    uint32_t wanted = (uint32_t)adler32(0xfff0fff0, bytes + 1, (uInt)sizes[i]);
    assert_int_equal(px_adler32(PX_SIMD_PLAIN, 0xfff0fff0, bytes + 1, sizes[i]), wanted);
    assert_int_equal(px_adler32(PX_SIMD_AUTO, 0xfff0fff0, bytes + 1, sizes[i]), wanted);
  }
}

static void test_checksum__adler_of_the_highest_bytes_does_not_overflow(void **state)
{
  static unsigned char high[70000];
  (void)state;
  memset(high, 255, sizeof high);
  uint32_t wanted = (uint32_t)adler32(0xfff0fff0, high, sizeof high);
  assert_int_equal(px_adler32(PX_SIMD_PLAIN, 0xfff0fff0, high, sizeof high), wanted);
  assert_int_equal(px_adler32(PX_SIMD_AUTO, 0xfff0fff0, high, sizeof high), wanted);
}

static void test_checksum__two_stretches_join(void **state)
{
  (void)state;
  for (size_t cut = 0; cut <= sizeof bytes; cut += 6999) {
    uint32_t first = px_adler32(PX_SIMD_AUTO, PX_ADLER_INIT, bytes, cut);
    uint32_t second = px_adler32(PX_SIMD_AUTO, PX_ADLER_INIT, bytes + cut, sizeof bytes - cut);
    assert_int_equal(px_adler32_join(first, second, sizeof bytes - cut), adler32(1, bytes, sizeof bytes));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_checksum__crc_is_that_of_zlib),
      cmocka_unit_test(test_checksum__adler_is_that_of_zlib),
      cmocka_unit_test(test_checksum__adler_of_the_highest_bytes_does_not_overflow),
      cmocka_unit_test(test_checksum__two_stretches_join),
  };
  return cmocka_run_group_tests(tests, fill, NULL);
}
