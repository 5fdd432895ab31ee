/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pixazo/store.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "support/tmpdir.h"

/* The system calls of a put go through these, so that a test may make the n-th of them fail and count flushes. */
enum { NO_CALL, WRITE, FSYNC, RENAME };
static atomic_int failing, countdown, failure, file_flushes, directory_flushes;

static bool fails(int call)
{
  if (atomic_load(&failing) != call || atomic_fetch_sub(&countdown, 1) != 1)
    return false;
  errno = atomic_load(&failure);
  return true;
}

ssize_t write(int descriptor, const void *data, size_t size)
{
  return fails(WRITE) ? -1 : syscall(SYS_write, descriptor, data, size);
}

int fsync(int descriptor)
{
  struct stat facts;
  if (fails(FSYNC))
    return -1;
  if (fstat(descriptor, &facts) == 0)
    atomic_fetch_add(S_ISDIR(facts.st_mode) ? &directory_flushes : &file_flushes, 1);
  return 0; /* how fast the disk of the test machine is does not matter here */
}

int renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
  if (fails(RENAME))
    return -1;
  return (int)syscall(SYS_renameat2, from, old, to, new, flags);
}

static void fail_at(int call, int number, int nth)
{
  atomic_store(&failure, number);
  atomic_store(&countdown, nth);
  atomic_store(&failing, call);
}

static void reset_counts(void)
{
  fail_at(NO_CALL, 0, 0);
  atomic_store(&file_flushes, 0);
  atomic_store(&directory_flushes, 0);
}

static pixazo_store *open_store(const char *directory)
{
  pixazo_store_local_options options;
  pixazo_store *store = NULL;
  pixazo_store_local_options_init(&options, sizeof options);
  options.directory = directory;
  assert_int_equal(pixazo_store_new_local(&options, &store, NULL), PIXAZO_OK);
  reset_counts();
  return store;
}

static pixazo_status put_text(pixazo_store *store, const char *key, const char *text, uint64_t flags)
{
  pixazo_store_put_job job;
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = key;
  job.data = text;
  job.size = strlen(text);
  job.flags = flags;
  return pixazo_store_put(store, &job, NULL);
}

static pixazo_status give_up(pixazo_store *store, const char *key, const char *path, uint64_t flags)
{
  pixazo_store_put_job job;
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = key;
  job.path = path;
  job.flags = flags | PIXAZO_STORE_TAKE;
  return pixazo_store_put(store, &job, NULL);
}

static int count_entries(const char *directory, const char *name)
{
  int count = 0;
  char *path = tmpdir_path(directory, name);
  DIR *entries = opendir(path);
  assert_non_null(entries);
  while (readdir(entries))
    count++;
  (void)closedir(entries);
  free(path);
  return count - 2;
}

static void write_file(const char *path, const char *text)
{
  int descriptor = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  assert_int_equal(syscall(SYS_write, descriptor, text, strlen(text)), strlen(text));
  (void)close(descriptor);
}

static ino_t inode_of(const char *path)
{
  struct stat facts;
  assert_int_equal(stat(path, &facts), 0);
  return facts.st_ino;
}

static void test_local_put__renames_a_file_that_is_given_up(void **state)
{
  char *root = tmpdir_path(*state, "store"), *path = tmpdir_path(*state, "spool.part"), *to = tmpdir_path(root, "a/k.png");
  struct stat facts;
  pixazo_store *store = open_store(root);
  write_file(path, "picture");
  ino_t inode = inode_of(path);
  assert_int_equal(give_up(store, "a/k.png", path, 0), PIXAZO_OK);
  assert_int_equal(stat(to, &facts), 0);
  assert_true(facts.st_ino == inode);
  assert_int_equal(facts.st_mode & 07777, 0640);
  (void)pixazo_store_unref(store);
  free(root);
  free(path);
  free(to);
}

