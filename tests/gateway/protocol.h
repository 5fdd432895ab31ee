/* SPDX-License-Identifier: MIT */
/* The protocols the gateway speaks, one row each; the path of a request says which. */
#ifndef GATEWAY_PROTOCOL_H
#define GATEWAY_PROTOCOL_H

#include "gateway/exchange.h"

/* An answer that a rule names. Headers and body may hold the marks of exchange_expand. */
typedef struct ready_answer {
  const char *name;
  int status;
  const char *type; /* NULL = none */
  const char *headers;
  const char *body;
} ready_answer;

typedef struct protocol {
  const char *name;
  bool (*owns)(const http_request *request);
  /* True with the refusal in `out` when the key is missing or wrong. */
  bool (*refuses)(const exchange *call, reply *out);
  void (*answer)(const exchange *call, reply *out);
  /* Headers that every answer of the protocol has. May be NULL. */
  void (*dress)(const exchange *call, reply *out);
  /* True for what asks how a job is, or ends one: it is not billed. May be NULL. */
  bool (*polls)(const http_request *request);
  const ready_answer *ready; /* ends with a row without a name */
  /* Answers whose names carry a parameter: true when `name` is one; gives it unless `call` is NULL. May be NULL. */
  bool (*give)(const exchange *call, const char *name, reply *out);
} protocol;

/* The one that owns the path; Pixazo owns what no other does. */
const protocol *protocol_of(const http_request *request);
/* All of them, ended by NULL. */
const protocol *const *protocol_all(void);

extern const protocol pixazo_protocol;
extern const protocol openai_protocol;
extern const protocol google_protocol;
extern const protocol a1111_protocol;
extern const protocol sdcpp_protocol;
extern const protocol inference_protocol;

#endif
