/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pixazo/studio.h>

#include "base/error.h"
#include "base/mem.h"
#include "studio/config.h"
#include "support/tmpdir.h"

static int begin(void **state)
{
  for (size_t i = 0; i < px_config_key_count(); i++) {
    if (px_config_key_at(i)->variable)
      (void)unsetenv(px_config_key_at(i)->variable);
  }
  (void)setenv("PIXAZO_RENDITIONS", "fit-256", 1); /* the formats have tests of their own */
  int failed = tmpdir_setup(state);
  (void)setenv("HOME", *state, 1);
  return failed;
}

static pixazo_studio *open_here(const char *directory)
{
  pixazo_studio *studio = NULL;
  px_autoerror error = NULL;
  assert_ok(pixazo_studio_open(directory, NULL, &studio, &error), error);
  return studio;
}

static pixazo_generation *generate(pixazo_studio *studio, const char *json)
{
  pixazo_request *request = NULL;
  pixazo_generation *record = NULL;
  px_autoerror error = NULL;
  assert_ok(pixazo_request_new_from_json(json, &request, &error), error);
  assert_ok(pixazo_studio_generate(studio, request, NULL, &record, &error), error);
  pixazo_request_free(request);
  return record;
}

static void test_studio__without_anything_it_makes_a_test_picture_and_says_so(void **state)
{
  pixazo_studio *studio = open_here(*state);
  assert_non_null(strstr(pixazo_studio_note(studio), "offline test pictures"));
  pixazo_generation *record = generate(studio, "{\"prompt\": \"a fox\", \"width\": 64, \"height\": 48}");
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_DONE);
  assert_string_equal(pixazo_generation_provider(record), "offline");
  assert_int_equal(pixazo_generation_image_width(record, 0), 64);
  assert_int_equal(pixazo_generation_rendition_count(record, 0), 1);
  assert_int_equal(access(pixazo_generation_image_path(record, 0), R_OK), 0);
  assert_int_equal(access(pixazo_generation_rendition_path(record, 0, 0), R_OK), 0);
  pixazo_generation_free(record);
  pixazo_studio_close(studio);
}

static void test_studio__lays_its_directory_out(void **state)
{
  static const char *const names[] = {"pixazo.db", "originals", "renditions", "spool"};
  pixazo_studio *studio = open_here(*state);
  pixazo_generation_free(generate(studio, "{\"prompt\": \"a fox\", \"width\": 64, \"height\": 64}"));
  pixazo_studio_close(studio);
  for (size_t i = 0; i < PX_ARRAY_SIZE(names); i++) {
    char *path = tmpdir_path(*state, names[i]);
    if (access(path, F_OK) != 0)
      fail_msg("%s is not there", path);
    free(path);
  }
}

static void test_studio__the_settings_fill_what_the_request_leaves_open(void **state)
{
  (void)setenv("PIXAZO_DEFAULT_WIDTH", "80", 1);
  (void)setenv("PIXAZO_DEFAULT_HEIGHT", "40", 1);
  pixazo_studio *studio = open_here(*state);
  static const char json[] = "{\"prompt\": \"a fox\",  \"height\": 56, \"THEME\": \"red\"}";
  pixazo_generation *record = generate(studio, json);
  assert_int_equal(pixazo_generation_image_width(record, 0), 80);
  assert_int_equal(pixazo_generation_image_height(record, 0), 56);
  assert_string_equal(pixazo_generation_request_json(record), json);
  assert_non_null(strstr(pixazo_generation_metadata_json(record), "THEME"));
  pixazo_generation_free(record);
  pixazo_studio_close(studio);
}

static void test_studio__a_named_provider_without_a_key_is_refused_with_advice(void **state)
{
  pixazo_studio *studio = NULL;
  px_autoerror error = NULL;
  (void)setenv("PIXAZO_PROVIDER", "pixazo", 1);
  assert_status(pixazo_studio_open(*state, NULL, &studio, &error), PIXAZO_E_AUTH);
  assert_null(studio);
  assert_non_null(strstr(pixazo_error_hint(error), "PIXAZO_API_KEY"));
}

