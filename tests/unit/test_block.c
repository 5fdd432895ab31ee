/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "image/png/block.h"
#include "image/png/runs.h"
#include "support/inflate.h"
#include "support/kinds.h"

enum { ROOM = 200000 };

static unsigned char out[ROOM];

static size_t write(const px_token *tokens, size_t token_count, const unsigned char *bytes, size_t size, px_simd simd)
{
  px_counts counts = {.extra = 0};
  px_bits bits = {out, 0, 0};
  px_tokens_count(bytes, tokens, token_count, &counts);
  px_block_write(&bits, simd, &(px_deflate_block){bytes, size, tokens, token_count, &counts}, true);
  px_bits_align(&bits);
  return (size_t)(bits.out - out);
}

static void test_block__every_length_and_distance_can_be_read_back(void **state)
{
  static unsigned char bytes[40000 + 300];
  uint32_t seed = 5;
  (void)state;
  for (unsigned step = 0; step < 400; step++) {
    unsigned length = PX_MATCH_MIN + step % (PX_MATCH_MAX - PX_MATCH_MIN + 1);
    unsigned distance = step < 300 ? 1 + step : 1 + disorder(&seed) % PX_WINDOW;
    if (step == 399)
      distance = PX_WINDOW;
    for (size_t i = 0; i < 40000; i++)
      bytes[i] = (unsigned char)disorder(&seed);
    for (size_t i = 40000; i < 40000 + length; i++)
      bytes[i] = bytes[i - distance];
    px_token token = {40000, (uint16_t)length, (uint16_t)distance};
    px_token all[] = {token};
    size_t packed = write(all, 1, bytes, 40000 + length, step % 2 ? PX_SIMD_PLAIN : PX_SIMD_AUTO);
    assert_true(inflates_to(out, packed, bytes, 0, 40000 + length, true));
  }
}

static void test_block__few_bytes_take_the_fixed_code(void **state)
{
  static const unsigned char bytes[] = "abc";
  (void)state;
  px_token all[] = {{3, 0, 0}};
  size_t packed = write(all, 1, bytes, 3, PX_SIMD_AUTO);
  assert_int_equal(out[0] & 7, 3); /* last, fixed */
  assert_int_equal(packed, 5);
  assert_true(inflates_to(out, packed, bytes, 0, 3, true));
}

static void test_block__noise_is_stored(void **state)
{
  static unsigned char bytes[150000];
  uint32_t seed = 1;
  (void)state;
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (unsigned char)disorder(&seed);
  px_token all[] = {{sizeof bytes, 0, 0}};
  size_t packed = write(all, 1, bytes, sizeof bytes, PX_SIMD_AUTO);
  assert_int_equal(packed, sizeof bytes + 3 * 5);
  assert_true(inflates_to(out, packed, bytes, 0, sizeof bytes, true));
}

static void test_block__skewed_bytes_take_a_code_of_their_own_under_its_limit(void **state)
{
  static unsigned char bytes[60000];
  size_t used = 0;
  (void)state;
  for (unsigned byte = 0; byte < 20; byte++) { /* counts that double want words of 20 bits */
    for (size_t i = 0; i < (size_t)1 << (byte < 15 ? byte : 14) && used < sizeof bytes; i++)
      bytes[used++] = (unsigned char)byte;
  }
  px_token all[] = {{(uint32_t)used, 0, 0}};
  size_t packed = write(all, 1, bytes, used, PX_SIMD_AUTO);
  assert_true(packed < used / 3);
  assert_true(inflates_to(out, packed, bytes, 0, used, true));
}

static void test_block__nothing_is_a_stored_block_of_nothing(void **state)
{
  px_bits bits = {out, 0, 0};
  (void)state;
  px_block_store(&bits, out, 0, true);
  assert_int_equal(bits.out - out, 5);
  assert_true(inflates_to(out, 5, out, 0, 0, true));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_block__every_length_and_distance_can_be_read_back),
      cmocka_unit_test(test_block__few_bytes_take_the_fixed_code),
      cmocka_unit_test(test_block__noise_is_stored),
      cmocka_unit_test(test_block__skewed_bytes_take_a_code_of_their_own_under_its_limit),
      cmocka_unit_test(test_block__nothing_is_a_stored_block_of_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
