/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static const int64_t SECOND_US = 1000000;
static const int64_t DAY_S = 86400;

static int64_t read_clock(clockid_t id)
{
  struct timespec now;
  if (clock_gettime(id, &now) != 0)
    return 0;
  return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

static int64_t system_wall(void *self)
{
  (void)self;
  return read_clock(CLOCK_REALTIME);
}

static int64_t system_mono(void *self)
{
  (void)self;
  return read_clock(CLOCK_MONOTONIC);
}

static int64_t system_alive(void *self)
{
  (void)self;
  return read_clock(CLOCK_BOOTTIME);
}

static void system_random(void *self, void *data, size_t size)
{
  (void)self;
  unsigned char *bytes = data;
  while (size > 0) {
    ssize_t got = getrandom(bytes, size, 0);
    if (got > 0) {
      bytes += got;
      size -= (size_t)got;
    } else if (errno != EINTR) {
      memset(bytes, 0, size); /* not reachable on kernels this library runs on */
      return;
    }
  }
}

const px_clock *px_clock_system(void)
{
  static const px_clock system_clock = {system_wall, system_mono, system_alive, system_random, NULL};
  return &system_clock;
}

int64_t px_wall_us(const px_clock *clock)
{
  return clock->wall_us(clock->self);
}

int64_t px_mono_us(const px_clock *clock)
{
  return clock->mono_us(clock->self);
}

int64_t px_alive_us(const px_clock *clock)
{
  return clock->alive_us(clock->self);
}

void px_random(const px_clock *clock, void *data, size_t size)
{
  clock->random(clock->self, data, size);
}

uint64_t px_random_below(const px_clock *clock, uint64_t limit)
{
  uint64_t value;
  uint64_t bound = UINT64_MAX - UINT64_MAX % limit; /* values above would favour small results */
  do {
    px_random(clock, &value, sizeof value);
  } while (value >= bound && bound != 0);
  return value % limit;
}

int64_t px_day_of(int64_t wall_us)
{
  int64_t day_us = DAY_S * SECOND_US;
  return wall_us >= 0 ? wall_us / day_us : -((-wall_us + day_us - 1) / day_us);
}

/* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": eras of 400 years from March. */
void px_date_of(int64_t wall_us, px_date *date)
{
  int64_t day = px_day_of(wall_us);
  int64_t rest = wall_us - day * DAY_S * SECOND_US;
  int64_t shifted = day + 719468;
  int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  int64_t day_of_era = shifted - era * 146097;
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t month_index = (5 * day_of_year + 2) / 153;
  date->day = (int32_t)(day_of_year - (153 * month_index + 2) / 5 + 1);
  date->month = (int32_t)(month_index < 10 ? month_index + 3 : month_index - 9);
  date->year = (int32_t)(year_of_era + era * 400 + (date->month <= 2));
  date->hour = (int32_t)(rest / (3600 * SECOND_US));
  date->minute = (int32_t)(rest / (60 * SECOND_US) % 60);
  date->second = (int32_t)(rest / SECOND_US % 60);
  date->microsecond = (int32_t)(rest % SECOND_US);
}

int64_t px_time_of(const px_date *date)
{
  int64_t year = date->year - (date->month <= 2);
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (date->month + (date->month > 2 ? -3 : 9)) + 2) / 5 + date->day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  int64_t day = era * 146097 + day_of_era - 719468;
  return (day * DAY_S + date->hour * 3600 + date->minute * 60 + date->second) * SECOND_US + date->microsecond;
}

void px_format_time(int64_t wall_us, char *text, size_t size)
{
  px_date d;
  px_date_of(wall_us, &d);
  (void)snprintf(text, size, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", d.year, d.month, d.day, d.hour, d.minute, d.second,
                 d.microsecond);
}
