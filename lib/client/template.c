/* SPDX-License-Identifier: MIT */
#include "client/template.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

enum { BODY_MAX = 2 * 1024 * 1024, NAME_SIZE = 40 };

/* ---- names ---- */

typedef enum kind { KIND_UNKNOWN, KIND_FIELD, KIND_SIZE, KIND_IMAGE, KIND_IMAGES, KIND_MASK } kind;

typedef struct placeholder {
  kind kind;
  px_field field;
  size_t index;  /* of the image */
  bool data_uri; /* else plain base64 */
} placeholder;

static bool take(const char **at, const char *word)
{
  size_t length = strlen(word);
  bool found = strncmp(*at, word, length) == 0;
  *at += found ? length : 0;
  return found;
}

static bool is_form(const char *text, bool *data_uri)
{
  *data_uri = strcmp(text, "_data_uri") == 0;
  return *data_uri || strcmp(text, "_base64") == 0;
}

static placeholder parse_image(const char *at, kind found)
{
  placeholder self = {.kind = found};
  if (found == KIND_IMAGE) {
    if (!px_ascii_is_digit(*at))
      return (placeholder){.kind = KIND_UNKNOWN};
    for (; px_ascii_is_digit(*at) && self.index < PX_REQUEST_IMAGES_MAX; at++)
      self.index = self.index * 10 + (size_t)(*at - '0');
  }
  if (!is_form(at, &self.data_uri) || self.index >= PX_REQUEST_IMAGES_MAX)
    self.kind = KIND_UNKNOWN;
  return self;
}

static placeholder parse_name(const char *name)
{
  const char *at = name;
  if (take(&at, "images"))
    return parse_image(at, KIND_IMAGES);
  if (take(&at, "image_"))
    return parse_image(at, KIND_IMAGE);
  if (take(&at, "mask"))
    return parse_image(at, KIND_MASK);
  if (strcmp(name, "size") == 0)
    return (placeholder){.kind = KIND_SIZE};
  for (px_field field = 0; field <= PX_FIELD_STRENGTH; field++) {
    if (field != PX_FIELD_PROVIDER && strcmp(px_field_row_of(field)->name, name) == 0)
      return (placeholder){.kind = KIND_FIELD, .field = field};
  }
  return (placeholder){.kind = KIND_UNKNOWN};
}

/* The next "{{name}}" of a text: where it begins, its name, and what follows it. NULL: there is none. */
static const char *next_placeholder(const char *text, char name[NAME_SIZE], const char **after)
{
  const char *begin = strstr(text, "{{");
  if (!begin)
    return NULL;
  const char *end = strstr(begin, "}}");
  size_t length = end ? (size_t)(end - begin) - 2 : NAME_SIZE;
  name[0] = '\0';
  *after = end ? end + 2 : begin + 2;
  if (length < NAME_SIZE) {
    memcpy(name, begin + 2, length);
    name[length] = '\0';
  }
  return begin;
}

/* A text that is one placeholder and nothing else. */
static bool is_single(const char *text, placeholder *out)
{
  char name[NAME_SIZE];
  const char *after = NULL;
  if (next_placeholder(text, name, &after) != text || *after)
    return false;
  *out = parse_name(name);
  return true;
}

static bool is_picture(kind what)
{
  return what == KIND_IMAGE || what == KIND_IMAGES || what == KIND_MASK;
}

static pixazo_status check_text(const px_place *place, pixazo_error **error)
{
  char name[NAME_SIZE];
  const char *after = NULL;
  const char *text = px_json_text(place->node);
  placeholder single;
  bool whole = is_single(text, &single);
  for (const char *at = text; next_placeholder(at, name, &after); at = after) {
    placeholder found = parse_name(name);
    if (found.kind == KIND_UNKNOWN)
      return px_place_fail(place, error, "{{%s}} is no placeholder", name);
    if (is_picture(found.kind) && !whole)
      return px_place_fail(place, error, "a picture must be the whole text");
  }
  return PIXAZO_OK;
}

pixazo_status px_template_check(const px_place *place, pixazo_error **error)
{
  if (px_json_is(place->node, PX_JSON_STRING))
    return check_text(place, error);
  if (!px_json_is(place->node, PX_JSON_OBJECT) && !px_json_is(place->node, PX_JSON_ARRAY))
    return PIXAZO_OK;
  size_t index = 0;
  for (const px_json *node = px_json_first(place->node); node; node = px_json_next(node), index++) {
    px_place child = px_place_child(place, node, index);
    if (child.name && strstr(child.name, "{{"))
      return px_place_fail(&child, error, "a name cannot be a placeholder");
    PX_TRY(px_template_check(&child, error));
  }
  return PIXAZO_OK;
}

