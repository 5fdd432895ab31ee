/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>

#include "base/mem.h"
#include "client/route.h"

enum { PLAIN = 0, REJECTED = 1, BLOCKED = 2, AMBIGUOUS = 4, ALL = 7 };

typedef struct line {
  int32_t attempt_class;
  pixazo_status status;
  bool charged;
  int asked;   /* bits of the policy under which the next one is asked; -1: never, 0: always */
} line;

/* One line for each class and what it can mean. */
static const line lines[] = {
    {PIXAZO_CLASS_NONE, PIXAZO_E_BUDGET, false, PLAIN},
    {PIXAZO_CLASS_NONE, PIXAZO_E_QUOTA, false, PLAIN},
    {PIXAZO_CLASS_NONE, PIXAZO_E_NETWORK, false, PLAIN},
    {PIXAZO_CLASS_NONE, PIXAZO_E_THROTTLED, false, PLAIN},
    {PIXAZO_CLASS_NONE, PIXAZO_E_CONFLICT, false, -1},
    {PIXAZO_CLASS_NONE, PIXAZO_E_IO, false, -1},
    {PIXAZO_CLASS_NOT_SENT, PIXAZO_E_NETWORK, false, PLAIN},
    {PIXAZO_CLASS_NOT_SENT, PIXAZO_E_TIMEOUT, false, PLAIN},
    {PIXAZO_CLASS_NOT_SENT, PIXAZO_E_CANCELLED, false, -1},
    {PIXAZO_CLASS_NOT_SENT, PIXAZO_E_STATE, false, -1},
    {PIXAZO_CLASS_NOT_SENT, PIXAZO_E_IO, false, -1},
    {PIXAZO_CLASS_NOT_SENT, PIXAZO_E_CONFLICT, false, -1},
    {PIXAZO_CLASS_REFUSED, PIXAZO_E_AUTH, false, PLAIN},
    {PIXAZO_CLASS_REFUSED, PIXAZO_E_QUOTA, false, PLAIN},
    {PIXAZO_CLASS_REFUSED, PIXAZO_E_THROTTLED, false, PLAIN},
    {PIXAZO_CLASS_REFUSED, PIXAZO_E_NETWORK, false, PLAIN},
    {PIXAZO_CLASS_REFUSED, PIXAZO_E_PROVIDER, false, REJECTED},
    {PIXAZO_CLASS_FAILED, PIXAZO_E_PROVIDER, false, PLAIN},
    {PIXAZO_CLASS_FAILED, PIXAZO_E_TIMEOUT, false, PLAIN},
    {PIXAZO_CLASS_FAILED, PIXAZO_E_IO, false, -1},
    {PIXAZO_CLASS_FAILED, PIXAZO_E_CANCELLED, false, -1},
    {PIXAZO_CLASS_BLOCKED, PIXAZO_E_REJECTED, false, BLOCKED},
    {PIXAZO_CLASS_BLOCKED, PIXAZO_E_REJECTED, true, BLOCKED},
    {PIXAZO_CLASS_EMPTY, PIXAZO_E_PROVIDER, false, PLAIN},
    {PIXAZO_CLASS_EMPTY, PIXAZO_E_PROVIDER, true, -1},
    {PIXAZO_CLASS_AMBIGUOUS, PIXAZO_E_AMBIGUOUS, true, AMBIGUOUS},
    {PIXAZO_CLASS_LOST, PIXAZO_E_PROVIDER, true, -1},
    {PIXAZO_CLASS_ACCEPTED, PIXAZO_OK, true, -1},
};

static void check(const line *row, int bits, bool alone)
{
  px_route_policy policy = {(bits & REJECTED) != 0, (bits & BLOCKED) != 0, (bits & AMBIGUOUS) != 0};
  px_route_case facts = {.attempt_class = row->attempt_class, .status = row->status, .charged = row->charged};
  bool next = !alone && row->asked >= 0 && (row->asked == PLAIN || (row->asked & bits) != 0);
  int found = px_route_next(&policy, &facts, alone);
  if (found != (next ? PX_ROUTE_NEXT : PX_ROUTE_STOP))
    fail_msg("class %d, status %d, policy %d, alone %d: %d", row->attempt_class, row->status, bits, alone, found);
  facts.retry = true;
  assert_int_equal(px_route_next(&policy, &facts, alone), PX_ROUTE_RETRY);
  facts.retry = false;
  facts.later = true;
  assert_int_equal(px_route_next(&policy, &facts, alone), next ? PX_ROUTE_NEXT : PX_ROUTE_LATER);
}

static void test_route__each_class_goes_on_only_where_nothing_is_paid_twice(void **state)
{
  (void)state;
  unsigned cases = 0;
  for (size_t i = 0; i < PX_ARRAY_SIZE(lines); i++) {
    for (int bits = PLAIN; bits <= ALL; bits++, cases += 2) {
      check(&lines[i], bits, false);
      check(&lines[i], bits, true);
    }
  }
  print_message("routing: %u cases\n", cases);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_route__each_class_goes_on_only_where_nothing_is_paid_twice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
