/* SPDX-License-Identifier: MIT */
/* The two ways give the same bytes, and neither reads or writes where it has nothing to do. */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"

enum { LONGEST = 200 };

static const char alphabets[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";

/* Memory of exactly that size, so that a byte too far is seen. */
static size_t decode(const char *text, size_t size, px_simd simd, unsigned char **out)
{
  char *exact = malloc(size + 1);
  *out = calloc(1, size / 4 * 3 + 1);
  assert_true(exact && *out);
  exact = realloc(exact, size ? size : 1);
  assert_non_null(exact);
  memcpy(exact, text, size);
  *out = realloc(*out, size >= 4 ? size / 4 * 3 : 1);
  assert_non_null(*out);
  size_t taken = px_base64_quads(exact, size, *out, simd);
  free(exact);
  return taken;
}

static size_t agrees(const char *text, size_t size)
{
  unsigned char *plain = NULL;
  unsigned char *fast = NULL;
  size_t taken = decode(text, size, PX_SIMD_PLAIN, &plain);
  if (decode(text, size, PX_SIMD_AVX2, &fast) != taken || memcmp(plain, fast, taken / 4 * 3) != 0)
    fail_msg("%.*s", (int)size, text);
  free(plain);
  free(fast);
  return taken;
}

static void fill(char *text, size_t size, size_t seed)
{
  for (size_t i = 0; i < size; i++)
    text[i] = alphabets[(seed * 31 + i * 7 + i / 3) % (sizeof alphabets - 1)];
}

static void test_base64_avx2__texts_of_every_length_agree(void **state)
{
  char text[LONGEST];
  (void)state;
  for (size_t size = 0; size <= LONGEST; size++) {
    fill(text, size, size);
    assert_int_equal(agrees(text, size), size / 4 * 4);
  }
}

static void test_base64_avx2__any_byte_at_any_place_is_judged_alike(void **state)
{
  enum { SIZE = 108 };
  char text[SIZE];
  (void)state;
  for (size_t at = 0; at < SIZE; at++) {
    for (int byte = 0; byte < 256; byte++) {
      fill(text, SIZE, at);
      text[at] = (char)byte;
      bool good = byte != 0 && strchr(alphabets, byte);
      assert_int_equal(agrees(text, SIZE), good ? SIZE : at / 4 * 4);
    }
  }
}

static void test_base64_avx2__every_character_has_its_value_in_both_ways(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof alphabets - 1; i++) {
    char text[64];
    unsigned value = i < 64 ? (unsigned)i : (unsigned)i - 2;
    memset(text, alphabets[i], sizeof text);
    for (int simd = PX_SIMD_PLAIN; simd <= PX_SIMD_AVX2; simd++) {
      unsigned char *out = NULL;
      assert_int_equal(decode(text, sizeof text, (px_simd)simd, &out), sizeof text);
      for (size_t group = 0; group < sizeof text / 4 * 3; group += 3)
        assert_int_equal((unsigned)out[group] << 16 | (unsigned)out[group + 1] << 8 | out[group + 2], value * 0x41041u);
      free(out);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_base64_avx2__texts_of_every_length_agree),
      cmocka_unit_test(test_base64_avx2__any_byte_at_any_place_is_judged_alike),
      cmocka_unit_test(test_base64_avx2__every_character_has_its_value_in_both_ways),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
