/* SPDX-License-Identifier: MIT */
/* A clock that moves only when told, and randomness from a seed. */
#ifndef PX_SUPPORT_FAKE_CLOCK_H
#define PX_SUPPORT_FAKE_CLOCK_H

#include "base/clock.h"

typedef struct fake_clock {
  int64_t wall_us;
  int64_t mono_us;
  int64_t alive_us;
  uint64_t seed;
  px_clock clock; /* give &fake.clock to the code under test */
} fake_clock;

void fake_clock_init(fake_clock *fake, int64_t wall_us, uint64_t seed);
void fake_clock_advance(fake_clock *fake, int64_t microseconds); /* all three clocks */

#endif
