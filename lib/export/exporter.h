/* SPDX-License-Identifier: MIT */
#ifndef PX_EXPORT_EXPORTER_H
#define PX_EXPORT_EXPORTER_H

#include <stdatomic.h>

#include <pixazo/exporter.h>

#include "base/crew.h"
#include "export/carry.h"
#include "image/codec.h"

/* Buffers that are kept between pictures. A freed one goes back to the system, and each page of the next is asked for anew:
 * that costs more than to look at a small picture. */
typedef struct px_spare {
  _Atomic(unsigned char *) buffers[2]; /* NULL: none is kept here */
} px_spare;

struct pixazo_exporter {
  atomic_uint references;
  pixazo_log *log; /* one reference; may be NULL */
  uint64_t max_bytes;
  uint64_t held_max; /* of a file that is verified in memory; larger ones are looked at through a pane. Tests choose */
  px_image_limits limits;
  px_crew *crew; /* helps the calling thread; NULL when it works alone */
  px_simd simd;  /* AUTO; tests choose */
  px_spare *spare; /* for the bytes of files that are verified */
};

/* One source, decoded once and read by every rendition of a job. */
typedef struct px_export_source {
  px_pixmap pixmap;       /* as seen: orientation applied; may be smaller than the picture is, never than any rendition */
  bool borrowed;          /* the pixels are the caller's, and stay as they are */
  uint32_t width, height; /* of the picture as seen */
  pixazo_blob *file;      /* borrowed; NULL: the source is pixels */
  px_image_info info;
  px_metadata metadata;
  px_provenance provenance;
  const px_image_limits *limits;
  const pixazo_cancel *cancel;
  px_crew *crew;
  px_simd simd;
  uint32_t notes; /* that every rendition shares */
  bool opaque;
} px_export_source;

/* E_LIMIT for more bytes than the exporter takes. */
pixazo_status px_exporter_check_bytes(const pixazo_exporter *exporter, uint64_t size, pixazo_error **error);

px_format px_rendition_format(const px_export_source *source, const pixazo_recipe *recipe);

/* From the size of the picture as seen to what it is scaled to; the same when the recipe does not scale. */
void px_rendition_scale(const pixazo_recipe *recipe, uint32_t size[2]);

/* Makes one rendition; for one source on many threads at once. */
pixazo_status px_rendition_make(const px_export_source *source, const pixazo_recipe *recipe, pixazo_rendition **out,
                                pixazo_error **error);

#endif