pixazo_status px_template_check_path(const px_place *place, const char *path, const char *name, pixazo_error **error)
{
  if (path[0] != '/')
    return px_place_fail(place, error, "must begin with a slash");
  for (const char *at = path; *at; at++) {
    if (*at <= 0x20 || *at >= 0x7F || strchr("#\\\"<>", *at))
      return px_place_fail(place, error, "character %zu does not belong into a path", (size_t)(at - path) + 1);
    if (*at == '{' && !name)
      return px_place_fail(place, error, "there is no placeholder");
    if (*at == '{' && !px_str_starts(at, name))
      return px_place_fail(place, error, "the only placeholder there is %s", name);
  }
  return PIXAZO_OK;
}

static bool holds(const char *text, const char *name)
{
  char found[NAME_SIZE];
  const char *after = NULL;
  for (const char *at = text; next_placeholder(at, found, &after); at = after) {
    if (strcmp(found, name) == 0)
      return true;
  }
  return false;
}

bool px_template_has(const px_json *node, const char *name)
{
  if (px_json_is(node, PX_JSON_STRING))
    return holds(px_json_text(node), name);
  for (const px_json *item = px_json_first(node); item; item = px_json_next(item)) {
    if (px_template_has(item, name))
      return true;
  }
  return false;
}

bool px_template_has_input(const px_json *node, size_t index, bool mask)
{
  placeholder found;
  if (px_json_is(node, PX_JSON_STRING) && is_single(px_json_text(node), &found)) {
    if (mask)
      return found.kind == KIND_MASK;
    return found.kind == KIND_IMAGES || (found.kind == KIND_IMAGE && found.index == index);
  }
  for (const px_json *item = px_json_first(node); item; item = px_json_next(item)) {
    if (px_template_has_input(item, index, mask))
      return true;
  }
  return false;
}

/* ---- writing ---- */

typedef struct writing {
  const px_build *job;
  const char *model; /* on the wire; "": none */
  size_t pictures;   /* without the mask */
  char size[64];     /* "": none */
} writing;

/* Text of a value that is no picture; NULL: there is none. *node is what a whole text becomes. */
static const char *text_of(const writing *self, const placeholder *what, const px_json **node)
{
  *node = NULL;
  if (what->kind == KIND_SIZE)
    return px_str_empty(self->size) ? NULL : self->size;
  if (what->field == PX_FIELD_MODEL)
    return px_str_empty(self->model) ? NULL : self->model;
  *node = px_json_member(self->job->effective, px_field_row_of(what->field)->name);
  return px_json_text(*node);
}

static bool has_input(const writing *self, const placeholder *what)
{
  if (what->kind == KIND_MASK)
    return self->job->input_count > self->pictures;
  return what->kind == KIND_IMAGES ? self->pictures > 0 : what->index < self->pictures;
}

static bool has_value(const writing *self, const char *text)
{
  char name[NAME_SIZE];
  const char *after = NULL;
  const px_json *node = NULL;
  for (const char *at = text; next_placeholder(at, name, &after); at = after) {
    placeholder found = parse_name(name);
    if (is_picture(found.kind) ? !has_input(self, &found) : !text_of(self, &found, &node))
      return false;
  }
  return true;
}

/* An object or a list of which nothing is left goes as well. */
static bool is_there(const writing *self, const px_json *node)
{
  if (px_json_is(node, PX_JSON_STRING))
    return has_value(self, px_json_text(node));
  if (px_json_size(node) == 0)
    return true;
  for (const px_json *item = px_json_first(node); item; item = px_json_next(item)) {
    if (is_there(self, item))
      return true;
  }
  return false;
}

static void put_input(px_json_writer *writer, const char *key, const writing *self, size_t index, bool data_uri)
{
  char prefix[64] = "";
  if (data_uri)
    (void)snprintf(prefix, sizeof prefix, "data:%s;base64,", self->job->inputs[index].type);
  px_body_put_input(writer, key, prefix, index);
}

