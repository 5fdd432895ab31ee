/* SPDX-License-Identifier: MIT */
/* A picture that is here: proved whole, exported, put into the store. */
#include "pipeline/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"

enum { KEEP_RETRIES = 5 };

static px_item *item_of_task(px_task *task)
{
  return (px_item *)((char *)task - offsetof(px_item, task));
}

static pixazo_status flush_spool(void *argument, pixazo_error **error)
{
  pixazo_pipeline *pipeline = argument;
  return px_directory_flush(pipeline->spool_fd, pipeline->spool, error);
}

pixazo_status px_spool_flush(pixazo_pipeline *pipeline, pixazo_error **error)
{
  return px_flush_shared(&pipeline->spool_flush, flush_spool, pipeline, error);
}

static pixazo_status flush_store(void *argument, pixazo_error **error)
{
  pixazo_pipeline *pipeline = argument;
  return pixazo_store_flush(pipeline->store, error);
}

/* Bytes that are not a good picture. */
static void quarantine(px_item *item, const pixazo_error *error)
{
  px_autoerror failure = NULL;
  if (px_quarantine_move(item, &failure) != PIXAZO_OK)
    px_log(item->job->pipeline->log, PIXAZO_LOG_ERROR, "pipeline", "picture %s stays in the spool: %s", item->image.uuid,
           pixazo_error_message(failure));
  (void)px_fail(&item->error, PIXAZO_E_CORRUPT, "picture %s of generation %s is kept in quarantine: %s", item->image.uuid,
                item->job->uuid, pixazo_error_message(error));
  px_error_hint(&item->error, "what came was paid for and is kept as it is: look at it before you ask for the picture again");
  px_error_charge(&item->error, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED);
  px_item_finish(item, PIXAZO_IMAGE_QUARANTINED, pixazo_error_message(error));
}

/* Only for a key that wants it: it takes longer than checking a small picture does. */
static pixazo_status take_md5(px_item *item, pixazo_error **error)
{
  px_image_record *image = &item->image;
  char sha256[PX_SHA256_HEX];
  px_autoclose int descriptor = -1;
  uint64_t size = 0;
  image->md5[0] = '\0';
  if (!image->key || !strstr(image->key, "{md5}"))
    return PIXAZO_OK;
  px_cleanup(px_digest_done) px_digest *digest = px_digest_new(true);
  if (!digest)
    return px_fail_nomem(error);
  PX_TRY(px_file_open(item->path, &descriptor, &size, error));
  PX_TRY(px_file_digest(descriptor, size, item->path, digest, error));
  return px_digest_finish(digest, sha256, image->md5) ? PIXAZO_OK : px_fail(error, PIXAZO_E_INTERNAL, "MD5 failed");
}

static pixazo_status take_facts(px_item *item, const pixazo_picture *picture, pixazo_error **error)
{
  px_image_record *image = &item->image;
  const px_plan_facts *facts = px_plan_get(item->job->plan);
  PX_TRY(take_md5(item, error));
  (void)snprintf(image->sha256, sizeof image->sha256, "%s", pixazo_picture_sha256(picture));
  image->width = (int32_t)pixazo_picture_width(picture);
  image->height = (int32_t)pixazo_picture_height(picture);
  image->has_alpha = pixazo_picture_has_alpha(picture);
  image->bytes = (int64_t)pixazo_picture_bytes(picture);
  if (!px_record_set(&image->content_type, pixazo_picture_content_type(picture)))
    return px_fail_nomem(error);
  px_free(item->outcome_json);
  item->outcome_json = NULL;
  PX_TRY(px_outcome_delivered(facts->outcome_json, picture, &item->outcome_json, error));
  px_free(item->final_key);
  item->final_key = NULL;
  return px_key_final(image->key, picture, image->md5, &item->final_key, error);
}

