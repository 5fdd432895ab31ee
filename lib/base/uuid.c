/* SPDX-License-Identifier: MIT */
#include "base/uuid.h"

#include <string.h>

#include "base/str.h"

void px_uuid_new(const px_clock *clock, char text[PX_UUID_TEXT])
{
  unsigned char bytes[16];
  char hex[33];
  int64_t now = px_wall_us(clock);
  uint64_t milliseconds = (uint64_t)(now / 1000);
  px_random(clock, bytes, sizeof bytes);
  for (int i = 0; i < 6; i++)
    bytes[i] = (unsigned char)(milliseconds >> (40 - 8 * i));
  /* RFC 9562 section 6.2, method 3: the fraction of the millisecond in the 12 bits of rand_a. */
  uint32_t fraction = (uint32_t)((uint64_t)(now % 1000) * 4096 / 1000);
  bytes[6] = (unsigned char)(0x70 | fraction >> 8);
  bytes[7] = (unsigned char)fraction;
  bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3F));
  px_hex(bytes, sizeof bytes, hex);
  static const int lengths[] = {8, 4, 4, 4, 12};
  const char *from = hex;
  for (int i = 0; i < 5; i++) {
    memcpy(text, from, (size_t)lengths[i]);
    text += lengths[i];
    from += lengths[i];
    *text++ = i < 4 ? '-' : '\0';
  }
}

bool px_uuid_valid(const char *text)
{
  if (!text || strlen(text) != PX_UUID_TEXT - 1)
    return false;
  for (int i = 0; i < PX_UUID_TEXT - 1; i++) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    bool hex = px_ascii_is_digit(text[i]) || (text[i] >= 'a' && text[i] <= 'f');
    if (dash ? text[i] != '-' : !hex)
      return false;
  }
  return true;
}
