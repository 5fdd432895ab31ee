/* SPDX-License-Identifier: MIT */
#include "kit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>
#include <webp/decode.h>

#include "base/crew.h"

const px_image_limits KIT_LIMITS = PX_IMAGE_LIMITS_INIT;

static px_crew *crew;
static int stage = -1; /* a file without a name, for what is looked at through a pane */

int kit_begin(void **state)
{
  (void)state;
  stage = memfd_create("stage", MFD_CLOEXEC);
  assert_true(stage >= 0);
  return px_crew_new("decode", 2, &crew, NULL) == PIXAZO_OK ? 0 : -1;
}

int kit_end(void **state)
{
  (void)state;
  px_crew_free(crew);
  crew = NULL;
  (void)close(stage);
  return 0;
}

/* ---- decoding and encoding ---- */

static bool same_pixels(const px_pixmap *a, const px_pixmap *b)
{
  if (!a->data || !b->data)
    return a->data == b->data;
  return a->width == b->width && a->height == b->height && a->channels == b->channels &&
         memcmp(a->data, b->data, a->stride * a->height) == 0;
}

static void check_way(px_bytes file, px_simd simd, px_crew *helpers, pixazo_status wanted, const px_pixmap *pixels)
{
  px_auto(px_pixmap) other = PX_PIXMAP_INIT;
  px_decode_job job = {.file = file, .limits = &KIT_LIMITS, .simd = simd, .crew = helpers};
  assert_status(px_codec_decode(&job, &other, NULL, NULL), wanted);
  if (!same_pixels(pixels, &other))
    fail_msg("simd %d %s a crew gives other pixels than plain code", (int)simd, helpers ? "with" : "without");
  assert_status(px_codec_decode(&job, NULL, NULL, NULL), wanted);
}

/* ---- through a pane ---- */

static void check_facts(const px_image_info *a, const px_image_info *b)
{
  assert_int_equal(a->format, b->format);
  assert_int_equal(a->width, b->width);
  assert_int_equal(a->height, b->height);
  assert_int_equal(a->channels, b->channels);
  assert_int_equal(a->bit_depth, b->bit_depth);
  assert_int_equal(a->orientation, b->orientation);
  assert_int_equal(a->scans, b->scans);
  assert_int_equal(a->has_alpha, b->has_alpha);
  assert_int_equal(a->has_c2pa, b->has_c2pa);
  assert_int_equal(a->animated, b->animated);
}

static void check_block(const px_block *a, const px_block *b)
{
  assert_int_equal(a->size, b->size);
  if (a->size > 0)
    assert_memory_equal(a->data, b->data, a->size);
}

static void check_metadata(px_bytes file, px_pane *pane)
{
  px_auto(px_metadata) held = PX_METADATA_INIT;
  px_auto(px_metadata) seen = PX_METADATA_INIT;
  pixazo_status status = px_codec_metadata(file, &KIT_LIMITS, &held, NULL);
  assert_status(px_codec_metadata_of(&(px_file){{NULL, file.size}, pane}, &KIT_LIMITS, &seen, NULL), status);
  check_block(&held.exif, &seen.exif);
  check_block(&held.xmp, &seen.xmp);
  check_block(&held.icc, &seen.icc);
  assert_int_equal(held.text_count, seen.text_count);
  for (size_t i = 0; i < held.text_count; i++) {
    assert_string_equal(held.texts[i].keyword, seen.texts[i].keyword);
    assert_string_equal(held.texts[i].value, seen.texts[i].value);
  }
}

void kit_check_pane(px_bytes file)
{
  px_auto(px_pane) pane = {.descriptor = stage, .size = file.size, .name = "the stage", .piece = 5 + file.size % 59};
  px_image_info held = {0}, seen = {0};
  px_decode_job job = {.file = file, .limits = &KIT_LIMITS};
  assert_int_equal(ftruncate(stage, 0), 0);
  assert_int_equal(pwrite(stage, file.data, file.size, 0), file.size);
  if (!px_codec_takes_pane(&pane))
    return;
  px_autoerror in_memory = NULL;
  px_autoerror through = NULL;
  pixazo_status status = px_codec_decode(&job, NULL, &held, &in_memory);
  job.file.data = NULL;
  job.pane = &pane;
  assert_status(px_codec_decode(&job, NULL, &seen, &through), status);
  if (status == PIXAZO_OK)
    check_facts(&held, &seen);
  else
    assert_string_equal(pixazo_error_message(in_memory), pixazo_error_message(through));
  check_metadata(file, &pane);
}

