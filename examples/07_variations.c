/* SPDX-License-Identifier: MIT */
/* A mark on a picture, then every size in every format from one decode. No key, no database.
 *   ./07_variations in.png mark.png folder */
#include <inttypes.h>
#include <stdio.h>

#include <pixazo/pixazo.h>

static const char variations[] = "{\"name\": \"hero\", \"fit\": \"cover\", \"gravity\": \"smart\", \"enlarge\": 0,"
                                 " \"sizes\": [{\"width\": 480}, {\"width\": 320, \"height\": 180}],"
                                 " \"formats\": [\"webp\", \"jpeg\"]}";

typedef struct variation_set {
  pixazo_recipe *recipes[PIXAZO_RECIPES_MAX];
  pixazo_rendition *renditions[PIXAZO_RECIPES_MAX];
  size_t count;
} variation_set;

static pixazo_status make(const pixazo_blob *source, const pixazo_blob *mark, variation_set *set, pixazo_error **error)
{
  pixazo_exporter *exporter = NULL;
  pixazo_layer layer;
  const pixazo_layer *layers[] = {&layer};
  pixazo_layer_init(&layer, sizeof layer);
  layer.source = mark;
  layer.gravity = "southeast";
  layer.opacity = 60;
  layer.x = layer.y = -8;
  pixazo_status status = pixazo_recipe_new_matrix(variations, set->recipes, PIXAZO_RECIPES_MAX, &set->count, error);
  if (status == PIXAZO_OK)
    status = pixazo_exporter_new(NULL, &exporter, error);
  if (status == PIXAZO_OK) {
    pixazo_export_job job;
    pixazo_export_job_init(&job, sizeof job);
    job.source = source;
    job.layers = layers;
    job.layer_count = 1;
    job.recipes = (const pixazo_recipe *const *)set->recipes;
    job.recipe_count = set->count;
    status = pixazo_exporter_export_all(exporter, &job, set->renditions, error);
  }
  pixazo_exporter_unref(exporter);
  return status;
}

static pixazo_status save(const pixazo_rendition *rendition, const char *folder, pixazo_error **error)
{
  char path[512];
  (void)snprintf(path, sizeof path, "%s/%s.%s", folder, pixazo_rendition_name(rendition),
                 pixazo_rendition_extension(rendition));
  pixazo_status status = pixazo_blob_save(pixazo_rendition_blob(rendition), path, error);
  if (status == PIXAZO_OK)
    printf("%s: %ux%u, %" PRIu64 " bytes\n", path, (unsigned)pixazo_rendition_width(rendition),
           (unsigned)pixazo_rendition_height(rendition), pixazo_rendition_bytes(rendition));
  return status;
}

int main(int argc, char **argv)
{
  pixazo_blob *source = NULL, *mark = NULL;
  pixazo_error *error = NULL;
  variation_set set = {{NULL}, {NULL}, 0};
  if (argc != 4) {
    fprintf(stderr, "usage: %s IN MARK FOLDER\n", argv[0]);
    return 2;
  }
  pixazo_status status = pixazo_blob_new_from_file(argv[1], 0, &source, &error);
  if (status == PIXAZO_OK)
    status = pixazo_blob_new_from_file(argv[2], 0, &mark, &error);
  if (status == PIXAZO_OK)
    status = make(source, mark, &set, &error);
  for (size_t i = 0; status == PIXAZO_OK && i < set.count; i++)
    status = save(set.renditions[i], argv[3], &error);
  if (status != PIXAZO_OK)
    fprintf(stderr, "%s\n", pixazo_error_message(error));
  for (size_t i = 0; i < set.count; i++) {
    pixazo_rendition_free(set.renditions[i]);
    pixazo_recipe_free(set.recipes[i]);
  }
  pixazo_blob_unref(mark);
  pixazo_blob_unref(source);
  pixazo_error_free(error);
  return status == PIXAZO_OK ? 0 : 1;
}
