/* SPDX-License-Identifier: MIT */
/**
 * @file cancel.h
 * A token that stops work. Setting it is one atomic store, so any thread and any signal handler may.
 */
#ifndef PIXAZO_CANCEL_H
#define PIXAZO_CANCEL_H

#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/error.h>

PIXAZO_BEGIN_DECLS

/** How to stop. A stronger wish replaces a weaker one, never the other way round. */
enum {
  PIXAZO_CANCEL_SOFT = 1, /**< send nothing new; a paid call already sent is still received and recorded */
  PIXAZO_CANCEL_NOW = 2   /**< cut everything; a paid call already sent ends PIXAZO_E_AMBIGUOUS */
};

/** A counted cancel token. One token may stop any number of calls. */
typedef struct pixazo_cancel pixazo_cancel;

/** Makes a token that is not set. @param[out] out owned, pixazo_cancel_unref.
 *  @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_cancel_new(pixazo_cancel **out, pixazo_error **error);

/** One more reference; returns @p cancel. @since 0.1 */
PIXAZO_API pixazo_cancel *pixazo_cancel_ref(pixazo_cancel *cancel);

/** Drops one reference; NULL is allowed; always returns NULL. @since 0.1 */
PIXAZO_API pixazo_cancel *pixazo_cancel_unref(pixazo_cancel *cancel);

/** Sets the token; async-signal-safe; NULL is allowed. @param mode PIXAZO_CANCEL_SOFT or _NOW;
 *  any other value counts as PIXAZO_CANCEL_SOFT. @since 0.1 */
PIXAZO_API void pixazo_cancel_set(pixazo_cancel *cancel, int32_t mode);

/** 0 when not set, else the mode. NULL reads as 0. @since 0.1 */
PIXAZO_API int32_t pixazo_cancel_get(const pixazo_cancel *cancel);

PIXAZO_END_DECLS

#endif
