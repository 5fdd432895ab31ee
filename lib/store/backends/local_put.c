/* SPDX-License-Identifier: MIT */
/* Putting into a local store. A file comes to its name by one rename that never replaces anything, after its bytes
 * are on the disk; the directory is flushed before the put counts. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/uuid.h"
#include "store/backends/local.h"

enum {
  PIECE = 64 * 1024,
  TOUCHED_MAX = 4096 /* directories; more and they are flushed at once */
};

static pixazo_status hash_file(int descriptor, uint64_t size, const char *name, char sha256[PX_SHA256_HEX],
                               pixazo_error **error)
{
  px_cleanup(px_digest_done) px_digest *digest = px_digest_new(false);
  px_autofree char *buffer = px_malloc(PIECE);
  if (!digest || !buffer)
    return px_fail_nomem(error);
  for (uint64_t offset = 0; offset < size;) {
    size_t piece = size - offset < PIECE ? (size_t)(size - offset) : PIECE;
    PX_TRY(px_read_at(descriptor, buffer, piece, offset, name, error));
    (void)px_digest_add(digest, buffer, piece);
    offset += piece;
  }
  return px_digest_finish(digest, sha256, NULL) ? PIXAZO_OK : px_fail(error, PIXAZO_E_INTERNAL, "SHA-256 failed");
}

/* PIXAZO_OK: the same bytes are stored; E_EXISTS: others; E_NOT_FOUND: none. */
static pixazo_status compare_stored(const px_local_place *where, const pixazo_store_put_job *job, pixazo_error **error)
{
  px_autoclose int descriptor = -1;
  uint64_t size = 0;
  char sha256[PX_SHA256_HEX] = "";
  PX_TRY(px_file_open_at(where->directory, where->name, &descriptor, &size, error));
  if (size == job->size)
    PX_TRY(hash_file(descriptor, size, job->key, sha256, error));
  if (px_str_equal_nocase(sha256, job->sha256))
    return PIXAZO_OK;
  return px_fail(error, PIXAZO_E_EXISTS, "%s exists with other content", job->key);
}

/* Moves a finished file to its name. PIXAZO_OK also when the same bytes got there first; `*moved` tells. E_UNSUPPORTED: no
 * rename leads there (a bind mount has the same device). */
static pixazo_status settle(int directory, const char *name, const px_local_place *where, const pixazo_store_put_job *job,
                            bool *moved, pixazo_error **error)
{
  PX_FAILPOINT("f2.rename.before");
  int result = renameat2(directory, name, where->directory, where->name, RENAME_NOREPLACE);
  if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
    /* A file system without that flag: a link does not replace anything either. */
    result = linkat(directory, name, where->directory, where->name, 0);
    if (result == 0)
      (void)unlinkat(directory, name, 0);
  }
  int number = errno;
  PX_FAILPOINT("f2.rename.after");
  *moved = result == 0;
  if (result == 0)
    return PIXAZO_OK;
  if (number == EEXIST)
    return compare_stored(where, job, error);
  pixazo_status status = number == EXDEV ? PIXAZO_E_UNSUPPORTED : PIXAZO_E_IO;
  return px_fail_errno(error, status, number, "cannot give %s its name", job->key);
}

/* An unfinished file; removed when it goes out of scope unless it was moved away. */
typedef struct draft {
  int directory, descriptor;
  char name[PX_UUID_TEXT + 8];
} draft;

static void draft_done(draft *file)
{
  if (file->name[0])
    (void)px_file_remove_at(file->directory, file->name, NULL);
  px_close_scoped(&file->descriptor);
}

static pixazo_status draft_open(const px_local *self, draft *file, pixazo_error **error)
{
  char uuid[PX_UUID_TEXT], name[sizeof file->name];
  px_uuid_new(px_clock_system(), uuid);
  (void)snprintf(name, sizeof name, "tmp-%s", uuid);
  PX_TRY(px_file_create_at(self->incoming, name, self->file_mode, &file->descriptor, error));
  file->directory = self->incoming;
  memcpy(file->name, name, sizeof name);
  return PIXAZO_OK;
}

static pixazo_status copy_all(const pixazo_store_put_job *job, int descriptor, px_digest *digest, char *buffer,
                              uint64_t *total, pixazo_error **error)
{
  size_t got = 1;
  *total = 0;
  PX_TRY(job->rewind(job->source, error));
  while (got > 0 && *total <= job->size) {
    PX_TRY(job->read(job->source, buffer, PIECE, &got, error));
    (void)px_digest_add(digest, buffer, got);
    PX_TRY(px_write_all(descriptor, buffer, got, job->key, error));
    *total += got;
  }
  return PIXAZO_OK;
}

