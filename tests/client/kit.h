/* SPDX-License-Identifier: MIT */
/* A gateway and a client that knows it, for each test program. */
#ifndef PX_CLIENT_TEST_KIT_H
#define PX_CLIENT_TEST_KIT_H

#include "support/testing.h"

#include <pixazo/client.h>

#include "support/gateway.h"

typedef struct kit {
  gateway gateway;
  pixazo_client *client;
  pixazo_generation *record; /* of the last call; NULL when it failed */
  pixazo_error *error;       /* of the last call */
} kit;

extern const char kit_secret[];

/* cmocka set-up and tear-down of a group: *state is the kit; the client has the defaults with short waits. */
int kit_start(void **state);
int kit_stop(void **state);

/* Defaults for this gateway: key, base URL, allowed host, waits of milliseconds. */
pixazo_client_options kit_options(const kit *self);
/* Replaces the client. */
void kit_use(kit *self, const pixazo_client_options *options);
/* The same for a provider that is asked by this rule ("done": ...) each 100 ms how far a call is; it takes a key. */
void kit_use_engine(kit *self, pixazo_client_options *options, const char *rule);
/* Its client sees the monotonic clock so much later; any thread that is not inside a call. */
void kit_put_forward(kit *self, int64_t microseconds);
/* New rules, counters at 0, last results freed. */
void kit_script(kit *self, const char *rules);
/* Generates from a request in JSON; the result is in the kit. */
pixazo_status kit_generate(kit *self, const char *request_json, pixazo_cancel *cancel);
/* The same, cancelled once this counter of the gateway is 1. */
pixazo_status kit_generate_cancelled(kit *self, const char *request_json, const char *counter);
void kit_forget(kit *self);

/* The last call failed so, with so many POSTs at the server. */
void kit_expect(const kit *self, pixazo_status status, pixazo_status wanted, int32_t attempt_class, int64_t posts);

#endif
