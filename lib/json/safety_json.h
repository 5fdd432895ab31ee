/* SPDX-License-Identifier: MIT */
/* What was said about content policy, as the JSON object that records keep: by a provider, or by the program. */
#ifndef PX_JSON_SAFETY_JSON_H
#define PX_JSON_SAFETY_JSON_H

#include <pixazo/error.h>

typedef struct px_safety {
  const char *source;          /* "provider" or "program" */
  const char *stage;           /* "input", "output" or "unknown" */
  const char *categories_json; /* array of texts; NULL: none */
  const char *text;
  const char *code;
  const char *charge; /* "not_charged", "charged" or "unknown" */
} px_safety;

pixazo_status px_safety_write(const px_safety *safety, char **out, pixazo_error **error);

#endif
