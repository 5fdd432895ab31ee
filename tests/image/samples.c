/* SPDX-License-Identifier: MIT */
#include "samples.h"

#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "kit.h"

static unsigned depth_now;

static unsigned low_bits(uint32_t x, uint32_t y, unsigned channel)
{
  return kit_hash(x / 2, y, channel) & ((1u << depth_now) - 1);
}

static unsigned soft(uint32_t x, uint32_t y, unsigned channel)
{
  return kit_paint(KIT_PHOTO, x, y, channel);
}

static sample_file *next(sample_files *samples, px_format format, const char *name)
{
  assert_true(samples->count < SAMPLES_MAX);
  sample_file *sample = &samples->list[samples->count++];
  *sample = (sample_file){.format = format};
  (void)snprintf(sample->name, sizeof sample->name, "%s", name);
  return sample;
}

/* ---- PNG ---- */

static void add_png(sample_files *samples, unsigned color, unsigned depth, int interlaced)
{
  static const unsigned char palette[] = {0, 0, 0, 255, 0, 0, 0, 255, 0, 9, 9, 255};
  char name[40];
  (void)snprintf(name, sizeof name, "png colour %u depth %u%s", color, depth, interlaced ? " interlaced" : "");
  sample_file *sample = next(samples, PX_FORMAT_PNG, name);
  png_plan plan = {.width = 7, .height = 6, .depth = depth, .color = color, .interlaced = interlaced, .sample = low_bits};
  depth_now = color == 3 ? 2 : depth;
  plan.filter = PNG_MIXED_FILTERS;
  plan.level = interlaced ? 0 : 9;
  plan.strategy = color == 6 ? Z_FIXED : Z_DEFAULT_STRATEGY;
  plan.part = depth == 8 && !interlaced ? 20 : 0;
  if (color == 3) {
    plan.palette = palette;
    plan.palette_size = sizeof palette;
    plan.transparency = "\0\x80";
    plan.transparency_size = 2;
  }
  png_make(&sample->bytes, &plan);
}

static void add_pngs(sample_files *samples)
{
  static const unsigned kinds[][2] = {{0, 1}, {0, 8}, {0, 16}, {2, 8}, {2, 16}, {3, 2}, {4, 8}, {6, 8}, {6, 16}};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    add_png(samples, kinds[i][0], kinds[i][1], 0);
    add_png(samples, kinds[i][0], kinds[i][1], 1);
  }
  add_png(samples, 2, 8, 0);
  sample_file *sample = &samples->list[samples->count - 1];
  (void)snprintf(sample->name, sizeof sample->name, "png with metadata");
  png_insert_chunk(&sample->bytes, "tEXt", "parameters\0a fox", 16);
  png_insert_chunk(&sample->bytes, "iTXt", "XML:com.adobe.xmp\0\0\0\0\0<x/>", 26);
}

/* ---- JPEG ---- */

static void add_jpeg(sample_files *samples, const char *name, int kind, bool progressive, const jpeg_coding *coding)
{
  sample_file *sample = next(samples, PX_FORMAT_JPEG, name);
  jpeg_plan plan = {21, 18, kind, progressive, kind >= JPEG_KIND_RGB, {0, 0, 0, 0}};
  jpeg_make_coded(&sample->bytes, &plan, coding);
}

static void add_jpegs(sample_files *samples)
{
  jpeg_coding coding = {.sample = soft, .quality = 60};
  add_jpeg(samples, "jpeg 4:2:0", JPEG_KIND_YCC, false, &coding);
  add_jpeg(samples, "jpeg progressive", JPEG_KIND_YCC, true, &coding);
  add_jpeg(samples, "jpeg gray", JPEG_KIND_GRAY, false, &coding);
  add_jpeg(samples, "jpeg RGB", JPEG_KIND_RGB, false, &coding);
  add_jpeg(samples, "jpeg YCCK", JPEG_KIND_YCCK, false, &coding);
  coding.restart = 1;
  add_jpeg(samples, "jpeg with restarts", JPEG_KIND_YCC, false, &coding);
  add_jpeg(samples, "jpeg progressive with restarts", JPEG_KIND_YCC, true, &coding);
  coding = (jpeg_coding){.sample = soft, .quality = 60, .sampling = {{1, 1}, {1, 1}, {1, 1}, {1, 1}}};
  add_jpeg(samples, "jpeg 4:4:4 with metadata", JPEG_KIND_YCC, false, &coding);
  file_bytes exif = {NULL, 0}, *bytes = &samples->list[samples->count - 1].bytes;
  file_add(&exif, "Exif\0", 6);
  exif_make(&exif, true, 6);
  jpeg_insert_segment(bytes, 0xe1, exif.data, exif.size);
  jpeg_insert_segment(bytes, 0xe2, "ICC_PROFILE\0\1\1profile", 21);
  file_bytes_done(&exif);
}

