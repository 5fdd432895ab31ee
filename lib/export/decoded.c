/* SPDX-License-Identifier: MIT */
#include "export/decoded.h"

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/options.h"
#include "export/exporter.h"
#include "image/icc.h"
#include "image/orient.h"

enum { CHANNELS_MAX = 4 };

/* ---- from the program ---- */

void pixazo_pixels_options_init(pixazo_pixels_options *options, size_t size)
{
  px_options_init(options, size);
}

static pixazo_status new_pixels(pixazo_pixels **out, pixazo_error **error)
{
  pixazo_pixels *made = px_calloc(1, sizeof *made);
  if (!made)
    return px_fail_nomem(error);
  atomic_init(&made->references, 1);
  *out = made;
  return PIXAZO_OK;
}

static void pixels_done(pixazo_pixels **pixels)
{
  (void)pixazo_pixels_unref(*pixels);
}

static pixazo_status check_shape(const pixazo_pixels_options *o, pixazo_error **error)
{
  if (!o->data)
    return px_fail(error, PIXAZO_E_ARGUMENT, "pixels without data");
  if (o->width == 0 || o->height == 0 || o->width > PX_SIDE_MAX || o->height > PX_SIDE_MAX)
    return px_fail(error, PIXAZO_E_ARGUMENT, "pixels of %ux%u: a side has 1-%d", o->width, o->height, PX_SIDE_MAX);
  if (o->channels > CHANNELS_MAX)
    return px_fail(error, PIXAZO_E_ARGUMENT, "pixels of %u channels: gray has 1, gray and alpha 2, RGB 3, RGBA 4",
                   o->channels);
  if (o->reserved != 0)
    return px_fail(error, PIXAZO_E_ARGUMENT, "the reserved field of the pixels is %u, not 0", o->reserved);
  if (o->icc && !px_icc_is_rgb(pixazo_blob_data(o->icc), pixazo_blob_size(o->icc)))
    return px_fail(error, PIXAZO_E_ARGUMENT, "the profile of the pixels is none for RGB");
  return PIXAZO_OK;
}

/* The last row may end before its stride does. */
static pixazo_status check_rows(const pixazo_pixels_options *o, size_t row, pixazo_error **error)
{
  size_t needed;
  if (o->stride < row)
    return px_fail(error, PIXAZO_E_ARGUMENT, "a stride of %zu bytes is shorter than a row of %zu", o->stride, row);
  if (!px_mul_size(o->stride, o->height - 1, &needed) || !px_add_size(needed, row, &needed) || needed > PTRDIFF_MAX)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%u rows, %zu bytes apart, do not fit into memory", o->height, o->stride);
  if (o->size > 0 && needed > o->size)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%u rows, %zu bytes apart, take %zu bytes; there are %zu", o->height, o->stride,
                   needed, o->size);
  return PIXAZO_OK;
}

static void copy_row(const unsigned char *from, unsigned char *to, uint32_t width, uint32_t channels)
{
  if (channels >= 3) {
    memcpy(to, from, (size_t)width * channels);
    return;
  }
  for (uint32_t x = 0; x < width; x++, from += channels) {
    memset(to, from[0], 3);
    to += 3;
    if (channels == 2)
      *to++ = from[1];
  }
}

static pixazo_status copy_pixels(const pixazo_pixels_options *o, pixazo_pixels **out, pixazo_error **error)
{
  px_cleanup(pixels_done) pixazo_pixels *made = NULL;
  PX_TRY(new_pixels(&made, error));
  uint32_t channels = o->channels % 2 == 0 ? 4 : 3;
  PX_TRY(px_pixmap_make(&made->pixmap, o->width, o->height, channels, error));
  for (uint32_t y = 0; y < o->height; y++)
    copy_row((const unsigned char *)o->data + y * o->stride, px_pixmap_row(&made->pixmap, y), o->width, o->channels);
  if (o->icc)
    PX_TRY(pixazo_blob_new(pixazo_blob_data(o->icc), pixazo_blob_size(o->icc), &made->icc, error));
  *out = px_steal(&made);
  return PIXAZO_OK;
}

