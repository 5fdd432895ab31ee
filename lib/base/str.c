/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char px_ascii_lower(char byte)
{
  return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

bool px_ascii_is_digit(char byte)
{
  return byte >= '0' && byte <= '9';
}

bool px_ascii_is_alnum(char byte)
{
  char lower = px_ascii_lower(byte);
  return px_ascii_is_digit(byte) || (lower >= 'a' && lower <= 'z');
}

bool px_ascii_is_space(char byte)
{
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

bool px_str_empty(const char *text)
{
  return !text || !*text;
}

bool px_str_equal(const char *a, const char *b)
{
  return a && b ? strcmp(a, b) == 0 : a == b;
}

bool px_str_starts(const char *text, const char *prefix)
{
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool px_str_starts_nocase(const char *text, const char *prefix)
{
  for (; *prefix; text++, prefix++) {
    if (px_ascii_lower(*text) != px_ascii_lower(*prefix))
      return false;
  }
  return true;
}

bool px_str_equal_nocase(const char *a, const char *b)
{
  if (!a || !b)
    return a == b;
  return strlen(a) == strlen(b) && px_str_starts_nocase(a, b);
}

bool px_str_ends(const char *text, const char *suffix)
{
  size_t length = strlen(text);
  size_t tail = strlen(suffix);
  return length >= tail && memcmp(text + length - tail, suffix, tail) == 0;
}

const char *px_str_find_nocase(const char *text, const char *needle)
{
  for (; *text; text++) {
    if (px_str_starts_nocase(text, needle))
      return text;
  }
  return *needle ? NULL : text;
}

bool px_parse_uint64(const char *text, uint64_t *out)
{
  uint64_t value = 0;
  if (px_str_empty(text))
    return false;
  for (; *text; text++) {
    if (!px_ascii_is_digit(*text) || __builtin_mul_overflow(value, 10U, &value) ||
        __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
      return false;
  }
  *out = value;
  return true;
}

bool px_parse_int64(const char *text, int64_t *out)
{
  uint64_t magnitude;
  if (!text)
    return false;
  bool negative = *text == '-';
  if (!px_parse_uint64(text + negative, &magnitude) || magnitude > (uint64_t)INT64_MAX + negative)
    return false;
  *out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
  return true;
}

/* Points and commas: newlocale gives a thread its own "C" numbers without touching the process. */
static locale_t enter_c_locale(locale_t *made)
{
  *made = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
  return *made ? uselocale(*made) : (locale_t)0;
}

static void leave_c_locale(locale_t made, locale_t previous)
{
  if (made) {
    (void)uselocale(previous);
    freelocale(made);
  }
}

bool px_parse_double(const char *text, double *out)
{
  if (px_str_empty(text) || strspn(text, "+-.0123456789eE") != strlen(text) || *text == '+')
    return false;
  locale_t made;
  locale_t previous = enter_c_locale(&made);
  char *end;
  double value = strtod(text, &end);
  bool whole = *end == '\0' && end != text;
  leave_c_locale(made, previous);
  if (!whole || !isfinite(value))
    return false;
  *out = value;
  return true;
}

void px_format_double(double value, char *text, size_t size)
{
  locale_t made;
  locale_t previous = enter_c_locale(&made);
  for (int precision = 15; precision <= 17; precision++) {
    (void)snprintf(text, size, "%.*g", precision, value);
    if (strtod(text, NULL) == value)
      break;
  }
  leave_c_locale(made, previous);
}

void px_hex(const void *data, size_t size, char *text)
{
  static const char digits[] = "0123456789abcdef";
  const unsigned char *bytes = data;
  for (size_t i = 0; i < size; i++) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  text[2 * size] = '\0';
}

static int hex_value(char digit)
{
  char lower = px_ascii_lower(digit);
  if (px_ascii_is_digit(lower))
    return lower - '0';
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool px_unhex(const char *text, void *data, size_t size)
{
  unsigned char *bytes = data;
  if (strlen(text) != 2 * size)
    return false;
  for (size_t i = 0; i < size; i++) {
    int high = hex_value(text[2 * i]);
    int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0)
      return false;
    bytes[i] = (unsigned char)(high << 4 | low);
  }
  return true;
}

/* Length of the sequence that starts here, or 0. Table 3-7 of the Unicode Standard. */
static size_t utf8_sequence(const unsigned char *s, size_t left)
{
  if (s[0] == 0)
    return 0;
  if (s[0] < 0x80)
    return 1;
  size_t length = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
  if (s[0] < 0xC2 || s[0] > 0xF4 || left < length)
    return 0;
  for (size_t i = 1; i < length; i++) {
    if ((s[i] & 0xC0) != 0x80)
      return 0;
  }
  bool bad = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF0 && s[1] < 0x90) ||
             (s[0] == 0xF4 && s[1] > 0x8F);
  return bad ? 0 : length;
}

bool px_utf8_valid(const char *text, size_t size)
{
  const unsigned char *bytes = (const unsigned char *)text;
  for (size_t i = 0; i < size;) {
    size_t step = utf8_sequence(bytes + i, size - i);
    if (step == 0)
      return false;
    i += step;
  }
  return true;
}

void px_text_clean(char *text)
{
  unsigned char *bytes = (unsigned char *)text;
  for (size_t i = 0, left = strlen(text); left > 0;) {
    size_t step = utf8_sequence(bytes + i, left);
    if (step == 0)
      bytes[i] = '?';
    else if (bytes[i] < 0x20 || bytes[i] == 0x7F)
      bytes[i] = ' ';
    else if (bytes[i] == 0xC2 && bytes[i + 1] < 0xA0)
      bytes[i] = bytes[i + 1] = ' '; /* U+0080 to U+009F: to terminals the same as escape sequences */
    i += step ? step : 1;
    left -= step ? step : 1;
  }
}

size_t px_utf8_cut(const char *text, size_t max)
{
  size_t length = strnlen(text, max + 1);
  if (length <= max)
    return length;
  while (max > 0 && ((unsigned char)text[max] & 0xC0) == 0x80)
    max--;
  return max;
}