static void test_studio__a_key_file_that_others_can_read_is_refused(void **state)
{
  pixazo_studio *studio = NULL;
  px_autoerror error = NULL;
  char *folder = tmpdir_path(*state, ".pixazo");
  char *path = tmpdir_path(*state, ".pixazo/api-key");
  assert_int_equal(mkdir(folder, 0700), 0);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fputs("fake-key-of-a-test\n", file) >= 0);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(chmod(path, 0644), 0);
  assert_status(pixazo_studio_open(*state, NULL, &studio, &error), PIXAZO_E_AUTH);
  assert_non_null(strstr(pixazo_error_message(error), "chmod 600"));
  free(folder);
  free(path);
}

static void test_studio__bad_settings_are_all_named(void **state)
{
  pixazo_studio *studio = NULL;
  px_autoerror error = NULL;
  (void)setenv("PIXAZO_DEFAULT_WIDTH", "wide", 1);
  (void)setenv("PIXAZO_CONCURRENCY", "0", 1);
  assert_status(pixazo_studio_open(*state, NULL, &studio, &error), PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(error), "PIXAZO_DEFAULT_WIDTH"));
  assert_non_null(strstr(pixazo_error_message(error), "PIXAZO_CONCURRENCY"));
}

static void test_studio__the_same_key_again_gives_the_first_picture(void **state)
{
  static const char json[] = "{\"prompt\": \"a fox\", \"width\": 64, \"height\": 64, \"idempotency_key\": \"one\"}";
  pixazo_studio *studio = open_here(*state);
  pixazo_generation *first = generate(studio, json);
  pixazo_generation *second = generate(studio, json);
  assert_string_equal(pixazo_generation_uuid(first), pixazo_generation_uuid(second));
  pixazo_generation_free(first);
  pixazo_generation_free(second);
  pixazo_studio_close(studio);
}

static void test_studio__opens_again_and_finds_what_was_made(void **state)
{
  pixazo_studio *studio = open_here(*state);
  pixazo_generation *record = generate(studio, "{\"prompt\": \"a fox\", \"width\": 64, \"height\": 64, \"count\": 2}");
  char *id = strdup(pixazo_generation_uuid(record));
  assert_int_equal(pixazo_generation_image_count(record), 2);
  pixazo_generation_free(record);
  pixazo_studio_close(studio);
  studio = open_here(*state);
  pixazo_generation *again = NULL;
  assert_status(pixazo_repository_find(pixazo_studio_repository(studio), id, &again, NULL), PIXAZO_OK);
  assert_string_equal(pixazo_generation_prompt(again), "a fox");
  pixazo_generation_free(again);
  free(id);
  pixazo_studio_close(studio);
}

static void test_studio__two_may_share_a_directory(void **state)
{
  pixazo_studio *one = open_here(*state);
  pixazo_studio *two = open_here(*state);
  pixazo_generation_free(generate(one, "{\"prompt\": \"a fox\", \"width\": 64, \"height\": 64}"));
  pixazo_generation_free(generate(two, "{\"prompt\": \"an owl\", \"width\": 64, \"height\": 64}"));
  pixazo_studio_close(one);
  pixazo_studio_close(two);
}

static void test_studio__a_cancel_that_is_set_sends_nothing(void **state)
{
  pixazo_studio *studio = open_here(*state);
  pixazo_cancel *cancel = NULL;
  pixazo_request *request = NULL;
  pixazo_generation *record = NULL;
  assert_status(pixazo_cancel_new(&cancel, NULL), PIXAZO_OK);
  assert_status(pixazo_request_new("a fox", &request, NULL), PIXAZO_OK);
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_SOFT);
  assert_status(pixazo_studio_generate(studio, request, cancel, &record, NULL), PIXAZO_E_CANCELLED);
  assert_null(record);
  pixazo_request_free(request);
  pixazo_cancel_unref(cancel);
  pixazo_studio_close(studio);
}

