/* SPDX-License-Identifier: MIT */
/* A request out of JSON: every member at fault is named at once, and what is not a parameter is the caller's own. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/request.h"
#include "json/writer.h"

enum { FAULTS_MAX = 900 };

typedef struct reader {
  pixazo_request *request;
  px_buf faults;                /* "steps: want an integer; width: ..." */
  const char *given[PX_FIELDS]; /* the name a parameter was given under */
} reader;

static void add_fault(reader *self, const char *name, const char *problem)
{
  (void)px_buf_printf(&self->faults, "%s%.48s: %s", self->faults.size > 0 ? "; " : "", name, problem);
}

static bool keep(reader *self, px_field field, const char *text)
{
  self->request->values[field] = px_strdup(text);
  return self->request->values[field] != NULL;
}

static bool read_string(reader *self, px_field field, const px_json *node)
{
  char problem[64];
  const char *text = px_json_text(node);
  size_t max = px_field_row_of(field)->max_bytes;
  if (strlen(text) <= max)
    return keep(self, field, text);
  (void)snprintf(problem, sizeof problem, "more than %zu bytes", max);
  add_fault(self, px_json_name(node), problem);
  return true;
}

/* Integers may be written 20 or 20.0; both are kept as 20. */
static bool read_number(reader *self, px_field field, const px_json *node)
{
  const px_field_row *row = px_field_row_of(field);
  double value = NAN;
  int64_t integer = 0;
  char text[32];
  bool whole = px_json_get_int64(node, "", &integer, NULL) == PIXAZO_OK;
  if (row->kind == PX_KIND_INTEGER && !whole) {
    add_fault(self, px_json_name(node), "want an integer");
    return true;
  }
  if (px_json_get_double(node, "", &value, NULL) != PIXAZO_OK || value < row->minimum || value > row->maximum) {
    char low[32];
    char high[32];
    char problem[96];
    px_format_double(row->minimum, low, sizeof low);
    px_format_double(row->maximum, high, sizeof high);
    (void)snprintf(problem, sizeof problem, "must be between %s and %s", low, high);
    add_fault(self, px_json_name(node), problem);
    return true;
  }
  if (whole)
    (void)snprintf(text, sizeof text, "%" PRId64, integer);
  else
    px_format_double(value, text, sizeof text);
  return keep(self, field, text);
}

static bool read_object(reader *self, px_field field, const px_json *node)
{
  self->request->values[field] = px_json_print(node);
  return self->request->values[field] != NULL;
}

/* False: no memory. */
static bool read_parameter(reader *self, px_field field, const px_json *node)
{
  static const px_json_kind kinds[] = {PX_JSON_STRING, PX_JSON_NUMBER, PX_JSON_NUMBER, PX_JSON_OBJECT,
                                       PX_JSON_ARRAY};
  const px_field_row *row = px_field_row_of(field);
  const char *name = px_json_name(node);
  char problem[128];
  if (px_json_is(node, PX_JSON_NULL))
    return true;
  if (self->given[field]) {
    (void)snprintf(problem, sizeof problem, "says the same as %s, which is given too", self->given[field]);
    add_fault(self, name, problem);
    return true;
  }
  self->given[field] = name;
  if (!px_json_is(node, kinds[row->kind])) {
    (void)snprintf(problem, sizeof problem, "want %s, got %s", px_field_kind_name(row->kind),
                   px_json_kind_name(px_json_kind_of(node)));
    add_fault(self, name, problem);
    return true;
  }
  if (row->kind == PX_KIND_STRING)
    return read_string(self, field, node);
  if (row->kind == PX_KIND_LIST && !px_request_list_fits(node)) {
    (void)snprintf(problem, sizeof problem, "want at most %d strings that are not empty", PX_REQUEST_IMAGES_MAX);
    add_fault(self, name, problem);
    return true;
  }
  bool tree = row->kind == PX_KIND_OBJECT || row->kind == PX_KIND_LIST;
  return tree ? read_object(self, field, node) : read_number(self, field, node);
}

static void check_schema(reader *self, const px_json *node)
{
  int64_t schema = 0;
  if (px_json_get_int64(node, "", &schema, NULL) != PIXAZO_OK || schema != 1)
    add_fault(self, "schema", "this library knows 1");
}

static bool is_own_member(const px_json *node, const px_json *metadata)
{
  px_field field;
  const char *name = px_json_name(node);
  return !px_field_find(name, &field) && strcmp(name, "schema") != 0 && !px_json_member(metadata, name);
}

/* "metadata" and all members that are no parameters, as one object; the first wins where both name the same. */
static pixazo_status gather_metadata(pixazo_request *request, const px_json *root, pixazo_error **error)
{
  const px_json *metadata = px_json_member(root, "metadata");
  if (!px_json_is(metadata, PX_JSON_OBJECT))
    metadata = NULL;
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT((size_t)PX_REQUEST_JSON_MAX * 2);
  bool any = false;
  px_json_put_begin_object(&writer, NULL);
  for (const px_json *node = px_json_first(metadata); node; node = px_json_next(node)) {
    px_json_put_tree(&writer, px_json_name(node), node);
    any = true;
  }
  for (const px_json *node = px_json_first(root); node; node = px_json_next(node)) {
    if (!is_own_member(node, metadata))
      continue;
    px_json_put_tree(&writer, px_json_name(node), node);
    any = true;
  }
  px_json_put_end_object(&writer);
  if (!any)
    return PIXAZO_OK;
  px_free(request->values[PX_FIELD_METADATA]);
  request->values[PX_FIELD_METADATA] = NULL;
  return px_json_writer_finish(&writer, &request->values[PX_FIELD_METADATA], error);
}

static pixazo_status read_members(reader *self, const px_json *root, pixazo_error **error)
{
  for (const px_json *node = px_json_first(root); node; node = px_json_next(node)) {
    px_field field;
    if (strcmp(px_json_name(node), "schema") == 0)
      check_schema(self, node);
    else if (px_field_find(px_json_name(node), &field) && !read_parameter(self, field, node))
      return px_fail_nomem(error);
  }
  if (self->faults.failed && !self->faults.over)
    return px_fail_nomem(error);
  if (self->faults.size > 0)
    return px_fail(error, PIXAZO_E_ARGUMENT, "request: %s", px_buf_text(&self->faults));
  return gather_metadata(self->request, root, error);
}

pixazo_status px_request_read(pixazo_request *request, const char *json, pixazo_error **error)
{
  px_json_limits limits = {PX_REQUEST_JSON_MAX, 0, 0};
  px_cleanup(px_json_done) px_json *root = NULL;
  PX_TRY(px_json_parse_given(json, strlen(json), &limits, "request", &root, error));
  if (!px_json_is(root, PX_JSON_OBJECT))
    return px_fail(error, PIXAZO_E_ARGUMENT, "request: want a JSON object");
  reader self = {request, PX_BUF_INIT(FAULTS_MAX), {NULL}};
  pixazo_status status = read_members(&self, root, error);
  px_buf_done(&self.faults);
  if (status != PIXAZO_OK)
    return status;
  request->verbatim = px_strdup(json);
  return request->verbatim ? PIXAZO_OK : px_fail_nomem(error);
}
