/* SPDX-License-Identifier: MIT */
/* Changes to a catalogue: models of a provider with other prices, limits and sizes, and new ones. */
#ifndef PX_CLIENT_OVERLAY_H
#define PX_CLIENT_OVERLAY_H

#include "client/definition.h"

/* A provider like `base` with the models that `place` lists changed or added. `definition` is the base's object, or NULL for a row
 * of the library. The tree that `place` points into is copied. Owned, pixazo_provider_unref. */
pixazo_status px_overlay_new(const px_provider *base, pixazo_provider *definition, const px_place *place,
                             pixazo_provider **out, pixazo_error **error);

#endif
