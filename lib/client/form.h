/* SPDX-License-Identifier: MIT */
/* Bodies as forms (multipart/form-data): fields, and picture files that are read while they are sent. */
#ifndef PX_CLIENT_FORM_H
#define PX_CLIENT_FORM_H

#include "client/body.h"

typedef struct px_form {
  const char *fields;       /* a flat JSON object: strings go as they are, anything else as JSON */
  const char *const *first; /* names of fields that stand before the files, in this order; NULL behind the last */
  const px_input *inputs;   /* "image" or, where there are several, "image[]"; the mask is "mask" */
  size_t input_count;
} px_form;

/* Fills a body that is empty. What is sent follows from the form alone, the boundary too. */
pixazo_status px_form_build(const px_form *form, px_body *body, pixazo_error **error);

#endif
