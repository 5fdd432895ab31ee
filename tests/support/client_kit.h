/* SPDX-License-Identifier: MIT */
/* A client, plans and answers for tests that send nothing. */
#ifndef PX_SUPPORT_CLIENT_KIT_H
#define PX_SUPPORT_CLIENT_KIT_H

#include <stdbool.h>

#include <pixazo/client.h>

#include "client/steps.h"

/* "test-key-not-real-0000" */
extern const char kit_key[];

/* With that key; NULL options: provider pixazo, nothing else set. Never NULL. */
pixazo_client *kit_client(const char *provider, const char *offline_script);
/* The only plan of a request in JSON; px_plan_unref. Fails the test when there is not exactly one. */
px_plan *kit_plan(pixazo_client *client, const char *request_json);

typedef struct kit_answer {
  int descriptor;
  px_answer answer;
  px_evidence evidence; /* a whole answer; change it at will */
} kit_answer;

typedef struct kit_reply {
  int status;
  const char *type; /* NULL: none */
  const char *body;
  size_t size;        /* 0: strlen(body) */
  const char *header; /* further head line; NULL: none */
  const char *value;
  bool cut; /* no trailer */
} kit_reply;

/* An answer file in memory, as it would be read back. kit_answer_done. */
void kit_answer_make(kit_answer *self, const kit_reply *reply);
void kit_answer_done(kit_answer *self);

/* px_client_judge of a reply; px_outcome_free. */
px_outcome *kit_judge(pixazo_client *client, const px_plan *plan, const kit_reply *reply);
px_outcome *kit_judge_poll(pixazo_client *client, const px_plan *plan, const kit_reply *reply);

#endif
