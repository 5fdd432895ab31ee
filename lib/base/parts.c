/* SPDX-License-Identifier: MIT */
#include "base/parts.h"

#include <pthread.h>
#include <stdatomic.h>

enum { HELPERS_MAX = 16 };

typedef struct round_of_parts {
  const px_parts *parts;
  atomic_size_t next;
  struct {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    unsigned helpers; /* tasks in the crew: they live on the stack of the caller */
  } synced;
} round_of_parts;

typedef struct helper {
  px_task task; /* first */
  round_of_parts *round;
} helper;

static void take_parts(round_of_parts *round)
{
  for (;;) {
    size_t part = atomic_fetch_add(&round->next, 1);
    if (part >= round->parts->count)
      return;
    round->parts->run(round->parts->argument, part);
  }
}

static void help(px_task *task)
{
  round_of_parts *round = ((helper *)(void *)task)->round;
  take_parts(round);
  (void)pthread_mutex_lock(&round->synced.lock);
  round->synced.helpers--;
  (void)pthread_cond_signal(&round->synced.wake); /* under the lock: the round is gone right after */
  (void)pthread_mutex_unlock(&round->synced.lock);
}

static bool is_helped(round_of_parts *round)
{
  (void)pthread_mutex_lock(&round->synced.lock);
  bool helped = round->synced.helpers > 0;
  (void)pthread_mutex_unlock(&round->synced.lock);
  return helped;
}

/* A helper may still wait behind other work of the crew, so that is worked off meanwhile. */
static void wait_for_helpers(round_of_parts *round, px_crew *crew)
{
  while (is_helped(round) && px_crew_step(crew))
    continue;
  (void)pthread_mutex_lock(&round->synced.lock);
  while (round->synced.helpers > 0)
    (void)pthread_cond_wait(&round->synced.wake, &round->synced.lock);
  (void)pthread_mutex_unlock(&round->synced.lock);
}

void px_parts_run(px_crew *crew, const px_parts *parts)
{
  round_of_parts round = {.parts = parts};
  helper helpers[HELPERS_MAX];
  unsigned count = crew ? px_crew_threads(crew) : 0;
  if (count > HELPERS_MAX)
    count = HELPERS_MAX;
  if (parts->count <= count)
    count = parts->count > 0 ? (unsigned)parts->count - 1 : 0;
  (void)pthread_mutex_init(&round.synced.lock, NULL);
  (void)pthread_cond_init(&round.synced.wake, NULL);
  round.synced.helpers = count;
  for (unsigned i = 0; i < count; i++) {
    helpers[i] = (helper){{NULL, help}, &round};
    px_crew_add(crew, &helpers[i].task);
  }
  take_parts(&round);
  if (count > 0)
    wait_for_helpers(&round, crew);
  (void)pthread_cond_destroy(&round.synced.wake);
  (void)pthread_mutex_destroy(&round.synced.lock);
}
