/* SPDX-License-Identifier: MIT */
/* Both ways to cut bytes into repeats, tried on one window. */
#ifndef PX_SUPPORT_TOKENS_H
#define PX_SUPPORT_TOKENS_H

#include <stddef.h>
#include <stdint.h>

#include "image/png/parse.h"

enum { TOKENS_SIZE = 3 * PX_PIECE - 100 };

extern px_token tokens[PX_PIECE / PX_MATCH_MIN + 1]; /* of the last run */
extern unsigned char tokens_window[TOKENS_SIZE + 32];

/* Forgets what was parsed before. */
px_parser *tokens_begin(void);
/* Fails the test unless the tokens say what stands in the window. */
void tokens_check(size_t at, size_t size, size_t count);
/* Cuts the whole window, `step` bytes at once, and checks it; about how many bits it takes. */
uint64_t tokens_bits(const px_effort *effort, size_t step);
/* The same for windows of few and of many values, of no interest but that nothing may be wrong. */
void tokens_try(const px_effort *efforts, size_t count);
/* Fills the window with disorder that repeats itself inexactly, and compares: more effort may not take more room. */
void tokens_compare(const px_effort *little, const px_effort *much);

#endif