static pixazo_status write_rendition(px_item *item, const pixazo_rendition *rendition, size_t index, px_rendition_record *record,
                                     pixazo_error **error)
{
  pixazo_pipeline *pipeline = item->job->pipeline;
  pixazo_blob *blob = pixazo_rendition_blob(rendition);
  px_autoclose int descriptor = -1;
  char name[PX_UUID_TEXT + 24];
  (void)snprintf(name, sizeof name, "%s-%zu.ren", item->image.uuid, index);
  size_t size = strlen(pipeline->spool) + sizeof name + 1;
  record->path = px_malloc(size); /* first: who drops the record finds the file by it */
  if (!record->path)
    return px_fail_nomem(error);
  (void)snprintf(record->path, size, "%s/%s", pipeline->spool, name);
  PX_TRY(px_file_create_anew_at(pipeline->spool_fd, name, 0600, &descriptor, error));
  return px_write_all(descriptor, pixazo_blob_data(blob), pixazo_blob_size(blob), name, error);
}

/* Two recipes may have one name, or none: the later one gets a number, so that neither replaces the other. */
static bool name_rendition(px_image_record *image, size_t index, const char *name)
{
  char numbered[96];
  unsigned number = 1;
  (void)snprintf(numbered, sizeof numbered, "%s", name);
  for (size_t i = 0; i < index; i++) {
    if (strcmp(image->renditions[i].name, numbered) == 0) {
      (void)snprintf(numbered, sizeof numbered, "%s-%u", name, ++number);
      i = (size_t)-1; /* from the start: the number may be taken too */
    }
  }
  return px_record_set(&image->renditions[index].name, numbered);
}

static pixazo_status take_rendition(px_item *item, const pixazo_rendition *rendition, size_t index, pixazo_error **error)
{
  const char *name = pixazo_rendition_name(rendition);
  px_rendition_record *record = px_image_add_rendition(&item->image);
  if (!record)
    return px_fail_nomem(error);
  size_t last = item->image.rendition_count - 1;
  if (!name_rendition(&item->image, last, *name ? name : pixazo_rendition_extension(rendition)) ||
      !px_record_set(&record->content_type, pixazo_rendition_content_type(rendition)))
    return px_fail_nomem(error);
  (void)snprintf(record->sha256, sizeof record->sha256, "%s", pixazo_rendition_sha256(rendition));
  record->width = (int32_t)pixazo_rendition_width(rendition);
  record->height = (int32_t)pixazo_rendition_height(rendition);
  record->bytes = (int64_t)pixazo_rendition_bytes(rendition);
  record->duration_us = pixazo_rendition_duration_us(rendition);
  PX_TRY(px_key_rendition(item, record->name, rendition, &record->key, error));
  return write_rendition(item, rendition, index, record, error);
}

static void drop_renditions(px_image_record *image)
{
  for (size_t i = 0; i < image->rendition_count; i++) {
    px_free(image->renditions[i].name);
    px_free(image->renditions[i].key);
    px_free(image->renditions[i].content_type);
    if (image->renditions[i].path)
      (void)unlink(image->renditions[i].path);
    px_free(image->renditions[i].path);
  }
  px_free(image->renditions);
  image->renditions = NULL;
  image->rendition_count = 0;
}

static pixazo_status make_renditions(px_item *item, pixazo_error **error)
{
  pixazo_pipeline *pipeline = item->job->pipeline;
  px_autofree pixazo_rendition **made = px_calloc(pipeline->recipe_count, sizeof *made);
  px_autofree char *provenance = NULL;
  pixazo_blob *source = NULL;
  pixazo_export_job job;
  if (!made)
    return px_fail_nomem(error);
  PX_TRY(px_provenance(item, &provenance, error));
  PX_TRY(pixazo_blob_new_from_file(item->path, px_client_max_download(pipeline->client), &source, error));
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = (const pixazo_recipe *const *)pipeline->recipes;
  job.recipe_count = pipeline->recipe_count;
  job.provenance_json = provenance;
  pixazo_status status = pixazo_exporter_export_all(pipeline->exporter, &job, made, error);
  source = pixazo_blob_unref(source);
  for (size_t i = 0; i < pipeline->recipe_count; i++) {
    if (status == PIXAZO_OK)
      status = take_rendition(item, made[i], i, error);
    pixazo_rendition_free(made[i]);
  }
  return status;
}

