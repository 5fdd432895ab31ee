/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/gate.h"

static void count(void *self)
{
  ++*(int *)self;
}

static void test_gate__is_destroyed_once_with_its_last_reference(void **state)
{
  (void)state;
  static const px_gate_ops ops = {.destroy = count};
  int destroyed = 0;
  pixazo_gate *gate = NULL;
  assert_status(px_gate_new(&ops, &destroyed, &gate, NULL), PIXAZO_OK);
  assert_ptr_equal(pixazo_gate_ref(gate), gate);
  assert_null(pixazo_gate_unref(gate));
  assert_int_equal(destroyed, 0);
  assert_null(pixazo_gate_unref(gate));
  assert_int_equal(destroyed, 1);
}

static void test_gate__null_is_allowed(void **state)
{
  (void)state;
  assert_null(pixazo_gate_ref(NULL));
  assert_null(pixazo_gate_unref(NULL));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gate__is_destroyed_once_with_its_last_reference),
      cmocka_unit_test(test_gate__null_is_allowed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
