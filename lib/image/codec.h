/* SPDX-License-Identifier: MIT */
/* Picture files in and out. One row per format; a new format is one file in codecs/, one row in
 * codec.c and one build line.
 *
 * Writing, as the offline provider does:
 *
 *   px_encode_job job = PX_ENCODE_JOB_FAST_PNG(&picture);
 *   job.metadata = &metadata;                        // optional
 *   pixazo_blob *file = NULL;
 *   PX_TRY(px_codec_encode(&job, &file, error));     // 1024x1024 RGB: about 30 ms
 *
 * The bytes are the same for the same job on every machine with the same codec libraries. */
#ifndef PX_IMAGE_CODEC_H
#define PX_IMAGE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/blob.h>
#include <pixazo/cancel.h>
#include <pixazo/error.h>

#include "base/cpu.h"
#include "base/crew.h"
#include "image/limits.h"
#include "image/metadata.h"
#include "image/pixmap.h"
#include "image/pane.h"

typedef enum px_format { PX_FORMAT_NONE, PX_FORMAT_PNG, PX_FORMAT_JPEG, PX_FORMAT_WEBP, PX_FORMATS_MAX } px_format;

const char *px_format_name(px_format format);         /* "png", "jpeg", "webp"; "" for NONE */
const char *px_format_content_type(px_format format); /* "image/png" ... */
const char *px_format_extension(px_format format);    /* "png", "jpg", "webp" */
bool px_format_has_alpha(px_format format);           /* can the format keep transparency? */
px_format px_format_of_name(const char *name);        /* also "jpg"; letters of any case; NONE when unknown */
/* By magic bytes alone; names and content types of servers are never believed. */
px_format px_format_of_bytes(const void *data, size_t size);

/* Borrowed file bytes. */
typedef struct px_bytes {
  const unsigned char *data;
  size_t size;
} px_bytes;

/* A file that is in memory, or that a pane shows. */
typedef struct px_file {
  px_bytes bytes;    /* data NULL: not in memory; size counts */
  px_pane *pane; /* NULL: in memory */
} px_file;

/* What the headers say. Nothing here proves that the pixels are whole. */
typedef struct px_image_info {
  px_format format;
  uint32_t width;       /* as stored, before orientation */
  uint32_t height;
  uint32_t channels;    /* of the decoded pixmap: 3 or 4 */
  uint32_t bit_depth;   /* of one sample in the file: 1, 2, 4, 8, 16 */
  uint32_t orientation; /* EXIF 1-8; 1 when absent or nonsense */
  uint32_t scans;       /* JPEG; else 1 */
  bool has_alpha;
  bool has_c2pa;        /* content credentials are present */
  bool animated;        /* more than one frame; decoding gives the first */
} px_image_info;

/* Reads headers and walks the container under the limits; takes no memory for pixels.
 * E_UNSUPPORTED: no picture we know, or a kind of it that we do not decode. E_CORRUPT: broken or cut.
 * E_LIMIT: larger than the limits. */
pixazo_status px_codec_probe(px_bytes file, const px_image_limits *limits, px_image_info *info, pixazo_error **error);

/* E_LIMIT for a picture of more pixels, or of a longer side, than is taken. */
pixazo_status px_limits_pixels(const px_image_limits *limits, uint32_t width, uint32_t height, pixazo_error **error);

/* The size that a picture of `info` is decoded to when it will be reduced to `want` (as stored, not turned; 0: all
 * pixels): never smaller than that. */
void px_codec_scale(const px_image_info *info, const uint32_t want[2], uint32_t size[2]);

/* Whether a file that is shown through a pane can be verified, and its metadata read: not where the codec's library wants
 * all of it at once. False also when it cannot be read. */
bool px_codec_takes_pane(px_pane *pane);

typedef struct px_decode_job {
  px_bytes file;
  px_pane *pane; /* instead of the bytes; only to verify. NULL: not */
  const px_image_limits *limits;
  uint32_t want[2]; /* as for px_codec_scale; 0: all pixels */
  const pixazo_cancel *cancel; /* may be NULL */
  px_simd simd;
  px_crew *crew;  /* helps with one picture; may be NULL */
  bool reference; /* by the codec's library alone: what the library's own readers are held against */
} px_decode_job;

/* Probes, then decodes every pixel. Whatever the codec library only warns about is E_CORRUPT here:
 * a picture is whole or it is not good. `pixmap` is empty before, as stored (not turned) after; NULL verifies
 * only. With `want` the pixmap may be smaller than info says, never smaller than what is wanted: all of the file is
 * read and checked, but made into fewer pixels. `info` may be NULL. Errors as for probe, and E_NOMEM, E_CANCELLED; through a
 * pane E_IO too. */
pixazo_status px_codec_decode(const px_decode_job *job, px_pixmap *pixmap, px_image_info *info, pixazo_error **error);

/* Reads EXIF, XMP, profile and texts of a file that passed the probe. Broken blocks are left out. */
pixazo_status px_codec_metadata(px_bytes file, const px_image_limits *limits, px_metadata *metadata, pixazo_error **error);
pixazo_status px_codec_metadata_of(const px_file *file, const px_image_limits *limits, px_metadata *metadata,
                                   pixazo_error **error);

typedef struct px_encode_job {
  const px_pixmap *pixmap;
  const px_metadata *metadata; /* NULL: none */
  const pixazo_cancel *cancel; /* may be NULL */
  px_format format;
  int32_t quality; /* JPEG and WebP, 0-100 */
  int32_t level;   /* PNG, 0-9: 0 stored, 1 fastest, 9 smallest */
  bool fast;       /* PNG: as level 1; `level` is not used. WebP: less than half the time, larger */
  px_simd simd;
  px_crew *crew; /* helps with one picture; may be NULL. The bytes are the same without */
} px_encode_job;

enum { PX_PNG_LEVEL = 9, PX_JPEG_QUALITY = 85, PX_WEBP_QUALITY = 80, PX_WEBP_METHOD = 4, PX_WEBP_METHOD_FAST = 2 };

#define PX_ENCODE_JOB_FAST_PNG(picture) {(picture), NULL, NULL, PX_FORMAT_PNG, 0, 1, true, PX_SIMD_AUTO, NULL}

/* Default quality of a lossy format. */
int32_t px_format_quality(px_format format);

/* *out: owned, pixazo_blob_unref. E_ARGUMENT: quality or level out of range, alpha in a format without.
 * E_LIMIT: a side is longer than the format allows. E_NOMEM, E_CANCELLED. */
pixazo_status px_codec_encode(const px_encode_job *job, pixazo_blob **out, pixazo_error **error);

#endif
