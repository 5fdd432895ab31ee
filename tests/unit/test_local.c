/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <pixazo/log.h>
#include <pixazo/memory.h>
#include <pixazo/store.h>

#include "base/error.h"
#include "base/mem.h"
#include "support/tmpdir.h"

static pixazo_store *open_store(const char *directory, uint32_t file_mode, uint32_t directory_mode)
{
  pixazo_store_local_options options;
  pixazo_store *store = NULL;
  px_autoerror error = NULL;
  pixazo_store_local_options_init(&options, sizeof options);
  options.directory = directory;
  options.file_mode = file_mode;
  options.directory_mode = directory_mode;
  if (pixazo_store_new_local(&options, &store, &error) != PIXAZO_OK)
    fail_msg("%s", pixazo_error_message(error));
  return store;
}

static pixazo_status put_text(pixazo_store *store, const char *key, const char *text)
{
  pixazo_store_put_job job;
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = key;
  job.data = text;
  job.size = strlen(text);
  return pixazo_store_put(store, &job, NULL);
}

static mode_t mode_of(const char *directory, const char *name)
{
  struct stat facts;
  char *path = tmpdir_path(directory, name);
  assert_int_equal(lstat(path, &facts), 0);
  free(path);
  return facts.st_mode & 07777;
}

static void assert_modes(const char *directory, mode_t mask)
{
  mode_t before = umask(mask);
  char *one = tmpdir_path(directory, mask ? "tight/a" : "open/a");
  char *two = tmpdir_path(directory, mask ? "tight/b" : "open/b");
  pixazo_store *plain = open_store(one, 0, 0);
  pixazo_store *chosen = open_store(two, 0604, 0705);
  assert_int_equal(put_text(plain, "d/f", "x"), PIXAZO_OK);
  assert_int_equal(put_text(chosen, "d/f", "x"), PIXAZO_OK);
  (void)umask(before);
  assert_int_equal(mode_of(one, ""), 0750);
  assert_int_equal(mode_of(one, "d"), 0750);
  assert_int_equal(mode_of(one, ".incoming"), 0750);
  assert_int_equal(mode_of(one, "d/f"), 0640);
  assert_int_equal(mode_of(two, "d"), 0705);
  assert_int_equal(mode_of(two, "d/f"), 0604);
  (void)pixazo_store_unref(plain);
  (void)pixazo_store_unref(chosen);
  free(one);
  free(two);
}

static void test_local__sets_modes_whatever_the_umask_is(void **state)
{
  assert_modes(*state, 0);
  assert_modes(*state, 077);
}

