/* SPDX-License-Identifier: MIT */
/* Waits that providers put into the bodies of their answers: untrusted words to milliseconds. */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "net/retry.h"

enum { NUMBER_MAX = 24, DAY_MS = 86400000, HOUR_MS = 3600000, MINUTE_MS = 60000, SECOND_MS = 1000 };

static bool is_letter(char byte)
{
  return px_ascii_is_alnum(byte) && !px_ascii_is_digit(byte);
}

/* Milliseconds of one unit; 0: none known. */
static uint32_t read_unit(const char **at)
{
  static const struct {
    const char *name;
    uint32_t milliseconds;
  } units[] = {
      {"ms", 1},           {"msec", 1},           {"millisecond", 1},   {"milliseconds", 1},   {"s", SECOND_MS},
      {"sec", SECOND_MS},  {"secs", SECOND_MS},   {"second", SECOND_MS}, {"seconds", SECOND_MS}, {"m", MINUTE_MS},
      {"min", MINUTE_MS},  {"mins", MINUTE_MS},   {"minute", MINUTE_MS}, {"minutes", MINUTE_MS}, {"h", HOUR_MS},
      {"hr", HOUR_MS},     {"hrs", HOUR_MS},      {"hour", HOUR_MS},     {"hours", HOUR_MS},     {"d", DAY_MS},
      {"day", DAY_MS},     {"days", DAY_MS},
  };
  size_t length = 0;
  while (is_letter((*at)[length]))
    length++;
  for (size_t i = 0; i < PX_ARRAY_SIZE(units); i++) {
    if (strlen(units[i].name) == length && px_str_starts_nocase(*at, units[i].name)) {
      *at += length;
      return units[i].milliseconds;
    }
  }
  return 0;
}

static void skip_blanks(const char **at)
{
  while (**at == ' ' || **at == '\t')
    (*at)++;
}

/* "37.4" of something; what is too long for a number is a very long time. */
static bool read_number(const char **at, double *value)
{
  char text[NUMBER_MAX + 1];
  size_t length = strspn(*at, "0123456789");
  if (length > 0 && (*at)[length] == '.' && px_ascii_is_digit((*at)[length + 1]))
    length += 1 + strspn(*at + length + 1, "0123456789");
  if (length == 0)
    return false;
  size_t kept = length < NUMBER_MAX ? length : NUMBER_MAX;
  memcpy(text, *at, kept);
  text[kept] = '\0';
  *at += length;
  return px_parse_double(text, value);
}

/* "01:02:03" */
static bool read_clock(const char **at, double *milliseconds)
{
  const char *text = *at;
  for (int i = 0; i < 8; i++) {
    if (i % 3 == 2 ? text[i] != ':' : !px_ascii_is_digit(text[i]))
      return false;
  }
  int hours = (text[0] - '0') * 10 + text[1] - '0';
  int minutes = (text[3] - '0') * 10 + text[4] - '0';
  int seconds = (text[6] - '0') * 10 + text[7] - '0';
  *milliseconds = hours * (double)HOUR_MS + minutes * (double)MINUTE_MS + seconds * (double)SECOND_MS;
  *at = text + 8;
  return true;
}

/* "1m30.5s", "1 minute and 30 seconds", "20 s": each with a unit; *end is behind the last one. */
static bool read_parts(const char *at, const char **end, double *milliseconds)
{
  double number = 0;
  bool any = false;
  while (read_number(&at, &number)) {
    skip_blanks(&at);
    uint32_t unit = read_unit(&at);
    if (unit == 0)
      break;
    *milliseconds += number * unit;
    *end = at;
    any = true;
    skip_blanks(&at);
    if (px_str_starts_nocase(at, "and "))
      at += 4;
    skip_blanks(&at);
  }
  return any;
}

static bool read_wait(const char *at, const char **end, uint32_t *milliseconds)
{
  double found = 0;
  *end = at;
  if (!read_clock(end, &found) && !read_parts(at, end, &found))
    return false;
  *milliseconds = found >= UINT32_MAX ? UINT32_MAX : (uint32_t)(found + 0.999999);
  return true;
}

bool px_retry_duration_parse(const char *text, uint32_t *milliseconds)
{
  const char *end = NULL;
  uint32_t found = 0;
  if (!text || !px_ascii_is_digit(*text) || !read_wait(text, &end, &found) || *end != '\0')
    return false;
  *milliseconds = found;
  return true;
}

bool px_retry_words_find(const char *text, uint32_t *milliseconds)
{
  static const char *const openings[] = {"again in",   "again after",    "retry in",     "retry after", "wait",
                                         "reset in",   "resets in",      "available in", "replenished in"};
  for (size_t i = 0; text && i < PX_ARRAY_SIZE(openings); i++) {
    for (const char *at = text; (at = px_str_find_nocase(at, openings[i])) != NULL;) {
      const char *end = NULL;
      at += strlen(openings[i]);
      skip_blanks(&at);
      if (read_wait(at, &end, milliseconds))
        return true;
    }
  }
  return false;
}
