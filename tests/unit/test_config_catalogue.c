/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/config.h>
#include <pixazo/memory.h>

#include "base/error.h"
#include "base/mem.h"
#include "json/json.h"
#include "studio/config.h"
#include "support/tmpdir.h"

static char *write_definition(const char *directory, const char *name)
{
  char file[80];
  (void)snprintf(file, sizeof file, "%s.json", name);
  char *path = tmpdir_path(directory, file);
  FILE *stream = fopen(path, "w");
  assert_non_null(stream);
  (void)fprintf(stream,
                "{\"schema\":1,\"name\":\"%s\",\"base_url\":\"https://images.example\",\"auth\":{\"header\":\"X-Pass\","
                "\"required\":true},\"models\":[{\"name\":\"one\",\"path\":\"/v1\",\"parameters\":{\"prompt\":\"text\"}}]}",
                name);
  assert_int_equal(fclose(stream), 0);
  return path;
}

static px_json *list(const pixazo_config *config)
{
  px_autofree char *text = NULL;
  px_autoerror error = NULL;
  px_json *root = NULL;
  assert_ok(pixazo_config_providers_to_json(config, &text, &error), error);
  assert_null(strstr(text, "fake-key")); /* no key is ever shown */
  assert_status(px_json_parse(text, strlen(text), NULL, &root, NULL), PIXAZO_OK);
  return root;
}

/* The only entry of a name. */
static const px_json *entry(const px_json *root, const char *name)
{
  const px_json *found = NULL;
  for (const px_json *node = px_json_first(px_json_member(root, "providers")); node; node = px_json_next(node)) {
    if (strcmp(px_json_text(px_json_member(node, "name")), name) != 0)
      continue;
    assert_null(found);
    found = node;
  }
  assert_non_null(found);
  return found;
}

static bool has_key(const px_json *root, const char *name)
{
  bool value = false;
  assert_status(px_json_get_bool(entry(root, name), "has_key", &value, NULL), PIXAZO_OK);
  return value;
}

static void test_catalogue__without_settings_it_is_the_librarys(void **state)
{
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  (void)state;
  assert_status(pixazo_config_new(&config, NULL), PIXAZO_OK);
  px_cleanup(px_json_done) px_json *root = list(config);
  assert_false(has_key(root, "pixazo"));
  assert_true(px_json_is(px_json_member(entry(root, "openai"), "file"), PX_JSON_NULL));
}

static void test_catalogue__definitions_stand_behind_with_their_files_and_keys(void **state)
{
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  char *mine = write_definition(*state, "my-sd");
  char *other = write_definition(*state, "other");
  char files[2048];
  (void)snprintf(files, sizeof files, "%s,%s", mine, other);
  assert_status(pixazo_config_new(&config, NULL), PIXAZO_OK);
  assert_status(pixazo_config_set(config, "provider_files", files, NULL), PIXAZO_OK);
  assert_status(pixazo_config_set(config, "my_sd.api_key", "fake-key-1", NULL), PIXAZO_OK);
  assert_status(pixazo_config_set(config, "my-sd.base_url", "https://elsewhere.example", NULL), PIXAZO_OK);
  assert_status(pixazo_config_set(config, "api_key", "fake-key-2", NULL), PIXAZO_OK);
  px_cleanup(px_json_done) px_json *root = list(config);
  assert_true(has_key(root, "my-sd"));
  assert_true(has_key(root, "pixazo"));
  assert_false(has_key(root, "other"));
  assert_string_equal(px_json_text(px_json_member(entry(root, "my-sd"), "file")), mine);
  assert_string_equal(px_json_text(px_json_member(entry(root, "my-sd"), "reached_at")), "https://elsewhere.example");
  assert_int_equal(px_json_size(px_json_member(entry(root, "other"), "models")), 1);
  free(mine);
  free(other);
}

static void test_catalogue__a_definition_takes_the_place_of_the_librarys(void **state)
{
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  char *mine = write_definition(*state, "a1111");
  assert_status(pixazo_config_new(&config, NULL), PIXAZO_OK);
  assert_status(pixazo_config_set(config, "provider_files", mine, NULL), PIXAZO_OK);
  px_cleanup(px_json_done) px_json *root = list(config);
  assert_string_equal(px_json_text(px_json_member(entry(root, "a1111"), "file")), mine);
  free(mine);
}

static void test_catalogue__a_wrong_file_is_an_error(void **state)
{
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  char *text = NULL;
  (void)state;
  assert_status(pixazo_config_new(&config, NULL), PIXAZO_OK);
  assert_status(pixazo_config_set(config, "provider_files", "/nowhere.json", NULL), PIXAZO_OK);
  assert_status(pixazo_config_providers_to_json(config, &text, NULL), PIXAZO_E_ARGUMENT);
  assert_null(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_catalogue__without_settings_it_is_the_librarys),
      cmocka_unit_test_setup_teardown(test_catalogue__definitions_stand_behind_with_their_files_and_keys, tmpdir_setup,
                                      tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_catalogue__a_definition_takes_the_place_of_the_librarys, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test(test_catalogue__a_wrong_file_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
