/* SPDX-License-Identifier: MIT */
/* The body of pixazo_client: configuration that never changes, and what all threads share. */
#ifndef PX_CLIENT_HANDLE_H
#define PX_CLIENT_HANDLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <pixazo/client.h>

#include "base/clock.h"
#include "client/account.h"
#include "client/limits.h"
#include "client/routing.h"
#include "client/steps.h"
#include "net/engine.h"

struct px_script;

struct pixazo_client {
  atomic_uint references;

  /* constant */
  pid_t process;
  const px_clock *clock;
  px_accounts accounts; /* the first one is what is used when a request names nothing */
  px_chain chain;       /* who is asked behind it */
  px_limits limits;
  struct px_script *script;      /* of the offline provider; NULL: none */
  pixazo_client_options options; /* defaults filled in; its texts are not kept */
  px_engine *engine;
  pixazo_gate *gate;
  pixazo_log *log;
  pixazo_metrics *metrics;

  /* synced */
  atomic_uint_fast64_t productions; /* calls made inside this process */
  px_wards wards;
};

/* What a transfer proves. `failure`, when not NULL, is why it counts as failed although the wire was good; `local`
 * says that this machine failed (a full disk), so that the body is not whole here. The errors are borrowed. */
void px_evidence_take(px_evidence *evidence, const px_http_outcome *outcome, const pixazo_error *failure, bool local);

/* E_STATE in a child of the process that made the client. */
pixazo_status px_client_check(const pixazo_client *client, pixazo_error **error);

#endif
