/* SPDX-License-Identifier: MIT */
/* What a format implements; the rows are listed in codec.c. */
#ifndef PX_IMAGE_CODECS_H
#define PX_IMAGE_CODECS_H

#include "base/buf.h"
#include "image/codec.h"

typedef struct px_codec {
  px_format format;
  const char *name;
  const char *content_type;
  const char *extension;
  uint32_t max_side;   /* of a file it writes */
  int32_t quality;     /* default; 0: lossless */
  bool has_alpha;
  bool by_pane;       /* probe, verifying and metadata take files shown through a pane */
  bool (*matches)(px_bytes file);
  /* Container walk and limits; pixel limits are checked by codec.c. */
  pixazo_status (*probe)(const px_file *file, const px_image_limits *limits, px_image_info *info, pixazo_error **error);
  /* Bytes behind the pixels of its pixmap that `decode` works in; NULL: none. */
  size_t (*room)(const px_image_info *info);
  /* May be NULL. From what is wanted to the size that decoding gives; `size` is that of info before. */
  void (*shrink)(const px_image_info *info, const uint32_t wanted[2], uint32_t size[2]);
  /* pixmap has the channels of info, its size or that of `shrink`; or is NULL: verify only. */
  pixazo_status (*decode)(const px_decode_job *job, const px_image_info *info, px_pixmap *pixmap, pixazo_error **error);
  pixazo_status (*metadata)(const px_file *file, const px_image_limits *limits, px_metadata *metadata, pixazo_error **error);
  pixazo_status (*encode)(const px_encode_job *job, px_buf *out, pixazo_error **error);
} px_codec;

extern const px_codec px_codec_png;
extern const px_codec px_codec_jpeg;
extern const px_codec px_codec_webp;

#define PX_FILE_MAX ((size_t)1 << 30)

/* A blob of what was written; `bytes` is empty after. */
pixazo_status px_file_finish(px_buf *bytes, pixazo_blob **out, pixazo_error **error);

/* Walks of the containers: pure, over borrowed bytes, without any library. */

/* One chunk or segment. */
typedef struct px_chunk {
  const unsigned char *data; /* payload; of a PNG shown through a pane NULL until px_chunk_load */
  size_t size;
  const unsigned char *whole; /* header, payload and checksum; likewise; of a JPEG shown through a pane always NULL */
  size_t whole_size;
  unsigned char type[4]; /* PNG and RIFF: the name; JPEG: the marker in type[0] */
  size_t at;             /* where it begins */
} px_chunk;

typedef struct px_walk {
  px_bytes file;
  size_t at;
  bool ended;  /* the closing chunk was seen */
  size_t fill; /* JPEG: bytes so far that stand before markers and say nothing */
  px_pane *pane; /* NULL: the bytes are in memory */
} px_walk;

bool px_chunk_is(const px_chunk *chunk, const char *name);

/* Each begin checks the signature; each next gives one chunk, E_CORRUPT when the file is cut or broken, E_LIMIT when it is
 * blown up with nothing; walk->ended is set with the last chunk. */
pixazo_status px_png_begin(px_walk *walk, px_bytes file, pixazo_error **error);
pixazo_status px_png_begin_file(px_walk *walk, const px_file *file, pixazo_error **error);
pixazo_status px_png_next(px_walk *walk, px_chunk *chunk, pixazo_error **error);
/* Brings the bytes of a chunk of a PNG, until the next call with this walk; its size is the caller's concern. */
pixazo_status px_chunk_load(const px_walk *walk, px_chunk *chunk, pixazo_error **error);
pixazo_status px_jpeg_begin(px_walk *walk, px_bytes file, pixazo_error **error);
pixazo_status px_jpeg_begin_file(px_walk *walk, const px_file *file, pixazo_error **error);
pixazo_status px_jpeg_next(px_walk *walk, px_chunk *chunk, pixazo_error **error);
pixazo_status px_riff_begin(px_walk *walk, px_bytes file, pixazo_error **error);
pixazo_status px_riff_next(px_walk *walk, px_chunk *chunk, pixazo_error **error);

/* Fails with E_LIMIT for one metadata block too many, or one that is too large. */
pixazo_status px_limits_block(const px_image_limits *limits, uint32_t *count, size_t size, pixazo_error **error);

/* Fails with E_LIMIT for one chunk too many of those that hold no pixels: each costs time, however little it says. */
pixazo_status px_limits_chunk(uint32_t *count, pixazo_error **error);

static inline uint32_t px_be16(const unsigned char *bytes)
{
  return (uint32_t)bytes[0] << 8 | bytes[1];
}

static inline uint32_t px_be32(const unsigned char *bytes)
{
  return px_be16(bytes) << 16 | px_be16(bytes + 2);
}

static inline uint32_t px_le32(const unsigned char *bytes)
{
  return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

#endif
