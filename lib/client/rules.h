/* SPDX-License-Identifier: MIT */
/* How a definition reads an answer: where in the document things are, and what errors mean. */
#ifndef PX_CLIENT_RULES_H
#define PX_CLIENT_RULES_H

#include "base/arena.h"
#include "client/reading.h"
#include "json/place.h"

typedef struct px_error_rule {
  int32_t status_low; /* 0: any */
  int32_t status_high;
  const char *code;    /* the whole code, case aside; NULL: any */
  const char *message; /* a part of the message, case aside; NULL: any */
  px_ruling means;
} px_error_rule;

/* Paths: a text or a list of them, the first that is there holds. NULL: the tolerant reading finds it. */
typedef struct px_answer_rules {
  const char *embedded; /* member whose text is JSON; paths go on into it */
  const px_json *pictures;
  const px_json *seeds;
  const px_json *revised_prompts;
  const px_json *message;
  const px_json *code;
  const px_json *request_id;
  const px_json *remote_id;
  const px_json *poll_url;
  const px_json *state;
  const px_json *working; /* words of the state */
  const px_json *done;
  const px_json *failed;
  const px_json *cost;
  int64_t cost_unit_micros; /* of one unit of the cost */
  px_error_rule *errors;
  size_t error_count;
} px_answer_rules;

/* "a.b[0].c", and "[]" for each element where that makes sense. */
pixazo_status px_rules_check_path(const px_place *place, bool wild, pixazo_error **error);
pixazo_status px_rules_read_answer(px_answer_rules *rules, const px_place *place, pixazo_error **error);
pixazo_status px_rules_read_errors(px_answer_rules *rules, px_arena *arena, const px_place *place, pixazo_error **error);

/* Puts what the rules find in place of what the tolerant reading found. For px_reading_read_by. */
pixazo_status px_rules_apply(const void *rules, const px_document *document, px_reading *reading, pixazo_error **error);
/* The first error rule that fits an answer without a picture. */
void px_rules_judge(const px_answer_rules *rules, int32_t http_status, px_reading *reading);

#endif
