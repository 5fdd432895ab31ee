/* SPDX-License-Identifier: MIT */
/* Pixels in memory: 8 bits a sample, RGB or RGBA interleaved, alpha not premultiplied, sRGB unless
 * a profile travels beside them. Row y begins at data + y * stride; stride is width * channels.
 *
 *   px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
 *   PX_TRY(px_pixmap_make(&picture, 1024, 1024, 3, error));
 *   for (uint32_t y = 0; y < picture.height; y++)
 *     fill(px_pixmap_row(&picture, y));
 */
#ifndef PX_IMAGE_PIXMAP_H
#define PX_IMAGE_PIXMAP_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

typedef struct px_pixmap {
  unsigned char *data; /* owned */
  size_t stride;       /* bytes from row to row */
  uint32_t width;      /* pixels, at least 1 once made */
  uint32_t height;
  uint32_t channels;   /* 3 or 4 */
} px_pixmap;

#define PX_PIXMAP_INIT {NULL, 0, 0, 0, 0}

/* Takes memory for the pixels; their content is undefined. The pixmap must be empty (PX_PIXMAP_INIT).
 * E_ARGUMENT: a side is 0 or channels is neither 3 nor 4. E_LIMIT: the size does not fit. E_NOMEM. */
pixazo_status px_pixmap_make(px_pixmap *pixmap, uint32_t width, uint32_t height, uint32_t channels, pixazo_error **error);
/* The same with `room` bytes behind the pixels, for a decoder that works there. `shape`: width, height, channels. */
pixazo_status px_pixmap_make_with_room(px_pixmap *pixmap, const uint32_t shape[3], size_t room, pixazo_error **error);

void px_pixmap_done(px_pixmap *pixmap); /* frees the pixels; the pixmap is empty again */
void px_pixmap_move(px_pixmap *to, px_pixmap *from); /* frees what `to` held; `from` is empty after */

static inline unsigned char *px_pixmap_row(const px_pixmap *pixmap, uint32_t y)
{
  return pixmap->data + (size_t)y * pixmap->stride;
}

/* Rounded x / 255 of 0 <= x <= 65535 - 128. */
static inline unsigned px_div255(unsigned x)
{
  x += 128;
  return (x + (x >> 8)) >> 8;
}

#endif
