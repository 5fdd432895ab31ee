/* SPDX-License-Identifier: MIT */
/* What a protocol sees of one request. */
#ifndef GATEWAY_EXCHANGE_H
#define GATEWAY_EXCHANGE_H

#include "gateway/http.h"
#include "gateway/reply.h"
#include "gateway/script.h"
#include "gateway/settings.h"

typedef struct jobs jobs;

typedef struct exchange {
  const http_request *request;
  const settings *options;
  const char *base; /* "https://127.0.0.1:4321", no slash at the end */
  jobs *queue;
  uint64_t *next_picture; /* never starts again: no two answers name the same picture */
  const rule *script;     /* NULL = no rule for this request */
} exchange;

/* A new picture: the address of a file that this server gives from now on. Sizes of 0 = as the command line says. */
void exchange_picture_url(const exchange *call, bytes *out, uint32_t width, uint32_t height);
/* The picture of a path "/files/..."; 404 for other forms. */
void exchange_give_file(const exchange *call, reply *out);
/* Copies text, {{base}}, {{authority}} and {{file}} replaced. */
void exchange_expand(const exchange *call, const char *text, size_t size, bytes *out);

#endif
