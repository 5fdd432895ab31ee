/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

static void test_buf__an_empty_buffer_reads_as_empty_text(void **state)
{
  (void)state;
  px_auto(px_buf) buf = PX_BUF_INIT(10);
  assert_string_equal(px_buf_text(&buf), "");
  px_autofree char *text = px_buf_steal(&buf);
  assert_string_equal(text, "");
}

static void test_buf__pieces_are_joined_and_terminated(void **state)
{
  (void)state;
  px_auto(px_buf) buf = PX_BUF_INIT(1000);
  assert_true(px_buf_add_text(&buf, "a"));
  assert_true(px_buf_add_char(&buf, '-'));
  assert_true(px_buf_add(&buf, "b\0c", 3));
  assert_true(px_buf_printf(&buf, "%d %s", 42, "end"));
  assert_int_equal(buf.size, 11);
  assert_memory_equal(px_buf_text(&buf), "a-b\0c42 end", 12);
}

static void test_buf__takes_exactly_its_maximum_and_not_one_byte_more(void **state)
{
  (void)state;
  px_auto(px_buf) buf = PX_BUF_INIT(100);
  for (int i = 0; i < 100; i++)
    assert_true(px_buf_add_char(&buf, 'x'));
  assert_int_equal(strlen(px_buf_text(&buf)), 100);
  assert_false(px_buf_add_char(&buf, 'y'));
  assert_int_equal(buf.size, 100);
}

static void test_buf__failure_sticks_until_cleared(void **state)
{
  (void)state;
  px_auto(px_buf) buf = PX_BUF_INIT(4);
  assert_true(px_buf_add_text(&buf, "ab"));
  assert_false(px_buf_printf(&buf, "%s", "too long"));
  assert_false(px_buf_add_char(&buf, 'c'));
  assert_true(buf.failed);
  assert_null(px_buf_steal(&buf));
  px_buf_clear(&buf);
  assert_string_equal(px_buf_text(&buf), "");
  assert_true(px_buf_add_text(&buf, "wxyz"));
  assert_string_equal(px_buf_text(&buf), "wxyz");
}

static void test_buf__a_size_that_overflows_is_refused(void **state)
{
  (void)state;
  px_auto(px_buf) buf = PX_BUF_INIT(SIZE_MAX);
  assert_true(px_buf_add_text(&buf, "abc"));
  assert_false(px_buf_reserve(&buf, SIZE_MAX - 1));
  assert_true(buf.failed);
  assert_string_equal(px_buf_text(&buf), "abc");
}

static void test_buf__stolen_text_leaves_an_empty_usable_buffer(void **state)
{
  (void)state;
  px_auto(px_buf) buf = PX_BUF_INIT(50);
  assert_true(px_buf_add_text(&buf, "first"));
  px_autofree char *text = px_buf_steal(&buf);
  assert_string_equal(text, "first");
  assert_true(px_buf_add_text(&buf, "second"));
  assert_string_equal(px_buf_text(&buf), "second");
}

static void test_buf__grows_without_losing_bytes(void **state)
{
  (void)state;
  px_auto(px_buf) buf = PX_BUF_INIT(1 << 20);
  for (int i = 0; i < 5000; i++)
    assert_true(px_buf_printf(&buf, "%04d,", i));
  assert_int_equal(buf.size, 25000);
  assert_memory_equal(buf.data + 5 * 4321, "4321,", 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_buf__an_empty_buffer_reads_as_empty_text),
      cmocka_unit_test(test_buf__pieces_are_joined_and_terminated),
      cmocka_unit_test(test_buf__takes_exactly_its_maximum_and_not_one_byte_more),
      cmocka_unit_test(test_buf__failure_sticks_until_cleared),
      cmocka_unit_test(test_buf__a_size_that_overflows_is_refused),
      cmocka_unit_test(test_buf__stolen_text_leaves_an_empty_usable_buffer),
      cmocka_unit_test(test_buf__grows_without_losing_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