static pixazo_status fill_draft(const pixazo_store_put_job *job, int descriptor, pixazo_error **error)
{
  px_cleanup(px_digest_done) px_digest *digest = px_digest_new(false);
  px_autofree char *buffer = px_malloc(PIECE);
  char sha256[PX_SHA256_HEX] = "";
  uint64_t total;
  if (!digest || !buffer)
    return px_fail_nomem(error);
  PX_TRY(copy_all(job, descriptor, digest, buffer, &total, error));
  if (total != job->size)
    return px_fail(error, PIXAZO_E_CORRUPT, "the bytes for %s are not %llu", job->key, (unsigned long long)job->size);
  if (!px_digest_finish(digest, sha256, NULL) || !px_str_equal_nocase(sha256, job->sha256))
    return px_fail(error, PIXAZO_E_CORRUPT, "the bytes for %s have another SHA-256 than announced", job->key);
  return PIXAZO_OK;
}

/* Writing past this limit raises a signal that ends programs, so it is asked first. */
static pixazo_status check_file_limit(const pixazo_store_put_job *job, pixazo_error **error)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && job->size > limit.rlim_cur)
    return px_fail_errno(error, PIXAZO_E_IO, EFBIG, "cannot write %s with %llu bytes", job->key,
                         (unsigned long long)job->size);
  return PIXAZO_OK;
}

static pixazo_status put_copy(const px_local *self, const pixazo_store_put_job *job, const px_local_place *where,
                              pixazo_error **error)
{
  px_cleanup(draft_done) draft file = {-1, -1, ""};
  bool moved = false;
  PX_TRY(check_file_limit(job, error));
  PX_TRY(draft_open(self, &file, error));
  PX_TRY(fill_draft(job, file.descriptor, error));
  PX_FAILPOINT("f2.flush.before");
  PX_TRY(px_file_flush(file.descriptor, job->key, error));
  PX_FAILPOINT("f2.flush.after");
  PX_TRY(settle(file.directory, file.name, where, job, &moved, error));
  if (moved)
    file.name[0] = '\0';
  return PIXAZO_OK;
}

/* Whether the file that was given up can be moved instead of copied; leaves its mode right. */
static bool can_take(const px_local *self, int descriptor)
{
  struct stat given;
  return fstat(descriptor, &given) == 0 && given.st_dev == self->device && given.st_nlink == 1 &&
         fchmod(descriptor, self->file_mode) == 0;
}

/* *taken false: it has to be copied. *moved: nothing is left of it where it was. */
static pixazo_status take_over(const px_local *self, const pixazo_store_put_job *job, const px_local_place *where,
                               bool *taken, bool *moved, pixazo_error **error)
{
  px_autoclose int descriptor = -1;
  uint64_t size = 0;
  if (!(job->flags & PIXAZO_STORE_TAKE) || !job->path)
    return PIXAZO_OK;
  PX_TRY(px_file_open_at(AT_FDCWD, job->path, &descriptor, &size, error));
  if (size != job->size) /* before anything is found under the key: this file is no copy of it, and stays */
    return px_fail(error, PIXAZO_E_CORRUPT, "%s has %llu bytes, not %llu", job->path, (unsigned long long)size,
                   (unsigned long long)job->size);
  if (!can_take(self, descriptor))
    return PIXAZO_OK;
  PX_FAILPOINT("f2.flush.before");
  if (!(job->flags & PIXAZO_STORE_FLUSHED))
    PX_TRY(px_file_flush(descriptor, job->path, error));
  PX_FAILPOINT("f2.flush.after");
  px_autoerror elsewhere = NULL;
  pixazo_status status = settle(AT_FDCWD, job->path, where, job, moved, &elsewhere);
  if (status == PIXAZO_E_UNSUPPORTED)
    return PIXAZO_OK;
  px_error_move(error, px_steal(&elsewhere));
  *taken = status == PIXAZO_OK;
  return status;
}

/* The bytes are safe: a file that cannot be removed is no failure of the put, and it may be the stored one itself. */
static void remove_given(const pixazo_store_put_job *job, const px_local_place *where)
{
  struct stat given, stored;
  if (lstat(job->path, &given) == 0 && fstatat(where->directory, where->name, &stored, AT_SYMLINK_NOFOLLOW) == 0 &&
      (given.st_dev != stored.st_dev || given.st_ino != stored.st_ino))
    (void)unlink(job->path);
}

