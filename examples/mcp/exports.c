/* SPDX-License-Identifier: MIT */
/* pix_export, and the copies that pix_generate is asked for. They are named by their own bytes, so making one again changes
 * nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "mcp.h"

enum { SIDE_MAX = 16383 };

typedef struct exported {
  char image[UUID_BYTES];
  char key[256];
  char path[PATH_BYTES + 300]; /* "": the store has none */
  const char *content_type;    /* static */
  uint32_t width;
  uint32_t height;
  int64_t bytes;
  char notes[256]; /* JSON */
} exported;

void wish_done(wish *self)
{
  pixazo_recipe_free(self->recipe);
  pixazo_blob_unref(self->base);
  *self = (wish){NULL, NULL};
}

static bool is_picture_key(const char *key)
{
  const char *dot = strrchr(key, '.');
  if (!dot || key[0] == '.' || strncmp(key, "spool/", 6) == 0)
    return false;
  bool known = strcmp(dot + 1, "jpeg") == 0;
  for (size_t i = 0; !known && pixazo_format_extension(i); i++)
    known = strcmp(dot + 1, pixazo_format_extension(i)) == 0;
  return known;
}

/* The picture of a record that an id names; the first one where it names the generation. */
static size_t image_index(const pixazo_generation *record, const char *uuid)
{
  for (size_t i = 0; i < pixazo_generation_image_count(record); i++) {
    if (strcmp(pixazo_generation_image_uuid(record, i), uuid) == 0)
      return i;
  }
  return 0;
}

static pixazo_status key_of_id(pixazo_studio *studio, const char *uuid, char *key, size_t size, pixazo_error **error)
{
  pixazo_generation *record = NULL;
  pixazo_status status = pixazo_repository_find(pixazo_studio_repository(studio), uuid, &record, error);
  size_t index = status == PIXAZO_OK ? image_index(record, uuid) : 0;
  if (status == PIXAZO_OK && pixazo_generation_image_state(record, index) != PIXAZO_IMAGE_RECORDED)
    status = pixazo_error_set(error, PIXAZO_E_NOT_FOUND, "there is no good picture of that id");
  if (status == PIXAZO_OK)
    (void)snprintf(key, size, "%s", pixazo_generation_image_key(record, index));
  pixazo_generation_free(record);
  return status;
}

const char *behind_prefix(const char *text, const char *prefix)
{
  size_t length = strlen(prefix);
  return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* An id, an address or a path inside the store becomes a key. */
pixazo_status key_of_reference(server *self, pixazo_studio *studio, const char *reference, char *key, size_t size,
                               pixazo_error **error)
{
  char data[PATH_BYTES + 8];
  const char *id = behind_prefix(reference, "pixazo://image/");
  const char *file = behind_prefix(reference, "pixazo://file/");
  (void)snprintf(data, sizeof data, "%s/data/", self->options.project);
  if (!file)
    file = behind_prefix(reference, data);
  if (!file && !id && strlen(reference) == UUID_BYTES - 1 && !strchr(reference, '.'))
    id = reference;
  if (id)
    return key_of_id(studio, id, key, size, error);
  (void)snprintf(key, size, "%s", file ? file : reference);
  return is_picture_key(key) ? PIXAZO_OK
                             : pixazo_error_set(error, PIXAZO_E_NOT_FOUND, "this names no picture inside the store");
}

/* A base that is not there is left out, and the answer says so; one that is no picture of the store is an error. */
static bool read_base(const call *self, pixazo_studio *studio, wish *out, result *answer)
{
  char key[512];
  char *reference = NULL;
  pixazo_error *error = NULL;
  if (!argument_text(self, "base", &reference, answer))
    return false;
  if (!reference)
    return true;
  pixazo_status status = key_of_reference(self->server, studio, reference, key, sizeof key, &error);
  free(reference);
  if (status == PIXAZO_OK)
    status = pixazo_store_get(pixazo_studio_store(studio), key, 0, &out->base, &error);
  if (status == PIXAZO_E_NOT_FOUND && key[0] && is_picture_key(key)) {
    pixazo_error_free(error);
    error = NULL;
    status = pixazo_blob_new(NULL, 0, &out->base, &error);
  }
  if (status != PIXAZO_OK)
    say_error(answer, "base", status, error);
  return status == PIXAZO_OK;
}

static pixazo_status set_text(const call *self, const char *name, pixazo_recipe *recipe, bool *any, pixazo_error **error)
{
  const char *value = json_member(self->arguments, name);
  char *text = value && *value != 'n' ? json_text(value) : NULL;
  if (!value || *value == 'n')
    return PIXAZO_OK;
  pixazo_status status = text ? pixazo_recipe_set_string(recipe, name, text, error)
                              : pixazo_error_set(error, PIXAZO_E_ARGUMENT, "format and fit: want text");
  *any = true;
  free(text);
  return status;
}

/* width, height, quality. */
static bool read_sizes(const call *self, pixazo_recipe *recipe, bool *any, result *answer)
{
  static const struct {
    const char *name;
    int64_t low;
    int64_t high;
  } numbers[] = {{"width", 1, SIDE_MAX}, {"height", 1, SIDE_MAX}, {"quality", 0, 100}};
  pixazo_error *error = NULL;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    int64_t value = -1;
    if (!argument_int(self, numbers[i].name, numbers[i].low, numbers[i].high, &value, answer))
      return false;
    if (value < 0)
      continue;
    *any = true;
    pixazo_status status = pixazo_recipe_set_int(recipe, numbers[i].name, value, &error);
    if (status != PIXAZO_OK) {
      say_error(answer, numbers[i].name, status, error);
      return false;
    }
  }
  return true;
}

