/* SPDX-License-Identifier: MIT */
/* One piece of work in parts that do not know each other. How a job is cut into parts follows from the job
 * alone, never from the number of threads: so its result is the same with any of them. */
#ifndef PX_BASE_PARTS_H
#define PX_BASE_PARTS_H

#include "base/crew.h"

typedef struct px_parts {
  void (*run)(void *argument, size_t part); /* on any thread, each part once; keeps its own errors */
  void *argument;
  size_t count;
} px_parts;

/* Runs all parts, in order of their numbers, on this thread and the threads of the crew; returns when all are
 * done. A NULL crew: on this thread alone. Parts may run parts of their own on the same crew. */
void px_parts_run(px_crew *crew, const px_parts *parts);

#endif
