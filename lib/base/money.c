/* SPDX-License-Identifier: MIT */
#include "base/money.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum { PLACES = 6 };

bool px_currency_valid(const char *currency)
{
  bool fine = strlen(currency) == 3;
  for (size_t i = 0; fine && i < 3; i++)
    fine = currency[i] >= 'A' && currency[i] <= 'Z';
  return fine;
}

static bool add_digit(char digit, int64_t *value)
{
  return px_ascii_is_digit(digit) && !__builtin_mul_overflow(*value, INT64_C(10), value) &&
         !__builtin_add_overflow(*value, (int64_t)(digit - '0'), value);
}

bool px_parse_micros(const char *text, int64_t *out)
{
  int64_t value = 0;
  if (!text || !px_ascii_is_digit(*text))
    return false;
  for (; *text && *text != '.'; text++) {
    if (!add_digit(*text, &value))
      return false;
  }
  bool point = *text == '.';
  const char *fraction = point ? text + 1 : text;
  if (point && !*fraction)
    return false;
  for (int place = 0; place < PLACES; place++) {
    if (!add_digit(*fraction ? *fraction++ : '0', &value))
      return false;
  }
  if (*fraction)
    return false;
  *out = value;
  return true;
}

void px_format_micros(int64_t micros, const char *currency, char text[PX_MONEY_TEXT])
{
  uint64_t size = micros < 0 ? -(uint64_t)micros : (uint64_t)micros;
  char fraction[PLACES + 1 + 16];
  (void)snprintf(fraction, sizeof fraction, "%06u", (unsigned)(size % 1000000));
  for (size_t end = PLACES; end > 2 && fraction[end - 1] == '0'; end--)
    fraction[end - 1] = '\0';
  (void)snprintf(text, PX_MONEY_TEXT, "%s%llu.%s%s%.16s", micros < 0 ? "-" : "", (unsigned long long)(size / 1000000),
                 fraction, px_str_empty(currency) ? "" : " ", currency ? currency : "");
}
