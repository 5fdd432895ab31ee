/* SPDX-License-Identifier: MIT */
/* PNG files taken apart and put together, for targets that want their bytes behind the checksums. */
#ifndef PX_FUZZ_PNG_PARTS_H
#define PX_FUZZ_PNG_PARTS_H

#include <stddef.h>
#include <stdint.h>

/* Makes every checksum right, as far as the chunks can be followed. */
void png_mend(uint8_t *data, size_t size);

#endif
