/* SPDX-License-Identifier: MIT */
#include "image/orient.h"

#include <string.h>

#include "base/error.h"

/* Where a row of the result begins in the source, and the steps from pixel to pixel and row to row. */
typedef struct route {
  ptrdiff_t begin, across, down;
} route;

bool px_orient_swaps(uint32_t orientation)
{
  return orientation >= 5 && orientation <= 8;
}

static route route_of(const px_pixmap *source, uint32_t orientation)
{
  ptrdiff_t pixel = (ptrdiff_t)source->channels;
  ptrdiff_t row = (ptrdiff_t)source->stride;
  ptrdiff_t right = (ptrdiff_t)(source->width - 1) * pixel;
  ptrdiff_t bottom = (ptrdiff_t)(source->height - 1) * row;
  switch (orientation) {
  case 2:
    return (route){right, -pixel, row};
  case 3:
    return (route){right + bottom, -pixel, -row};
  case 4:
    return (route){bottom, pixel, -row};
  case 5:
    return (route){0, row, pixel};
  case 6:
    return (route){bottom, -row, pixel};
  case 7:
    return (route){right + bottom, -row, -pixel};
  case 8:
    return (route){right, row, -pixel};
  default:
    return (route){0, pixel, row};
  }
}

pixazo_status px_orient(const px_pixmap *source, uint32_t orientation, px_pixmap *out, pixazo_error **error)
{
  bool swap = px_orient_swaps(orientation);
  px_pixmap made = PX_PIXMAP_INIT;
  PX_TRY(px_pixmap_make(&made, swap ? source->height : source->width, swap ? source->width : source->height,
                        source->channels, error));
  route way = route_of(source, orientation);
  for (uint32_t y = 0; y < made.height; y++) {
    const unsigned char *from = source->data + way.begin + (ptrdiff_t)y * way.down;
    unsigned char *to = px_pixmap_row(&made, y);
    for (uint32_t x = 0; x < made.width; x++, to += made.channels)
      memcpy(to, from + (ptrdiff_t)x * way.across, made.channels);
  }
  px_pixmap_move(out, &made);
  return PIXAZO_OK;
}
