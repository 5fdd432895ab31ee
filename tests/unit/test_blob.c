/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <pixazo/blob.h>

#include "support/tmpdir.h"

static void test_blob__keeps_a_copy_of_its_own(void **state)
{
  (void)state;
  char bytes[] = "picture";
  pixazo_blob *blob = NULL;
  assert_status(pixazo_blob_new(bytes, 7, &blob, NULL), PIXAZO_OK);
  bytes[0] = 'X';
  assert_int_equal(pixazo_blob_size(blob), 7);
  assert_memory_equal(pixazo_blob_data(blob), "picture", 7);
  assert_null(pixazo_blob_unref(blob));
}

static void test_blob__may_be_empty(void **state)
{
  (void)state;
  pixazo_blob *blob = NULL;
  assert_status(pixazo_blob_new(NULL, 0, &blob, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_blob_size(blob), 0);
  assert_null(pixazo_blob_data(blob));
  (void)pixazo_blob_unref(blob);
  assert_int_equal(pixazo_blob_size(NULL), 0);
  assert_null(pixazo_blob_data(NULL));
  assert_null(pixazo_blob_ref(NULL));
}

static void count_release(void *data, size_t size, void *user_data)
{
  assert_int_equal(size, 3);
  free(data);
  ++*(int *)user_data;
}

static void test_blob__taken_over_bytes_are_released_once_with_the_last_reference(void **state)
{
  (void)state;
  int released = 0;
  char *bytes = malloc(3);
  memcpy(bytes, "abc", 3);
  pixazo_blob *blob = NULL;
  assert_status(pixazo_blob_new_nocopy(bytes, 3, count_release, &released, &blob, NULL), PIXAZO_OK);
  assert_ptr_equal(pixazo_blob_data(blob), bytes);
  assert_ptr_equal(pixazo_blob_ref(blob), blob);
  (void)pixazo_blob_unref(blob);
  assert_int_equal(released, 0);
  (void)pixazo_blob_unref(blob);
  assert_int_equal(released, 1);
}

static void test_blob__refuses_wrong_arguments_and_touches_nothing(void **state)
{
  (void)state;
  pixazo_blob *blob = NULL;
  assert_status(pixazo_blob_new(NULL, 3, &blob, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_blob_new("a", 1, NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_blob_new_nocopy(NULL, 1, NULL, NULL, &blob, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_blob_new_from_file(NULL, 0, &blob, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_blob_save(NULL, "x", NULL), PIXAZO_E_ARGUMENT);
  assert_null(blob);
}

static void test_blob__goes_to_a_file_and_comes_back(void **state)
{
  char *path = tmpdir_path(*state, "a.bin");
  pixazo_blob *blob = NULL;
  pixazo_blob *back = NULL;
  struct stat facts;
  assert_status(pixazo_blob_new("\0\xFF\n", 3, &blob, NULL), PIXAZO_OK);
  mode_t before = umask(0077);
  assert_status(pixazo_blob_save(blob, path, NULL), PIXAZO_OK);
  (void)umask(before);
  assert_int_equal(stat(path, &facts), 0);
  assert_int_equal(facts.st_mode & 07777, 0644);
  assert_status(pixazo_blob_new_from_file(path, 3, &back, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_blob_size(back), 3);
  assert_memory_equal(pixazo_blob_data(back), "\0\xFF\n", 3);
  (void)pixazo_blob_unref(back);
  back = NULL;
  assert_status(pixazo_blob_new_from_file(path, 2, &back, NULL), PIXAZO_E_LIMIT);
  assert_null(back);
  (void)pixazo_blob_unref(blob);
  free(path);
}

static void test_blob__a_missing_file_is_not_found_and_a_directory_is_no_picture(void **state)
{
  char *path = tmpdir_path(*state, "none.bin");
  pixazo_blob *blob = NULL;
  assert_status(pixazo_blob_new_from_file(path, 0, &blob, NULL), PIXAZO_E_NOT_FOUND);
  assert_status(pixazo_blob_new_from_file(*state, 0, &blob, NULL), PIXAZO_E_IO);
  assert_null(blob);
  free(path);
}

static void *hold_and_drop(void *argument)
{
  for (int i = 0; i < 1000; i++)
    (void)pixazo_blob_unref(pixazo_blob_ref(argument));
  return pixazo_blob_unref(argument);
}

static void test_blob__threads_share_one(void **state)
{
  (void)state;
  int released = 0;
  pixazo_blob *blob = NULL;
  assert_status(pixazo_blob_new_nocopy(calloc(3, 1), 3, count_release, &released, &blob, NULL), PIXAZO_OK);
  pthread_t threads[4];
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, hold_and_drop, pixazo_blob_ref(blob)), 0);
  (void)pixazo_blob_unref(blob);
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(pthread_join(threads[i], NULL), 0);
  assert_int_equal(released, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_blob__keeps_a_copy_of_its_own),
      cmocka_unit_test(test_blob__may_be_empty),
      cmocka_unit_test(test_blob__taken_over_bytes_are_released_once_with_the_last_reference),
      cmocka_unit_test(test_blob__refuses_wrong_arguments_and_touches_nothing),
      cmocka_unit_test_setup_teardown(test_blob__goes_to_a_file_and_comes_back, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_blob__a_missing_file_is_not_found_and_a_directory_is_no_picture, tmpdir_setup,
                                      tmpdir_teardown),
      cmocka_unit_test(test_blob__threads_share_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
