/* SPDX-License-Identifier: MIT */
/**
 * @file store_backend.h
 * Writing a store of one's own: a table of functions and the object they work on.
 *
 * The library checks keys and arguments before it calls, and completes the job of a put. A function that fails
 * returns one of PIXAZO_E_* and may say more with pixazo_error_set(). A function must not call the store it belongs
 * to. The built-in stores use the same table.
 */
#ifndef PIXAZO_STORE_BACKEND_H
#define PIXAZO_STORE_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/error.h>
#include <pixazo/store.h>

PIXAZO_BEGIN_DECLS

/** Flags of pixazo_store_new_custom(). */
enum {
  /**
   * The functions may be called from any thread, several at once, threads of the library among them. Without it
   * they are called on threads of the program only, inside a pixazo call, and one at a time.
   */
  PIXAZO_OPS_ANY_THREAD = 1
};

/** Collects the entries of one page of a listing; valid during the call of `list`. */
typedef struct pixazo_store_listing pixazo_store_listing;

/**
 * Adds one entry, in ascending order of the bytes of the keys.
 * @param modified_us UTC microseconds; 0: not known
 * @return PIXAZO_OK; PIXAZO_E_NOMEM; PIXAZO_E_ARGUMENT for what is no key; PIXAZO_E_LIMIT when the page is full: end the
 *         call with PIXAZO_OK
 * @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_listing_add(pixazo_store_listing *listing, const char *key,
                                                                    uint64_t size, int64_t modified_us);

/**
 * Says that there is another page and what its cursor is: any text of at most 1023 bytes; copied.
 * @return PIXAZO_OK, PIXAZO_E_LIMIT (longer), PIXAZO_E_ARGUMENT. @since 0.1
 */
PIXAZO_API pixazo_status pixazo_store_listing_set_cursor(pixazo_store_listing *listing, const char *cursor);

/**
 * What a store implements. Entries are only ever appended; NULL means "not supported". `put` is required.
 * Out parameters are untouched on failure. An absent object is PIXAZO_E_NOT_FOUND but for `remove`.
 */
typedef struct pixazo_store_ops {
  size_t struct_size; /**< sizeof(pixazo_store_ops) */
  /**
   * Stores job->size bytes from job->read, which starts at the first byte. They must be safe when it returns
   * PIXAZO_OK. The same key with the same content again is PIXAZO_OK, with another one PIXAZO_E_EXISTS. job->path is
   * a local file with the same bytes, or NULL; with PIXAZO_STORE_TAKE it may be moved away, and whatever is left
   * there the library removes.
   */
  pixazo_status (*put)(void *self, const pixazo_store_put_job *job, pixazo_error **error);
  /** Gives bytes offset .. offset + length to `write`; length UINT64_MAX is all; beyond the end there are none. */
  pixazo_status (*get)(void *self, const char *key, uint64_t offset, uint64_t length, pixazo_store_write_fn write,
                       void *sink, pixazo_error **error);
  /** Fills info->size and info->modified_us; the struct is as large as this library's. */
  pixazo_status (*stat)(void *self, const char *key, pixazo_store_info *info, pixazo_error **error);
  /** Absent is PIXAZO_OK. */
  pixazo_status (*remove)(void *self, const char *key, pixazo_error **error);
  /** Adds at most `limit` entries behind `cursor`; prefix and cursor are "" when there is none. */
  pixazo_status (*list)(void *self, const char *prefix, const char *cursor, uint32_t limit, pixazo_store_listing *listing,
                        pixazo_error **error);
  /** Writes the link and a NUL to `text` of `capacity` bytes; PIXAZO_E_LIMIT when it does not fit. */
  pixazo_status (*url)(void *self, const char *key, uint32_t seconds, char *text, size_t capacity, pixazo_error **error);
  /** Writes the local path and a NUL to `text` of `capacity` bytes; PIXAZO_E_LIMIT when it does not fit. */
  pixazo_status (*path)(void *self, const char *key, char *text, size_t capacity, pixazo_error **error);
  /** See pixazo_store_flush(). NULL: puts are safe at once, also those with PIXAZO_STORE_DEFER_FLUSH. */
  pixazo_status (*flush)(void *self, pixazo_error **error);
  /** Called once when the last reference goes, on the thread that drops it. */
  void (*destroy)(void *self);
} pixazo_store_ops;
/** Starts pixazo_store_ops with nothing supported. */
#define PIXAZO_STORE_OPS_INIT                                                      \
  {                                                                                \
    sizeof(pixazo_store_ops), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL \
  }

/** Sets every field to NULL and struct_size to @p size. @since 0.1 */
PIXAZO_API void pixazo_store_ops_init(pixazo_store_ops *ops, size_t size);

/**
 * Makes a store of the program's own.
 *
 * @param ops   copied; the functions stay callable as long as the store lives
 * @param self  given to every function; taken over on success only (see `destroy`)
 * @param flags PIXAZO_OPS_ANY_THREAD or 0
 * @param[out] out owned, pixazo_store_unref
 * @return PIXAZO_OK; PIXAZO_E_ARGUMENT (no put, unknown flag); PIXAZO_E_ABI; PIXAZO_E_NOMEM
 * @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_new_custom(const pixazo_store_ops *ops, void *self, uint32_t flags,
                                                                   pixazo_store **out, pixazo_error **error);

PIXAZO_END_DECLS

#endif
