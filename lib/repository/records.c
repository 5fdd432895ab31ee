/* SPDX-License-Identifier: MIT */
/* Rows become records. */
#include <stdio.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/internal.h"
#include "repository/state.h"

static void copy_fixed(char *target, size_t size, const px_db_rows *rows, int column)
{
  const char *text = px_db_get_text(rows, column);
  (void)snprintf(target, size, "%s", text ? text : "");
}

typedef struct text_column {
  char **slot;
  int column;
} text_column;

static pixazo_status copy_texts(const px_db_rows *rows, const text_column *columns, size_t count, pixazo_error **error)
{
  for (size_t i = 0; i < count; i++) {
    if (!px_record_set(columns[i].slot, px_db_get_text(rows, columns[i].column)))
      return px_fail_nomem(error);
  }
  return PIXAZO_OK;
}

#define GENERATION                                                                                                             \
  "SELECT g.uuid, b.uuid, g.principal, g.idempotency_key, g.prompt, g.provider, g.model, g.request_json, g.metadata_json, "    \
  "g.effective_json, g.outcome_json, g.message, g.currency, g.state, g.class, g.http_status, g.attempts, g.confidence, "       \
  "g.cost_micros, g.created_us, g.updated_us, g.not_before_us, g.parent, g.relation, g.route_json, g.sent_us, "                \
  "g.answered_us, g.ended_us, g.replayed_from, g.replay_key, g.safety, g.id "                                                  \
  "FROM generation g LEFT JOIN batch b ON b.id = g.batch WHERE g.id = "

static pixazo_status fill_generation(const px_db_rows *rows, pixazo_generation *record, pixazo_error **error)
{
  const text_column texts[] = {{&record->principal, 2},     {&record->idempotency_key, 3}, {&record->prompt, 4},
                               {&record->provider, 5},      {&record->model, 6},           {&record->request_json, 7},
                               {&record->metadata_json, 8}, {&record->effective_json, 9},  {&record->outcome_json, 10},
                               {&record->message, 11},      {&record->currency, 12},       {&record->relation, 23},
                               {&record->route_json, 24},   {&record->safety_json, 30}};
  copy_fixed(record->uuid, sizeof record->uuid, rows, 0);
  copy_fixed(record->batch, sizeof record->batch, rows, 1);
  copy_fixed(record->parent, sizeof record->parent, rows, 22);
  copy_fixed(record->replayed_from, sizeof record->replayed_from, rows, 28);
  copy_fixed(record->replay_key, sizeof record->replay_key, rows, 29);
  record->state = (int32_t)px_db_get_int(rows, 13);
  record->last_class = (int32_t)px_db_get_int(rows, 14);
  record->http_status = (int32_t)px_db_get_int(rows, 15);
  record->attempts = (int32_t)px_db_get_int(rows, 16);
  record->confidence = (int32_t)px_db_get_int(rows, 17);
  record->cost_micros = px_db_get_int(rows, 18);
  record->created_us = px_db_get_int(rows, 19);
  record->updated_us = px_db_get_int(rows, 20);
  record->not_before_us = px_db_get_int(rows, 21);
  record->sent_us = px_db_get_int(rows, 25);
  record->answered_us = px_db_get_int(rows, 26);
  record->ended_us = px_db_get_int(rows, 27);
  return copy_texts(rows, texts, PX_ARRAY_SIZE(texts), error);
}

