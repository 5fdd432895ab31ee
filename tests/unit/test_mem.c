/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <pixazo/memory.h>

#include "base/mem.h"

struct counts {
  size_t allocated;
  size_t reallocated;
  size_t released;
  size_t smallest;
};

static struct counts counts;
static pixazo_status hooks_status;

static void *count_allocate(size_t size, void *user_data)
{
  struct counts *c = user_data;
  c->allocated++;
  if (size < c->smallest)
    c->smallest = size;
  void *memory = malloc(size);
  if (memory)
    memset(memory, 0xA5, size);
  return memory;
}

static void *count_reallocate(void *memory, size_t size, void *user_data)
{
  ((struct counts *)user_data)->reallocated++;
  return realloc(memory, size);
}

static void count_release(void *memory, void *user_data)
{
  ((struct counts *)user_data)->released++;
  free(memory);
}

static int install(void **state)
{
  (void)state;
  pixazo_memory_hooks hooks;
  pixazo_memory_hooks_init(&hooks, sizeof hooks);
  hooks.allocate = count_allocate;
  hooks.reallocate = count_reallocate;
  if (pixazo_memory_set_hooks(&hooks) != PIXAZO_E_ARGUMENT || pixazo_memory_set_hooks(NULL) != PIXAZO_E_ARGUMENT)
    return 1;
  hooks.release = count_release;
  hooks.user_data = &counts;
  counts.smallest = SIZE_MAX;
  hooks_status = pixazo_memory_set_hooks(&hooks);
  return 0;
}

static void test_memory__hooks_are_accepted_once_and_only_before_the_first_use(void **state)
{
  (void)state;
  pixazo_memory_hooks hooks;
  pixazo_memory_hooks_init(&hooks, sizeof hooks);
  hooks.allocate = count_allocate;
  hooks.reallocate = count_reallocate;
  hooks.release = count_release;
  assert_status(hooks_status, PIXAZO_OK);
  assert_status(pixazo_memory_set_hooks(&hooks), PIXAZO_E_STATE);
}

static void test_memory__every_allocation_goes_through_the_hooks_and_none_asks_for_nothing(void **state)
{
  (void)state;
  struct counts before = counts;
  void *empty = px_malloc(0);
  void *zeroed = px_calloc(3, 5);
  void *grown = px_realloc_array(NULL, 0, 8);
  assert_non_null(empty);
  assert_non_null(zeroed);
  assert_non_null(grown);
  for (size_t i = 0; i < 15; i++)
    assert_int_equal(((unsigned char *)zeroed)[i], 0);
  pixazo_free(empty);
  px_free(zeroed);
  px_free(grown);
  px_free(NULL);
  assert_int_equal(counts.allocated - before.allocated, 2);
  assert_int_equal(counts.reallocated - before.reallocated, 1);
  assert_int_equal(counts.released - before.released, 3);
  assert_true(counts.smallest > 0);
}

static void test_memory__sizes_that_overflow_are_refused_and_the_old_memory_stays(void **state)
{
  (void)state;
  px_autofree char *text = px_strdup("kept");
  assert_null(px_calloc(SIZE_MAX / 2, 3));
  assert_null(px_realloc_array(text, SIZE_MAX / 2, 3));
  assert_string_equal(text, "kept");
  size_t out = 7;
  assert_false(px_mul_size(SIZE_MAX, 2, &out));
  assert_false(px_add_size(SIZE_MAX, 1, &out));
  assert_true(px_mul_size(6, 7, &out));
  assert_int_equal(out, 42);
  assert_true(px_add_size(SIZE_MAX - 1, 1, &out));
  assert_true(out == SIZE_MAX);
}

static void test_memory__copies_are_equal_and_separate(void **state)
{
  (void)state;
  char source[] = "abcdef";
  px_autofree char *whole = px_strdup(source);
  px_autofree char *part = px_strndup(source, 3);
  px_autofree char *bytes = px_memdup(source, sizeof source);
  source[0] = 'X';
  assert_string_equal(whole, "abcdef");
  assert_string_equal(part, "abc");
  assert_string_equal(bytes, "abcdef");
  assert_null(px_strdup(NULL));
  px_autofree void *none = px_memdup(NULL, 0);
  assert_non_null(none);
}

static void test_memory__stealing_a_pointer_leaves_nothing_behind(void **state)
{
  (void)state;
  char *kept;
  {
    px_autofree char *scoped = px_strdup("moved");
    kept = px_steal(&scoped);
    assert_null(scoped);
  }
  assert_string_equal(kept, "moved");
  px_free(kept);
}

static void test_memory__a_scoped_descriptor_is_closed_and_errno_kept(void **state)
{
  (void)state;
  int number;
  {
    px_autoclose int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(descriptor >= 0);
    number = descriptor;
    errno = ENOSPC;
  }
  assert_int_equal(errno, ENOSPC);
  assert_int_equal(fcntl(number, F_GETFD), -1);
  px_autoclose int none = -1;
  (void)none;
}

static void test_memory__a_secret_is_released_like_other_text(void **state)
{
  (void)state;
  struct counts before = counts;
  px_free_secret(px_strdup("fake-secret"));
  px_free_secret(NULL);
  assert_int_equal(counts.released - before.released, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_memory__hooks_are_accepted_once_and_only_before_the_first_use),
      cmocka_unit_test(test_memory__every_allocation_goes_through_the_hooks_and_none_asks_for_nothing),
      cmocka_unit_test(test_memory__sizes_that_overflow_are_refused_and_the_old_memory_stays),
      cmocka_unit_test(test_memory__copies_are_equal_and_separate),
      cmocka_unit_test(test_memory__stealing_a_pointer_leaves_nothing_behind),
      cmocka_unit_test(test_memory__a_scoped_descriptor_is_closed_and_errno_kept),
      cmocka_unit_test(test_memory__a_secret_is_released_like_other_text),
  };
  return cmocka_run_group_tests(tests, install, NULL);
}
