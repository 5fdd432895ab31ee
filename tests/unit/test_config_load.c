/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "studio/config.h"
#include "support/tmpdir.h"

typedef struct fixture {
  char *directory;
  pixazo_config *config;
} fixture;

static void clear_environment(void)
{
  for (size_t i = 0; i < px_config_key_count(); i++) {
    if (px_config_key_at(i)->variable)
      (void)unsetenv(px_config_key_at(i)->variable);
  }
  static const char *const named[] = {"PIXAZO_KEY_MY_SD", "PIXAZO_URL_MY_SD", "PIXAZO_KEY_EMPTY", "PIXAZO_KEY_OPENAI"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(named); i++)
    (void)unsetenv(named[i]);
}

static int begin(void **state)
{
  fixture *self = calloc(1, sizeof *self);
  clear_environment();
  self->directory = tmpdir_make();
  (void)setenv("HOME", self->directory, 1);
  *state = self;
  return pixazo_config_new(&self->config, NULL) == PIXAZO_OK ? 0 : -1;
}

static int end(void **state)
{
  fixture *self = *state;
  pixazo_config_free(self->config);
  tmpdir_remove(self->directory);
  free(self);
  clear_environment();
  return 0;
}

/* A file below the directory; free() its path. */
static char *write_file(const fixture *self, const char *name, const char *text, mode_t mode)
{
  char *path = tmpdir_path(self->directory, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(chmod(path, mode), 0);
  return path;
}

static void test_env__variables_become_settings(void **state)
{
  fixture *self = *state;
  (void)setenv("PIXAZO_DEFAULT_WIDTH", "768", 1);
  (void)setenv("PIXAZO_DEFAULT_SEED", "-1", 1);
  (void)setenv("PIXAZO_DEFAULT_GUIDANCE", "7.5", 1);
  (void)setenv("PIXAZO_DEFAULT_HEIGHT", "", 1); /* as good as not set */
  assert_status(pixazo_config_load_env(self->config, NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(self->config, "width"), "768");
  assert_string_equal(pixazo_config_get(self->config, "guidance"), "7.5");
  assert_string_equal(pixazo_config_source(self->config, "width"), "env");
  assert_null(pixazo_config_get(self->config, "height"));
}

static void test_env__all_bad_values_are_named_at_once_and_none_is_applied(void **state)
{
  fixture *self = *state;
  px_autoerror error = NULL;
  (void)setenv("PIXAZO_DEFAULT_WIDTH", "abc", 1);
  (void)setenv("PIXAZO_DEFAULT_NUM_STEPS", "0", 1);
  (void)setenv("PIXAZO_MODEL", "sdxl", 1);
  (void)setenv("PIXAZO_API_KEY", "fake\tkey", 1);
  assert_status(pixazo_config_load_env(self->config, &error), PIXAZO_E_ARGUMENT);
  const char *message = pixazo_error_message(error);
  assert_non_null(strstr(message, "PIXAZO_DEFAULT_WIDTH=\"abc\": want a whole number from 1 to 65535"));
  assert_non_null(strstr(message, "PIXAZO_DEFAULT_NUM_STEPS=\"0\": want a whole number from 1 to 1000"));
  assert_non_null(strstr(message, "PIXAZO_API_KEY (not shown)"));
  assert_null(strstr(message, "fake"));
  assert_null(pixazo_config_get(self->config, "model"));
}

static void test_env__a_preset_named_there_is_in_force(void **state)
{
  fixture *self = *state;
  (void)setenv("PIXAZO_PRESET", "dev", 1);
  assert_status(pixazo_config_load_env(self->config, NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(self->config, "width"), "512");
  assert_string_equal(pixazo_config_source(self->config, "width"), "preset");
}

static void test_file__every_json_kind_finds_its_setting(void **state)
{
  fixture *self = *state;
  char *path = write_file(self, "c.json",
                          "{\"schema\": 1, \"width\": 640, \"guidance\": 6.5, \"renditions\": [\"png\", \"web\"],"
                          " \"convert_legacy\": true, \"limits_json\": {\"pixazo/sdxl\": {}}, \"model\": null}",
                          0644);
  px_autoerror error = NULL;
  assert_ok(pixazo_config_load_file(self->config, path, &error), error);
  assert_string_equal(pixazo_config_get(self->config, "width"), "640");
  assert_string_equal(pixazo_config_get(self->config, "guidance"), "6.5");
  assert_string_equal(pixazo_config_get(self->config, "renditions"), "png,web");
  assert_string_equal(pixazo_config_get(self->config, "convert_legacy"), "1");
  assert_string_equal(pixazo_config_get(self->config, "limits_json"), "{\"pixazo/sdxl\":{}}");
  assert_string_equal(pixazo_config_source(self->config, "width"), "file");
  assert_null(pixazo_config_get(self->config, "model"));
  free(path);
}

static void test_file__all_members_at_fault_are_named(void **state)
{
  fixture *self = *state;
  px_autoerror error = NULL;
  char *path = write_file(self, "c.json", "{\"widht\": 640, \"height\": \"tall\", \"seed\": [1], \"schema\": 2}", 0600);
  assert_status(pixazo_config_load_file(self->config, path, &error), PIXAZO_E_ARGUMENT);
  const char *message = pixazo_error_message(error);
  assert_non_null(strstr(message, path));
  assert_non_null(strstr(message, "did you mean \"width\"?"));
  assert_non_null(strstr(message, "height=\"tall\""));
  assert_non_null(strstr(message, "seed: a JSON array does not fit"));
  assert_non_null(strstr(message, "schema"));
  free(path);
}

static void test_file__what_is_no_json_names_the_file(void **state)
{
  fixture *self = *state;
  px_autoerror error = NULL;
  char *path = write_file(self, "c.json", "{\"width\": ", 0600);
  assert_status(pixazo_config_load_file(self->config, path, &error), PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(error), path));
  assert_status(pixazo_config_load_file(self->config, "/nowhere/c.json", NULL), PIXAZO_E_NOT_FOUND);
  free(path);
}

static void test_file__a_key_in_an_open_file_is_refused(void **state)
{
  fixture *self = *state;
  px_autoerror error = NULL;
  char *path = write_file(self, "c.json", "{\"api_key\": \"fake-key-of-a-test\"}", 0644);
  assert_status(pixazo_config_load_file(self->config, path, &error), PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(error), "chmod 600"));
  assert_null(strstr(pixazo_error_message(error), "fake-key"));
  assert_int_equal(chmod(path, 0600), 0);
  assert_status(pixazo_config_load_file(self->config, path, NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(self->config, "api_key"), "fake-key-of-a-test");
  free(path);
}

static void test_json__members_count_as_set(void **state)
{
  fixture *self = *state;
  assert_status(pixazo_config_load_json(self->config, "{\"steps\": 9}", NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_source(self->config, "steps"), "set");
  assert_status(pixazo_config_load_json(self->config, "[]", NULL), PIXAZO_E_ARGUMENT);
}

static void test_precedence__set_environment_file_whatever_the_order(void **state)
{
  fixture *self = *state;
  char *path = write_file(self, "c.json", "{\"width\": 100, \"height\": 100, \"steps\": 10}", 0600);
  (void)setenv("PIXAZO_DEFAULT_WIDTH", "200", 1);
  (void)setenv("PIXAZO_DEFAULT_HEIGHT", "200", 1);
  assert_status(pixazo_config_set(self->config, "width", "300", NULL), PIXAZO_OK);
  assert_status(pixazo_config_load_env(self->config, NULL), PIXAZO_OK);
  assert_status(pixazo_config_load_file(self->config, path, NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(self->config, "width"), "300");
  assert_string_equal(pixazo_config_get(self->config, "height"), "200");
  assert_string_equal(pixazo_config_get(self->config, "steps"), "10");
  free(path);
}

static void test_key_file__is_read_when_only_its_owner_can(void **state)
{
  fixture *self = *state;
  char *path = write_file(self, "key", "  fake-key-of-a-test\n", 0600);
  assert_status(pixazo_config_load_key_file(self->config, path, NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(self->config, "api_key"), "fake-key-of-a-test");
  assert_string_equal(pixazo_config_source(self->config, "api_key"), "key file");
  free(path);
}

static void test_key_file__others_may_not_read_it(void **state)
{
  fixture *self = *state;
  static const mode_t modes[] = {0640, 0604, 0620, 0644};
  for (size_t i = 0; i < PX_ARRAY_SIZE(modes); i++) {
    px_autoerror error = NULL;
    char *path = write_file(self, "key", "fake-key-of-a-test", modes[i]);
    assert_status(pixazo_config_load_key_file(self->config, path, &error), PIXAZO_E_AUTH);
    assert_non_null(strstr(pixazo_error_message(error), "chmod 600"));
    assert_non_null(strstr(pixazo_error_message(error), path));
    assert_null(strstr(pixazo_error_message(error), "fake-key"));
    assert_null(pixazo_config_get(self->config, "api_key"));
    free(path);
  }
}

/* As a user who is not its owner; the superuser turns into one for it. */
static void test_key_file__one_that_may_not_be_opened_is_no_absent_one(void **state)
{
  fixture *self = *state;
  px_autoerror error = NULL;
  char *path = write_file(self, "key", "fake-key-of-a-test", 0000);
  bool superuser = geteuid() == 0;
  assert_true(!superuser || seteuid(65534) == 0);
  pixazo_status status = pixazo_config_load_key_file(self->config, path, &error);
  assert_true(!superuser || seteuid(0) == 0);
  assert_status(status, PIXAZO_E_AUTH);
  assert_non_null(strstr(pixazo_error_message(error), path));
  assert_null(pixazo_config_get(self->config, "api_key"));
  free(path);
}

/* Only the superuser can give a file away. */
static void test_file__a_key_in_a_file_of_another_user_is_refused(void **state)
{
  fixture *self = *state;
  px_autoerror error = NULL;
  char *path = write_file(self, "c.json", "{\"api_key\": \"fake-key-of-a-test\"}", 0600);
  if (geteuid() == 0) {
    assert_int_equal(chown(path, 65534, (gid_t)-1), 0);
    assert_status(pixazo_config_load_file(self->config, path, &error), PIXAZO_E_ARGUMENT);
    assert_non_null(strstr(pixazo_error_message(error), "another user"));
    assert_null(pixazo_config_get(self->config, "api_key"));
  }
  free(path);
}

static void test_key_file__wants_one_line(void **state)
{
  fixture *self = *state;
  static const char *const texts[] = {"", "\n\n", "one\ntwo\n", "a\x01z"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(texts); i++) {
    char *path = write_file(self, "key", texts[i], 0600);
    assert_status(pixazo_config_load_key_file(self->config, path, NULL), PIXAZO_E_ARGUMENT);
    free(path);
  }
  assert_status(pixazo_config_load_key_file(self->config, self->directory, NULL), PIXAZO_E_IO);
}

static void test_key_file__is_not_looked_at_when_there_is_a_key(void **state)
{
  fixture *self = *state;
  char *path = write_file(self, "key", "fake-key-of-a-test", 0644);
  assert_status(pixazo_config_set(self->config, "api_key", "fake-other-key", NULL), PIXAZO_OK);
  assert_status(pixazo_config_load_key_file(self->config, path, NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(self->config, "api_key"), "fake-other-key");
  free(path);
}

static void test_key_file__the_usual_place_is_below_home(void **state)
{
  fixture *self = *state;
  assert_status(pixazo_config_load_key_file(self->config, NULL, NULL), PIXAZO_E_NOT_FOUND);
  char *folder = tmpdir_path(self->directory, ".pixazo");
  assert_int_equal(mkdir(folder, 0700), 0);
  char *path = write_file(self, ".pixazo/api-key", "fake-key-of-a-test", 0600);
  assert_status(pixazo_config_load_key_file(self->config, NULL, NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(self->config, "api_key"), "fake-key-of-a-test");
  (void)unsetenv("HOME");
  pixazo_config *other = NULL;
  assert_status(pixazo_config_new(&other, NULL), PIXAZO_OK);
  assert_status(pixazo_config_load_key_file(other, NULL, NULL), PIXAZO_E_NOT_FOUND);
  pixazo_config_free(other);
  free(path);
  free(folder);
}

static void test_env__a_variable_with_a_providers_name_is_its_key_or_address(void **state)
{
  fixture *self = *state;
  px_autoerror error = NULL;
  (void)setenv("PIXAZO_KEY_MY_SD", "fake-key-of-a-test", 1);
  (void)setenv("PIXAZO_URL_MY_SD", "https://sd.example", 1);
  (void)setenv("PIXAZO_KEY_EMPTY", "", 1);
  (void)setenv("OPENAI_API_KEY", "fake-key-of-all-programs", 1);
  (void)setenv("PIXAZO_KEY_OPENAI", "fake-key-of-this-library", 1);
  assert_ok(pixazo_config_load_env(self->config, &error), error);
  assert_string_equal(pixazo_config_get(self->config, "my-sd.api_key"), "fake-key-of-a-test");
  assert_string_equal(pixazo_config_source(self->config, "my_sd.api_key"), "env");
  assert_string_equal(pixazo_config_get(self->config, "my_sd.base_url"), "https://sd.example");
  assert_null(pixazo_config_get(self->config, "empty.api_key"));
  assert_string_equal(pixazo_config_get(self->config, "openai_api_key"), "fake-key-of-this-library");
  (void)setenv("PIXAZO_KEY_MY_SD", "fake\tkey", 1);
  assert_status(pixazo_config_load_env(self->config, &error), PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(error), "PIXAZO_KEY_MY_SD (not shown)"));
}

static void test_file__settings_by_a_providers_name_are_settings(void **state)
{
  fixture *self = *state;
  px_autoerror error = NULL;
  char *path = write_file(self, "c.json", "{\"my-sd.base_url\": \"https://sd.example\", \"my-sd.model\": \"two\"}", 0644);
  assert_ok(pixazo_config_load_file(self->config, path, &error), error);
  assert_string_equal(pixazo_config_get(self->config, "my-sd.model"), "two");
  assert_string_equal(pixazo_config_source(self->config, "my-sd.model"), "file");
  free(path);
  path = write_file(self, "d.json", "{\"my-sd.api_key\": \"fake-key-of-a-test\", \"my-sd.model\": \"three\"}", 0644);
  assert_status(pixazo_config_load_file(self->config, path, &error), PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(error), "my_sd.api_key: others may read or write this file (mode 0644)"));
  assert_null(pixazo_config_get(self->config, "my-sd.api_key"));
  assert_string_equal(pixazo_config_get(self->config, "my-sd.model"), "two"); /* none is applied */
  free(path);
}

static void test_file__a_wrong_value_by_a_providers_name_is_told(void **state)
{
  static const struct {
    const char *text;
    const char *wanted;
  } cases[] = {{"{\"my-sd.base_url\": {}}", "my-sd.base_url: a JSON object does not fit"},
               {"{\"my-sd.modle\": \"x\"}", "\"my-sd.modle\": no such setting"},
               {"{\"pixazo.api_key\": \"x\"}", "\"pixazo.api_key\": no such setting"}};
  fixture *self = *state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    px_autoerror error = NULL;
    char *path = write_file(self, "c.json", cases[i].text, 0600);
    assert_status(pixazo_config_load_file(self->config, path, &error), PIXAZO_E_ARGUMENT);
    if (!strstr(pixazo_error_message(error), cases[i].wanted))
      fail_msg("%s", pixazo_error_message(error));
    free(path);
  }
}

static void test_file__definitions_lie_beside_the_file_that_names_them(void **state)
{
  fixture *self = *state;
  px_autoerror error = NULL;
  char wanted[1024];
  char *path = write_file(self, "c.json", "{\"provider_files\": [\"a.json\", \"/etc/b.json\", \"d/c.json\"]}", 0644);
  assert_ok(pixazo_config_load_file(self->config, path, &error), error);
  (void)snprintf(wanted, sizeof wanted, "%s/a.json,/etc/b.json,%s/d/c.json", self->directory, self->directory);
  assert_string_equal(pixazo_config_get(self->config, "provider_files"), wanted);
  assert_status(pixazo_config_set(self->config, "provider_files", "x.json", NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(self->config, "provider_files"), "x.json"); /* of the program, as any path */
  free(path);
}

static void test_key_file__every_provider_may_have_one(void **state)
{
  fixture *self = *state;
  px_autoerror error = NULL;
  char *folder = tmpdir_path(self->directory, ".pixazo");
  char *keys = tmpdir_path(self->directory, ".pixazo/keys");
  assert_int_equal(mkdir(folder, 0700), 0);
  assert_int_equal(mkdir(keys, 0700), 0);
  char *mine = write_file(self, ".pixazo/keys/my-sd", "fake-key-of-a-test\n", 0600);
  char *openai = write_file(self, ".pixazo/keys/openai", "fake-key-of-openai\n", 0600);
  char *copy = write_file(self, ".pixazo/keys/my-sd~", "not looked at", 0644);
  assert_status(pixazo_config_load_key_file(self->config, NULL, NULL), PIXAZO_E_NOT_FOUND); /* of pixazo */
  assert_string_equal(pixazo_config_get(self->config, "my-sd.api_key"), "fake-key-of-a-test");
  assert_string_equal(pixazo_config_source(self->config, "my-sd.api_key"), "key file");
  assert_string_equal(pixazo_config_get(self->config, "openai_api_key"), "fake-key-of-openai");
  free(mine);
  mine = write_file(self, ".pixazo/keys/my-sd", "fake-key-of-a-test\n", 0640);
  assert_status(pixazo_config_load_key_file(self->config, NULL, NULL), PIXAZO_E_NOT_FOUND); /* there is one already */
  pixazo_config *other = NULL;
  assert_status(pixazo_config_new(&other, NULL), PIXAZO_OK);
  assert_status(pixazo_config_load_key_file(other, NULL, &error), PIXAZO_E_AUTH);
  assert_non_null(strstr(pixazo_error_message(error), "keys/my-sd (mode 0640)"));
  pixazo_config_free(other);
  free(mine);
  free(openai);
  free(copy);
  free(keys);
  free(folder);
}

static void test_studio__loads_its_file_the_environment_and_the_key(void **state)
{
  fixture *self = *state;
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  char *path = write_file(self, "config.json", "{\"width\": 111, \"preset\": \"prod\"}", 0600);
  (void)setenv("PIXAZO_DEFAULT_HEIGHT", "222", 1);
  px_autoerror error = NULL;
  assert_ok(px_config_load_studio(self->directory, &config, &error), error);
  assert_string_equal(pixazo_config_get(config, "width"), "111");
  assert_string_equal(pixazo_config_get(config, "height"), "222");
  assert_string_equal(pixazo_config_get(config, "steps"), "25");
  assert_null(pixazo_config_get(config, "api_key"));
  free(path);
}

static void test_studio__an_open_key_file_stops_it(void **state)
{
  fixture *self = *state;
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  char *folder = tmpdir_path(self->directory, ".pixazo");
  assert_int_equal(mkdir(folder, 0700), 0);
  char *path = write_file(self, ".pixazo/api-key", "fake-key-of-a-test", 0644);
  assert_status(px_config_load_studio(self->directory, &config, NULL), PIXAZO_E_AUTH);
  assert_null(config);
  free(path);
  free(folder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_env__variables_become_settings, begin, end),
      cmocka_unit_test_setup_teardown(test_env__all_bad_values_are_named_at_once_and_none_is_applied, begin, end),
      cmocka_unit_test_setup_teardown(test_env__a_preset_named_there_is_in_force, begin, end),
      cmocka_unit_test_setup_teardown(test_file__every_json_kind_finds_its_setting, begin, end),
      cmocka_unit_test_setup_teardown(test_file__all_members_at_fault_are_named, begin, end),
      cmocka_unit_test_setup_teardown(test_file__what_is_no_json_names_the_file, begin, end),
      cmocka_unit_test_setup_teardown(test_file__a_key_in_an_open_file_is_refused, begin, end),
      cmocka_unit_test_setup_teardown(test_json__members_count_as_set, begin, end),
      cmocka_unit_test_setup_teardown(test_precedence__set_environment_file_whatever_the_order, begin, end),
      cmocka_unit_test_setup_teardown(test_key_file__is_read_when_only_its_owner_can, begin, end),
      cmocka_unit_test_setup_teardown(test_key_file__others_may_not_read_it, begin, end),
      cmocka_unit_test_setup_teardown(test_key_file__one_that_may_not_be_opened_is_no_absent_one, begin, end),
      cmocka_unit_test_setup_teardown(test_file__a_key_in_a_file_of_another_user_is_refused, begin, end),
      cmocka_unit_test_setup_teardown(test_key_file__wants_one_line, begin, end),
      cmocka_unit_test_setup_teardown(test_key_file__is_not_looked_at_when_there_is_a_key, begin, end),
      cmocka_unit_test_setup_teardown(test_key_file__the_usual_place_is_below_home, begin, end),
      cmocka_unit_test_setup_teardown(test_env__a_variable_with_a_providers_name_is_its_key_or_address, begin, end),
      cmocka_unit_test_setup_teardown(test_file__settings_by_a_providers_name_are_settings, begin, end),
      cmocka_unit_test_setup_teardown(test_file__a_wrong_value_by_a_providers_name_is_told, begin, end),
      cmocka_unit_test_setup_teardown(test_file__definitions_lie_beside_the_file_that_names_them, begin, end),
      cmocka_unit_test_setup_teardown(test_key_file__every_provider_may_have_one, begin, end),
      cmocka_unit_test_setup_teardown(test_studio__loads_its_file_the_environment_and_the_key, begin, end),
      cmocka_unit_test_setup_teardown(test_studio__an_open_key_file_stops_it, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
