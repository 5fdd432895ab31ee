/* SPDX-License-Identifier: MIT */
/* Renditions whose pixels are those of the source as it is coded already. */
#ifndef PX_EXPORT_PASS_H
#define PX_EXPORT_PASS_H

#include "export/exporter.h"

/* Whether the coded pixels of the source may stay, given that the recipe changes none of them. */
bool px_pass_may(const px_export_source *source, const pixazo_recipe *recipe);

/* The source with the metadata of the recipe, or the source itself when nothing of it changes. *out stays NULL when its
 * coding needs to be made anew after all. Adds to and takes from *notes. */
pixazo_status px_pass_make(const px_export_source *source, const pixazo_recipe *recipe, pixazo_blob **out, uint32_t *notes,
                           pixazo_error **error);

#endif
