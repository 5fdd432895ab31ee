/* SPDX-License-Identifier: MIT */
#ifndef PX_BASE_LOG_H
#define PX_BASE_LOG_H

#include <pixazo/log.h>

/* Stores a line; any thread; `log` may be NULL. `component` is a literal such as "pipeline". */
void px_log(pixazo_log *log, int32_t level, const char *component, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Hands waiting lines to the hook. Public functions of handles call it on their way out. */
void px_log_deliver(pixazo_log *log);

/* Text that must never appear: every later line has it replaced. At most 16 secrets of 8 or more
 * characters are kept; copies are wiped with the log. */
void px_log_add_secret(pixazo_log *log, const char *secret);

#endif
