/* SPDX-License-Identifier: MIT */
#include "base/gate.h"

#include "base/error.h"
#include "base/mem.h"

pixazo_status px_gate_new(const px_gate_ops *ops, void *self, pixazo_gate **out, pixazo_error **error)
{
  pixazo_gate *gate = px_calloc(1, sizeof *gate);
  if (!gate)
    return px_fail_nomem(error);
  atomic_init(&gate->references, 1);
  gate->ops = ops;
  gate->self = self;
  *out = gate;
  return PIXAZO_OK;
}

pixazo_gate *pixazo_gate_ref(pixazo_gate *gate)
{
  if (gate)
    atomic_fetch_add_explicit(&gate->references, 1, memory_order_relaxed);
  return gate;
}

pixazo_gate *pixazo_gate_unref(pixazo_gate *gate)
{
  if (gate && atomic_fetch_sub_explicit(&gate->references, 1, memory_order_acq_rel) == 1) {
    gate->ops->destroy(gate->self);
    px_free(gate);
  }
  return NULL;
}

pixazo_status pixazo_gate_set_budget(pixazo_gate *gate, const char *json, pixazo_error **error)
{
  PX_REQUIRE(gate, error, "gate is NULL");
  return gate->ops->set_budget(gate->self, json, error);
}

pixazo_status pixazo_gate_set_quota(pixazo_gate *gate, const char *json, pixazo_error **error)
{
  PX_REQUIRE(gate && json, error, "gate or json is NULL");
  return gate->ops->set_quota(gate->self, json, error);
}
