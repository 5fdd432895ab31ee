/* SPDX-License-Identifier: MIT */
#include "support/kinds.h"

#include "support/testing.h"

uint32_t disorder(uint32_t *state)
{
  *state = *state * 1664525U + 1013904223U;
  return *state >> 8;
}

static unsigned sample(picture_kind kind, uint32_t x, uint32_t y, uint32_t channel, uint32_t *state)
{
  static const unsigned char letters[4] = {0x6d, 0x93, 0xf1, 0x27};
  uint32_t tile = (x % 16 * 31 + y % 16) * 5 + channel;
  uint32_t noise = disorder(state);
  switch (kind) {
  case KIND_NOISE:
    return noise & 255;
  case KIND_PHOTO:
    return (x * 3 + y * 2 + x * y / 32 + channel * 40 + noise % 9) & 255;
  case KIND_GRADIENT:
    return (channel == 0 ? x / 4 : y / 3) & 255;
  case KIND_LETTERS:
    return y % 12 < 8 && (letters[(x / 8 * 7 + y / 12) % 4] >> (x + y) % 8 & 1) ? 20 * channel : 250;
  case KIND_PALETTE:
    return ((x * 7 + y * 13 + x * y * 29) * 2654435761U >> 30) * (60 + channel);
  case KIND_TILES:
    return disorder(&tile) & 255;
  default:
    return 40 * channel + 3;
  }
}

void kind_paint(px_pixmap *pixmap, picture_kind kind, uint32_t width, uint32_t height, uint32_t channels)
{
  uint32_t state = 1;
  assert_status(px_pixmap_make(pixmap, width, height, channels, NULL), PIXAZO_OK);
  for (uint32_t y = 0; y < height; y++) {
    unsigned char *out = px_pixmap_row(pixmap, y);
    for (uint32_t x = 0; x < width; x++) {
      for (uint32_t channel = 0; channel < channels; channel++)
        *out++ = (unsigned char)sample(kind, x, y, channel, &state);
    }
  }
}
