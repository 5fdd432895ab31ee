/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "export/exporter.h"
#include "support/pictures.h"

static unsigned sample_of(uint32_t x, uint32_t y, unsigned channel)
{
  return (x * 3 + y * 5 + channel * 70) & 255;
}

static int make(void **state)
{
  pixazo_exporter *exporter = NULL;
  assert_status(pixazo_exporter_new(NULL, &exporter, NULL), PIXAZO_OK);
  *state = exporter;
  return 0;
}

static int drop(void **state)
{
  assert_null(pixazo_exporter_unref(*state));
  return 0;
}

static pixazo_blob *blob_of(file_bytes *file)
{
  pixazo_blob *blob = NULL;
  assert_status(pixazo_blob_new(file->data, file->size, &blob, NULL), PIXAZO_OK);
  file_bytes_done(file);
  return blob;
}

static pixazo_blob *make_source(unsigned color)
{
  file_bytes file = {NULL, 0};
  png_plan plan = {.width = 40, .height = 30, .depth = 8, .color = color, .sample = sample_of};
  png_make(&file, &plan);
  return blob_of(&file);
}

static pixazo_recipe *recipe_of(const char *json)
{
  pixazo_recipe *recipe = NULL;
  px_autoerror error = NULL;
  assert_ok(pixazo_recipe_new_from_json(json, &recipe, &error), error);
  return recipe;
}

static const char *const SET[] = {"{\"level\":9,\"format\":\"png\"}", "{\"format\":\"jpeg\"}", "{\"format\":\"webp\"}",
                                   "{\"recipe\":\"fit-256\",\"width\":33}", "{\"level\":6,\"format\":\"png\"}"};

/* SHA-256 of each file of the set, made by so many threads. */
static void hash_set(uint32_t threads, px_simd simd, pixazo_blob *source, char hashes[][65])
{
  pixazo_exporter *exporter = NULL;
  pixazo_recipe *recipes[PX_ARRAY_SIZE(SET)];
  pixazo_rendition *made[PX_ARRAY_SIZE(SET)];
  px_autoerror error = NULL;
  pixazo_exporter_options options;
  pixazo_exporter_options_init(&options, sizeof options);
  options.threads = threads;
  assert_ok(pixazo_exporter_new(&options, &exporter, &error), error);
  exporter->simd = simd;
  for (size_t i = 0; i < PX_ARRAY_SIZE(SET); i++)
    recipes[i] = recipe_of(SET[i]);
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = (const pixazo_recipe *const *)recipes;
  job.recipe_count = PX_ARRAY_SIZE(SET);
  assert_ok(pixazo_exporter_export_all(exporter, &job, made, &error), error);
  for (size_t i = 0; i < PX_ARRAY_SIZE(SET); i++) {
    (void)snprintf(hashes[i], 65, "%s", pixazo_rendition_sha256(made[i]));
    pixazo_rendition_free(made[i]);
    pixazo_recipe_free(recipes[i]);
  }
  assert_null(pixazo_exporter_unref(exporter));
}

static void test_exporter__makes_the_same_files_with_any_threads_and_instructions(void **state)
{
  (void)state;
  static const uint32_t threads[] = {1, 2, 3, 8};
  char first[PX_ARRAY_SIZE(SET)][65], again[PX_ARRAY_SIZE(SET)][65];
  for (int color = 2; color <= 6; color += 4) { /* without and with alpha */
    file_bytes file = {NULL, 0};
    png_plan plan = {.width = 131, .height = 97, .depth = 8, .color = (unsigned)color, .sample = sample_of};
    png_make(&file, &plan);
    pixazo_blob *source = blob_of(&file);
    hash_set(1, PX_SIMD_PLAIN, source, first);
    for (size_t t = 0; t < PX_ARRAY_SIZE(threads); t++) {
      hash_set(threads[t], PX_SIMD_AUTO, source, again);
      for (size_t i = 0; i < PX_ARRAY_SIZE(SET); i++)
        assert_string_equal(first[i], again[i]);
    }
    pixazo_blob_unref(source);
  }
}

static void test_exporter__refuses_too_many_threads(void **state)
{
  (void)state;
  pixazo_exporter *exporter = NULL;
  px_autoerror error = NULL;
  pixazo_exporter_options options;
  pixazo_exporter_options_init(&options, sizeof options);
  options.threads = 65;
  assert_status(pixazo_exporter_new(&options, &exporter, &error), PIXAZO_E_ARGUMENT);
  assert_null(exporter);
}