bool read_wish(const call *self, pixazo_studio *studio, bool sized, wish *out, result *answer)
{
  pixazo_error *error = NULL;
  bool any = false;
  pixazo_status status = pixazo_recipe_new(&out->recipe, &error);
  if (status == PIXAZO_OK)
    status = set_text(self, "format", out->recipe, &any, &error);
  if (status == PIXAZO_OK && sized)
    status = set_text(self, "fit", out->recipe, &any, &error);
  if (status != PIXAZO_OK) {
    say_error(answer, "The copy cannot be made like that", status, error);
    return false;
  }
  if ((sized && !read_sizes(self, out->recipe, &any, answer)) || !read_base(self, studio, out, answer))
    return false;
  if (!any && !out->base && !sized)
    wish_done(out);
  return true;
}

/* What the renditions say of the picture's making. */
static char *provenance_of(const pixazo_generation *record)
{
  static const char *const names[][2] = {{"prompt", "prompt"},     {"negative_prompt", "negative_prompt"},
                                         {"steps", "steps"},       {"guidance", "cfg_scale"},
                                         {"seed", "seed"},         {"width", "width"},
                                         {"height", "height"},     {"model", "model"},
                                         {"provider", "provider"}, {"sampler", "sampler"}};
  enum { PROVENANCE_MAX = 20000 };
  draft out;
  const char *sent = pixazo_generation_effective_json(record);
  if (!draft_open(&out))
    return NULL;
  put_open(&out, NULL, '{');
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = json_member(sent, names[i][0]);
    if (value && json_length(value) < PROVENANCE_MAX / 2)
      put_json(&out, names[i][1], span_of(value));
  }
  put_close(&out, '}');
  return draft_close(&out) ? out.text : NULL;
}

static pixazo_status render(pixazo_studio *studio, const pixazo_generation *record, size_t index, const wish *wanted,
                            pixazo_rendition **out, pixazo_error **error)
{
  pixazo_blob *source = NULL;
  pixazo_export_job job;
  const pixazo_recipe *recipe = wanted->recipe;
  char *provenance = provenance_of(record);
  pixazo_status status =
      pixazo_store_get(pixazo_studio_store(studio), pixazo_generation_image_key(record, index), 0, &source, error);
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = &recipe;
  job.recipe_count = 1;
  job.provenance_json = provenance;
  job.base = wanted->base;
  if (status == PIXAZO_OK)
    status = pixazo_exporter_export_all(pixazo_studio_exporter(studio), &job, out, error);
  pixazo_blob_unref(source);
  free(provenance);
  return status;
}

static pixazo_status store_rendition(pixazo_studio *studio, const pixazo_rendition *made, const char *key,
                                     pixazo_error **error)
{
  pixazo_store_put_job job = PIXAZO_STORE_PUT_JOB_INIT;
  const pixazo_blob *blob = pixazo_rendition_blob(made);
  job.key = key;
  job.content_type = pixazo_rendition_content_type(made);
  job.data = pixazo_blob_data(blob);
  job.size = pixazo_blob_size(blob);
  job.sha256 = pixazo_rendition_sha256(made);
  return pixazo_store_put(pixazo_studio_store(studio), &job, error);
}

