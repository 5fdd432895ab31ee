/* SPDX-License-Identifier: MIT */
/* Budgets and quotas as JSON objects. Everything wrong with one is E_ARGUMENT and names the member. */
#ifndef PX_JSON_TERMS_JSON_H
#define PX_JSON_TERMS_JSON_H

#include <pixazo/error.h>

#include "base/terms.h"

/* Whole terms: a member that is not known is refused, so that a typing error does not lift a limit. */
pixazo_status px_budget_terms_read(const char *json, px_budget_terms *out, pixazo_error **error);
pixazo_status px_quota_terms_read(const char *json, px_quota_terms *out, pixazo_error **error);
/* Of a gate: scope run and period total are understood, and nothing else. */
pixazo_status px_budget_terms_run(const char *json, px_budget_terms *out, pixazo_error **error);
/* Only what tells one budget or quota from the others; further members are left aside, so an item of a list will do. */
pixazo_status px_budget_terms_find(const char *json, px_budget_terms *out, pixazo_error **error);
pixazo_status px_quota_terms_find(const char *json, px_quota_terms *out, pixazo_error **error);

#endif
