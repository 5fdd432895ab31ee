/* SPDX-License-Identifier: MIT */
/* Overrides of what the models' rows say about parameters. */
#ifndef PX_CLIENT_LIMITS_H
#define PX_CLIENT_LIMITS_H

#include "client/account.h"

typedef struct px_limit {
  const px_model *model;
  px_field field;
  px_param param; /* the whole row with the override in place */
} px_limit;

typedef struct px_limits {
  px_limit *items;
  size_t count;
} px_limits;

/* {"provider/model": {"steps": {"min": 1, "max": 50, "default": 30}}}. E_ARGUMENT names what is wrong. */
pixazo_status px_limits_read(px_limits *limits, const px_accounts *accounts, const char *json, pixazo_error **error);
void px_limits_done(px_limits *limits);
/* The row that holds for this parameter: the override, else the model's own. */
const px_param *px_limits_find(const px_limits *limits, const px_model *model, px_field field);

#endif
