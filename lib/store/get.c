/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "store/handle.h"

static const uint64_t DEFAULT_MAX = 64u << 20;

static pixazo_status read_object(pixazo_store *store, const char *key, uint64_t offset, uint64_t length,
                                 pixazo_store_write_fn write, void *sink, pixazo_error **error)
{
  PX_TRY(px_store_check(store, store->ops.get != NULL, "read objects", key, error));
  px_cleanup(px_store_leave) pixazo_store *inside = px_store_enter(store);
  return inside->ops.get(inside->self, key, offset, length, write, sink, error);
}

pixazo_status pixazo_store_get_range(pixazo_store *store, const char *key, uint64_t offset, uint64_t length,
                                     pixazo_store_write_fn write, void *sink, pixazo_error **error)
{
  PX_REQUIRE(store, error, "store is NULL");
  PX_REQUIRE(key, error, "key is NULL");
  PX_REQUIRE(write, error, "write is NULL");
  return read_object(store, key, offset, length, write, sink, error);
}

static pixazo_status write_to_buffer(void *sink, const void *data, size_t size, pixazo_error **error)
{
  px_buf *buffer = sink;
  if (size > buffer->max - buffer->size)
    return px_fail(error, PIXAZO_E_LIMIT, "the object has more than the %zu bytes allowed", buffer->max);
  return px_buf_add(buffer, data, size) ? PIXAZO_OK : px_fail_nomem(error);
}

static void release_bytes(void *data, size_t size, void *user_data)
{
  (void)size;
  (void)user_data;
  px_free(data);
}

pixazo_status pixazo_store_get(pixazo_store *store, const char *key, uint64_t max_bytes, pixazo_blob **out,
                               pixazo_error **error)
{
  PX_REQUIRE(store, error, "store is NULL");
  PX_REQUIRE(key, error, "key is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  uint64_t max = max_bytes ? max_bytes : DEFAULT_MAX;
  px_auto(px_buf) bytes = PX_BUF_INIT(max < SIZE_MAX / 2 ? (size_t)max : SIZE_MAX / 2);
  PX_TRY(read_object(store, key, 0, UINT64_MAX, write_to_buffer, &bytes, error));
  size_t size = bytes.size;
  px_autofree char *data = px_buf_steal(&bytes);
  if (!data)
    return px_fail_nomem(error);
  PX_TRY(pixazo_blob_new_nocopy(data, size, release_bytes, NULL, out, error));
  (void)px_steal(&data);
  return PIXAZO_OK;
}

static pixazo_status write_to_digest(void *sink, const void *data, size_t size, pixazo_error **error)
{
  return px_digest_add(sink, data, size) ? PIXAZO_OK : px_fail(error, PIXAZO_E_INTERNAL, "SHA-256 failed");
}

pixazo_status pixazo_store_digest(pixazo_store *store, const char *key, char **sha256, pixazo_error **error)
{
  PX_REQUIRE(store, error, "store is NULL");
  PX_REQUIRE(key, error, "key is NULL");
  PX_REQUIRE(sha256, error, "sha256 is NULL");
  px_cleanup(px_digest_done) px_digest *digest = px_digest_new(false);
  px_autofree char *text = px_malloc(PX_SHA256_HEX);
  if (!digest || !text)
    return px_fail_nomem(error);
  PX_TRY(read_object(store, key, 0, UINT64_MAX, write_to_digest, digest, error));
  if (!px_digest_finish(digest, text, NULL))
    return px_fail(error, PIXAZO_E_INTERNAL, "SHA-256 failed");
  *sha256 = px_steal(&text);
  return PIXAZO_OK;
}

/* A file being written beside its final name; removed unless `name` was emptied. */
typedef struct draft {
  int directory, descriptor;
  char name[PX_UUID_TEXT + 8];
  const char *path;
} draft;

static void draft_done(draft *file)
{
  if (file->name[0])
    (void)px_file_remove_at(file->directory, file->name, NULL);
  px_close_scoped(&file->descriptor);
  px_close_scoped(&file->directory);
}

static pixazo_status draft_open(draft *file, const char *path, pixazo_error **error)
{
  char uuid[PX_UUID_TEXT], name[sizeof file->name];
  const char *slash = strrchr(path, '/');
  px_autofree char *parent = slash ? px_strndup(path, slash == path ? 1 : (size_t)(slash - path)) : px_strdup(".");
  if (!parent)
    return px_fail_nomem(error);
  PX_TRY(px_directory_open(parent, &file->directory, error));
  px_uuid_new(px_clock_system(), uuid);
  (void)snprintf(name, sizeof name, ".%s.tmp", uuid);
  PX_TRY(px_file_create_at(file->directory, name, 0644, &file->descriptor, error));
  memcpy(file->name, name, sizeof name);
  file->path = path;
  return PIXAZO_OK;
}

static pixazo_status write_to_draft(void *sink, const void *data, size_t size, pixazo_error **error)
{
  draft *file = sink;
  return px_write_all(file->descriptor, data, size, file->path, error);
}

static pixazo_status draft_commit(draft *file, pixazo_error **error)
{
  const char *slash = strrchr(file->path, '/');
  PX_TRY(px_file_flush(file->descriptor, file->path, error));
  PX_TRY(px_file_rename_at(file->directory, file->name, file->directory, slash ? slash + 1 : file->path, error));
  file->name[0] = '\0';
  return px_directory_flush(file->directory, file->path, error);
}

pixazo_status pixazo_store_fetch_file(pixazo_store *store, const char *key, const char *path, pixazo_error **error)
{
  PX_REQUIRE(store, error, "store is NULL");
  PX_REQUIRE(key, error, "key is NULL");
  PX_REQUIRE(path && *path && path[strlen(path) - 1] != '/', error, "path names no file");
  px_cleanup(draft_done) draft file = {-1, -1, "", NULL};
  PX_TRY(px_store_check(store, store->ops.get != NULL, "read objects", key, error));
  PX_TRY(draft_open(&file, path, error));
  PX_TRY(read_object(store, key, 0, UINT64_MAX, write_to_draft, &file, error));
  return draft_commit(&file, error);
}
