/* SPDX-License-Identifier: MIT */
/* A store in a directory, which is held open: nothing is reached by path, nothing through a link. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/str.h"
#include "store/backends/local.h"

enum { PIECE = 64 * 1024, DEFAULT_FILE_MODE = 0640, DEFAULT_DIRECTORY_MODE = 0750, LEFTOVER_SECONDS = 24 * 60 * 60 };

void px_local_place_done(px_local_place *where)
{
  px_close_scoped(&where->directory);
}

/* mode 0: the directory must exist. */
pixazo_status px_local_find_place(const px_local *self, const char *key, mode_t mode, px_local_place *where,
                                  pixazo_error **error)
{
  const char *slash = strrchr(key, '/');
  size_t length = slash ? (size_t)(slash - key) : 0;
  memcpy(where->parent, key, length);
  where->parent[length] = '\0';
  where->name = slash ? slash + 1 : key;
  return px_directory_open_below(self->root, where->parent, mode, &where->directory, error);
}

static pixazo_status open_object(const px_local *self, const char *key, int *descriptor, uint64_t *size,
                                 pixazo_error **error)
{
  px_auto(px_local_place) where = PX_LOCAL_PLACE_INIT;
  pixazo_status status = px_local_find_place(self, key, 0, &where, error);
  if (status == PIXAZO_OK)
    status = px_file_open_at(where.directory, where.name, descriptor, size, error);
  if (status != PIXAZO_OK)
    px_error_prefix(error, "store object %s", key);
  return status;
}

static pixazo_status local_get(void *target, const char *key, uint64_t offset, uint64_t length, pixazo_store_write_fn write,
                               void *sink, pixazo_error **error)
{
  px_autoclose int descriptor = -1;
  uint64_t size = 0;
  PX_TRY(open_object(target, key, &descriptor, &size, error));
  px_autofree char *buffer = px_malloc(PIECE);
  if (!buffer)
    return px_fail_nomem(error);
  uint64_t left = offset < size ? size - offset : 0;
  left = length < left ? length : left;
  while (left > 0) {
    size_t piece = left < PIECE ? (size_t)left : PIECE;
    PX_TRY(px_read_at(descriptor, buffer, piece, offset, key, error));
    PX_TRY(write(sink, buffer, piece, error));
    offset += piece;
    left -= piece;
  }
  return PIXAZO_OK;
}