static void test_local_put__copies_a_file_that_has_other_names(void **state)
{
  char *root = tmpdir_path(*state, "store"), *path = tmpdir_path(*state, "one"), *other = tmpdir_path(*state, "two");
  char *to = tmpdir_path(root, "k");
  pixazo_store *store = open_store(root);
  write_file(path, "picture");
  assert_int_equal(link(path, other), 0); /* whoever holds it could change the stored bytes */
  assert_int_equal(give_up(store, "k", path, 0), PIXAZO_OK);
  assert_true(inode_of(to) != inode_of(other));
  assert_int_equal(access(path, F_OK), -1);
  (void)pixazo_store_unref(store);
  free(root);
  free(path);
  free(other);
  free(to);
}

static void put_group(pixazo_store *store, const char *directory, uint64_t flags)
{
  char key[32];
  char *path = tmpdir_path(directory, "spool.part");
  for (int i = 0; i < 10; i++) {
    (void)snprintf(key, sizeof key, "%s%d", i < 5 ? "d/" : "e/", i);
    write_file(path, key);
    assert_int_equal(give_up(store, key, path, flags), PIXAZO_OK);
  }
  free(path);
}

static void test_local_put__flushes_each_directory_once_for_a_group(void **state)
{
  char *root = tmpdir_path(*state, "store");
  pixazo_store *store = open_store(root);
  assert_int_equal(put_text(store, "d/first", "x", 0), PIXAZO_OK);
  assert_int_equal(put_text(store, "e/first", "x", 0), PIXAZO_OK);
  reset_counts();
  put_group(store, *state, PIXAZO_STORE_DEFER_FLUSH);
  assert_int_equal(file_flushes, 10);
  assert_int_equal(directory_flushes, 0);
  assert_int_equal(pixazo_store_flush(store, NULL), PIXAZO_OK);
  assert_int_equal(directory_flushes, 2);
  assert_int_equal(pixazo_store_flush(store, NULL), PIXAZO_OK);
  assert_int_equal(directory_flushes, 2);
  (void)pixazo_store_unref(store);
  free(root);
}

static void test_local_put__does_not_flush_what_is_on_the_disk(void **state)
{
  char *root = tmpdir_path(*state, "store");
  pixazo_store *store = open_store(root);
  assert_int_equal(put_text(store, "d/first", "x", 0), PIXAZO_OK);
  assert_int_equal(put_text(store, "e/first", "x", 0), PIXAZO_OK);
  reset_counts();
  put_group(store, *state, PIXAZO_STORE_FLUSHED);
  assert_int_equal(file_flushes, 0);
  assert_int_equal(directory_flushes, 10);
  (void)pixazo_store_unref(store);
  free(root);
}

static void test_local_put__flushes_before_it_returns_when_not_told_otherwise(void **state)
{
  pixazo_store *store = open_store(*state);
  assert_int_equal(put_text(store, "k", "x", 0), PIXAZO_OK);
  assert_int_equal(file_flushes, 1);
  assert_int_equal(directory_flushes, 1);
  assert_int_equal(put_text(store, "k", "x", 0), PIXAZO_OK); /* there already: its entry may not be on the disk yet */
  assert_int_equal(file_flushes, 1);
  assert_int_equal(directory_flushes, 2);
  (void)pixazo_store_unref(store);
}

static void test_local_put__leaves_nothing_behind_when_the_disk_fails(void **state)
{
  static const struct {
    int call, number;
  } cases[] = {{WRITE, ENOSPC}, {WRITE, EIO},  {WRITE, EDQUOT}, {FSYNC, EIO},
               {FSYNC, ENOSPC}, {RENAME, EIO}, {RENAME, EROFS}};
  pixazo_store *store = open_store(*state);
  pixazo_store_info info;
  pixazo_store_info_init(&info, sizeof info);
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    fail_at(cases[i].call, cases[i].number, 1);
    assert_int_equal(put_text(store, "k", "bytes", 0), PIXAZO_E_IO);
    assert_int_equal(count_entries(*state, ".incoming"), 0);
    assert_int_equal(pixazo_store_stat(store, "k", &info, NULL), PIXAZO_E_NOT_FOUND);
  }
  reset_counts();
  assert_int_equal(put_text(store, "k", "bytes", 0), PIXAZO_OK);
  (void)pixazo_store_unref(store);
}

