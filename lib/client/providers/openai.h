/* SPDX-License-Identifier: MIT */
/* What OpenAI and the servers that speak its protocol share. */
#ifndef PX_CLIENT_PROVIDERS_OPENAI_H
#define PX_CLIENT_PROVIDERS_OPENAI_H

#include "client/provider.h"

/* What a server wants elsewhere than in members of its own; `self` of a provider. NULL: nothing. */
typedef struct px_openai_dialect {
  bool negative_in_prompt; /* behind a "|" */
  bool seed_in_prompt;     /* in an element that stable-diffusion.cpp cuts out of it */
} px_openai_dialect;

/* ops.build: JSON, or a form where pictures go along. */
pixazo_status px_openai_build(const px_build *job, pixazo_error **error);

#define PX_OPENAI_PATH "/images/generations"
#define PX_OPENAI_EDIT_PATH "/images/edits"

#endif
