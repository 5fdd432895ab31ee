/* SPDX-License-Identifier: MIT */
/* The inside of an event. */
#ifndef PX_PIPELINE_EVENT_H
#define PX_PIPELINE_EVENT_H

#include "pipeline/internal.h"

struct pixazo_event {
  struct pixazo_event *next;
  px_job *progress_of; /* under the lock: this event may still be overwritten by the job */
  int32_t kind;
  int32_t state;
  int32_t stage;
  uint32_t delay_ms;
  uint64_t done;
  uint64_t total;
  int64_t until_us;
  char generation[PX_UUID_TEXT];
  char image[PX_UUID_TEXT];
  char *subject; /* these four of an alert */
  char *message;
  int64_t value;
  int64_t threshold;
  int32_t alert;
  pixazo_error *error;
};

#endif
