/* SPDX-License-Identifier: MIT */
#include "gateway/jobs.h"

#include <stdlib.h>
#include <string.h>

struct jobs {
  job **entries;
  size_t count;
  size_t capacity;
};

jobs *jobs_new(void)
{
  return must_alloc(1, sizeof(jobs));
}

static void job_free(job *entry)
{
  for (size_t i = 0; i < entry->state_count; i++)
    free(entry->states[i]);
  free(entry->states);
  free(entry->id);
  free(entry->error);
  bytes_done(&entry->urls);
  free(entry);
}

void jobs_free(jobs *queue)
{
  for (size_t i = 0; i < queue->count; i++)
    job_free(queue->entries[i]);
  free(queue->entries);
  free(queue);
}

static void add_state(job *entry, const char *name)
{
  entry->states = must_grow(entry->states, entry->state_count + 1, sizeof *entry->states);
  entry->states[entry->state_count++] = must_copy(name);
}

static void plan_states(job *entry, const exchange *call)
{
  if (call->script && call->script->state_count > 0) {
    for (size_t i = 0; i < call->script->state_count; i++)
      add_state(entry, call->script->states[i]);
    return;
  }
  for (int64_t i = 0; i < call->options->polls; i++)
    add_state(entry, i == 0 ? entry->words->queued : entry->words->working);
  add_state(entry, entry->words->done);
}

job *jobs_add(const exchange *call, const char *model, const job_words *words, int64_t urls)
{
  jobs *queue = call->shared->queue;
  if (queue->count == queue->capacity) {
    queue->capacity = queue->capacity ? queue->capacity * 2 : 64;
    queue->entries = must_grow(queue->entries, queue->capacity, sizeof(job *));
  }
  job *entry = must_alloc(1, sizeof *entry);
  bytes id = {0};
  bytes_printf(&id, "%s_%08zx", model, queue->count);
  entry->id = id.data;
  entry->words = words;
  plan_states(entry, call);
  entry->error = must_copy(call->script && call->script->job_error ? call->script->job_error : "generation failed");
  for (int64_t i = 0; i < urls; i++) {
    bytes_text(&entry->urls, i ? ",\"" : "\"");
    exchange_picture_url(call, &entry->urls, 0, 0);
    bytes_text(&entry->urls, "\"");
  }
  queue->entries[queue->count++] = entry;
  return entry;
}

job *jobs_find(jobs *queue, const char *id)
{
  const char *number = strrchr(id, '_');
  if (!number)
    return NULL;
  unsigned long index = strtoul(number + 1, NULL, 16);
  if (index >= queue->count || !same_text(queue->entries[index]->id, id))
    return NULL;
  return queue->entries[index];
}

size_t jobs_open(const jobs *queue, const job_words *words)
{
  size_t open = 0;
  for (size_t i = 0; i < queue->count; i++) {
    const job *entry = queue->entries[i];
    open += entry->words == words && !entry->cancelled && entry->polled < entry->state_count;
  }
  return open;
}

const char *job_state(const job *entry)
{
  return entry->states[entry->polled < entry->state_count ? entry->polled : entry->state_count - 1];
}

const char *job_next_state(job *entry)
{
  const char *state = job_state(entry);
  entry->polled++;
  return state;
}
