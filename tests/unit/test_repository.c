/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/journal.h"
#include "support/tmpdir.h"

static pixazo_status open_path(const char *path, pixazo_repository **out, pixazo_error **error)
{
  pixazo_repository_options options;
  pixazo_repository_options_init(&options, sizeof options);
  options.path = path;
  return pixazo_repository_new(&options, out, error);
}

static void test_repository__makes_file_and_directories(void **state)
{
  char *path = tmpdir_path(*state, "a/b/c.db");
  pixazo_repository *repository = NULL;
  struct stat facts;
  MUST(open_path(path, &repository, error));
  assert_int_equal(0, stat(path, &facts));
  assert_int_equal(0600, facts.st_mode & 0777);
  assert_ptr_equal(repository, pixazo_repository_ref(repository));
  assert_null(pixazo_repository_unref(repository));
  assert_null(pixazo_repository_unref(repository));
  assert_null(pixazo_repository_unref(NULL));
  free(path);
}

static void test_repository__checks_its_options(void **state)
{
  pixazo_repository *repository = NULL;
  pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
  char *path = tmpdir_path(*state, "a.db"), *slash = tmpdir_path(*state, "a/");
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_new(NULL, &repository, error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_new(&options, &repository, error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, open_path(slash, &repository, error));
  options.path = path;
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_new(&options, NULL, error));
  options.media_root = "relative";
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_new(&options, &repository, error));
  options.media_root = NULL;
  options.convert_legacy = 7;
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_new(&options, &repository, error));
  struct {
    pixazo_repository_options options;
    void *unknown;
  } newer = {PIXAZO_REPOSITORY_OPTIONS_INIT, &newer};
  newer.options.struct_size = sizeof newer;
  newer.options.path = path;
  MUST_FAIL(PIXAZO_E_ABI, pixazo_repository_new(&newer.options, &repository, error));
  assert_null(repository);
  free(path);
  free(slash);
}

static void test_repository__finds_nothing_where_nothing_is(void **state)
{
  char *path = tmpdir_path(*state, "a.db");
  pixazo_repository *repository = NULL;
  pixazo_generation *found = NULL;
  MUST(open_path(path, &repository, error));
  MUST_FAIL(PIXAZO_E_NOT_FOUND, pixazo_repository_find(repository, "01900000-0000-7000-8000-000000000000", &found, error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_find(repository, "nonsense", &found, error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_find(repository, NULL, &found, error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_find_key(repository, "", "", &found, error));
  MUST_FAIL(PIXAZO_E_NOT_FOUND, pixazo_repository_find_key(repository, NULL, "k", &found, error));
  assert_null(found);
  (void)pixazo_repository_unref(repository);
  free(path);
}

static void test_repository__of_another_version_is_left_alone(void **state)
{
  journal_kit kit = {.path = tmpdir_path(*state, "a.db")};
  pixazo_repository *repository = NULL;
  MUST(open_path(kit.path, &repository, error));
  repository = pixazo_repository_unref(repository);
  tell(&kit, "PRAGMA user_version = 2");
  MUST_FAIL(PIXAZO_E_UNSUPPORTED, open_path(kit.path, &repository, error));
  tell(&kit, "PRAGMA user_version = 1; PRAGMA application_id = 4711");
  MUST_FAIL(PIXAZO_E_EXISTS, open_path(kit.path, &repository, error));
  tell(&kit, "PRAGMA application_id = 1346984001"); /* "PIXA" */
  MUST(open_path(kit.path, &repository, error));
  (void)pixazo_repository_unref(repository);
  free(kit.path);
}

static void test_repository__is_of_the_process_that_opened_it(void **state)
{
  char *path = tmpdir_path(*state, "a.db");
  pixazo_repository *repository = NULL;
  MUST(open_path(path, &repository, error));
  pid_t child = fork();
  if (child == 0) {
    pixazo_page *page = NULL;
    char *text = NULL;
    bool refused = pixazo_repository_list(repository, NULL, &page, NULL) == PIXAZO_E_STATE &&
                   pixazo_repository_stats(repository, &text, NULL) == PIXAZO_E_STATE;
    (void)pixazo_repository_unref(repository);
    _exit(refused ? 0 : 1);
  }
  int result = -1;
  assert_int_equal(child, waitpid(child, &result, 0));
  assert_int_equal(0, result);
  (void)pixazo_repository_unref(repository);
  free(path);
}

static void test_repository__remembers_where_files_are_for_the_views(void **state)
{
  journal_kit kit = {.path = tmpdir_path(*state, "a.db")};
  static const char *const roots[] = {"/srv/one", "/srv/two///", NULL};
  pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
  options.path = kit.path;
  for (size_t i = 0; i < PX_ARRAY_SIZE(roots); i++) {
    pixazo_repository *repository = NULL;
    options.media_root = roots[i];
    MUST(pixazo_repository_new(&options, &repository, error));
    (void)pixazo_repository_unref(repository);
    char *kept = ask_text(&kit, "SELECT value FROM setting WHERE name = 'media_root'");
    assert_string_equal(i == 0 ? "/srv/one" : "/srv/two", kept);
    free(kept);
  }
  free(kit.path);
}

/* Numbers and times must not follow the locale of the program. */
static void test_repository__does_not_care_for_the_locale(void **state)
{
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"};
  bool set = false;
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(names) && !set; i++)
    set = setlocale(LC_ALL, names[i]) != NULL;
  void *fresh = NULL;
  assert_int_equal(0, journal_kit_setup(&fresh));
  journal_kit *kit = fresh;
  char generation[PX_UUID_TEXT];
  make_done(kit, generation, "x");
  char *cost = ask_text(kit, "SELECT CAST(cost AS TEXT) FROM generated_images");
  char *time = ask_text(kit, "SELECT created_at FROM generated_images");
  (void)setlocale(LC_ALL, "C");
  assert_string_equal("0.04", cost);
  assert_string_equal("2026-11-18T11:06:40.000000Z", time);
  free(cost);
  free(time);
  assert_int_equal(0, journal_kit_teardown(&fresh));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, tmpdir_setup, tmpdir_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_repository__makes_file_and_directories),
      TEST(test_repository__checks_its_options),
      TEST(test_repository__finds_nothing_where_nothing_is),
      TEST(test_repository__of_another_version_is_left_alone),
      TEST(test_repository__is_of_the_process_that_opened_it),
      TEST(test_repository__remembers_where_files_are_for_the_views),
      cmocka_unit_test(test_repository__does_not_care_for_the_locale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