static void test_local__makes_its_directory_and_finds_it_again(void **state)
{
  char *deep = tmpdir_path(*state, "a/b/c");
  pixazo_store *store = open_store(deep, 0, 0);
  assert_int_equal(put_text(store, "k/x", "kept"), PIXAZO_OK);
  (void)pixazo_store_unref(store);
  store = open_store(deep, 0, 0);
  pixazo_blob *blob = NULL;
  assert_int_equal(pixazo_store_get(store, "k/x", 0, &blob, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_blob_size(blob), 4);
  (void)pixazo_blob_unref(blob);
  (void)pixazo_store_unref(store);
  free(deep);
}

static void test_local__has_absolute_paths_although_the_program_moves(void **state)
{
  char *before = getcwd(NULL, 0), *path = NULL;
  assert_int_equal(chdir(*state), 0);
  pixazo_store *store = open_store("relative", 0, 0);
  assert_int_equal(chdir("/"), 0);
  assert_int_equal(put_text(store, "k", "x"), PIXAZO_OK);
  assert_int_equal(pixazo_store_path(store, "k", &path, NULL), PIXAZO_OK);
  assert_int_equal(path[0], '/');
  assert_int_equal(access(path, R_OK), 0);
  assert_int_equal(chdir(before), 0);
  pixazo_free(path);
  (void)pixazo_store_unref(store);
  free(before);
}

static void assert_not_opened(const char *directory, pixazo_status wanted)
{
  pixazo_store_local_options options;
  pixazo_store *store = NULL;
  pixazo_store_local_options_init(&options, sizeof options);
  options.directory = directory;
  assert_int_equal(pixazo_store_new_local(&options, &store, NULL), wanted);
  assert_null(store);
}

static void test_local__refuses_directories_that_are_none(void **state)
{
  char *file = tmpdir_path(*state, "file"), *below = tmpdir_path(*state, "file/below");
  char *trap = tmpdir_path(*state, "trap"), *incoming = tmpdir_path(*state, "trap/.incoming");
  int descriptor = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  (void)close(descriptor);
  assert_not_opened(file, PIXAZO_E_IO);
  assert_not_opened(below, PIXAZO_E_IO);
  assert_not_opened("", PIXAZO_E_ARGUMENT);
  assert_not_opened(NULL, PIXAZO_E_ARGUMENT);
  assert_int_equal(mkdir(trap, 0700), 0);
  assert_int_equal(symlink("/tmp", incoming), 0); /* unfinished files would be written elsewhere */
  assert_not_opened(trap, PIXAZO_E_IO);
  free(file);
  free(below);
  free(trap);
  free(incoming);
}

static void plant(const char *path, time_t age_seconds)
{
  struct timespec times[2] = {{0, 0}, {0, 0}};
  int descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  assert_true(descriptor >= 0);
  times[0].tv_sec = times[1].tv_sec = time(NULL) - age_seconds;
  assert_int_equal(futimens(descriptor, times), 0);
  (void)close(descriptor);
}

static void test_local__clears_away_what_dead_processes_left(void **state)
{
  char *old = tmpdir_path(*state, ".incoming/tmp-old"), *young = tmpdir_path(*state, ".incoming/tmp-young");
  char *other = tmpdir_path(*state, ".incoming/other");
  (void)pixazo_store_unref(open_store(*state, 0, 0));
  plant(old, 25 * 60 * 60);
  plant(young, 60 * 60);
  plant(other, 25 * 60 * 60);
  (void)pixazo_store_unref(open_store(*state, 0, 0));
  assert_int_equal(access(old, F_OK), -1);
  assert_int_equal(access(young, F_OK), 0);
  assert_int_equal(access(other, F_OK), 0);
  free(old);
  free(young);
  free(other);
}

/* Everything but a regular file under a key is refused, and what a link points at is never touched. */
static void test_local__never_reads_through_links(void **state)
{
  char *store_path = tmpdir_path(*state, "store"), *secret = tmpdir_path(*state, "secret"),
       *outside = tmpdir_path(*state, "outside");
  char *link = tmpdir_path(store_path, "link"), *directory = tmpdir_path(store_path, "directory"),
       *fifo = tmpdir_path(store_path, "fifo");
  pixazo_store *store = open_store(store_path, 0, 0);
  pixazo_blob *blob = NULL;
  pixazo_store_info info;
  pixazo_store_info_init(&info, sizeof info);
  plant(secret, 0);
  assert_int_equal(mkdir(outside, 0700), 0);
  assert_int_equal(symlink(secret, link), 0);
  assert_int_equal(symlink(outside, directory), 0);
  assert_int_equal(mkfifo(fifo, 0600), 0);
  assert_int_equal(pixazo_store_get(store, "link", 0, &blob, NULL), PIXAZO_E_IO);
  assert_int_equal(pixazo_store_stat(store, "link", &info, NULL), PIXAZO_E_IO);
  assert_int_equal(pixazo_store_get(store, "fifo", 0, &blob, NULL), PIXAZO_E_IO); /* and does not wait for a writer */
  assert_int_equal(pixazo_store_get(store, "directory/x", 0, &blob, NULL), PIXAZO_E_IO);
  assert_int_equal(pixazo_store_remove(store, "directory/x", NULL), PIXAZO_E_IO);
  assert_int_equal(pixazo_store_remove(store, "link", NULL), PIXAZO_OK); /* the link, not its target */
  assert_int_equal(access(secret, F_OK), 0);
  assert_null(blob);
  (void)pixazo_store_unref(store);
  char *all[] = {store_path, secret, outside, link, directory, fifo};
  for (size_t i = 0; i < PX_ARRAY_SIZE(all); i++)
    free(all[i]);
}

static void test_local__does_not_remove_directories(void **state)
{
  pixazo_store *store = open_store(*state, 0, 0);
  assert_int_equal(put_text(store, "d/f", "x"), PIXAZO_OK);
  assert_int_equal(pixazo_store_remove(store, "d", NULL), PIXAZO_E_IO);
  assert_int_equal(pixazo_store_remove(store, "d/f/g", NULL), PIXAZO_E_IO); /* a file is no directory */
  assert_int_equal(pixazo_store_remove(store, "d/f", NULL), PIXAZO_OK);
  (void)pixazo_store_unref(store);
}

static void test_local__keeps_its_log(void **state)
{
  pixazo_log *log = NULL;
  pixazo_store_local_options options;
  pixazo_store *store = NULL;
  assert_int_equal(pixazo_log_new(0, NULL, NULL, &log, NULL), PIXAZO_OK);
  pixazo_store_local_options_init(&options, sizeof options);
  options.directory = *state;
  options.log = log;
  assert_int_equal(pixazo_store_new_local(&options, &store, NULL), PIXAZO_OK);
  assert_null(pixazo_log_unref(log));
  assert_int_equal(put_text(store, "k", "x"), PIXAZO_OK);
  (void)pixazo_store_unref(store);
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, tmpdir_setup, tmpdir_teardown)
  const struct CMUnitTest tests[] = {
      CASE(test_local__sets_modes_whatever_the_umask_is),
      CASE(test_local__makes_its_directory_and_finds_it_again),
      CASE(test_local__has_absolute_paths_although_the_program_moves),
      CASE(test_local__refuses_directories_that_are_none),
      CASE(test_local__clears_away_what_dead_processes_left),
      CASE(test_local__never_reads_through_links),
      CASE(test_local__does_not_remove_directories),
      CASE(test_local__keeps_its_log),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
