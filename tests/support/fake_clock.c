/* SPDX-License-Identifier: MIT */
#include "support/fake_clock.h"

static int64_t wall(void *self)
{
  return ((fake_clock *)self)->wall_us;
}

static int64_t mono(void *self)
{
  return ((fake_clock *)self)->mono_us;
}

static int64_t alive(void *self)
{
  return ((fake_clock *)self)->alive_us;
}

/* Sebastiano Vigna's splitmix64. */
static void random_bytes(void *self, void *data, size_t size)
{
  fake_clock *fake = self;
  unsigned char *bytes = data;
  for (size_t i = 0; i < size; i++) {
    fake->seed += 0x9E3779B97F4A7C15U;
    uint64_t mixed = (fake->seed ^ (fake->seed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    bytes[i] = (unsigned char)(mixed >> 56);
  }
}

void fake_clock_init(fake_clock *fake, int64_t wall_us, uint64_t seed)
{
  *fake = (fake_clock){.wall_us = wall_us, .mono_us = 1000000, .alive_us = 1000000, .seed = seed};
  fake->clock = (px_clock){wall, mono, alive, random_bytes, fake};
}

void fake_clock_advance(fake_clock *fake, int64_t microseconds)
{
  fake->wall_us += microseconds;
  fake->mono_us += microseconds;
  fake->alive_us += microseconds;
}
