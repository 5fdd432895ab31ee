/* SPDX-License-Identifier: MIT */
/* Resizing in linear light: samples are amounts of light instead of sRGB codes. */
#ifndef PX_IMAGE_RESIZE_LIGHT_H
#define PX_IMAGE_RESIZE_LIGHT_H

#include "image/resize_rows.h"

typedef struct px_light {
  int16_t light[256];                    /* of each code; 255 is PX_SAMPLE_MAX */
  unsigned char code[PX_SAMPLE_MAX + 1]; /* the nearest one of each amount */
} px_light;

void px_light_init(px_light *light);

/* Bytes to samples, colours multiplied by alpha; and back. `channels` is 3 or 4. */
void px_light_lift(const px_light *light, const unsigned char *from, size_t pixels, uint32_t channels, int16_t *to);
void px_light_finish(const px_light *light, const int16_t *from, size_t pixels, uint32_t channels, unsigned char *to);

#endif