static pixazo_status make_export(server *self, pixazo_studio *studio, const pixazo_generation *record, size_t index,
                                 const wish *wanted, exported *out, pixazo_error **error)
{
  pixazo_rendition *made = NULL;
  pixazo_status status = render(studio, record, index, wanted, &made, error);
  if (status != PIXAZO_OK)
    return status;
  const char *image = pixazo_generation_image_uuid(record, index);
  *out = (exported){.content_type = pixazo_rendition_content_type(made),
                    .width = pixazo_rendition_width(made),
                    .height = pixazo_rendition_height(made),
                    .bytes = (int64_t)pixazo_rendition_bytes(made)};
  (void)snprintf(out->image, sizeof out->image, "%s", image);
  (void)snprintf(out->notes, sizeof out->notes, "%s", pixazo_rendition_notes(made));
  (void)snprintf(out->key, sizeof out->key, "generated/exports/%s-%.12s.%s", image, pixazo_rendition_sha256(made),
                 pixazo_rendition_extension(made));
  if (!pixazo_config_get(pixazo_studio_config(studio), "store_directory"))
    (void)snprintf(out->path, sizeof out->path, "%s/data/%s", self->options.project, out->key);
  status = store_rendition(studio, made, out->key, error);
  pixazo_rendition_free(made);
  return status;
}

static void tell_export(result *out, const call *self, const exported *made)
{
  char uri[320];
  (void)snprintf(uri, sizeof uri, "pixazo://file/%s", made->key);
  say(out, "Copy: %s (%ux%u).", made->path[0] ? made->path : made->key, made->width, made->height);
  if (strstr(made->notes, "base_not_loaded"))
    say(out, "The base picture could not be loaded, so it was left out.");
  put_open(&out->structured, NULL, '{');
  put_string(&out->structured, "image", made->image);
  put_string(&out->structured, "key", made->key);
  if (made->path[0])
    put_string(&out->structured, "path", made->path);
  put_string(&out->structured, "uri", uri);
  put_string(&out->structured, "content_type", made->content_type);
  put_int(&out->structured, "width", made->width);
  put_int(&out->structured, "height", made->height);
  put_int(&out->structured, "bytes", made->bytes);
  if (made->notes[0] == '[')
    put_json(&out->structured, "notes", span_of(made->notes));
  put_close(&out->structured, '}');
  add_link(out, self, uri, strrchr(made->key, '/') + 1, made->content_type, made->bytes);
}

bool add_exports(const call *self, pixazo_studio *studio, const pixazo_generation *record, const wish *wanted,
                 const char *only, result *answer)
{
  bool good = true;
  for (size_t i = 0; i < pixazo_generation_image_count(record); i++) {
    exported made;
    pixazo_error *error = NULL;
    if (pixazo_generation_image_state(record, i) != PIXAZO_IMAGE_RECORDED ||
        (only && strcmp(only, pixazo_generation_image_uuid(record, i)) != 0))
      continue;
    pixazo_status status = make_export(self->server, studio, record, i, wanted, &made, &error);
    if (status == PIXAZO_OK)
      tell_export(answer, self, &made);
    else
      say(answer, "No copy could be made: %s.", error ? pixazo_error_message(error) : pixazo_status_text(status));
    good = good && status == PIXAZO_OK;
    pixazo_error_free(error);
  }
  return good;
}

static void export_record(call *self, pixazo_studio *studio, const char *id, result *out)
{
  wish wanted = {NULL, NULL};
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  if (!read_wish(self, studio, true, &wanted, out)) {
    wish_done(&wanted);
    return;
  }
  pixazo_status status = find_record(studio, id, &record, &error);
  if (status == PIXAZO_OK) {
    bool one = strcmp(pixazo_generation_uuid(record), id) != 0;
    put_open(&out->structured, "exports", '[');
    if (!add_exports(self, studio, record, &wanted, one ? id : NULL, out))
      out->failed = true;
    put_close(&out->structured, ']');
    if (!out->text.behind)
      say_failure(out, "This generation has no picture that could be converted.");
  } else {
    say_error(out, "No such picture", status, error);
  }
  pixazo_generation_free(record);
  wish_done(&wanted);
}

void run_export(call *self, result *out)
{
  static const char *const names[] = {"id", "format", "base", "width", "height", "fit", "quality"};
  pixazo_studio *studio = NULL;
  char *id = NULL;
  if (arguments_known(self, names, sizeof names / sizeof *names, out) && read_id(self, &id, out) &&
      open_for(self, &studio, out))
    export_record(self, studio, id, out);
  free(id);
}
