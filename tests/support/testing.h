/* SPDX-License-Identifier: MIT */
/* cmocka with what it wants included first, and checks that say more. */
#ifndef PX_SUPPORT_TESTING_H
#define PX_SUPPORT_TESTING_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <pixazo/error.h>

/* Names and the message instead of two numbers. */
#define assert_status(actual, wanted)                                                                   \
  do {                                                                                                  \
    pixazo_status status_ = (actual);                                                                   \
    if (status_ != (wanted))                                                                            \
      fail_msg("%s gave %s, not %s", #actual, pixazo_status_name(status_), pixazo_status_name(wanted)); \
  } while (0)

/* Success; else the message of the error object is part of the failure. `error` is a pixazo_error pointer. */
#define assert_ok(actual, error)                                                                               \
  do {                                                                                                         \
    pixazo_status status_ = (actual);                                                                          \
    if (status_ != PIXAZO_OK)                                                                                  \
      fail_msg("%s: %s: %s", #actual, pixazo_status_name(status_), pixazo_error_message((error)));             \
  } while (0)

/* How many cases a table of this test has; tests/net/README.md says which tables there are. */
#define tell_cases(what, count) print_message("cases: %s: %zu\n", (what), (size_t)(count))

#endif
