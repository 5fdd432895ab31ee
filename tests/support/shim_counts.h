/* SPDX-License-Identifier: MIT */
/* Numbers that a preloaded shim keeps in a file: 64-bit, native byte order, shared by all processes that have the shim, true
 * at any moment and after kill -9. Read them with `od -An -v -t u8 FILE` or struct.unpack. */
#ifndef PX_SUPPORT_SHIM_COUNTS_H
#define PX_SUPPORT_SHIM_COUNTS_H

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { SHIM_COUNTS = 8 };

static _Atomic uint64_t shim_unshared[SHIM_COUNTS];
static _Atomic uint64_t *shim_counts = shim_unshared;
static pthread_once_t shim_once = PTHREAD_ONCE_INIT;

static inline void shim_open_counts(const char *variable)
{
  const char *path = getenv(variable);
  int file = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (file < 0)
    return;
  if (ftruncate(file, sizeof shim_unshared) == 0) {
    void *shared = mmap(NULL, sizeof shim_unshared, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared != MAP_FAILED)
      shim_counts = shared;
  }
  (void)close(file);
}

static inline void shim_count(int index)
{
  atomic_fetch_add(&shim_counts[index], 1);
}

/* A whole number of milliseconds from the environment. */
static inline int64_t shim_ms(const char *variable, int64_t otherwise)
{
  const char *text = getenv(variable);
  return text ? strtoll(text, NULL, 10) : otherwise;
}

static inline int64_t shim_now_us(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline void shim_sleep_until_us(int64_t due)
{
  struct timespec end = {.tv_sec = due / 1000000, .tv_nsec = due % 1000000 * 1000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) != 0)
    ;
}

#endif
