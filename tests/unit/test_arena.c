/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

static void test_arena__pieces_are_zeroed_aligned_and_apart(void **state)
{
  (void)state;
  px_arena arena = PX_ARENA_INIT;
  unsigned char *first = px_arena_calloc(&arena, 3, 7);
  unsigned char *second = px_arena_calloc(&arena, 1, 100);
  for (size_t i = 0; i < 21; i++)
    assert_int_equal(first[i], 0);
  assert_int_equal((uintptr_t)first % alignof(max_align_t), 0);
  assert_int_equal((uintptr_t)second % alignof(max_align_t), 0);
  memset(first, 1, 21);
  for (size_t i = 0; i < 100; i++)
    assert_int_equal(second[i], 0);
  assert_string_equal(px_arena_strdup(&arena, "a text"), "a text");
  px_arena_done(&arena);
  assert_null(arena.pieces);
}

static void test_arena__a_size_that_no_memory_has_is_refused(void **state)
{
  (void)state;
  px_arena arena = PX_ARENA_INIT;
  assert_null(px_arena_calloc(&arena, SIZE_MAX / 2, 3));
  assert_null(px_arena_calloc(&arena, SIZE_MAX, 1));
  assert_null(arena.pieces);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_arena__pieces_are_zeroed_aligned_and_apart),
      cmocka_unit_test(test_arena__a_size_that_no_memory_has_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
