/* SPDX-License-Identifier: MIT */
/* PNG as it comes, and once more with every checksum made right: a fuzzer never guesses them. */
#include <string.h>

#include "decode.h"

static uint32_t crc_of(const uint8_t *data, size_t size)
{
  uint32_t crc = UINT32_MAX;
  for (size_t i = 0; i < size; i++) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320U : 0);
  }
  return ~crc;
}

static void mend(uint8_t *data, size_t size)
{
  for (size_t at = 8; at + 12 <= size;) {
    size_t length = (size_t)data[at] << 24 | (size_t)data[at + 1] << 16 | (size_t)data[at + 2] << 8 | data[at + 3];
    if (length > size - at - 12)
      return;
    uint32_t crc = crc_of(data + at + 4, length + 4);
    for (int i = 0; i < 4; i++)
      data[at + 8 + length + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
    at += length + 12;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  fuzz_decode(PX_FORMAT_PNG, data, size);
  uint8_t *mended = malloc(size ? size : 1);
  fuzz_require(mended != NULL);
  if (size)
    memcpy(mended, data, size);
  mend(mended, size);
  fuzz_decode(PX_FORMAT_PNG, mended, size);
  free(mended);
  return 0;
}
