/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "export/exporter.h"
#include "export/pass.h"
#include "export/recipe.h"
#include "support/pictures.h"

static const char FACTS[] = "{\"prompt\":\"a heron\"}";

static unsigned sample_of(uint32_t x, uint32_t y, unsigned channel)
{
  return (x * 3 + y * 5 + channel * 70) & 255;
}

static pixazo_rendition *export_file(const file_bytes *file, const char *json, const char *facts)
{
  pixazo_exporter *exporter = NULL;
  pixazo_recipe *recipe = NULL;
  pixazo_rendition *made = NULL;
  pixazo_blob *blob = NULL;
  px_autoerror error = NULL;
  assert_ok(pixazo_exporter_new(NULL, &exporter, &error), error);
  assert_ok(pixazo_recipe_new_from_json(json, &recipe, &error), error);
  assert_ok(pixazo_blob_new(file->data, file->size, &blob, &error), error);
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.source = blob;
  job.recipes = (const pixazo_recipe *const *)&recipe;
  job.recipe_count = 1;
  job.provenance_json = facts;
  assert_ok(pixazo_exporter_export_all(exporter, &job, &made, &error), error);
  (void)pixazo_blob_unref(blob);
  pixazo_recipe_free(recipe);
  (void)pixazo_exporter_unref(exporter);
  return made;
}

static void check_way(const file_bytes *file, const char *json, const char *facts, const char *way, bool same_bytes)
{
  pixazo_rendition *made = export_file(file, json, facts);
  const pixazo_blob *blob = pixazo_rendition_blob(made);
  if (strcmp(pixazo_rendition_way(made), way) != 0)
    fail_msg("%s: %s, not %s", json, pixazo_rendition_way(made), way);
  bool same = pixazo_blob_size(blob) == file->size && memcmp(pixazo_blob_data(blob), file->data, file->size) == 0;
  assert_int_equal(same, same_bytes);
  bool dropped = strstr(pixazo_rendition_notes(made), "c2pa_dropped") != NULL;
  assert_int_equal(dropped, !same_bytes);
  assert_int_equal(memmem(pixazo_blob_data(blob), pixazo_blob_size(blob), "c2pa", 4) != NULL, same_bytes);
  pixazo_rendition_free(made);
}

static void make_jpeg(file_bytes *file, unsigned orientation)
{
  file_bytes exif = {NULL, 0};
  jpeg_make(file, &(jpeg_plan){40, 24, JPEG_KIND_YCC, false, false, {200, 100, 50, 0}});
  file_add(&exif, "Exif\0", 6);
  exif_make(&exif, true, orientation);
  jpeg_insert_segment(file, 0xe1, exif.data, exif.size);
  jpeg_insert_segment(file, 0xeb, "JP\0\1\0\0\0\1\0\0\0\x20jumb\0\0\0\x18jumdc2pa", 28);
  file_bytes_done(&exif);
}

static void test_pass__jpeg_stays_as_coded_unless_something_asks_for_more(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0}, turned = {NULL, 0};
  make_jpeg(&file, 1);
  make_jpeg(&turned, 6);
  check_way(&file, "{\"metadata\":\"full\"}", NULL, "passed_through", true);
  check_way(&file, "{\"metadata\":\"full\",\"format\":\"jpeg\",\"width\":40}", NULL, "passed_through", true);
  check_way(&file, "{\"metadata\":\"full\"}", FACTS, "passed_through", false);
  check_way(&file, "{}", NULL, "passed_through", false);
  check_way(&file, "{\"metadata\":\"none\"}", NULL, "passed_through", false);
  check_way(&file, "{\"metadata\":\"full\",\"quality\":85}", NULL, "encoded", false);
  check_way(&file, "{\"metadata\":\"full\",\"reencode\":\"always\"}", NULL, "encoded", false);
  check_way(&file, "{\"metadata\":\"full\",\"width\":20}", NULL, "encoded", false);
  check_way(&file, "{\"metadata\":\"full\",\"format\":\"webp\"}", NULL, "encoded", false);
  check_way(&file, "{\"metadata\":\"full\",\"max_bytes\":9000}", NULL, "passed_through", true);
  check_way(&file, "{\"metadata\":\"full\",\"max_bytes\":720}", NULL, "encoded", false);
  check_way(&turned, "{\"metadata\":\"full\"}", NULL, "encoded", false);
  file_bytes_done(&file);
  file_bytes_done(&turned);
}

