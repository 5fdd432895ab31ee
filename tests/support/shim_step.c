/* SPDX-License-Identifier: MIT */
/* LD_PRELOAD: measures how long a thread that serves sockets works before it waits again: from the return of epoll_wait to
 * its next call. PX_SHIM_STEP_COUNTS names the file of counts (shim_counts.h):
 * [0] steps [1] the longest in microseconds by the clock [2] the longest in microseconds of the thread's own CPU time. */
#include <dlfcn.h>
#include <sys/epoll.h>

#include "support/shim_counts.h"

enum { COUNT_STEPS, COUNT_LONGEST, COUNT_LONGEST_CPU };

typedef int (*wait_function)(int descriptor, struct epoll_event *events, int capacity, int timeout_ms);

static wait_function real_wait;
static _Thread_local int64_t woken_us; /* 0: the thread has not waited yet */
static _Thread_local int64_t woken_cpu_us;

static void start(void)
{
  *(void **)&real_wait = dlsym(RTLD_NEXT, "epoll_wait");
  shim_open_counts("PX_SHIM_STEP_COUNTS");
}

static int64_t cpu_us(void)
{
  struct timespec used;
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static void note_longest(int index, int64_t took_us)
{
  uint64_t took = took_us > 0 ? (uint64_t)took_us : 0;
  uint64_t longest = atomic_load(&shim_counts[index]);
  while (took > longest && !atomic_compare_exchange_weak(&shim_counts[index], &longest, took))
    ;
}

__attribute__((visibility("default"))) int epoll_wait(int descriptor, struct epoll_event *events, int capacity,
                                                      int timeout_ms)
{
  (void)pthread_once(&shim_once, start);
  if (woken_us > 0) {
    shim_count(COUNT_STEPS);
    note_longest(COUNT_LONGEST, shim_now_us() - woken_us);
    note_longest(COUNT_LONGEST_CPU, cpu_us() - woken_cpu_us);
  }
  int result = real_wait(descriptor, events, capacity, timeout_ms);
  woken_us = shim_now_us();
  woken_cpu_us = cpu_us();
  return result;
}
