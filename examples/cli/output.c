/* SPDX-License-Identifier: MIT */
/* -o: the picture itself, as a file of any format or as bytes. */
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli.h"
#include "convert.h"

const char *format_of_name(const char *name)
{
  static const char *const endings[][2] = {{"png", "png"}, {"jpg", "jpeg"}, {"jpeg", "jpeg"}, {"webp", "webp"}};
  const char *dot = strrchr(name, '.');
  for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++) {
    if (strcasecmp(dot + 1, endings[i][0]) == 0)
      return endings[i][1];
  }
  return NULL;
}

/* "fox.png" for the first picture, "fox-2.png" for the second. */
static void numbered(const char *name, size_t index, char *text, size_t size)
{
  const char *slash = strrchr(name, '/');
  const char *dot = strrchr(slash ? slash : name, '.');
  int stem = dot ? (int)(dot - name) : (int)strlen(name);
  if (index == 0)
    (void)snprintf(text, size, "%s", name);
  else
    (void)snprintf(text, size, "%.*s-%zu%s", stem, name, index + 1, dot ? dot : "");
}

bool write_bytes(const pixazo_blob *blob)
{
  (void)fflush(stdout);
  size_t size = pixazo_blob_size(blob);
  return fwrite(pixazo_blob_data(blob), 1, size, stdout) == size && fflush(stdout) == 0;
}

static pixazo_status convert(session *self, const pixazo_blob *source, const char *format, const char *path,
                             pixazo_error **error)
{
  pixazo_recipe *recipe = NULL;
  pixazo_rendition *rendition = NULL;
  pixazo_status status = pixazo_recipe_new(&recipe, error);
  if (status == PIXAZO_OK)
    status = pixazo_recipe_set_string(recipe, "format", format, error);
  if (status == PIXAZO_OK)
    status = pixazo_exporter_export(pixazo_studio_exporter(self->studio), source, recipe, &rendition, error);
  if (status == PIXAZO_OK)
    status = pixazo_blob_save(pixazo_rendition_blob(rendition), path, error);
  pixazo_rendition_free(rendition);
  pixazo_recipe_free(recipe);
  return status;
}

static bool same_format(const char *format, const char *content_type)
{
  const char *slash = strchr(content_type, '/');
  return !format || (slash && strcmp(slash + 1, format) == 0);
}

static pixazo_status write_one(session *self, const pixazo_generation *record, size_t index, pixazo_error **error)
{
  char path[PATH_MAX];
  pixazo_blob *blob = NULL;
  const char *output = self->options->output;
  const char *format = format_of_name(output);
  const char *key = pixazo_generation_image_key(record, index);
  pixazo_status status = pixazo_store_get(pixazo_studio_store(self->studio), key, 0, &blob, error);
  if (status != PIXAZO_OK)
    return status;
  numbered(output, index, path, sizeof path);
  if (strcmp(output, "-") == 0)
    status = write_bytes(blob) ? PIXAZO_OK : pixazo_error_set(error, PIXAZO_E_IO, "cannot write to stdout");
  else if (same_format(format, pixazo_generation_image_content_type(record, index)))
    status = pixazo_blob_save(blob, path, error);
  else
    status = convert(self, blob, format, path, error);
  if (status == PIXAZO_OK && strcmp(output, "-") != 0 && !self->options->json)
    (void)printf("%s\n", path);
  pixazo_blob_unref(blob);
  return status;
}

int write_outputs(const cli_options *options, session *self, const pixazo_generation *record)
{
  pixazo_error *error = NULL;
  bool bytes = strcmp(options->output, "-") == 0;
  if (bytes && isatty(STDOUT_FILENO)) {
    complain("-o - writes the bytes of a picture; send stdout to a file or a program");
    return EXIT_USAGE;
  }
  for (size_t i = 0; i < pixazo_generation_image_count(record); i++) {
    if (pixazo_generation_image_state(record, i) != PIXAZO_IMAGE_RECORDED)
      continue;
    pixazo_status status = write_one(self, record, i, &error);
    if (status != PIXAZO_OK) {
      (void)fail_with(status, error);
      return EXIT_STORAGE;
    }
    if (bytes)
      break; /* one picture fits into a pipe */
  }
  return EXIT_ALL_GOOD;
}
