/* SPDX-License-Identifier: MIT */
/**
 * @file store.h
 * A store keeps finished files by key: in a directory, in memory, or wherever a port of the program puts them.
 *
 * Keys are relative paths in UTF-8 ("originals/2026/11/0198.png"): 1 to 512 bytes, components of 1 to 255 bytes
 * separated by '/', none of them "." or "..", no control character, no backslash, no '/' at either end, and not
 * below ".incoming", where the local store keeps unfinished files. Anything else is PIXAZO_E_ARGUMENT.
 *
 * What is stored never changes: putting the same bytes under the same key again succeeds, putting other bytes under
 * a key that is taken is PIXAZO_E_EXISTS. A store is immutable after creation; every function may be called from
 * any thread at any time, except that a store of the program's own may ask for less (store_backend.h).
 *
 * Besides the errors named at each function all may return PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM, PIXAZO_E_IO (the disk
 * or the service failed; nothing was changed), PIXAZO_E_UNSUPPORTED (this store cannot do that) and PIXAZO_E_STATE (in a
 * child of the process that made the store).
 */
#ifndef PIXAZO_STORE_H
#define PIXAZO_STORE_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/blob.h>
#include <pixazo/error.h>
#include <pixazo/log.h>

PIXAZO_BEGIN_DECLS

/** A store; counted; any thread. */
typedef struct pixazo_store pixazo_store;

/** What a store can do, for pixazo_store_supports(). Putting is always there. */
enum {
  PIXAZO_STORE_CAN_GET = 1,
  PIXAZO_STORE_CAN_STAT = 2,
  PIXAZO_STORE_CAN_REMOVE = 3,
  PIXAZO_STORE_CAN_LIST = 4,
  PIXAZO_STORE_CAN_URL = 5,  /**< links that others can open */
  PIXAZO_STORE_CAN_PATH = 6, /**< files are on this machine and have a path */
  PIXAZO_STORE_CAN_FLUSH = 7 /**< PIXAZO_STORE_DEFER_FLUSH makes a difference */
};

/** Flags of a put job; they may be combined. */
enum {
  /**
   * The caller gives the file at `path` up: on success it is gone from there. A local store on the same file system
   * renames it instead of copying it, and trusts `size` and `sha256` when both are given. On failure it stays.
   */
  PIXAZO_STORE_TAKE = 1,
  /** The bytes of the file at `path` are on the disk already (fsync): it is not flushed again. */
  PIXAZO_STORE_FLUSHED = 2,
  /**
   * The directory entry may reach the disk later: the caller calls pixazo_store_flush() once for a group of puts,
   * and only then may rely on them.
   */
  PIXAZO_STORE_DEFER_FLUSH = 4
};

/** Options of pixazo_store_new_local(). Zero in any field but `directory` means the default. */
typedef struct pixazo_store_local_options {
  size_t struct_size;      /**< sizeof(pixazo_store_local_options) */
  const char *directory;   /**< required; copied; made with its parents when absent; made absolute */
  pixazo_log *log;         /**< the store holds a reference; NULL: no log */
  uint32_t file_mode;      /**< permission bits of files, whatever the umask is; 0 means 0640 */
  uint32_t directory_mode; /**< permission bits of directories below `directory`; 0 means 0750 */
} pixazo_store_local_options;
/** Starts pixazo_store_local_options with every field at its default. */
#define PIXAZO_STORE_LOCAL_OPTIONS_INIT                  \
  {                                                      \
    sizeof(pixazo_store_local_options), NULL, NULL, 0, 0 \
  }

/** Sets every field to its default and struct_size to @p size. @since 0.1 */
PIXAZO_API void pixazo_store_local_options_init(pixazo_store_local_options *options, size_t size);

/**
 * Gives the next bytes of what is being put.
 *
 * @param[out] got how many bytes were written to @p buffer; 0 means the end
 * @return PIXAZO_OK, or a failure that ends the put
 */
typedef pixazo_status (*pixazo_store_read_fn)(void *source, void *buffer, size_t capacity, size_t *got,
                                              pixazo_error **error);

