/* SPDX-License-Identifier: MIT */
/* What the picture tests share: decoding in every way there is, and the reference decoders. */
#ifndef PX_IMAGE_KIT_H
#define PX_IMAGE_KIT_H

#include "support/testing.h"

#include "base/error.h"
#include "base/mem.h"
#include "image/codec.h"
#include "support/pictures.h"

extern const px_image_limits KIT_LIMITS;

/* Setup and teardown of a group: the threads that help to decode. */
int kit_begin(void **state);
int kit_end(void **state);

/* Plain and fast, alone and with a crew, with pixels and without: all must come to the same answer.
 * `pixmap` is empty before; `info` may be NULL. */
pixazo_status kit_decode(px_bytes file, px_pixmap *pixmap, px_image_info *info);

/* Fails unless the file, looked at through a small pane, gets the same verdict, the same facts and the same metadata as in
 * memory. kit_decode does this too. */
void kit_check_pane(px_bytes file);

/* Fails, with `what` and the error, unless the file decodes. */
void kit_decode_good(px_bytes file, px_pixmap *pixmap, px_image_info *info, const char *what);

/* As kit_decode, for writing. */
pixazo_status kit_encode(px_encode_job job, pixazo_blob **out);

/* Fails, with `what` and the place, unless the pixels are these. */
void kit_expect_pixels(const px_pixmap *pixmap, const unsigned char *wanted, const char *what);

/* Decibels between two rows of samples; 99 when they are equal. */
double kit_psnr(const unsigned char *a, const unsigned char *b, size_t count);

/* The reference decoders, straight: owned pixels (free) of as many channels as asked for. JPEG: 3 or, for inks, 4. */
unsigned char *kit_reference_png(px_bytes file, unsigned channels, uint32_t size[2]);
unsigned char *kit_reference_jpeg(px_bytes file, unsigned channels, uint32_t size[2]);
unsigned char *kit_reference_webp(px_bytes file, unsigned channels, uint32_t size[2]);

px_bytes kit_view(const pixazo_blob *blob);

/* A number that looks random and is the same everywhere. */
uint32_t kit_hash(uint32_t a, uint32_t b, uint32_t c);

/* Pictures of every nature: photo-like, line art, flat, noise, text-like, gradients. */
enum { KIT_PHOTO, KIT_LINES, KIT_FLAT, KIT_NOISE, KIT_TEXT, KIT_GRADIENT, KIT_NATURES };
unsigned char kit_paint(unsigned nature, uint32_t x, uint32_t y, unsigned channel);
void kit_picture(px_pixmap *picture, unsigned nature, uint32_t width, uint32_t height, uint32_t channels);

#endif
