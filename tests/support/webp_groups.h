/* SPDX-License-Identifier: MIT */
/* Lossless WebP pictures, black and square, that are coded with as many groups of prefix codes as wanted. */
#ifndef PX_SUPPORT_WEBP_GROUPS_H
#define PX_SUPPORT_WEBP_GROUPS_H

#include "support/bits.h"

/* What stands behind the sizes; one group for each block of four by four pixels at most. `costly`: codes with a length for
 * each symbol. */
void webp_groups(bits *to, uint32_t side, uint32_t groups, bool costly);
/* A file of it; and a lossy one whose transparency is such a picture. */
void webp_groups_file(file_bytes *file, uint32_t side, uint32_t groups, bool costly);
void webp_groups_alpha_file(file_bytes *file, uint32_t side, uint32_t groups);

#endif
