/* SPDX-License-Identifier: MIT */
/* The inside of an event. */
#ifndef PX_PIPELINE_EVENT_H
#define PX_PIPELINE_EVENT_H

#include "pipeline/internal.h"

struct pixazo_event {
  struct pixazo_event *next;
  struct pixazo_event **held; /* under the lock: where its job holds it, to overwrite it while it waits; NULL: nowhere */
  int32_t kind;
  int32_t state;
  int32_t stage;
  uint32_t delay_ms;
  uint64_t done;
  uint64_t total;
  uint64_t work_done;
  uint64_t work_total;
  pixazo_blob *partial;
  int32_t partial_index;
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
