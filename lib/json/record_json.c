/* SPDX-License-Identifier: MIT */
/* A record as JSON; member names are those of the getters. */
#include "base/error.h"
#include "base/mem.h"
#include "base/record.h"
#include "base/str.h"
#include "json/writer.h"

enum { RECORD_MAX = 64 * 1024 * 1024 };

static void put_text(px_json_writer *writer, const char *key, const char *value)
{
  px_json_put_string(writer, key, value ? value : "");
}

/* Documents inside the record are checked: an old or foreign row must not make the whole unreadable. */
static void put_document(px_json_writer *writer, const char *key, const char *json)
{
  px_cleanup(px_json_done) px_json *root = NULL;
  if (px_str_empty(json) || px_json_parse(json, strlen(json), NULL, &root, NULL) != PIXAZO_OK)
    px_json_put_string(writer, key, px_str_empty(json) ? NULL : json);
  else
    px_json_put_tree(writer, key, root);
}

static void put_time(px_json_writer *writer, const char *key, int64_t instant_us)
{
  if (instant_us == 0)
    px_json_put_null(writer, key);
  else
    px_json_put_int64(writer, key, instant_us);
}

static void put_rendition(px_json_writer *writer, const px_rendition_record *rendition)
{
  px_json_put_begin_object(writer, NULL);
  put_text(writer, "name", rendition->name);
  put_text(writer, "key", rendition->key);
  put_text(writer, "path", rendition->path);
  put_text(writer, "content_type", rendition->content_type);
  put_text(writer, "sha256", rendition->sha256);
  px_json_put_int64(writer, "width", rendition->width);
  px_json_put_int64(writer, "height", rendition->height);
  px_json_put_int64(writer, "bytes", rendition->bytes);
  px_json_put_int64(writer, "duration_us", rendition->duration_us);
  px_json_put_end_object(writer);
}

static void put_image_texts(px_json_writer *writer, const px_image_record *image)
{
  put_text(writer, "uuid", image->uuid);
  put_text(writer, "generation", image->generation);
  put_text(writer, "attempt", image->attempt);
  put_text(writer, "state", pixazo_image_state_name(image->state));
  put_text(writer, "url", image->remote_url);
  put_text(writer, "store", image->store);
  put_text(writer, "key", image->key);
  put_text(writer, "path", image->path);
  put_text(writer, "content_type", image->content_type);
  put_text(writer, "sha256", image->sha256);
  put_text(writer, "md5", image->md5);
  put_text(writer, "reason", image->reason);
  put_text(writer, "alt_text", image->alt_text);
  put_text(writer, "revised_prompt", image->revised_prompt);
  put_text(writer, "post_id", image->post_id);
  put_text(writer, "prompt_id", image->prompt_id);
}

static void put_image(px_json_writer *writer, const px_image_record *image)
{
  px_json_put_begin_object(writer, NULL);
  put_image_texts(writer, image);
  put_document(writer, "safety_json", image->safety_json);
  px_json_put_int64(writer, "index", image->index);
  if (image->seed >= 0)
    px_json_put_int64(writer, "seed", image->seed);
  else
    px_json_put_null(writer, "seed");
  px_json_put_int64(writer, "width", image->width);
  px_json_put_int64(writer, "height", image->height);
  px_json_put_int64(writer, "bytes", image->bytes);
  px_json_put_bool(writer, "has_alpha", image->has_alpha != 0);
  px_json_put_int64(writer, "rating", image->rating);
  px_json_put_bool(writer, "starred", image->starred != 0);
  put_time(writer, "recorded_us", image->recorded_us);
  px_json_put_int64(writer, "generation_us", image->generation_us);
  px_json_put_int64(writer, "download_us", image->download_us);
  px_json_put_int64(writer, "processing_us", image->processing_us);
  px_json_put_begin_array(writer, "renditions");
  for (size_t i = 0; i < image->rendition_count; i++)
    put_rendition(writer, &image->renditions[i]);
  px_json_put_end_array(writer);
  px_json_put_end_object(writer);
}