/* A copy of exactly this size, so that a sanitizer sees a read behind it. */
pixazo_status kit_decode(px_bytes file, px_pixmap *pixmap, px_image_info *info)
{
  px_autofree unsigned char *copy = px_memdup(file.data, file.size);
  assert_non_null(copy);
  px_bytes exact = {copy, file.size};
  px_decode_job job = {.file = exact, .limits = &KIT_LIMITS, .simd = PX_SIMD_PLAIN};
  pixazo_status status = px_codec_decode(&job, pixmap, info, NULL);
  assert_int_equal(pixmap->data != NULL, status == PIXAZO_OK);
  check_way(exact, PX_SIMD_AUTO, NULL, status, pixmap);
  check_way(exact, PX_SIMD_AUTO, crew, status, pixmap);
  kit_check_pane(exact);
  return status;
}

void kit_decode_good(px_bytes file, px_pixmap *pixmap, px_image_info *info, const char *what)
{
  px_autoerror error = NULL;
  px_decode_job job = {.file = file, .limits = &KIT_LIMITS};
  if (px_codec_decode(&job, NULL, NULL, &error) != PIXAZO_OK)
    fail_msg("%s: %s", what, pixazo_error_message(error));
  assert_status(kit_decode(file, pixmap, info), PIXAZO_OK);
}

pixazo_status kit_encode(px_encode_job job, pixazo_blob **out)
{
  job.simd = PX_SIMD_PLAIN;
  job.crew = NULL;
  pixazo_status status = px_codec_encode(&job, out, NULL);
  for (int with_crew = 0; with_crew < 2; with_crew++) {
    pixazo_blob *other = NULL;
    job.simd = PX_SIMD_AUTO;
    job.crew = with_crew ? crew : NULL;
    assert_status(px_codec_encode(&job, &other, NULL), status);
    if (status != PIXAZO_OK)
      continue;
    if (pixazo_blob_size(other) != pixazo_blob_size(*out) ||
        memcmp(pixazo_blob_data(other), pixazo_blob_data(*out), pixazo_blob_size(other)) != 0)
      fail_msg("%s of %ux%u, quality %d, level %d: fast code %s a crew gives other bytes than plain code",
               px_format_name(job.format), job.pixmap->width, job.pixmap->height, job.quality, job.level,
               with_crew ? "with" : "without");
    (void)pixazo_blob_unref(other);
  }
  return status;
}

void kit_expect_pixels(const px_pixmap *pixmap, const unsigned char *wanted, const char *what)
{
  size_t row = (size_t)pixmap->width * pixmap->channels;
  for (uint32_t y = 0; y < pixmap->height; y++, wanted += row) {
    const unsigned char *got = px_pixmap_row(pixmap, y);
    if (memcmp(got, wanted, row) == 0)
      continue;
    for (size_t at = 0; at < row; at++) {
      if (got[at] != wanted[at])
        fail_msg("%s: pixel %zu,%u channel %zu is %u, not %u", what, at / pixmap->channels, y, at % pixmap->channels,
                 got[at], wanted[at]);
    }
  }
}

double kit_psnr(const unsigned char *a, const unsigned char *b, size_t count)
{
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += (double)(a[i] - b[i]) * (a[i] - b[i]);
  return sum == 0 ? 99 : 10 * log10(255.0 * 255.0 * (double)count / sum);
}

px_bytes kit_view(const pixazo_blob *blob)
{
  return (px_bytes){pixazo_blob_data(blob), pixazo_blob_size(blob)};
}

/* ---- reference decoders ---- */

unsigned char *kit_reference_png(px_bytes file, unsigned channels, uint32_t size[2])
{
  png_image image = {.version = PNG_IMAGE_VERSION};
  if (!png_image_begin_read_from_memory(&image, file.data, file.size))
    fail_msg("libpng: %s", image.message);
  image.format = channels == 4 ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
  unsigned char *pixels = malloc(PNG_IMAGE_SIZE(image));
  assert_non_null(pixels);
  if (!png_image_finish_read(&image, NULL, pixels, 0, NULL) || image.warning_or_error)
    fail_msg("libpng: %s", image.message);
  size[0] = image.width;
  size[1] = image.height;
  return pixels;
}