static void test_local_put__goes_on_after_an_interrupted_write(void **state)
{
  pixazo_store *store = open_store(*state);
  fail_at(WRITE, EINTR, 1);
  assert_int_equal(put_text(store, "k", "bytes", 0), PIXAZO_OK);
  (void)pixazo_store_unref(store);
}

static void test_local_put__keeps_a_given_file_when_it_cannot_move_it(void **state)
{
  char *root = tmpdir_path(*state, "store"), *path = tmpdir_path(*state, "spool.part");
  pixazo_store *store = open_store(root);
  write_file(path, "picture");
  fail_at(FSYNC, EIO, 1);
  assert_int_equal(give_up(store, "k", path, 0), PIXAZO_E_IO);
  assert_int_equal(access(path, F_OK), 0);
  fail_at(RENAME, ENOSPC, 1);
  assert_int_equal(give_up(store, "k", path, 0), PIXAZO_E_IO);
  assert_int_equal(access(path, F_OK), 0);
  assert_int_equal(give_up(store, "k", path, 0), PIXAZO_OK);
  (void)pixazo_store_unref(store);
  free(root);
  free(path);
}

/* What is stored counts when its name is on the disk: only then may the other copy go. */
static void test_local_put__keeps_a_given_file_until_its_copy_has_its_name_on_the_disk(void **state)
{
  char *root = tmpdir_path(*state, "store"), *path = tmpdir_path(*state, "one"), *other = tmpdir_path(*state, "two");
  pixazo_store *store = open_store(root);
  write_file(path, "picture");
  assert_int_equal(link(path, other), 0);
  fail_at(FSYNC, EIO, 2); /* of the directory, after that of the copy */
  assert_int_equal(give_up(store, "k", path, 0), PIXAZO_E_IO);
  assert_int_equal(access(path, F_OK), 0);
  assert_int_equal(unlink(other), 0);
  fail_at(FSYNC, EIO, 2); /* of the directory, after that of the file: the same bytes are there */
  assert_int_equal(give_up(store, "k", path, 0), PIXAZO_E_IO);
  assert_int_equal(access(path, F_OK), 0);
  reset_counts();
  assert_int_equal(give_up(store, "k", path, 0), PIXAZO_OK);
  assert_int_equal(access(path, F_OK), -1);
  (void)pixazo_store_unref(store);
  free(root);
  free(path);
  free(other);
}

static void test_local_put__copies_across_a_mount_and_flushes_before_the_original_goes(void **state)
{
  char *root = tmpdir_path(*state, "store"), *path = tmpdir_path(*state, "one"), *to = tmpdir_path(root, "k");
  pixazo_store *store = open_store(root);
  write_file(path, "picture");
  ino_t inode = inode_of(path);
  fail_at(RENAME, EXDEV, 1);
  assert_int_equal(give_up(store, "k", path, PIXAZO_STORE_DEFER_FLUSH), PIXAZO_OK);
  assert_int_equal(access(path, F_OK), -1);
  assert_true(inode_of(to) != inode);
  assert_int_equal(directory_flushes, 1); /* not with the next flush of the store: there is no other copy any more */
  (void)pixazo_store_unref(store);
  free(root);
  free(path);
  free(to);
}

static void test_local_put__does_without_the_rename_flag(void **state)
{
  pixazo_store *store = open_store(*state);
  fail_at(RENAME, EINVAL, 1);
  assert_int_equal(put_text(store, "k", "bytes", 0), PIXAZO_OK);
  assert_int_equal(count_entries(*state, ".incoming"), 0);
  fail_at(RENAME, EINVAL, 1);
  assert_int_equal(put_text(store, "k2", "bytes", 0), PIXAZO_OK);
  assert_int_equal(put_text(store, "k2", "other", 0), PIXAZO_E_EXISTS);
  (void)pixazo_store_unref(store);
}

