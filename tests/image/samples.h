/* SPDX-License-Identifier: MIT */
/* Small good files of every kind, for tests that damage them. */
#ifndef PX_IMAGE_SAMPLES_H
#define PX_IMAGE_SAMPLES_H

#include "support/pictures.h"

enum { SAMPLES_MAX = 64 };

typedef struct sample_file {
  char name[40];
  px_format format;
  file_bytes bytes;
} sample_file;

typedef struct sample_files {
  sample_file list[SAMPLES_MAX];
  size_t count;
} sample_files;

void samples_make(sample_files *samples);
void samples_done(sample_files *samples);

/* Makes every checksum of a PNG file right again, as far as its chunks can be followed. */
void samples_mend_png(unsigned char *data, size_t size);

#endif