static void test_exporter__with_threads_keeps_the_failure_and_nothing_else(void **state)
{
  (void)state;
  pixazo_exporter *exporter = NULL;
  pixazo_exporter_options options;
  pixazo_exporter_options_init(&options, sizeof options);
  options.threads = 2;
  options.max_pixels = 5000;
  assert_status(pixazo_exporter_new(&options, &exporter, NULL), PIXAZO_OK);
  pixazo_blob *source = make_source(2);
  pixazo_recipe *recipes[3] = {recipe_of("{\"width\":20}"), recipe_of("{\"width\":2000}"), recipe_of("{\"width\":10}")};
  pixazo_rendition *made[3] = {NULL, NULL, NULL};
  px_autoerror error = NULL;
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = (const pixazo_recipe *const *)recipes;
  job.recipe_count = 3;
  assert_status(pixazo_exporter_export_all(exporter, &job, made, &error), PIXAZO_E_LIMIT);
  for (int i = 0; i < 3; i++) {
    assert_null(made[i]);
    pixazo_recipe_free(recipes[i]);
  }
  pixazo_blob_unref(source);
  assert_null(pixazo_exporter_unref(exporter));
}

static void test_exporter__makes_all_renditions_in_order(void **state)
{
  pixazo_blob *source = make_source(6);
  pixazo_recipe *recipes[3] = {recipe_of("{\"format\":\"webp\",\"width\":20}"), recipe_of("{\"recipe\":\"fit-256\"}"),
                               recipe_of("{\"format\":\"same\",\"width\":10,\"height\":10,\"fit\":\"contain\"}")};
  static const char *const formats[] = {"webp", "jpeg", "png"};
  static const uint32_t sizes[][2] = {{20, 15}, {40, 30}, {10, 10}};
  pixazo_rendition *made[3] = {NULL, NULL, NULL};
  px_autoerror error = NULL;
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = (const pixazo_recipe *const *)recipes;
  job.recipe_count = 3;
  job.provenance_json = "{\"prompt\":\"a fox\"}";
  assert_ok(pixazo_exporter_export_all(*state, &job, made, &error), error);
  for (int i = 0; i < 3; i++) {
    assert_string_equal(pixazo_rendition_format(made[i]), formats[i]);
    assert_int_equal(pixazo_rendition_width(made[i]), sizes[i][0]);
    assert_int_equal(pixazo_rendition_height(made[i]), sizes[i][1]);
    assert_int_equal(pixazo_rendition_bytes(made[i]), pixazo_blob_size(pixazo_rendition_blob(made[i])));
    pixazo_rendition_free(made[i]);
    pixazo_recipe_free(recipes[i]);
  }
  pixazo_blob_unref(source);
}

static void test_exporter__lives_as_long_as_its_last_reference(void **state)
{
  pixazo_blob *source = make_source(2);
  pixazo_recipe *recipe = recipe_of("{}");
  pixazo_rendition *made = NULL;
  assert_ptr_equal(pixazo_exporter_ref(*state), *state);
  assert_null(pixazo_exporter_unref(*state));
  assert_status(pixazo_exporter_export(*state, source, recipe, &made, NULL), PIXAZO_OK);
  pixazo_rendition_free(made);
  pixazo_recipe_free(recipe);
  pixazo_blob_unref(source);
}

static void test_exporter__all_or_none(void **state)
{
  pixazo_blob *source = make_source(2);
  pixazo_recipe *recipes[2] = {recipe_of("{}"),
                               recipe_of("{\"format\":\"webp\",\"width\":20000,\"height\":1,\"fit\":\"fill\"}")};
  pixazo_rendition *made[2] = {NULL, NULL};
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = (const pixazo_recipe *const *)recipes;
  job.recipe_count = 2;
  assert_status(pixazo_exporter_export_all(*state, &job, made, NULL), PIXAZO_E_LIMIT);
  assert_null(made[0]);
  pixazo_recipe_free(recipes[0]);
  pixazo_recipe_free(recipes[1]);
  pixazo_blob_unref(source);
}

static pixazo_status export_with(const pixazo_exporter_options *options, const char *json, const pixazo_blob *source)
{
  pixazo_exporter *exporter = NULL;
  pixazo_rendition *made = NULL;
  assert_status(pixazo_exporter_new(options, &exporter, NULL), PIXAZO_OK);
  pixazo_recipe *recipe = recipe_of(json);
  pixazo_status status = pixazo_exporter_export(exporter, source, recipe, &made, NULL);
  assert_int_equal(made != NULL, status == PIXAZO_OK);
  pixazo_rendition_free(made);
  pixazo_recipe_free(recipe);
  pixazo_exporter_unref(exporter);
  return status;
}