static void on_error(j_common_ptr info)
{
  char text[JMSG_LENGTH_MAX];
  info->err->format_message(info, text);
  fail_msg("libjpeg: %s", text);
}

unsigned char *kit_reference_jpeg(px_bytes file, unsigned channels, uint32_t size[2])
{
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  errors.error_exit = on_error;
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, file.data, file.size);
  (void)jpeg_read_header(&jpeg, TRUE);
  jpeg.out_color_space = channels == 4 ? JCS_CMYK : JCS_RGB;
  (void)jpeg_start_decompress(&jpeg);
  size[0] = jpeg.output_width;
  size[1] = jpeg.output_height;
  size_t row = (size_t)size[0] * channels;
  unsigned char *pixels = malloc(row * size[1]);
  assert_non_null(pixels);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW to = pixels + jpeg.output_scanline * row;
    (void)jpeg_read_scanlines(&jpeg, &to, 1);
  }
  (void)jpeg_finish_decompress(&jpeg);
  assert_int_equal(errors.num_warnings, 0);
  jpeg_destroy_decompress(&jpeg);
  return pixels;
}

unsigned char *kit_reference_webp(px_bytes file, unsigned channels, uint32_t size[2])
{
  int width = 0, height = 0;
  unsigned char *decoded = channels == 4 ? WebPDecodeRGBA(file.data, file.size, &width, &height)
                                         : WebPDecodeRGB(file.data, file.size, &width, &height);
  assert_non_null(decoded);
  size_t bytes = (size_t)width * (size_t)height * channels;
  unsigned char *pixels = malloc(bytes);
  assert_non_null(pixels);
  memcpy(pixels, decoded, bytes);
  WebPFree(decoded);
  size[0] = (uint32_t)width;
  size[1] = (uint32_t)height;
  return pixels;
}

/* ---- pictures ---- */

uint32_t kit_hash(uint32_t a, uint32_t b, uint32_t c)
{
  uint32_t x = a * 0x9e3779b1u ^ b * 0x85ebca77u ^ c * 0xc2b2ae3du;
  x = (x ^ x >> 15) * 0x2c1b3c6du;
  x = (x ^ x >> 12) * 0x297a2d39u;
  return x ^ x >> 15;
}

static unsigned char clamped(double value)
{
  return (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5);
}

static unsigned char photo(uint32_t x, uint32_t y, unsigned c)
{
  double wide = sin(x * 0.031 + c) * cos(y * 0.043 - c * 0.7), fine = sin(x * 0.37 + y * 0.29 + c * 2.0);
  return clamped(128 + 80 * wide + 22 * fine + (double)(kit_hash(x, y, c) % 9) - 4);
}

unsigned char kit_paint(unsigned nature, uint32_t x, uint32_t y, unsigned c)
{
  switch (nature) {
  case KIT_LINES:
    return (x + 2 * y) % 23 < 2 || (x * x / 64 + y) % 41 < 2 ? (unsigned char)(40 * c) : 250;
  case KIT_FLAT:
    return (unsigned char)(60 + 70 * c);
  case KIT_NOISE:
    return (unsigned char)kit_hash(x, y, c);
  case KIT_TEXT:
    return kit_hash(x / 2, y / 3, 7) % 3 == 0 && y / 12 % 2 == 0 ? 16 : 255;
  case KIT_GRADIENT:
    return (unsigned char)((x * (c + 1) + y * 2) / 3);
  default:
    return photo(x, y, c);
  }
}

/* Alpha: clear, soft and solid places. */
static unsigned char alpha_at(uint32_t x, uint32_t y)
{
  uint32_t place = (x / 5 + y / 7) % 4;
  return place == 0 ? 0 : place == 1 ? 255 : (unsigned char)(kit_hash(x, y, 99) % 255);
}

void kit_picture(px_pixmap *picture, unsigned nature, uint32_t width, uint32_t height, uint32_t channels)
{
  assert_status(px_pixmap_make(picture, width, height, channels, NULL), PIXAZO_OK);
  for (uint32_t y = 0; y < height; y++) {
    unsigned char *row = px_pixmap_row(picture, y);
    for (uint32_t x = 0; x < width; x++) {
      for (unsigned c = 0; c < channels; c++)
        *row++ = c == 3 ? alpha_at(x, y) : kit_paint(nature, x, y, c);
    }
  }
}
