/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/exif.h"
#include "support/pictures.h"

static uint32_t orientation_of(bool big, unsigned stored)
{
  file_bytes block = {NULL, 0};
  exif_make(&block, big, stored);
  uint32_t found = px_exif_orientation(block.data, block.size);
  file_bytes_done(&block);
  return found;
}

static void test_exif__reads_the_orientation_in_both_byte_orders(void **state)
{
  (void)state;
  for (unsigned value = 1; value <= 8; value++) {
    assert_int_equal(orientation_of(true, value), value);
    assert_int_equal(orientation_of(false, value), value);
  }
}

static void test_exif__reads_nonsense_as_upright(void **state)
{
  (void)state;
  assert_int_equal(orientation_of(true, 0), 1);
  assert_int_equal(orientation_of(true, 9), 1);
  assert_int_equal(orientation_of(false, 65535), 1);
  assert_int_equal(px_exif_orientation((const unsigned char *)"MM\0*\xff\xff\xff\xff", 8), 1);
  assert_int_equal(px_exif_orientation((const unsigned char *)"MX\0*\0\0\0\x08", 8), 1);
  assert_int_equal(px_exif_orientation(NULL, 0), 1);
}

/* Each copy has exactly its size, so that a sanitizer sees a read behind its end. */
static void test_exif__reads_no_byte_behind_a_block_that_is_cut_or_lies(void **state)
{
  (void)state;
  px_auto(px_buf) whole = PX_BUF_INIT(65536);
  px_exif_build("a text", &whole);
  for (size_t at = 0; at < whole.size; at++) {
    px_auto(px_buf) out = PX_BUF_INIT(65536);
    px_autofree unsigned char *cut = px_memdup(whole.data, at ? at : 1);
    px_exif_user_comment(cut, at, &out);
    assert_int_equal(out.size, 0);
    assert_int_equal(px_exif_orientation(cut, at), 1);
    px_autofree unsigned char *lying = px_memdup(whole.data, whole.size);
    lying[at] = 0xff;
    px_exif_user_comment(lying, whole.size, &out);
    px_exif_reset_orientation(lying, whole.size);
  }
}

static void test_exif__resets_the_orientation_only(void **state)
{
  (void)state;
  for (int big = 0; big < 2; big++) {
    file_bytes block = {NULL, 0}, upright = {NULL, 0};
    exif_make(&block, big, 6);
    exif_make(&upright, big, 1);
    px_exif_reset_orientation(block.data, block.size);
    assert_memory_equal(block.data, upright.data, upright.size);
    file_bytes_done(&block);
    file_bytes_done(&upright);
  }
}

static void test_exif__a_user_comment_comes_back_in_every_script(void **state)
{
  (void)state;
  static const char text[] = "a fox \xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x8a end";
  px_auto(px_buf) block = PX_BUF_INIT(65536);
  px_auto(px_buf) out = PX_BUF_INIT(65536);
  px_exif_build(text, &block);
  px_exif_user_comment((const unsigned char *)block.data, block.size, &out);
  assert_string_equal(px_buf_text(&out), text);
}

static void test_exif__reads_texts_by_their_tag(void **state)
{
  (void)state;
  static const unsigned char block[] = "II*\0\x08\0\0\0\2\0"
                                       "\x0f\1\2\0\x06\0\0\0\x26\0\0\0" /* six characters, elsewhere */
                                       "\x10\1\2\0\3\0\0\0A\x01" "B\0"      /* three, in the entry */
                                       "\0\0\0\0Canon\0";
  for (size_t size = 0; size < sizeof block; size++) {
    px_auto(px_buf) make = PX_BUF_INIT(100);
    px_auto(px_buf) model = PX_BUF_INIT(100);
    unsigned char *part = malloc(size ? size : 1);
    assert_non_null(part);
    memcpy(part, block, size);
    px_exif_text(part, size, 0x010f, &make);
    px_exif_text(part, size, 0x0110, &model);
    if (size + 1 == sizeof block) {
      assert_string_equal(px_buf_text(&make), "Canon");
      assert_string_equal(px_buf_text(&model), "AB");
    }
    px_exif_text(part, size, 0x0131, &make);
    assert_true(make.size <= 5);
    free(part);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exif__reads_the_orientation_in_both_byte_orders),
      cmocka_unit_test(test_exif__reads_nonsense_as_upright),
      cmocka_unit_test(test_exif__reads_no_byte_behind_a_block_that_is_cut_or_lies),
      cmocka_unit_test(test_exif__resets_the_orientation_only),
      cmocka_unit_test(test_exif__a_user_comment_comes_back_in_every_script),
      cmocka_unit_test(test_exif__reads_texts_by_their_tag),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
