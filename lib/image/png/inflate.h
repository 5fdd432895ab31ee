/* SPDX-License-Identifier: MIT */
/* What reading a PNG file needs of a compression library: one whole stream at once, and the checksum of chunks.
 * libdeflate where the build found it, zlib otherwise. They agree on what encoders write; libdeflate also takes some codes
 * that the format does not have, each of which stands for one thing. */
#ifndef PX_IMAGE_PNG_INFLATE_H
#define PX_IMAGE_PNG_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/codec.h"

/* Unpacks a zlib stream into `size` bytes. False unless the stream is whole and sound, its checksum is right, it gives
 * exactly `size` bytes and uses every byte of `packed`; also when memory runs out. `out` may hold anything then. */
bool px_inflate(px_bytes packed, unsigned char *out, size_t size);

/* CRC-32 as PNG has it. */
uint32_t px_inflate_crc32(const void *data, size_t size);

#endif
