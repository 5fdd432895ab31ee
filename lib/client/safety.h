/* SPDX-License-Identifier: MIT */
/* What an answer says about content policy, as data. */
#ifndef PX_CLIENT_SAFETY_H
#define PX_CLIENT_SAFETY_H

#include "client/judge.h"
#include "json/json.h"

/* Fills stage and categories where the document names them, else the stage from the words of a refusal. */
pixazo_status px_safety_read(px_reading *reading, const px_json *root, pixazo_error **error);

/* Fills outcome->safety_json for a call that was blocked, or about which the provider said something. */
pixazo_status px_safety_json(const px_judgement *judgement, px_outcome *outcome, pixazo_error **error);

#endif
