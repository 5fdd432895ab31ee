/* SPDX-License-Identifier: MIT */
/* A crew: one queue of tasks and the threads that work it off. Tasks are embedded in the caller's
 * structs, so queueing never allocates and never fails. A crew of 0 threads is stepped by tests. */
#ifndef PX_BASE_CREW_H
#define PX_BASE_CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

typedef struct px_task {
  struct px_task *next;
  void (*run)(struct px_task *task); /* may free the struct the task lives in */
} px_task;

typedef struct px_crew px_crew;

/* Threads block all signals. `name` shows in the process list (15 characters). */
pixazo_status px_crew_new(const char *name, unsigned threads, px_crew **out, pixazo_error **error);
void px_crew_add(px_crew *crew, px_task *task);
unsigned px_crew_threads(const px_crew *crew);
/* Runs one waiting task on this thread; false when none waits. */
bool px_crew_step(px_crew *crew);
/* Works off everything queued, including what tasks add, then ends the threads. NULL is fine. */
void px_crew_free(px_crew *crew);

/* Starts a thread with all signals blocked and a name. Its body begins with px_thread_enter. */
pixazo_status px_thread_start(const char *name, void *(*body)(void *), void *argument, void *pthread, pixazo_error **error);
void px_thread_enter(void);
/* Whether the calling thread is one of the library's: hooks of the program never run there. */
bool px_thread_is_own(void);

#endif
