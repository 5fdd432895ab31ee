/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/str.h"
#include "store/handle.h"

enum { PIECE = 64 * 1024, KNOWN_FLAGS = PIXAZO_STORE_TAKE | PIXAZO_STORE_FLUSHED | PIXAZO_STORE_DEFER_FLUSH };

/* What the library itself reads from: a file or bytes in memory. */
typedef struct source {
  int descriptor;   /* -1: not opened yet */
  const char *data; /* when there is no file */
  const char *name;
  uint64_t size, position;
  char sha256[PX_SHA256_HEX];
} source;

static void source_done(source *from)
{
  px_close_scoped(&from->descriptor);
}

void pixazo_store_put_job_init(pixazo_store_put_job *job, size_t size)
{
  px_options_init(job, size);
}

static pixazo_status open_file(source *from, uint64_t expected, pixazo_error **error)
{
  if (from->descriptor >= 0)
    return PIXAZO_OK;
  PX_TRY(px_file_open_at(AT_FDCWD, from->name, &from->descriptor, &from->size, error));
  if (expected != 0 && expected != from->size)
    return px_fail(error, PIXAZO_E_CORRUPT, "%s has %llu bytes, not %llu", from->name, (unsigned long long)from->size,
                   (unsigned long long)expected);
  return PIXAZO_OK;
}

static pixazo_status read_source(void *self, void *buffer, size_t capacity, size_t *got, pixazo_error **error)
{
  source *from = self;
  if (!from->data)
    PX_TRY(open_file(from, from->size, error));
  uint64_t left = from->size - from->position;
  size_t size = left < capacity ? (size_t)left : capacity;
  if (from->data && size > 0)
    memcpy(buffer, from->data + from->position, size);
  else
    PX_TRY(px_read_at(from->descriptor, buffer, size, from->position, from->name, error));
  from->position += size;
  *got = size;
  return PIXAZO_OK;
}

static pixazo_status rewind_source(void *self, pixazo_error **error)
{
  source *from = self;
  (void)error;
  from->position = 0;
  return PIXAZO_OK;
}

