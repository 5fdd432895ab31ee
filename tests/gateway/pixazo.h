/* SPDX-License-Identifier: MIT */
/* Pixazo's queue; its other calls are in pixazo.c. */
#ifndef GATEWAY_PIXAZO_H
#define GATEWAY_PIXAZO_H

#include "gateway/protocol.h"

/* Azure API Management's own form of an error. */
void pixazo_refuse(reply *out, int status, const char *message);
void pixazo_submit(const exchange *call, const char *model, int64_t images, reply *out);
/* GET of a status address, or POST of an operation that asks for one. */
bool pixazo_is_poll(const http_request *request);
void pixazo_poll(const exchange *call, reply *out);

extern const ready_answer pixazo_ready[];

#endif
