/* SPDX-License-Identifier: MIT */
/* The fastest way to tokens: runs of one byte, all else literal. */
#ifndef PX_IMAGE_PNG_RUNS_H
#define PX_IMAGE_PNG_RUNS_H

#include "image/png/block.h"

/* Cuts bytes into at most size / PX_MATCH_MIN + 1 tokens and adds to the counts. `first`: nothing stands before. */
size_t px_runs_find(px_simd simd, const unsigned char *bytes, size_t size, bool first, px_token *tokens);
/* Counts tokens of these bytes into zeroed counts, with one PX_END. */
void px_tokens_count(const unsigned char *bytes, const px_token *tokens, size_t token_count, px_counts *counts);

#endif
