/* SPDX-License-Identifier: MIT */
/* The part of base64 decoding that takes the time; the rest of it is px_base64_decode() of base/str.h. */
#ifndef PX_BASE_BASE64_H
#define PX_BASE_BASE64_H

#include <stddef.h>

#include "base/cpu.h"

enum { PX_BASE64_WORTH = 64 }; /* characters from which on a choice pays */

/* Decodes whole groups of four characters, up to the first that holds anything but characters of the two alphabets.
 * Gives the characters taken; `out` has room for size / 4 * 3 bytes and gets 3 of every 4. */
size_t px_base64_quads(const char *text, size_t size, unsigned char *out, px_simd simd);
#if PX_HAVE_AVX2
/* May leave up to the last 44 characters, and up to 31 before a strange one, to the plain one. */
size_t px_base64_quads_avx2(const char *text, size_t size, unsigned char *out);
#endif

#endif
