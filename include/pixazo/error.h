/* SPDX-License-Identifier: MIT */
/**
 * @file error.h
 * What a call returns, and what it can tell about a failure.
 *
 * Every function that can fail returns a pixazo_status to switch on and, where it takes a
 * `pixazo_error **error`, hands out details. Pass NULL when the details are not wanted. On
 * failure out parameters are left untouched, and *error, when it was NULL before, is an owned
 * object for pixazo_error_free(). On success *error is not touched. A non-NULL *error is kept:
 * the first failure is the one that explains.
 */
#ifndef PIXAZO_ERROR_H
#define PIXAZO_ERROR_H

#include <stdint.h>

#include <pixazo/api.h>

PIXAZO_BEGIN_DECLS

/** PIXAZO_OK or one of PIXAZO_E_*. Values are permanent; new ones may appear. */
typedef int32_t pixazo_status;

enum {
  PIXAZO_OK = 0,

  PIXAZO_E_ARGUMENT = -1,    /**< an argument or option is wrong; nothing was done */
  PIXAZO_E_ABI = -2,         /**< an options struct uses fields this library does not know */
  PIXAZO_E_STATE = -3,       /**< not in this state: closed, forked, wrong thread, wrong order */
  PIXAZO_E_UNSUPPORTED = -4, /**< valid, but not supported by this build, backend or format */
  PIXAZO_E_LIMIT = -5,       /**< a bound on untrusted input was reached (bytes, pixels, depth) */

  PIXAZO_E_NOMEM = -11,    /**< memory could not be allocated */
  PIXAZO_E_IO = -12,       /**< a file or the operating system failed (disk full, permission) */
  PIXAZO_E_CORRUPT = -13,  /**< bytes that should be valid are not (picture, database, JSON) */
  PIXAZO_E_BUSY = -14,     /**< somebody else holds the resource; try again later */
  PIXAZO_E_INTERNAL = -15, /**< a defect of the library; please report it */

  PIXAZO_E_CANCELLED = -21, /**< cancelled by the caller, a hook or a cancel token */
  PIXAZO_E_TIMEOUT = -22,   /**< a deadline passed */
  PIXAZO_E_AGAIN = -23,     /**< nothing there yet; ask again */

  PIXAZO_E_NETWORK = -31,   /**< name lookup, connection, TLS or transfer failed */
  PIXAZO_E_AUTH = -32,      /**< key missing, refused or without permission */
  PIXAZO_E_THROTTLED = -33, /**< too many requests; pixazo_error_retry_after_ms() may say how long */
  PIXAZO_E_QUOTA = -34,     /**< out of credit or quota at the provider */
  PIXAZO_E_REJECTED = -35,  /**< refused by content policy */
  PIXAZO_E_PROVIDER = -36,  /**< the provider answered with an error or with something unreadable */

  PIXAZO_E_NOT_FOUND = -41, /**< no such object */
  PIXAZO_E_EXISTS = -42,    /**< it exists already, and is different */
  PIXAZO_E_CONFLICT = -43,  /**< the object changed meanwhile or belongs to another worker */

  PIXAZO_E_BUDGET = -51,   /**< a budget or an unknown price forbids the call; nothing was spent */
  PIXAZO_E_AMBIGUOUS = -52 /**< a paid request was sent and its outcome is unknown */
};

/** How a paid attempt ended. Values are permanent; unknown values may appear. */
enum {
  PIXAZO_CLASS_NONE = 0,      /**< no paid attempt was involved, or it has not ended */
  PIXAZO_CLASS_NOT_SENT = 1,  /**< no byte of the request body left this machine */
  PIXAZO_CLASS_REFUSED = 2,   /**< the provider refused before it worked */
  PIXAZO_CLASS_BLOCKED = 3,   /**< content policy */
  PIXAZO_CLASS_FAILED = 4,    /**< the provider failed, and says that failures are not billed */
  PIXAZO_CLASS_EMPTY = 5,     /**< a whole good answer without a picture */
  PIXAZO_CLASS_AMBIGUOUS = 6, /**< sent, outcome unknown */
  PIXAZO_CLASS_LOST = 7,      /**< accepted, but the answer was cut or cannot be read */
  PIXAZO_CLASS_ACCEPTED = 8   /**< accepted */
};

