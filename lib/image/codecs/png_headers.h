/* SPDX-License-Identifier: MIT */
/* What the chunks of a PNG file say, without any library. */
#ifndef PX_IMAGE_PNG_HEADERS_H
#define PX_IMAGE_PNG_HEADERS_H

#include "image/codecs/codecs.h"

/* Texts, profile and EXIF. */
bool px_png_is_metadata(const px_chunk *chunk);

/* As px_codec_probe for PNG. E_LIMIT also for much more packed bytes than rows. */
pixazo_status px_png_probe(const px_file *file, const px_image_limits *limits, px_image_info *info, pixazo_error **error);

#endif
