/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "image/png/inflate.h"
#include "support/odd_streams.h"
#include "support/pictures.h"

/* One block with the fixed code: literals and a copy. */
static const unsigned char FIXED[] = {0x78, 0x01, 0x4b, 0x54, 0x28, 0x4a, 0x4d, 0x51, 0x48, 0xcb, 0xaf,
                                      0xd0, 0x51, 0x48, 0x84, 0x31, 0x01, 0x43, 0xbd, 0x06, 0x9f};
static const char TEXT[] = "a red fox, a red fox";
enum { TEXT_SIZE = sizeof TEXT - 1 };

static bool unpack(const void *packed, size_t size, unsigned char *out, size_t out_size)
{
  /* A copy of exactly this size, so that reading behind it is seen. */
  unsigned char *copy = malloc(size ? size : 1);
  assert_non_null(copy);
  if (size > 0)
    memcpy(copy, packed, size);
  bool unpacked = px_inflate((px_bytes){copy, size}, out, out_size);
  free(copy);
  return unpacked;
}

static void test_inflate__unpacks_the_whole_stream(void **state)
{
  (void)state;
  unsigned char out[TEXT_SIZE];
  assert_true(unpack(FIXED, sizeof FIXED, out, sizeof out));
  assert_memory_equal(out, TEXT, TEXT_SIZE);
}

static void test_inflate__another_length_is_refused(void **state)
{
  (void)state;
  unsigned char out[TEXT_SIZE + 1];
  assert_false(unpack(FIXED, sizeof FIXED, out, TEXT_SIZE - 1));
  assert_false(unpack(FIXED, sizeof FIXED, out, TEXT_SIZE + 1));
}

static void test_inflate__a_cut_stream_is_refused_at_every_byte(void **state)
{
  (void)state;
  unsigned char out[TEXT_SIZE];
  for (size_t size = 0; size < sizeof FIXED; size++)
    assert_false(unpack(FIXED, size, out, sizeof out));
}

static void test_inflate__bytes_behind_the_stream_are_refused(void **state)
{
  (void)state;
  unsigned char longer[sizeof FIXED + 1] = {0};
  unsigned char out[TEXT_SIZE];
  memcpy(longer, FIXED, sizeof FIXED);
  assert_false(unpack(longer, sizeof longer, out, sizeof out));
}

static void test_inflate__every_changed_byte_is_seen(void **state)
{
  (void)state;
  for (size_t at = 2; at < sizeof FIXED; at++) {
    unsigned char broken[sizeof FIXED];
    unsigned char out[TEXT_SIZE];
    memcpy(broken, FIXED, sizeof FIXED);
    broken[at] ^= 0x10;
    assert_false(unpack(broken, sizeof broken, out, sizeof out));
  }
}

/* The two bytes of the head: method, window, a check of both, and a dictionary that nobody has. */
static void test_inflate__the_head_of_the_stream_is_checked(void **state)
{
  (void)state;
  static const unsigned char heads[][2] = {{0x77, 0x85}, {0x88, 0x1c}, {0x78, 0xdb}, {0x78, 0x20}, {0xf8, 0x00}};
  for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
    unsigned char other[sizeof FIXED];
    unsigned char out[TEXT_SIZE];
    memcpy(other, FIXED, sizeof FIXED);
    memcpy(other, heads[i], 2);
    assert_false(unpack(other, sizeof other, out, sizeof out));
  }
}

static void check_window(unsigned char first, unsigned char second, size_t size, bool wanted)
{
  file_bytes stream = {NULL, 0};
  unsigned char *bytes = calloc(size, 1), *out = malloc(size);
  assert_true(bytes && out);
  png_store(&stream, bytes, size);
  stream.data[0] = first;
  stream.data[1] = second;
  assert_int_equal(unpack(stream.data, stream.size, out, size), wanted);
  free(bytes);
  free(out);
  file_bytes_done(&stream);
}

static void test_inflate__a_window_smaller_than_the_stream_is_for_others(void **state)
{
  (void)state;
  check_window(0x78, 0x01, 100000, true);
  check_window(0x68, 0x05, 16384, true);
  check_window(0x68, 0x05, 16385, false);
  check_window(0x08, 0x1d, 256, true);
  check_window(0x08, 0x1d, 257, false);
}

static bool zlib_unpacks(const file_bytes *stream)
{
  static unsigned char out[ODD_RAW];
  uLongf size = sizeof out;
  return uncompress(out, &size, stream->data, stream->size) == Z_OK && size == sizeof out;
}

/* What the format does not have zlib refuses. Another library may take it, but only for the bytes it stands for. */
static void check_odd(unsigned odd)
{
  static unsigned char raw[ODD_RAW], out[ODD_RAW];
  file_bytes stream = {NULL, 0};
  odd_stream(&stream, odd, raw);
  odd_answer known = odd_inflate(stream.data + 2, stream.size - 6, out, sizeof out);
  assert_int_equal(known.used, stream.size - 6);
  assert_int_equal(known.odd, odd);
  assert_memory_equal(out, raw, ODD_RAW);
  assert_int_equal(zlib_unpacks(&stream), odd == 0);
  memset(out, 0xee, sizeof out);
  bool taken = unpack(stream.data, stream.size, out, sizeof out);
  assert_true(taken || odd != 0);
  if (taken)
    assert_memory_equal(out, raw, ODD_RAW);
  if (!PX_HAVE_LIBDEFLATE)
    assert_int_equal(taken, odd == 0);
  stream.data[stream.size - 1] ^= 1;
  assert_false(unpack(stream.data, stream.size, out, sizeof out));
  file_bytes_done(&stream);
}

static void test_inflate__odd_codes_are_refused_or_stand_for_what_they_say(void **state)
{
  (void)state;
  check_odd(0);
  check_odd(ODD_COUNT);
  check_odd(ODD_BEHIND);
  check_odd(ODD_LENGTH);
  check_odd(ODD_DISTANCE);
  check_odd(ODD_UNUSED);
}

static void test_inflate__knows_the_checksum_of_chunks(void **state)
{
  (void)state;
  assert_int_equal(px_inflate_crc32("123456789", 9), 0xcbf43926);
  assert_int_equal(px_inflate_crc32("IEND", 4), 0xae426082);
  assert_int_equal(px_inflate_crc32("", 0), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_inflate__unpacks_the_whole_stream),
      cmocka_unit_test(test_inflate__another_length_is_refused),
      cmocka_unit_test(test_inflate__a_cut_stream_is_refused_at_every_byte),
      cmocka_unit_test(test_inflate__bytes_behind_the_stream_are_refused),
      cmocka_unit_test(test_inflate__every_changed_byte_is_seen),
      cmocka_unit_test(test_inflate__the_head_of_the_stream_is_checked),
      cmocka_unit_test(test_inflate__a_window_smaller_than_the_stream_is_for_others),
      cmocka_unit_test(test_inflate__odd_codes_are_refused_or_stand_for_what_they_say),
      cmocka_unit_test(test_inflate__knows_the_checksum_of_chunks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
