/* SPDX-License-Identifier: MIT */
/* The segments of a JPEG file, without any library. */
#ifndef PX_IMAGE_JPEG_HEADERS_H
#define PX_IMAGE_JPEG_HEADERS_H

#include "image/codecs/codecs.h"

enum { PX_JPEG_SEGMENT_MAX = 65533, PX_JPEG_ICC_PARTS = 255 };

/* Heads of segments, each with the zero that ends it. */
static const char PX_JPEG_EXIF_HEAD[] = "Exif\0"; /* two zero bytes with the one that ends the literal */
static const char PX_JPEG_XMP_HEAD[] = "http://ns.adobe.com/xap/1.0/";
static const char PX_JPEG_ICC_HEAD[] = "ICC_PROFILE";

/* Entries of the codec. */
bool px_jpeg_matches(px_bytes file);
pixazo_status px_jpeg_probe(const px_file *file, const px_image_limits *limits, px_image_info *info, pixazo_error **error);
pixazo_status px_jpeg_metadata(const px_file *file, const px_image_limits *limits, px_metadata *out, pixazo_error **error);
void px_jpeg_shrink(const px_image_info *info, const uint32_t wanted[2], uint32_t size[2]);

/* By how much a pixmap of that size is reduced: 1, 2, 4 or 8. */
uint32_t px_jpeg_denominator(const px_image_info *info, const px_pixmap *pixmap);

#endif
