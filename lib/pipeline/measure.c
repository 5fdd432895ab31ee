/* SPDX-License-Identifier: MIT */
/* What a pipeline adds to the metrics of its client. */
#include "pipeline/internal.h"

#include "base/error.h"
#include "base/log.h"

static px_gauge gauge_of(int32_t phase)
{
  return phase == PX_PHASE_WAITING ? PX_GAUGE_WAITING : PX_GAUGE_IN_FLIGHT;
}

void px_measure_model(px_job *job)
{
  const px_plan_facts *facts = px_plan_get(job->plan);
  int32_t phase = job->phase;
  int64_t since = job->phase_us;
  px_measure_phase(job, PX_PHASE_NONE); /* leaves the gauges of the model it turns away from */
  job->series = px_metrics_series(pixazo_client_metrics(job->pipeline->client), facts->provider, facts->model);
  px_measure_phase(job, phase);
  job->phase_us = since;
}

void px_measure_added(px_job *job)
{
  job->counted = true;
  px_series_count(job->series, PX_COUNT_ADDED);
}

void px_measure_phase(px_job *job, int32_t phase)
{
  if (job->phase == phase)
    return;
  int64_t now = px_mono_us(job->pipeline->clock);
  if (job->phase != PX_PHASE_NONE)
    px_series_gauge(job->series, gauge_of(job->phase), -1);
  if (phase != PX_PHASE_NONE)
    px_series_gauge(job->series, gauge_of(phase), 1);
  if (job->phase == PX_PHASE_WAITING && phase == PX_PHASE_IN_FLIGHT) {
    px_series_time(job->series, PX_TIME_QUEUE, now - job->phase_us);
    px_log(job->pipeline->log, PIXAZO_LOG_DEBUG, "pipeline", "generation %s: sent after %lld us of waiting", job->uuid,
           (long long)(now - job->phase_us));
  }
  job->phase = phase;
  job->phase_us = now;
}

void px_measure_verdict(px_job *job, const px_gate_verdict *verdict)
{
  if (verdict->verdict == PX_GATE_GO)
    px_measure_phase(job, PX_PHASE_IN_FLIGHT);
  else if (verdict->verdict == PX_GATE_WAIT && job->waiting_since_us == 0) /* a call, however often it has to look */
    px_series_count(job->series, PX_COUNT_WAITS);
  else if (verdict->verdict == PX_GATE_DENIED && pixazo_error_status(verdict->error) == PIXAZO_E_BUDGET)
    px_series_count(job->series, PX_COUNT_DENIED);
}

/* What a queue took is counted when the queue is done with it. */
void px_measure_answer(const px_job *job)
{
  const px_outcome *outcome = job->outcome;
  if (outcome->attempt_class == PIXAZO_CLASS_ACCEPTED && job->item_count == 0)
    return;
  px_measured_call call = {.attempt_class = outcome->attempt_class,
                           .charge = outcome->charge,
                           .confidence = outcome->confidence,
                           .currency = outcome->currency,
                           .cost_micros = outcome->cost_micros,
                           .duration_us = job->recovered ? 0 : job->answered_us - job->sent_us};
  px_series_call(job->series, &call);
  px_log(job->pipeline->log, PIXAZO_LOG_DEBUG, "pipeline", "generation %s: call %d %s, HTTP %d, request %s, %lld us", job->uuid,
         job->n, pixazo_class_name(call.attempt_class), outcome->http_status, outcome->request_id ? outcome->request_id : "-",
         (long long)(job->answered_us - job->sent_us));
}

void px_measure_end(px_job *job, int32_t state)
{
  px_measure_phase(job, PX_PHASE_NONE);
  if (!job->counted)
    return;
  px_series_generation(job->series, state);
  if (!job->recovered && state >= PIXAZO_GENERATION_DONE)
    px_series_time(job->series, PX_TIME_GENERATION, px_wall_us(job->pipeline->clock) - job->created_us);
}

void px_measure_fetched(px_item *item)
{
  item->image.download_us = px_mono_us(item->job->pipeline->clock) - item->asked_us;
  px_series_time(item->job->series, PX_TIME_DOWNLOAD, item->image.download_us);
  px_log(item->job->pipeline->log, PIXAZO_LOG_DEBUG, "pipeline", "picture %s: downloaded in %lld us", item->image.uuid,
         (long long)item->image.download_us);
}

void px_measure_picture(px_item *item)
{
  px_series *series = item->job->series;
  bool recorded = item->wanted_state == PIXAZO_IMAGE_RECORDED;
  px_series_picture(series, item->wanted_state, recorded ? item->image.bytes : 0);
  if (!recorded || item->here_us == 0)
    return;
  item->image.processing_us = px_mono_us(item->job->pipeline->clock) - item->here_us;
  px_series_time(series, PX_TIME_PROCESSING, item->image.processing_us);
  px_log(item->job->pipeline->log, PIXAZO_LOG_DEBUG, "pipeline", "picture %s: %lld bytes stored as %s in %lld us",
         item->image.uuid, (long long)item->image.bytes, item->final_key ? item->final_key : "",
         (long long)item->image.processing_us);
}
