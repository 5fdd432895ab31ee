/* SPDX-License-Identifier: MIT */
/* A quick look whether a search for matches would pay: in noise it never does. */
#ifndef PX_IMAGE_PNG_PROBE_H
#define PX_IMAGE_PNG_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PX_PROBE_PLACES = 8192 };

/* Begins with zeros; knows something of what it was shown before. */
typedef struct px_probe {
  uint32_t places[PX_PROBE_PLACES];
} px_probe;

/* Whether enough of the `size` bytes at `at` of the window stood at other places before, runs of one byte left out. */
bool px_probe_repeats(px_probe *probe, const unsigned char *window, size_t at, size_t size);

#endif
