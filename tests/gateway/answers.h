/* SPDX-License-Identifier: MIT */
/* Ready answers that a rule names, and what a rule changes of an answer. */
#ifndef GATEWAY_ANSWERS_H
#define GATEWAY_ANSWERS_H

#include "gateway/exchange.h"

bool answers_know(const char *name);
/* The answer of a request: the rule's, else the protocol's. */
void answers_make(const exchange *call, reply *out);

#endif
