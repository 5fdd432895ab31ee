/* SPDX-License-Identifier: MIT */
#ifndef PX_BASE_LOG_H
#define PX_BASE_LOG_H

#include <pixazo/log.h>

/* Stores a line; any thread; `log` may be NULL. `component` is a literal such as "pipeline". */
void px_log(pixazo_log *log, int32_t level, const char *component, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Hands waiting lines to the hook. Public functions of handles call it on their way out; on a thread of
 * the library it does nothing, so that no foreign thread ever runs the hook. */
void px_log_deliver(pixazo_log *log);

/* Text that must never appear: every later line has it replaced. Secrets of fewer than
 * 8 characters are not kept; copies are wiped with the log. */
void px_log_add_secret(pixazo_log *log, const char *secret);

#endif
