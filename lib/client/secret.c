/* SPDX-License-Identifier: MIT */
#include "client/secret.h"

#include <string.h>

#include "base/str.h"

enum { SECRET_MIN = 4 };

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_hex_of(const char *digits, char wanted)
{
  int high = hex_digit(digits[0]);
  int low = hex_digit(digits[1]);
  return high >= 0 && low >= 0 && high * 16 + low == (int)(unsigned char)wanted;
}

/* Bytes that stand for one character: %2F, \u002f, \/ or / itself; 0: another one. */
static size_t character_at(const char *text, size_t size, char wanted)
{
  if (size >= 3 && text[0] == '%' && is_hex_of(text + 1, wanted))
    return 3;
  if (size >= 6 && memcmp(text, "\\u00", 4) == 0 && is_hex_of(text + 4, wanted))
    return 6;
  if (size >= 2 && text[0] == '\\' && text[1] == wanted && !px_ascii_is_alnum(wanted))
    return 2;
  return size >= 1 && text[0] == wanted ? 1 : 0;
}

size_t px_secret_at(const char *text, size_t size, const char *secret)
{
  size_t length = secret ? strlen(secret) : 0;
  size_t taken = 0;
  if (length < SECRET_MIN)
    return 0;
  if (size >= length && memcmp(text, secret, length) == 0)
    return length;
  for (size_t i = 0; i < length; i++) {
    size_t step = character_at(text + taken, size - taken, secret[i]);
    if (step == 0)
      return 0;
    taken += step;
  }
  return taken;
}

bool px_secret_in(const char *text, size_t size, const char *secret)
{
  for (size_t i = 0; i < size && secret; i++) {
    bool may_begin = text[i] == secret[0] || text[i] == '%' || text[i] == '\\'; /* most bytes of a long answer do not */
    if (may_begin && px_secret_at(text + i, size - i, secret) > 0)
      return true;
  }
  return false;
}

void px_secret_mask(char *text, const char *secret)
{
  size_t size = text ? strlen(text) : 0;
  for (size_t i = 0; i < size; i++) {
    size_t length = px_secret_at(text + i, size - i, secret);
    memset(text + i, '*', length);
  }
}