static void put_picture(px_json_writer *writer, const char *key, const writing *self, const placeholder *what)
{
  if (what->kind != KIND_IMAGES) {
    put_input(writer, key, self, what->kind == KIND_MASK ? self->pictures : what->index, what->data_uri);
    return;
  }
  px_json_put_begin_array(writer, key);
  for (size_t i = 0; i < self->pictures; i++)
    put_input(writer, NULL, self, i, what->data_uri);
  px_json_put_end_array(writer);
}

/* Values between words. */
static void put_mixed(px_json_writer *writer, const char *key, const writing *self, const char *text)
{
  char name[NAME_SIZE];
  const char *after = NULL;
  const px_json *node = NULL;
  px_auto(px_buf) out = PX_BUF_INIT(BODY_MAX);
  const char *at = text;
  for (const char *begin = next_placeholder(at, name, &after); begin; begin = next_placeholder(at, name, &after)) {
    placeholder found = parse_name(name);
    (void)px_buf_add(&out, at, (size_t)(begin - at));
    (void)px_buf_add_text(&out, text_of(self, &found, &node));
    at = after;
  }
  if (!px_buf_add_text(&out, at) && writer->failure == PIXAZO_OK)
    writer->failure = out.over ? PIXAZO_E_LIMIT : PIXAZO_E_NOMEM;
  px_json_put_string(writer, key, px_buf_text(&out));
}

static void put_text(px_json_writer *writer, const char *key, const writing *self, const char *text)
{
  placeholder single;
  const px_json *node = NULL;
  if (!is_single(text, &single)) {
    put_mixed(writer, key, self, text);
  } else if (is_picture(single.kind)) {
    put_picture(writer, key, self, &single);
  } else {
    const char *value = text_of(self, &single, &node);
    if (node)
      px_json_put_tree(writer, key, node);
    else
      px_json_put_string(writer, key, value);
  }
}

static void put_node(px_json_writer *writer, const char *key, const writing *self, const px_json *node)
{
  bool object = px_json_is(node, PX_JSON_OBJECT);
  if (px_json_is(node, PX_JSON_STRING)) {
    put_text(writer, key, self, px_json_text(node));
  } else if (!object && !px_json_is(node, PX_JSON_ARRAY)) {
    px_json_put_tree(writer, key, node);
  } else {
    object ? px_json_put_begin_object(writer, key) : px_json_put_begin_array(writer, key);
    for (const px_json *item = px_json_first(node); item; item = px_json_next(item)) {
      if (is_there(self, item))
        put_node(writer, px_json_name(item), self, item);
    }
    object ? px_json_put_end_object(writer) : px_json_put_end_array(writer);
  }
}

static void set_size(writing *self)
{
  int64_t width = 0;
  int64_t height = 0;
  (void)px_json_may_int64(self->job->effective, "width", &width, NULL);
  (void)px_json_may_int64(self->job->effective, "height", &height, NULL);
  if (width == 0 || height == 0)
    return;
  (void)snprintf(self->size, sizeof self->size, "%" PRId64 "x%" PRId64, width, height);
  for (const px_size *size = self->job->model->sizes; size && size->width > 0; size++) {
    if (size->name && size->width == width && size->height == height)
      (void)snprintf(self->size, sizeof self->size, "%s", size->name);
  }
}

/* The caller's own options stand on top of the template and win. */
static void put_body(px_json_writer *writer, const writing *self, const px_json *body)
{
  const px_json *options = px_json_member(self->job->effective, "provider_options");
  px_json_put_begin_object(writer, NULL);
  for (const px_json *node = px_json_first(body); node; node = px_json_next(node)) {
    if (!px_json_member(options, px_json_name(node)) && is_there(self, node))
      put_node(writer, px_json_name(node), self, node);
  }
  for (const px_json *node = px_json_first(options); node; node = px_json_next(node))
    px_json_put_tree(writer, px_json_name(node), node);
  px_json_put_end_object(writer);
}

pixazo_status px_template_build(const px_build *job, const px_json *body, const char *name, pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(BODY_MAX);
  writing self = {.job = job, .model = name, .pictures = job->input_count};
  if (job->input_count > 0 && job->inputs[job->input_count - 1].mask)
    self.pictures--;
  char *text = NULL;
  set_size(&self);
  put_body(&writer, &self, body);
  PX_TRY(px_json_writer_finish(&writer, &text, error));
  return px_body_set_json(job->body, text, job->inputs, job->input_count, error);
}