/* Renditions can be made again at any time: a failure costs them, never the original. */
static void export_item(px_item *item)
{
  pixazo_pipeline *pipeline = item->job->pipeline;
  px_autoerror error = NULL;
  drop_renditions(&item->image);
  if (pipeline->recipe_count == 0 || make_renditions(item, &error) == PIXAZO_OK)
    return;
  drop_renditions(&item->image);
  px_log(pipeline->log, PIXAZO_LOG_WARNING, "pipeline", "no renditions of picture %s: %s", item->image.uuid,
         pixazo_error_message(error));
}

static bool is_bad_picture(pixazo_status status)
{
  return status == PIXAZO_E_CORRUPT || status == PIXAZO_E_UNSUPPORTED || status == PIXAZO_E_LIMIT;
}

static void keep_task(px_task *task);

/* Runs on one thread of the files crew, or waits for a thread of the program where the store asks for that. */
static void with_store(px_item *item, void (*run)(px_task *))
{
  pixazo_pipeline *pipeline = item->job->pipeline;
  item->task.run = run;
  if (pixazo_store_any_thread(pipeline->store))
    px_crew_add(pipeline->files, &item->task);
  else
    px_visit_add(pipeline, &item->task);
}

static void pass_to_store(px_item *item)
{
  with_store(item, keep_task);
}

pixazo_status px_item_path(px_item *item, pixazo_error **error)
{
  if (item->path)
    return PIXAZO_OK;
  size_t size = strlen(item->job->pipeline->spool) + PX_UUID_TEXT + 8;
  item->path = px_malloc(size);
  if (!item->path)
    return px_fail_nomem(error);
  (void)snprintf(item->path, size, "%s/%s.pic", item->job->pipeline->spool, item->image.uuid);
  return PIXAZO_OK;
}

/* *bad: the bytes are here and are no good picture. */
static pixazo_status verify(px_item *item, bool *bad, pixazo_error **error)
{
  pixazo_picture *picture = NULL;
  *bad = false;
  if (item->descriptor >= 0) {
    (void)close(item->descriptor);
    item->descriptor = -1;
  }
  PX_TRY(px_item_path(item, error));
  pixazo_status status = pixazo_exporter_inspect_file(item->job->pipeline->exporter, item->path, NULL, &picture, error);
  *bad = is_bad_picture(status);
  PX_TRY(status);
  status = take_facts(item, picture, error);
  pixazo_picture_free(picture);
  return status;
}

void px_item_verify(px_task *task)
{
  px_item *item = item_of_task(task);
  px_autoerror error = NULL;
  if (item->here_us == 0)
    item->here_us = px_mono_us(item->job->pipeline->clock);
  px_event_progress(item->job, PIXAZO_STAGE_PROCESSING, 0, 0);
  bool bad;
  pixazo_status status = verify(item, &bad, &error);
  if (bad) {
    quarantine(item, error);
  } else if (status != PIXAZO_OK) {
    px_item_leave(item, error);
  } else {
    px_review_picture(item);
  }
}

void px_item_export(px_task *task)
{
  px_item *item = item_of_task(task);
  export_item(item);
  pass_to_store(item);
}

static pixazo_status put(pixazo_pipeline *pipeline, const char *key, const char *path, const char *sha256, uint64_t size,
                         pixazo_error **error)
{
  pixazo_store_put_job job;
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = key;
  job.path = path;
  job.sha256 = sha256;
  job.size = size;
  job.flags = PIXAZO_STORE_TAKE | PIXAZO_STORE_DEFER_FLUSH;
  return pixazo_store_put(pipeline->store, &job, error);
}

