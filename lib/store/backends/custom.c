/* SPDX-License-Identifier: MIT */
/* A store of the program's own: its table as it is, behind the same handle as the built-in ones. */
#include "base/error.h"
#include "base/options.h"
#include "store/handle.h"

pixazo_status pixazo_store_new_custom(const pixazo_store_ops *ops, void *self, uint32_t flags, pixazo_store **out,
                                      pixazo_error **error)
{
  PX_REQUIRE(ops, error, "ops is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  PX_REQUIRE((flags & ~(uint32_t)PIXAZO_OPS_ANY_THREAD) == 0, error, "unknown flag");
  pixazo_store_ops table;
  PX_TRY(px_options_copy(&table, sizeof table, ops, "pixazo_store_ops", error));
  PX_REQUIRE(table.put, error, "ops.put is NULL");
  return px_store_new("custom", &table, self, (flags & PIXAZO_OPS_ANY_THREAD) != 0, NULL, out, error);
}
