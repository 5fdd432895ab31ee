/* SPDX-License-Identifier: MIT */
/* The Pixazo gateway when nothing goes wrong, and its own errors for a wrong path, body or key. */
#ifndef GATEWAY_PIXAZO_H
#define GATEWAY_PIXAZO_H

#include "gateway/exchange.h"

/* True with a 401 in `out` when the key header is missing or wrong. */
bool pixazo_refuses_key(const exchange *call, reply *out);
void pixazo_answer(const exchange *call, reply *out);
bool pixazo_is_poll(const http_request *request);

#endif
