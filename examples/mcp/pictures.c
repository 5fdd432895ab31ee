/* SPDX-License-Identifier: MIT */
/* What is told of a record: data, links, small pictures. */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "mcp.h"
#include "text.h"

enum { THUMBNAILS = 4, THUMBNAIL_BYTES = 75000 }; /* in base64 a third more: at most 100 KB */
#define THUMBNAIL                                                                                      \
  "{\"format\":\"jpeg\",\"width\":512,\"height\":512,\"fit\":\"inside\",\"enlarge\":0,\"quality\":80," \
  "\"metadata\":\"none\",\"max_bytes\":75000}"

void put_money(draft *out, int64_t micros, const char *currency, int32_t confidence)
{
  char text[96];
  format_money(micros, currency, confidence, text, sizeof text);
  put_open(out, "cost", '{');
  put_int(out, "micros", micros);
  put_string(out, "currency", currency);
  put_string(out, "confidence", pixazo_confidence_name(confidence));
  put_string(out, "text", text);
  put_close(out, '}');
}

static void put_text_if(draft *out, const char *name, const char *text)
{
  if (text[0])
    put_string(out, name, text);
}

static void put_number_if(draft *out, const char *name, int64_t number)
{
  if (number > 0)
    put_int(out, name, number);
}

static void put_image(draft *out, const pixazo_generation *record, size_t i)
{
  char uri[64];
  bool recorded = pixazo_generation_image_state(record, i) == PIXAZO_IMAGE_RECORDED;
  put_open(out, NULL, '{');
  put_string(out, "id", pixazo_generation_image_uuid(record, i));
  put_string(out, "state", pixazo_image_state_name(pixazo_generation_image_state(record, i)));
  if (recorded) {
    (void)snprintf(uri, sizeof uri, "pixazo://image/%s", pixazo_generation_image_uuid(record, i));
    put_string(out, "uri", uri);
    put_text_if(out, "path", pixazo_generation_image_path(record, i));
  }
  put_text_if(out, "remote_url", pixazo_generation_image_url(record, i));
  put_text_if(out, "reason", pixazo_generation_image_reason(record, i));
  put_text_if(out, "content_type", pixazo_generation_image_content_type(record, i));
  put_number_if(out, "width", pixazo_generation_image_width(record, i));
  put_number_if(out, "height", pixazo_generation_image_height(record, i));
  put_number_if(out, "bytes", pixazo_generation_image_bytes(record, i));
  put_text_if(out, "sha256", pixazo_generation_image_sha256(record, i));
  put_close(out, '}');
}

/* A JSON object of the record; what is none becomes null. */
static void put_object(draft *out, const char *name, const char *json)
{
  put_json(out, name, json[0] == '{' ? span_of(json) : (span){NULL, 0});
}

static void put_time(draft *out, const char *name, int64_t time_us)
{
  char text[40];
  format_time(time_us, text, sizeof text - 1);
  size_t length = strlen(text);
  text[strcspn(text, " ")] = 'T';
  memcpy(text + length, "Z", 2);
  put_string(out, name, text);
}

void put_record(draft *out, const char *name, const pixazo_generation *record)
{
  const char *effective = pixazo_generation_effective_json(record);
  const char *seed = json_member(effective, "seed");
  put_open(out, name, '{');
  put_string(out, "id", pixazo_generation_uuid(record));
  put_string(out, "state", pixazo_generation_state_name(pixazo_generation_state(record)));
  put_string(out, "prompt", pixazo_generation_prompt(record));
  put_string(out, "provider", pixazo_generation_provider(record));
  put_string(out, "model", pixazo_generation_model(record));
  put_time(out, "created", pixazo_generation_created_us(record));
  put_text_if(out, "message", pixazo_generation_message(record));
  put_json(out, "seed", seed ? span_of(seed) : (span){NULL, 0});
  put_object(out, "parameters", effective);
  put_object(out, "asked", pixazo_generation_request_json(record));
  put_money(out, pixazo_generation_cost_micros(record), pixazo_generation_currency(record),
            pixazo_generation_confidence(record));
  put_open(out, "images", '[');
  for (size_t i = 0; i < pixazo_generation_image_count(record); i++)
    put_image(out, record, i);
  put_close(out, ']');
  put_close(out, '}');
}

void add_image(result *out, const void *data, size_t size, const char *type)
{
  put_open(&out->content, NULL, '{');
  put_string(&out->content, "type", "image");
  put_base64(&out->content, "data", data, size);
  put_string(&out->content, "mimeType", type);
  put_close(&out->content, '}');
}

void add_link(result *out, const call *self, const char *uri, const char *name, const char *type, int64_t bytes)
{
  if (self->revision < RESOURCE_LINKS_SINCE)
    return;
  put_open(&out->content, NULL, '{');
  put_string(&out->content, "type", "resource_link");
  put_string(&out->content, "uri", uri);
  put_string(&out->content, "name", name);
  put_string(&out->content, "mimeType", type);
  put_int(&out->content, "size", bytes);
  put_close(&out->content, '}');
}

static pixazo_status make_thumbnail(pixazo_studio *studio, const char *key, pixazo_rendition **out, pixazo_error **error)
{
  pixazo_blob *source = NULL;
  pixazo_recipe *recipe = NULL;
  pixazo_status status = pixazo_store_get(pixazo_studio_store(studio), key, 0, &source, error);
  if (status == PIXAZO_OK)
    status = pixazo_recipe_new_from_json(THUMBNAIL, &recipe, error);
  if (status == PIXAZO_OK)
    status = pixazo_exporter_export(pixazo_studio_exporter(studio), source, recipe, out, error);
  pixazo_recipe_free(recipe);
  pixazo_blob_unref(source);
  return status;
}

static const char *base_name(const char *key)
{
  const char *slash = strrchr(key, '/');
  return slash ? slash + 1 : key;
}

static void add_thumbnail(result *out, pixazo_studio *studio, const char *key)
{
  pixazo_rendition *small = NULL;
  pixazo_error *error = NULL;
  pixazo_status status = make_thumbnail(studio, key, &small, &error);
  if (status == PIXAZO_OK) {
    const pixazo_blob *blob = pixazo_rendition_blob(small);
    if (pixazo_blob_size(blob) <= THUMBNAIL_BYTES)
      add_image(out, pixazo_blob_data(blob), pixazo_blob_size(blob), pixazo_rendition_content_type(small));
  } else {
    say(out, "No small copy could be made: %s.", error ? pixazo_error_message(error) : pixazo_status_text(status));
  }
  pixazo_error_free(error);
  pixazo_rendition_free(small);
}

void add_pictures(result *out, const call *self, pixazo_studio *studio, const pixazo_generation *record)
{
  char uri[64];
  size_t shown = 0;
  for (size_t i = 0; i < pixazo_generation_image_count(record); i++) {
    const char *key = pixazo_generation_image_key(record, i);
    if (pixazo_generation_image_state(record, i) != PIXAZO_IMAGE_RECORDED)
      continue;
    (void)snprintf(uri, sizeof uri, "pixazo://image/%s", pixazo_generation_image_uuid(record, i));
    add_link(out, self, uri, base_name(key), pixazo_generation_image_content_type(record, i),
             pixazo_generation_image_bytes(record, i));
    if (shown++ < THUMBNAILS)
      add_thumbnail(out, studio, key);
  }
}
