/* SPDX-License-Identifier: MIT */
#include "client/story.h"

#include <string.h>

static px_call_record *call_of(const px_story *self, const char *attempt, int64_t sent_us)
{
  pixazo_generation *record = self->record;
  px_call_record *call = record->call_count > 0 ? &record->calls[record->call_count - 1] : NULL;
  if (call && strcmp(call->uuid, attempt) == 0)
    return call;
  call = px_generation_add_call(record);
  if (!call)
    return NULL;
  memcpy(call->uuid, attempt, sizeof call->uuid);
  call->n = record->attempts;
  call->sent_us = record->sent_us = sent_us;
  return call;
}

void px_story_call(const px_story *self, const char *attempt, const px_outcome *outcome, int64_t sent_us)
{
  px_call_record *call = call_of(self, attempt, sent_us);
  if (!call)
    return;
  call->attempt_class = outcome->attempt_class;
  call->http_status = outcome->http_status;
  call->charge = outcome->charge;
  call->confidence = outcome->confidence;
  call->cost_micros = outcome->cost_micros;
  call->answered_us = self->record->answered_us = px_wall_us(self->clock);
  (void)px_record_set(&call->provider, self->record->provider);
  (void)px_record_set(&call->model, self->record->model);
  (void)px_record_set(&call->provider_code, outcome->provider_code);
  (void)px_record_set(&call->request_id, outcome->request_id);
  (void)px_record_set(&call->remote_id, outcome->remote_id);
  (void)px_record_set(&call->safety_json, outcome->safety_json);
  (void)px_record_set(&call->currency, outcome->currency);
  (void)px_record_set(&call->message, outcome->error ? pixazo_error_message(outcome->error) : NULL);
}

void px_story_measure(const px_story *self, const px_outcome *outcome)
{
  px_measured_call call = {.attempt_class = outcome->attempt_class,
                           .charge = outcome->charge,
                           .confidence = outcome->confidence,
                           .currency = outcome->currency,
                           .cost_micros = outcome->cost_micros,
                           .duration_us = px_mono_us(self->clock) - self->started_us};
  px_series_call(self->series, &call);
}

/* In which state the generation leaves this call. */
static int32_t state_of_end(const px_story *self, pixazo_status status, const px_outcome *outcome)
{
  if (status == PIXAZO_OK)
    return self->record->state;
  if (outcome && outcome->attempt_class == PIXAZO_CLASS_BLOCKED)
    return PIXAZO_GENERATION_BLOCKED;
  if (status == PIXAZO_E_AMBIGUOUS)
    return PIXAZO_GENERATION_AMBIGUOUS;
  return status == PIXAZO_E_CANCELLED ? PIXAZO_GENERATION_CANCELLED : PIXAZO_GENERATION_FAILED;
}

void px_story_end(const px_story *self, pixazo_status status, const px_outcome *outcome)
{
  pixazo_generation *record = self->record;
  record->ended_us = px_wall_us(self->clock);
  px_series_generation(self->series, state_of_end(self, status, outcome));
  px_series_time(self->series, PX_TIME_GENERATION, record->ended_us - record->created_us);
  for (size_t i = 0; i < record->image_count; i++)
    px_series_picture(self->series, record->images[i].state, record->images[i].bytes);
}
