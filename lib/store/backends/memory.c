/* SPDX-License-Identifier: MIT */
/* A store in memory: a sorted array of counted bytes under one lock. */
#include <string.h>

#include <pixazo/blob.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/handle.h"

typedef struct object {
  char *key;
  pixazo_blob *bytes;
  int64_t modified_us;
  char sha256[PX_SHA256_HEX];
} object;

typedef struct memory {
  pthread_mutex_t lock;
  /* synced: under lock */
  object *objects; /* by key, ascending */
  size_t count, capacity;
} memory;

static void unlock(pthread_mutex_t **lock)
{
  (void)pthread_mutex_unlock(*lock);
}

static pthread_mutex_t *locked(memory *self)
{
  (void)pthread_mutex_lock(&self->lock);
  return &self->lock;
}

/* Index of the first key that is not below `key`. */
static size_t position_of(const memory *self, const char *key)
{
  size_t low = 0, high = self->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (strcmp(self->objects[middle].key, key) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static object *find(memory *self, const char *key)
{
  size_t at = position_of(self, key);
  return at < self->count && strcmp(self->objects[at].key, key) == 0 ? &self->objects[at] : NULL;
}

static void object_done(object *item)
{
  px_free(item->key);
  (void)pixazo_blob_unref(item->bytes);
}

static void release_bytes(void *data, size_t size, void *user_data)
{
  (void)size;
  (void)user_data;
  px_free(data);
}

static pixazo_status read_all(const pixazo_store_put_job *job, char *bytes, size_t size, pixazo_error **error)
{
  char sha256[PX_SHA256_HEX], extra;
  size_t used = 0, got = 1;
  PX_TRY(job->rewind(job->source, error));
  while (used < size && got > 0) {
    PX_TRY(job->read(job->source, bytes + used, size - used, &got, error));
    used += got;
  }
  PX_TRY(job->read(job->source, &extra, 1, &got, error));
  if (used != size || got != 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "the bytes for %s are not %zu", job->key, size);
  if (!px_sha256_hex(bytes, size, sha256))
    return px_fail(error, PIXAZO_E_INTERNAL, "SHA-256 failed");
  if (!px_str_equal_nocase(sha256, job->sha256))
    return px_fail(error, PIXAZO_E_CORRUPT, "the bytes for %s have another SHA-256 than announced", job->key);
  return PIXAZO_OK;
}

static pixazo_status make_object(const pixazo_store_put_job *job, object *item, pixazo_error **error)
{
  if (job->size > SIZE_MAX / 2)
    return px_fail_nomem(error);
  size_t size = (size_t)job->size;
  px_autofree char *bytes = px_malloc(size);
  item->key = px_strdup(job->key);
  if (!bytes || !item->key)
    return px_fail_nomem(error);
  PX_TRY(read_all(job, bytes, size, error));
  PX_TRY(pixazo_blob_new_nocopy(bytes, size, release_bytes, NULL, &item->bytes, error));
  (void)px_steal(&bytes);
  item->modified_us = px_wall_us(px_clock_system());
  for (size_t i = 0; i < PX_SHA256_HEX; i++)
    item->sha256[i] = px_ascii_lower(job->sha256[i]);
  return PIXAZO_OK;
}

static bool has_room(memory *self)
{
  if (self->count < self->capacity)
    return true;
  size_t capacity = self->capacity ? self->capacity * 2 : 16;
  object *grown = px_realloc_array(self->objects, capacity, sizeof *grown);
  if (!grown)
    return false;
  self->objects = grown;
  self->capacity = capacity;
  return true;
}

static pixazo_status memory_put(void *target, const pixazo_store_put_job *job, pixazo_error **error)
{
  memory *self = target;
  px_cleanup(object_done) object item = {NULL, NULL, 0, ""};
  PX_TRY(make_object(job, &item, error));
  px_cleanup(unlock) pthread_mutex_t *held = locked(self);
  (void)held;
  const object *there = find(self, job->key);
  if (there && px_str_equal(there->sha256, item.sha256))
    return PIXAZO_OK;
  if (there)
    return px_fail(error, PIXAZO_E_EXISTS, "%s exists with other content", job->key);
  if (!has_room(self))
    return px_fail_nomem(error);
  size_t at = position_of(self, job->key);
  memmove(self->objects + at + 1, self->objects + at, (self->count - at) * sizeof item);
  self->objects[at] = item;
  self->count++;
  item.key = NULL;
  item.bytes = NULL;
  return PIXAZO_OK;
}

static void drop_blob(pixazo_blob **bytes)
{
  (void)pixazo_blob_unref(*bytes);
}

static pixazo_blob *hold(memory *self, const char *key)
{
  px_cleanup(unlock) pthread_mutex_t *held = locked(self);
  (void)held;
  const object *there = find(self, key);
  return there ? pixazo_blob_ref(there->bytes) : NULL;
}

static pixazo_status absent(const char *key, pixazo_error **error)
{
  return px_fail(error, PIXAZO_E_NOT_FOUND, "there is no %s in the store", key);
}

static pixazo_status memory_get(void *target, const char *key, uint64_t offset, uint64_t length, pixazo_store_write_fn write,
                                void *sink, pixazo_error **error)
{
  px_cleanup(drop_blob) pixazo_blob *bytes = hold(target, key);
  if (!bytes)
    return absent(key, error);
  size_t size = pixazo_blob_size(bytes);
  if (offset >= size || length == 0)
    return PIXAZO_OK;
  size_t left = size - (size_t)offset;
  const char *data = pixazo_blob_data(bytes);
  return write(sink, data + offset, length < left ? (size_t)length : left, error);
}

static pixazo_status memory_stat(void *target, const char *key, pixazo_store_info *info, pixazo_error **error)
{
  memory *self = target;
  px_cleanup(unlock) pthread_mutex_t *held = locked(self);
  (void)held;
  const object *there = find(self, key);
  if (!there)
    return absent(key, error);
  info->size = pixazo_blob_size(there->bytes);
  info->modified_us = there->modified_us;
  return PIXAZO_OK;
}

static pixazo_status memory_remove(void *target, const char *key, pixazo_error **error)
{
  memory *self = target;
  (void)error;
  px_cleanup(unlock) pthread_mutex_t *held = locked(self);
  (void)held;
  object *there = find(self, key);
  if (!there)
    return PIXAZO_OK;
  object_done(there);
  self->count--;
  memmove(there, there + 1, (self->count - (size_t)(there - self->objects)) * sizeof *there);
  return PIXAZO_OK;
}

static pixazo_status memory_list(void *target, const char *prefix, const char *cursor, uint32_t limit,
                                 pixazo_store_listing *listing, pixazo_error **error)
{
  memory *self = target;
  const char *last = NULL;
  px_cleanup(unlock) pthread_mutex_t *held = locked(self);
  (void)held;
  for (size_t at = position_of(self, strcmp(cursor, prefix) > 0 ? cursor : prefix); at < self->count; at++) {
    const object *item = &self->objects[at];
    if (!px_str_starts(item->key, prefix))
      break;
    if (strcmp(item->key, cursor) <= 0)
      continue;
    if (limit-- == 0)
      return pixazo_store_listing_set_cursor(listing, last);
    if (pixazo_store_listing_add(listing, item->key, pixazo_blob_size(item->bytes), item->modified_us) != PIXAZO_OK)
      return px_fail_nomem(error);
    last = item->key;
  }
  return PIXAZO_OK;
}

static void memory_destroy(void *target)
{
  memory *self = target;
  for (size_t i = 0; i < self->count; i++)
    object_done(&self->objects[i]);
  px_free(self->objects);
  (void)pthread_mutex_destroy(&self->lock);
  px_free(self);
}

pixazo_status pixazo_store_new_memory(pixazo_store **out, pixazo_error **error)
{
  static const pixazo_store_ops ops = {
      .struct_size = sizeof ops,
      .put = memory_put,
      .get = memory_get,
      .stat = memory_stat,
      .remove = memory_remove,
      .list = memory_list,
      .destroy = memory_destroy,
  };
  PX_REQUIRE(out, error, "out is NULL");
  memory *self = px_calloc(1, sizeof *self);
  if (!self || pthread_mutex_init(&self->lock, NULL) != 0) {
    px_free(self);
    return px_fail_nomem(error);
  }
  pixazo_status status = px_store_new("memory", &ops, self, true, NULL, out, error);
  if (status != PIXAZO_OK)
    memory_destroy(self);
  return status;
}

pixazo_status px_store_memory_from_json(const px_json *options, pixazo_log *log, pixazo_store **out, pixazo_error **error)
{
  static const char *const names[] = {NULL};
  (void)log;
  PX_TRY(px_store_known_members(options, names, error));
  return pixazo_store_new_memory(out, error);
}