static const char *charge_name(int32_t charge)
{
  static const char *const names[] = {"none", "not_charged", "charged", "unknown"};
  return charge >= 0 && (size_t)charge < PX_ARRAY_SIZE(names) ? names[charge] : names[3];
}

static void put_call(px_json_writer *writer, const px_call_record *call)
{
  px_json_put_begin_object(writer, NULL);
  put_text(writer, "uuid", call->uuid);
  px_json_put_int64(writer, "n", call->n);
  put_text(writer, "provider", call->provider);
  put_text(writer, "model", call->model);
  put_text(writer, "class", call->attempt_class ? pixazo_class_name(call->attempt_class) : "");
  px_json_put_int64(writer, "http_status", call->http_status);
  put_text(writer, "provider_code", call->provider_code);
  put_text(writer, "request_id", call->request_id);
  put_text(writer, "remote_id", call->remote_id);
  put_text(writer, "message", call->message);
  put_document(writer, "safety_json", call->safety_json);
  put_text(writer, "charge", charge_name(call->charge));
  px_json_put_int64(writer, "cost_micros", call->cost_micros);
  put_text(writer, "currency", call->currency);
  put_text(writer, "confidence", pixazo_confidence_name(call->confidence));
  put_time(writer, "sent_us", call->sent_us);
  put_time(writer, "answered_us", call->answered_us);
  px_json_put_end_object(writer);
}

static void put_facts(px_json_writer *writer, const pixazo_generation *generation)
{
  put_text(writer, "uuid", generation->uuid);
  put_text(writer, "batch", generation->batch);
  put_text(writer, "parent", generation->parent);
  put_text(writer, "relation", generation->relation);
  put_text(writer, "replayed_from", generation->replayed_from);
  put_text(writer, "principal", generation->principal);
  put_text(writer, "idempotency_key", generation->idempotency_key);
  put_text(writer, "state", pixazo_generation_state_name(generation->state));
  put_text(writer, "class", generation->last_class ? pixazo_class_name(generation->last_class) : "");
  put_text(writer, "message", generation->message);
  put_text(writer, "prompt", generation->prompt);
  put_text(writer, "provider", generation->provider);
  put_text(writer, "model", generation->model);
  px_json_put_int64(writer, "http_status", generation->http_status);
  px_json_put_int64(writer, "attempts", generation->attempts);
  px_json_put_int64(writer, "cost_micros", generation->cost_micros);
  put_text(writer, "currency", generation->currency);
  put_text(writer, "confidence", pixazo_confidence_name(generation->confidence));
  put_time(writer, "created_us", generation->created_us);
  put_time(writer, "updated_us", generation->updated_us);
  put_time(writer, "not_before_us", generation->not_before_us);
  px_json_put_int64(writer, "queued_us", pixazo_generation_queued_us(generation));
  put_time(writer, "sent_us", generation->sent_us);
  put_time(writer, "answered_us", generation->answered_us);
  put_time(writer, "ended_us", generation->ended_us);
  put_text(writer, "request_id", pixazo_generation_request_id(generation));
}

pixazo_status pixazo_generation_to_json(const pixazo_generation *generation, char **out, pixazo_error **error)
{
  PX_REQUIRE(generation, error, "generation is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(RECORD_MAX);
  px_json_put_begin_object(&writer, NULL);
  px_json_put_int64(&writer, "schema", 1);
  put_facts(&writer, generation);
  put_document(&writer, "request_json", generation->request_json);
  put_document(&writer, "metadata_json", generation->metadata_json);
  put_document(&writer, "effective_json", generation->effective_json);
  put_document(&writer, "outcome_json", generation->outcome_json);
  put_document(&writer, "route_json", generation->route_json);
  put_document(&writer, "safety_json", pixazo_generation_safety_json(generation));
  px_json_put_begin_array(&writer, "calls");
  for (size_t i = 0; i < generation->call_count; i++)
    put_call(&writer, &generation->calls[i]);
  px_json_put_end_array(&writer);
  px_json_put_begin_array(&writer, "images");
  for (size_t i = 0; i < generation->image_count; i++)
    put_image(&writer, &generation->images[i]);
  px_json_put_end_array(&writer);
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}
