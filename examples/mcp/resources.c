/* SPDX-License-Identifier: MIT */
/* The pictures of the store as resources. Whatever else lies in the directory has no address. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "mcp.h"

enum { PAGE = 50, READ_BYTES = 16 * 1024 * 1024, TITLE_BYTES = 128 };

void put_resource_templates(draft *out)
{
  static const char *const rows[][3] = {
      {"pixazo://image/{id}", "picture", "The original of a picture, by its id."},
      {"pixazo://file/{+path}", "copy", "A picture file by its path inside the store, such as what pix_export made."}};
  put_open(out, "resourceTemplates", '[');
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    put_open(out, NULL, '{');
    put_string(out, "uriTemplate", rows[i][0]);
    put_string(out, "name", rows[i][1]);
    put_string(out, "description", rows[i][2]);
    put_close(out, '}');
  }
  put_close(out, ']');
}

static void fail(call *self, int code, const char *what, pixazo_status status, pixazo_error *error)
{
  char text[1024];
  const char *why = error ? pixazo_error_message(error) : pixazo_status_text(status);
  (void)snprintf(text, sizeof text, "%s: %s", what, why);
  cut_to_characters(text);
  reply_error(self->server, &self->message, &self->closed, code, text, NULL);
  pixazo_error_free(error);
}

static void put_resource(draft *out, const pixazo_generation *record, size_t i)
{
  char uri[64];
  char title[TITLE_BYTES];
  const char *key = pixazo_generation_image_key(record, i);
  const char *slash = strrchr(key, '/');
  (void)snprintf(uri, sizeof uri, "pixazo://image/%s", pixazo_generation_image_uuid(record, i));
  (void)snprintf(title, sizeof title, "%s", pixazo_generation_prompt(record));
  cut_to_characters(title);
  put_open(out, NULL, '{');
  put_string(out, "uri", uri);
  put_string(out, "name", slash ? slash + 1 : key);
  put_string(out, "title", title);
  put_string(out, "mimeType", pixazo_generation_image_content_type(record, i));
  put_int(out, "size", pixazo_generation_image_bytes(record, i));
  put_close(out, '}');
}

static void send_page(call *self, const pixazo_page *page)
{
  draft out;
  if (!reply_open(&out, &self->message)) {
    fail(self, ERROR_INTERNAL, "resources", PIXAZO_E_NOMEM, NULL);
    return;
  }
  put_open(&out, "resources", '[');
  for (size_t g = 0; g < pixazo_page_count(page); g++) {
    const pixazo_generation *record = pixazo_page_get(page, g);
    for (size_t i = 0; i < pixazo_generation_image_count(record); i++) {
      if (pixazo_generation_image_state(record, i) == PIXAZO_IMAGE_RECORDED)
        put_resource(&out, record, i);
    }
  }
  put_close(&out, ']');
  if (pixazo_page_cursor(page)[0])
    put_string(&out, "nextCursor", pixazo_page_cursor(page));
  put_freshness(&out, &self->message, 0);
  reply_send(self->server, &out, &self->message, &self->closed);
}

static pixazo_status list(call *self, pixazo_studio *studio, pixazo_page **page, pixazo_error **error)
{
  pixazo_query *query = NULL;
  char *cursor = json_text(json_member(self->message.params, "cursor"));
  pixazo_status status = pixazo_query_new_from_json("{\"state\":\"done,partial\"}", &query, error);
  if (status == PIXAZO_OK)
    status = pixazo_query_set_int(query, "limit", PAGE, error);
  if (status == PIXAZO_OK && cursor)
    status = pixazo_query_set_string(query, "cursor", cursor, error);
  if (status == PIXAZO_OK)
    status = pixazo_repository_list(pixazo_studio_repository(studio), query, page, error);
  pixazo_query_free(query);
  free(cursor);
  return status;
}

void run_resources_list(call *self)
{
  pixazo_studio *studio = NULL;
  pixazo_page *page = NULL;
  pixazo_error *error = NULL;
  pixazo_status status = service_studio(self->server, &studio, &error);
  if (status == PIXAZO_OK)
    status = list(self, studio, &page, &error);
  if (status == PIXAZO_OK)
    send_page(self, page);
  else
    fail(self, status == PIXAZO_E_ARGUMENT ? ERROR_PARAMS : ERROR_INTERNAL, "resources", status, error);
  pixazo_page_free(page);
}

static const char *type_of(const char *key)
{
  const char *dot = strrchr(key, '.');
  if (dot && strcmp(dot, ".png") == 0)
    return "image/png";
  return dot && strcmp(dot, ".webp") == 0 ? "image/webp" : "image/jpeg";
}

static void send_blob(call *self, const char *uri, const char *key, const pixazo_blob *blob)
{
  draft out;
  if (!reply_open(&out, &self->message)) {
    fail(self, ERROR_INTERNAL, "resources", PIXAZO_E_NOMEM, NULL);
    return;
  }
  put_open(&out, "contents", '[');
  put_open(&out, NULL, '{');
  put_string(&out, "uri", uri);
  put_string(&out, "mimeType", type_of(key));
  put_base64(&out, "blob", pixazo_blob_data(blob), pixazo_blob_size(blob));
  put_close(&out, '}');
  put_close(&out, ']');
  put_freshness(&out, &self->message, 60000);
  reply_send(self->server, &out, &self->message, &self->closed);
}

/* Only addresses: a path of this machine is none. */
static pixazo_status read_resource(call *self, const char *uri, char *key, size_t size, pixazo_blob **out,
                                   pixazo_error **error)
{
  pixazo_studio *studio = NULL;
  if (!behind_prefix(uri, "pixazo://"))
    return pixazo_error_set(error, PIXAZO_E_NOT_FOUND, "want an address that begins with pixazo://");
  pixazo_status status = service_studio(self->server, &studio, error);
  if (status == PIXAZO_OK)
    status = key_of_reference(self->server, studio, uri, key, size, error);
  return status == PIXAZO_OK ? pixazo_store_get(pixazo_studio_store(studio), key, READ_BYTES, out, error) : status;
}

void run_resources_read(call *self)
{
  char key[512] = "";
  pixazo_blob *blob = NULL;
  pixazo_error *error = NULL;
  char *uri = json_text(json_member(self->message.params, "uri"));
  pixazo_status status = uri ? read_resource(self, uri, key, sizeof key, &blob, &error)
                             : pixazo_error_set(&error, PIXAZO_E_ARGUMENT, "uri: want text");
  bool absent = status == PIXAZO_E_NOT_FOUND || status == PIXAZO_E_ARGUMENT;
  int unknown = self->message.version || !uri ? ERROR_PARAMS : ERROR_NO_RESOURCE;
  if (status == PIXAZO_OK)
    send_blob(self, uri, key, blob);
  else
    fail(self, absent ? unknown : ERROR_INTERNAL, "Resource not found", status, error);
  pixazo_blob_unref(blob);
  free(uri);
}