/* A rendition of an earlier run may differ (another version of the library made it): the new one replaces it. */
static pixazo_status put_rendition(pixazo_pipeline *pipeline, const px_rendition_record *record, pixazo_error **error)
{
  px_autoerror exists = NULL;
  pixazo_status status = put(pipeline, record->key, record->path, record->sha256, (uint64_t)record->bytes, &exists);
  if (status != PIXAZO_E_EXISTS)
    return status == PIXAZO_OK ? PIXAZO_OK : px_fail(error, status, "%s", pixazo_error_message(exists));
  PX_TRY(pixazo_store_remove(pipeline->store, record->key, error));
  return put(pipeline, record->key, record->path, record->sha256, (uint64_t)record->bytes, error);
}

static pixazo_status keep(px_item *item, pixazo_error **error)
{
  pixazo_pipeline *pipeline = item->job->pipeline;
  px_image_record *image = &item->image;
  if (!item->kept)
    PX_TRY(put(pipeline, item->final_key, item->path, image->sha256, (uint64_t)image->bytes, error));
  item->kept = true;
  for (size_t i = 0; i < image->rendition_count; i++) {
    if (!image->renditions[i].path)
      continue;
    PX_TRY(put_rendition(pipeline, &image->renditions[i], error));
    px_free(image->renditions[i].path);
    image->renditions[i].path = NULL;
  }
  item->placed = true;
  if (pixazo_store_any_thread(pipeline->store))
    return px_flush_shared(&pipeline->store_flush, flush_store, pipeline, error);
  return pixazo_store_flush(pipeline->store, error);
}

static void keep_again(px_timer *timer)
{
  pass_to_store((px_item *)((char *)timer - offsetof(px_item, timer)));
}

static void keep_task(px_task *task)
{
  px_item *item = item_of_task(task);
  pixazo_pipeline *pipeline = item->job->pipeline;
  px_autoerror error = NULL;
  pixazo_status status = keep(item, &error);
  if (status == PIXAZO_OK) {
    px_item_finish(item, PIXAZO_IMAGE_RECORDED, NULL);
  } else if (item->keep_retries < KEEP_RETRIES && !item->placed && !px_pipeline_is_cut(pipeline) && status != PIXAZO_E_EXISTS) {
    px_log(pipeline->log, PIXAZO_LOG_WARNING, "pipeline", "picture %s is not stored yet: %s", item->image.uuid,
           pixazo_error_message(error));
    item->timer.fire = keep_again;
    px_pipeline_timer(pipeline, &item->timer, 1000u << item->keep_retries++);
  } else {
    px_item_leave(item, error); /* its bytes are in the spool or at their key: the next resume finds them */
  }
}

/* The file in the store under its final key; E_NOT_FOUND when there is none. */
static pixazo_status adopt_as(px_item *item, const char *extension, pixazo_error **error)
{
  px_autofree char *key = NULL;
  bool bad;
  pixazo_store_key_facts facts;
  pixazo_store_key_facts_init(&facts, sizeof facts);
  facts.extension = extension;
  PX_TRY(pixazo_store_expand_key(item->image.key, &facts, &key, error));
  PX_TRY(px_item_path(item, error));
  PX_TRY(pixazo_store_fetch_file(item->job->pipeline->store, key, item->path, error));
  PX_TRY(verify(item, &bad, error));
  return strcmp(key, item->final_key) == 0 ? PIXAZO_OK : px_fail(error, PIXAZO_E_NOT_FOUND, "%s is another type", key);
}

