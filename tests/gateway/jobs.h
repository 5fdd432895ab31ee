/* SPDX-License-Identifier: MIT */
/* Queue jobs: made by a submit, asked for by polls, kept as long as the server lives. */
#ifndef GATEWAY_JOBS_H
#define GATEWAY_JOBS_H

#include "gateway/exchange.h"

typedef struct job {
  char *id;
  char **states; /* one for each poll, the last one for ever */
  size_t state_count;
  size_t polled;
  char *error;
  bytes urls; /* the inside of a JSON list */
} job;

jobs *jobs_new(void);
void jobs_free(jobs *queue);
const job *jobs_add(const exchange *call, const char *model, int64_t images);
job *jobs_find(jobs *queue, const char *id);
/* The state this poll sees. */
const char *job_next_state(job *entry);

#endif
