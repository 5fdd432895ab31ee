/* SPDX-License-Identifier: MIT */
/* What the three decoders share: whatever the bytes are, the answer is a whole picture or an error. */
#ifndef PX_FUZZ_DECODE_H
#define PX_FUZZ_DECODE_H

#include <stdlib.h>

#include "base/mem.h"
#include "fuzz.h"
#include "image/codec.h"

static inline void fuzz_require(bool condition)
{
  if (!condition)
    abort();
}

static inline void fuzz_decode(px_format format, const uint8_t *data, size_t size)
{
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  limits.max_pixels = 1 << 20;
  limits.max_work = 1 << 22;
  limits.max_ancillary = 1 << 20;
  px_bytes file = {data, size};
  px_image_info probed;
  px_image_info decoded;
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  if (px_format_of_bytes(data, size) != format || px_codec_probe(file, &limits, &probed, NULL) != PIXAZO_OK)
    return;
  fuzz_require((uint64_t)probed.width * probed.height <= limits.max_pixels);
  (void)px_codec_metadata(file, &limits, &metadata, NULL);
  px_decode_job job = {.file = file, .limits = &limits};
  pixazo_status whole = px_codec_decode(&job, &pixmap, &decoded, NULL);
  fuzz_require(px_codec_decode(&job, NULL, NULL, NULL) == whole);
  if (whole == PIXAZO_OK)
    fuzz_require(pixmap.width == probed.width && pixmap.height == probed.height && pixmap.channels == probed.channels);
}

#endif
