/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#if __has_include(<linux/openat2.h>) /* kernel headers of 5.6 and later */
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/uuid.h"

pixazo_status px_write_all(int descriptor, const void *data, size_t size, const char *name, pixazo_error **error)
{
  const char *bytes = data;
  while (size > 0) {
    ssize_t written = write(descriptor, bytes, size);
    if (written > 0) {
      bytes += written;
      size -= (size_t)written;
    } else if (written == 0 || errno != EINTR) {
      return px_fail_errno(error, PIXAZO_E_IO, written == 0 ? ENOSPC : errno, "cannot write %s", name);
    }
  }
  return PIXAZO_OK;
}

pixazo_status px_read_at(int descriptor, void *data, size_t size, uint64_t offset, const char *name, pixazo_error **error)
{
  char *bytes = data;
  while (size > 0) {
    ssize_t got = pread(descriptor, bytes, size, (off_t)offset);
    if (got > 0) {
      bytes += got;
      size -= (size_t)got;
      offset += (uint64_t)got;
    } else if (got == 0) {
      return px_fail(error, PIXAZO_E_CORRUPT, "%s ends %zu bytes too early", name, size);
    } else if (errno != EINTR) {
      return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot read %s", name);
    }
  }
  return PIXAZO_OK;
}

pixazo_status px_file_digest(int descriptor, uint64_t size, const char *name, px_digest *digest, pixazo_error **error)
{
  char piece[16384];
  for (uint64_t at = 0; at < size;) {
    size_t step = size - at < sizeof piece ? (size_t)(size - at) : sizeof piece;
    PX_TRY(px_read_at(descriptor, piece, step, at, name, error));
    if (!px_digest_add(digest, piece, step))
      return px_fail(error, PIXAZO_E_INTERNAL, "cannot hash %s", name);
    at += step;
  }
  return PIXAZO_OK;
}

