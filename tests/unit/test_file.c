/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "support/tmpdir.h"

/* Every test works in a directory of its own, which is the current one. */
static char *old_directory;

static int enter(void **state)
{
  old_directory = getcwd(NULL, 0);
  (void)tmpdir_setup(state);
  return chdir(*state);
}

static int leave(void **state)
{
  int result = chdir(old_directory);
  free(old_directory);
  (void)tmpdir_teardown(state);
  return result;
}

static void put(const char *path, const char *text)
{
  assert_status(px_file_replace(path, text, strlen(text), 0644, NULL), PIXAZO_OK);
}

static void check_content(const char *path, const char *expected)
{
  px_autofree void *data = NULL;
  size_t size = 0;
  assert_status(px_file_read(path, 1000, &data, &size, NULL), PIXAZO_OK);
  assert_int_equal(size, strlen(expected));
  assert_string_equal(data, expected);
}

static mode_t mode_of(const char *path)
{
  struct stat facts;
  assert_int_equal(stat(path, &facts), 0);
  return facts.st_mode & 07777;
}

static size_t entries(const char *path)
{
  size_t count = 0;
  DIR *directory = opendir(path);
  assert_non_null(directory);
  for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
    count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
  (void)closedir(directory);
  return count;
}

static int open_here(void)
{
  int descriptor = -1;
  assert_status(px_directory_open(".", &descriptor, NULL), PIXAZO_OK);
  return descriptor;
}

static void test_replace__writes_a_new_file_and_replaces_an_old_one(void **state)
{
  (void)state;
  put("a", "one");
  check_content("a", "one");
  put("a", "second");
  check_content("a", "second");
  assert_int_equal(entries("."), 1);
}

static void test_replace__sets_the_mode_whatever_the_umask_is(void **state)
{
  (void)state;
  mode_t before = umask(0777);
  assert_status(px_file_replace("open", "x", 1, 0644, NULL), PIXAZO_OK);
  assert_status(px_file_replace("closed", "x", 1, 0600, NULL), PIXAZO_OK);
  (void)umask(0);
  assert_status(px_file_replace("strict", "x", 1, 0600, NULL), PIXAZO_OK);
  (void)umask(before);
  assert_int_equal(mode_of("open"), 0644);
  assert_int_equal(mode_of("closed"), 0600);
  assert_int_equal(mode_of("strict"), 0600);
}

static void test_replace__a_failure_leaves_the_old_content_and_no_temporary_file(void **state)
{
  (void)state;
  put("a", "old");
  struct rlimit before;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit small = {4096, before.rlim_max};
  char *large = calloc(1, 100000);
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  struct sigaction action;
  assert_int_equal(sigaction(SIGXFSZ, &ignore, &action), 0);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  px_autoerror error = NULL;
  pixazo_status status = px_file_replace("a", large, 100000, 0644, &error);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(sigaction(SIGXFSZ, &action, NULL), 0);
  free(large);
  assert_status(status, PIXAZO_E_IO);
  assert_non_null(strstr(pixazo_error_message(error), "a: cannot write"));
  check_content("a", "old");
  assert_int_equal(entries("."), 1);
}

static void test_replace__replaces_a_link_instead_of_following_it(void **state)
{
  (void)state;
  put("target", "kept");
  assert_int_equal(symlink("target", "link"), 0);
  put("link", "new");
  check_content("target", "kept");
  check_content("link", "new");
  struct stat facts;
  assert_int_equal(lstat("link", &facts), 0);
  assert_true(S_ISREG(facts.st_mode));
}

static void test_replace__needs_a_file_name_and_an_existing_directory(void **state)
{
  (void)state;
  assert_status(px_file_replace("directory/", "x", 1, 0644, NULL), PIXAZO_E_ARGUMENT);
  assert_status(px_file_replace("", "x", 1, 0644, NULL), PIXAZO_E_ARGUMENT);
  assert_status(px_file_replace("none/a", "x", 1, 0644, NULL), PIXAZO_E_NOT_FOUND);
}

static void test_read__is_bounded_and_takes_regular_files_only(void **state)
{
  (void)state;
  void *data = NULL;
  size_t size = 7;
  put("a", "12345");
  px_autoerror error = NULL;
  assert_status(px_file_read("a", 4, &data, &size, &error), PIXAZO_E_LIMIT);
  assert_string_equal(pixazo_error_message(error), "a has 5 bytes, more than the 4 allowed");
  assert_status(px_file_read("none", 4, &data, &size, NULL), PIXAZO_E_NOT_FOUND);
  assert_status(px_file_read(".", 4, &data, &size, NULL), PIXAZO_E_IO);
  assert_int_equal(mkfifo("pipe", 0600), 0);
  assert_status(px_file_read("pipe", 4, &data, &size, NULL), PIXAZO_E_IO);
  assert_null(data);
  assert_int_equal(size, 7);
}