static void test_local_put__tells_every_later_flush_that_one_failed(void **state)
{
  pixazo_store *store = open_store(*state);
  assert_int_equal(put_text(store, "k", "bytes", PIXAZO_STORE_DEFER_FLUSH), PIXAZO_OK);
  fail_at(FSYNC, EIO, 1);
  assert_int_equal(pixazo_store_flush(store, NULL), PIXAZO_E_IO);
  reset_counts();
  assert_int_equal(pixazo_store_flush(store, NULL), PIXAZO_E_IO);
  assert_int_equal(put_text(store, "k", "bytes", 0), PIXAZO_OK); /* flushes for itself */
  assert_int_equal(directory_flushes, 1);
  (void)pixazo_store_unref(store);
}

static void test_local_put__never_writes_through_links(void **state)
{
  char *root = tmpdir_path(*state, "store"), *outside = tmpdir_path(*state, "outside"),
       *victim = tmpdir_path(outside, "victim");
  char *link_file = tmpdir_path(root, "link"), *link_directory = tmpdir_path(root, "dir"), *fifo = tmpdir_path(root, "fifo");
  char *folder = tmpdir_path(root, "folder"), *dangling = tmpdir_path(root, "dangling"),
       *nowhere = tmpdir_path(outside, "nowhere");
  pixazo_store *store = open_store(root);
  assert_int_equal(mkdir(outside, 0700), 0);
  write_file(victim, "old");
  assert_int_equal(symlink(victim, link_file), 0);
  assert_int_equal(symlink(outside, link_directory), 0);
  assert_int_equal(symlink(nowhere, dangling), 0);
  assert_int_equal(mkfifo(fifo, 0600), 0);
  assert_int_equal(mkdir(folder, 0700), 0);
  static const char *const keys[] = {"link", "dir/victim", "dir/new", "dangling", "fifo", "fifo/x", "folder", "link/x"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(keys); i++)
    assert_int_equal(put_text(store, keys[i], "new", 0), PIXAZO_E_IO);
  assert_int_equal(count_entries(outside, ""), 1);
  assert_int_equal(count_entries(root, ".incoming"), 0);
  struct stat facts;
  assert_int_equal(stat(victim, &facts), 0);
  assert_int_equal(facts.st_size, 3);
  (void)pixazo_store_unref(store);
  char *all[] = {root, outside, victim, link_file, link_directory, fifo, folder, dangling, nowhere};
  for (size_t i = 0; i < PX_ARRAY_SIZE(all); i++)
    free(all[i]);
}

static void test_local_put__is_not_killed_by_the_limit_of_file_sizes(void **state)
{
  pixazo_store *store = open_store(*state);
  char *text = malloc(100001);
  memset(text, 'x', 100000);
  text[100000] = '\0';
  pid_t child = fork();
  if (child == 0) {
    struct rlimit limit = {50000, 50000};
    (void)setrlimit(RLIMIT_FSIZE, &limit);
    pixazo_store *own = NULL;
    pixazo_store_local_options options;
    pixazo_store_local_options_init(&options, sizeof options);
    options.directory = *state;
    int result = pixazo_store_new_local(&options, &own, NULL) != PIXAZO_OK;
    result |= (put_text(own, "large", text, 0) != PIXAZO_E_IO) << 1;
    result |= (put_text(own, "small", "x", 0) != PIXAZO_OK) << 2;
    _exit(result);
  }
  int result = -1;
  assert_int_equal(waitpid(child, &result, 0), child);
  assert_int_equal(result, 0);
  assert_int_equal(count_entries(*state, ".incoming"), 0);
  free(text);
  (void)pixazo_store_unref(store);
}

enum { ROUNDS = 150 };

/* Puts the same keys as its twin; returns how many puts did not end well. */
static int race(const char *directory, const char *text, pixazo_status also)
{
  pixazo_store *store = open_store(directory);
  int wrong = 0;
  for (int i = 0; i < ROUNDS; i++) {
    char key[32];
    (void)snprintf(key, sizeof key, "d%d/k%d", i % 3, i);
    pixazo_status status = put_text(store, key, text, 0);
    wrong += status != PIXAZO_OK && status != also;
  }
  (void)pixazo_store_unref(store);
  return wrong;
}

