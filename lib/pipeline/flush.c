/* SPDX-License-Identifier: MIT */
/* One flush of a directory for all who need one. */
#include "pipeline/internal.h"

#include <string.h>

#include "base/error.h"

pixazo_status px_flush_init(px_flush *flush)
{
  memset(flush, 0, sizeof *flush);
  if (pthread_mutex_init(&flush->lock, NULL) != 0 || pthread_cond_init(&flush->wake, NULL) != 0)
    return PIXAZO_E_NOMEM;
  return PIXAZO_OK;
}

void px_flush_done(px_flush *flush)
{
  (void)pthread_cond_destroy(&flush->wake);
  (void)pthread_mutex_destroy(&flush->lock);
}

/* A round that starts after the caller arrived covers what the caller did; callers that arrive while a
 * round runs share the next one. */
pixazo_status px_flush_shared(px_flush *flush, pixazo_status (*run)(void *, pixazo_error **), void *argument,
                              pixazo_error **error)
{
  (void)pthread_mutex_lock(&flush->lock);
  uint64_t ticket = ++flush->wanted;
  while (flush->finished < ticket) {
    if (flush->running) {
      (void)pthread_cond_wait(&flush->wake, &flush->lock);
      continue;
    }
    uint64_t before = flush->finished;
    uint64_t covered = flush->wanted;
    flush->running = true;
    (void)pthread_mutex_unlock(&flush->lock);
    pixazo_status status = run(argument, error);
    (void)pthread_mutex_lock(&flush->lock);
    flush->running = false;
    flush->finished = covered;
    if (status != PIXAZO_OK) {
      flush->failed_after = flush->failed_to == before ? flush->failed_after : before;
      flush->failed_to = covered;
      flush->status = status;
    }
    (void)pthread_cond_broadcast(&flush->wake);
  }
  pixazo_status status = ticket > flush->failed_after && ticket <= flush->failed_to ? flush->status : PIXAZO_OK;
  (void)pthread_mutex_unlock(&flush->lock);
  return status == PIXAZO_OK ? PIXAZO_OK : px_fail(error, status, "a flush shared with other files failed");
}
