/* SPDX-License-Identifier: MIT */
/* JPEG and WebP files straight from the codec libraries. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <webp/encode.h>

#include "support/pictures.h"

static const struct {
  J_COLOR_SPACE input, stored;
  int channels;
} kinds[] = {
    [JPEG_KIND_GRAY] = {JCS_GRAYSCALE, JCS_GRAYSCALE, 1}, [JPEG_KIND_YCC] = {JCS_RGB, JCS_YCbCr, 3},
    [JPEG_KIND_RGB] = {JCS_RGB, JCS_RGB, 3},              [JPEG_KIND_CMYK] = {JCS_CMYK, JCS_CMYK, 4},
    [JPEG_KIND_YCCK] = {JCS_CMYK, JCS_YCCK, 4},
};

static void write_rows(struct jpeg_compress_struct *jpeg, const jpeg_plan *plan, const jpeg_coding *coding)
{
  unsigned channels = (unsigned)kinds[plan->kind].channels;
  unsigned char *row = malloc((size_t)plan->width * 4);
  if (!row)
    abort();
  while (jpeg->next_scanline < jpeg->image_height) {
    for (uint32_t x = 0; x < plan->width; x++) {
      for (unsigned c = 0; c < channels; c++)
        row[x * channels + c] =
            coding->sample ? (unsigned char)coding->sample(x, jpeg->next_scanline, c) : plan->color[c];
    }
    (void)jpeg_write_scanlines(jpeg, &row, 1);
  }
  free(row);
}

static void set_coding(struct jpeg_compress_struct *jpeg, const jpeg_plan *plan, const jpeg_coding *coding)
{
  jpeg_set_quality(jpeg, coding->quality ? coding->quality : 100, TRUE);
  jpeg->write_Adobe_marker = plan->adobe;
  jpeg->restart_interval = coding->restart;
  jpeg->arith_code = coding->arithmetic;
  for (int i = 0; i < jpeg->num_components && coding->sampling[0][0]; i++) {
    jpeg->comp_info[i].h_samp_factor = coding->sampling[i][0];
    jpeg->comp_info[i].v_samp_factor = coding->sampling[i][1];
  }
  if (plan->progressive)
    jpeg_simple_progression(jpeg);
}

void jpeg_make_coded(file_bytes *file, const jpeg_plan *plan, const jpeg_coding *coding)
{
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  unsigned char *data = NULL;
  unsigned long size = 0;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &data, &size);
  jpeg.image_width = plan->width;
  jpeg.image_height = plan->height;
  jpeg.input_components = kinds[plan->kind].channels;
  jpeg.in_color_space = kinds[plan->kind].input;
  jpeg_set_defaults(&jpeg);
  jpeg_set_colorspace(&jpeg, kinds[plan->kind].stored);
  set_coding(&jpeg, plan, coding);
  jpeg_start_compress(&jpeg, TRUE);
  write_rows(&jpeg, plan, coding);
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  file_add(file, data, size);
  free(data);
}

void jpeg_make(file_bytes *file, const jpeg_plan *plan)
{
  jpeg_make_coded(file, plan, &(jpeg_coding){.quality = 100});
}

void jpeg_of_pixmap(file_bytes *file, const px_pixmap *pixmap, int quality)
{
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  unsigned char *data = NULL;
  unsigned long size = 0;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &data, &size);
  jpeg.image_width = pixmap->width;
  jpeg.image_height = pixmap->height;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg.optimize_coding = TRUE;
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = px_pixmap_row(pixmap, jpeg.next_scanline);
    (void)jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  file_add(file, data, size);
  free(data);
}

void jpeg_insert_segment(file_bytes *file, unsigned marker, const void *data, size_t size)
{
  const unsigned char head[4] = {0xff, (unsigned char)marker, (unsigned char)((size + 2) >> 8), (unsigned char)(size + 2)};
  file_insert(file, 2, data, size);
  file_insert(file, 2, head, sizeof head);
}

void webp_make(file_bytes *file, uint32_t width, uint32_t height, bool lossless, const unsigned char rgba[4])
{
  size_t pixels = (size_t)width * height;
  unsigned char *source = malloc(pixels * 4);
  if (!source)
    abort();
  for (size_t i = 0; i < pixels; i++)
    memcpy(source + 4 * i, rgba, 4);
  uint8_t *data = NULL;
  int stride = (int)width * 4;
  size_t size = lossless ? WebPEncodeLosslessRGBA(source, (int)width, (int)height, stride, &data)
                         : WebPEncodeRGBA(source, (int)width, (int)height, stride, 100, &data);
  file_add(file, data, size);
  WebPFree(data);
  free(source);
}

void webp_of_pixmap(file_bytes *file, const px_pixmap *pixmap, float quality)
{
  uint8_t *data = NULL;
  int width = (int)pixmap->width, height = (int)pixmap->height, stride = (int)pixmap->stride;
  size_t size = pixmap->channels == 4 ? WebPEncodeRGBA(pixmap->data, width, height, stride, quality, &data)
                                      : WebPEncodeRGB(pixmap->data, width, height, stride, quality, &data);
  file_add(file, data, size);
  WebPFree(data);
}

void webp_lossless_of_pixmap(file_bytes *file, const px_pixmap *pixmap)
{
  uint8_t *data = NULL;
  int width = (int)pixmap->width, height = (int)pixmap->height, stride = (int)pixmap->stride;
  size_t size = pixmap->channels == 4 ? WebPEncodeLosslessRGBA(pixmap->data, width, height, stride, &data)
                                      : WebPEncodeLosslessRGB(pixmap->data, width, height, stride, &data);
  file_add(file, data, size);
  WebPFree(data);
}
