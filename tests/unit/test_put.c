/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pixazo/store_backend.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "support/tmpdir.h"

/* What a port was given. */
typedef struct witness {
  int puts;
  char type[64], sha256[65], path[4096], bytes[64];
  uint64_t size, flags;
  pixazo_status answer;
} witness;

static pixazo_status see(void *self, const pixazo_store_put_job *job, pixazo_error **error)
{
  witness *seen = self;
  size_t got = 1, used = 0;
  seen->puts++;
  (void)strncpy(seen->type, job->content_type, sizeof seen->type - 1);
  (void)strncpy(seen->sha256, job->sha256, sizeof seen->sha256 - 1);
  (void)strncpy(seen->path, job->path ? job->path : "", sizeof seen->path - 1);
  seen->size = job->size;
  seen->flags = job->flags;
  while (got > 0 && used < sizeof seen->bytes - 1) {
    assert_int_equal(job->read(job->source, seen->bytes + used, 2, &got, error), PIXAZO_OK);
    used += got;
  }
  seen->bytes[used] = '\0';
  assert_int_equal(job->rewind(job->source, error), PIXAZO_OK);
  assert_int_equal(job->read(job->source, seen->bytes, 1, &got, error), PIXAZO_OK);
  return seen->answer == PIXAZO_OK ? PIXAZO_OK : pixazo_error_set(error, seen->answer, "no");
}

static pixazo_store *witness_store(witness *seen)
{
  pixazo_store_ops ops;
  pixazo_store *store = NULL;
  pixazo_store_ops_init(&ops, sizeof ops);
  ops.put = see;
  assert_int_equal(pixazo_store_new_custom(&ops, seen, 0, &store, NULL), PIXAZO_OK);
  return store;
}

static const char abc_sha256[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void test_put__completes_the_job_for_the_port(void **state)
{
  witness seen = {0};
  pixazo_store *store = witness_store(&seen);
  char *path = tmpdir_path(*state, "x.bin");
  assert_int_equal(px_file_replace(path, "abc", 3, 0600, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_put_file(store, "k/x.webp", path, NULL, NULL), PIXAZO_OK);
  assert_int_equal(seen.size, 3);
  assert_string_equal(seen.sha256, abc_sha256);
  assert_string_equal(seen.type, "image/webp");
  assert_string_equal(seen.path, path);
  assert_string_equal(seen.bytes, "abc");
  assert_int_equal(pixazo_store_put_file(store, "k", path, "text/x", NULL), PIXAZO_OK);
  assert_string_equal(seen.type, "text/x");
  assert_int_equal(pixazo_store_put_file(store, "k", path, NULL, NULL), PIXAZO_OK);
  assert_string_equal(seen.type, "application/octet-stream");
  free(path);
  (void)pixazo_store_unref(store);
}

static void test_put__refuses_jobs_that_contradict_themselves(void **state)
{
  (void)state;
  witness seen = {0};
  pixazo_store *store = witness_store(&seen);
  pixazo_store_put_job job, good;
  pixazo_store_put_job_init(&good, sizeof good);
  good.key = "k";
  good.data = "abc";
  good.size = 3;
  assert_int_equal(pixazo_store_put(store, NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_put(NULL, &good, NULL), PIXAZO_E_ARGUMENT);
  job = good;
  job.key = NULL;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_ARGUMENT);
  job = good;
  job.path = "x";
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_ARGUMENT);
  job = good;
  job.data = NULL;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_ARGUMENT);
  job = good;
  job.flags = PIXAZO_STORE_TAKE;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_ARGUMENT);
  job = good;
  job.flags = 1u << 20;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_ARGUMENT);
  job = good;
  job.sha256 = "abc";
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_ARGUMENT);
  job = good;
  job.struct_size = 3;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_ABI);
  assert_int_equal(pixazo_store_put_file(store, "k", NULL, NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(seen.puts, 0);
  assert_int_equal(pixazo_store_put(store, &good, NULL), PIXAZO_OK);
  (void)pixazo_store_unref(store);
}

static void test_put__reads_regular_files_only(void **state)
{
  witness seen = {0};
  pixazo_store *store = witness_store(&seen);
  char *path = tmpdir_path(*state, "file"), *link = tmpdir_path(*state, "link");
  pixazo_store_put_job job;
  assert_int_equal(px_file_replace(path, "abc", 3, 0600, NULL), PIXAZO_OK);
  assert_int_equal(symlink(path, link), 0);
  assert_int_equal(pixazo_store_put_file(store, "k", link, NULL, NULL), PIXAZO_E_IO);
  assert_int_equal(pixazo_store_put_file(store, "k", *state, NULL, NULL), PIXAZO_E_IO);
  assert_int_equal(pixazo_store_put_file(store, "k", "/dev/zero", NULL, NULL), PIXAZO_E_IO);
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = "k";
  job.path = path;
  job.size = 4;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_CORRUPT);
  assert_int_equal(seen.puts, 0);
  free(path);
  free(link);
  (void)pixazo_store_unref(store);
}