/** Makes the next read start at the first byte again. */
typedef pixazo_status (*pixazo_store_rewind_fn)(void *source, pixazo_error **error);

/** Takes the next bytes of what is being read; a failure ends the read and is returned by it. */
typedef pixazo_status (*pixazo_store_write_fn)(void *sink, const void *data, size_t size, pixazo_error **error);

/**
 * One thing to put. The bytes come from exactly one of `path`, `data`, `read`. A port always gets `key`, `size`,
 * `sha256` and `read` with `rewind`, whatever the caller gave.
 */
typedef struct pixazo_store_put_job {
  size_t struct_size;            /**< sizeof(pixazo_store_put_job) */
  const char *key;               /**< required */
  const char *content_type;      /**< NULL: by the extension of the key ("image/png") */
  const char *path;              /**< a regular file, not a symbolic link; NULL: none */
  const void *data;              /**< `size` bytes; NULL: none */
  uint64_t size;                 /**< bytes; needed with `data` and `read`; 0 with `path`: asked from the file */
  const char *sha256;            /**< 64 lower-case hex digits; NULL: computed first; checked while copying, for a
                                      store of the program's own before */
  pixazo_store_read_fn read;     /**< NULL: none */
  pixazo_store_rewind_fn rewind; /**< needed with `read`: the bytes may be read several times */
  void *source;                  /**< given to `read` and `rewind`; not owned */
  uint64_t flags;                /**< PIXAZO_STORE_TAKE and others; 0: none */
} pixazo_store_put_job;
/** Starts pixazo_store_put_job with every field at its default. */
#define PIXAZO_STORE_PUT_JOB_INIT                                                      \
  {                                                                                    \
    sizeof(pixazo_store_put_job), NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 0 \
  }

/** Sets every field to its default and struct_size to @p size. @since 0.1 */
PIXAZO_API void pixazo_store_put_job_init(pixazo_store_put_job *job, size_t size);

/** Facts of a stored object, filled by the library. */
typedef struct pixazo_store_info {
  size_t struct_size;  /**< set by pixazo_store_info_init(); bytes that may be filled */
  uint64_t size;       /**< bytes */
  int64_t modified_us; /**< UTC microseconds of the put; 0 when the store does not know */
} pixazo_store_info;
/** Starts pixazo_store_info with every field 0. */
#define PIXAZO_STORE_INFO_INIT      \
  {                                 \
    sizeof(pixazo_store_info), 0, 0 \
  }

/** Sets every field to 0 and struct_size to @p size. @since 0.1 */
PIXAZO_API void pixazo_store_info_init(pixazo_store_info *info, size_t size);

/**
 * Opens a directory as a store. Files appear there whole or not at all: they are written below ".incoming", flushed
 * to the disk and renamed; the directory is flushed before the put returns. Nothing is ever reached through a
 * symbolic link below the directory. Unfinished files of earlier processes that are older than one day are removed.
 * Not meant for vfat and network file systems without atomic rename.
 *
 * @param[out] out owned, pixazo_store_unref
 * @return PIXAZO_OK, PIXAZO_E_ABI, PIXAZO_E_IO (the directory cannot be made or entered)
 * @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_new_local(const pixazo_store_local_options *options,
                                                                  pixazo_store **out, pixazo_error **error);

/**
 * A store in memory, for tests and for programs that pass pictures on at once.
 * @param[out] out owned, pixazo_store_unref. @return PIXAZO_OK, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_new_memory(pixazo_store **out, pixazo_error **error);

/**
 * Makes a store from text: {"kind":"local","directory":"art","file_mode":"0640","directory_mode":"0750"} or
 * {"kind":"memory"}. Unknown members are refused.
 *
 * @param log NULL: no log
 * @return as the constructors; PIXAZO_E_ARGUMENT names the member; PIXAZO_E_UNSUPPORTED for an unknown kind
 * @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_new_from_json(const char *json, pixazo_log *log, pixazo_store **out,
                                                                      pixazo_error **error);

/** One more reference; returns @p store. @since 0.1 */
PIXAZO_API pixazo_store *pixazo_store_ref(pixazo_store *store);