pixazo_status pixazo_pixels_new(const pixazo_pixels_options *options, pixazo_pixels **out, pixazo_error **error)
{
  PX_REQUIRE(options, error, "options is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  pixazo_pixels_options wanted;
  PX_TRY(px_options_copy(&wanted, sizeof wanted, options, "pixazo_pixels_options", error));
  wanted.channels = wanted.channels ? wanted.channels : 3;
  PX_TRY(check_shape(&wanted, error));
  size_t row = (size_t)wanted.width * wanted.channels;
  wanted.stride = wanted.stride ? wanted.stride : row;
  PX_TRY(check_rows(&wanted, row, error));
  return copy_pixels(&wanted, out, error);
}

/* ---- from a file ---- */

static pixazo_status turn(pixazo_pixels *pixels, uint32_t orientation, pixazo_error **error)
{
  px_auto(px_pixmap) turned = PX_PIXMAP_INIT;
  if (orientation == 1)
    return PIXAZO_OK;
  PX_TRY(px_orient(&pixels->pixmap, orientation, &turned, error));
  px_pixmap_move(&pixels->pixmap, &turned);
  return PIXAZO_OK;
}

/* A profile for gray or inks says nothing about pixels that are RGB by now. */
static pixazo_status read_profile(px_bytes file, const px_image_limits *limits, pixazo_pixels *pixels, pixazo_error **error)
{
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  PX_TRY(px_codec_metadata(file, limits, &metadata, error));
  if (!px_icc_is_rgb(metadata.icc.data, metadata.icc.size))
    return PIXAZO_OK;
  return pixazo_blob_new(metadata.icc.data, metadata.icc.size, &pixels->icc, error);
}

static pixazo_status decode(const pixazo_exporter *exporter, const pixazo_blob *source, const pixazo_cancel *cancel,
                            pixazo_pixels **out, pixazo_error **error)
{
  px_bytes file = {pixazo_blob_data(source), pixazo_blob_size(source)};
  px_decode_job job = {
      .file = file, .limits = &exporter->limits, .cancel = cancel, .simd = exporter->simd, .crew = exporter->crew};
  px_image_info info;
  PX_TRY(px_exporter_check_bytes(exporter, file.size, error));
  px_cleanup(pixels_done) pixazo_pixels *made = NULL;
  PX_TRY(new_pixels(&made, error));
  PX_TRY(px_codec_decode(&job, &made->pixmap, &info, error));
  PX_TRY(turn(made, info.orientation, error));
  PX_TRY(read_profile(file, &exporter->limits, made, error));
  px_log(exporter->log, PIXAZO_LOG_DEBUG, "export", "decoded %s %ux%u of %zu bytes", px_format_name(info.format),
         made->pixmap.width, made->pixmap.height, file.size);
  *out = px_steal(&made);
  return PIXAZO_OK;
}

pixazo_status pixazo_exporter_decode(const pixazo_exporter *exporter, const pixazo_blob *source, const pixazo_cancel *cancel,
                                     pixazo_pixels **out, pixazo_error **error)
{
  PX_REQUIRE(exporter, error, "exporter is NULL");
  PX_REQUIRE(source, error, "source is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  pixazo_status status = decode(exporter, source, cancel, out, error);
  px_log_deliver(exporter->log);
  return status;
}

/* ---- as a source ---- */

void px_pixels_info(const pixazo_pixels *pixels, px_image_info *info)
{
  const px_pixmap *pixmap = &pixels->pixmap;
  *info = (px_image_info){.format = PX_FORMAT_PNG,
                          .width = pixmap->width,
                          .height = pixmap->height,
                          .channels = pixmap->channels,
                          .bit_depth = 8,
                          .orientation = 1,
                          .scans = 1,
                          .has_alpha = pixmap->channels == 4};
}

pixazo_status px_pixels_metadata(const pixazo_pixels *pixels, px_metadata *metadata, pixazo_error **error)
{
  if (!pixels->icc)
    return PIXAZO_OK;
  return px_block_set(&metadata->icc, pixazo_blob_data(pixels->icc), pixazo_blob_size(pixels->icc), error);
}

/* ---- the object ---- */

pixazo_pixels *pixazo_pixels_ref(pixazo_pixels *pixels)
{
  if (pixels)
    atomic_fetch_add_explicit(&pixels->references, 1, memory_order_relaxed);
  return pixels;
}

pixazo_pixels *pixazo_pixels_unref(pixazo_pixels *pixels)
{
  if (pixels && atomic_fetch_sub_explicit(&pixels->references, 1, memory_order_acq_rel) == 1) {
    px_pixmap_done(&pixels->pixmap);
    (void)pixazo_blob_unref(pixels->icc);
    px_free(pixels);
  }
  return NULL;
}

const void *pixazo_pixels_data(const pixazo_pixels *pixels)
{
  return pixels ? pixels->pixmap.data : NULL;
}

size_t pixazo_pixels_size(const pixazo_pixels *pixels)
{
  return pixels ? pixels->pixmap.stride * pixels->pixmap.height : 0;
}

size_t pixazo_pixels_stride(const pixazo_pixels *pixels)
{
  return pixels ? pixels->pixmap.stride : 0;
}

uint32_t pixazo_pixels_width(const pixazo_pixels *pixels)
{
  return pixels ? pixels->pixmap.width : 0;
}

uint32_t pixazo_pixels_height(const pixazo_pixels *pixels)
{
  return pixels ? pixels->pixmap.height : 0;
}

uint32_t pixazo_pixels_channels(const pixazo_pixels *pixels)
{
  return pixels ? pixels->pixmap.channels : 0;
}

pixazo_blob *pixazo_pixels_icc(const pixazo_pixels *pixels)
{
  return pixels ? pixels->icc : NULL;
}
