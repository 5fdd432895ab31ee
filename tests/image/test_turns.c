/* SPDX-License-Identifier: MIT */
/* All eight EXIF orientations in all three formats through the public exporter, on pixels that tell every turn apart. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/exporter.h>

static size_t cases;

enum { WIDTH = 13, HEIGHT = 7 };

/* Where pixel x,y of the picture as seen lies in the picture as stored, by the words of the standard: for instance 6
 * means that the first row is the right side and the first column the top. */
static void stored_place(unsigned orientation, uint32_t x, uint32_t y, uint32_t *from_x, uint32_t *from_y)
{
  const uint32_t last_x = WIDTH - 1, last_y = HEIGHT - 1;
  const uint32_t places[9][2] = {{x, y},          {x, y}, {last_x - x, y}, {last_x - x, last_y - y},
                                 {x, last_y - y}, {y, x}, {y, last_y - x}, {last_x - y, last_y - x},
                                 {last_x - y, x}};
  *from_x = places[orientation][0];
  *from_y = places[orientation][1];
}

static unsigned mark(uint32_t x, uint32_t y, unsigned c)
{
  return c == 0 ? 15 * x : c == 1 ? 30 * y : c == 2 ? (x * 5 + y * 11) & 255 : 255 - x * 9 - y;
}

static void make_png(file_bytes *file, unsigned orientation, bool big)
{
  file_bytes exif = {NULL, 0};
  png_plan plan = {.width = WIDTH, .height = HEIGHT, .depth = 8, .color = big ? 6 : 2, .sample = mark, .level = 6};
  png_make(file, &plan);
  exif_make(&exif, big, orientation);
  png_insert_chunk(file, "eXIf", exif.data, exif.size);
  file_bytes_done(&exif);
}

static void make_jpeg(file_bytes *file, unsigned orientation, bool big)
{
  file_bytes exif = {NULL, 0};
  jpeg_plan plan = {WIDTH, HEIGHT, JPEG_KIND_YCC, big, false, {0, 0, 0, 0}};
  jpeg_make_coded(file, &plan, &(jpeg_coding){.sample = mark});
  file_add(&exif, "Exif\0", 6);
  exif_make(&exif, big, orientation);
  jpeg_insert_segment(file, 0xe1, exif.data, exif.size);
  file_bytes_done(&exif);
}

static void make_webp(file_bytes *file, unsigned orientation, bool big)
{
  file_bytes body = {NULL, 0}, exif = {NULL, 0};
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  pixazo_blob *blob = NULL;
  const unsigned char canvas[10] = {0x08, 0, 0, 0, WIDTH - 1, 0, 0, HEIGHT - 1, 0, 0};
  kit_picture(&picture, KIT_NOISE, WIDTH, HEIGHT, 3);
  px_encode_job job = {.pixmap = &picture, .format = PX_FORMAT_WEBP, .quality = 90};
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_OK);
  exif_make(&exif, big, orientation);
  webp_chunk(&body, "VP8X", canvas, sizeof canvas);
  file_add(&body, (const unsigned char *)pixazo_blob_data(blob) + 12, pixazo_blob_size(blob) - 12);
  webp_chunk(&body, "EXIF", exif.data, exif.size);
  webp_wrap(file, &body);
  file_bytes_done(&body);
  file_bytes_done(&exif);
  (void)pixazo_blob_unref(blob);
}

static pixazo_rendition *export_as(const file_bytes *file, const char *json)
{
  pixazo_exporter *exporter = NULL;
  pixazo_recipe *recipe = NULL;
  pixazo_blob *source = NULL;
  pixazo_rendition *made = NULL;
  px_autoerror error = NULL;
  assert_ok(pixazo_exporter_new(NULL, &exporter, &error), error);
  assert_ok(pixazo_recipe_new_from_json(json, &recipe, &error), error);
  assert_ok(pixazo_blob_new(file->data, file->size, &source, &error), error);
  assert_ok(pixazo_exporter_export(exporter, source, recipe, &made, &error), error);
  (void)pixazo_blob_unref(source);
  pixazo_recipe_free(recipe);
  (void)pixazo_exporter_unref(exporter);
  return made;
}

