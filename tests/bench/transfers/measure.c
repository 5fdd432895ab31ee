/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

_Noreturn void measure_fail(const char *what)
{
  fprintf(stderr, "failed: %s\n", what);
  exit(2);
}

int measure_file(void)
{
  int descriptor = memfd_create("picture", MFD_CLOEXEC);
  if (descriptor < 0)
    measure_fail("memfd_create");
  return descriptor;
}

static int64_t clock_us(clockid_t clock)
{
  struct timespec now;
  (void)clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void raise_descriptors(void)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

void measure_read(measure *self, int argc, char **argv)
{
  *self = (measure){.base = argc == 5 ? argv[2] : ""};
  if (argc == 5) {
    self->file = strcmp(argv[1], "file") == 0;
    self->in_line = self->file || strcmp(argv[1], "inline") == 0;
    self->count = (int)strtol(argv[3], NULL, 10);
    self->in_flight = (int)strtol(argv[4], NULL, 10);
  }
  if (self->count < 1 || self->in_flight < 1 || (!self->in_line && strcmp(argv[1], "link") != 0)) {
    fprintf(stderr, "usage: %s link|inline|file BASE COUNT IN_FLIGHT\n", argv[0]);
    exit(2);
  }
  raise_descriptors();
}

void measure_begin(measure *self)
{
  self->wall_us = clock_us(CLOCK_MONOTONIC);
  self->cpu_us = clock_us(CLOCK_PROCESS_CPUTIME_ID);
}

void measure_end(const measure *self)
{
  struct rusage usage;
  int64_t cpu_us = clock_us(CLOCK_PROCESS_CPUTIME_ID) - self->cpu_us;
  int64_t wall_us = clock_us(CLOCK_MONOTONIC) - self->wall_us;
  (void)getrusage(RUSAGE_SELF, &usage);
  printf("{\"cpu_us\": %.1f, \"wall_ms\": %.1f, \"peak_mb\": %.1f, \"bytes\": %" PRIu64 "}\n",
         (double)cpu_us / self->count, (double)wall_us / 1000, (double)usage.ru_maxrss / 1024, self->bytes);
}
