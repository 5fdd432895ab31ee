/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "studio/config.h"
#include "studio/doctor.h"
#include "support/tmpdir.h"
#include "json/json.h"

typedef struct scene {
  char *directory;
  pixazo_config *config;
  char *text;
  px_json *root;
} scene;

static int begin(void **state)
{
  static scene self;
  self = (scene){.directory = tmpdir_make()};
  *state = &self;
  return pixazo_config_new(&self.config, NULL) == PIXAZO_OK ? 0 : -1;
}

static int end(void **state)
{
  scene *self = *state;
  px_json_free(self->root);
  px_free(self->text);
  pixazo_config_free(self->config);
  tmpdir_remove(self->directory);
  return 0;
}

static void set(scene *self, const char *key, const char *value)
{
  px_autoerror error = NULL;
  assert_ok(pixazo_config_set(self->config, key, value, &error), error);
}

static void run_checks(scene *self)
{
  px_autoerror error = NULL;
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(65536);
  px_doctor doctor = {self->directory, self->config, &writer};
  px_json_put_begin_array(&writer, NULL);
  for (const px_doctor_check *check = px_doctor_checks; *check; check++)
    (*check)(&doctor);
  px_json_put_end_array(&writer);
  assert_ok(px_json_writer_finish(&writer, &self->text, &error), error);
  assert_ok(px_json_parse(self->text, strlen(self->text), NULL, &self->root, &error), error);
}

/* A member of the report about this; NULL: there is none. */
static const char *told(const scene *self, const char *name, const char *member)
{
  for (const px_json *at = px_json_first(self->root); at; at = px_json_next(at)) {
    if (strcmp(px_json_text(px_json_member(at, "name")), name) == 0)
      return px_json_text(px_json_member(at, member));
  }
  return NULL;
}

static void test_checks__offline_a_missing_key_is_a_note(void **state)
{
  scene *self = *state;
  set(self, "provider", "offline");
  run_checks(self);
  assert_string_equal(told(self, "key", "status"), "note");
  assert_string_equal(told(self, "provider", "value"), "offline");
  assert_null(told(self, "allow_hosts", "status"));
  assert_null(strstr(self->text, "\"problem\""));
}

static void test_checks__a_ca_file_that_cannot_be_read_is_a_problem(void **state)
{
  scene *self = *state;
  set(self, "ca_file", "/nowhere/ca.pem");
  run_checks(self);
  assert_string_equal(told(self, "ca_file", "status"), "problem");
  assert_string_equal(told(self, "ca_file", "value"), "/nowhere/ca.pem");
  assert_string_equal(told(self, "ca_file", "hint"), "No such file or directory");
}

static void test_checks__the_key_is_found_and_not_shown(void **state)
{
  scene *self = *state;
  set(self, "provider", "pixazo");
  set(self, "api_key", "fake-key-of-a-test");
  set(self, "base_url", "https://gateway.test");
  run_checks(self);
  assert_string_equal(told(self, "key", "value"), "set, from: set");
  assert_string_equal(told(self, "provider", "value"), "pixazo (set) at https://gateway.test");
  assert_null(strstr(self->text, "fake-key"));
}

static void write_definition(const scene *self)
{
  char *path = tmpdir_path(self->directory, "mine.json");
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fputs("{\"schema\":1,\"name\":\"mine\",\"base_url\":\"https://images.example\",\"auth\":{\"header\":\"X-Pass\","
                    "\"required\":true},\"models\":[{\"name\":\"one\",\"path\":\"/v1\",\"parameters\":{\"prompt\":\"text\"}}]}",
                    file) >= 0);
  assert_int_equal(fclose(file), 0);
  free(path);
}