static void check_turn(const file_bytes *file, unsigned orientation, const char *what)
{
  px_auto(px_pixmap) stored = PX_PIXMAP_INIT;
  uint32_t size[2];
  kit_decode_good(file_view(file), &stored, NULL, what);
  pixazo_rendition *made = export_as(file, "{\"format\":\"png\",\"level\":1,\"metadata\":\"full\"}");
  px_bytes view = kit_view(pixazo_rendition_blob(made));
  unsigned char *seen = kit_reference_png(view, stored.channels, size);
  bool swapped = orientation >= 5 && orientation <= 8;
  assert_int_equal(size[0], swapped ? HEIGHT : WIDTH);
  assert_int_equal(size[1], swapped ? WIDTH : HEIGHT);
  for (uint32_t at = 0; at < WIDTH * HEIGHT; at++) {
    uint32_t x, y;
    stored_place(orientation, at % size[0], at / size[0], &x, &y);
    if (memcmp(seen + (size_t)at * stored.channels, px_pixmap_row(&stored, y) + (size_t)x * stored.channels,
               stored.channels) != 0)
      fail_msg("%s, orientation %u: wrong pixel at %u,%u", what, orientation, at % size[0], at / size[0]);
  }
  assert_int_equal(strstr(pixazo_rendition_notes(made), "oriented") != NULL, orientation > 1 && orientation < 9);
  px_image_info info;
  assert_status(px_codec_probe(view, &KIT_LIMITS, &info, NULL), PIXAZO_OK);
  assert_int_equal(info.orientation, 1); /* turned once, never twice */
  free(seen);
  pixazo_rendition_free(made);
  cases++;
}

typedef void (*maker)(file_bytes *file, unsigned orientation, bool big);
static const maker MAKERS[] = {make_png, make_jpeg, make_webp};
static const char *const NAMES[] = {"png", "jpeg", "webp"};

static void test_turns__eight_ways_in_every_format(void **state)
{
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(MAKERS); i++) {
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
      for (int big = 0; big < 2; big++) {
        file_bytes file = {NULL, 0};
        MAKERS[i](&file, orientation, big);
        check_turn(&file, orientation, NAMES[i]);
        file_bytes_done(&file);
      }
    }
  }
}

static void test_turns__nonsense_turns_nothing(void **state)
{
  (void)state;
  static const unsigned values[] = {0, 9, 255, 256, 65535};
  for (size_t i = 0; i < PX_ARRAY_SIZE(MAKERS) * PX_ARRAY_SIZE(values); i++) {
    file_bytes file = {NULL, 0};
    px_image_info info;
    MAKERS[i % 3](&file, values[i / 3], i % 2);
    assert_status(px_codec_probe(file_view(&file), &KIT_LIMITS, &info, NULL), PIXAZO_OK);
    assert_int_equal(info.orientation, 1);
    pixazo_rendition *made = export_as(&file, "{\"format\":\"png\",\"level\":1}");
    assert_int_equal(pixazo_rendition_width(made), WIDTH);
    assert_null(strstr(pixazo_rendition_notes(made), "oriented"));
    pixazo_rendition_free(made);
    file_bytes_done(&file);
    cases++;
  }
}

/* Width and height of a recipe are those of the picture as seen. */
static void test_turns__a_size_is_meant_as_seen(void **state)
{
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(MAKERS); i++) {
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
      file_bytes file = {NULL, 0};
      MAKERS[i](&file, orientation, true);
      pixazo_rendition *made = export_as(&file, "{\"format\":\"webp\",\"width\":70}");
      assert_int_equal(pixazo_rendition_width(made), 70);
      assert_int_equal(pixazo_rendition_height(made), orientation >= 5 ? 130 : 38);
      pixazo_rendition_free(made);
      file_bytes_done(&file);
      cases++;
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_turns__eight_ways_in_every_format),
      cmocka_unit_test(test_turns__nonsense_turns_nothing),
      cmocka_unit_test(test_turns__a_size_is_meant_as_seen),
  };
  int failed = cmocka_run_group_tests(tests, kit_begin, kit_end);
  (void)printf("pictures: %zu cases of turning\n", cases);
  return failed;
}
