/* SPDX-License-Identifier: MIT */
/* Queue jobs: made by a submit, asked for by polls, kept as long as the server lives. */
#ifndef GATEWAY_JOBS_H
#define GATEWAY_JOBS_H

#include "gateway/exchange.h"

/* States of a protocol when no rule says otherwise. */
typedef struct job_words {
  const char *queued;
  const char *working;
  const char *done;
} job_words;

typedef struct job {
  char *id;
  const job_words *words;
  char **states; /* one for each poll, the last one for ever */
  size_t state_count;
  size_t polled;
  char *error;
  bytes urls; /* the inside of a JSON list */
  int64_t images; /* of an answer that carries them itself */
  picture_kind kind;
  uint32_t width;
  uint32_t height;
  bool cancelled;
} job;

jobs *jobs_new(void);
void jobs_free(jobs *queue);
/* With addresses of so many pictures. */
job *jobs_add(const exchange *call, const char *model, const job_words *words, int64_t urls);
job *jobs_find(jobs *queue, const char *id);
/* Jobs with these words that are not at their end. */
size_t jobs_open(const jobs *queue, const job_words *words);
/* The state the next poll sees. */
const char *job_state(const job *entry);
/* The same, polled. */
const char *job_next_state(job *entry);

#endif