/* "" of a repository without media_root. */
static pixazo_status make_path(const pixazo_repository *repository, const char *key, char **path, pixazo_error **error)
{
  if (!repository->media_root || px_str_empty(key))
    return PIXAZO_OK;
  px_auto(px_buf) text = PX_BUF_INIT(64 * 1024);
  (void)px_buf_printf(&text, "%s/%s", repository->media_root, key);
  *path = px_buf_steal(&text);
  return *path ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status add_rendition(const pixazo_repository *repository, const px_db_rows *rows, px_image_record *image,
                                   pixazo_error **error)
{
  px_rendition_record *rendition = px_image_add_rendition(image);
  if (!rendition)
    return px_fail_nomem(error);
  const text_column texts[] = {{&rendition->name, 0}, {&rendition->key, 1}, {&rendition->content_type, 2}};
  PX_TRY(copy_texts(rows, texts, PX_ARRAY_SIZE(texts), error));
  copy_fixed(rendition->sha256, sizeof rendition->sha256, rows, 3);
  rendition->width = (int32_t)px_db_get_int(rows, 4);
  rendition->height = (int32_t)px_db_get_int(rows, 5);
  rendition->bytes = px_db_get_int(rows, 6);
  rendition->duration_us = px_db_get_int(rows, 7);
  return make_path(repository, rendition->key, &rendition->path, error);
}

static pixazo_status load_renditions(const pixazo_repository *repository, px_db_link *link, int64_t id,
                                     px_image_record *image, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_query(link,
                     "SELECT name, store_key, content_type, sha256, width, height, bytes, duration_us FROM rendition "
                     "WHERE image = ? ORDER BY id",
                     PX_BIND(px_db_int(id)), &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    PX_TRY(add_rendition(repository, rows, image, error));
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}

static const char IMAGES[] =
    "SELECT i.id, i.uuid, a.uuid, i.position, i.state, i.remote_url, i.store, i.store_key, i.path, i.content_type, "
    "i.reason, "
    "i.alt_text, i.revised_prompt, i.post_id, i.prompt_id, i.sha256, i.md5, i.width, i.height, i.has_alpha, i.rating, "
    "i.starred, i.bytes, i.recorded_us, i.generation_us, i.download_us, i.processing_us, i.seed, i.safety, "
    "EXISTS (SELECT 1 FROM rendition r WHERE r.image = i.id) "
    "FROM image i JOIN attempt a ON a.id = i.attempt "
    "WHERE a.generation = ? AND i.deleted_us = 0 ORDER BY a.n, i.position"; /* by the attempt: its index has the order */

static void fill_image_numbers(const px_db_rows *rows, px_image_record *image)
{
  image->index = (int32_t)px_db_get_int(rows, 3);
  image->state = (int32_t)px_db_get_int(rows, 4);
  image->width = (int32_t)px_db_get_int(rows, 17);
  image->height = (int32_t)px_db_get_int(rows, 18);
  image->has_alpha = (int32_t)px_db_get_int(rows, 19);
  image->rating = (int32_t)px_db_get_int(rows, 20);
  image->starred = (int32_t)px_db_get_int(rows, 21);
  image->bytes = px_db_get_int(rows, 22);
  image->recorded_us = px_db_get_int(rows, 23);
  image->generation_us = px_db_get_int(rows, 24);
  image->download_us = px_db_get_int(rows, 25);
  image->processing_us = px_db_get_int(rows, 26);
  image->seed = px_db_is_null(rows, 27) ? -1 : px_db_get_int(rows, 27);
}

static pixazo_status add_image(const pixazo_repository *repository, px_db_link *link, const px_db_rows *rows,
                               pixazo_generation *record, pixazo_error **error)
{
  px_image_record *image = px_generation_add_image(record);
  if (!image)
    return px_fail_nomem(error);
  fill_image_numbers(rows, image);
  copy_fixed(image->uuid, sizeof image->uuid, rows, 1);
  copy_fixed(image->attempt, sizeof image->attempt, rows, 2);
  copy_fixed(image->sha256, sizeof image->sha256, rows, 15);
  copy_fixed(image->md5, sizeof image->md5, rows, 16);
  memcpy(image->generation, record->uuid, sizeof image->generation);
  const text_column texts[] = {{&image->store, 6},           {&image->key, 7},      {&image->path, 8},
                               {&image->content_type, 9},    {&image->reason, 10},  {&image->alt_text, 11},
                               {&image->revised_prompt, 12}, {&image->post_id, 13}, {&image->prompt_id, 14},
                               {&image->safety_json, 28}};
  PX_TRY(copy_texts(rows, texts, PX_ARRAY_SIZE(texts), error));
  if (image->state != PIXAZO_IMAGE_RECORDED && !px_record_set(&image->remote_url, px_db_get_text(rows, 5)))
    return px_fail_nomem(error);
  if (!image->path && image->state == PIXAZO_IMAGE_RECORDED)
    PX_TRY(make_path(repository, image->key, &image->path, error));
  bool has_renditions = px_db_get_int(rows, 29) != 0; /* a statement more only where there are some */
  return has_renditions ? load_renditions(repository, link, px_db_get_int(rows, 0), image, error) : PIXAZO_OK;
}

static pixazo_status load_images(const pixazo_repository *repository, px_db_link *link, int64_t id,
                                 pixazo_generation *record, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_query(link, IMAGES, PX_BIND(px_db_int(id)), &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    PX_TRY(add_image(repository, link, rows, record, error));
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}

static const char CALLS[] =
    "SELECT a.uuid, a.n, a.provider, a.model, a.class, a.http_status, a.provider_code, a.request_id, a.remote_id, a.message, "
    "a.safety, a.sent_us, a.answered_us, l.state, l.amount_micros, l.currency, l.confidence FROM attempt a "
    "JOIN ledger l ON l.attempt = a.id WHERE a.generation = ? AND a.n > 0 ORDER BY a.n";

/* What a row of the ledger says about the money. */
static int32_t charge_of(int64_t ledger)
{
  switch (ledger) {
  case PX_LEDGER_SETTLED:
    return PIXAZO_CHARGE_CHARGED;
  case PX_LEDGER_RELEASED:
    return PIXAZO_CHARGE_NOT_CHARGED;
  default:
    return PIXAZO_CHARGE_UNKNOWN;
  }
}

static pixazo_status add_call(const px_db_rows *rows, pixazo_generation *record, pixazo_error **error)
{
  px_call_record *call = px_generation_add_call(record);
  if (!call)
    return px_fail_nomem(error);
  copy_fixed(call->uuid, sizeof call->uuid, rows, 0);
  call->n = (int32_t)px_db_get_int(rows, 1);
  call->attempt_class = (int32_t)px_db_get_int(rows, 4);
  call->http_status = (int32_t)px_db_get_int(rows, 5);
  call->sent_us = px_db_get_int(rows, 11);
  call->answered_us = px_db_get_int(rows, 12);
  call->charge = charge_of(px_db_get_int(rows, 13));
  call->cost_micros = call->charge == PIXAZO_CHARGE_NOT_CHARGED ? 0 : px_db_get_int(rows, 14);
  call->confidence = (int32_t)px_db_get_int(rows, 16);
  const text_column texts[] = {{&call->provider, 2},   {&call->model, 3},   {&call->provider_code, 6}, {&call->request_id, 7},
                               {&call->remote_id, 8}, {&call->message, 9}, {&call->safety_json, 10},  {&call->currency, 15}};
  return copy_texts(rows, texts, PX_ARRAY_SIZE(texts), error);
}

static pixazo_status load_calls(px_db_link *link, int64_t id, pixazo_generation *record, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_query(link, CALLS, PX_BIND(px_db_int(id)), &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    PX_TRY(add_call(rows, record, error));
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}

static void free_record(pixazo_generation **record)
{
  pixazo_generation_free(*record);
}

/* *out stays as it is when there is no such row. */
static pixazo_status load(const pixazo_repository *repository, px_db_link *link, const char *sql, const px_db_value *values,
                          size_t count, pixazo_generation **out, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  PX_TRY(px_db_first(link, sql, values, count, &rows, error));
  if (!rows)
    return PIXAZO_OK;
  px_cleanup(free_record) pixazo_generation *record = px_generation_new();
  if (!record)
    return px_fail_nomem(error);
  int64_t id = px_db_get_int(rows, 31);
  PX_TRY(fill_generation(rows, record, error));
  PX_TRY(load_calls(link, id, record, error));
  PX_TRY(load_images(repository, link, id, record, error));
  *out = px_steal(&record);
  return PIXAZO_OK;
}

pixazo_status px_record_load(const pixazo_repository *repository, px_db_link *link, int64_t id, pixazo_generation **out,
                             pixazo_error **error)
{
  pixazo_generation *record = NULL;
  PX_TRY(load(repository, link, GENERATION "?", PX_BIND(px_db_int(id)), &record, error));
  if (!record)
    return px_fail(error, PIXAZO_E_NOT_FOUND, "no generation with row id %lld", (long long)id);
  *out = record;
  return PIXAZO_OK;
}

static pixazo_status no_uuid(const char *uuid, pixazo_error **error)
{
  return px_fail(error, PIXAZO_E_ARGUMENT, "\"%.64s\" is not a UUID", uuid);
}

static pixazo_status not_found(const char *uuid, pixazo_error **error)
{
  return px_fail(error, PIXAZO_E_NOT_FOUND, "no generation and no picture %s", uuid);
}

pixazo_status px_record_find(const pixazo_repository *repository, px_db_link *link, const char *uuid, pixazo_generation **out,
                             pixazo_error **error)
{
  pixazo_generation *record = NULL;
  if (!px_uuid_valid(uuid))
    return no_uuid(uuid, error);
  PX_TRY(load(repository, link,
              GENERATION "coalesce((SELECT id FROM generation WHERE uuid = ?), (SELECT generation FROM image WHERE uuid = ?))",
              PX_BIND(px_db_text(uuid), px_db_text(uuid)), &record, error));
  if (!record)
    return not_found(uuid, error);
  *out = record;
  return PIXAZO_OK;
}

pixazo_status px_record_id(px_db_link *link, const char *uuid, int64_t *generation, int64_t *picture, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  if (!px_uuid_valid(uuid))
    return no_uuid(uuid, error);
  PX_TRY(px_db_first(link,
                     "SELECT id, 0 FROM generation WHERE uuid = ? UNION ALL SELECT generation, id FROM image WHERE uuid = ?",
                     PX_BIND(px_db_text(uuid), px_db_text(uuid)), &rows, error));
  if (!rows)
    return not_found(uuid, error);
  *generation = px_db_get_int(rows, 0);
  if (picture)
    *picture = px_db_get_int(rows, 1);
  return PIXAZO_OK;
}
