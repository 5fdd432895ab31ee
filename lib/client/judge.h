/* SPDX-License-Identifier: MIT */
/* Shared by the two files that judge: what is known, and what was decided. */
#ifndef PX_CLIENT_JUDGE_H
#define PX_CLIENT_JUDGE_H

#include "client/charge.h"
#include "client/plan.h"

typedef struct px_judgement {
  const pixazo_client *client;
  const px_plan *plan;
  const px_evidence *evidence;
  const px_answer *answer; /* NULL: no head came */
  px_reading reading;
  px_charge_verdict verdict;
  int32_t http_status;
  uint32_t retry_after_ms;
  bool retry_after;
  bool head_complete;
  bool whole;
  bool challenged; /* a CDN asks for a human; nobody behind it has seen the call */
  bool is_poll;
  bool trouble; /* of a poll: nothing was learnt */
} px_judgement;

/* Forms outcome->error: what failed, where, why, what it cost. */
void px_judgement_explain(const px_judgement *self, px_outcome *outcome);

#endif
