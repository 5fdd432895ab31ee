/* SPDX-License-Identifier: MIT */
/* The two sums of a PNG file: CRC-32 of a chunk, Adler-32 of the filtered bytes. */
#ifndef PX_IMAGE_PNG_CHECKSUM_H
#define PX_IMAGE_PNG_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"

enum { PX_ADLER_INIT = 1 };

/* CRC-32 of bytes that follow others; `crc` is that of the others, 0 at the start. */
uint32_t px_crc32(px_simd simd, uint32_t crc, const unsigned char *bytes, size_t size);
/* Likewise; PX_ADLER_INIT at the start. */
uint32_t px_adler32(px_simd simd, uint32_t adler, const unsigned char *bytes, size_t size);
/* Adler-32 of two stretches one after the other; `second` began at PX_ADLER_INIT and is of `size` bytes. */
uint32_t px_adler32_join(uint32_t first, uint32_t second, size_t size);

#endif
