/* SPDX-License-Identifier: MIT */
/* What the decoders share: whatever the bytes are, the answer is a whole picture or an error, and it is the same
 * from plain and from fast code. */
#ifndef PX_FUZZ_DECODE_H
#define PX_FUZZ_DECODE_H

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "image/codec.h"

static inline void fuzz_require(bool condition)
{
  if (!condition)
    abort();
}

static inline px_image_limits fuzz_limits(void)
{
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  limits.max_pixels = 1 << 20;
  limits.max_work = 1 << 22;
  limits.max_ancillary = 1 << 20;
  return limits;
}

/* Returns the verdict; the pixels, when there are any, are in *pixmap, which is empty before. */
static inline pixazo_status fuzz_decode(px_format format, px_bytes file, px_pixmap *pixmap)
{
  px_image_limits limits = fuzz_limits();
  px_image_info probed;
  px_image_info decoded;
  px_auto(px_pixmap) fast = PX_PIXMAP_INIT;
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  if (px_format_of_bytes(file.data, file.size) != format || px_codec_probe(file, &limits, &probed, NULL) != PIXAZO_OK)
    return PIXAZO_E_UNSUPPORTED;
  fuzz_require((uint64_t)probed.width * probed.height <= limits.max_pixels);
  (void)px_codec_metadata(file, &limits, &metadata, NULL);
  px_decode_job job = {.file = file, .limits = &limits, .simd = PX_SIMD_PLAIN};
  pixazo_status whole = px_codec_decode(&job, pixmap, &decoded, NULL);
  job.simd = PX_SIMD_AUTO;
  fuzz_require(px_codec_decode(&job, &fast, NULL, NULL) == whole);
  fuzz_require(px_codec_decode(&job, NULL, NULL, NULL) == whole);
  if (whole != PIXAZO_OK)
    return whole;
  fuzz_require(pixmap->width == probed.width && pixmap->height == probed.height && pixmap->channels == probed.channels);
  fuzz_require(memcmp(pixmap->data, fast.data, pixmap->stride * pixmap->height) == 0);
  return whole;
}

static inline void fuzz_decode_only(px_format format, const uint8_t *data, size_t size)
{
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  (void)fuzz_decode(format, (px_bytes){data, size}, &pixmap);
}

#endif
