/* SPDX-License-Identifier: MIT */
/* pixazo export and inspect: work on files; no key, no network. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli.h"

static pixazo_status set_text(pixazo_recipe *recipe, const char *key, const char *value, pixazo_error **error)
{
  return value ? pixazo_recipe_set_string(recipe, key, value, error) : PIXAZO_OK;
}

static pixazo_status set_number(pixazo_recipe *recipe, const char *key, int64_t value, pixazo_error **error)
{
  return value >= 0 ? pixazo_recipe_set_int(recipe, key, value, error) : PIXAZO_OK;
}

static const char *format_wanted(const cli_options *options)
{
  const char *dot = options->output ? strrchr(options->output, '.') : NULL;
  if (options->format || !dot)
    return options->format;
  if (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0)
    return "jpeg";
  return strcasecmp(dot, ".png") == 0 ? "png" : strcasecmp(dot, ".webp") == 0 ? "webp" : NULL;
}

static pixazo_status make_recipe(const cli_options *options, pixazo_recipe **out, pixazo_error **error)
{
  pixazo_status status =
      options->recipe ? pixazo_recipe_new_named(options->recipe, out, error) : pixazo_recipe_new(out, error);
  if (status == PIXAZO_OK)
    status = set_text(*out, "format", format_wanted(options), error);
  if (status == PIXAZO_OK)
    status = set_text(*out, "fit", options->fit, error);
  if (status == PIXAZO_OK)
    status = set_number(*out, "width", options->width, error);
  if (status == PIXAZO_OK)
    status = set_number(*out, "height", options->height, error);
  if (status == PIXAZO_OK)
    status = set_number(*out, "quality", options->quality, error);
  return status == PIXAZO_OK ? set_number(*out, "level", options->level, error) : status;
}

/* A file by its name, else the first picture of a generation by its id. */
static int read_source(const cli_options *options, const char *name, pixazo_blob **out)
{
  pixazo_error *error = NULL;
  pixazo_repository *repository = NULL;
  pixazo_generation *record = NULL;
  if (access(name, F_OK) == 0) {
    pixazo_status opened = pixazo_blob_new_from_file(name, 0, out, &error);
    return opened == PIXAZO_OK ? EXIT_ALL_GOOD : fail_with(opened, error);
  }
  if (strlen(name) != 36) {
    complain("%s: no such file", name);
    return EXIT_USAGE;
  }
  int code = open_repository(options, &repository);
  if (code != EXIT_ALL_GOOD)
    return code;
  pixazo_status status = pixazo_repository_find(repository, name, &record, &error);
  if (status == PIXAZO_OK)
    status = pixazo_blob_new_from_file(pixazo_generation_image_path(record, 0), 0, out, &error);
  pixazo_generation_free(record);
  pixazo_repository_unref(repository);
  return status == PIXAZO_OK ? EXIT_ALL_GOOD : fail_with(status, error);
}

static int write_rendition(const cli_options *options, const pixazo_rendition *rendition)
{
  pixazo_error *error = NULL;
  char *json = NULL;
  const pixazo_blob *blob = pixazo_rendition_blob(rendition);
  if (strcmp(options->output, "-") == 0) {
    size_t size = pixazo_blob_size(blob);
    return fwrite(pixazo_blob_data(blob), 1, size, stdout) == size ? EXIT_ALL_GOOD : EXIT_STORAGE;
  }
  pixazo_status status = pixazo_blob_save(blob, options->output, &error);
  if (status == PIXAZO_OK)
    status = pixazo_rendition_to_json(rendition, &json, &error);
  if (status != PIXAZO_OK)
    return fail_with(status, error);
  (void)printf("%s\n", options->json ? json : options->output);
  say(options, "%ux%u  %" PRIu64 " bytes  %" PRId64 " ms  %s\n", (unsigned)pixazo_rendition_width(rendition),
      (unsigned)pixazo_rendition_height(rendition), pixazo_rendition_bytes(rendition),
      pixazo_rendition_duration_us(rendition) / 1000, pixazo_rendition_notes(rendition));
  pixazo_free(json);
  return EXIT_ALL_GOOD;
}