static void test_checks__definitions_and_their_keys_are_told(void **state)
{
  scene *self = *state;
  char *path = tmpdir_path(self->directory, "mine.json");
  write_definition(self);
  set(self, "provider_files", path);
  set(self, "provider", "mine");
  set(self, "mine.api_key", "fake-key-of-a-test");
  set(self, "mine.base_url", "https://mine.example");
  assert_status(px_config_put(self->config, "nobody.api_key", PX_LAYER_ENV, "fake-key-of-nobody", NULL), PIXAZO_OK);
  run_checks(self);
  assert_string_equal(told(self, "definitions", "value"), "mine (key set)");
  assert_string_equal(told(self, "key", "value"), "set, from: set");
  assert_string_equal(told(self, "provider", "value"), "mine (set) at https://mine.example");
  assert_string_equal(told(self, "settings", "value"), "nobody.api_key");
  assert_string_equal(told(self, "settings", "status"), "note");
  assert_null(strstr(self->text, "fake-key"));
  free(path);
}

static void test_checks__the_variable_of_a_missing_key_is_named(void **state)
{
  scene *self = *state;
  char *path = tmpdir_path(self->directory, "mine.json");
  write_definition(self);
  set(self, "provider_files", path);
  set(self, "provider", "mine");
  run_checks(self);
  assert_string_equal(told(self, "definitions", "value"), "mine (no key)");
  assert_string_equal(told(self, "key", "status"), "problem");
  assert_non_null(strstr(told(self, "key", "hint"), "~/.pixazo/keys/mine"));
  free(path);
}

static void test_checks__a_provider_without_keys_needs_none(void **state)
{
  scene *self = *state;
  set(self, "provider", "localai");
  run_checks(self);
  assert_string_equal(told(self, "key", "status"), "ok");
  assert_string_equal(told(self, "key", "value"), "none needed");
}

static void test_checks__a_wrong_definition_is_a_problem_with_its_place(void **state)
{
  scene *self = *state;
  set(self, "provider_files", "/nowhere/mine.json");
  run_checks(self);
  assert_string_equal(told(self, "settings", "status"), "problem");
  assert_non_null(strstr(told(self, "settings", "value"), "provider_files (set): /nowhere/mine.json: "));
  assert_non_null(strstr(told(self, "settings", "hint"), "--check FILE"));
}

static void test_checks__a_spool_is_a_directory_with_room_for_an_answer(void **state)
{
  scene *self = *state;
  set(self, "spool", self->directory);
  set(self, "max_answer_bytes", "1");
  run_checks(self);
  assert_string_equal(told(self, "spool", "status"), "ok");
  assert_non_null(strstr(told(self, "spool", "value"), ", room for "));
  px_json_free(self->root);
  self->root = NULL;
  px_free(self->text);
  self->text = NULL;
  set(self, "spool", "/dev/null");
  run_checks(self);
  assert_string_equal(told(self, "spool", "status"), "problem");
}

static void test_checks__what_is_there_is_named(void **state)
{
  scene *self = *state;
  set(self, "concurrency", "1");
  run_checks(self);
  assert_string_equal(told(self, "descriptors", "status"), "ok");
  assert_non_null(strstr(told(self, "libraries", "value"), "libcurl/"));
  assert_non_null(strstr(told(self, "libraries", "value"), "SQLite 3."));
  assert_string_equal(told(self, "store", "status"), "ok");
  assert_string_equal(told(self, "database", "status"), "note");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_checks__offline_a_missing_key_is_a_note, begin, end),
      cmocka_unit_test_setup_teardown(test_checks__a_ca_file_that_cannot_be_read_is_a_problem, begin, end),
      cmocka_unit_test_setup_teardown(test_checks__the_key_is_found_and_not_shown, begin, end),
      cmocka_unit_test_setup_teardown(test_checks__a_spool_is_a_directory_with_room_for_an_answer, begin, end),
      cmocka_unit_test_setup_teardown(test_checks__what_is_there_is_named, begin, end),
      cmocka_unit_test_setup_teardown(test_checks__definitions_and_their_keys_are_told, begin, end),
      cmocka_unit_test_setup_teardown(test_checks__the_variable_of_a_missing_key_is_named, begin, end),
      cmocka_unit_test_setup_teardown(test_checks__a_provider_without_keys_needs_none, begin, end),
      cmocka_unit_test_setup_teardown(test_checks__a_wrong_definition_is_a_problem_with_its_place, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
