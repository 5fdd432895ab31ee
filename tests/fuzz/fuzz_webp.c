/* SPDX-License-Identifier: MIT */
#include "decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  fuzz_decode_only(PX_FORMAT_WEBP, data, size);
  return 0;
}