static pixazo_status local_stat(void *target, const char *key, pixazo_store_info *info, pixazo_error **error)
{
  px_autoclose int descriptor = -1;
  struct stat facts;
  PX_TRY(open_object(target, key, &descriptor, NULL, error));
  if (fstat(descriptor, &facts) != 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot examine %s", key);
  info->size = (uint64_t)facts.st_size;
  info->modified_us = (int64_t)facts.st_mtim.tv_sec * 1000000 + facts.st_mtim.tv_nsec / 1000;
  return PIXAZO_OK;
}

static pixazo_status local_remove(void *target, const char *key, pixazo_error **error)
{
  px_auto(px_local_place) where = PX_LOCAL_PLACE_INIT;
  px_autoerror none = NULL;
  pixazo_status status = px_local_find_place(target, key, 0, &where, &none);
  if (status == PIXAZO_E_NOT_FOUND)
    return PIXAZO_OK;
  if (status != PIXAZO_OK) {
    px_error_move(error, px_steal(&none));
    return status;
  }
  PX_TRY(px_file_remove_at(where.directory, where.name, error));
  return px_directory_flush(where.directory, where.parent, error);
}

static pixazo_status local_path(void *target, const char *key, char *text, size_t capacity, pixazo_error **error)
{
  const px_local *self = target;
  int needed = snprintf(text, capacity, "%s/%s", strcmp(self->directory, "/") == 0 ? "" : self->directory, key);
  if (needed < 0 || (size_t)needed >= capacity)
    return px_fail(error, PIXAZO_E_LIMIT, "the path of %s is too long", key);
  return PIXAZO_OK;
}

static void local_destroy(void *target)
{
  px_local *self = target;
  if (!self)
    return;
  px_local_touched_done(&self->touched);
  px_free(self->directory);
  px_close_scoped(&self->incoming);
  px_close_scoped(&self->root);
  (void)pthread_mutex_destroy(&self->lock);
  (void)pthread_mutex_destroy(&self->flushing);
  px_free(self);
}

static void local_done(px_local **self)
{
  local_destroy(*self);
}

/* A new directory is not on the disk before its parents are. Parents that may not be opened are somebody else's. */
static void flush_parents(int directory)
{
  px_autoclose int current = openat(directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int level = 0; current >= 0 && level < 64; level++) {
    struct stat here, above;
    int parent = openat(current, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)fsync(current);
    bool top = parent < 0 || fstat(current, &here) != 0 || fstat(parent, &above) != 0 || here.st_ino == above.st_ino;
    (void)close(current);
    current = parent;
    if (top)
      return;
  }
}

static pixazo_status open_root(px_local *self, const char *directory, pixazo_error **error)
{
  pixazo_status status = px_directory_open(directory, &self->root, NULL);
  if (status == PIXAZO_E_NOT_FOUND) {
    PX_TRY(px_directory_make(directory, self->directory_mode, error));
    PX_TRY(px_directory_open(directory, &self->root, error));
    if (fchmod(self->root, self->directory_mode) != 0)
      return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot set the mode of %s", directory);
    flush_parents(self->root);
  } else if (status != PIXAZO_OK) {
    return px_directory_open(directory, &self->root, error);
  }
  char absolute[PATH_MAX];
  struct stat root;
  if (fstat(self->root, &root) != 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot examine %s", directory);
  self->device = root.st_dev;
  if (!realpath(directory, absolute))
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot find the absolute path of %s", directory);
  self->directory = px_strdup(absolute);
  return self->directory ? PIXAZO_OK : px_fail_nomem(error);
}

/* Files that a process left unfinished when it was killed. Whether they go is no condition of opening. */
static void remove_leftovers(const px_local *self)
{
  int descriptor = openat(self->incoming, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *entries = descriptor >= 0 ? fdopendir(descriptor) : NULL;
  if (!entries) {
    px_close_scoped(&descriptor);
    return;
  }
  int64_t now = px_wall_us(px_clock_system()) / 1000000;
  for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
    struct stat facts;
    if (px_str_starts(entry->d_name, "tmp-") && fstatat(self->incoming, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
        facts.st_mtim.tv_sec < now - LEFTOVER_SECONDS)
      (void)unlinkat(self->incoming, entry->d_name, 0);
  }
  (void)closedir(entries);
}

static px_local *local_empty(void)
{
  px_local *self = px_calloc(1, sizeof *self);
  if (!self)
    return NULL;
  self->root = self->incoming = -1;
  /* With default attributes these do not fail on Linux. */
  (void)pthread_mutex_init(&self->lock, NULL);
  (void)pthread_mutex_init(&self->flushing, NULL);
  return self;
}

static pixazo_status local_new(const pixazo_store_local_options *options, px_local **out, pixazo_error **error)
{
  px_cleanup(local_done) px_local *self = local_empty();
  if (!self)
    return px_fail_nomem(error);
  self->file_mode = options->file_mode ? options->file_mode : DEFAULT_FILE_MODE;
  self->directory_mode = options->directory_mode ? options->directory_mode : DEFAULT_DIRECTORY_MODE;
  PX_TRY(open_root(self, options->directory, error));
  PX_TRY(px_directory_open_below(self->root, PX_STORE_INCOMING, self->directory_mode, &self->incoming, error));
  remove_leftovers(self);
  *out = px_steal(&self);
  return PIXAZO_OK;
}

pixazo_status pixazo_store_new_local(const pixazo_store_local_options *options, pixazo_store **out, pixazo_error **error)
{
  static const pixazo_store_ops ops = {
      .struct_size = sizeof ops,
      .put = px_local_put,
      .get = local_get,
      .stat = local_stat,
      .remove = local_remove,
      .list = px_local_list,
      .path = local_path,
      .flush = px_local_flush,
      .destroy = local_destroy,
  };
  PX_REQUIRE(options, error, "options is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  pixazo_store_local_options known;
  PX_TRY(px_options_copy(&known, sizeof known, options, "pixazo_store_local_options", error));
  PX_REQUIRE(!px_str_empty(known.directory), error, "directory is required");
  PX_REQUIRE(known.file_mode <= 0777 && known.directory_mode <= 0777, error, "a mode has more than permission bits");
  px_cleanup(local_done) px_local *self = NULL;
  PX_TRY(local_new(&known, &self, error));
  PX_TRY(px_store_new("local", &ops, self, true, known.log, out, error));
  (*out)->moves = true;
  (void)px_steal(&self);
  return PIXAZO_OK;
}

/* "0640"; 0 when absent. */
static pixazo_status read_mode(const px_json *options, const char *name, uint32_t *mode, pixazo_error **error)
{
  const char *text = NULL;
  PX_TRY(px_json_may_string(options, name, &text, error));
  if (!text)
    return PIXAZO_OK;
  size_t digits = strspn(text, "01234567");
  if (digits == 0 || digits > 4 || text[digits])
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s: want an octal mode such as \"0640\", got \"%.16s\"", name, text);
  for (*mode = 0; *text; text++)
    *mode = *mode * 8 + (uint32_t)(*text - '0');
  return PIXAZO_OK;
}

pixazo_status px_store_local_from_json(const px_json *options, pixazo_log *log, pixazo_store **out, pixazo_error **error)
{
  static const char *const names[] = {"directory", "file_mode", "directory_mode", NULL};
  pixazo_store_local_options local_options;
  pixazo_store_local_options_init(&local_options, sizeof local_options);
  PX_TRY(px_store_known_members(options, names, error));
  PX_TRY(px_json_get_string(options, "directory", &local_options.directory, error));
  PX_TRY(read_mode(options, "file_mode", &local_options.file_mode, error));
  PX_TRY(read_mode(options, "directory_mode", &local_options.directory_mode, error));
  local_options.log = log;
  return pixazo_store_new_local(&local_options, out, error);
}