/* A failed fsync means the pages may be gone: it is never tried again, the caller rewrites. */
pixazo_status px_file_flush(int descriptor, const char *name, pixazo_error **error)
{
  int result;
  do {
    result = fsync(descriptor);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? PIXAZO_OK : px_fail_errno(error, PIXAZO_E_IO, errno, "cannot flush %s to the disk", name);
}

pixazo_status px_directory_flush(int descriptor, const char *name, pixazo_error **error)
{
  return px_file_flush(descriptor, name, error);
}

int px_open_at(int directory, const char *name, int flags, mode_t mode)
{
  int opened;
  do {
    opened = openat(directory, name, flags, mode);
  } while (opened < 0 && errno == EINTR);
  return opened;
}

static pixazo_status open_regular(int directory, const char *name, int flags, int *descriptor, struct stat *facts,
                                  pixazo_error **error)
{
  px_autoclose int opened = px_open_at(directory, name, flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (opened < 0) {
    pixazo_status status = errno == ENOENT ? PIXAZO_E_NOT_FOUND : PIXAZO_E_IO;
    return px_fail_errno(error, status, errno, "cannot open %s", name);
  }
  if (fstat(opened, facts) != 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot examine %s", name);
  if (!S_ISREG(facts->st_mode))
    return px_fail(error, PIXAZO_E_IO, "%s is not a regular file", name);
  *descriptor = opened;
  opened = -1;
  return PIXAZO_OK;
}

pixazo_status px_file_read(const char *path, uint64_t max_bytes, void **data, size_t *size, pixazo_error **error)
{
  struct stat facts;
  return px_file_read_facts(path, max_bytes, data, size, &facts, error);
}

pixazo_status px_file_read_facts(const char *path, uint64_t max_bytes, void **data, size_t *size, struct stat *facts,
                                 pixazo_error **error)
{
  px_autoclose int descriptor = -1;
  struct stat found;
  PX_TRY(open_regular(AT_FDCWD, path, 0, &descriptor, &found, error));
  uint64_t length = (uint64_t)found.st_size;
  if (length > max_bytes)
    return px_fail(error, PIXAZO_E_LIMIT, "%s has %llu bytes, more than the %llu allowed", path, (unsigned long long)length,
                   (unsigned long long)max_bytes);
  px_autofree char *bytes = px_malloc((size_t)length + 1);
  if (!bytes)
    return px_fail_nomem(error);
  PX_TRY(px_read_at(descriptor, bytes, (size_t)length, 0, path, error));
  bytes[length] = '\0';
  *data = px_steal(&bytes);
  *size = (size_t)length;
  *facts = found;
  return PIXAZO_OK;
}

pixazo_status px_file_open(const char *path, int *descriptor, uint64_t *size, pixazo_error **error)
{
  struct stat facts;
  PX_TRY(open_regular(AT_FDCWD, path, 0, descriptor, &facts, error));
  *size = (uint64_t)facts.st_size;
  return PIXAZO_OK;
}

pixazo_status px_directory_open(const char *path, int *descriptor, pixazo_error **error)
{
  int opened = px_open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (opened < 0)
    return px_fail_errno(error, errno == ENOENT ? PIXAZO_E_NOT_FOUND : PIXAZO_E_IO, errno, "cannot open directory %s", path);
  *descriptor = opened;
  return PIXAZO_OK;
}

pixazo_status px_directory_make(const char *path, mode_t mode, pixazo_error **error)
{
  char partial[PX_PATH_MAX];
  size_t length = strlen(path);
  if (length == 0 || length >= sizeof partial)
    return px_fail(error, PIXAZO_E_ARGUMENT, "directory name of %zu bytes", length);
  for (size_t i = 1; i <= length; i++) {
    if (path[i] != '/' && path[i] != '\0')
      continue;
    memcpy(partial, path, i);
    partial[i] = '\0';
    if (mkdir(partial, mode) == 0)
      continue;
    int number = errno;
    struct stat facts;
    if (stat(partial, &facts) != 0 || !S_ISDIR(facts.st_mode))
      return px_fail_errno(error, PIXAZO_E_IO, number, "cannot make directory %s", partial);
  }
  return PIXAZO_OK;
}

static bool good_component(const char *name, size_t length)
{
  return length > 0 && length < 256 && !(length == 1 && name[0] == '.') && !(length == 2 && memcmp(name, "..", 2) == 0);
}

static pixazo_status enter_component(int parent, const char *name, mode_t mode, int *descriptor, pixazo_error **error)
{
  int opened = px_open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
  if (opened < 0 && errno == ENOENT && mode == 0)
    return px_fail_errno(error, PIXAZO_E_NOT_FOUND, ENOENT, "cannot open directory %s", name);
  if (opened < 0 && errno == ENOENT) {
    if (mkdirat(parent, name, mode) != 0 && errno != EEXIST)
      return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot make directory %s", name);
    opened = px_open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (opened >= 0 && (fchmod(opened, mode) != 0 || fsync(parent) != 0)) {
      int number = errno;
      (void)close(opened);
      return px_fail_errno(error, PIXAZO_E_IO, number, "cannot settle directory %s", name);
    }
  }
  if (opened < 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot open directory %s", name);
  *descriptor = opened;
  return PIXAZO_OK;
}

static bool good_components(const char *relative)
{
  while (*relative) {
    size_t length = strcspn(relative, "/");
    if (!good_component(relative, length))
      return false;
    relative += length + (relative[length] == '/');
  }
  return true;
}

/* All of it at once, where the kernel can and every directory is there. */
static int enter_all(int root, const char *relative)
{
#ifdef SYS_openat2
  struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                         .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
  return *relative ? (int)syscall(SYS_openat2, root, relative, &how, sizeof how) : -1;
#else
  (void)root;
  (void)relative;
  return -1;
#endif
}

pixazo_status px_directory_open_below(int root, const char *relative, mode_t mode, int *descriptor, pixazo_error **error)
{
  int opened = good_components(relative) ? enter_all(root, relative) : -1;
  if (opened >= 0) {
    *descriptor = opened;
    return PIXAZO_OK;
  }
  px_autoclose int current = fcntl(root, F_DUPFD_CLOEXEC, 0);
  if (current < 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot hold a directory");
  while (*relative) {
    char name[256];
    size_t length = strcspn(relative, "/");
    if (!good_component(relative, length))
      return px_fail(error, PIXAZO_E_ARGUMENT, "a path component is empty, too long, \".\" or \"..\"");
    memcpy(name, relative, length);
    name[length] = '\0';
    int next = -1;
    PX_TRY(enter_component(current, name, mode, &next, error));
    (void)close(current);
    current = next;
    relative += length + (relative[length] == '/');
  }
  *descriptor = current;
  current = -1;
  return PIXAZO_OK;
}

pixazo_status px_file_create_at(int directory, const char *name, mode_t mode, int *descriptor, pixazo_error **error)
{
  int opened = px_open_at(directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  if (opened < 0)
    return px_fail_errno(error, errno == EEXIST ? PIXAZO_E_EXISTS : PIXAZO_E_IO, errno, "cannot create %s", name);
  if (fchmod(opened, mode) != 0) {
    int number = errno;
    (void)close(opened);
    (void)unlinkat(directory, name, 0);
    return px_fail_errno(error, PIXAZO_E_IO, number, "cannot set the mode of %s", name);
  }
  *descriptor = opened;
  return PIXAZO_OK;
}

pixazo_status px_file_create_anew_at(int directory, const char *name, mode_t mode, int *descriptor, pixazo_error **error)
{
  px_autoerror exists = NULL;
  pixazo_status status = px_file_create_at(directory, name, mode, descriptor, &exists);
  if (status != PIXAZO_E_EXISTS) {
    px_error_move(error, px_steal(&exists));
    return status;
  }
  PX_TRY(px_file_remove_at(directory, name, error));
  return px_file_create_at(directory, name, mode, descriptor, error);
}

pixazo_status px_file_open_at(int directory, const char *name, int *descriptor, uint64_t *size, pixazo_error **error)
{
  struct stat facts;
  PX_TRY(open_regular(directory, name, O_NOFOLLOW, descriptor, &facts, error));
  if (size)
    *size = (uint64_t)facts.st_size;
  return PIXAZO_OK;
}

pixazo_status px_file_remove_at(int directory, const char *name, pixazo_error **error)
{
  if (unlinkat(directory, name, 0) != 0 && errno != ENOENT)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot remove %s", name);
  return PIXAZO_OK;
}

pixazo_status px_file_rename_at(int from_directory, const char *from, int to_directory, const char *to, pixazo_error **error)
{
  if (renameat(from_directory, from, to_directory, to) != 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot rename %s to %s", from, to);
  return PIXAZO_OK;
}

pixazo_status px_room_left(int directory, uint64_t *bytes, pixazo_error **error)
{
  struct statvfs facts;
  if (fstatvfs(directory, &facts) != 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot ask for free space");
  *bytes = (uint64_t)facts.f_bavail * facts.f_frsize;
  return PIXAZO_OK;
}

static pixazo_status write_and_rename(int directory, const char *temporary, const char *name, const void *data, size_t size,
                                      mode_t mode, pixazo_error **error)
{
  px_autoclose int descriptor = -1;
  PX_TRY(px_file_create_at(directory, temporary, mode, &descriptor, error));
  PX_TRY(px_write_all(descriptor, data, size, name, error));
  PX_TRY(px_file_flush(descriptor, name, error));
  PX_TRY(px_file_rename_at(directory, temporary, directory, name, error));
  return px_directory_flush(directory, name, error);
}

pixazo_status px_file_replace(const char *path, const void *data, size_t size, mode_t mode, pixazo_error **error)
{
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  if (!*name)
    return px_fail(error, PIXAZO_E_ARGUMENT, "\"%s\" names a directory, not a file", path);
  px_autofree char *parent = slash ? px_strndup(path, slash == path ? 1 : (size_t)(slash - path)) : px_strdup(".");
  if (!parent)
    return px_fail_nomem(error);
  px_autoclose int directory = -1;
  PX_TRY(px_directory_open(parent, &directory, error));
  char temporary[PX_UUID_TEXT + 8];
  char uuid[PX_UUID_TEXT];
  px_uuid_new(px_clock_system(), uuid);
  (void)snprintf(temporary, sizeof temporary, ".%s.tmp", uuid);
  pixazo_status status = write_and_rename(directory, temporary, name, data, size, mode, error);
  if (status != PIXAZO_OK) {
    (void)unlinkat(directory, temporary, 0);
    px_error_prefix(error, "%s", path);
  }
  return status;
}
