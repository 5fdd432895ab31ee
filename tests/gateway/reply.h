/* SPDX-License-Identifier: MIT */
/* An answer before it is put on the wire. */
#ifndef GATEWAY_REPLY_H
#define GATEWAY_REPLY_H

#include "gateway/bytes.h"

typedef struct reply {
  int status;
  char *reason; /* NULL = the usual one */
  char *type;   /* Content-Type, NULL = none */
  bytes headers; /* further lines, each ending in CRLF */
  bytes body;
} reply;

void reply_done(reply *answer);
void reply_type(reply *answer, const char *type);
/* Status, type application/json and an empty body to add to. */
void reply_json(reply *answer, int status);
void reply_file(reply *answer, int status, const char *type, const void *data, size_t size);

#endif