/* Looks first, so that what is there already is not copied. */
static pixazo_status put_unless_there(const px_local *self, const pixazo_store_put_job *job, const px_local_place *where,
                                      pixazo_error **error)
{
  px_autoerror none = NULL;
  pixazo_status status = compare_stored(where, job, &none);
  if (status == PIXAZO_E_NOT_FOUND)
    return put_copy(self, job, where, error);
  px_error_move(error, px_steal(&none));
  return status;
}

void px_local_touched_done(px_local_touched *touched)
{
  for (size_t i = 0; i < touched->count; i++)
    px_free(touched->names[i]);
  px_free(touched->names);
}

/* Notes a directory for the next flush. False when there is no room to note it. */
static bool note_touched(px_local_touched *touched, const char *directory)
{
  for (size_t i = 0; i < touched->count; i++) {
    if (px_str_equal(touched->names[i], directory))
      return true;
  }
  if (touched->count == TOUCHED_MAX)
    return false;
  if (touched->count == touched->capacity) {
    size_t capacity = touched->capacity ? touched->capacity * 2 : 8;
    char **grown = px_realloc_array(touched->names, capacity, sizeof *grown);
    if (!grown)
      return false;
    touched->names = grown;
    touched->capacity = capacity;
  }
  char *copy = px_strdup(directory);
  if (copy)
    touched->names[touched->count++] = copy;
  return copy != NULL;
}

/* `later`: with the next flush of the store, where the job allows it. */
static pixazo_status flush_place(px_local *self, const pixazo_store_put_job *job, const px_local_place *where, bool later,
                                 pixazo_error **error)
{
  if (later && (job->flags & PIXAZO_STORE_DEFER_FLUSH)) {
    (void)pthread_mutex_lock(&self->lock);
    bool noted = note_touched(&self->touched, where->parent);
    (void)pthread_mutex_unlock(&self->lock);
    if (noted)
      return PIXAZO_OK;
  }
  PX_FAILPOINT("f2.directory.before");
  PX_TRY(px_directory_flush(where->directory, where->parent, error));
  PX_FAILPOINT("f2.directory.after");
  return PIXAZO_OK;
}

pixazo_status px_local_put(void *target, const pixazo_store_put_job *job, pixazo_error **error)
{
  px_local *self = target;
  px_auto(px_local_place) where = PX_LOCAL_PLACE_INIT;
  bool taken = false, moved = false;
  PX_TRY(px_local_find_place(self, job->key, self->directory_mode, &where, error));
  PX_TRY(take_over(self, job, &where, &taken, &moved, error)); /* it compares when it finds the name taken */
  if (!taken)
    PX_TRY(put_unless_there(self, job, &where, error));
  bool drops = (job->flags & PIXAZO_STORE_TAKE) && !moved;
  PX_TRY(flush_place(self, job, &where, !drops, error)); /* before the only other copy goes */
  if (drops)
    remove_given(job, &where);
  return PIXAZO_OK;
}

static pixazo_status flush_one(const px_local *self, const char *directory, pixazo_error **error)
{
  px_autoclose int descriptor = -1;
  pixazo_status status = px_directory_open_below(self->root, directory, 0, &descriptor, NULL);
  if (status == PIXAZO_E_NOT_FOUND) /* somebody removed it with all that was in it */
    return PIXAZO_OK;
  if (status != PIXAZO_OK)
    return px_fail(error, PIXAZO_E_IO, "cannot open directory %s to flush it", directory);
  return px_directory_flush(descriptor, directory, error);
}

static px_local_touched steal_touched(px_local *self)
{
  (void)pthread_mutex_lock(&self->lock);
  px_local_touched touched = self->touched;
  self->touched = (px_local_touched){NULL, 0, 0};
  (void)pthread_mutex_unlock(&self->lock);
  return touched;
}

pixazo_status px_local_flush(void *target, pixazo_error **error)
{
  px_local *self = target;
  (void)pthread_mutex_lock(&self->flushing);
  px_cleanup(px_local_touched_done) px_local_touched touched = steal_touched(self);
  PX_FAILPOINT("f2.directory.before");
  for (size_t i = 0; i < touched.count && !self->failed; i++) {
    pixazo_status one = flush_one(self, touched.names[i], error);
    self->failed = one != PIXAZO_OK;
  }
  PX_FAILPOINT("f2.directory.after");
  bool failed = self->failed;
  (void)pthread_mutex_unlock(&self->flushing);
  return failed ? px_fail(error, PIXAZO_E_IO, "a flush of %s failed: put the files of the group again", self->directory)
                : PIXAZO_OK;
}
