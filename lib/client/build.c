/* SPDX-License-Identifier: MIT */
/* Bodies as most services take them: one flat JSON object. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/provider.h"
#include "json/writer.h"

enum { BODY_MAX = 2 * 1024 * 1024 };

static const px_json *options_of(const px_build *job)
{
  return px_json_member(job->effective, "provider_options");
}

const px_size *px_build_size(const px_build *job)
{
  int64_t width = 0;
  int64_t height = 0;
  (void)px_json_may_int64(job->effective, "width", &width, NULL);
  (void)px_json_may_int64(job->effective, "height", &height, NULL);
  for (const px_size *size = job->model->sizes; size && size->width > 0; size++) {
    if (size->width == width && size->height == height)
      return size;
  }
  return NULL;
}

static void put_size(px_json_writer *writer, const px_build *job)
{
  char text[64];
  int64_t width = 0;
  int64_t height = 0;
  const px_size *size = px_build_size(job);
  (void)px_json_may_int64(job->effective, "width", &width, NULL);
  (void)px_json_may_int64(job->effective, "height", &height, NULL);
  (void)snprintf(text, sizeof text, "%" PRId64 "x%" PRId64, width, height);
  px_json_put_string(writer, job->model->size_wire, size && size->name ? size->name : text);
}

static void put_parameters(px_json_writer *writer, const px_build *job)
{
  const px_model *model = job->model;
  const px_json *options = options_of(job);
  for (px_field field = 0; field < PX_FIELDS; field++) {
    const char *wire = model->params[field].wire;
    bool in_size = model->size_wire && (field == PX_FIELD_WIDTH || field == PX_FIELD_HEIGHT);
    const px_json *value = px_json_member(job->effective, px_field_row_of(field)->name);
    if (wire && value && !in_size && !px_json_member(options, wire))
      px_json_put_tree(writer, wire, value);
  }
  if (model->size_wire && !px_json_member(options, model->size_wire))
    put_size(writer, job);
}

/* Members of `object` that the caller's own options do not replace. */
static void put_members(px_json_writer *writer, const px_json *object, const px_json *options)
{
  for (const px_json *node = px_json_first(object); node; node = px_json_next(node)) {
    if (!px_json_member(options, px_json_name(node)))
      px_json_put_tree(writer, px_json_name(node), node);
  }
}

static pixazo_status put_extras(px_json_writer *writer, const px_build *job, pixazo_error **error)
{
  const px_json *options = options_of(job);
  px_cleanup(px_json_done) px_json *extras = NULL;
  if (job->model->extras)
    PX_TRY(px_json_parse(job->model->extras, strlen(job->model->extras), NULL, &extras, error));
  put_members(writer, extras, options);
  put_members(writer, options, NULL);
  return PIXAZO_OK;
}

pixazo_status px_build_members(px_json_writer *writer, const px_build *job, pixazo_error **error)
{
  put_parameters(writer, job);
  return put_extras(writer, job, error);
}

pixazo_status px_build_plain(const px_build *job, pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(BODY_MAX);
  char *text = NULL;
  px_json_put_begin_object(&writer, NULL);
  PX_TRY(px_build_members(&writer, job, error));
  px_json_put_end_object(&writer);
  PX_TRY(px_json_writer_finish(&writer, &text, error));
  return px_body_add_text(job->body, text, error);
}
