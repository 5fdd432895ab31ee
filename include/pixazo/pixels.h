/* SPDX-License-Identifier: MIT */
/**
 * @file pixels.h
 * Pixels in memory: out of a picture file by pixazo_exporter_decode(), or from the program itself, and into files by
 * pixazo_export_job.pixels.
 *
 * Rows from the top, pixels from the left, one byte a sample, red, green, blue and, with four channels, alpha: 0 is
 * transparent, colours are not premultiplied with it. sRGB, unless a colour profile says otherwise.
 */
#ifndef PIXAZO_PIXELS_H
#define PIXAZO_PIXELS_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/blob.h>
#include <pixazo/error.h>

PIXAZO_BEGIN_DECLS

/** Pixels that never change. Counted; any thread. */
typedef struct pixazo_pixels pixazo_pixels;

/**
 * Pixels as a program has them. Zero in any field means the default. Everything is borrowed for the length of the call.
 * Start from pixazo_pixels_options_init(). @since 0.1
 */
typedef struct pixazo_pixels_options {
  size_t struct_size;     /**< sizeof(pixazo_pixels_options) */
  const void *data;       /**< the first row; required */
  size_t size;            /**< bytes that @c data has: the rows must fit into them; 0: not checked */
  size_t stride;          /**< bytes from one row to the next, at least width x channels; 0: width x channels */
  uint32_t width;         /**< pixels, 1-1000000; required */
  uint32_t height;        /**< pixels, 1-1000000; required */
  uint32_t channels;      /**< 1: gray; 2: gray and alpha; 3: RGB (default); 4: RGBA. Gray is kept as RGB */
  uint32_t reserved;      /**< 0 */
  const pixazo_blob *icc; /**< a colour profile for RGB; it goes where the profile of a file would go. NULL: sRGB */
} pixazo_pixels_options;

/** Sets every field to 0 or NULL and struct_size to @p size. NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_pixels_options_init(pixazo_pixels_options *options, size_t size);

/**
 * Copies pixels of the program.
 * @param options required
 * @param[out] out owned, pixazo_pixels_unref
 * @return PIXAZO_OK; PIXAZO_E_ARGUMENT: options or data are missing, a side or the channels are out of range, the stride
 *         is shorter than a row, the rows do not fit into @c size, or the profile is not for RGB (the message says which);
 *         PIXAZO_E_ABI: the options use fields of a newer library; PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_pixels_new(const pixazo_pixels_options *options, pixazo_pixels **out, pixazo_error **error);

/** One more reference; returns @p pixels. @since 0.1 */
PIXAZO_API pixazo_pixels *pixazo_pixels_ref(pixazo_pixels *pixels);

/** Drops one reference; NULL is allowed; always returns NULL. @since 0.1 */
PIXAZO_API pixazo_pixels *pixazo_pixels_unref(pixazo_pixels *pixels);

/** The first row; borrowed: valid as long as a reference is held. NULL for NULL. @since 0.1 */
PIXAZO_API const void *pixazo_pixels_data(const pixazo_pixels *pixels);
/** Bytes of all rows: stride x height. 0 for NULL. @since 0.1 */
PIXAZO_API size_t pixazo_pixels_size(const pixazo_pixels *pixels);
/** Bytes from one row to the next: width x channels, whatever it was where they came from. 0 for NULL. @since 0.1 */
PIXAZO_API size_t pixazo_pixels_stride(const pixazo_pixels *pixels);
/** Pixels. 0 for NULL. @since 0.1 */
PIXAZO_API uint32_t pixazo_pixels_width(const pixazo_pixels *pixels);
/** Pixels. 0 for NULL. @since 0.1 */
PIXAZO_API uint32_t pixazo_pixels_height(const pixazo_pixels *pixels);
/** 3: RGB; 4: RGBA. 0 for NULL. @since 0.1 */
PIXAZO_API uint32_t pixazo_pixels_channels(const pixazo_pixels *pixels);
/** The colour profile; borrowed: valid as long as a reference is held; NULL: sRGB. @since 0.1 */
PIXAZO_API pixazo_blob *pixazo_pixels_icc(const pixazo_pixels *pixels);

PIXAZO_END_DECLS

#endif
