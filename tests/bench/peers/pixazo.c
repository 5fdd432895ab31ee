/* SPDX-License-Identifier: MIT */
/* pixazo-bench: libpixazo as a peer of the comparison. */
#include "driver.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/pixazo.h>

/* As the peers do it: without metadata, and never passing on what is coded already. */
#define BARE "\"metadata\":\"none\",\"reencode\":\"always\","
#define PNG(level) "{" BARE "\"format\":\"png\",\"level\":" #level "}"
#define JPEG "{" BARE "\"format\":\"jpeg\",\"quality\":85}"
#define WEBP "{" BARE "\"format\":\"webp\",\"quality\":80}"
#define SMALL(side) "{" BARE "\"format\":\"jpeg\",\"quality\":70,\"width\":" #side ",\"height\":" #side
#define THUMB(side) SMALL(side) ",\"fit\":\"inside\"}"
#define SMART SMALL(300) ",\"fit\":\"cover\",\"gravity\":\"smart\"}"

static const struct workload {
  const char *name;
  const char *recipes[PEER_FILES_MAX];
  const char *files[PEER_FILES_MAX];
  int layered; /* the input lies over the picture that BENCH_BASE names */
} workloads[] = {
    {"W1", {JPEG}, {"out.jpg"}, 0},
    {"W2", {WEBP}, {"out.webp"}, 0},
    {"W3", {PNG(9)}, {"out.png"}, 0},
    {"W3b", {PNG(6)}, {"out.png"}, 0},
    {"W4", {THUMB(256)}, {"thumb.jpg"}, 0},
    {"W5", {SMART}, {"thumb.jpg"}, 0},
    {"W6", {PNG(9), JPEG, WEBP, THUMB(256)}, {"out.png", "out.jpg", "out.webp", "thumb.jpg"}, 0},
    {"W6b", {PNG(6), JPEG, WEBP, THUMB(256)}, {"out.png", "out.jpg", "out.webp", "thumb.jpg"}, 0},
    {"W7", {THUMB(300)}, {"thumb.jpg"}, 0},
    {"W8", {JPEG}, {"out.jpg"}, 1},
};

static struct opened {
  const struct workload *workload;
  pixazo_exporter *exporter;
  pixazo_recipe *recipes[PEER_FILES_MAX];
  size_t count;
  pixazo_blob *source;
  pixazo_blob *layer; /* NULL unless layered */
} opened;

static void check(pixazo_status status, const pixazo_error *error)
{
  if (status == PIXAZO_OK)
    return;
  fprintf(stderr, "%s\n", pixazo_error_message(error));
  exit(2);
}

static void keep(void *data, size_t size, void *user_data)
{
  (void)data;
  (void)size;
  (void)user_data;
}

static pixazo_blob *borrow(const void *data, size_t size)
{
  pixazo_blob *blob = NULL;
  pixazo_error *error = NULL;
  check(pixazo_blob_new_nocopy((void *)(uintptr_t)data, size, keep, NULL, &blob, &error), error);
  return blob;
}

int peer_open(const struct peer_input *input)
{
  pixazo_error *error = NULL;
  pixazo_exporter_options options;
  for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++) {
    if (strcmp(workloads[i].name, input->workload) == 0)
      opened.workload = &workloads[i];
  }
  if (!opened.workload)
    return 0;
  pixazo_exporter_options_init(&options, sizeof options);
  options.threads = input->threads;
  check(pixazo_exporter_new(&options, &opened.exporter, &error), error);
  for (size_t i = 0; i < PEER_FILES_MAX && opened.workload->recipes[i]; i++, opened.count++)
    check(pixazo_recipe_new_from_json(opened.workload->recipes[i], &opened.recipes[i], &error), error);
  pixazo_blob *given = borrow(input->data, input->size);
  opened.source = opened.workload->layered ? borrow(input->below, input->below_size) : given;
  opened.layer = opened.workload->layered ? given : NULL;
  return 1;
}

size_t peer_work(const struct peer_input *input, struct peer_file files[PEER_FILES_MAX])
{
  (void)input;
  pixazo_rendition *made[PEER_FILES_MAX];
  pixazo_error *error = NULL;
  pixazo_export_job job;
  pixazo_layer layer;
  const pixazo_layer *layers[] = {&layer};
  pixazo_export_job_init(&job, sizeof job);
  job.source = opened.source;
  job.recipes = (const pixazo_recipe *const *)opened.recipes;
  job.recipe_count = opened.count;
  if (opened.layer) {
    pixazo_layer_init(&layer, sizeof layer);
    layer.source = opened.layer;
    job.layers = layers;
    job.layer_count = 1;
  }
  check(pixazo_exporter_export_all(opened.exporter, &job, made, &error), error);
  for (size_t i = 0; i < opened.count; i++) {
    const pixazo_blob *blob = pixazo_rendition_blob(made[i]);
    files[i] = (struct peer_file){opened.workload->files[i], pixazo_blob_data(blob), pixazo_blob_size(blob), made[i]};
  }
  return opened.count;
}

void peer_release(struct peer_file *file)
{
  pixazo_rendition_free(file->owner);
}
