/* SPDX-License-Identifier: MIT */
/* What the decoders share: whatever the bytes are, the answer is a whole picture or an error, and it is the same
 * from plain and from fast code, and of a file that is shown through a pane. */
#ifndef PX_FUZZ_DECODE_H
#define PX_FUZZ_DECODE_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* The same verdict piece by piece. zlib judges there: codes of a PNG that the format does not have are refused. */
static inline void fuzz_through_pane(px_format format, px_bytes file, const px_image_limits *limits, pixazo_status whole)
{
  static int stage = -1;
  if (stage < 0)
    stage = memfd_create("fuzz", MFD_CLOEXEC);
  fuzz_require(ftruncate(stage, 0) == 0 && pwrite(stage, file.data, file.size, 0) == (ssize_t)file.size);
  px_auto(px_pane) pane = {.descriptor = stage, .size = file.size, .name = "fuzz", .piece = 5 + file.size % 59};
  px_decode_job job = {.file = {NULL, file.size}, .pane = &pane, .limits = limits};
  pixazo_status status = px_codec_takes_pane(&pane) ? px_codec_decode(&job, NULL, NULL, NULL) : whole;
  fuzz_require(status == whole || (format == PX_FORMAT_PNG && whole == PIXAZO_OK && status == PIXAZO_E_CORRUPT));
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
  fuzz_through_pane(format, file, &limits, whole);
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
