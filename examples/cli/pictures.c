/* SPDX-License-Identifier: MIT */
/* pixazo inspect, and where pictures are read from. */
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "convert.h"
#include "json.h"

static pixazo_status read_recorded(const cli_options *options, const char *uuid, pixazo_blob **out, pixazo_error **error)
{
  pixazo_repository *repository = NULL;
  pixazo_generation *record = NULL;
  if (open_repository(options, false, &repository) != EXIT_ALL_GOOD)
    return pixazo_error_set(error, PIXAZO_E_NOT_FOUND, "the records cannot be opened");
  pixazo_status status = pixazo_repository_find(repository, uuid, &record, error);
  if (status == PIXAZO_OK)
    status = pixazo_blob_new_from_file(pixazo_generation_image_path(record, 0), 0, out, error);
  pixazo_generation_free(record);
  pixazo_repository_unref(repository);
  return status;
}

pixazo_status read_source(const cli_options *options, const char *name, pixazo_blob **out, pixazo_error **error)
{
  if (access(name, F_OK) == 0)
    return pixazo_blob_new_from_file(name, 0, out, error);
  if (strlen(name) == 36)
    return read_recorded(options, name, out, error);
  return pixazo_error_set(error, PIXAZO_E_NOT_FOUND, "no such file");
}

/* One line: "  exif: 123 bytes, orientation 6, software ...". Numbers and texts are told apart by their JSON. */
static void print_member(const char *name, const char *value)
{
  char member[64], text[1024];
  const char *separator = "";
  (void)printf("  %s: ", name);
  for (const char *at = json_first_member(value); at; at = json_next_member(at)) {
    const char *inner = json_member_value(at);
    if (*inner == '{')
      continue;
    json_member_name(at, member, sizeof member);
    (void)printf("%s%s ", separator, member);
    if (*inner == '"') {
      json_string(inner, text, sizeof text);
      print_cut(stdout, text, 400);
    } else {
      (void)printf("%.*s", (int)json_length(inner), inner);
    }
    separator = ", ";
  }
  (void)fputc('\n', stdout);
}

static void print_metadata(const char *metadata)
{
  static const char *const shown[] = {"parameters", "icc", "exif", "xmp"};
  for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
    const char *value = json_member(metadata, shown[i]);
    if (value)
      print_member(shown[i], value);
  }
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
  print_metadata(pixazo_picture_metadata(picture));
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
