/* SPDX-License-Identifier: MIT */
#include "gateway/reply.h"

#include <stdlib.h>

void reply_done(reply *answer)
{
  free(answer->reason);
  free(answer->type);
  bytes_done(&answer->headers);
  bytes_done(&answer->body);
  *answer = (reply){0};
}

void reply_type(reply *answer, const char *type)
{
  free(answer->type);
  answer->type = must_copy(type);
}

void reply_json(reply *answer, int status)
{
  reply_file(answer, status, "application/json", "", 0);
}

void reply_file(reply *answer, int status, const char *type, const void *data, size_t size)
{
  answer->status = status;
  reply_type(answer, type);
  answer->body.size = 0;
  bytes_add(&answer->body, data, size);
}
