/* SPDX-License-Identifier: MIT */
/* The exporter alone: one picture file in, two renditions out, from one decode. No key, no database.
 *   ./04_export in.png out.webp thumbnail.jpg */
#include <inttypes.h>
#include <stdio.h>

#include <pixazo/pixazo.h>

enum { RENDITIONS = 2 };

static pixazo_status make(const pixazo_blob *source, pixazo_rendition **renditions, pixazo_error **error)
{
  pixazo_exporter *exporter = NULL;
  pixazo_recipe *recipes[RENDITIONS] = {NULL, NULL};
  pixazo_status status = pixazo_exporter_new(NULL, &exporter, error);
  if (status == PIXAZO_OK)
    status = pixazo_recipe_new_from_json("{\"name\": \"page\", \"format\": \"webp\", \"width\": 1920, \"enlarge\": 0}",
                                         &recipes[0], error);
  if (status == PIXAZO_OK)
    status = pixazo_recipe_new_named("fit-256", &recipes[1], error);
  if (status == PIXAZO_OK) {
    pixazo_export_job job;
    pixazo_export_job_init(&job, sizeof job);
    job.source = source;
    job.recipes = (const pixazo_recipe *const *)recipes;
    job.recipe_count = RENDITIONS;
    status = pixazo_exporter_export_all(exporter, &job, renditions, error);
  }
  for (int i = 0; i < RENDITIONS; i++)
    pixazo_recipe_free(recipes[i]);
  pixazo_exporter_unref(exporter);
  return status;
}

static pixazo_status save(pixazo_rendition *rendition, const char *path, pixazo_error **error)
{
  pixazo_status status = pixazo_blob_save(pixazo_rendition_blob(rendition), path, error);
  if (status == PIXAZO_OK)
    printf("%s: %ux%u, %" PRIu64 " bytes, %" PRId64 " us\n", path, (unsigned)pixazo_rendition_width(rendition),
           (unsigned)pixazo_rendition_height(rendition), pixazo_rendition_bytes(rendition),
           pixazo_rendition_duration_us(rendition));
  return status;
}

int main(int argc, char **argv)
{
  pixazo_blob *source = NULL;
  pixazo_rendition *renditions[RENDITIONS] = {NULL, NULL};
  pixazo_error *error = NULL;
  if (argc != 2 + RENDITIONS) {
    fprintf(stderr, "usage: %s IN OUT.webp THUMBNAIL.jpg\n", argv[0]);
    return 2;
  }
  pixazo_status status = pixazo_blob_new_from_file(argv[1], 0, &source, &error);
  if (status == PIXAZO_OK)
    status = make(source, renditions, &error);
  for (int i = 0; status == PIXAZO_OK && i < RENDITIONS; i++)
    status = save(renditions[i], argv[2 + i], &error);
  if (status != PIXAZO_OK)
    fprintf(stderr, "%s\n", pixazo_error_message(error));
  for (int i = 0; i < RENDITIONS; i++)
    pixazo_rendition_free(renditions[i]);
  pixazo_blob_unref(source);
  pixazo_error_free(error);
  return status == PIXAZO_OK ? 0 : 1;
}
