/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <pixazo/studio.h>

#include "base/error.h"
#include "base/mem.h"
#include "json/json.h"
#include "studio/config.h"
#include "support/tmpdir.h"

typedef struct report {
  char *text;
  px_json *root;
} report;

static void report_done(report *self)
{
  px_json_free(self->root);
  px_free(self->text);
}

static void examine(const char *directory, const pixazo_config *config, report *out)
{
  px_autoerror error = NULL;
  assert_ok(pixazo_studio_doctor(directory, config, &out->text, &error), error);
  assert_ok(px_json_parse(out->text, strlen(out->text), NULL, &out->root, &error), error);
}

/* The check of this name; NULL: it is not there. */
static const px_json *check_of(const report *self, const char *name)
{
  for (const px_json *at = px_json_first(px_json_member(self->root, "checks")); at; at = px_json_next(at)) {
    if (strcmp(px_json_text(px_json_member(at, "name")), name) == 0)
      return at;
  }
  return NULL;
}

static void assert_check(const report *self, const char *name, const char *status)
{
  const px_json *check = check_of(self, name);
  if (!check)
    fail_msg("%s is not in %s", name, self->text);
  assert_string_equal(px_json_text(px_json_member(check, "status")), status);
}

static int begin(void **state)
{
  for (size_t i = 0; i < px_config_key_count(); i++) {
    if (px_config_key_at(i)->variable)
      (void)unsetenv(px_config_key_at(i)->variable);
  }
  int failed = tmpdir_setup(state);
  (void)setenv("HOME", *state, 1);
  return failed;
}

static void test_doctor__an_empty_place_has_notes_and_no_problem(void **state)
{
  px_auto(report) found = {NULL, NULL};
  examine(*state, NULL, &found);
  assert_check(&found, "version", "ok");
  assert_check(&found, "libraries", "ok");
  assert_check(&found, "key", "note");
  assert_check(&found, "provider", "note");
  assert_check(&found, "store", "ok");
  assert_check(&found, "database", "note");
  assert_check(&found, "spool", "note");
  assert_check(&found, "descriptors", "ok");
  assert_check(&found, "ca_file", "ok");
  assert_null(strstr(found.text, "\"problem\""));
  assert_non_null(strstr(found.text, "libcurl/"));
}

static void test_doctor__a_directory_that_is_not_there_is_fine(void **state)
{
  px_auto(report) found = {NULL, NULL};
  char *path = tmpdir_path(*state, "later");
  examine(path, NULL, &found);
  assert_check(&found, "store", "note");
  struct stat facts;
  assert_int_equal(stat(path, &facts), -1); /* looking makes nothing */
  free(path);
}

static void test_doctor__names_the_source_of_the_key_and_never_the_key(void **state)
{
  px_auto(report) found = {NULL, NULL};
  (void)setenv("PIXAZO_API_KEY", "fake-key-of-a-test", 1);
  examine(*state, NULL, &found);
  assert_check(&found, "key", "ok");
  assert_check(&found, "provider", "ok");
  assert_non_null(strstr(found.text, "env (PIXAZO_API_KEY)"));
  assert_null(strstr(found.text, "fake-key"));
}

static void test_doctor__bad_settings_are_a_problem_of_their_own(void **state)
{
  px_auto(report) found = {NULL, NULL};
  (void)setenv("PIXAZO_DEFAULT_WIDTH", "wide", 1);
  (void)setenv("PIXAZO_DEFAULT_SEED", "x", 1);
  examine(*state, NULL, &found);
  assert_check(&found, "settings", "problem");
  assert_non_null(strstr(found.text, "PIXAZO_DEFAULT_WIDTH"));
  assert_non_null(strstr(found.text, "PIXAZO_DEFAULT_SEED"));
  assert_check(&found, "descriptors", "ok");
}

static void test_doctor__a_missing_ca_file_and_a_missing_key_are_problems(void **state)
{
  px_auto(report) found = {NULL, NULL};
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  assert_status(pixazo_config_new(&config, NULL), PIXAZO_OK);
  assert_status(pixazo_config_set(config, "provider", "pixazo", NULL), PIXAZO_OK);
  assert_status(pixazo_config_set(config, "ca_file", "/nowhere/ca.pem", NULL), PIXAZO_OK);
  assert_status(pixazo_config_set(config, "allow_hosts", "127.0.0.1:80", NULL), PIXAZO_OK);
  examine(*state, config, &found);
  assert_check(&found, "key", "problem");
  assert_check(&found, "ca_file", "problem");
  assert_check(&found, "allow_hosts", "note");
}

static void test_doctor__a_database_that_is_none_is_a_problem(void **state)
{
  px_auto(report) found = {NULL, NULL};
  char *path = tmpdir_path(*state, "pixazo.db");
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  for (int i = 0; i < 400; i++)
    assert_true(fputs("this is no database ", file) >= 0);
  assert_int_equal(fclose(file), 0);
  examine(*state, NULL, &found);
  assert_check(&found, "database", "problem");
  free(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_doctor__an_empty_place_has_notes_and_no_problem, begin, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_doctor__a_directory_that_is_not_there_is_fine, begin, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_doctor__names_the_source_of_the_key_and_never_the_key, begin, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_doctor__bad_settings_are_a_problem_of_their_own, begin, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_doctor__a_missing_ca_file_and_a_missing_key_are_problems, begin, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_doctor__a_database_that_is_none_is_a_problem, begin, tmpdir_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