static void test_read_at__a_file_that_ends_early_is_corrupt(void **state)
{
  (void)state;
  char bytes[4] = "";
  put("a", "12345");
  px_autoclose int here = open_here();
  px_autoclose int descriptor = -1;
  uint64_t size = 0;
  assert_status(px_file_open_at(here, "a", &descriptor, &size, NULL), PIXAZO_OK);
  assert_int_equal(size, 5);
  assert_status(px_read_at(descriptor, bytes, 3, 2, "a", NULL), PIXAZO_OK);
  assert_string_equal(bytes, "345");
  px_autoerror error = NULL;
  assert_status(px_read_at(descriptor, bytes, 4, 3, "a", &error), PIXAZO_E_CORRUPT);
  assert_string_equal(pixazo_error_message(error), "a ends 2 bytes too early");
}

static void test_write_all__names_what_it_could_not_write(void **state)
{
  (void)state;
  px_autoclose int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  px_autoerror error = NULL;
  assert_status(px_write_all(full, "x", 1, "b.png", &error), PIXAZO_E_IO);
  assert_string_equal(pixazo_error_message(error), "cannot write b.png: No space left on device");
  assert_status(px_write_all(full, NULL, 0, "b.png", NULL), PIXAZO_OK);
}

static void test_flush__of_a_closed_descriptor_fails(void **state)
{
  (void)state;
  assert_status(px_file_flush(-1, "a", NULL), PIXAZO_E_IO);
  px_autoclose int here = open_here();
  assert_status(px_directory_flush(here, ".", NULL), PIXAZO_OK);
}

static void test_directory_make__makes_parents_and_accepts_what_is_there(void **state)
{
  (void)state;
  assert_status(px_directory_make("a/b/c", 0700, NULL), PIXAZO_OK);
  assert_status(px_directory_make("a/b/c/", 0700, NULL), PIXAZO_OK);
  assert_int_equal(mode_of("a/b/c"), 0700);
  put("file", "x");
  assert_status(px_directory_make("file/below", 0700, NULL), PIXAZO_E_IO);
  assert_status(px_directory_make("", 0700, NULL), PIXAZO_E_ARGUMENT);
}

static void test_directory_make__a_name_that_is_a_file_is_refused(void **state)
{
  (void)state;
  put("file", "x");
  assert_status(px_directory_make("file", 0700, NULL), PIXAZO_E_IO);
}

static void test_directory_open__wants_a_directory(void **state)
{
  (void)state;
  int descriptor = -1;
  put("file", "x");
  assert_status(px_directory_open("none", &descriptor, NULL), PIXAZO_E_NOT_FOUND);
  assert_status(px_directory_open("file", &descriptor, NULL), PIXAZO_E_IO);
  assert_int_equal(descriptor, -1);
  px_autoclose int here = open_here();
  assert_true(fcntl(here, F_GETFD) & FD_CLOEXEC);
}

static void test_open_below__makes_each_component_with_its_mode(void **state)
{
  (void)state;
  px_autoclose int here = open_here();
  px_autoclose int below = -1;
  mode_t before = umask(0777);
  pixazo_status status = px_directory_open_below(here, "2026/11", 0750, &below, NULL);
  (void)umask(before);
  assert_status(status, PIXAZO_OK);
  assert_int_equal(mode_of("2026"), 0750);
  assert_int_equal(mode_of("2026/11"), 0750);
  assert_true(fcntl(below, F_GETFD) & FD_CLOEXEC);
  px_autoclose int same = -1;
  assert_status(px_directory_open_below(here, "", 0750, &same, NULL), PIXAZO_OK);
}

static void test_open_below__never_leaves_the_root(void **state)
{
  (void)state;
  static const char *const bad[] = {"..", "a/../b", "/tmp", "a//b", ".", "a/./b"};
  px_autoclose int here = open_here();
  assert_int_equal(mkdir("a", 0700), 0);
  for (size_t i = 0; i < PX_ARRAY_SIZE(bad); i++) {
    int descriptor = -1;
    assert_status(px_directory_open_below(here, bad[i], 0700, &descriptor, NULL), PIXAZO_E_ARGUMENT);
    assert_int_equal(descriptor, -1);
  }
  assert_int_equal(symlink("/tmp", "out"), 0);
  int descriptor = -1;
  assert_status(px_directory_open_below(here, "out/x", 0700, &descriptor, NULL), PIXAZO_E_IO);
  assert_int_equal(descriptor, -1);
  char name[300];
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  assert_status(px_directory_open_below(here, name, 0700, &descriptor, NULL), PIXAZO_E_ARGUMENT);
}

