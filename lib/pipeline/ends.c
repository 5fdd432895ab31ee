/* SPDX-License-Identifier: MIT */
/* Why a generation ended, for who asks when it is over: the error itself while it is among the last ones that failed here,
 * else what the record says. */
#include "pipeline/internal.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"

enum { ANY_STATE = -1 };

void px_ends_free(pixazo_pipeline *pipeline)
{
  for (size_t i = 0; i < PX_ENDS_KEPT; i++)
    pixazo_error_free(pipeline->synced.ends[i].error);
}

static void keep(pixazo_pipeline *pipeline, const char *uuid, int32_t state, pixazo_error *error)
{
  px_end *end = &pipeline->synced.ends[pipeline->synced.next_end++ % PX_ENDS_KEPT];
  pixazo_error_free(end->error);
  *end = (px_end){.state = state, .error = error};
  memcpy(end->uuid, uuid, sizeof end->uuid);
}

/* The id of the first part stands for the whole request, which fails with the first of its parts that does. */
void px_ends_keep(const px_group *group)
{
  px_job *first = group->first;
  bool alone = first->next_in_group == NULL;
  for (px_job *job = group->jobs; job; job = job->next_in_group) {
    if (!job->synced.error)
      continue;
    if (!first->synced.error)
      first->synced.error = px_error_copy(job->synced.error);
    if (job != first)
      keep(job->pipeline, job->uuid, job->synced.state, px_steal(&job->synced.error));
  }
  if (first->synced.error)
    keep(first->pipeline, first->uuid, alone ? first->synced.state : ANY_STATE, px_steal(&first->synced.error));
}

/* Somebody may have gone on with it since, here or elsewhere: then its state is another one. */
static bool is_of(const px_end *end, const char *uuid, const pixazo_generation *record)
{
  return end->error && strcmp(end->uuid, uuid) == 0 && (!record || end->state == ANY_STATE || end->state == record->state);
}

pixazo_error *px_ends_find(pixazo_pipeline *pipeline, const char *uuid, const pixazo_generation *record)
{
  pixazo_error *found = NULL;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  for (size_t i = 0; i < PX_ENDS_KEPT && !found; i++) {
    const px_end *end = &pipeline->synced.ends[(pipeline->synced.next_end - 1 - i) % PX_ENDS_KEPT];
    if (is_of(end, uuid, record))
      found = px_error_copy(end->error);
  }
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  return found;
}

static pixazo_status status_of_failure(const pixazo_generation *record)
{
  if (record->image_count > 0)
    return px_review_withheld(record) ? PIXAZO_E_REJECTED : PIXAZO_E_CORRUPT;
  if (record->last_class == PIXAZO_CLASS_NOT_SENT)
    return PIXAZO_E_NETWORK;
  switch (record->http_status) {
  case 401:
  case 403:
    return PIXAZO_E_AUTH;
  case 402:
    return PIXAZO_E_QUOTA;
  case 429:
  case 503:
  case 529:
    return PIXAZO_E_THROTTLED;
  default:
    return PIXAZO_E_PROVIDER;
  }
}

static pixazo_status status_of(const pixazo_generation *record)
{
  switch (record->state) {
  case PIXAZO_GENERATION_DONE:
  case PIXAZO_GENERATION_PARTIAL:
    return PIXAZO_OK;
  case PIXAZO_GENERATION_AMBIGUOUS:
    return PIXAZO_E_AMBIGUOUS;
  case PIXAZO_GENERATION_BLOCKED:
    return PIXAZO_E_REJECTED;
  case PIXAZO_GENERATION_CANCELLED:
    return PIXAZO_E_CANCELLED;
  case PIXAZO_GENERATION_FAILED:
    return status_of_failure(record);
  default:
    return PIXAZO_E_STATE; /* planned or active without a job here, or given up */
  }
}

pixazo_status px_ends_judge(const pixazo_generation *record, pixazo_error **error)
{
  pixazo_status status = status_of(record);
  if (status == PIXAZO_OK)
    return PIXAZO_OK;
  const char *why = pixazo_generation_message(record);
  (void)px_fail(error, status, "generation %s is %s%s%s", record->uuid, pixazo_generation_state_name(record->state), *why ? ": " : "",
                why);
  if (record->state == PIXAZO_GENERATION_PLANNED || record->state == PIXAZO_GENERATION_ACTIVE)
    px_error_hint(error, "nobody works on it here: resume goes on with it");
  px_error_http(error, record->http_status, NULL, NULL);
  return status;
}