static const char *type_of_key(const char *key)
{
  static const struct {
    const char *end, *type;
  } types[] = {
      {".png", "image/png"},         {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"},
      {".webp", "image/webp"},       {".gif", "image/gif"},  {".avif", "image/avif"},
      {".json", "application/json"}, {".txt", "text/plain"}, {".svg", "image/svg+xml"},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(types); i++) {
    if (px_str_ends(key, types[i].end))
      return types[i].type;
  }
  return "application/octet-stream";
}

static pixazo_status check_job(const pixazo_store_put_job *job, pixazo_error **error)
{
  unsigned char digest[PX_SHA256_SIZE];
  PX_REQUIRE(job->key, error, "job.key is NULL");
  PX_REQUIRE((job->path != NULL) + (job->data != NULL) + (job->read != NULL) == 1, error,
             "exactly one of job.path, job.data and job.read must be given");
  PX_REQUIRE(!job->read || job->rewind, error, "job.read needs job.rewind");
  PX_REQUIRE((job->flags & ~(uint64_t)KNOWN_FLAGS) == 0, error, "job.flags has an unknown flag");
  PX_REQUIRE(job->path || (job->flags & (PIXAZO_STORE_TAKE | PIXAZO_STORE_FLUSHED)) == 0, error,
             "PIXAZO_STORE_TAKE and PIXAZO_STORE_FLUSHED need job.path");
  PX_REQUIRE(!job->sha256 || px_unhex(job->sha256, digest, sizeof digest), error, "job.sha256 is not 64 hex digits");
  return PIXAZO_OK;
}

static pixazo_status open_source(const pixazo_store *store, pixazo_store_put_job *job, source *from, pixazo_error **error)
{
  if (job->read)
    return PIXAZO_OK;
  from->data = job->data;
  from->name = job->path;
  from->size = job->size;
  bool moves = store->moves && (job->flags & PIXAZO_STORE_TAKE) && job->sha256 && job->size > 0;
  if (job->path && !moves) { /* a store that moves the file looks at it itself, and seldom has to read it */
    PX_TRY(open_file(from, job->size, error));
    job->size = from->size;
  }
  job->read = read_source;
  job->rewind = rewind_source;
  job->source = from;
  return PIXAZO_OK;
}

static pixazo_status hash_all(const pixazo_store_put_job *job, px_digest *digest, char *buffer, pixazo_error **error)
{
  uint64_t total = 0;
  size_t got = 1;
  PX_TRY(job->rewind(job->source, error));
  while (got > 0) {
    PX_TRY(job->read(job->source, buffer, PIECE, &got, error));
    total += got;
    if (!px_digest_add(digest, buffer, got))
      return px_fail(error, PIXAZO_E_INTERNAL, "SHA-256 failed");
  }
  if (total != job->size)
    return px_fail(error, PIXAZO_E_CORRUPT, "there are %llu bytes to put, not %llu", (unsigned long long)total,
                   (unsigned long long)job->size);
  return job->rewind(job->source, error);
}

/* The stores of the library compare while they copy. A port is given the bytes as they are, so what its caller says about
 * them is checked first, but for a file that is given up. */
static bool is_hash_trusted(const pixazo_store *store, const pixazo_store_put_job *job)
{
  return job->sha256 && (strcmp(store->kind, "custom") != 0 || (job->flags & PIXAZO_STORE_TAKE));
}

static pixazo_status add_hash(const pixazo_store *store, pixazo_store_put_job *job, source *from, pixazo_error **error)
{
  if (is_hash_trusted(store, job))
    return PIXAZO_OK;
  px_cleanup(px_digest_done) px_digest *digest = px_digest_new(false);
  px_autofree char *buffer = px_malloc(PIECE);
  if (!digest || !buffer)
    return px_fail_nomem(error);
  PX_TRY(hash_all(job, digest, buffer, error));
  if (!px_digest_finish(digest, from->sha256, NULL))
    return px_fail(error, PIXAZO_E_INTERNAL, "SHA-256 failed");
  if (job->sha256 && strcmp(job->sha256, from->sha256) != 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "the bytes for %s have SHA-256 %s, not %s", job->key, from->sha256, job->sha256);
  job->sha256 = from->sha256;
  return PIXAZO_OK;
}

static bool is_stored_file(const pixazo_store *store, const pixazo_store_put_job *job, const struct stat *given)
{
  char stored[PX_STORE_TEXT_MAX];
  struct stat there;
  return store->ops.path && store->ops.path(store->self, job->key, stored, sizeof stored, NULL) == PIXAZO_OK &&
         lstat(stored, &there) == 0 && given->st_dev == there.st_dev && given->st_ino == there.st_ino;
}

/* The bytes are safe: a copy that cannot be removed is no failure of the put. The file that was given up may have been moved,
 * or may be the stored one itself: then it has arrived already. */
static void remove_given(const pixazo_store *store, const pixazo_store_put_job *job)
{
  struct stat given;
  if (lstat(job->path, &given) == 0 && !is_stored_file(store, job, &given))
    (void)unlink(job->path);
}

static pixazo_status put_complete(pixazo_store *store, const pixazo_store_put_job *job, pixazo_error **error)
{
  px_cleanup(px_store_leave) pixazo_store *inside = px_store_enter(store);
  PX_TRY(inside->ops.put(inside->self, job, error));
  if ((job->flags & PIXAZO_STORE_TAKE) && !inside->moves)
    remove_given(inside, job);
  return PIXAZO_OK;
}

pixazo_status pixazo_store_put(pixazo_store *store, const pixazo_store_put_job *job, pixazo_error **error)
{
  PX_REQUIRE(store, error, "store is NULL");
  PX_REQUIRE(job, error, "job is NULL");
  pixazo_store_put_job whole;
  px_cleanup(source_done) source from = {-1, NULL, NULL, 0, 0, ""};
  PX_TRY(px_options_copy(&whole, sizeof whole, job, "pixazo_store_put_job", error));
  PX_TRY(check_job(&whole, error));
  PX_TRY(px_store_check(store, true, "put", whole.key, error));
  PX_TRY(open_source(store, &whole, &from, error));
  PX_TRY(add_hash(store, &whole, &from, error));
  if (!whole.content_type)
    whole.content_type = type_of_key(whole.key);
  return put_complete(store, &whole, error);
}

pixazo_status pixazo_store_put_file(pixazo_store *store, const char *key, const char *path, const char *content_type,
                                    pixazo_error **error)
{
  PX_REQUIRE(path, error, "path is NULL");
  pixazo_store_put_job job;
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = key;
  job.path = path;
  job.content_type = content_type;
  return pixazo_store_put(store, &job, error);
}