/* ---- WebP ---- */

static void add_webp(sample_files *samples, const char *name, bool lossless, const unsigned char rgba[4])
{
  sample_file *sample = next(samples, PX_FORMAT_WEBP, name);
  webp_make(&sample->bytes, 18, 11, lossless, rgba);
}

static void add_extended_webp(sample_files *samples)
{
  const unsigned char canvas[10] = {0x0c, 0, 0, 0, 17, 0, 0, 10, 0, 0};
  file_bytes simple = {NULL, 0}, body = {NULL, 0}, exif = {NULL, 0};
  sample_file *sample = next(samples, PX_FORMAT_WEBP, "webp with metadata");
  webp_make(&simple, 18, 11, true, (const unsigned char[]){1, 2, 3, 255});
  exif_make(&exif, false, 3);
  webp_chunk(&body, "VP8X", canvas, sizeof canvas);
  file_add(&body, simple.data + 12, simple.size - 12);
  webp_chunk(&body, "EXIF", exif.data, exif.size);
  webp_chunk(&body, "XMP ", "<x/>", 4);
  webp_wrap(&sample->bytes, &body);
  file_bytes_done(&simple);
  file_bytes_done(&body);
  file_bytes_done(&exif);
}

static void add_drawn_webp(sample_files *samples, uint32_t channels)
{
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  pixazo_blob *blob = NULL;
  kit_picture(&picture, KIT_PHOTO, 33, 20, channels);
  px_encode_job job = {.pixmap = &picture, .format = PX_FORMAT_WEBP, .quality = 50};
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_OK);
  sample_file *sample = next(samples, PX_FORMAT_WEBP, channels == 4 ? "webp drawn, with alpha" : "webp drawn");
  file_add(&sample->bytes, pixazo_blob_data(blob), pixazo_blob_size(blob));
  (void)pixazo_blob_unref(blob);
}

void samples_make(sample_files *samples)
{
  samples->count = 0;
  add_pngs(samples);
  add_jpegs(samples);
  add_webp(samples, "webp lossless", true, (const unsigned char[]){12, 200, 99, 255});
  add_webp(samples, "webp lossless with alpha", true, (const unsigned char[]){12, 200, 99, 70});
  add_webp(samples, "webp lossy", false, (const unsigned char[]){12, 200, 99, 255});
  add_webp(samples, "webp lossy with alpha", false, (const unsigned char[]){12, 200, 99, 70});
  add_extended_webp(samples);
  add_drawn_webp(samples, 3);
  add_drawn_webp(samples, 4);
}

void samples_done(sample_files *samples)
{
  for (size_t i = 0; i < samples->count; i++)
    file_bytes_done(&samples->list[i].bytes);
}

void samples_mend_png(unsigned char *data, size_t size)
{
  for (size_t at = 8; at + 12 <= size;) {
    size_t length = (size_t)data[at] << 24 | (size_t)data[at + 1] << 16 | (size_t)data[at + 2] << 8 | data[at + 3];
    if (length > size - at - 12)
      return;
    uint32_t crc = (uint32_t)crc32(0, data + at + 4, (uInt)length + 4);
    for (unsigned i = 0; i < 4; i++)
      data[at + 8 + length + i] = (unsigned char)(crc >> (24 - 8 * i));
    at += length + 12;
  }
}
