/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <pixazo/exporter.h>
#include <pixazo/memory.h>

#include "base/mem.h"
#include "support/pictures.h"
#include "support/torture.h"

static unsigned sample_of(uint32_t x, uint32_t y, unsigned channel)
{
  return (x * 3 + y * 5 + channel * 70) & 255;
}

static void make_source(file_bytes *file)
{
  png_plan plan = {.width = 20, .height = 15, .depth = 8, .color = 6, .sample = sample_of};
  file_bytes exif = {NULL, 0};
  exif_make(&exif, true, 6);
  png_make(file, &plan);
  png_insert_chunk(file, "eXIf", exif.data, exif.size);
  png_insert_chunk(file, "tEXt", "Comment\0theirs", 14);
  file_bytes_done(&exif);
}

static pixazo_status make_recipes(pixazo_recipe *recipes[3], pixazo_error **error)
{
  static const char *const documents[] = {"{\"format\":\"png\",\"metadata\":\"full\",\"width\":8}",
                                          "{\"recipe\":\"fit-256\"}", "{\"format\":\"webp\",\"width\":9,\"fit\":\"cover\"}"};
  pixazo_status status = PIXAZO_OK;
  for (int i = 0; i < 3 && status == PIXAZO_OK; i++)
    status = pixazo_recipe_new_from_json(documents[i], &recipes[i], error);
  return status;
}

static pixazo_status export_all(const pixazo_exporter *exporter, const pixazo_blob *source, pixazo_error **error)
{
  pixazo_recipe *recipes[3] = {NULL, NULL, NULL};
  pixazo_rendition *made[3] = {NULL, NULL, NULL};
  char *json = NULL;
  pixazo_export_job job;
  pixazo_status status = make_recipes(recipes, error);
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = (const pixazo_recipe *const *)recipes;
  job.recipe_count = 3;
  job.provenance_json = "{\"prompt\":\"a fox\",\"model\":\"m\",\"seed\":7}";
  if (status == PIXAZO_OK)
    status = pixazo_exporter_export_all(exporter, &job, made, error);
  if (status == PIXAZO_OK)
    status = pixazo_rendition_to_json(made[0], &json, error);
  pixazo_free(json);
  for (int i = 0; i < 3; i++) {
    pixazo_rendition_free(made[i]);
    pixazo_recipe_free(recipes[i]);
  }
  return status;
}

/* A matrix of turned, smart and linear recipes, from a picture with a base below it and a layer over it. */
static pixazo_status compose(const pixazo_exporter *exporter, const pixazo_blob *source, pixazo_error **error)
{
  static const char json[] = "{\"sizes\":[{\"width\":9,\"height\":9,\"fit\":\"cover\",\"gravity\":\"smart\"},"
                             "{\"width\":30,\"linear\":1,\"rotate\":90}],\"formats\":[\"png\"]}";
  pixazo_recipe *recipes[2] = {NULL, NULL};
  pixazo_rendition *made[2] = {NULL, NULL};
  pixazo_layer own, over;
  const pixazo_layer *layers[2] = {&own, &over};
  pixazo_export_job job;
  size_t count = 0;
  pixazo_status status = pixazo_recipe_new_matrix(json, recipes, 2, &count, error);
  pixazo_layer_init(&own, sizeof own);
  pixazo_layer_init(&over, sizeof over);
  own.fit = "fill";
  over.source = source;
  over.mode = "screen";
  pixazo_export_job_init(&job, sizeof job);
  job.source = job.base = source;
  job.recipes = (const pixazo_recipe *const *)recipes;
  job.recipe_count = 2;
  job.layers = layers;
  job.layer_count = 2;
  job.provenance_json = "{\"prompt\":\"a fox\"}";
  if (status == PIXAZO_OK)
    status = pixazo_exporter_export_all(exporter, &job, made, error);
  for (int i = 0; i < 2; i++) {
    pixazo_rendition_free(made[i]);
    pixazo_recipe_free(recipes[i]);
  }
  return status;
}

static pixazo_status compose_one(void *user_data, pixazo_error **error)
{
  const file_bytes *file = user_data;
  pixazo_exporter *exporter = NULL;
  pixazo_blob *source = NULL;
  pixazo_status status = pixazo_exporter_new(NULL, &exporter, error);
  if (status == PIXAZO_OK)
    status = pixazo_blob_new(file->data, file->size, &source, error);
  if (status == PIXAZO_OK)
    status = compose(exporter, source, error);
  (void)pixazo_blob_unref(source);
  (void)pixazo_exporter_unref(exporter);
  return status;
}

static pixazo_status export_and_inspect(void *user_data, pixazo_error **error)
{
  const file_bytes *file = user_data;
  pixazo_exporter *exporter = NULL;
  pixazo_blob *source = NULL;
  pixazo_picture *picture = NULL;
  pixazo_status status = pixazo_exporter_new(NULL, &exporter, error);
  if (status == PIXAZO_OK)
    status = pixazo_blob_new(file->data, file->size, &source, error);
  if (status == PIXAZO_OK)
    status = pixazo_exporter_inspect(exporter, source, NULL, &picture, error);
  if (status == PIXAZO_OK)
    status = export_all(exporter, source, error);
  pixazo_picture_free(picture);
  (void)pixazo_blob_unref(source);
  (void)pixazo_exporter_unref(exporter);
  return status;
}

static void test_torture__three_renditions_of_one_picture(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  make_source(&file);
  assert_true(torture_run("export", export_and_inspect, &file, 1) >= 60);
  file_bytes_done(&file);
}

static void test_torture__layers_and_a_matrix(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  make_source(&file);
  assert_true(torture_run("compose", compose_one, &file, 1) >= 60);
  file_bytes_done(&file);
}

int main(void)
{
  torture_install();
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_torture__three_renditions_of_one_picture),
                                     cmocka_unit_test(test_torture__layers_and_a_matrix)};
  return torture_report(cmocka_run_group_tests(tests, NULL, NULL));
}
