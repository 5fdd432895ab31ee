/* SPDX-License-Identifier: MIT */
/* Time and randomness behind one struct, so that policies are tested without waiting. */
#ifndef PX_BASE_CLOCK_H
#define PX_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

typedef struct px_clock {
  int64_t (*wall_us)(void *self);  /* UTC microseconds since 1970 */
  int64_t (*mono_us)(void *self);  /* never goes back; stops while suspended */
  int64_t (*alive_us)(void *self); /* never goes back; counts suspend too (CLOCK_BOOTTIME) */
  void (*random)(void *self, void *data, size_t size);
  void *self;
} px_clock;

const px_clock *px_clock_system(void);

int64_t px_wall_us(const px_clock *clock);
int64_t px_mono_us(const px_clock *clock);
int64_t px_alive_us(const px_clock *clock);
void px_random(const px_clock *clock, void *data, size_t size);
uint64_t px_random_below(const px_clock *clock, uint64_t limit); /* 0 <= result < limit; limit > 0 */

/* Civil date of a UTC instant; no time zone, no shared buffer, right past 2038. */
typedef struct px_date {
  int32_t year, month, day, hour, minute, second, microsecond;
} px_date;
void px_date_of(int64_t wall_us, px_date *date);
/* Days since 1970-01-01 of an instant, floored. */
int64_t px_day_of(int64_t wall_us);
/* "2026-11-20T10:00:00.000000Z"; size >= 32. */
void px_format_time(int64_t wall_us, char *text, size_t size);
/* Microseconds of a civil UTC date; month 1-12. */
int64_t px_time_of(const px_date *date);

#endif
