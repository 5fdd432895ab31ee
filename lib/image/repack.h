/* SPDX-License-Identifier: MIT */
/* A picture file with its coded pixels as they are and other metadata around them. */
#ifndef PX_IMAGE_REPACK_H
#define PX_IMAGE_REPACK_H

#include "image/codec.h"

typedef struct px_repack_job {
  px_bytes file; /* that was decoded without complaint */
  px_format format;
  const px_metadata *metadata; /* what the new file carries, but for the profile; all else of the file is left out */
  bool keep_profile;           /* that of the file, as it is; and what else says how its colours are meant */
  const px_image_info *info;
} px_repack_job;

/* E_UNSUPPORTED: the coded pixels need more than their metadata to be read as they were (inks). E_NOMEM, E_CORRUPT. */
pixazo_status px_repack(const px_repack_job *job, pixazo_blob **out, pixazo_error **error);

/* Would a PNG file become smaller by 3 % or more if its pixels were coded anew at that level? From what the file says
 * about its coding, and the entropy of a sixteenth of the rows. */
bool px_repack_png_gains(px_bytes file, const px_pixmap *pixmap, int32_t level);

#endif
