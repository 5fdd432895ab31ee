/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/cpu.h"

static void test_choose__never_leaves_the_choice_open(void **state)
{
  (void)state;
  assert_int_not_equal(px_simd_choose(PX_SIMD_AUTO), PX_SIMD_AUTO);
  assert_int_equal(px_simd_choose(PX_SIMD_AUTO), px_simd_choose(PX_SIMD_AVX2));
}

static void test_choose__plain_stays_plain(void **state)
{
  (void)state;
  assert_int_equal(px_simd_choose(PX_SIMD_PLAIN), PX_SIMD_PLAIN);
}

static void test_choose__follows_the_processor(void **state)
{
  (void)state;
#if PX_HAVE_AVX2
  if (__builtin_cpu_supports("avx2"))
    assert_int_equal(px_simd_choose(PX_SIMD_AUTO), PX_SIMD_AVX2);
  else
    assert_int_equal(px_simd_choose(PX_SIMD_AUTO), PX_SIMD_PLAIN);
#else
  assert_int_equal(px_simd_choose(PX_SIMD_AUTO), PX_SIMD_PLAIN);
#endif
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_choose__never_leaves_the_choice_open),
      cmocka_unit_test(test_choose__plain_stays_plain),
      cmocka_unit_test(test_choose__follows_the_processor),
  };
  return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
