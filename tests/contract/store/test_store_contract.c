/* SPDX-License-Identifier: MIT */
/* What every store must do, run over each of them. A new store is one row in stores.c. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pixazo/memory.h>
#include <pixazo/store.h>

#include "stores.h"
#include "support/tmpdir.h"

typedef struct fixture {
  char *directory;
  pixazo_store *store;
} fixture;

static size_t current; /* row under test */

static int set_up(void **state)
{
  fixture *self = calloc(1, sizeof *self);
  self->directory = tmpdir_make();
  self->store = store_makers[current](self->directory);
  *state = self;
  return 0;
}

static int tear_down(void **state)
{
  fixture *self = *state;
  assert_null(pixazo_store_unref(self->store));
  tmpdir_remove(self->directory);
  free(self);
  return 0;
}

static pixazo_status put_text(pixazo_store *store, const char *key, const char *text, pixazo_error **error)
{
  pixazo_store_put_job job;
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = key;
  job.data = text;
  job.size = strlen(text);
  return pixazo_store_put(store, &job, error);
}

static void assert_holds(pixazo_store *store, const char *key, const char *text)
{
  pixazo_blob *blob = NULL;
  assert_int_equal(pixazo_store_get(store, key, 0, &blob, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_blob_size(blob), strlen(text));
  if (*text)
    assert_memory_equal(pixazo_blob_data(blob), text, strlen(text));
  (void)pixazo_blob_unref(blob);
}

static void write_file(const char *path, const char *text)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
  assert_int_equal(fclose(file), 0);
}

static void test_store__gives_back_what_was_put(void **state)
{
  pixazo_store *store = ((fixture *)*state)->store;
  assert_int_equal(put_text(store, "a.png", "first", NULL), PIXAZO_OK);
  assert_int_equal(put_text(store, "deep/er/\xC3\xA9 x.png", "second", NULL), PIXAZO_OK);
  assert_int_equal(put_text(store, "empty", "", NULL), PIXAZO_OK);
  assert_holds(store, "a.png", "first");
  assert_holds(store, "deep/er/\xC3\xA9 x.png", "second");
  assert_holds(store, "empty", "");
}

static void test_store__takes_the_same_bytes_again_and_refuses_others(void **state)
{
  pixazo_store *store = ((fixture *)*state)->store;
  pixazo_error *error = NULL;
  assert_int_equal(put_text(store, "k", "same", NULL), PIXAZO_OK);
  assert_int_equal(put_text(store, "k", "same", NULL), PIXAZO_OK);
  assert_int_equal(put_text(store, "k", "diff", &error), PIXAZO_E_EXISTS);
  assert_int_equal(pixazo_error_status(error), PIXAZO_E_EXISTS);
  pixazo_error_free(error);
  assert_int_equal(put_text(store, "k", "longer than before", NULL), PIXAZO_E_EXISTS);
  assert_holds(store, "k", "same");
}

static void test_store__refuses_bytes_that_are_not_those_announced(void **state)
{
  pixazo_store *store = ((fixture *)*state)->store;
  pixazo_store_put_job job;
  pixazo_store_info info;
  pixazo_store_put_job_init(&job, sizeof job);
  pixazo_store_info_init(&info, sizeof info);
  job.key = "k";
  job.data = "abc";
  job.size = 3;
  job.sha256 = "0000000000000000000000000000000000000000000000000000000000000000";
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_CORRUPT);
  assert_int_equal(pixazo_store_stat(store, "k", &info, NULL), PIXAZO_E_NOT_FOUND);
  job.sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_OK);
}

/* Gives "abcdefgh" three bytes at a time and counts its rewinds. */
typedef struct slow_source {
  size_t position;
  int rewinds;
} slow_source;

static pixazo_status read_slowly(void *self, void *buffer, size_t capacity, size_t *got, pixazo_error **error)
{
  static const char text[] = "abcdefgh";
  slow_source *from = self;
  size_t left = sizeof text - 1 - from->position;
  size_t size = left < 3 ? left : 3;
  (void)error;
  size = size < capacity ? size : capacity;
  memcpy(buffer, text + from->position, size);
  from->position += size;
  *got = size;
  return PIXAZO_OK;
}

static pixazo_status rewind_slowly(void *self, pixazo_error **error)
{
  slow_source *from = self;
  (void)error;
  from->position = 0;
  from->rewinds++;
  return PIXAZO_OK;
}