/** Whether money was spent. */
enum {
  PIXAZO_CHARGE_NONE = 0,        /**< no paid call was involved */
  PIXAZO_CHARGE_NOT_CHARGED = 1, /**< a paid call was tried and is not billed */
  PIXAZO_CHARGE_CHARGED = 2,     /**< billed */
  PIXAZO_CHARGE_UNKNOWN = 3      /**< may be billed; the ledger holds an upper bound */
};

/**
 * Details of one failure. Owned by the caller, immutable, readable by any thread.
 * All text is English, one line, without secrets, and valid until pixazo_error_free().
 */
typedef struct pixazo_error pixazo_error;

/** The status the failing call returned; PIXAZO_OK for NULL. @since 0.1 */
PIXAZO_API pixazo_status pixazo_error_status(const pixazo_error *error);

/** What failed, where, why and what it cost; borrowed; "" for NULL, never NULL. @since 0.1 */
PIXAZO_API const char *pixazo_error_message(const pixazo_error *error);

/** What to do about it; borrowed; "" when there is no advice. @since 0.1 */
PIXAZO_API const char *pixazo_error_hint(const pixazo_error *error);

/** One of PIXAZO_CLASS_*; PIXAZO_CLASS_NONE when no paid attempt was involved. @since 0.1 */
PIXAZO_API int32_t pixazo_error_class(const pixazo_error *error);

/** One of PIXAZO_CHARGE_*. @since 0.1 */
PIXAZO_API int32_t pixazo_error_charge(const pixazo_error *error);

/** HTTP status that caused it, or 0 when the failure was not an HTTP answer. @since 0.1 */
PIXAZO_API int32_t pixazo_error_http_status(const pixazo_error *error);

/** The provider's own error code; borrowed; "" when there is none. @since 0.1 */
PIXAZO_API const char *pixazo_error_provider_code(const pixazo_error *error);

/** The provider's request id, for its support; borrowed; "" when there is none. @since 0.1 */
PIXAZO_API const char *pixazo_error_request_id(const pixazo_error *error);

/** Milliseconds the provider asked to wait; 0 when it named none. @since 0.1 */
PIXAZO_API uint32_t pixazo_error_retry_after_ms(const pixazo_error *error);

/** UUID of the generation the failure belongs to; borrowed; "" when there is none. @since 0.1 */
PIXAZO_API const char *pixazo_error_generation(const pixazo_error *error);

/** 1 when the same call may succeed later without risking a second charge, else 0. @since 0.1 */
PIXAZO_API int32_t pixazo_error_is_retryable(const pixazo_error *error);

/**
 * Reports a failure from a callback or port (a store or provider of the program's own).
 *
 * Makes *error with this message, unless @p error is NULL or *error is set already: the first one wins.
 *
 * @param status  negative; PIXAZO_E_INTERNAL is used for anything else
 * @param message copied, cut at 1023 bytes; NULL counts as ""
 * @return the status, so that a callback may end with `return pixazo_error_set(...)`
 * @since 0.1
 */
PIXAZO_API pixazo_status pixazo_error_set(pixazo_error **error, pixazo_status status, const char *message);

/** Frees the object. NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_error_free(pixazo_error *error);

/** Name of a status ("PIXAZO_E_IO"); static; "PIXAZO_E_?" for unknown values. @since 0.1 */
PIXAZO_API const char *pixazo_status_name(pixazo_status status);

/** Meaning of a status in one sentence; static; never NULL. @since 0.1 */
PIXAZO_API const char *pixazo_status_text(pixazo_status status);

/** Name of a class ("not_sent"); static; "unknown" for unknown values. @since 0.1 */
PIXAZO_API const char *pixazo_class_name(int32_t attempt_class);

PIXAZO_END_DECLS

#endif
