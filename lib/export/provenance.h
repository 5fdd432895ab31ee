/* SPDX-License-Identifier: MIT */
/* How a picture was made, read from the caller's JSON once and written into every rendition. */
#ifndef PX_EXPORT_PROVENANCE_H
#define PX_EXPORT_PROVENANCE_H

#include <pixazo/error.h>

typedef struct px_provenance {
  char *source_type; /* all owned; NULL: the caller gave no provenance */
  char *system;      /* this and the following may be NULL */
  char *prompt;
  char *parameters;
  char *twin;
  char *created; /* a date of XMP */
  char *alt_text;
} px_provenance;

#define PX_PROVENANCE_INIT {NULL, NULL, NULL, NULL, NULL, NULL, NULL}

/* NULL gives an empty one. E_ARGUMENT, E_NOMEM. */
pixazo_status px_provenance_read(const char *json, px_provenance *out, pixazo_error **error);
void px_provenance_done(px_provenance *provenance);

#endif