typedef struct heard {
  int count;
  bool full; /* a budget, to the last bit */
} heard;

static void take_alert(const pixazo_alert *alert, void *user_data)
{
  heard *self = user_data;
  self->count++;
  self->full = alert->kind == PIXAZO_ALERT_BUDGET && alert->value == 100;
}

/* A studio whose budget is one call. */
static pixazo_studio *open_with_hook(const char *directory, heard *told)
{
  px_autoerror error = NULL;
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  pixazo_studio *studio = NULL;
  pixazo_studio_options options = PIXAZO_STUDIO_OPTIONS_INIT;
  assert_status(pixazo_config_new(&config, NULL), PIXAZO_OK);
  assert_ok(pixazo_config_load_json(config,
                                    "{\"provider\":\"offline\",\"offline_script\":{\"price_micros\":1000000,\"calls\":[]},"
                                    "\"budget_day\":\"1\",\"renditions\":\"none\"}",
                                    &error),
            error);
  options.config = config;
  options.on_alert = take_alert;
  options.on_alert_data = told;
  assert_ok(pixazo_studio_open(directory, &options, &studio, &error), error);
  return studio;
}

static void test_studio__alerts_reach_its_hook(void **state)
{
  heard told = {0, false};
  pixazo_generation *none = NULL;
  pixazo_studio *studio = open_with_hook(*state, &told);
  pixazo_generation_free(generate(studio, "{\"prompt\":\"p\",\"width\":64,\"height\":64}"));
  assert_status(pixazo_studio_generate_prompt(studio, "p", &none, NULL), PIXAZO_E_BUDGET);
  for (int i = 0; i < 200 && told.count == 0; i++) { /* the hook runs in whatever call comes next */
    pixazo_event *event = NULL;
    if (pixazo_pipeline_next_event(pixazo_studio_pipeline(studio), 50, &event, NULL) == PIXAZO_OK)
      pixazo_event_free(event);
  }
  pixazo_studio_close(studio);
  assert_int_equal(told.count, 1);
  assert_true(told.full);
}

static void test_studio__arguments_are_checked(void **state)
{
  pixazo_studio *studio = NULL;
  pixazo_generation *record = NULL;
  pixazo_studio_options options;
  pixazo_studio_options_init(&options, sizeof options);
  options.recipe_count = 1;
  assert_status(pixazo_studio_open(NULL, NULL, &studio, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_studio_open("", NULL, &studio, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_studio_open(*state, NULL, NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_studio_open(*state, &options, &studio, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_studio_generate_prompt(NULL, "x", &record, NULL), PIXAZO_E_ARGUMENT);
  assert_string_equal(pixazo_studio_note(NULL), "");
  assert_null(pixazo_studio_client(NULL));
  pixazo_studio_close(NULL);
}

int main(void)
{
#define HERE(name) cmocka_unit_test_setup_teardown(name, begin, tmpdir_teardown)
  const struct CMUnitTest tests[] = {
      HERE(test_studio__without_anything_it_makes_a_test_picture_and_says_so),
      HERE(test_studio__lays_its_directory_out),
      HERE(test_studio__the_settings_fill_what_the_request_leaves_open),
      HERE(test_studio__a_named_provider_without_a_key_is_refused_with_advice),
      HERE(test_studio__a_key_file_that_others_can_read_is_refused),
      HERE(test_studio__bad_settings_are_all_named),
      HERE(test_studio__the_same_key_again_gives_the_first_picture),
      HERE(test_studio__opens_again_and_finds_what_was_made),
      HERE(test_studio__two_may_share_a_directory),
      HERE(test_studio__a_cancel_that_is_set_sends_nothing),
      HERE(test_studio__alerts_reach_its_hook),
      HERE(test_studio__arguments_are_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
