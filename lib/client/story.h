/* SPDX-License-Identifier: MIT */
/* What a bare client tells of its calls: to the record it hands out, and to its metrics. */
#ifndef PX_CLIENT_STORY_H
#define PX_CLIENT_STORY_H

#include "base/metrics.h"
#include "base/record.h"
#include "client/steps.h"

typedef struct px_story {
  px_series *series;
  pixazo_generation *record; /* borrowed */
  const px_clock *clock;
  int64_t started_us; /* monotonic: of the call that is under way */
} px_story;

/* Tells the record what became of a call, a queue's later end too. What finds no memory is left out: the picture counts,
 * not its story. */
void px_story_call(const px_story *self, const char *attempt, const px_outcome *outcome, int64_t sent_us);
/* Once what became of the call is known, the queue's word included. */
void px_story_measure(const px_story *self, const px_outcome *outcome);
/* `outcome` of the last call; NULL: there was none. */
void px_story_end(const px_story *self, pixazo_status status, const px_outcome *outcome);

#endif