/** Drops one reference; NULL is allowed; always returns NULL. @since 0.1 */
PIXAZO_API pixazo_store *pixazo_store_unref(pixazo_store *store);

/** "local", "memory" or "custom"; static. @since 0.1 */
PIXAZO_API const char *pixazo_store_kind(const pixazo_store *store);

/** 1 when the store can do PIXAZO_STORE_CAN_*, else 0 (unknown numbers too). @since 0.1 */
PIXAZO_API int32_t pixazo_store_supports(const pixazo_store *store, int32_t what);

/**
 * 1 when any thread may call this store: always, but for a custom store made without PIXAZO_OPS_ANY_THREAD.
 * @since 0.1
 */
PIXAZO_API int32_t pixazo_store_any_thread(const pixazo_store *store);

/**
 * Puts bytes under a key. When it returns PIXAZO_OK they are safe (see PIXAZO_STORE_DEFER_FLUSH).
 *
 * A local put fails with PIXAZO_E_IO before it writes when the process may not make files that long (RLIMIT_FSIZE),
 * so the signal of that limit is never raised by it.
 *
 * @return PIXAZO_OK; PIXAZO_E_EXISTS: other bytes are there; PIXAZO_E_CORRUPT: the bytes are not those of `size` and
 *         `sha256`; PIXAZO_E_NOT_FOUND: no file at `path`; PIXAZO_E_ABI; what `read` returned
 * @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_put(pixazo_store *store, const pixazo_store_put_job *job,
                                                            pixazo_error **error);

/**
 * pixazo_store_put() of a file, which stays where it is.
 * @param content_type NULL: by the extension of the key.
 * @return as pixazo_store_put(); PIXAZO_E_NOT_FOUND when the file is not there. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_put_file(pixazo_store *store, const char *key, const char *path,
                                                                 const char *content_type, pixazo_error **error);

/**
 * Makes everything durable that was put with PIXAZO_STORE_DEFER_FLUSH by any thread before this call began; each
 * directory is flushed once. After a failure it fails always: put the files of the group again without that flag.
 * @return PIXAZO_OK (also when there is nothing to do), PIXAZO_E_IO. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_flush(pixazo_store *store, pixazo_error **error);

/**
 * Reads a whole object.
 * @param max_bytes refuse larger ones with PIXAZO_E_LIMIT; 0 means 64 MiB
 * @param[out] out owned, pixazo_blob_unref
 * @return PIXAZO_OK, PIXAZO_E_NOT_FOUND, PIXAZO_E_LIMIT. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_get(pixazo_store *store, const char *key, uint64_t max_bytes,
                                                            pixazo_blob **out, pixazo_error **error);

/**
 * Reads a part of an object piece by piece.
 * @param offset first byte; beyond the end gives nothing
 * @param length at most so many bytes; UINT64_MAX: to the end
 * @return PIXAZO_OK, PIXAZO_E_NOT_FOUND, what @p write returned. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_get_range(pixazo_store *store, const char *key, uint64_t offset,
                                                                  uint64_t length, pixazo_store_write_fn write, void *sink,
                                                                  pixazo_error **error);

/**
 * Copies an object to a file: old content or all of the new one, mode 0644.
 * @return PIXAZO_OK, PIXAZO_E_NOT_FOUND (no such object, or no directory for @p path). @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_fetch_file(pixazo_store *store, const char *key, const char *path,
                                                                   pixazo_error **error);

/**
 * Reads an object and computes its SHA-256.
 * @param[out] sha256 64 lower-case hex digits; owned, pixazo_free
 * @return PIXAZO_OK, PIXAZO_E_NOT_FOUND. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_digest(pixazo_store *store, const char *key, char **sha256,
                                                               pixazo_error **error);

/** Facts of an object. @param info start from pixazo_store_info_init(). @return PIXAZO_OK, PIXAZO_E_NOT_FOUND,
 *  PIXAZO_E_ABI (struct_size cannot be right). @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_stat(pixazo_store *store, const char *key, pixazo_store_info *info,
                                                             pixazo_error **error);

/** Removes an object; PIXAZO_OK when it is absent already. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_remove(pixazo_store *store, const char *key, pixazo_error **error);

/**
 * Lists keys in ascending order of their bytes, a page at a time.
 *
 * @param prefix only keys that start so; NULL or "": all
 * @param cursor where the page before ended (its "cursor"); NULL or "": the first page
 * @param limit  entries of a page, 1 to 1000; 0 means 100, more is PIXAZO_E_ARGUMENT
 * @param[out] out {"schema":1,"entries":[{"key":"a/b.png","size":123,"modified_us":1}],"cursor":"a/b.png"}; without
 *                 "cursor" it was the last page; owned, pixazo_free
 * @return PIXAZO_OK. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_list(pixazo_store *store, const char *prefix, const char *cursor,
                                                             uint32_t limit, char **out, pixazo_error **error);

/**
 * Absolute path of an object on this machine, whether it exists or not. Reading it is fine, writing is not.
 * @param[out] out owned, pixazo_free. @return PIXAZO_OK, PIXAZO_E_UNSUPPORTED. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_path(pixazo_store *store, const char *key, char **out,
                                                             pixazo_error **error);

/**
 * A link that opens the object for others.
 * @param seconds how long it must work; 0: as long as the store allows
 * @param[out] out owned, pixazo_free
 * @return PIXAZO_OK, PIXAZO_E_UNSUPPORTED, PIXAZO_E_LIMIT (longer than the store allows). @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_url(pixazo_store *store, const char *key, uint32_t seconds,
                                                            char **out, pixazo_error **error);

/** What a key template is filled with. Facts that are zero are not known yet. */
typedef struct pixazo_store_key_facts {
  size_t struct_size;    /**< sizeof(pixazo_store_key_facts) */
  int64_t created_us;    /**< for {yyyy} {mm} {dd}: UTC microseconds; 0: not known */
  const char *uuid;      /**< {uuid} */
  const char *sha256;    /**< {sha256} */
  const char *md5;       /**< {md5} */
  const char *prompt;    /**< {slug}: its ASCII letters and digits in lower case with '-' between, at most 48 */
  const char *extension; /**< {ext}: without a dot */
  uint64_t sequence;     /**< {seq}: 1 and up, at least four digits ("0007"); 0: not known */
  uint64_t flags;        /**< PIXAZO_STORE_KEY_PARTIAL or 0 */
} pixazo_store_key_facts;
/** Starts pixazo_store_key_facts with nothing known. */
#define PIXAZO_STORE_KEY_FACTS_INIT                                       \
  {                                                                       \
    sizeof(pixazo_store_key_facts), 0, NULL, NULL, NULL, NULL, NULL, 0, 0 \
  }

