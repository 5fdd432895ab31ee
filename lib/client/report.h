/* SPDX-License-Identifier: MIT */
/* What a call tells: while it runs, and once it has ended. */
#ifndef PX_CLIENT_REPORT_H
#define PX_CLIENT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <pixazo/blob.h>
#include <pixazo/error.h>

/* What comes while a call runs, beside the bytes of its answer. */
typedef struct px_report {
  uint64_t work_done, work_total; /* in units of the provider's own; both 0: nothing about that */
  pixazo_blob *partial;           /* a picture on its way; borrowed; NULL: none */
  int32_t partial_index;
} px_report;

/* What is known about a call once nothing more will come. */
typedef struct px_evidence {
  pixazo_status status; /* of the transfer; PIXAZO_OK = a whole HTTP answer of any status */
  const pixazo_error *error; /* why the transfer failed; borrowed during on_done */
  bool body_asked;      /* false: no byte of the body left */
  bool head_complete, body_complete;
  int32_t http_status;
  int64_t started_us, ended_us; /* wall clock */
  int32_t trouble; /* PX_TROUBLE_* of net/engine.h, finer than the status; 0: none known */
#define PX_TROUBLE_REFUSED_HERE 1 /* PX_TROUBLE_GUARD by a name for callers that may not see net/ */
} px_evidence;

#endif
