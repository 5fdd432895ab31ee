/* SPDX-License-Identifier: MIT */
#include "base/cancel.h"

#include <stdatomic.h>

#include "base/error.h"
#include "base/mem.h"

struct pixazo_cancel {
  atomic_uint references;
  atomic_int mode; /* lock-free on every platform with atomics: safe in signal handlers */
};

pixazo_status pixazo_cancel_new(pixazo_cancel **out, pixazo_error **error)
{
  PX_REQUIRE(out, error, "out is NULL");
  pixazo_cancel *cancel = px_calloc(1, sizeof *cancel);
  if (!cancel)
    return px_fail_nomem(error);
  atomic_init(&cancel->references, 1);
  *out = cancel;
  return PIXAZO_OK;
}

pixazo_cancel *pixazo_cancel_ref(pixazo_cancel *cancel)
{
  if (cancel)
    atomic_fetch_add_explicit(&cancel->references, 1, memory_order_relaxed);
  return cancel;
}

pixazo_cancel *pixazo_cancel_unref(pixazo_cancel *cancel)
{
  if (cancel && atomic_fetch_sub_explicit(&cancel->references, 1, memory_order_acq_rel) == 1)
    px_free(cancel);
  return NULL;
}

void pixazo_cancel_set(pixazo_cancel *cancel, int32_t mode)
{
  if (!cancel)
    return;
  if (mode == PIXAZO_CANCEL_NOW) {
    atomic_store(&cancel->mode, PIXAZO_CANCEL_NOW);
  } else {
    int unset = 0;
    (void)atomic_compare_exchange_strong(&cancel->mode, &unset, PIXAZO_CANCEL_SOFT);
  }
}

int32_t pixazo_cancel_get(const pixazo_cancel *cancel)
{
  return cancel ? atomic_load(&cancel->mode) : 0;
}

pixazo_status px_cancel_check(const pixazo_cancel *cancel, pixazo_error **error)
{
  return pixazo_cancel_get(cancel) == 0 ? PIXAZO_OK : px_fail(error, PIXAZO_E_CANCELLED, "cancelled");
}
