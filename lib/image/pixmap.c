/* SPDX-License-Identifier: MIT */
#include "image/pixmap.h"

#include "base/error.h"
#include "base/mem.h"

pixazo_status px_pixmap_make(px_pixmap *pixmap, uint32_t width, uint32_t height, uint32_t channels, pixazo_error **error)
{
  return px_pixmap_make_with_room(pixmap, (const uint32_t[]){width, height, channels}, 0, error);
}

pixazo_status px_pixmap_make_with_room(px_pixmap *pixmap, const uint32_t shape[3], size_t room, pixazo_error **error)
{
  uint32_t width = shape[0], height = shape[1], channels = shape[2];
  if (width == 0 || height == 0 || (channels != 3 && channels != 4))
    return px_fail(error, PIXAZO_E_ARGUMENT, "no picture of %ux%u pixels with %u channels", width, height, channels);
  size_t stride, size;
  if (!px_mul_size(width, channels, &stride) || !px_mul_size(stride, height, &size) ||
      !px_add_size(size, room, &size) || size > PTRDIFF_MAX)
    return px_fail(error, PIXAZO_E_LIMIT, "a picture of %ux%u pixels does not fit into memory", width, height);
  unsigned char *data = px_malloc(size);
  if (!data)
    return px_fail_nomem(error);
  *pixmap = (px_pixmap){data, stride, width, height, channels};
  return PIXAZO_OK;
}

void px_pixmap_done(px_pixmap *pixmap)
{
  px_free(pixmap->data);
  *pixmap = (px_pixmap)PX_PIXMAP_INIT;
}

void px_pixmap_move(px_pixmap *to, px_pixmap *from)
{
  px_pixmap_done(to);
  *to = *from;
  *from = (px_pixmap)PX_PIXMAP_INIT;
}
