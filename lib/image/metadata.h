/* SPDX-License-Identifier: MIT */
/* What travels beside the pixels, free of any file format. Each codec puts it where its format keeps it. */
#ifndef PX_IMAGE_METADATA_H
#define PX_IMAGE_METADATA_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

typedef struct px_block {
  unsigned char *data; /* owned; NULL when there is none */
  size_t size;
} px_block;

typedef struct px_text {
  char *keyword; /* owned; 1 to 79 ASCII characters */
  char *value;   /* owned; UTF-8 */
} px_text;

typedef struct px_metadata {
  px_block exif;      /* a TIFF structure, without the "Exif\0\0" of JPEG */
  px_block xmp;       /* an XMP packet */
  px_block icc;       /* an ICC profile */
  px_text *texts;     /* key and value; only PNG has a place for them */
  size_t text_count;
} px_metadata;

#define PX_METADATA_INIT {{NULL, 0}, {NULL, 0}, {NULL, 0}, NULL, 0}

void px_metadata_done(px_metadata *metadata);

/* Copies; replaces what was there. Size 0 removes. */
pixazo_status px_block_set(px_block *block, const void *data, size_t size, pixazo_error **error);
/* Copies one more text. E_ARGUMENT for a keyword PNG cannot hold. */
pixazo_status px_metadata_add_text(px_metadata *metadata, const char *keyword, const char *value, pixazo_error **error);
/* The first value of a keyword; borrowed; NULL when absent. */
const char *px_metadata_text(const px_metadata *metadata, const char *keyword);

#endif
