/* SPDX-License-Identifier: MIT */
/* Retry-After: untrusted text to milliseconds. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "net/retry.h"

static const char *skip_space(const char *at)
{
  while (*at == ' ' || *at == '\t')
    at++;
  return at;
}

static bool is_end(const char *at)
{
  return *skip_space(at) == '\0';
}

static uint32_t clamp(uint64_t milliseconds)
{
  return milliseconds > UINT32_MAX ? UINT32_MAX : (uint32_t)milliseconds;
}

/* Digits, at most `limit` of value kept; how many there were. */
static int read_digits(const char **at, uint64_t limit, uint64_t *value)
{
  int count = 0;
  *value = 0;
  for (; px_ascii_is_digit(**at); (*at)++, count++)
    if (*value <= limit)
      *value = *value * 10 + (uint64_t)(**at - '0');
  return count;
}

/* "12", "0.5", "12.", rounded up to whole milliseconds. */
static bool read_seconds(const char *at, uint32_t *milliseconds)
{
  uint64_t whole = 0;
  uint64_t thousandths = 0;
  if (read_digits(&at, UINT32_MAX, &whole) == 0)
    return false;
  if (*at == '.') {
    bool more = false;
    uint64_t weight = 100;
    for (at++; px_ascii_is_digit(*at); at++, weight /= 10) {
      thousandths += weight * (uint64_t)(*at - '0');
      more = more || (weight == 0 && *at != '0');
    }
    thousandths += more ? 1 : 0;
  }
  if (!is_end(at))
    return false;
  *milliseconds = clamp(whole * 1000 + thousandths);
  return true;
}

static bool read_month(const char **at, int32_t *month)
{
  static const char names[] = "jan feb mar apr may jun jul aug sep oct nov dec";
  char name[4] = "";
  for (int i = 0; i < 3 && (*at)[i]; i++)
    name[i] = px_ascii_lower((*at)[i]);
  const char *found = strlen(name) == 3 && !strchr(name, ' ') ? strstr(names, name) : NULL;
  if (!found)
    return false;
  *at += 3;
  *month = (int32_t)(found - names) / 4 + 1;
  return true;
}

static bool read_number(const char **at, int min_digits, int max_digits, int32_t *value)
{
  uint64_t number = 0;
  int count = read_digits(at, 100000, &number);
  *value = (int32_t)number;
  return count >= min_digits && count <= max_digits;
}

static bool read_clock(const char **at, px_date *date)
{
  if (!read_number(at, 2, 2, &date->hour) || *(*at)++ != ':' || !read_number(at, 2, 2, &date->minute) || *(*at)++ != ':' ||
      !read_number(at, 2, 2, &date->second))
    return false;
  return date->hour < 24 && date->minute < 60 && date->second <= 60;
}

/* RFC 9110: a year with two digits that seems more than 50 years ahead is in the past. */
static void widen_year(px_date *date, int64_t wall_us)
{
  px_date now;
  px_date_of(wall_us, &now);
  date->year += now.year - now.year % 100;
  if (date->year > now.year + 50)
    date->year -= 100;
}

/* " 06 Nov 1994 08:49:37 GMT" or " 06-Nov-94 08:49:37 GMT" */
static bool read_day_first(const char *at, int64_t wall_us, px_date *date)
{
  at = skip_space(at);
  if (!read_number(&at, 1, 2, &date->day))
    return false;
  char between = *at++;
  if ((between != ' ' && between != '-') || !read_month(&at, &date->month) || *at++ != between)
    return false;
  if (!(between == '-' ? read_number(&at, 2, 4, &date->year) : read_number(&at, 4, 4, &date->year)))
    return false;
  if (date->year < 100)
    widen_year(date, wall_us);
  at = skip_space(at);
  if (!read_clock(&at, date))
    return false;
  at = skip_space(at);
  return px_str_starts_nocase(at, "GMT") && is_end(at + 3);
}

/* " Nov  6 08:49:37 1994" */
static bool read_month_first(const char *at, px_date *date)
{
  at = skip_space(at);
  if (!read_month(&at, &date->month))
    return false;
  at = skip_space(at);
  if (!read_number(&at, 1, 2, &date->day))
    return false;
  at = skip_space(at);
  if (!read_clock(&at, date))
    return false;
  at = skip_space(at);
  return read_number(&at, 4, 4, &date->year) && is_end(at);
}

static bool read_date(const char *text, int64_t wall_us, px_date *date)
{
  const char *at = text;
  while (px_ascii_is_alnum(*at) && !px_ascii_is_digit(*at))
    at++;
  if (at - text < 3)
    return false;
  bool read = *at == ',' ? read_day_first(at + 1, wall_us, date) : read_month_first(at, date);
  return read && date->day >= 1 && date->day <= 31;
}

bool px_retry_after_parse(const char *value, int64_t wall_us, uint32_t *milliseconds)
{
  if (!value)
    return false;
  const char *at = skip_space(value);
  if (px_ascii_is_digit(*at))
    return read_seconds(at, milliseconds);
  px_date date = {0};
  if (!read_date(at, wall_us, &date))
    return false;
  int64_t wait_us = px_time_of(&date) - wall_us;
  *milliseconds = wait_us <= 0 ? 0 : clamp(((uint64_t)wait_us + 999) / 1000);
  return true;
}

bool px_retry_after_ms_parse(const char *value, uint32_t *milliseconds)
{
  if (!value)
    return false;
  const char *at = skip_space(value);
  uint64_t number = 0;
  if (read_digits(&at, UINT32_MAX, &number) == 0)
    return false;
  if (*at == '.')
    for (at++; px_ascii_is_digit(*at); at++) {
    }
  if (!is_end(at))
    return false;
  *milliseconds = clamp(number);
  return true;
}
