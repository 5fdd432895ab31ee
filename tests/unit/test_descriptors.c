/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/descriptors.h"

static rlim_t limit_to(rlim_t soft)
{
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlim_t before = limit.rlim_cur;
  limit.rlim_cur = soft;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
  return before;
}

static void test_descriptors__the_budget_leaves_a_reserve(void **state)
{
  (void)state;
  rlim_t before = limit_to(1024);
  assert_int_equal(px_descriptor_budget(), 752);
  (void)limit_to(256);
  assert_int_equal(px_descriptor_budget(), 176);
  (void)limit_to(16);
  assert_int_equal(px_descriptor_budget(), 4);
  (void)limit_to(before);
}

static void test_descriptors__shortage_is_seen_before_it_hurts(void **state)
{
  int taken[128];
  int count = 0;
  (void)state;
  assert_false(px_descriptors_short());
  rlim_t before = limit_to(64);
  while (count < 128 && (taken[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    count++;
  assert_true(px_descriptors_short());
  (void)close(taken[--count]);
  assert_true(px_descriptors_short());
  while (count > 0)
    (void)close(taken[--count]);
  assert_false(px_descriptors_short());
  (void)limit_to(before);
}

static bool closes_on_exec(int descriptor)
{
  return (fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0;
}

static void test_descriptors__both_ends_of_a_pair_are_sealed_and_no_others(void **state)
{
  int gap[3], pair[2], other[2];
  (void)state;
  for (int i = 0; i < 3; i++)
    gap[i] = dup(STDERR_FILENO);
  (void)close(gap[0]); /* so that the two ends do not get neighbouring numbers */
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
  px_descriptor_seal_pair(pair[0]);
  assert_true(closes_on_exec(pair[0]));
  assert_true(closes_on_exec(pair[1]));
  assert_false(closes_on_exec(other[0]) || closes_on_exec(other[1]));
  assert_false(closes_on_exec(gap[1]));
  int inet = socket(AF_INET, SOCK_STREAM, 0);
  px_descriptor_seal_pair(inet);
  px_descriptor_seal_pair(gap[1]);
  assert_false(closes_on_exec(inet) || closes_on_exec(gap[1]));
  (void)close(inet);
  for (int i = 0; i < 2; i++) {
    (void)close(pair[i]);
    (void)close(other[i]);
    (void)close(gap[i + 1]);
  }
}

static void test_descriptors__a_pair_is_found_by_the_byte_in_it(void **state)
{
  int pair[2], other[2], found[2] = {-1, -1};
  char byte = 1;
  (void)state;
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, other), 0);
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  assert_false(px_descriptor_find_woken(found));
  assert_int_equal(write(pair[1], &byte, 1), 1);
  assert_true(px_descriptor_find_woken(found));
  assert_int_equal(found[0], pair[0]);
  assert_int_equal(found[1], pair[1]);
  assert_int_equal(px_descriptor_waiting(pair[0]), 1);
  assert_int_equal(read(pair[0], &byte, 1), 1);
  assert_int_equal(px_descriptor_waiting(pair[0]), 0);
  assert_false(px_descriptor_find_woken(found));
  for (int i = 0; i < 2; i++) {
    (void)close(pair[i]);
    (void)close(other[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_descriptors__the_budget_leaves_a_reserve),
      cmocka_unit_test(test_descriptors__shortage_is_seen_before_it_hurts),
      cmocka_unit_test(test_descriptors__both_ends_of_a_pair_are_sealed_and_no_others),
      cmocka_unit_test(test_descriptors__a_pair_is_found_by_the_byte_in_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
