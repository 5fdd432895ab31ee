/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/crew.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

enum { LINES_MAX = 1024, LINE_MAX = 1024, RAW_MAX = 4096, SECRET_MIN = 8 };

struct line {
  struct line *next;
  int32_t level;
  size_t length;
  char text[];
};

struct pixazo_log {
  atomic_uint references;
  /* constant */
  int32_t level;
  pixazo_log_fn sink;
  void *user_data;
  struct {
    pthread_mutex_t lock;
    struct line *first;
    struct line **last;
    size_t count;
    size_t dropped;
    char **secrets;
    size_t secret_count;
  } synced;
};

pixazo_status pixazo_log_new(int32_t level, pixazo_log_fn sink, void *user_data, pixazo_log **out, pixazo_error **error)
{
  PX_REQUIRE(out, error, "out is NULL");
  if (level == 0)
    level = PIXAZO_LOG_INFO;
  if (level < PIXAZO_LOG_ERROR || level > PIXAZO_LOG_TRACE)
    return px_fail(error, PIXAZO_E_ARGUMENT, "log level %d is not one of PIXAZO_LOG_*", level);
  pixazo_log *log = px_calloc(1, sizeof *log);
  if (!log)
    return px_fail_nomem(error);
  atomic_init(&log->references, 1);
  log->level = level;
  log->sink = sink;
  log->user_data = user_data;
  (void)pthread_mutex_init(&log->synced.lock, NULL);
  log->synced.last = &log->synced.first;
  *out = log;
  return PIXAZO_OK;
}

pixazo_log *pixazo_log_ref(pixazo_log *log)
{
  if (log)
    atomic_fetch_add_explicit(&log->references, 1, memory_order_relaxed);
  return log;
}

pixazo_log *pixazo_log_unref(pixazo_log *log)
{
  if (!log || atomic_fetch_sub_explicit(&log->references, 1, memory_order_acq_rel) != 1)
    return NULL;
  while (log->synced.first) {
    struct line *line = log->synced.first;
    log->synced.first = line->next;
    px_free(line);
  }
  for (size_t i = 0; i < log->synced.secret_count; i++)
    px_free_secret(log->synced.secrets[i]);
  px_free(log->synced.secrets);
  (void)pthread_mutex_destroy(&log->synced.lock);
  px_free(log);
  return NULL;
}

/* Replaces each secret in place by stars; the line never grows. Under the lock. */
static void redact(pixazo_log *log, char *text)
{
  for (size_t i = 0; i < log->synced.secret_count; i++) {
    size_t length = strlen(log->synced.secrets[i]);
    for (char *hit = strstr(text, log->synced.secrets[i]); hit; hit = strstr(hit + length, log->synced.secrets[i]))
      memset(hit, '*', length);
  }
}

static struct line *pop(pixazo_log *log)
{
  struct line *line = log->synced.first;
  if (line) {
    log->synced.first = line->next;
    if (!line->next)
      log->synced.last = &log->synced.first;
    log->synced.count--;
  }
  return line;
}

static void push(pixazo_log *log, int32_t level, const char *text)
{
  size_t length = strlen(text);
  struct line *line = px_malloc(sizeof *line + length + 1);
  if (!line) {
    log->synced.dropped++;
    return;
  }
  line->next = NULL;
  line->level = level;
  line->length = length;
  memcpy(line->text, text, length + 1);
  if (log->synced.count == LINES_MAX) {
    px_free(pop(log));
    log->synced.dropped++;
  }
  *log->synced.last = line;
  log->synced.last = &line->next;
  log->synced.count++;
}

void px_log(pixazo_log *log, int32_t level, const char *component, const char *format, ...)
{
  if (!log || level > log->level)
    return;
  char text[RAW_MAX]; /* longer than a line: what is cut off must be redacted first */
  int used = snprintf(text, sizeof text, "%s: ", component);
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text + used, sizeof text - (size_t)used, format, arguments);
  va_end(arguments);
  (void)pthread_mutex_lock(&log->synced.lock);
  redact(log, text);
  text[px_utf8_cut(text, LINE_MAX - 1)] = '\0';
  px_text_clean(text);
  push(log, level, text);
  (void)pthread_mutex_unlock(&log->synced.lock);
}

/* Takes the next line; a pending count of dropped lines comes first, as a line of its own. */
static struct line *take(pixazo_log *log)
{
  (void)pthread_mutex_lock(&log->synced.lock);
  if (log->synced.dropped > 0 && log->synced.count < LINES_MAX) {
    char text[64];
    (void)snprintf(text, sizeof text, "log: %zu lines were dropped", log->synced.dropped);
    log->synced.dropped = 0;
    push(log, PIXAZO_LOG_WARNING, text);
  }
  struct line *line = pop(log);
  (void)pthread_mutex_unlock(&log->synced.lock);
  return line;
}

void px_log_deliver(pixazo_log *log)
{
  if (!log || !log->sink || px_thread_is_own())
    return;
  for (struct line *line = take(log); line; line = take(log)) {
    log->sink(line->level, line->text, line->length, log->user_data);
    px_free(line);
  }
}

/* Under the lock. */
static bool knows(const pixazo_log *log, const char *secret)
{
  for (size_t i = 0; i < log->synced.secret_count; i++) {
    if (strcmp(log->synced.secrets[i], secret) == 0)
      return true;
  }
  return false;
}

void px_log_add_secret(pixazo_log *log, const char *secret)
{
  if (!log || !secret || strlen(secret) < SECRET_MIN)
    return;
  (void)pthread_mutex_lock(&log->synced.lock);
  if (!knows(log, secret)) {
    char *copy = px_strdup(secret);
    char **grown = px_realloc_array(log->synced.secrets, log->synced.secret_count + 1, sizeof *grown);
    log->synced.secrets = grown ? grown : log->synced.secrets;
    if (copy && grown)
      log->synced.secrets[log->synced.secret_count++] = copy;
    else
      px_free_secret(copy);
  }
  (void)pthread_mutex_unlock(&log->synced.lock);
}

pixazo_status pixazo_log_next(pixazo_log *log, int32_t *level, char **line)
{
  if (!log || !line)
    return PIXAZO_E_ARGUMENT;
  struct line *taken = take(log);
  if (!taken)
    return PIXAZO_E_AGAIN;
  char *copy = px_strndup(taken->text, taken->length);
  if (copy) {
    if (level)
      *level = taken->level;
    *line = copy;
  }
  px_free(taken);
  return copy ? PIXAZO_OK : PIXAZO_E_NOMEM;
}
