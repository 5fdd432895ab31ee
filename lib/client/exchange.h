/* SPDX-License-Identifier: MIT */
/* Blocking steps for a bare client: the engine works, this thread waits, runs the hooks and listens to the token. */
#ifndef PX_CLIENT_EXCHANGE_H
#define PX_CLIENT_EXCHANGE_H

#include <pthread.h>

#include "client/plan.h"

typedef struct px_waiter {
  pixazo_client *client;
  pixazo_cancel *token;   /* the caller's; may be NULL */
  pixazo_cancel *cut;     /* given to the engine; set by this thread */
  const char *generation; /* for the hooks; "" outside a generation */
  uint32_t attempt;
  bool vetoed; /* the progress hook asked to stop */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  /* synced */
  px_evidence evidence;
  pixazo_error *error; /* what evidence.error points to */
  uint64_t bytes_done;
  uint64_t bytes_total;
  uint64_t work_done;
  uint64_t work_total;
  pixazo_blob *partial; /* the newest that the hook has not seen; one reference */
  int32_t partial_index;
  int64_t until_us; /* of a wait for the gate */
  int32_t stage;
  bool told; /* the hook knows all of the above */
  bool done;
} px_waiter;

pixazo_status px_waiter_init(px_waiter *waiter, pixazo_client *client, pixazo_cancel *token, pixazo_error **error);
void px_waiter_done(px_waiter *waiter);

/* Makes a call (or, with remote_id or poll_url, a poll) into the answer writer and waits for its end. The evidence is
 * in the waiter until the next step. A failure here means that nothing was sent. */
pixazo_status px_waiter_send(px_waiter *waiter, const px_plan *plan, px_answer_writer *answer, pixazo_error **error);
pixazo_status px_waiter_poll(px_waiter *waiter, const px_plan *plan, px_answer_writer *answer, const px_outcome *queued,
                             pixazo_error **error);
pixazo_status px_waiter_fetch(px_waiter *waiter, const char *url, int descriptor, pixazo_error **error);
/* Waits; E_CANCELLED when the token or the progress hook asks to stop. */
pixazo_status px_waiter_sleep(px_waiter *waiter, uint32_t milliseconds, pixazo_error **error);
/* Tells the progress hook; stage 0: the one it is in. */
void px_waiter_tell(px_waiter *waiter, int32_t stage);
bool px_waiter_stopping(const px_waiter *waiter);

#endif
