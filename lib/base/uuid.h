/* SPDX-License-Identifier: MIT */
#ifndef PX_BASE_UUID_H
#define PX_BASE_UUID_H

#include <stdbool.h>

#include "base/clock.h"

enum { PX_UUID_TEXT = 37 }; /* 36 characters and NUL */

/* Version 7 (RFC 9562): sorts by creation time to the microsecond. */
void px_uuid_new(const px_clock *clock, char text[PX_UUID_TEXT]);
bool px_uuid_valid(const char *text); /* lower-case 8-4-4-4-12 */

#endif
