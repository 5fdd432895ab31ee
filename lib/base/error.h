/* SPDX-License-Identifier: MIT */
/* Making errors: formed where the fact is known, the first one wins. */
#ifndef PX_BASE_ERROR_H
#define PX_BASE_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

/* Sets *error (unless it is set already or error is NULL) and returns `status`. When no memory
 * is left, *error becomes a static object that says so and the status stays. */
pixazo_status px_fail(pixazo_error **error, pixazo_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* px_fail with ": <strerror(number)>" appended. */
pixazo_status px_fail_errno(pixazo_error **error, pixazo_status status, int number, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

pixazo_status px_fail_nomem(pixazo_error **error);

/* Facts added to an error that was just made. Nothing happens when error or *error is NULL. */
void px_error_hint(pixazo_error **error, const char *hint);
void px_error_charge(pixazo_error **error, int32_t attempt_class, int32_t charge);
void px_error_http(pixazo_error **error, int32_t status, const char *provider_code, const char *request_id);
void px_error_retry_after(pixazo_error **error, uint32_t milliseconds);
void px_error_generation(pixazo_error **error, const char *uuid);
/* Puts `prefix` and ": " before the message: for a caller that knows where. */
void px_error_prefix(pixazo_error **error, const char *format, ...) __attribute__((format(printf, 2, 3)));

pixazo_error *px_error_copy(const pixazo_error *error);
/* Hands `from` (owned) to the caller's slot, or frees it when the slot is NULL or taken. */
void px_error_move(pixazo_error **error, pixazo_error *from);
void px_error_scoped(pixazo_error **error);
#define px_autoerror __attribute__((cleanup(px_error_scoped))) pixazo_error *

/* The only guard macro: returns a failed status. */
#define PX_TRY(expression)                \
  do {                                    \
    pixazo_status px_try_ = (expression); \
    if (px_try_ != PIXAZO_OK)             \
      return px_try_;                     \
  } while (0)

/* Refuses a false condition of a public argument. */
#define PX_REQUIRE(condition, error, what)                        \
  do {                                                            \
    if (!(condition))                                             \
      return px_fail((error), PIXAZO_E_ARGUMENT, "%s: %s", __func__, (what)); \
  } while (0)

/* The bytes of libc's text for an errno value, without a shared buffer. */
const char *px_errno_text(int number, char *buffer, size_t size);

#endif
