/* SPDX-License-Identifier: MIT */
#include <pixazo/blob.h>

#include <stdatomic.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

struct pixazo_blob {
  atomic_uint references;
  void *data;
  size_t size;
  pixazo_blob_release_fn release;
  void *user_data;
};

static const uint64_t DEFAULT_FILE_MAX = 64u << 20;

static void release_own(void *data, size_t size, void *user_data)
{
  (void)size;
  (void)user_data;
  px_free(data);
}

pixazo_status pixazo_blob_new_nocopy(void *data, size_t size, pixazo_blob_release_fn release, void *user_data,
                                     pixazo_blob **out, pixazo_error **error)
{
  PX_REQUIRE(out, error, "out is NULL");
  PX_REQUIRE(data || size == 0, error, "data is NULL");
  pixazo_blob *blob = px_calloc(1, sizeof *blob);
  if (!blob)
    return px_fail_nomem(error);
  atomic_init(&blob->references, 1);
  blob->data = data;
  blob->size = size;
  blob->release = release;
  blob->user_data = user_data;
  *out = blob;
  return PIXAZO_OK;
}

/* Takes over memory of px_malloc; frees it on failure. */
static pixazo_status wrap_own(void *data, size_t size, pixazo_blob **out, pixazo_error **error)
{
  pixazo_status status = pixazo_blob_new_nocopy(data, size, release_own, NULL, out, error);
  if (status != PIXAZO_OK)
    px_free(data);
  return status;
}

pixazo_status pixazo_blob_new(const void *data, size_t size, pixazo_blob **out, pixazo_error **error)
{
  PX_REQUIRE(out, error, "out is NULL");
  PX_REQUIRE(data || size == 0, error, "data is NULL");
  void *copy = px_memdup(data, size);
  return copy ? wrap_own(copy, size, out, error) : px_fail_nomem(error);
}

pixazo_status pixazo_blob_new_from_file(const char *path, uint64_t max_bytes, pixazo_blob **out, pixazo_error **error)
{
  PX_REQUIRE(path, error, "path is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  void *data = NULL;
  size_t size = 0;
  PX_TRY(px_file_read(path, max_bytes ? max_bytes : DEFAULT_FILE_MAX, &data, &size, error));
  return wrap_own(data, size, out, error);
}

pixazo_status pixazo_blob_save(const pixazo_blob *blob, const char *path, pixazo_error **error)
{
  PX_REQUIRE(blob, error, "blob is NULL");
  PX_REQUIRE(path, error, "path is NULL");
  return px_file_replace(path, blob->data, blob->size, 0644, error);
}

pixazo_blob *pixazo_blob_ref(pixazo_blob *blob)
{
  if (blob)
    atomic_fetch_add_explicit(&blob->references, 1, memory_order_relaxed);
  return blob;
}

pixazo_blob *pixazo_blob_unref(pixazo_blob *blob)
{
  if (blob && atomic_fetch_sub_explicit(&blob->references, 1, memory_order_acq_rel) == 1) {
    if (blob->release)
      blob->release(blob->data, blob->size, blob->user_data);
    px_free(blob);
  }
  return NULL;
}

const void *pixazo_blob_data(const pixazo_blob *blob)
{
  return blob && blob->size > 0 ? blob->data : NULL;
}

size_t pixazo_blob_size(const pixazo_blob *blob)
{
  return blob ? blob->size : 0;
}
