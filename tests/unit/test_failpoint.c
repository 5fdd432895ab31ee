/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/failpoint.h"

/* What becomes of a process that passes `first` twice and `second` once. */
static int status_of_child(const char *armed)
{
  int status = 0;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    (void)setenv("PIXAZO_FAILPOINT", armed, 1);
    PX_FAILPOINT("first");
    PX_FAILPOINT("first");
    PX_FAILPOINT("second");
    _exit(7);
  }
  assert_int_equal(waitpid(child, &status, WUNTRACED), child);
  if (WIFSTOPPED(status)) {
    assert_int_equal(kill(child, SIGKILL), 0);
    int end = 0;
    assert_int_equal(waitpid(child, &end, 0), child);
  }
  return status;
}

static bool lives(const char *armed)
{
  int status = status_of_child(armed);
  return WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

static bool is_killed(const char *armed)
{
  int status = status_of_child(armed);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

#ifdef PIXAZO_FAILPOINTS
static void test_failpoint__kills_when_it_is_reached_for_the_nth_time(void **state)
{
  (void)state;
  assert_true(is_killed("first:1"));
  assert_true(is_killed("first:2"));
  assert_true(lives("first:3"));
  assert_true(is_killed("second:1"));
  assert_true(lives("second:2"));
}

static void test_failpoint__stops_when_asked_to(void **state)
{
  (void)state;
  assert_true(WIFSTOPPED(status_of_child("first:1:stop")));
}
#endif

static void test_failpoint__what_does_not_match_does_nothing(void **state)
{
  (void)state;
  static const char *const armed[] = {"", "first", "fir:1", "firstly:1", "first:", "first:0", "first:x", ":1"};
  for (size_t i = 0; i < sizeof armed / sizeof *armed; i++)
    assert_true(lives(armed[i]));
#ifndef PIXAZO_FAILPOINTS
  assert_false(is_killed("first:1"));
#endif
}

int main(void)
{
  const struct CMUnitTest tests[] = {
#ifdef PIXAZO_FAILPOINTS
      cmocka_unit_test(test_failpoint__kills_when_it_is_reached_for_the_nth_time),
      cmocka_unit_test(test_failpoint__stops_when_asked_to),
#endif
      cmocka_unit_test(test_failpoint__what_does_not_match_does_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
