/* SPDX-License-Identifier: MIT */
/* Files: whole reads and writes, atomic replacement, every descriptor close-on-exec. */
#ifndef PX_BASE_FILE_H
#define PX_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <pixazo/error.h>

#include "base/digest.h"

struct stat;

enum { PX_PATH_MAX = 4096 };

/* Loops over short writes and EINTR. `name` is for the message only. */
pixazo_status px_write_all(int descriptor, const void *data, size_t size, const char *name, pixazo_error **error);
/* Reads exactly `size` bytes at `offset`; E_CORRUPT when the file ends before. */
pixazo_status px_read_at(int descriptor, void *data, size_t size, uint64_t offset, const char *name, pixazo_error **error);
/* Adds the first `size` bytes to a digest, piece by piece. */
pixazo_status px_file_digest(int descriptor, uint64_t size, const char *name, px_digest *digest, pixazo_error **error);
pixazo_status px_file_flush(int descriptor, const char *name, pixazo_error **error);      /* fsync */
pixazo_status px_directory_flush(int descriptor, const char *name, pixazo_error **error); /* fsync of a directory */

/* An existing regular file to read, through links. E_NOT_FOUND, E_IO. */
pixazo_status px_file_open(const char *path, int *descriptor, uint64_t *size, pixazo_error **error);
/* A whole regular file; *data is px_malloc memory. */
pixazo_status px_file_read(const char *path, uint64_t max_bytes, void **data, size_t *size, pixazo_error **error);
/* The same, and what the very file that was read says of itself: owner and mode. */
pixazo_status px_file_read_facts(const char *path, uint64_t max_bytes, void **data, size_t *size, struct stat *facts,
                                 pixazo_error **error);
/* Old content or all of the new one: temporary file beside it, flush, rename, flush of the directory. */
pixazo_status px_file_replace(const char *path, const void *data, size_t size, mode_t mode, pixazo_error **error);
/* Makes a directory and its parents; existing ones are fine. */
pixazo_status px_directory_make(const char *path, mode_t mode, pixazo_error **error);
/* A held directory: O_DIRECTORY | O_CLOEXEC. */
pixazo_status px_directory_open(const char *path, int *descriptor, pixazo_error **error);
/* Makes and opens `relative` below a held directory, one component at a time, never through a link.
 * Mode 0 makes nothing: E_NOT_FOUND. E_ARGUMENT for "..", absolute or empty components. */
pixazo_status px_directory_open_below(int root, const char *relative, mode_t mode, int *descriptor, pixazo_error **error);

/* A new file inside a held directory: O_CREAT | O_EXCL | O_NOFOLLOW, mode set explicitly. */
pixazo_status px_file_create_at(int directory, const char *name, mode_t mode, int *descriptor, pixazo_error **error);
/* Likewise; a file that has the name goes first. */
pixazo_status px_file_create_anew_at(int directory, const char *name, mode_t mode, int *descriptor, pixazo_error **error);
int px_open_at(int directory, const char *name, int flags, mode_t mode); /* openat, again after a signal */
/* An existing regular file, never through a link. E_NOT_FOUND when absent. */
pixazo_status px_file_open_at(int directory, const char *name, int *descriptor, uint64_t *size, pixazo_error **error);
/* Absent is fine. */
pixazo_status px_file_remove_at(int directory, const char *name, pixazo_error **error);
pixazo_status px_file_rename_at(int from_directory, const char *from, int to_directory, const char *to, pixazo_error **error);

/* Bytes an unprivileged process may still write to the file system of this descriptor. */
pixazo_status px_room_left(int directory, uint64_t *bytes, pixazo_error **error);

#endif
