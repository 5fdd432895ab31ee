/* SPDX-License-Identifier: MIT */
#include "support/bits.h"

void bits_put(bits *to, unsigned value, unsigned count)
{
  for (; count > 0; count--, value >>= 1) {
    to->held |= (value & 1) << to->count++;
    if (to->count == 8) {
      unsigned char byte = (unsigned char)to->held;
      file_add(&to->bytes, &byte, 1);
      to->held = to->count = 0;
    }
  }
}

void bits_put_code(bits *to, unsigned code, unsigned count)
{
  while (count-- > 0)
    bits_put(to, code >> count & 1, 1);
}

void bits_align(bits *to)
{
  bits_put(to, 0, (8 - to->count) % 8);
}
