/* SPDX-License-Identifier: MIT */
/* From a file to renditions: two bytes choose what is wanted, the rest is the picture. What comes out is a whole picture
 * of the size that was announced, and comes out the same twice. */
#include "decode.h"

#include <stdio.h>

#include <pixazo/exporter.h>

#include "png_parts.h"

enum { CHOICES = 2 };

static void write_recipe(char *text, size_t room, unsigned first, unsigned second)
{
  static const char *const formats[] = {"same", "png", "jpeg", "webp"}, *const fits[] = {"inside", "cover", "contain",
                                                                                         "fill"};
  static const char *const policies[] = {"full", "provenance", "none", "full"}, *const alphas[] = {"auto", "keep", "flatten",
                                                                                                   "auto"};
  static const unsigned sizes[] = {0, 1, 7, 33};
  (void)snprintf(text, room,
                 "{\"format\":\"%s\",\"fit\":\"%s\",\"width\":%u,\"height\":%u,\"metadata\":\"%s\",\"alpha\":\"%s\","
                 "\"enlarge\":%u,\"level\":%u,\"quality\":%u}",
                 formats[first & 3], fits[first >> 2 & 3], sizes[first >> 4 & 3], sizes[first >> 6 & 3],
                 policies[second & 3], alphas[second >> 2 & 3], second >> 4 & 1, second >> 5 & 7, second * 100 / 255);
}

static void check_rendition(const pixazo_rendition *made)
{
  px_image_limits limits = fuzz_limits();
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  px_bytes file = {pixazo_blob_data(pixazo_rendition_blob(made)), pixazo_blob_size(pixazo_rendition_blob(made))};
  px_decode_job job = {.file = file, .limits = &limits};
  fuzz_require(px_codec_decode(&job, &pixmap, NULL, NULL) == PIXAZO_OK);
  fuzz_require(pixmap.width == pixazo_rendition_width(made) && pixmap.height == pixazo_rendition_height(made));
}

static void export(const uint8_t *data, size_t size, const pixazo_recipe *recipe)
{
  pixazo_exporter_options options;
  pixazo_exporter *exporter = NULL;
  pixazo_blob *source = NULL;
  pixazo_rendition *made = NULL, *again = NULL;
  pixazo_picture *picture = NULL;
  pixazo_exporter_options_init(&options, sizeof options);
  options.max_pixels = 1 << 16;
  fuzz_require(pixazo_exporter_new(&options, &exporter, NULL) == PIXAZO_OK);
  fuzz_require(pixazo_blob_new(data, size, &source, NULL) == PIXAZO_OK);
  pixazo_status whole = pixazo_exporter_inspect(exporter, source, NULL, &picture, NULL);
  pixazo_status status = pixazo_exporter_export(exporter, source, recipe, &made, NULL);
  fuzz_require(whole == status || (whole == PIXAZO_OK && status == PIXAZO_E_LIMIT));
  if (made) {
    check_rendition(made);
    fuzz_require(pixazo_exporter_export(exporter, source, recipe, &again, NULL) == PIXAZO_OK);
    fuzz_require(strcmp(pixazo_rendition_sha256(made), pixazo_rendition_sha256(again)) == 0);
  }
  pixazo_rendition_free(made);
  pixazo_rendition_free(again);
  pixazo_picture_free(picture);
  (void)pixazo_blob_unref(source);
  (void)pixazo_exporter_unref(exporter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char json[300];
  pixazo_recipe *recipe = NULL;
  if (size < CHOICES)
    return 0;
  uint8_t *file = malloc(size - CHOICES + 1);
  fuzz_require(file != NULL);
  memcpy(file, data + CHOICES, size - CHOICES);
  if (px_format_of_bytes(file, size - CHOICES) == PX_FORMAT_PNG)
    png_mend(file, size - CHOICES);
  write_recipe(json, sizeof json, data[0], data[1]);
  fuzz_require(pixazo_recipe_new_from_json(json, &recipe, NULL) == PIXAZO_OK);
  export(file, size - CHOICES, recipe);
  pixazo_recipe_free(recipe);
  free(file);
  return 0;
}
