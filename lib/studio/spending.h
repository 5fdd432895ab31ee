/* SPDX-License-Identifier: MIT */
/* The settings about money and quotas, on their way into the repository and the gate of a studio. */
#ifndef PX_STUDIO_SPENDING_H
#define PX_STUDIO_SPENDING_H

#include <pixazo/config.h>

/* Writes the budgets and the quota that are set into the database; what is not set stays as it is there. */
pixazo_status px_spending_apply(const pixazo_config *config, pixazo_repository *repository, pixazo_error **error);
/* The budget of a run, for a client that is used without the pipeline. */
pixazo_status px_spending_limit_gate(const pixazo_config *config, pixazo_gate *gate, pixazo_error **error);

#endif
