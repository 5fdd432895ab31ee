/* SPDX-License-Identifier: MIT */
/* LD_PRELOAD: every fsync and fdatasync takes at least PX_SHIM_FLUSH_MS (5), the real call included: a disk that answers as
 * an ordinary SSD does. PX_SHIM_FLUSH_COUNTS names the file of counts (shim_counts.h):
 * [0] fsync [1] fdatasync; the same calls by what was flushed: [2] a -wal file [3] another database file (.db, .sqlite,
 * -journal) [4] a directory [5] anything else.
 * In front of a program built with AddressSanitizer also set ASAN_OPTIONS=verify_asan_link_order=0. */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "support/shim_counts.h"

enum { COUNT_FSYNC, COUNT_FDATASYNC, COUNT_WAL, COUNT_DATABASE, COUNT_DIRECTORY, COUNT_OTHER };

typedef int (*flush_function)(int descriptor);

static flush_function real_calls[2];
static int64_t least_us;

static void start(void)
{
  *(void **)&real_calls[COUNT_FSYNC] = dlsym(RTLD_NEXT, "fsync");
  *(void **)&real_calls[COUNT_FDATASYNC] = dlsym(RTLD_NEXT, "fdatasync");
  least_us = shim_ms("PX_SHIM_FLUSH_MS", 5) * 1000;
  shim_open_counts("PX_SHIM_FLUSH_COUNTS");
}

static bool ends_with(const char *text, const char *ending)
{
  size_t length = strlen(text);
  size_t wanted = strlen(ending);
  return length >= wanted && strcmp(text + length - wanted, ending) == 0;
}

static int kind_of(int descriptor)
{
  char link[64];
  char path[4096] = "";
  struct stat facts;
  if (fstat(descriptor, &facts) == 0 && S_ISDIR(facts.st_mode))
    return COUNT_DIRECTORY;
  (void)snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  if (readlink(link, path, sizeof path - 1) < 0)
    return COUNT_OTHER;
  if (ends_with(path, "-wal"))
    return COUNT_WAL;
  return ends_with(path, ".db") || ends_with(path, ".sqlite") || ends_with(path, "-journal") ? COUNT_DATABASE : COUNT_OTHER;
}

static int flush(int descriptor, int which)
{
  (void)pthread_once(&shim_once, start);
  int64_t due = shim_now_us() + least_us;
  int kind = kind_of(descriptor);
  int result = real_calls[which](descriptor);
  int reason = errno;
  shim_count(which);
  shim_count(kind);
  shim_sleep_until_us(due);
  errno = reason;
  return result;
}

__attribute__((visibility("default"))) int fsync(int descriptor)
{
  return flush(descriptor, COUNT_FSYNC);
}

__attribute__((visibility("default"))) int fdatasync(int descriptor)
{
  return flush(descriptor, COUNT_FDATASYNC);
}
