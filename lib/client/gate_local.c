/* SPDX-License-Identifier: MIT */
#include "client/gate_local.h"

#include <pthread.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

typedef struct open_call {
  struct open_call *next;
  char attempt[PX_UUID_TEXT];
  int64_t upper_bound_micros;
} open_call;

typedef struct local_gate {
  pthread_mutex_t lock;
  /* synced */
  px_gate_counts counts;
  open_call *open;
} local_gate;

static void add_call(local_gate *self, open_call *call)
{
  (void)pthread_mutex_lock(&self->lock);
  call->next = self->open;
  self->open = call;
  self->counts.begun++;
  self->counts.open_micros += call->upper_bound_micros;
  (void)pthread_mutex_unlock(&self->lock);
}

static pixazo_status begin(void *user, const px_gate_attempt *attempts, size_t count, px_gate_verdict *verdicts,
                           pixazo_error **error)
{
  local_gate *self = user;
  for (size_t i = 0; i < count; i++) {
    open_call *call = px_calloc(1, sizeof *call);
    if (!call)
      return px_fail_nomem(error);
    memcpy(call->attempt, attempts[i].attempt, strnlen(attempts[i].attempt, PX_UUID_TEXT - 1));
    call->upper_bound_micros = attempts[i].price_known ? attempts[i].upper_bound_micros : 0;
    add_call(self, call);
    verdicts[i] = (px_gate_verdict){.verdict = PX_GATE_GO};
  }
  return PIXAZO_OK;
}

static open_call *take_call(local_gate *self, const char *attempt)
{
  for (open_call **link = &self->open; *link; link = &(*link)->next) {
    open_call *call = *link;
    if (strcmp(call->attempt, attempt) == 0) {
      *link = call->next;
      return call;
    }
  }
  return NULL;
}

/* A call is settled once; later words about it (a queue's end) change nothing here. */
static void settle(local_gate *self, const px_gate_answer *answer)
{
  open_call *call = take_call(self, answer->attempt);
  if (!call)
    return;
  self->counts.answered++;
  self->counts.open_micros -= call->upper_bound_micros;
  if (answer->charge == PIXAZO_CHARGE_CHARGED || answer->charge == PIXAZO_CHARGE_UNKNOWN) {
    self->counts.spent_micros += answer->cost_micros;
    self->counts.unknown_price += answer->confidence == 0;
  }
  px_free(call);
}

static pixazo_status answered(void *user, const px_gate_answer *answers, size_t count, pixazo_error **error)
{
  local_gate *self = user;
  (void)error;
  (void)pthread_mutex_lock(&self->lock);
  for (size_t i = 0; i < count; i++)
    settle(self, &answers[i]);
  (void)pthread_mutex_unlock(&self->lock);
  return PIXAZO_OK;
}

static void destroy(void *user)
{
  local_gate *self = user;
  while (self->open) {
    open_call *call = self->open;
    self->open = call->next;
    px_free(call);
  }
  (void)pthread_mutex_destroy(&self->lock);
  px_free(self);
}

static const px_gate_ops local_ops = {begin, answered, destroy};

pixazo_status px_gate_local_new(pixazo_gate **out, pixazo_error **error)
{
  local_gate *self = px_calloc(1, sizeof *self);
  if (!self)
    return px_fail_nomem(error);
  (void)pthread_mutex_init(&self->lock, NULL);
  pixazo_status status = px_gate_new(&local_ops, self, out, error);
  if (status != PIXAZO_OK)
    destroy(self);
  return status;
}

void px_gate_local_counts(const pixazo_gate *gate, px_gate_counts *out)
{
  local_gate *self = gate->self;
  (void)pthread_mutex_lock(&self->lock);
  *out = self->counts;
  (void)pthread_mutex_unlock(&self->lock);
}
