/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/pane.h"

enum { SIZE = 1000 };

static int stage = -1;

static int begin(void **state)
{
  unsigned char bytes[SIZE];
  (void)state;
  for (size_t i = 0; i < SIZE; i++)
    bytes[i] = (unsigned char)(i * 7);
  stage = memfd_create("pane", MFD_CLOEXEC);
  return stage >= 0 && write(stage, bytes, SIZE) == SIZE ? 0 : -1;
}

static int end(void **state)
{
  (void)state;
  return close(stage);
}

static px_pane open_pane(size_t piece)
{
  return (px_pane){.descriptor = stage, .size = SIZE, .name = "numbers", .piece = piece};
}

static void test_pane__shows_every_place_whatever_was_looked_at_before(void **state)
{
  (void)state;
  px_auto(px_pane) pane = open_pane(16);
  for (uint64_t step = 0, at = 0; step < 4000; step++, at = (at * 31 + step) % SIZE) {
    size_t have = 0, least = step % 40, left = SIZE - (size_t)at;
    const unsigned char *bytes = px_pane_at(&pane, at, least, &have);
    assert_non_null(bytes);
    assert_true(have >= (least < left ? least : left) && have <= left);
    for (size_t i = 0; i < have; i++)
      assert_int_equal(bytes[i], (unsigned char)((at + i) * 7));
  }
}

static void test_pane__holds_no_more_than_it_must(void **state)
{
  (void)state;
  px_auto(px_pane) pane = open_pane(16);
  size_t have = 0;
  (void)px_pane_at(&pane, 500, 1, &have);
  assert_int_equal(have, 16);
  assert_int_equal(pane.room, 16);
  (void)px_pane_at(&pane, 100, 300, &have);
  assert_int_equal(have, 300);
  assert_int_equal(pane.room, 300);
}

static void test_pane__behind_the_end_there_is_nothing_and_no_failure(void **state)
{
  (void)state;
  px_auto(px_pane) pane = open_pane(0);
  size_t have = 1;
  assert_null(px_pane_at(&pane, SIZE, 1, &have));
  assert_int_equal(have, 0);
  assert_null(px_pane_at(&pane, UINT64_MAX, 1, &have));
  assert_status(px_pane_check(&pane, NULL), PIXAZO_OK);
  assert_non_null(px_pane_at(&pane, SIZE - 1, 100, &have));
  assert_int_equal(have, 1);
}

static void test_pane__a_file_that_was_cut_meanwhile_is_an_error(void **state)
{
  (void)state;
  px_auto(px_pane) pane = open_pane(64);
  px_autoerror error = NULL;
  size_t have = 0;
  pane.size = SIZE + 100;
  assert_non_null(px_pane_at(&pane, 0, 1, &have));
  assert_null(px_pane_at(&pane, SIZE - 10, 1, &have));
  assert_null(px_pane_at(&pane, 0, 1, &have)); /* it stays so */
  assert_status(px_pane_check(&pane, &error), PIXAZO_E_CORRUPT);
  assert_non_null(strstr(pixazo_error_message(error), "numbers"));
}

static void test_pane__what_cannot_be_read_is_an_error(void **state)
{
  (void)state;
  px_auto(px_pane) pane = open_pane(64);
  size_t have = 0;
  pane.descriptor = -1;
  assert_null(px_pane_at(&pane, 0, 1, &have));
  assert_status(px_pane_check(&pane, NULL), PIXAZO_E_IO);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pane__shows_every_place_whatever_was_looked_at_before),
      cmocka_unit_test(test_pane__holds_no_more_than_it_must),
      cmocka_unit_test(test_pane__behind_the_end_there_is_nothing_and_no_failure),
      cmocka_unit_test(test_pane__a_file_that_was_cut_meanwhile_is_an_error),
      cmocka_unit_test(test_pane__what_cannot_be_read_is_an_error),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
