/* SPDX-License-Identifier: MIT */
/* A provider of one's own: a definition says what the model takes, and a function makes the picture inside the process. A real one
 * would call an engine such as stable-diffusion.cpp; this one draws a soft gradient in colours that follow from the seed.
 *   ./08_provider fox.png */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/pixazo.h>

enum { WIDTH = 320, HEIGHT = 240 };

static const char definition[] =
    "{\"schema\": 1, \"name\": \"gradient\", \"title\": \"Soft gradients\","
    " \"billing\": {\"none\": true, \"rule\": \"made on this machine\", \"source\": \"this program\", \"date\": \"2026-11-20\"},"
    " \"models\": [{\"name\": \"soft\", \"parameters\": {\"prompt\": \"prompt\", \"seed\": \"seed\"}}]}";

/* The library draws a seed where none is given, and it stands in the effective parameters. */
static unsigned long seed_of(const char *effective_json)
{
  const char *at = strstr(effective_json, "\"seed\":");
  return at ? strtoul(at + 7, NULL, 10) : 0;
}

static void draw(unsigned char *pixels, unsigned long seed)
{
  for (int y = 0; y < HEIGHT; y++) {
    for (int x = 0; x < WIDTH; x++) {
      unsigned char *pixel = pixels + ((size_t)y * WIDTH + (size_t)x) * 3;
      pixel[0] = (unsigned char)((unsigned long)x * 255 / WIDTH);
      pixel[1] = (unsigned char)((unsigned long)y * 255 / HEIGHT);
      pixel[2] = (unsigned char)(seed % 256);
    }
  }
}

static pixazo_status encode(const unsigned char *data, pixazo_rendition **out, pixazo_error **error)
{
  pixazo_exporter *exporter = NULL;
  pixazo_pixels *pixels = NULL;
  pixazo_recipe *recipe = NULL;
  pixazo_pixels_options options;
  pixazo_export_job job;
  pixazo_pixels_options_init(&options, sizeof options);
  options.data = data;
  options.width = WIDTH;
  options.height = HEIGHT;
  pixazo_status status = pixazo_pixels_new(&options, &pixels, error);
  if (status == PIXAZO_OK)
    status = pixazo_exporter_new(NULL, &exporter, error);
  if (status == PIXAZO_OK)
    status = pixazo_recipe_new_from_json("{\"name\": \"drawn\", \"format\": \"png\"}", &recipe, error);
  if (status == PIXAZO_OK) {
    const pixazo_recipe *const recipes[] = {recipe};
    pixazo_export_job_init(&job, sizeof job);
    job.pixels = pixels;
    job.recipes = recipes;
    job.recipe_count = 1;
    status = pixazo_exporter_export_all(exporter, &job, out, error);
  }
  pixazo_recipe_free(recipe);
  pixazo_pixels_unref(pixels);
  pixazo_exporter_unref(exporter);
  return status;
}

/* Runs on a thread of the library, perhaps several at once; nothing here is shared. */
static pixazo_status produce(void *self, pixazo_production *production, pixazo_error **error)
{
  pixazo_rendition *rendition = NULL;
  unsigned char *pixels = malloc((size_t)WIDTH * HEIGHT * 3);
  (void)self;
  if (!pixels)
    return PIXAZO_E_NOMEM;
  draw(pixels, seed_of(pixazo_production_effective_json(production)));
  pixazo_production_progress(production, 1, 2);
  pixazo_status status = encode(pixels, &rendition, error);
  free(pixels);
  if (status == PIXAZO_OK) {
    pixazo_blob *file = pixazo_rendition_blob(rendition);
    status = pixazo_production_write(production, pixazo_blob_data(file), pixazo_blob_size(file), error);
  }
  pixazo_rendition_free(rendition);
  return status;
}

static pixazo_status generate(pixazo_provider *provider, const char *path, pixazo_error **error)
{
  pixazo_client *client = NULL;
  pixazo_request *request = NULL;
  pixazo_generation *made = NULL;
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  options.definition = provider;
  pixazo_status status = pixazo_client_new(&options, &client, error);
  if (status == PIXAZO_OK)
    status = pixazo_request_new_from_json("{\"prompt\": \"a red fox\", \"seed\": 7}", &request, error);
  if (status == PIXAZO_OK)
    status = pixazo_client_generate(client, request, NULL, &made, error);
  if (status == PIXAZO_OK)
    status = pixazo_blob_save(pixazo_generation_image_blob(made, 0), path, error);
  if (status == PIXAZO_OK)
    printf("%s: by %s/%s, seed 7\n", path, pixazo_generation_provider(made), pixazo_generation_model(made));
  pixazo_generation_free(made);
  pixazo_request_free(request);
  pixazo_client_unref(client);
  return status;
}

int main(int argc, char **argv)
{
  pixazo_provider *provider = NULL;
  pixazo_error *error = NULL;
  pixazo_provider_ops ops = PIXAZO_PROVIDER_OPS_INIT;
  if (argc != 2) {
    fprintf(stderr, "usage: %s OUT.png\n", argv[0]);
    return 2;
  }
  ops.produce = produce;
  pixazo_status status = pixazo_provider_new_custom(definition, &ops, NULL, PIXAZO_OPS_ANY_THREAD, &provider, &error);
  if (status == PIXAZO_OK)
    status = generate(provider, argv[1], &error);
  if (status != PIXAZO_OK)
    fprintf(stderr, "%s\n", pixazo_error_message(error));
  pixazo_provider_unref(provider);
  pixazo_error_free(error);
  return status == PIXAZO_OK ? 0 : 1;
}
