/* SPDX-License-Identifier: MIT */
/* XMP packets that say how a picture was made. */
#ifndef PX_IMAGE_XMP_H
#define PX_IMAGE_XMP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Borrowed UTF-8; NULL is left out. */
typedef struct px_xmp_facts {
  const char *source_type; /* code of the IPTC list of digital source types */
  const char *system;      /* what made it */
  const char *prompt;
  const char *parameters;  /* the text that image tools read */
  const char *twin;        /* the same facts as JSON */
  const char *tool;        /* what wrote the file */
  const char *created;     /* date of XMP: "2026-03-01T12:00:00Z" */
  const char *alt_text;    /* for readers who do not see it */
} px_xmp_facts;

void px_xmp_build(const px_xmp_facts *facts, px_buf *out);

/* Appends `packet` with the facts added to it; false, and nothing is appended, when it has no place for them. */
bool px_xmp_merge(const char *packet, size_t size, const px_xmp_facts *facts, px_buf *out);

#endif