static void test_put__removes_a_file_given_up_only_after_success(void **state)
{
  witness seen = {.answer = PIXAZO_E_IO};
  pixazo_store *store = witness_store(&seen);
  char *path = tmpdir_path(*state, "file");
  pixazo_store_put_job job;
  assert_int_equal(px_file_replace(path, "abc", 3, 0600, NULL), PIXAZO_OK);
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = "k";
  job.path = path;
  job.flags = PIXAZO_STORE_TAKE;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_IO);
  assert_int_equal(access(path, F_OK), 0);
  seen.answer = PIXAZO_OK;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_OK);
  assert_int_equal(seen.flags, PIXAZO_STORE_TAKE);
  assert_int_equal(access(path, F_OK), -1);
  free(path);
  (void)pixazo_store_unref(store);
}

static void test_put__keeps_a_stored_file_that_is_given_up_to_its_own_name(void **state)
{
  pixazo_store_local_options options;
  pixazo_store *store = NULL;
  px_autofree char *path = NULL;
  pixazo_store_put_job job;
  pixazo_store_local_options_init(&options, sizeof options);
  options.directory = *state;
  assert_int_equal(pixazo_store_new_local(&options, &store, NULL), PIXAZO_OK);
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = "k";
  job.data = "abc";
  job.size = 3;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_path(store, "k", &path, NULL), PIXAZO_OK);
  job.data = NULL;
  job.path = path;
  job.flags = PIXAZO_STORE_TAKE;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_OK);
  assert_int_equal(access(path, F_OK), 0);
  (void)pixazo_store_unref(store);
}

/* A store that moves files looks at them itself: what is said about one is found out there. */
static void test_put__tells_what_is_wrong_with_a_file_that_shall_be_moved(void **state)
{
  pixazo_store_local_options options;
  pixazo_store *store = NULL;
  char *path = tmpdir_path(*state, "file"), *directory = tmpdir_path(*state, "store");
  pixazo_store_put_job job;
  pixazo_store_local_options_init(&options, sizeof options);
  options.directory = directory;
  assert_int_equal(pixazo_store_new_local(&options, &store, NULL), PIXAZO_OK);
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = "k";
  job.path = path;
  job.flags = PIXAZO_STORE_TAKE;
  job.sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; /* of "abc" */
  job.size = 3;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_NOT_FOUND);
  assert_int_equal(px_file_replace(path, "abcd", 4, 0600, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_CORRUPT);
  assert_int_equal(access(path, F_OK), 0);
  assert_int_equal(pixazo_store_stat(store, "k", &(pixazo_store_info){.struct_size = sizeof(pixazo_store_info)}, NULL),
                   PIXAZO_E_NOT_FOUND);
  assert_int_equal(px_file_replace(path, "abc", 3, 0600, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_OK);
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(px_file_replace(path, "abc", 3, 0600, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_OK); /* it is there: the other copy goes */
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(px_file_replace(path, "abcd", 4, 0600, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_E_CORRUPT); /* what is there is no copy of it */
  assert_int_equal(access(path, F_OK), 0);
  free(path);
  free(directory);
  (void)pixazo_store_unref(store);
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, tmpdir_setup, tmpdir_teardown)
  const struct CMUnitTest tests[] = {
      CASE(test_put__completes_the_job_for_the_port),
      CASE(test_put__refuses_jobs_that_contradict_themselves),
      CASE(test_put__reads_regular_files_only),
      CASE(test_put__removes_a_file_given_up_only_after_success),
      CASE(test_put__keeps_a_stored_file_that_is_given_up_to_its_own_name),
      CASE(test_put__tells_what_is_wrong_with_a_file_that_shall_be_moved),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