static void test_store__pulls_from_a_reader(void **state)
{
  pixazo_store *store = ((fixture *)*state)->store;
  slow_source from = {5, 0};
  pixazo_store_put_job job;
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = "pulled";
  job.read = read_slowly;
  job.rewind = rewind_slowly;
  job.source = &from;
  job.size = 8;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_OK);
  assert_holds(store, "pulled", "abcdefgh");
  job.key = "wrong";
  job.size = 9;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_CORRUPT);
  job.sha256 = "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab";
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_CORRUPT);
  job.size = 7;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_CORRUPT);
  job.size = 8;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_OK);
}

static pixazo_status read_badly(void *self, void *buffer, size_t capacity, size_t *got, pixazo_error **error)
{
  (void)self;
  (void)buffer;
  (void)capacity;
  (void)got;
  return pixazo_error_set(error, PIXAZO_E_TIMEOUT, "the tape is stuck");
}

static void test_store__returns_the_failure_of_the_reader(void **state)
{
  pixazo_store *store = ((fixture *)*state)->store;
  slow_source from = {0, 0};
  pixazo_error *error = NULL;
  pixazo_store_put_job job;
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = "k";
  job.read = read_badly;
  job.rewind = rewind_slowly;
  job.source = &from;
  job.size = 8;
  job.sha256 = "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab";
  assert_int_equal(pixazo_store_put(store, &job, &error), PIXAZO_E_TIMEOUT);
  assert_string_equal(pixazo_error_message(error), "the tape is stuck");
  pixazo_error_free(error);
  assert_int_equal(pixazo_store_remove(store, "k", NULL), PIXAZO_OK);
}

static void test_store__puts_and_fetches_files(void **state)
{
  fixture *self = *state;
  char *from = tmpdir_path(self->directory, "in.png");
  char *to = tmpdir_path(self->directory, "out.png");
  write_file(from, "picture");
  assert_int_equal(pixazo_store_put_file(self->store, "p/in.png", from, NULL, NULL), PIXAZO_OK);
  assert_int_equal(access(from, F_OK), 0);
  assert_int_equal(pixazo_store_fetch_file(self->store, "p/in.png", to, NULL), PIXAZO_OK);
  pixazo_blob *blob = NULL;
  assert_int_equal(pixazo_blob_new_from_file(to, 0, &blob, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_blob_size(blob), 7);
  (void)pixazo_blob_unref(blob);
  assert_int_equal(pixazo_store_fetch_file(self->store, "p/none.png", to, NULL), PIXAZO_E_NOT_FOUND);
  assert_int_equal(pixazo_store_put_file(self->store, "q", "/nonexistent/file", NULL, NULL), PIXAZO_E_NOT_FOUND);
  free(from);
  free(to);
}

static void test_store__takes_a_file_that_is_given_up(void **state)
{
  fixture *self = *state;
  char *path = tmpdir_path(self->directory, "given.png");
  pixazo_store_put_job job;
  pixazo_store_put_job_init(&job, sizeof job);
  job.path = path;
  job.flags = PIXAZO_STORE_TAKE | PIXAZO_STORE_DEFER_FLUSH;
  static const char *const keys[] = {"t/1", "t/1", "t/2"}; /* the second one is there already */
  for (size_t i = 0; i < 3; i++) {
    write_file(path, "given");
    job.key = keys[i];
    assert_int_equal(pixazo_store_put(self->store, &job, NULL), PIXAZO_OK);
    assert_int_equal(access(path, F_OK), -1);
  }
  assert_int_equal(pixazo_store_flush(self->store, NULL), PIXAZO_OK);
  assert_holds(self->store, "t/1", "given");
  assert_holds(self->store, "t/2", "given");
  write_file(path, "other");
  job.key = "t/1";
  assert_int_equal(pixazo_store_put(self->store, &job, NULL), PIXAZO_E_EXISTS);
  assert_int_equal(access(path, F_OK), 0); /* on failure it stays the caller's */
  free(path);
}

typedef struct gatherer {
  char text[64];
  size_t size;
  pixazo_status answer;
} gatherer;

static pixazo_status gather(void *sink, const void *data, size_t size, pixazo_error **error)
{
  gatherer *self = sink;
  if (self->answer != PIXAZO_OK)
    return pixazo_error_set(error, self->answer, "no more");
  assert_true(self->size + size < sizeof self->text);
  memcpy(self->text + self->size, data, size);
  self->size += size;
  self->text[self->size] = '\0';
  return PIXAZO_OK;
}

static void test_store__reads_ranges(void **state)
{
  pixazo_store *store = ((fixture *)*state)->store;
  static const struct {
    uint64_t offset, length;
    const char *wanted;
  } cases[] = {
      {0, UINT64_MAX, "0123456789"}, {3, 4, "3456"}, {8, 100, "89"}, {9, UINT64_MAX, "9"}, {10, 1, ""}, {11, 1, ""},
      {UINT64_MAX, UINT64_MAX, ""},  {2, 0, ""},
  };
  assert_int_equal(put_text(store, "digits", "0123456789", NULL), PIXAZO_OK);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    gatherer sink = {"", 0, PIXAZO_OK};
    assert_int_equal(pixazo_store_get_range(store, "digits", cases[i].offset, cases[i].length, gather, &sink, NULL),
                     PIXAZO_OK);
    assert_string_equal(sink.text, cases[i].wanted);
  }
  gatherer full = {"", 0, PIXAZO_E_CANCELLED};
  assert_int_equal(pixazo_store_get_range(store, "digits", 0, 5, gather, &full, NULL), PIXAZO_E_CANCELLED);
  assert_int_equal(pixazo_store_get_range(store, "none", 0, 5, gather, &full, NULL), PIXAZO_E_NOT_FOUND);
}

