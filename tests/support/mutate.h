/* SPDX-License-Identifier: MIT */
/* Answers with one node changed: every node, in every way. */
#ifndef PX_SUPPORT_MUTATE_H
#define PX_SUPPORT_MUTATE_H

#include <stddef.h>

#include "client/steps.h"

/* Told once for each mutant: the path of the changed node ("" the document), what stands there now (NULL: it is gone), and
 * the text. */
typedef void (*mutant_fn)(void *self, const char *path, const char *replacement, const char *text);
/* Gives the number of mutants. */
size_t mutate_all(const char *document, mutant_fn told, void *self);

/* Cases in JSON, a list of:
 *   {"status": 200, "document": {...}, "class": "accepted", "holds": ["data", "data[0]"], "without": "empty"}
 * A mutant of a node in `holds`, or of the whole document, has the class `without`; any other mutant has `class`. A document
 * that is no object or list any more is `broken` (default: `without`); an address where a picture was is a picture, but not
 * in the place of one of `lists`; a number or a text without control characters does in the place of one of `ids`.
 * Fails the test that runs. Gives the number of mutants. */
size_t mutate_check(pixazo_client *client, const px_plan *plan, const char *cases);

#endif