static void test_exporter__limits_hold_for_sources_and_renditions(void **state)
{
  (void)state;
  pixazo_blob *source = make_source(2);
  pixazo_exporter_options options;
  pixazo_exporter_options_init(&options, sizeof options);
  options.max_pixels = 40 * 30;
  assert_status(export_with(&options, "{}", source), PIXAZO_OK);
  assert_status(export_with(&options, "{\"width\":41}", source), PIXAZO_E_LIMIT);
  assert_status(export_with(NULL, "{\"width\":65535,\"height\":65535,\"fit\":\"fill\"}", source), PIXAZO_E_LIMIT);
  options.max_pixels = 40 * 30 - 1;
  assert_status(export_with(&options, "{}", source), PIXAZO_E_LIMIT);
  pixazo_exporter_options_init(&options, sizeof options);
  options.max_bytes = pixazo_blob_size(source);
  assert_status(export_with(&options, "{}", source), PIXAZO_OK);
  options.max_bytes--;
  assert_status(export_with(&options, "{}", source), PIXAZO_E_LIMIT);
  pixazo_blob_unref(source);
}

static void test_exporter__wrong_jobs_are_refused(void **state)
{
  pixazo_blob *source = make_source(2);
  pixazo_recipe *recipe = recipe_of("{}");
  const pixazo_recipe *list[] = {recipe, NULL};
  pixazo_rendition *made[2] = {NULL, NULL};
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  assert_status(pixazo_exporter_export_all(*state, &job, made, NULL), PIXAZO_E_ARGUMENT);
  job.source = source;
  assert_status(pixazo_exporter_export_all(*state, &job, made, NULL), PIXAZO_E_ARGUMENT);
  job.recipes = list;
  job.recipe_count = 2;
  assert_status(pixazo_exporter_export_all(*state, &job, made, NULL), PIXAZO_E_ARGUMENT);
  job.recipe_count = 1;
  job.provenance_json = "nonsense";
  assert_status(pixazo_exporter_export_all(*state, &job, made, NULL), PIXAZO_E_ARGUMENT);
  job.provenance_json = NULL;
  assert_status(pixazo_exporter_export_all(NULL, &job, made, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_exporter_export_all(*state, &job, NULL, NULL), PIXAZO_E_ARGUMENT);
  job.struct_size = 3;
  assert_status(pixazo_exporter_export_all(*state, &job, made, NULL), PIXAZO_E_ABI);
  assert_null(made[0]);
  pixazo_recipe_free(recipe);
  pixazo_blob_unref(source);
}

static void test_exporter__a_cancelled_job_makes_nothing(void **state)
{
  pixazo_blob *source = make_source(2);
  pixazo_recipe *recipe = recipe_of("{}");
  const pixazo_recipe *list[] = {recipe};
  pixazo_rendition *made = NULL;
  pixazo_cancel *cancel = NULL;
  pixazo_export_job job;
  assert_status(pixazo_cancel_new(&cancel, NULL), PIXAZO_OK);
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_SOFT);
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = list;
  job.recipe_count = 1;
  job.cancel = cancel;
  assert_status(pixazo_exporter_export_all(*state, &job, &made, NULL), PIXAZO_E_CANCELLED);
  assert_null(made);
  pixazo_cancel_unref(cancel);
  pixazo_recipe_free(recipe);
  pixazo_blob_unref(source);
}

static void test_exporter__an_options_struct_of_the_future_is_refused(void **state)
{
  (void)state;
  struct {
    pixazo_exporter_options known;
    uint64_t unknown;
  } newer;
  pixazo_exporter *exporter = NULL;
  memset(&newer, 0, sizeof newer);
  newer.known.struct_size = sizeof newer;
  newer.unknown = 1;
  assert_status(pixazo_exporter_new(&newer.known, &exporter, NULL), PIXAZO_E_ABI);
  newer.unknown = 0;
  assert_status(pixazo_exporter_new(&newer.known, &exporter, NULL), PIXAZO_OK);
  pixazo_exporter_unref(exporter);
}

#define WITH_EXPORTER(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
  const struct CMUnitTest tests[] = {
      WITH_EXPORTER(test_exporter__makes_all_renditions_in_order),
      cmocka_unit_test(test_exporter__makes_the_same_files_with_any_threads_and_instructions),
      cmocka_unit_test(test_exporter__refuses_too_many_threads),
      cmocka_unit_test(test_exporter__with_threads_keeps_the_failure_and_nothing_else),
      WITH_EXPORTER(test_exporter__lives_as_long_as_its_last_reference),
      WITH_EXPORTER(test_exporter__all_or_none),
      cmocka_unit_test(test_exporter__limits_hold_for_sources_and_renditions),
      WITH_EXPORTER(test_exporter__wrong_jobs_are_refused),
      WITH_EXPORTER(test_exporter__a_cancelled_job_makes_nothing),
      cmocka_unit_test(test_exporter__an_options_struct_of_the_future_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
