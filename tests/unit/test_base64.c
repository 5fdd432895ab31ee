/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static bool decode(const char *text, size_t step, unsigned char *out, size_t *size)
{
  px_base64 decoder = PX_BASE64_INIT;
  size_t length = strlen(text);
  size_t n = 0;
  *size = 0;
  for (size_t i = 0; i < length; i += step) {
    if (!px_base64_decode(&decoder, text + i, length - i < step ? length - i : step, out + *size, &n))
      return false;
    *size += n;
  }
  if (!px_base64_finish(&decoder, out + *size, &n))
    return false;
  *size += n;
  return true;
}

static void test_base64__agrees_with_the_vectors_of_rfc_4648(void **state)
{
  (void)state;
  static const char *const vectors[][2] = {{"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(vectors); i++) {
    char text[16];
    unsigned char out[32];
    size_t size;
    px_base64_encode(vectors[i][0], strlen(vectors[i][0]), text);
    assert_string_equal(text, vectors[i][1]);
    assert_true(decode(vectors[i][1], 100, out, &size));
    assert_int_equal(size, strlen(vectors[i][0]));
    assert_memory_equal(out, vectors[i][0], size);
  }
  tell_cases("vectors", PX_ARRAY_SIZE(vectors));
}

static void test_base64__a_stream_may_be_cut_anywhere(void **state)
{
  (void)state;
  unsigned char bytes[256];
  char text[400];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (unsigned char)(i * 7);
  px_base64_encode(bytes, sizeof bytes, text);
  for (size_t step = 1; step < 12; step++) {
    unsigned char out[300];
    size_t size;
    assert_true(decode(text, step, out, &size));
    assert_int_equal(size, sizeof bytes);
    assert_memory_equal(out, bytes, size);
  }
}

static void test_base64__white_space_the_url_alphabet_and_missing_padding_are_fine(void **state)
{
  (void)state;
  unsigned char out[16];
  size_t size;
  assert_true(decode(" Zm9v\r\nYg ", 3, out, &size));
  assert_int_equal(size, 4);
  assert_memory_equal(out, "foob", 4);
  assert_true(decode("-_-_", 4, out, &size));
  assert_memory_equal(out, "\xFB\xFF\xBF", 3);
  assert_true(decode("+/+/", 4, out, &size));
  assert_memory_equal(out, "\xFB\xFF\xBF", 3);
}

static void test_base64__other_characters_text_after_padding_and_a_single_sextet_are_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {"Zm9*", "Zg==Zg==", "Z", "Zm9vY", "Zm\xC3\xA4"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(bad); i++) {
    unsigned char out[32];
    size_t size;
    assert_false(decode(bad[i], 2, out, &size));
  }
  tell_cases("texts that are no base64", PX_ARRAY_SIZE(bad));
}

static void test_base64__output_stays_within_the_promised_bound(void **state)
{
  (void)state;
  const char *text = "AAAAAAA";
  unsigned char *out = malloc(7 / 4 * 3 + 3);
  px_base64 decoder = PX_BASE64_INIT;
  size_t first;
  size_t last;
  assert_true(px_base64_decode(&decoder, text, 7, out, &first));
  assert_true(px_base64_finish(&decoder, out + first, &last));
  assert_int_equal(first + last, 5);
  free(out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_base64__agrees_with_the_vectors_of_rfc_4648),
      cmocka_unit_test(test_base64__a_stream_may_be_cut_anywhere),
      cmocka_unit_test(test_base64__white_space_the_url_alphabet_and_missing_padding_are_fine),
      cmocka_unit_test(test_base64__other_characters_text_after_padding_and_a_single_sextet_are_refused),
      cmocka_unit_test(test_base64__output_stays_within_the_promised_bound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
