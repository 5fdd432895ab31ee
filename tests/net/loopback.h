/* SPDX-License-Identifier: MIT */
/* What a group of tests shares: one gateway and one engine that may speak to it. */
#ifndef PX_TESTS_NET_LOOPBACK_H
#define PX_TESTS_NET_LOOPBACK_H

#include "probe.h"
#include "support/gateway.h"

extern gateway server;
extern px_engine *engine;

/* Of a group. */
int loopback_set_up(void **state);
int loopback_tear_down(void **state);

#endif
