/* SPDX-License-Identifier: MIT */
#include "base/crew.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

struct px_crew {
  /* constant after px_crew_new */
  unsigned thread_count;
  pthread_t *threads;
  struct {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    px_task *first;
    px_task **last;
    unsigned running; /* tasks being run: they may add more */
    unsigned idle;    /* threads that wait */
    bool stirring;    /* one was woken and has not come yet; it wakes the next one when there is more to do */
    bool ending;
  } synced;
};

static _Thread_local bool own_thread;

void px_thread_enter(void)
{
  own_thread = true;
}

bool px_thread_is_own(void)
{
  return own_thread;
}

pixazo_status px_thread_start(const char *name, void *(*body)(void *), void *argument, void *thread, pixazo_error **error)
{
  sigset_t all;
  sigset_t before;
  pthread_t *started = thread;
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  int result = pthread_create(started, NULL, body, argument);
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (result != 0)
    return px_fail_errno(error, PIXAZO_E_IO, result, "cannot start thread %s", name);
  (void)pthread_setname_np(*started, name);
  return PIXAZO_OK;
}

/* Under the lock. Tasks are often over sooner than a thread is awake: waking one for each would wake most for nothing. */
static void stir(px_crew *crew)
{
  if (crew->synced.stirring || crew->synced.idle == 0 || !crew->synced.first)
    return;
  crew->synced.stirring = true;
  (void)pthread_cond_signal(&crew->synced.wake);
}

/* Under the lock. */
static void rest(px_crew *crew)
{
  crew->synced.idle++;
  (void)pthread_cond_wait(&crew->synced.wake, &crew->synced.lock);
  crew->synced.idle--;
  crew->synced.stirring = false;
}

/* Next task, or NULL when none is there (wait = false) or the crew has ended. */
static px_task *take(px_crew *crew, bool wait)
{
  (void)pthread_mutex_lock(&crew->synced.lock);
  while (wait && !crew->synced.first && !(crew->synced.ending && crew->synced.running == 0))
    rest(crew);
  px_task *task = crew->synced.first;
  if (task) {
    crew->synced.first = task->next;
    if (!task->next)
      crew->synced.last = &crew->synced.first;
    crew->synced.running++;
    stir(crew);
  }
  (void)pthread_mutex_unlock(&crew->synced.lock);
  return task;
}

static void finished(px_crew *crew)
{
  (void)pthread_mutex_lock(&crew->synced.lock);
  crew->synced.running--;
  if (crew->synced.ending && crew->synced.running == 0)
    (void)pthread_cond_broadcast(&crew->synced.wake);
  (void)pthread_mutex_unlock(&crew->synced.lock);
}

static void *work(void *argument)
{
  px_crew *crew = argument;
  px_thread_enter();
  for (px_task *task = take(crew, true); task; task = take(crew, true)) {
    task->run(task);
    finished(crew);
  }
  return NULL;
}

bool px_crew_step(px_crew *crew)
{
  px_task *task = take(crew, false);
  if (!task)
    return false;
  task->run(task);
  finished(crew);
  return true;
}

unsigned px_crew_threads(const px_crew *crew)
{
  return crew->thread_count;
}

void px_crew_add(px_crew *crew, px_task *task)
{
  task->next = NULL;
  (void)pthread_mutex_lock(&crew->synced.lock);
  *crew->synced.last = task;
  crew->synced.last = &task->next;
  stir(crew);
  (void)pthread_mutex_unlock(&crew->synced.lock);
}

pixazo_status px_crew_new(const char *name, unsigned threads, px_crew **out, pixazo_error **error)
{
  px_crew *crew = px_calloc(1, sizeof *crew);
  if (!crew)
    return px_fail_nomem(error);
  (void)pthread_mutex_init(&crew->synced.lock, NULL);
  (void)pthread_cond_init(&crew->synced.wake, NULL);
  crew->synced.last = &crew->synced.first;
  crew->threads = px_calloc(threads, sizeof *crew->threads);
  if (!crew->threads) {
    px_crew_free(crew);
    return px_fail_nomem(error);
  }
  for (unsigned i = 0; i < threads; i++) {
    pixazo_status status = px_thread_start(name, work, crew, &crew->threads[i], error);
    if (status != PIXAZO_OK) {
      px_crew_free(crew);
      return status;
    }
    crew->thread_count++;
  }
  *out = crew;
  return PIXAZO_OK;
}

void px_crew_free(px_crew *crew)
{
  if (!crew)
    return;
  while (crew->thread_count == 0 && px_crew_step(crew)) {
  }
  (void)pthread_mutex_lock(&crew->synced.lock);
  crew->synced.ending = true;
  (void)pthread_cond_broadcast(&crew->synced.wake);
  (void)pthread_mutex_unlock(&crew->synced.lock);
  for (unsigned i = 0; i < crew->thread_count; i++)
    (void)pthread_join(crew->threads[i], NULL);
  px_free(crew->threads);
  (void)pthread_cond_destroy(&crew->synced.wake);
  (void)pthread_mutex_destroy(&crew->synced.lock);
  px_free(crew);
}