static void test_store__bounds_whole_reads(void **state)
{
  pixazo_store *store = ((fixture *)*state)->store;
  pixazo_blob *blob = NULL;
  assert_int_equal(put_text(store, "ten", "0123456789", NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_get(store, "ten", 9, &blob, NULL), PIXAZO_E_LIMIT);
  assert_int_equal(pixazo_store_get(store, "none", 9, &blob, NULL), PIXAZO_E_NOT_FOUND);
  assert_null(blob);
  assert_int_equal(pixazo_store_get(store, "ten", 10, &blob, NULL), PIXAZO_OK);
  (void)pixazo_blob_unref(blob);
}

static void test_store__tells_facts(void **state)
{
  pixazo_store *store = ((fixture *)*state)->store;
  pixazo_store_info info;
  char *sha256 = NULL;
  pixazo_store_info_init(&info, sizeof info);
  assert_int_equal(pixazo_store_stat(store, "f", &info, NULL), PIXAZO_E_NOT_FOUND);
  assert_int_equal(pixazo_store_digest(store, "f", &sha256, NULL), PIXAZO_E_NOT_FOUND);
  assert_int_equal(put_text(store, "f", "abc", NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_stat(store, "f", &info, NULL), PIXAZO_OK);
  assert_int_equal(info.size, 3);
  assert_true(info.modified_us > INT64_C(1700000000000000));
  assert_int_equal(pixazo_store_digest(store, "f", &sha256, NULL), PIXAZO_OK);
  assert_string_equal(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  pixazo_free(sha256);
}

static void test_store__removes_and_does_not_mind_absence(void **state)
{
  pixazo_store *store = ((fixture *)*state)->store;
  pixazo_store_info info;
  pixazo_store_info_init(&info, sizeof info);
  assert_int_equal(put_text(store, "a/b", "x", NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_remove(store, "a/b", NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_stat(store, "a/b", &info, NULL), PIXAZO_E_NOT_FOUND);
  assert_int_equal(pixazo_store_remove(store, "a/b", NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_remove(store, "never/was/there", NULL), PIXAZO_OK);
  assert_int_equal(put_text(store, "a/b", "other", NULL), PIXAZO_OK);
  assert_holds(store, "a/b", "other");
}

/* Joins the keys of one page with spaces; writes the next cursor. */
static void page(pixazo_store *store, const char *prefix, uint32_t limit, char *cursor, char *keys)
{
  char *text = NULL;
  assert_int_equal(pixazo_store_list(store, prefix, cursor, limit, &text, NULL), PIXAZO_OK);
  keys[0] = cursor[0] = '\0';
  assert_memory_equal(text, "{\"schema\":1,\"entries\":[", 23);
  for (const char *at = text; (at = strstr(at, "{\"key\":\"")); at++)
    (void)sprintf(keys + strlen(keys), "%.*s ", (int)strcspn(at + 8, "\""), at + 8);
  const char *more = strstr(text, "],\"cursor\":\"");
  if (more)
    (void)sprintf(cursor, "%.*s", (int)strcspn(more + 12, "\""), more + 12);
  pixazo_free(text);
}

static void test_store__lists_in_order_page_by_page(void **state)
{
  pixazo_store *store = ((fixture *)*state)->store;
  static const char *const keys[] = {"b/2", "a-b", "a/b", "a", "b/10", "a.b", "b/1/x", "\xC3\xA9", "Z", "b0"};
  char cursor[600] = "", got[600];
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    if (strcmp(keys[i], "a") != 0) /* a directory and a file cannot share a name everywhere */
      assert_int_equal(put_text(store, keys[i], "x", NULL), PIXAZO_OK);
  }
  page(store, NULL, 0, cursor, got);
  assert_string_equal(got, "Z a-b a.b a/b b/1/x b/10 b/2 b0 \xC3\xA9 ");
  assert_string_equal(cursor, "");
  page(store, "b/", 2, cursor, got);
  assert_string_equal(got, "b/1/x b/10 ");
  page(store, "b/", 2, cursor, got);
  assert_string_equal(got, "b/2 ");
  assert_string_equal(cursor, "");
  page(store, "a", 3, cursor, got);
  assert_string_equal(got, "a-b a.b a/b ");
  assert_string_equal(cursor, "");
  page(store, "none", 3, cursor, got);
  assert_string_equal(got, "");
}

static void test_store__refuses_hostile_keys_everywhere(void **state)
{
  pixazo_store *store = ((fixture *)*state)->store;
  static const char *const keys[] = {"",   "/",           "/etc/passwd", "..",   "../x",  "a/../b", "a/./b", "a//b",
                                     "a/", ".incoming/x", "a\\b",        "a\nb", "a\x7f", "\xFF",   "a/..",  "."};
  pixazo_store_info info;
  pixazo_blob *blob = NULL;
  pixazo_store_info_init(&info, sizeof info);
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    assert_int_equal(put_text(store, keys[i], "x", NULL), PIXAZO_E_ARGUMENT);
    assert_int_equal(pixazo_store_get(store, keys[i], 0, &blob, NULL), PIXAZO_E_ARGUMENT);
    assert_int_equal(pixazo_store_stat(store, keys[i], &info, NULL), PIXAZO_E_ARGUMENT);
    assert_int_equal(pixazo_store_remove(store, keys[i], NULL), PIXAZO_E_ARGUMENT);
  }
}

static void test_store__says_what_it_can_do(void **state)
{
  pixazo_store *store = ((fixture *)*state)->store;
  char *text = NULL;
  assert_int_equal(pixazo_store_supports(store, PIXAZO_STORE_CAN_GET), 1);
  assert_int_equal(pixazo_store_supports(store, 0), 0);
  assert_int_equal(pixazo_store_supports(store, 99), 0);
  assert_int_equal(pixazo_store_url(store, "k", 60, &text, NULL),
                   pixazo_store_supports(store, PIXAZO_STORE_CAN_URL) ? PIXAZO_OK : PIXAZO_E_UNSUPPORTED);
  pixazo_status wanted = pixazo_store_supports(store, PIXAZO_STORE_CAN_PATH) ? PIXAZO_OK : PIXAZO_E_UNSUPPORTED;
  assert_int_equal(pixazo_store_path(store, "k", &text, NULL), wanted);
  pixazo_free(text);
  assert_int_equal(pixazo_store_flush(store, NULL), PIXAZO_OK);
}

int main(void)
{
  int failed = 0;
#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      CASE(test_store__gives_back_what_was_put),
      CASE(test_store__takes_the_same_bytes_again_and_refuses_others),
      CASE(test_store__refuses_bytes_that_are_not_those_announced),
      CASE(test_store__pulls_from_a_reader),
      CASE(test_store__returns_the_failure_of_the_reader),
      CASE(test_store__puts_and_fetches_files),
      CASE(test_store__takes_a_file_that_is_given_up),
      CASE(test_store__reads_ranges),
      CASE(test_store__bounds_whole_reads),
      CASE(test_store__tells_facts),
      CASE(test_store__removes_and_does_not_mind_absence),
      CASE(test_store__lists_in_order_page_by_page),
      CASE(test_store__refuses_hostile_keys_everywhere),
      CASE(test_store__says_what_it_can_do),
  };
  for (current = 0; current < STORE_MAKERS; current++)
    failed += cmocka_run_group_tests(tests, NULL, NULL);
  return failed;
}
