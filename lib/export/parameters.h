/* SPDX-License-Identifier: MIT */
/* The `parameters` text of image tools: prompt, negative prompt, and a line of settings. */
#ifndef PX_EXPORT_PARAMETERS_H
#define PX_EXPORT_PARAMETERS_H

#include "json/writer.h"

/* Writes an object named `key` of what the text says; all values are texts as they stand there. Text in no known form is
 * the prompt as a whole. */
void px_parameters_write(const char *text, px_json_writer *w, const char *key);

#endif