static void test_create_at__is_exclusive_follows_no_link_and_sets_the_mode(void **state)
{
  (void)state;
  px_autoclose int here = open_here();
  px_autoclose int made = -1;
  int again = -1;
  mode_t before = umask(0777);
  assert_status(px_file_create_at(here, "new", 0640, &made, NULL), PIXAZO_OK);
  (void)umask(before);
  assert_int_equal(mode_of("new"), 0640);
  assert_true(fcntl(made, F_GETFD) & FD_CLOEXEC);
  assert_status(px_file_create_at(here, "new", 0640, &again, NULL), PIXAZO_E_EXISTS);
  assert_int_equal(symlink("elsewhere", "link"), 0);
  assert_status(px_file_create_at(here, "link", 0640, &again, NULL), PIXAZO_E_EXISTS);
  assert_int_equal(again, -1);
  assert_int_equal(access("elsewhere", F_OK), -1);
}

static void test_create_anew_at__what_has_the_name_goes_first(void **state)
{
  (void)state;
  px_autoclose int here = open_here();
  px_autoclose int first = -1;
  px_autoclose int second = -1;
  px_autoclose int none = -1;
  assert_status(px_file_create_anew_at(here, "anew", 0600, &first, NULL), PIXAZO_OK);
  assert_int_equal(write(first, "old", 3), 3);
  assert_status(px_file_create_anew_at(here, "anew", 0600, &second, NULL), PIXAZO_OK);
  check_content("anew", "");
  assert_int_equal(lseek(first, 0, SEEK_END), 3); /* another file than that of the first */
  assert_int_equal(mkdir("folder", 0700), 0);
  assert_status(px_file_create_anew_at(here, "folder", 0600, &none, NULL), PIXAZO_E_IO);
  assert_int_equal(none, -1);
}

static void test_open_at__follows_no_link(void **state)
{
  (void)state;
  px_autoclose int here = open_here();
  int descriptor = -1;
  put("target", "x");
  assert_int_equal(symlink("target", "link"), 0);
  assert_status(px_file_open_at(here, "link", &descriptor, NULL, NULL), PIXAZO_E_IO);
  assert_status(px_file_open_at(here, "none", &descriptor, NULL, NULL), PIXAZO_E_NOT_FOUND);
  assert_int_equal(descriptor, -1);
}

static void test_remove_and_rename__absent_is_fine_only_for_remove(void **state)
{
  (void)state;
  px_autoclose int here = open_here();
  put("a", "x");
  assert_status(px_file_rename_at(here, "a", here, "b", NULL), PIXAZO_OK);
  check_content("b", "x");
  assert_status(px_file_rename_at(here, "a", here, "c", NULL), PIXAZO_E_IO);
  assert_status(px_file_remove_at(here, "b", NULL), PIXAZO_OK);
  assert_status(px_file_remove_at(here, "b", NULL), PIXAZO_OK);
  assert_int_equal(mkdir("d", 0700), 0);
  assert_status(px_file_remove_at(here, "d", NULL), PIXAZO_E_IO);
}

static void test_room_left__is_a_number_of_bytes(void **state)
{
  (void)state;
  px_autoclose int here = open_here();
  uint64_t bytes = 0;
  assert_status(px_room_left(here, &bytes, NULL), PIXAZO_OK);
  assert_true(bytes > 0);
  assert_status(px_room_left(-1, &bytes, NULL), PIXAZO_E_IO);
}

int main(void)
{
#define in_directory(test) cmocka_unit_test_setup_teardown(test, enter, leave)
  const struct CMUnitTest tests[] = {
      in_directory(test_replace__writes_a_new_file_and_replaces_an_old_one),
      in_directory(test_replace__sets_the_mode_whatever_the_umask_is),
      in_directory(test_replace__a_failure_leaves_the_old_content_and_no_temporary_file),
      in_directory(test_replace__replaces_a_link_instead_of_following_it),
      in_directory(test_replace__needs_a_file_name_and_an_existing_directory),
      in_directory(test_read__is_bounded_and_takes_regular_files_only),
      in_directory(test_read_at__a_file_that_ends_early_is_corrupt),
      in_directory(test_write_all__names_what_it_could_not_write),
      in_directory(test_flush__of_a_closed_descriptor_fails),
      in_directory(test_directory_make__makes_parents_and_accepts_what_is_there),
      in_directory(test_directory_make__a_name_that_is_a_file_is_refused),
      in_directory(test_directory_open__wants_a_directory),
      in_directory(test_open_below__makes_each_component_with_its_mode),
      in_directory(test_open_below__never_leaves_the_root),
      in_directory(test_create_at__is_exclusive_follows_no_link_and_sets_the_mode),
      in_directory(test_create_anew_at__what_has_the_name_goes_first),
      in_directory(test_open_at__follows_no_link),
      in_directory(test_remove_and_rename__absent_is_fine_only_for_remove),
      in_directory(test_room_left__is_a_number_of_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
