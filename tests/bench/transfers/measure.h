/* SPDX-License-Identifier: MIT */
/* What the transfer programs share: one command line, one line of result.
 *
 *   program link|inline|file BASE COUNT IN_FLIGHT
 *
 * link: one POST whose answer names a picture, one GET that brings it; inline: one POST with the picture in base64; file:
 * one such POST, and its answer read COUNT times. Each picture ends in a file in memory. */
#ifndef PIXAZO_BENCH_MEASURE_H
#define PIXAZO_BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct measure {
  bool in_line, file;
  const char *base;
  int count, in_flight;
  int64_t cpu_us, wall_us; /* when the work began */
  uint64_t bytes;          /* of all pictures */
} measure;

/* Ends the program with status 2 when the command line is wrong. */
void measure_read(measure *self, int argc, char **argv);
void measure_begin(measure *self);
/* Prints {"cpu_us": of each, "wall_ms": of all, "peak_mb": of the process, "bytes": of all}. */
void measure_end(const measure *self);

/* An empty file in memory; ends the program when there can be none. */
int measure_file(void);
/* Says what failed and ends the program: a figure of work that failed would be none. */
_Noreturn void measure_fail(const char *what);

/* What is asked for; the key is refused nowhere. */
#define MEASURE_PATH "/getImage/v1/getSDXLImage"
#define MEASURE_KEY "fake-key-of-the-benchmark"

#endif
