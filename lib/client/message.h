/* SPDX-License-Identifier: MIT */
/* Words of strangers made fit for a message: one line, short, without secrets, signed links or pictures. */
#ifndef PX_CLIENT_MESSAGE_H
#define PX_CLIENT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Adds at most `max` bytes of `text`. `secret` (may be NULL) is replaced wherever it stands; `html` drops the tags. */
void px_message_clean(px_buf *out, const char *text, size_t max, const char *secret, bool html);
/* "$0.04" of micro-units. */
void px_message_money(px_buf *out, long long micros, const char *currency);

#endif
