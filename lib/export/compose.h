/* SPDX-License-Identifier: MIT */
/* Layers over a picture, before any recipe sees it. */
#ifndef PX_EXPORT_COMPOSE_H
#define PX_EXPORT_COMPOSE_H

#include "export/exporter.h"

/* Puts the base of the job under `source` and its layers over both; nothing happens without. A base that cannot be
 * loaded is left out, with a note and a line in the log. E_ARGUMENT for what a layer says; errors of loading a layer. */
pixazo_status px_compose(px_export_source *source, const pixazo_exporter *exporter, const pixazo_export_job *job,
                         pixazo_error **error);

#endif
