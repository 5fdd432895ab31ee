/* SPDX-License-Identifier: MIT */
/* A picture file of at most so many bytes. */
#ifndef PX_EXPORT_FIT_BYTES_H
#define PX_EXPORT_FIT_BYTES_H

#include "image/codec.h"

enum { PX_FIT_BYTES_TRIES = 8 };

/* Encodes with job->quality, or with the highest quality below it, down to 1, whose file has at most `most` bytes; the
 * job says which one. Takes it that more quality never makes a smaller file; at most PX_FIT_BYTES_TRIES encodings. E_LIMIT:
 * there is none; errors of px_codec_encode(). */
pixazo_status px_fit_bytes(px_encode_job *job, uint64_t most, pixazo_blob **out, pixazo_error **error);

#endif
