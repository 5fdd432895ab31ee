/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/mem.h"
#include "studio/config.h"
#include "studio/config_definitions.h"
#include "support/tmpdir.h"

#define DOCUMENT(name, models)                                                                        \
  "{\"schema\":1,\"name\":\"" name "\",\"base_url\":\"https://images.example\",\"models\":[" models \
  "]}"
#define MODEL "{\"name\":\"one\",\"path\":\"/v1\",\"parameters\":{\"prompt\":\"text\"}}"

static char *write_file(const char *directory, const char *name, const char *text, mode_t mode)
{
  char *path = tmpdir_path(directory, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(chmod(path, mode), 0);
  return path;
}

/* Loads the definitions that a list names; `wanted` NULL: all is well, else a part of the message. */
static void load(const char *list, px_config_definitions *definitions, const char *wanted)
{
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  px_autoerror error = NULL;
  assert_status(pixazo_config_new(&config, NULL), PIXAZO_OK);
  assert_ok(pixazo_config_set(config, "provider_files", list, &error), error);
  pixazo_status status = px_config_definitions_load(config, definitions, &error);
  if (!wanted) {
    assert_ok(status, error);
    return;
  }
  assert_status(status, PIXAZO_E_ARGUMENT);
  if (!strstr(pixazo_error_message(error), wanted))
    fail_msg("\"%s\" is not in \"%s\"", wanted, pixazo_error_message(error));
  assert_non_null(strstr(pixazo_error_message(error), "provider_files (set): "));
  assert_non_null(strstr(pixazo_error_hint(error), "--check FILE"));
}

static void test_definitions__every_file_of_the_list_becomes_a_provider(void **state)
{
  char *one = write_file(*state, "one.json", DOCUMENT("one", MODEL), 0644);
  char *two = write_file(*state, "two.json", DOCUMENT("two", MODEL), 0600);
  px_auto(px_config_definitions) definitions = {.count = 0};
  char list[2048];
  (void)snprintf(list, sizeof list, " %s , %s,", one, two);
  load(list, &definitions, NULL);
  assert_int_equal(definitions.count, 2);
  assert_string_equal(pixazo_provider_name(definitions.items[0]), "one");
  assert_string_equal(pixazo_provider_name(definitions.items[1]), "two");
  assert_string_equal(definitions.paths[1], two);
  free(one);
  free(two);
}

static void test_definitions__a_mistake_is_told_with_its_file_and_its_place(void **state)
{
  px_auto(px_config_definitions) definitions = {.count = 0};
  char *good = write_file(*state, "good.json", DOCUMENT("one", MODEL), 0644);
  char *wrong = write_file(*state, "wrong.json", DOCUMENT("mine", MODEL ",{\"name\":\"x\"}"), 0644);
  char *text = write_file(*state, "text.json", "{", 0644);
  char *empty = write_file(*state, "empty.json", "", 0644);
  char list[2048];
  (void)snprintf(list, sizeof list, "%s,%s", good, wrong);
  load(list, &definitions, "wrong.json: models[1].");
  assert_int_equal(definitions.count, 1);
  load(text, &definitions, "text.json: ");
  load(empty, &definitions, "empty.json: ");
  load("/nowhere/at/all.json", &definitions, "/nowhere/at/all.json: ");
  load(*state, &definitions, *state); /* a directory */
  free(good);
  free(wrong);
  free(text);
  free(empty);
}

static void test_definitions__two_of_one_name_are_refused(void **state)
{
  px_auto(px_config_definitions) definitions = {.count = 0};
  char *one = write_file(*state, "one.json", DOCUMENT("mine", MODEL), 0644);
  char *two = write_file(*state, "two.json", DOCUMENT("mine", MODEL), 0644);
  char list[2048];
  (void)snprintf(list, sizeof list, "%s,%s", one, two);
  load(list, &definitions, "name: \"mine\" is the provider of ");
  free(one);
  free(two);
}

static void test_definitions__a_file_that_everybody_may_write_is_refused(void **state)
{
  px_auto(px_config_definitions) definitions = {.count = 0};
  char *open = write_file(*state, "open.json", DOCUMENT("mine", MODEL), 0666);
  load(open, &definitions, "everybody may write this file (mode 0666); run: chmod o-w ");
  assert_int_equal(definitions.count, 0);
  free(open);
}

static void test_definitions__no_list_is_no_definition(void **state)
{
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  px_auto(px_config_definitions) definitions = {.count = 0};
  (void)state;
  assert_status(pixazo_config_new(&config, NULL), PIXAZO_OK);
  assert_status(px_config_definitions_load(config, &definitions, NULL), PIXAZO_OK);
  assert_int_equal(definitions.count, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_definitions__every_file_of_the_list_becomes_a_provider, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_definitions__a_mistake_is_told_with_its_file_and_its_place, tmpdir_setup,
                                      tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_definitions__two_of_one_name_are_refused, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_definitions__a_file_that_everybody_may_write_is_refused, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test(test_definitions__no_list_is_no_definition),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