static pixazo_status adopt_from_store(px_item *item, pixazo_error **error)
{
  const char *early = item->image.key;
  if (!early || !strstr(early, item->image.uuid) || strstr(early, "{sha256}") || strstr(early, "{md5}") ||
      !pixazo_store_any_thread(item->job->pipeline->store))
    return PIXAZO_E_NOT_FOUND;
  for (size_t i = 0; pixazo_format_extension(i); i++) {
    px_autoerror failure = NULL;
    pixazo_status status = adopt_as(item, pixazo_format_extension(i), &failure);
    if (status == PIXAZO_OK || px_may_pass(status)) {
      px_error_move(error, px_steal(&failure));
      return status;
    }
  }
  return PIXAZO_E_NOT_FOUND;
}

static pixazo_status adopt_from_spool(px_item *item, pixazo_error **error)
{
  bool bad;
  PX_TRY(px_item_path(item, error));
  return access(item->path, R_OK) == 0 ? verify(item, &bad, error) : PIXAZO_E_NOT_FOUND;
}

/* One that was set aside and not recorded is looked at anew; what is no good goes back. */
static pixazo_status adopt_from_quarantine(px_item *item, pixazo_error **error)
{
  bool bad;
  PX_TRY(px_item_path(item, error));
  PX_TRY(px_quarantine_fetch(item, error));
  pixazo_status status = verify(item, &bad, error);
  if (bad && px_quarantine_move(item, NULL) != PIXAZO_OK)
    px_log(item->job->pipeline->log, PIXAZO_LOG_ERROR, "pipeline", "picture %s stays in the spool", item->image.uuid);
  return status;
}

/* What an earlier run put into the store before it died; a key that other pictures may have is none of this one. */
static pixazo_status forget_stored(const px_item *item, const char *key, pixazo_error **error)
{
  return strstr(key, item->image.uuid) ? pixazo_store_remove(item->job->pipeline->store, key, error) : PIXAZO_OK;
}

static pixazo_status forget(px_item *item, pixazo_error **error)
{
  PX_TRY(forget_stored(item, item->final_key, error));
  for (size_t i = 0; i < item->image.rendition_count; i++)
    PX_TRY(forget_stored(item, item->image.renditions[i].key, error));
  return PIXAZO_OK;
}

/* Whole pictures that are not to be shown. Their place in the store is given up once they are safe elsewhere. */
static void withhold_task(px_task *task)
{
  px_item *item = item_of_task(task);
  px_autoerror error = NULL;
  if (item->job->recovered)
    export_item(item); /* gives the keys of the renditions an earlier run may have left */
  pixazo_status status = px_quarantine_move(item, &error);
  if (status == PIXAZO_OK && item->job->recovered)
    status = forget(item, &error);
  drop_renditions(&item->image);
  if (status != PIXAZO_OK) {
    pixazo_error_free(px_steal(&item->error)); /* it is not withheld yet */
    px_item_leave(item, error);
    return;
  }
  px_free(item->final_key);
  item->final_key = NULL;
  px_item_finish(item, PIXAZO_IMAGE_QUARANTINED, pixazo_error_message(item->error));
}

void px_item_withhold(px_item *item)
{
  with_store(item, withhold_task);
}

/* What an earlier run left: a whole file in the spool, one in quarantine, or one in the store. What cannot be looked at
 * now is left for the next resume: bringing the picture anew would throw it away, and its link may be gone. */
void px_item_adopt(px_task *task)
{
  px_item *item = item_of_task(task);
  px_autoerror error = NULL;
  item->adopt = false;
  pixazo_status status = adopt_from_spool(item, &error);
  if (status != PIXAZO_OK && !px_may_pass(status)) {
    pixazo_error_free(px_steal(&error));
    status = adopt_from_quarantine(item, &error);
  }
  if (status != PIXAZO_OK && !px_may_pass(status)) {
    pixazo_error_free(px_steal(&error));
    status = adopt_from_store(item, &error);
  }
  if (status == PIXAZO_OK) {
    px_review_picture(item);
  } else if (px_may_pass(status)) {
    px_item_leave(item, error);
  } else {
    px_item_bring(item);
  }
}
