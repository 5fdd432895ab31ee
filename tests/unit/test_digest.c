/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/str.h"

#define ABC_SHA256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC_MD5 "900150983cd24fb0d6963f7d28e17f72"

static void test_sha256__agrees_with_the_vectors_of_fips_180(void **state)
{
  (void)state;
  char text[PX_SHA256_HEX];
  assert_true(px_sha256_hex("abc", 3, text));
  assert_string_equal(text, ABC_SHA256);
  assert_true(px_sha256_hex("", 0, text));
  assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert_true(px_sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, text));
  assert_string_equal(text, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void test_digest__gives_both_hashes_of_one_stream_and_starts_over(void **state)
{
  (void)state;
  px_cleanup(px_digest_done) px_digest *digest = px_digest_new(true);
  assert_non_null(digest);
  char sha256[PX_SHA256_HEX];
  char md5[PX_MD5_HEX];
  for (int round = 0; round < 2; round++) {
    assert_true(px_digest_add(digest, "a", 1));
    assert_true(px_digest_add(digest, "bc", 2));
    assert_true(px_digest_finish(digest, sha256, md5));
    assert_string_equal(sha256, ABC_SHA256);
    assert_string_equal(md5, ABC_MD5);
  }
}

static void test_digest__without_md5_leaves_its_text_empty(void **state)
{
  (void)state;
  px_cleanup(px_digest_done) px_digest *digest = px_digest_new(false);
  char sha256[PX_SHA256_HEX];
  char md5[PX_MD5_HEX] = "before";
  assert_true(px_digest_add(digest, "abc", 3));
  assert_true(px_digest_finish(digest, sha256, md5));
  assert_string_equal(md5, "");
  assert_true(px_digest_add(digest, "abc", 3));
  assert_true(px_digest_finish(digest, sha256, NULL));
  assert_string_equal(sha256, ABC_SHA256);
  px_digest_free(NULL);
}

static void check_hmac(const void *key, size_t key_size, const char *data, const char *expected)
{
  unsigned char out[PX_SHA256_SIZE];
  char text[PX_SHA256_HEX];
  assert_true(px_hmac_sha256(key, key_size, data, strlen(data), out));
  px_hex(out, sizeof out, text);
  assert_string_equal(text, expected);
}

static void test_hmac__agrees_with_the_vectors_of_rfc_4231(void **state)
{
  (void)state;
  unsigned char key[131];
  memset(key, 0x0b, 20);
  check_hmac(key, 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  check_hmac("Jefe", 4, "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  memset(key, 0xaa, sizeof key);
  check_hmac(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First",
             "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void test_equal_constant_time__compares_bytes(void **state)
{
  (void)state;
  assert_true(px_equal_constant_time("abc", "abc", 3));
  assert_false(px_equal_constant_time("abc", "abd", 3));
  assert_true(px_equal_constant_time("abc", "abd", 2));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sha256__agrees_with_the_vectors_of_fips_180),
      cmocka_unit_test(test_digest__gives_both_hashes_of_one_stream_and_starts_over),
      cmocka_unit_test(test_digest__without_md5_leaves_its_text_empty),
      cmocka_unit_test(test_hmac__agrees_with_the_vectors_of_rfc_4231),
      cmocka_unit_test(test_equal_constant_time__compares_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
