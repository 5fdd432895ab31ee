/* SPDX-License-Identifier: MIT */
/* Bodies as JSON with placeholders: a text that is exactly one placeholder takes the value's own type, and what has no
 * value drops its member. */
#ifndef PX_CLIENT_TEMPLATE_H
#define PX_CLIENT_TEMPLATE_H

#include "client/definition.h"

/* Every placeholder is known. */
pixazo_status px_template_check(const px_place *place, pixazo_error **error);
/* Path below the base URL: begins with a slash, printable, and no placeholder but this one (NULL: none). */
pixazo_status px_template_check_path(const px_place *place, const char *path, const char *name, pixazo_error **error);
/* Whether a value of this name is placed somewhere. */
bool px_template_has(const px_json *node, const char *name);
/* Whether picture `index` is placed, or the mask. */
bool px_template_has_input(const px_json *node, size_t index, bool mask);

/* Writes the body. `name`: of the model on the wire; "": none. */
pixazo_status px_template_build(const px_build *job, const px_json *body, const char *name, pixazo_error **error);

#endif
