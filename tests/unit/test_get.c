/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pixazo/store_backend.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "support/tmpdir.h"

/* A port that gives "abcdef" in two pieces and then the status it was told. */
static pixazo_status give(void *self, const char *key, uint64_t offset, uint64_t length, pixazo_store_write_fn write,
                          void *sink, pixazo_error **error)
{
  (void)key;
  assert_int_equal(offset, 0);
  assert_true(length == UINT64_MAX);
  PX_TRY(write(sink, "abc", 3, error));
  PX_TRY(write(sink, "def", 3, error));
  pixazo_status answer = *(pixazo_status *)self;
  return answer == PIXAZO_OK ? PIXAZO_OK : pixazo_error_set(error, answer, "the line went dead");
}

static pixazo_status refuse_put(void *self, const pixazo_store_put_job *job, pixazo_error **error)
{
  (void)self;
  (void)job;
  return pixazo_error_set(error, PIXAZO_E_UNSUPPORTED, "read only");
}

static pixazo_store *giving_store(pixazo_status *answer)
{
  pixazo_store_ops ops;
  pixazo_store *store = NULL;
  pixazo_store_ops_init(&ops, sizeof ops);
  ops.put = refuse_put;
  ops.get = give;
  assert_int_equal(pixazo_store_new_custom(&ops, answer, 0, &store, NULL), PIXAZO_OK);
  return store;
}

static int count_entries(const char *directory)
{
  int count = 0;
  DIR *entries = opendir(directory);
  assert_non_null(entries);
  while (readdir(entries))
    count++;
  (void)closedir(entries);
  return count - 2;
}

static void test_get__gathers_pieces_to_a_blob(void **state)
{
  (void)state;
  pixazo_status answer = PIXAZO_OK;
  pixazo_store *store = giving_store(&answer);
  pixazo_blob *blob = NULL;
  assert_int_equal(pixazo_store_get(store, "k", 6, &blob, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_blob_size(blob), 6);
  assert_memory_equal(pixazo_blob_data(blob), "abcdef", 6);
  (void)pixazo_blob_unref(blob);
  blob = NULL;
  assert_int_equal(pixazo_store_get(store, "k", 5, &blob, NULL), PIXAZO_E_LIMIT);
  answer = PIXAZO_E_NETWORK;
  assert_int_equal(pixazo_store_get(store, "k", 0, &blob, NULL), PIXAZO_E_NETWORK);
  assert_null(blob);
  (void)pixazo_store_unref(store);
}

static void test_get__keeps_the_old_file_when_a_fetch_fails(void **state)
{
  pixazo_status answer = PIXAZO_E_NETWORK;
  pixazo_store *store = giving_store(&answer);
  char *path = tmpdir_path(*state, "out");
  px_autofree void *data = NULL;
  size_t size = 0;
  assert_int_equal(px_file_replace(path, "old", 3, 0600, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_fetch_file(store, "k", path, NULL), PIXAZO_E_NETWORK);
  assert_int_equal(px_file_read(path, 100, &data, &size, NULL), PIXAZO_OK);
  assert_int_equal(size, 3);
  assert_int_equal(count_entries(*state), 1); /* no temporary file is left */
  answer = PIXAZO_OK;
  assert_int_equal(pixazo_store_fetch_file(store, "k", path, NULL), PIXAZO_OK);
  struct stat facts;
  assert_int_equal(stat(path, &facts), 0);
  assert_int_equal(facts.st_size, 6);
  assert_int_equal(facts.st_mode & 07777, 0644);
  assert_int_equal(count_entries(*state), 1);
  free(path);
  (void)pixazo_store_unref(store);
}

static void test_get__refuses_places_it_cannot_write(void **state)
{
  pixazo_status answer = PIXAZO_OK;
  pixazo_store *store = giving_store(&answer);
  char *missing = tmpdir_path(*state, "no/such/place");
  char *slash = tmpdir_path(*state, "");
  assert_int_equal(pixazo_store_fetch_file(store, "k", missing, NULL), PIXAZO_E_NOT_FOUND);
  assert_int_equal(pixazo_store_fetch_file(store, "k", slash, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_fetch_file(store, "k", "", NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_fetch_file(store, "k", NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(count_entries(*state), 0);
  free(missing);
  free(slash);
  (void)pixazo_store_unref(store);
}

static void test_get__computes_the_digest(void **state)
{
  (void)state;
  pixazo_status answer = PIXAZO_OK;
  pixazo_store *store = giving_store(&answer);
  px_autofree char *sha256 = NULL;
  assert_int_equal(pixazo_store_digest(store, "k", &sha256, NULL), PIXAZO_OK);
  assert_string_equal(sha256, "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721");
  (void)pixazo_store_unref(store);
}

static void test_get__is_unsupported_where_a_port_cannot(void **state)
{
  (void)state;
  pixazo_store_ops ops;
  pixazo_store *store = NULL;
  pixazo_blob *blob = NULL;
  pixazo_store_ops_init(&ops, sizeof ops);
  ops.put = refuse_put;
  assert_int_equal(pixazo_store_new_custom(&ops, NULL, 0, &store, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_get(store, "k", 0, &blob, NULL), PIXAZO_E_UNSUPPORTED);
  (void)pixazo_store_unref(store);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_get__gathers_pieces_to_a_blob),
      cmocka_unit_test_setup_teardown(test_get__keeps_the_old_file_when_a_fetch_fails, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_get__refuses_places_it_cannot_write, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test(test_get__computes_the_digest),
      cmocka_unit_test(test_get__is_unsupported_where_a_port_cannot),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
