/* SPDX-License-Identifier: MIT */
#ifndef CLI_CONVERT_H
#define CLI_CONVERT_H

#include <pixazo/pixazo.h>

#include "cli.h"

/* A file by its name, else the first picture of a generation by its id. */
pixazo_status read_source(const cli_options *options, const char *name, pixazo_blob **out, pixazo_error **error);
/* A recipe by name (NULL: as the source) with what the options say. Gives an exit code; what is wrong was printed. */
int make_recipe(const cli_options *options, const char *name, bool into_folder, pixazo_recipe **out);
/* Size, bytes, time, way and notes, on stderr. */
void say_rendition(const cli_options *options, const pixazo_rendition *rendition);
bool write_bytes(const pixazo_blob *blob); /* to stdout */
/* "jpeg" for "fox.JPG"; NULL when the name does not say. */
const char *format_of_name(const char *name);

#endif