static void test_pass__webp_stays_as_coded(void **state)
{
  (void)state;
  file_bytes bare = {NULL, 0}, body = {NULL, 0}, file = {NULL, 0};
  webp_make(&bare, 31, 17, true, (const unsigned char[]){10, 20, 30, 255});
  file_add(&body, bare.data + 12, bare.size - 12);
  webp_chunk(&body, "C2PA", "c2pa", 4);
  webp_wrap(&file, &body);
  check_way(&file, "{\"metadata\":\"full\"}", NULL, "passed_through", true);
  check_way(&file, "{}", FACTS, "passed_through", false);
  check_way(&file, "{\"quality\":80}", NULL, "encoded", false);
  file_bytes_done(&bare);
  file_bytes_done(&body);
  file_bytes_done(&file);
}

/* Stored, a file of that size is far from what it could be; a good one is let through. */
static void test_pass__png_stays_as_coded_when_it_is_small_already(void **state)
{
  (void)state;
  file_bytes stored = {NULL, 0}, deep = {NULL, 0}, small = {NULL, 0};
  png_plan plan = {.width = 64, .height = 64, .depth = 8, .color = 2, .sample = sample_of};
  png_make(&stored, &plan);
  png_insert_chunk(&stored, "caBX", "c2pa", 4);
  check_way(&stored, "{\"metadata\":\"full\"}", NULL, "encoded", false);
  pixazo_rendition *made = export_file(&stored, "{\"metadata\":\"none\"}", NULL);
  file_add(&small, pixazo_blob_data(pixazo_rendition_blob(made)), (size_t)pixazo_rendition_bytes(made));
  png_insert_chunk(&small, "caBX", "c2pa", 4);
  check_way(&small, "{\"metadata\":\"full\"}", NULL, "passed_through", true);
  check_way(&small, "{}", FACTS, "passed_through", false);
  check_way(&small, "{\"reencode\":\"always\"}", NULL, "encoded", false);
  check_way(&small, "{\"height\":63}", NULL, "encoded", false);
  plan.depth = 16;
  png_make(&deep, &plan);
  png_insert_chunk(&deep, "caBX", "c2pa", 4);
  check_way(&deep, "{\"metadata\":\"full\"}", NULL, "encoded", false);
  pixazo_rendition_free(made);
  file_bytes_done(&stored);
  file_bytes_done(&deep);
  file_bytes_done(&small);
}

static void test_pass__inks_and_opaque_alpha_are_coded_anew(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  jpeg_make(&file, &(jpeg_plan){16, 16, JPEG_KIND_CMYK, false, true, {200, 100, 50, 0}});
  pixazo_rendition *made = export_file(&file, "{}", NULL);
  assert_string_equal(pixazo_rendition_way(made), "encoded");
  pixazo_rendition_free(made);
  file_bytes_done(&file);
}

static void test_pass__a_source_that_is_no_file_has_nothing_to_pass(void **state)
{
  (void)state;
  px_export_source source = {.info = {.format = PX_FORMAT_JPEG, .orientation = 1, .bit_depth = 8}};
  pixazo_recipe *recipe = NULL;
  pixazo_blob *file = NULL;
  assert_status(pixazo_recipe_new(&recipe, NULL), PIXAZO_OK);
  assert_false(px_pass_may(&source, recipe));
  assert_status(pixazo_blob_new("x", 1, &file, NULL), PIXAZO_OK);
  source.file = file;
  assert_true(px_pass_may(&source, recipe));
  (void)pixazo_blob_unref(file);
  pixazo_recipe_free(recipe);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pass__jpeg_stays_as_coded_unless_something_asks_for_more),
      cmocka_unit_test(test_pass__webp_stays_as_coded),
      cmocka_unit_test(test_pass__png_stays_as_coded_when_it_is_small_already),
      cmocka_unit_test(test_pass__inks_and_opaque_alpha_are_coded_anew),
      cmocka_unit_test(test_pass__a_source_that_is_no_file_has_nothing_to_pass),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
