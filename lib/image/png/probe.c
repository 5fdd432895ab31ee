/* SPDX-License-Identifier: MIT */
#include "image/png/probe.h"

#include "image/png/bits.h"

enum {
  REACH = 32768,
  STEP = 8,          /* every eighth place is known */
  STRETCH = 8192,    /* of each the end is looked up */
  SHARE_LOOKED = 16, /* one place in so many */
  SHARE_LONG = 256,  /* a long hit in fewer places decides nothing: each stands for STEP of them */
  SHARE_GROWN = 4,   /* nor when fewer hits than one in so many are long */
  SHORT_BYTES = 5,
  SIZE_MIN = 1024
};

static uint64_t bytes_at(const unsigned char *bytes)
{
  return px_load64(bytes) << (64 - 8 * SHORT_BYTES);
}

static unsigned hash_of(uint64_t value)
{
  return (unsigned)(value * UINT64_C(0x9e3779b97f4a7c15) / (UINT64_MAX / PX_PROBE_PLACES + 1));
}

static bool is_run(uint64_t value)
{
  return value >> 32 == (value >> 24 & UINT32_MAX);
}

typedef struct tally {
  size_t looked;
  size_t hits;
  size_t longer; /* of the hits those of eight bytes */
} tally;

/* Only what begins at a known place can be found. */
static void look_up(const px_probe *probe, const unsigned char *window, size_t at, tally *out)
{
  uint64_t value = bytes_at(window + at);
  size_t place = probe->places[hash_of(value)];
  out->looked++;
  if (place >= at || at - place > REACH || bytes_at(window + place) != value || is_run(value))
    return;
  out->hits++;
  out->longer += px_load64(window + place) == px_load64(window + at);
}

/* Short repeats come by chance wherever few values are common; where few of them go on, they are worth nothing. */
bool px_probe_repeats(px_probe *probe, const unsigned char *window, size_t at, size_t size)
{
  tally found = {0, 0, 0};
  if (size < SIZE_MIN)
    return true;
  size_t end = at + size - sizeof(uint64_t);
  while (at < end) {
    size_t next = at + STRETCH < end ? at + STRETCH : end;
    size_t look = next - (next - at) / SHARE_LOOKED;
    for (; at < look; at += STEP)
      probe->places[hash_of(bytes_at(window + at))] = (uint32_t)at;
    for (at = look; at < next; at++) {
      look_up(probe, window, at, &found);
      if (at % STEP == 0)
        probe->places[hash_of(bytes_at(window + at))] = (uint32_t)at;
    }
  }
  return found.longer * SHARE_LONG > found.looked && found.longer * SHARE_GROWN > found.hits;
}
