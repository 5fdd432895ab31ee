/* SPDX-License-Identifier: MIT */
/* The charge rules: what the evidence about one paid call says about money. Pure. */
#ifndef PX_CLIENT_CHARGE_H
#define PX_CLIENT_CHARGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/provider.h"
#include "client/reading.h"

typedef struct px_charge_case {
  bool body_asked;    /* bytes of the request's body were asked for */
  bool head_complete; /* a whole head came back */
  int32_t http_status;
  px_author author;
  bool whole;        /* the body of the answer is whole */
  bool unreadable;   /* neither JSON nor a picture */
  bool policy;       /* it speaks of content policy */
  bool overload;     /* it speaks of too much load */
  bool retry_after;  /* it names a wait */
  px_ruling ruling;  /* what a rule of the provider says about it */
  bool accepted_id;  /* a queue took the work: there is an id to ask about */
  bool queue_failed; /* a queue says that the work failed */
  size_t pictures;
  const px_billing *billing;
  bool unbilled; /* nothing is billed here */
} px_charge_case;

typedef struct px_charge_verdict {
  int32_t attempt_class; /* PIXAZO_CLASS_*, never NONE */
  int32_t charge;        /* PIXAZO_CHARGE_* */
} px_charge_verdict;

px_charge_verdict px_charge_decide(const px_charge_case *facts);

#endif
