/* SPDX-License-Identifier: MIT */
/* pixazo composite: pictures over a picture. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "convert.h"
#include "folder.h"

typedef struct composition {
  const cli_options *options;
  pixazo_exporter *exporter;
  pixazo_recipe *recipe;
  pixazo_blob *base;
  pixazo_blob *sources[PIXAZO_LAYERS_MAX];
  pixazo_layer layers[PIXAZO_LAYERS_MAX];
  const pixazo_layer *list[PIXAZO_LAYERS_MAX];
  size_t count;
} composition;

static bool read_offset(const char *text, int32_t *x, int32_t *y)
{
  char *end = NULL;
  long right = strtol(text, &end, 10);
  bool both = end != text && *end == ',';
  const char *second = end + 1;
  long down = both ? strtol(second, &end, 10) : 0;
  if (!both || end == second || *end != '\0' || labs(right) > 1000000 || labs(down) > 1000000) {
    complain("--offset \"%s\": want X,Y in pixels, as 20,-10", text);
    return false;
  }
  *x = (int32_t)right;
  *y = (int32_t)down;
  return true;
}

static int add_layer(composition *self, const char *name)
{
  const cli_options *options = self->options;
  pixazo_error *error = NULL;
  pixazo_layer *layer = &self->layers[self->count];
  pixazo_status status = read_source(options, name, &self->sources[self->count], &error);
  if (status != PIXAZO_OK) {
    (void)fprintf(stderr, "%s: ", name);
    return fail_with(status, error);
  }
  pixazo_layer_init(layer, sizeof *layer);
  layer->source = self->sources[self->count];
  layer->mode = options->mode;
  layer->fit = options->layer_fit;
  layer->gravity = options->gravity;
  layer->opacity = options->opacity > 0 ? (int32_t)options->opacity : 0;
  self->list[self->count++] = layer;
  return !options->offset || read_offset(options->offset, &layer->x, &layer->y) ? EXIT_ALL_GOOD : EXIT_USAGE;
}

static int open_composition(composition *self)
{
  const cli_options *options = self->options;
  pixazo_error *error = NULL;
  pixazo_status status = read_source(options, options->arguments[0], &self->base, &error);
  if (status != PIXAZO_OK) {
    (void)fprintf(stderr, "%s: ", options->arguments[0]);
    return fail_with(status, error);
  }
  int code = make_recipe(options, options->recipe, false, &self->recipe);
  for (int i = 1; i < options->argument_count && code == EXIT_ALL_GOOD; i++)
    code = add_layer(self, options->arguments[i]);
  if (code != EXIT_ALL_GOOD)
    return code;
  status = pixazo_exporter_new(NULL, &self->exporter, &error);
  return status == PIXAZO_OK ? EXIT_ALL_GOOD : fail_with(status, error);
}

static int write_result(const cli_options *options, const pixazo_rendition *rendition)
{
  pixazo_error *error = NULL;
  char *json = NULL;
  if (strcmp(options->output, "-") == 0)
    return write_bytes(pixazo_rendition_blob(rendition)) ? EXIT_ALL_GOOD : EXIT_STORAGE;
  pixazo_status status = pixazo_blob_save(pixazo_rendition_blob(rendition), options->output, &error);
  if (status == PIXAZO_OK)
    status = pixazo_rendition_to_json(rendition, &json, &error);
  if (status != PIXAZO_OK)
    return fail_with(status, error);
  (void)printf("%s\n", options->json ? json : options->output);
  say_rendition(options, rendition);
  pixazo_free(json);
  return EXIT_ALL_GOOD;
}

static int compose(composition *self)
{
  pixazo_error *error = NULL;
  pixazo_rendition *rendition = NULL;
  pixazo_export_job job;
  const pixazo_recipe *recipes[] = {self->recipe};
  pixazo_export_job_init(&job, sizeof job);
  job.source = self->base;
  job.recipes = recipes;
  job.recipe_count = 1;
  job.layers = self->list;
  job.layer_count = self->count;
  pixazo_status status = pixazo_exporter_export_all(self->exporter, &job, &rendition, &error);
  int code = status == PIXAZO_OK ? write_result(self->options, rendition) : fail_with(status, error);
  pixazo_rendition_free(rendition);
  return code;
}

int run_composite(const cli_options *options)
{
  composition self = {.options = options};
  if (options->argument_count < 2 || options->argument_count - 1 > PIXAZO_LAYERS_MAX || !options->output) {
    complain("composite wants a base, 1 to %d layers and where to: pixazo composite base.png logo.png -o out.jpg",
             PIXAZO_LAYERS_MAX);
    return EXIT_USAGE;
  }
  for (int i = 0; i < options->argument_count; i++) {
    if (is_same_file(options->output, options->arguments[i])) {
      complain("%s would be replaced by the result; choose another name", options->arguments[i]);
      return EXIT_USAGE;
    }
  }
  int code = open_composition(&self);
  if (code == EXIT_ALL_GOOD)
    code = compose(&self);
  for (size_t i = 0; i < self.count; i++)
    pixazo_blob_unref(self.sources[i]);
  pixazo_blob_unref(self.base);
  pixazo_recipe_free(self.recipe);
  pixazo_exporter_unref(self.exporter);
  return code;
}
