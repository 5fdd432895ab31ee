/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "net/lookup.h"

enum { SECOND = 1000000 };

typedef struct scene {
  px_lookup lookup;
  px_transfer calls[4];
  px_list out;
} scene;

static int enter(scene *s, size_t index, const char *name, int64_t now_us)
{
  return px_lookup_enter(&s->lookup, &s->calls[index], name, now_us);
}

static void test_lookup__the_second_call_joins_the_first(void **state)
{
  scene s = {0};
  (void)state;
  assert_int_equal(enter(&s, 0, "a.test", 1), PX_LOOKUP_GO);
  assert_int_equal(enter(&s, 1, "a.test", 1), PX_LOOKUP_JOINED);
  assert_int_equal(enter(&s, 2, "b.test", 1), PX_LOOKUP_GO);
  px_lookup_found(&s.lookup, &s.calls[0], 2, &s.out);
  assert_int_equal(s.out.count, 1);
  assert_ptr_equal(s.out.first, &s.calls[1]);
  px_lookup_found(&s.lookup, &s.calls[0], 3, &s.out); /* again: nothing */
  px_lookup_left(&s.lookup, &s.calls[2], true, &s.out);
  assert_int_equal(s.out.count, 1);
  px_lookup_done(&s.lookup);
}

static void test_lookup__an_answer_is_trusted_for_a_while(void **state)
{
  scene s = {0};
  (void)state;
  assert_int_equal(enter(&s, 0, "a.test", 0), PX_LOOKUP_GO);
  px_lookup_found(&s.lookup, &s.calls[0], 0, &s.out);
  int64_t trusted = (int64_t)PX_LOOKUP_TRUSTED_S * SECOND;
  assert_int_equal(enter(&s, 0, "a.test", trusted - 1), PX_LOOKUP_GO);
  assert_int_equal(enter(&s, 1, "a.test", trusted - 1), PX_LOOKUP_GO);
  assert_int_equal(enter(&s, 2, "a.test", trusted), PX_LOOKUP_GO); /* looks up anew */
  assert_int_equal(enter(&s, 3, "a.test", trusted), PX_LOOKUP_JOINED);
  px_lookup_left(&s.lookup, &s.calls[2], true, &s.out);
  px_lookup_done(&s.lookup);
}

static void test_lookup__a_failure_is_everybodys(void **state)
{
  scene s = {0};
  (void)state;
  for (size_t i = 0; i < 4; i++)
    (void)enter(&s, i, "a.test", 1);
  px_lookup_left(&s.lookup, &s.calls[0], true, &s.out);
  assert_int_equal(s.out.count, 3);
  px_lookup_done(&s.lookup);
}

static void test_lookup__who_leaves_hands_over_to_one(void **state)
{
  scene s = {0};
  (void)state;
  for (size_t i = 0; i < 3; i++)
    (void)enter(&s, i, "a.test", 1);
  px_lookup_left(&s.lookup, &s.calls[0], false, &s.out);
  assert_int_equal(s.out.count, 1);
  assert_ptr_equal(s.out.first, &s.calls[1]);
  px_list_remove(&s.calls[1]);
  assert_int_equal(enter(&s, 1, "a.test", 2), PX_LOOKUP_GO);
  px_lookup_left(&s.lookup, &s.calls[1], true, &s.out);
  assert_ptr_equal(s.out.first, &s.calls[2]);
  px_lookup_done(&s.lookup);
}

static void count_and_remove(void *self, px_transfer *transfer)
{
  (*(int *)self)++;
  px_list_remove(transfer);
}

static void test_lookup__those_that_wait_can_be_taken_out(void **state)
{
  scene s = {0};
  int seen = 0;
  (void)state;
  for (size_t i = 0; i < 4; i++)
    (void)enter(&s, i, "a.test", 1);
  px_lookup_each(&s.lookup, count_and_remove, &seen);
  assert_int_equal(seen, 3);
  px_lookup_left(&s.lookup, &s.calls[0], true, &s.out);
  assert_int_equal(s.out.count, 0);
  px_lookup_done(&s.lookup);
}

static void test_lookup__a_name_that_is_too_long_is_refused(void **state)
{
  scene s = {0};
  char name[PX_HOST_MAX + 1];
  (void)state;
  memset(name, 'a', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  assert_int_equal(enter(&s, 0, name, 1), PX_LOOKUP_NOMEM);
  px_lookup_done(&s.lookup);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lookup__the_second_call_joins_the_first),
      cmocka_unit_test(test_lookup__an_answer_is_trusted_for_a_while),
      cmocka_unit_test(test_lookup__a_failure_is_everybodys),
      cmocka_unit_test(test_lookup__who_leaves_hands_over_to_one),
      cmocka_unit_test(test_lookup__those_that_wait_can_be_taken_out),
      cmocka_unit_test(test_lookup__a_name_that_is_too_long_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
