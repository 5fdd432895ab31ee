/* SPDX-License-Identifier: MIT */
/* Bounds on untrusted pictures; every one is checked on the headers, before memory is taken. */
#ifndef PX_IMAGE_LIMITS_H
#define PX_IMAGE_LIMITS_H

#include <stdint.h>

/* A longer side than this is no picture, and a row of it would be taken at once. */
enum { PX_SIDE_MAX = 1000000 };

typedef struct px_image_limits {
  uint64_t max_pixels;           /* width x height */
  uint64_t max_work;             /* pixels x scans of a JPEG */
  uint64_t max_ancillary;        /* bytes of one metadata block; of all of them once unpacked */
  uint32_t max_scans;            /* of one JPEG */
  uint32_t max_metadata_blocks;  /* text, profile, EXIF and XMP blocks of one file */
} px_image_limits;

#define PX_IMAGE_LIMITS_INIT {UINT64_C(1) << 26, UINT64_C(1) << 30, UINT64_C(8) << 20, 100, 128}

#endif
