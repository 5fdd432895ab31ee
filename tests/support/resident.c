/* SPDX-License-Identifier: MIT */
#include "support/resident.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line of /proc/self/status in bytes. */
static int64_t line_of(const char *name)
{
  char line[256];
  int64_t kilobytes = -1;
  FILE *status = fopen("/proc/self/status", "re");
  while (status && kilobytes < 0 && fgets(line, sizeof line, status)) {
    if (strncmp(line, name, strlen(name)) == 0)
      kilobytes = strtoll(line + strlen(name), NULL, 10);
  }
  if (!status || kilobytes < 0)
    abort();
  (void)fclose(status);
  return kilobytes * 1024;
}

int64_t resident_begin(void)
{
  int descriptor = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
  if (descriptor < 0 || write(descriptor, "5", 1) != 1)
    abort();
  (void)close(descriptor);
  return line_of("VmRSS:");
}

int64_t resident_peak(void)
{
  return line_of("VmHWM:");
}