static int race_two_processes(const char *directory, const char *mine, const char *theirs, pixazo_status also)
{
  pid_t child = fork();
  if (child == 0)
    _exit(race(directory, theirs, also) != 0);
  int wrong = race(directory, mine, also);
  int result = -1;
  assert_int_equal(waitpid(child, &result, 0), child);
  return wrong + (result != 0);
}

static void test_local_put__lets_two_processes_put_the_same(void **state)
{
  assert_int_equal(race_two_processes(*state, "the same bytes", "the same bytes", PIXAZO_OK), 0);
  assert_int_equal(count_entries(*state, ".incoming"), 0);
  for (int i = 0; i < 3; i++) {
    char name[16];
    (void)snprintf(name, sizeof name, "d%d", i);
    assert_int_equal(count_entries(*state, name), ROUNDS / 3);
  }
}

static void test_local_put__never_replaces_what_another_process_put(void **state)
{
  assert_int_equal(race_two_processes(*state, "aaaaaaaa", "bbbbbbbb", PIXAZO_E_EXISTS), 0);
  pixazo_store *store = open_store(*state);
  for (int i = 0; i < ROUNDS; i++) {
    char key[32];
    (void)snprintf(key, sizeof key, "d%d/k%d", i % 3, i);
    pixazo_status first = put_text(store, key, "aaaaaaaa", 0), second = put_text(store, key, "bbbbbbbb", 0);
    assert_int_equal((first == PIXAZO_OK) + (second == PIXAZO_OK), 1);
  }
  (void)pixazo_store_unref(store);
}

static void *put_and_flush(void *argument)
{
  pixazo_store *store = argument;
  for (int i = 0; i < 50; i++) {
    char key[48];
    (void)snprintf(key, sizeof key, "d%d/%lx-%d", i % 5, (unsigned long)pthread_self(), i);
    if (put_text(store, key, "x", PIXAZO_STORE_DEFER_FLUSH) != PIXAZO_OK)
      return store;
    if (i % 10 == 9 && pixazo_store_flush(store, NULL) != PIXAZO_OK)
      return store;
  }
  return NULL;
}

static void test_local_put__serves_many_threads(void **state)
{
  pixazo_store *store = open_store(*state);
  pthread_t threads[4];
  for (size_t i = 0; i < PX_ARRAY_SIZE(threads); i++)
    assert_int_equal(pthread_create(&threads[i], NULL, put_and_flush, store), 0);
  for (size_t i = 0; i < PX_ARRAY_SIZE(threads); i++) {
    void *failed = store;
    assert_int_equal(pthread_join(threads[i], &failed), 0);
    assert_null(failed);
  }
  (void)pixazo_store_unref(store);
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, tmpdir_setup, tmpdir_teardown)
  const struct CMUnitTest tests[] = {
      CASE(test_local_put__renames_a_file_that_is_given_up),
      CASE(test_local_put__copies_a_file_that_has_other_names),
      CASE(test_local_put__flushes_each_directory_once_for_a_group),
      CASE(test_local_put__does_not_flush_what_is_on_the_disk),
      CASE(test_local_put__flushes_before_it_returns_when_not_told_otherwise),
      CASE(test_local_put__leaves_nothing_behind_when_the_disk_fails),
      CASE(test_local_put__goes_on_after_an_interrupted_write),
      CASE(test_local_put__keeps_a_given_file_when_it_cannot_move_it),
      CASE(test_local_put__keeps_a_given_file_until_its_copy_has_its_name_on_the_disk),
      CASE(test_local_put__copies_across_a_mount_and_flushes_before_the_original_goes),
      CASE(test_local_put__does_without_the_rename_flag),
      CASE(test_local_put__tells_every_later_flush_that_one_failed),
      CASE(test_local_put__never_writes_through_links),
      CASE(test_local_put__is_not_killed_by_the_limit_of_file_sizes),
      CASE(test_local_put__lets_two_processes_put_the_same),
      CASE(test_local_put__never_replaces_what_another_process_put),
      CASE(test_local_put__serves_many_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