static int export_blob(const cli_options *options, const pixazo_blob *source)
{
  pixazo_error *error = NULL;
  pixazo_recipe *recipe = NULL;
  pixazo_exporter *exporter = NULL;
  pixazo_rendition *rendition = NULL;
  pixazo_status status = make_recipe(options, &recipe, &error);
  if (status == PIXAZO_OK)
    status = pixazo_exporter_new(NULL, &exporter, &error);
  if (status == PIXAZO_OK)
    status = pixazo_exporter_export(exporter, source, recipe, &rendition, &error);
  int code = status == PIXAZO_OK ? write_rendition(options, rendition) : fail_with(status, error);
  pixazo_rendition_free(rendition);
  pixazo_exporter_unref(exporter);
  pixazo_recipe_free(recipe);
  return code;
}

int run_export(const cli_options *options)
{
  pixazo_blob *source = NULL;
  if (options->argument_count != 1 || !options->output) {
    complain("export wants a file or an id, and where to: pixazo export in.png -o out.webp");
    return EXIT_USAGE;
  }
  int code = read_source(options, options->arguments[0], &source);
  if (code == EXIT_ALL_GOOD)
    code = export_blob(options, source);
  pixazo_blob_unref(source);
  return code;
}

static void print_facts(const char *name, const pixazo_picture *picture)
{
  char size[32];
  format_bytes((int64_t)pixazo_picture_bytes(picture), size, sizeof size);
  (void)printf("%s: %s %ux%u, %u bit%s%s%s, %s, sha256 %s\n", name, pixazo_picture_format(picture),
               (unsigned)pixazo_picture_width(picture), (unsigned)pixazo_picture_height(picture),
               (unsigned)pixazo_picture_bit_depth(picture), pixazo_picture_has_alpha(picture) ? ", alpha" : "",
               pixazo_picture_is_animated(picture) ? ", animated" : "",
               pixazo_picture_has_c2pa(picture) ? ", content credentials (not checked)" : "", size,
               pixazo_picture_sha256(picture));
  if (pixazo_picture_parameters(picture)[0]) {
    (void)fputs("  parameters: ", stdout);
    print_cut(stdout, pixazo_picture_parameters(picture), 400);
    (void)fputc('\n', stdout);
  }
}

static void print_json_facts(const char *name, const char *json)
{
  (void)fputs("{\"file\":", stdout);
  print_json_string(stdout, name);
  (void)printf(",\"picture\":%s}\n", json);
}

static int inspect(const cli_options *options, pixazo_exporter *exporter, const char *name)
{
  pixazo_picture *picture = NULL;
  pixazo_error *error = NULL;
  char *json = NULL;
  pixazo_status status = pixazo_exporter_inspect_file(exporter, name, NULL, &picture, &error);
  if (status == PIXAZO_OK && (options->json || options->jsonl))
    status = pixazo_picture_to_json(picture, &json, &error);
  int code = EXIT_ALL_GOOD;
  if (status != PIXAZO_OK) {
    (void)fprintf(stderr, "%s: ", name);
    code = fail_with(status, error);
  } else if (json) {
    print_json_facts(name, json);
  } else {
    print_facts(name, picture);
  }
  pixazo_free(json);
  pixazo_picture_free(picture);
  return code;
}

int run_inspect(const cli_options *options)
{
  pixazo_exporter *exporter = NULL;
  pixazo_error *error = NULL;
  if (options->argument_count == 0 || (options->json && options->argument_count > 1)) {
    complain("inspect wants a file, or several without --json (--jsonl gives one object for each)");
    return EXIT_USAGE;
  }
  pixazo_status status = pixazo_exporter_new(NULL, &exporter, &error);
  if (status != PIXAZO_OK)
    return fail_with(status, error);
  int result = EXIT_ALL_GOOD;
  for (int i = 0; i < options->argument_count; i++) {
    int code = inspect(options, exporter, options->arguments[i]);
    if (code != EXIT_ALL_GOOD)
      result = options->argument_count == 1 ? code : EXIT_PARTIAL;
  }
  pixazo_exporter_unref(exporter);
  return result;
}
