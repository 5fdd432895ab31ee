/* SPDX-License-Identifier: MIT */
/* What a protocol sees of one request, and what it builds answers with. */
#ifndef GATEWAY_EXCHANGE_H
#define GATEWAY_EXCHANGE_H

#include "gateway/device.h"
#include "gateway/http.h"
#include "gateway/reply.h"
#include "gateway/script.h"
#include "gateway/settings.h"

typedef struct jobs jobs;

/* What outlives a request. */
typedef struct world {
  jobs *queue;
  uint64_t next_picture; /* never starts again: no two answers name the same picture */
  uint64_t next_id;
  device card;
} world;

typedef struct exchange {
  const http_request *request;
  const settings *options;
  const char *base; /* "https://127.0.0.1:4321", no slash at the end */
  world *shared;
  const rule *script; /* NULL = no rule for this request */
  uint64_t caller;    /* number of the connection, from 1 */
} exchange;

bool exchange_is_file(const char *path);
/* A new picture: the address of a file that this server gives from now on. Sizes of 0 = as the command line says. */
void exchange_picture_url(const exchange *call, bytes *out, uint32_t width, uint32_t height);
/* The same in another folder, such as "/generated-images/". */
void exchange_picture_in(const exchange *call, const char *folder, bytes *out, uint32_t width, uint32_t height);
/* A new picture for an answer. Sizes of 0 = as the rule's image_bytes, or the command line, says. */
picture exchange_picture(const exchange *call, picture_kind kind, uint32_t width, uint32_t height);
/* True when pictures have the size that was asked for. */
bool exchange_honours_size(const exchange *call);
/* The picture of the path of a file; 404 for other forms. */
void exchange_give_file(const exchange *call, reply *out);
/* Copies text, {{base}}, {{authority}}, {{file}} and {{date+SECONDS}} replaced. */
void exchange_expand(const exchange *call, const char *text, size_t size, bytes *out);
/* The one key that is accepted from `protocol`; NULL = any. */
const char *exchange_key(const exchange *call, const char *protocol);
/* Sixteen digits that no answer had before. */
void exchange_id(const exchange *call, bytes *out);

#endif
