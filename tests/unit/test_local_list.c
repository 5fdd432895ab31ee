/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pixazo/memory.h>
#include <pixazo/store.h>

#include "base/mem.h"
#include "support/tmpdir.h"

static pixazo_store *open_store(const char *directory)
{
  pixazo_store_local_options options;
  pixazo_store *store = NULL;
  pixazo_store_local_options_init(&options, sizeof options);
  options.directory = directory;
  assert_int_equal(pixazo_store_new_local(&options, &store, NULL), PIXAZO_OK);
  return store;
}

static void put_text(pixazo_store *store, const char *key)
{
  pixazo_store_put_job job;
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = key;
  job.data = "12345";
  job.size = 5;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_OK);
}

static void make_file(const char *directory, const char *name)
{
  char *path = tmpdir_path(directory, name);
  int descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  assert_true(descriptor >= 0);
  (void)close(descriptor);
  free(path);
}

static void test_local_list__shows_stored_files_only(void **state)
{
  pixazo_store *store = open_store(*state);
  char *link = tmpdir_path(*state, "link"), *fifo = tmpdir_path(*state, "fifo"), *directory = tmpdir_path(*state, "linked");
  char *empty = tmpdir_path(*state, "empty"), *text = NULL;
  put_text(store, "a/x.png");
  put_text(store, "b.png");
  make_file(*state, ".incoming/tmp-1");
  make_file(*state, "back\\slash");
  make_file(*state, "new\nline");
  assert_int_equal(symlink("b.png", link), 0);
  assert_int_equal(symlink("a", directory), 0);
  assert_int_equal(mkfifo(fifo, 0600), 0);
  assert_int_equal(mkdir(empty, 0700), 0);
  assert_int_equal(pixazo_store_list(store, NULL, NULL, 0, &text, NULL), PIXAZO_OK);
  int64_t first, second;
  assert_int_equal(sscanf(text,
                          "{\"schema\":1,\"entries\":[{\"key\":\"a/x.png\",\"size\":5,\"modified_us\":%ld},"
                          "{\"key\":\"b.png\",\"size\":5,\"modified_us\":%ld}]}",
                          &first, &second),
                   2);
  assert_string_equal(text + strlen(text) - 3, "}]}");
  pixazo_free(text);
  (void)pixazo_store_unref(store);
  free(link);
  free(fifo);
  free(directory);
  free(empty);
}

/* Visits every key once, whatever the size of the pages is. */
static void test_local_list__visits_each_key_once(void **state)
{
  pixazo_store *store = open_store(*state);
  char key[64];
  for (int i = 0; i < 60; i++) {
    static const char *const parents[] = {"", "a/", "a-/", "a/b/", "a.b/", "c/d/e/"};
    (void)snprintf(key, sizeof key, "%s%02d", parents[i % 6], i);
    put_text(store, key);
  }
  for (uint32_t limit = 1; limit < 70; limit += 7) {
    char cursor[600] = "", last[600] = "";
    int seen = 0;
    bool more = true;
    while (more) {
      char *text = NULL;
      assert_int_equal(pixazo_store_list(store, "", cursor, limit, &text, NULL), PIXAZO_OK);
      for (const char *at = text; (at = strstr(at, "{\"key\":\"")); at++, seen++) {
        (void)snprintf(key, sizeof key, "%.*s", (int)strcspn(at + 8, "\""), at + 8);
        assert_true(strcmp(key, last) > 0);
        (void)snprintf(last, sizeof last, "%s", key);
      }
      const char *next = strstr(text, "],\"cursor\":\"");
      more = next != NULL;
      if (more)
        (void)snprintf(cursor, sizeof cursor, "%.*s", (int)strcspn(next + 12, "\""), next + 12);
      pixazo_free(text);
    }
    assert_int_equal(seen, 60);
  }
  (void)pixazo_store_unref(store);
}

static void test_local_list__takes_a_prefix_that_ends_inside_a_name(void **state)
{
  pixazo_store *store = open_store(*state);
  char *text = NULL;
  put_text(store, "2026/11/a");
  put_text(store, "2026/12/b");
  put_text(store, "2027/11/c");
  assert_int_equal(pixazo_store_list(store, "2026/1", "2026/11/a", 0, &text, NULL), PIXAZO_OK);
  assert_non_null(strstr(text, "2026/12/b"));
  assert_null(strstr(text, "2026/11/a"));
  assert_null(strstr(text, "2027"));
  pixazo_free(text);
  (void)pixazo_store_unref(store);
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, tmpdir_setup, tmpdir_teardown)
  const struct CMUnitTest tests[] = {
      CASE(test_local_list__shows_stored_files_only),
      CASE(test_local_list__visits_each_key_once),
      CASE(test_local_list__takes_a_prefix_that_ends_inside_a_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
