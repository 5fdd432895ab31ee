/* SPDX-License-Identifier: MIT */
#ifndef PX_SUPPORT_INFLATE_H
#define PX_SUPPORT_INFLATE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether zlib unpacks bare deflate to exactly these bytes. `before`: what stood ahead of them, `known` bytes. With `ended`
 * the packed bytes hold the last block, else they stop at a whole byte. */
bool inflates_to(const unsigned char *packed, size_t packed_size, const unsigned char *before, size_t known, size_t size,
                 bool ended);

#endif
