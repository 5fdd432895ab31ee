/* SPDX-License-Identifier: MIT */
/**
 * @file log.h
 * Log lines, delivered on the caller's own threads or fetched one by one.
 *
 * Library threads put lines into a list of at most 1024; they are handed to the hook when a thread of the
 * program is inside a call on a handle that has this log, never from a foreign thread. Without a
 * hook the lines wait for pixazo_log_next(). When the list is full the oldest lines are dropped and
 * a line says how many; what waits when the last reference goes is dropped too. A line has at most 1023 bytes, longer
 * ones are cut. Keys of the clients that have this log are replaced by stars before a line is stored.
 */
#ifndef PIXAZO_LOG_H
#define PIXAZO_LOG_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/error.h>

PIXAZO_BEGIN_DECLS

/** Levels. A log keeps lines of its own level and of all lower numbers. */
enum {
  PIXAZO_LOG_ERROR = 1,   /**< something was lost or needs a decision */
  PIXAZO_LOG_WARNING = 2, /**< a value was changed, a retry was made, a price is unknown */
  PIXAZO_LOG_INFO = 3,    /**< one line per generation; the default */
  PIXAZO_LOG_DEBUG = 4,   /**< one line per step */
  PIXAZO_LOG_TRACE = 5    /**< everything; never a secret */
};

/**
 * One finished line without a newline. Runs on a thread that is inside a pixazo call; with several such threads it may
 * run on each of them at once. @p line is valid during the call only. Must not call into the library.
 */
typedef void (*pixazo_log_fn)(int32_t level, const char *line, size_t length, void *user_data);

/** A log; counted; any thread. */
typedef struct pixazo_log pixazo_log;

/**
 * Makes a log.
 *
 * @param level     PIXAZO_LOG_*; 0 means PIXAZO_LOG_INFO
 * @param sink      hook, or NULL to fetch lines with pixazo_log_next()
 * @param user_data given to the hook; not owned; outlives every handle that has this log
 * @param[out] out  owned, pixazo_log_unref
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT (level), PIXAZO_E_NOMEM
 * @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_log_new(int32_t level, pixazo_log_fn sink, void *user_data, pixazo_log **out, pixazo_error **error);

/** One more reference; returns @p log. @since 0.1 */
PIXAZO_API pixazo_log *pixazo_log_ref(pixazo_log *log);

/** Drops one reference; NULL is allowed; always returns NULL. @since 0.1 */
PIXAZO_API pixazo_log *pixazo_log_unref(pixazo_log *log);

/**
 * Takes the oldest waiting line.
 *
 * @param[out] level its level; may be NULL
 * @param[out] line  owned, pixazo_free
 * @return PIXAZO_OK; PIXAZO_E_AGAIN when none waits; PIXAZO_E_ARGUMENT; PIXAZO_E_NOMEM (the line is lost)
 * @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_log_next(pixazo_log *log, int32_t *level, char **line);

PIXAZO_END_DECLS

#endif
