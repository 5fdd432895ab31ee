/* SPDX-License-Identifier: MIT */
/* Server-sent events as the HTML standard words them, over a whole text at once: a second opinion about net/sse.h. It
 * knows none of its bounds, so types and ids must be short. */
#ifndef PX_SUPPORT_NAIVE_SSE_H
#define PX_SUPPORT_NAIVE_SSE_H

#include <stddef.h>
#include <stdint.h>

/* Writes "type|id|size|data\n" for each event and "retry\n" last into `out`, never more than `room` bytes; gives the
 * bytes there would be. */
size_t naive_sse(const char *text, size_t size, char *out, size_t room);

/* The same told by px_sse, fed in pieces of `step` bytes. */
size_t pieces_sse(const char *text, size_t size, size_t step, char *out, size_t room);

#endif