enum {
  /** Placeholders of facts that are not known yet stay as they are; else they are an error. */
  PIXAZO_STORE_KEY_PARTIAL = 1
};

/** Sets every field to its default and struct_size to @p size. @since 0.1 */
PIXAZO_API void pixazo_store_key_facts_init(pixazo_store_key_facts *facts, size_t size);

/**
 * Fills a key template such as "originals/{yyyy}/{mm}/{uuid}.{ext}"; pure. Text outside of braces stays as it is.
 * A prompt without any ASCII letter or digit gives the slug "image".
 *
 * @param[out] out a valid key, or with PIXAZO_STORE_KEY_PARTIAL a template again when some are not known; owned,
 *                 pixazo_free
 * @return PIXAZO_OK; PIXAZO_E_ARGUMENT: an unknown or unfinished placeholder, a fact that is missing or holds what
 *         keys may not hold (the message names it), or a result that is no valid key (a result that is still a template is
 *         not checked); PIXAZO_E_ABI
 * @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_expand_key(const char *key_template,
                                                                   const pixazo_store_key_facts *facts, char **out,
                                                                   pixazo_error **error);

/**
 * Checks a key by the rules above.
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT (the message says what is wrong). @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_store_check_key(const char *key, pixazo_error **error);

PIXAZO_END_DECLS

#endif
