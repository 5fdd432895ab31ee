/* SPDX-License-Identifier: MIT */
/**
 * @file blob.h
 * Counted, immutable bytes that travel between client, exporter and store without copies.
 */
#ifndef PIXAZO_BLOB_H
#define PIXAZO_BLOB_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/error.h>

PIXAZO_BEGIN_DECLS

/** Immutable bytes; counted; any thread. */
typedef struct pixazo_blob pixazo_blob;

/** Called once when the last reference to taken-over bytes goes; on the thread that drops it. */
typedef void (*pixazo_blob_release_fn)(void *data, size_t size, void *user_data);

/**
 * Copies bytes into a new blob.
 * @param data may be NULL when @p size is 0. @param[out] out owned, pixazo_blob_unref.
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_blob_new(const void *data, size_t size, pixazo_blob **out, pixazo_error **error);

/**
 * Wraps bytes without copying. On success the blob owns them and calls @p release at the end;
 * on failure they stay the caller's.
 * @param data may be NULL when @p size is 0; must not change while the blob lives
 * @param release NULL means: the bytes are static.
 * @param user_data given to @p release; not owned
 * @param[out] out owned, pixazo_blob_unref
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_blob_new_nocopy(void *data, size_t size, pixazo_blob_release_fn release, void *user_data,
                       pixazo_blob **out, pixazo_error **error);

/**
 * Reads a regular file.
 * @param max_bytes refuse larger files with PIXAZO_E_LIMIT; 0 means 64 MiB
 * @param[out] out owned, pixazo_blob_unref
 * @return PIXAZO_OK, PIXAZO_E_NOT_FOUND, PIXAZO_E_IO (also: not a regular file), PIXAZO_E_LIMIT, PIXAZO_E_ARGUMENT,
 *         PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_blob_new_from_file(const char *path, uint64_t max_bytes, pixazo_blob **out, pixazo_error **error);

/**
 * Writes the bytes to a file: a temporary file beside it is written, flushed to the disk and renamed,
 * so @p path holds either its old content or all of the new one. Mode 0644 whatever the umask is.
 * @return PIXAZO_OK; PIXAZO_E_NOT_FOUND (the directory of @p path is not there); PIXAZO_E_IO; PIXAZO_E_ARGUMENT (also: it
 *         ends in '/'); PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_blob_save(const pixazo_blob *blob, const char *path, pixazo_error **error);

/** One more reference; returns @p blob. @since 0.1 */
PIXAZO_API pixazo_blob *pixazo_blob_ref(pixazo_blob *blob);

/** Drops one reference; NULL is allowed; always returns NULL. @since 0.1 */
PIXAZO_API pixazo_blob *pixazo_blob_unref(pixazo_blob *blob);

/** The bytes; borrowed; NULL for NULL or an empty blob. @since 0.1 */
PIXAZO_API const void *pixazo_blob_data(const pixazo_blob *blob);

/** Number of bytes; 0 for NULL. @since 0.1 */
PIXAZO_API size_t pixazo_blob_size(const pixazo_blob *blob);

PIXAZO_END_DECLS

#endif
