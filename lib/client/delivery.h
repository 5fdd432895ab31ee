/* SPDX-License-Identifier: MIT */
/* The answer of a bare client's call in a file of memory, and the pictures out of it. */
#ifndef PX_CLIENT_DELIVERY_H
#define PX_CLIENT_DELIVERY_H

#include "base/record.h"
#include "client/plan.h"

typedef struct px_delivery {
  int descriptor;
  px_answer_writer writer;
  px_answer answer;
  char attempt[PX_UUID_TEXT];
} px_delivery;

#define PX_DELIVERY_INIT                       \
  {                                            \
    .descriptor = -1, .answer = PX_ANSWER_INIT \
  }

void px_delivery_done(px_delivery *delivery);
/* A fresh file; what was there is gone. */
pixazo_status px_delivery_open(px_delivery *delivery, const px_plan *plan, const char *attempt, const char *generation,
                               pixazo_error **error);
/* *answer: borrowed; NULL when no head came. */
pixazo_status px_delivery_read(px_delivery *delivery, const px_answer **answer, pixazo_error **error);
/* Adds the pictures of an accepted outcome to the record and ends it. Fails when none of them can be had. */
pixazo_status px_delivery_collect(px_delivery *delivery, pixazo_client *client, const px_outcome *outcome,
                                  pixazo_generation *record, pixazo_error **error);

#endif
