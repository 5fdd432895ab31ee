/* SPDX-License-Identifier: MIT */
#include "gateway/device.h"

#include "gateway/bytes.h"

int64_t device_reserve(device *self, uint64_t caller, int64_t duration_ms, int64_t steps)
{
  int64_t now = now_ms();
  int64_t from = self->free_at > now ? self->free_at : now;
  self->free_at = from + duration_ms;
  self->calls[self->total++ % DEVICE_CALLS] = (device_call){caller, from, self->free_at, steps};
  return self->free_at - now;
}

device_call *device_now(device *self)
{
  int64_t now = now_ms();
  size_t kept = self->total < DEVICE_CALLS ? self->total : DEVICE_CALLS;
  for (size_t i = 0; i < kept; i++) {
    if (self->calls[i].from <= now && now < self->calls[i].until)
      return &self->calls[i];
  }
  return NULL;
}

void device_interrupt(device *self)
{
  device_call *call = device_now(self);
  if (!call)
    return;
  if (self->free_at == call->until)
    self->free_at = now_ms();
  call->until = now_ms();
  self->interrupted = call->caller;
}
