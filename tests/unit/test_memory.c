/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <pixazo/memory.h>
#include <pixazo/store.h>

#include "base/mem.h"

static pixazo_status put_text(pixazo_store *store, const char *key, const char *text)
{
  pixazo_store_put_job job;
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = key;
  job.data = text;
  job.size = strlen(text);
  return pixazo_store_put(store, &job, NULL);
}

static void *use_all(void *argument)
{
  pixazo_store *store = argument;
  char key[32];
  for (int i = 0; i < 200; i++) {
    pixazo_blob *blob = NULL;
    (void)snprintf(key, sizeof key, "k%d", i % 20);
    if (put_text(store, key, "same for all") != PIXAZO_OK)
      return store;
    pixazo_status status = pixazo_store_get(store, key, 0, &blob, NULL);
    if (status != PIXAZO_OK && status != PIXAZO_E_NOT_FOUND)
      return store;
    if (blob && memcmp(pixazo_blob_data(blob), "same for all", 12) != 0)
      return store;
    (void)pixazo_blob_unref(blob);
    if (i % 3 == 0 && pixazo_store_remove(store, key, NULL) != PIXAZO_OK)
      return store;
  }
  return NULL;
}

static void test_memory__serves_many_threads(void **state)
{
  (void)state;
  pixazo_store *store = NULL;
  pthread_t threads[4];
  assert_int_equal(pixazo_store_new_memory(&store, NULL), PIXAZO_OK);
  for (size_t i = 0; i < PX_ARRAY_SIZE(threads); i++)
    assert_int_equal(pthread_create(&threads[i], NULL, use_all, store), 0);
  for (size_t i = 0; i < PX_ARRAY_SIZE(threads); i++) {
    void *failed = store;
    assert_int_equal(pthread_join(threads[i], &failed), 0);
    assert_null(failed);
  }
  (void)pixazo_store_unref(store);
}

static pixazo_status remove_while_reading(void *sink, const void *data, size_t size, pixazo_error **error)
{
  pixazo_store *store = sink;
  assert_int_equal(pixazo_store_remove(store, "k", error), PIXAZO_OK);
  assert_int_equal(size, 5);
  assert_memory_equal(data, "bytes", 5);
  return PIXAZO_OK;
}

static void test_memory__keeps_bytes_that_are_being_read(void **state)
{
  (void)state;
  pixazo_store *store = NULL;
  assert_int_equal(pixazo_store_new_memory(&store, NULL), PIXAZO_OK);
  assert_int_equal(put_text(store, "k", "bytes"), PIXAZO_OK);
  assert_int_equal(pixazo_store_get_range(store, "k", 0, UINT64_MAX, remove_while_reading, store, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_get_range(store, "k", 0, UINT64_MAX, remove_while_reading, store, NULL), PIXAZO_E_NOT_FOUND);
  (void)pixazo_store_unref(store);
}

static void test_memory__keeps_many_keys_in_order(void **state)
{
  (void)state;
  pixazo_store *store = NULL;
  char key[32], *text = NULL;
  assert_int_equal(pixazo_store_new_memory(&store, NULL), PIXAZO_OK);
  for (int i = 0; i < 100; i++) {
    (void)snprintf(key, sizeof key, "%03d", (i * 37) % 100);
    assert_int_equal(put_text(store, key, "x"), PIXAZO_OK);
  }
  for (int i = 0; i < 100; i += 2) {
    (void)snprintf(key, sizeof key, "%03d", i);
    assert_int_equal(pixazo_store_remove(store, key, NULL), PIXAZO_OK);
  }
  assert_int_equal(pixazo_store_list(store, NULL, "094", 0, &text, NULL), PIXAZO_OK);
  const char *first = strstr(text, "\"095\""), *second = strstr(text, "\"097\""), *third = strstr(text, "\"099\"");
  assert_true(first && second && third && first < second && second < third);
  assert_null(strstr(text, "\"096\""));
  pixazo_free(text);
  (void)pixazo_store_unref(store);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_memory__serves_many_threads),
      cmocka_unit_test(test_memory__keeps_bytes_that_are_being_read),
      cmocka_unit_test(test_memory__keeps_many_keys_in_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
