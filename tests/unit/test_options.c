/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"

struct known {
  size_t struct_size;
  const char *name;
  uint32_t first;
  uint32_t second;
};

static const struct known sample = {sizeof(struct known), "n", 1, 2};

static void test_options__null_gives_defaults(void **state)
{
  (void)state;
  struct known target = sample;
  assert_status(px_options_copy(&target, sizeof target, NULL, "x", NULL), PIXAZO_OK);
  assert_int_equal(target.struct_size, sizeof target);
  assert_null(target.name);
  assert_int_equal(target.first + target.second, 0);
}

static void test_options__a_struct_from_the_past_gets_zero_for_what_it_does_not_have(void **state)
{
  (void)state;
  size_t old_size = offsetof(struct known, second);
  void *old = malloc(old_size); /* exactly as large as the old program made it */
  memcpy(old, &sample, old_size);
  memcpy(old, &old_size, sizeof old_size);
  struct known target = sample;
  assert_status(px_options_copy(&target, sizeof target, old, "x", NULL), PIXAZO_OK);
  free(old);
  assert_int_equal(target.struct_size, sizeof target);
  assert_string_equal(target.name, "n");
  assert_int_equal(target.first, 1);
  assert_int_equal(target.second, 0);
}

static void test_options__a_struct_from_the_future_is_fine_while_its_tail_is_zero(void **state)
{
  (void)state;
  struct {
    struct known head;
    uint64_t tail[2];
  } future = {sample, {0, 0}};
  future.head.struct_size = sizeof future;
  struct known target;
  assert_status(px_options_copy(&target, sizeof target, &future, "x", NULL), PIXAZO_OK);
  assert_int_equal(target.struct_size, sizeof target);
  assert_int_equal(target.second, 2);
}

static void test_options__a_used_tail_is_refused_and_named(void **state)
{
  (void)state;
  struct {
    struct known head;
    uint64_t tail[2];
  } future = {sample, {0, 0}};
  future.head.struct_size = sizeof future;
  unsigned char *last = (unsigned char *)&future + sizeof future - 1;
  *last = 1;
  struct known target;
  px_autoerror error = NULL;
  assert_status(px_options_copy(&target, sizeof target, &future, "pixazo_sample_options", &error), PIXAZO_E_ABI);
  assert_non_null(strstr(pixazo_error_message(error), "pixazo_sample_options"));
}

static void test_options__sizes_that_cannot_be_right_are_refused_unread(void **state)
{
  (void)state;
  static const size_t sizes[] = {0, 1, sizeof(size_t) - 1, 4097, SIZE_MAX};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    size_t *only = malloc(sizeof *only); /* reading further would be seen */
    struct known target;
    *only = sizes[i];
    assert_status(px_options_copy(&target, sizeof target, only, "x", NULL), PIXAZO_E_ABI);
    free(only);
  }
}

static void test_options_init__writes_exactly_the_size_it_was_given(void **state)
{
  (void)state;
  unsigned char bytes[64];
  memset(bytes, 0xEE, sizeof bytes);
  px_options_init(bytes, 40);
  size_t size;
  memcpy(&size, bytes, sizeof size);
  assert_int_equal(size, 40);
  for (size_t i = sizeof size; i < sizeof bytes; i++)
    assert_int_equal(bytes[i], i < 40 ? 0 : 0xEE);
  px_options_init(bytes, 3);
  memcpy(&size, bytes, sizeof size);
  assert_int_equal(size, 40);
  px_options_init(NULL, 40);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_options__null_gives_defaults),
      cmocka_unit_test(test_options__a_struct_from_the_past_gets_zero_for_what_it_does_not_have),
      cmocka_unit_test(test_options__a_struct_from_the_future_is_fine_while_its_tail_is_zero),
      cmocka_unit_test(test_options__a_used_tail_is_refused_and_named),
      cmocka_unit_test(test_options__sizes_that_cannot_be_right_are_refused_unread),
      cmocka_unit_test(test_options_init__writes_exactly_the_size_it_was_given),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
