/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include <pixazo/memory.h>

#include "base/error.h"
#include "base/mem.h"
#include "export/exporter.h"
#include "support/pictures.h"

static unsigned alpha_now; /* of the picture that is being made */

static unsigned sample_of(uint32_t x, uint32_t y, unsigned channel)
{
  return channel == 3 ? alpha_now : (x * 3 + y * 5 + channel * 70) & 255;
}

static pixazo_rendition *export_file(file_bytes *file, const char *json)
{
  pixazo_exporter *exporter = NULL;
  pixazo_recipe *recipe = NULL;
  pixazo_blob *blob = NULL;
  pixazo_rendition *made = NULL;
  px_autoerror error = NULL;
  assert_ok(pixazo_exporter_new(NULL, &exporter, &error), error);
  assert_ok(pixazo_recipe_new_from_json(json, &recipe, &error), error);
  assert_ok(pixazo_blob_new(file->data, file->size, &blob, &error), error);
  assert_ok(pixazo_exporter_export(exporter, blob, recipe, &made, &error), error);
  pixazo_blob_unref(blob);
  pixazo_recipe_free(recipe);
  pixazo_exporter_unref(exporter);
  return made;
}

static void make_rgba(file_bytes *file, unsigned alpha)
{
  alpha_now = alpha;
  png_plan plan = {.width = 24, .height = 16, .depth = 8, .color = 6, .sample = sample_of};
  png_make(file, &plan);
}

static void decode(const pixazo_rendition *made, px_pixmap *pixmap)
{
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  const pixazo_blob *blob = pixazo_rendition_blob(made);
  px_decode_job job = {.file = {pixazo_blob_data(blob), pixazo_blob_size(blob)}, .limits = &limits};
  assert_status(px_codec_decode(&job, pixmap, NULL, NULL), PIXAZO_OK);
}

static void check_alpha(unsigned alpha, const char *json, uint32_t channels, const char *notes)
{
  file_bytes file = {NULL, 0};
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  make_rgba(&file, alpha);
  pixazo_rendition *made = export_file(&file, json);
  decode(made, &pixmap);
  assert_int_equal(pixmap.channels, channels);
  assert_string_equal(pixazo_rendition_notes(made), notes);
  pixazo_rendition_free(made);
  file_bytes_done(&file);
}

static void test_rendition__alpha_follows_the_recipe_and_the_format(void **state)
{
  (void)state;
  check_alpha(100, "{\"format\":\"png\"}", 4, "[]");
  check_alpha(255, "{\"format\":\"png\"}", 3, "[\"opaque_alpha_dropped\"]");
  check_alpha(255, "{\"format\":\"png\",\"alpha\":\"keep\"}", 4, "[]");
  check_alpha(100, "{\"format\":\"png\",\"alpha\":\"flatten\"}", 3, "[\"flattened\"]");
  check_alpha(100, "{\"format\":\"webp\",\"alpha\":\"keep\"}", 4, "[]");
  check_alpha(100, "{\"format\":\"jpeg\",\"alpha\":\"keep\"}", 3, "[\"flattened\"]");
}

static void test_rendition__transparency_becomes_the_background(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  make_rgba(&file, 0);
  pixazo_rendition *made = export_file(&file, "{\"format\":\"png\",\"alpha\":\"flatten\",\"background\":\"#0102fe\"}");
  decode(made, &pixmap);
  for (size_t i = 0; i < pixmap.stride * pixmap.height; i += 3)
    assert_memory_equal(pixmap.data + i, "\x01\x02\xfe", 3);
  pixazo_rendition_free(made);
  file_bytes_done(&file);
}

static void test_rendition__orientation_is_applied_and_not_written_again(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0}, exif = {NULL, 0};
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  px_image_info info;
  make_rgba(&file, 255);
  exif_make(&exif, false, 6);
  png_insert_chunk(&file, "eXIf", exif.data, exif.size);
  pixazo_rendition *made = export_file(&file, "{\"metadata\":\"full\"}");
  decode(made, &pixmap);
  assert_int_equal(pixazo_rendition_width(made), 16);
  assert_int_equal(pixmap.height, 24);
  assert_int_equal(pixmap.data[0], sample_of(0, 15, 0)); /* bottom left came to the top left */
  const pixazo_blob *blob = pixazo_rendition_blob(made);
  px_bytes bytes = {pixazo_blob_data(blob), pixazo_blob_size(blob)};
  assert_status(px_codec_probe(bytes, &limits, &info, NULL), PIXAZO_OK);
  assert_int_equal(info.orientation, 1);
  assert_string_equal(pixazo_rendition_notes(made), "[\"oriented\",\"opaque_alpha_dropped\"]");
  pixazo_rendition_free(made);
  file_bytes_done(&file);
  file_bytes_done(&exif);
}

static void test_rendition__is_turned_before_it_is_cropped(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  make_rgba(&file, 255);
  static const char json[] = "{\"rotate\":90,\"flip\":\"horizontal\",\"width\":16,\"height\":4,\"fit\":\"cover\","
                             "\"gravity\":\"south\"}";
  pixazo_rendition *made = export_file(&file, json);
  decode(made, &pixmap);
  assert_int_equal(pixmap.width, 16);
  assert_int_equal(pixmap.height, 4);
  assert_int_equal(pixmap.data[0], sample_of(20, 0, 0)); /* rotated and flipped: rows are columns of the source */
  assert_int_equal(pixmap.data[3], sample_of(20, 1, 0));
  pixazo_rendition_free(made);
  file_bytes_done(&file);
}

static void test_rendition__a_focal_point_or_smart_moves_the_crop(void **state)
{
  (void)state;
  static const char *const jsons[] = {
      "{\"width\":16,\"height\":16,\"fit\":\"cover\",\"gravity\":\"focus\",\"focus_x\":1000}",
      "{\"width\":16,\"height\":16,\"fit\":\"cover\",\"gravity\":\"focus\",\"focus_x\":0}"};
  for (int i = 0; i < 2; i++) {
    file_bytes file = {NULL, 0};
    px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
    make_rgba(&file, 255);
    pixazo_rendition *made = export_file(&file, jsons[i]);
    decode(made, &pixmap);
    assert_int_equal(pixmap.data[0], sample_of(i == 0 ? 8 : 0, 0, 0));
    pixazo_rendition_free(made);
    file_bytes_done(&file);
  }
}

/* Left half black, right half white, as a JPEG that can be decoded to an eighth. */
static void make_halves(file_bytes *file)
{
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  pixazo_blob *blob = NULL;
  assert_status(px_pixmap_make(&pixmap, 256, 128, 3, NULL), PIXAZO_OK);
  for (size_t i = 0; i < pixmap.stride * pixmap.height; i++)
    pixmap.data[i] = i % pixmap.stride < pixmap.stride / 2 ? 0 : 255;
  px_encode_job job = {.pixmap = &pixmap, .format = PX_FORMAT_JPEG, .quality = 90};
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_OK);
  file->size = pixazo_blob_size(blob);
  file->data = malloc(file->size);
  assert_non_null(file->data);
  memcpy(file->data, pixazo_blob_data(blob), file->size);
  pixazo_blob_unref(blob);
}

static void test_rendition__a_turned_thumbnail_of_a_jpeg_has_the_size_of_the_whole(void **state)
{
  (void)state;
  static const char *const jsons[] = {
      "{\"format\":\"png\",\"rotate\":270,\"width\":16,\"height\":32,\"fit\":\"exact\"}",
      "{\"format\":\"png\",\"rotate\":270,\"width\":16,\"height\":32,\"fit\":\"exact\",\"linear\":1}",
      "{\"format\":\"png\",\"rotate\":270,\"width\":16}"};
  for (int i = 0; i < 3; i++) {
    file_bytes file = {NULL, 0};
    px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
    make_halves(&file);
    pixazo_rendition *made = export_file(&file, jsons[i]);
    decode(made, &pixmap);
    assert_int_equal(pixmap.width, 16);
    assert_int_equal(pixmap.height, 32);
    assert_in_range(px_pixmap_row(&pixmap, 4)[0], 250, 255);
    assert_in_range(px_pixmap_row(&pixmap, 27)[0], 0, 5);
    pixazo_rendition_free(made);
    file_bytes_done(&file);
  }
}

static unsigned spot(uint32_t x, uint32_t y, unsigned channel)
{
  return x > 76 && x < 90 && y > 10 && y < 24 ? (channel == 0 ? 230 : 20) : 120;
}

static void test_rendition__smart_keeps_what_stands_out(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  png_plan plan = {.width = 96, .height = 32, .depth = 8, .color = 2, .sample = spot};
  png_make(&file, &plan);
  pixazo_rendition *made = export_file(&file, "{\"width\":32,\"height\":32,\"fit\":\"cover\",\"gravity\":\"smart\"}");
  decode(made, &pixmap);
  unsigned red = 0;
  for (size_t i = 0; i < pixmap.stride * pixmap.height; i += 3)
    red += pixmap.data[i] == 230;
  assert_int_equal(red, 13 * 13);
  pixazo_rendition_free(made);
  file_bytes_done(&file);
}

static void test_rendition__content_credentials_are_dropped_and_said_so(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  make_rgba(&file, 9);
  png_insert_chunk(&file, "caBX", "manifest", 8);
  pixazo_rendition *made = export_file(&file, "{\"metadata\":\"full\"}");
  const pixazo_blob *blob = pixazo_rendition_blob(made);
  assert_string_equal(pixazo_rendition_notes(made), "[\"c2pa_dropped\"]");
  assert_null(memmem(pixazo_blob_data(blob), pixazo_blob_size(blob), "caBX", 4));
  pixazo_rendition_free(made);
  file_bytes_done(&file);
}

static void test_rendition__tells_about_itself_in_json(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  char *json = NULL;
  make_rgba(&file, 9);
  pixazo_rendition *made = export_file(&file, "{\"format\":\"jpeg\",\"name\":\"small\",\"width\":8}");
  assert_status(pixazo_rendition_to_json(made, &json, NULL), PIXAZO_OK);
  static const char head[] = "{\"schema\":1,\"name\":\"small\",\"format\":\"jpeg\",\"content_type\":\"image/jpeg\","
                             "\"extension\":\"jpg\",\"width\":8,\"height\":5,\"bytes\":";
  assert_memory_equal(json, head, sizeof head - 1);
  assert_non_null(strstr(json, pixazo_rendition_sha256(made)));
  assert_non_null(strstr(json, "\"notes\":[\"flattened\"]}"));
  assert_int_equal(strlen(pixazo_rendition_sha256(made)), 64);
  assert_true(pixazo_rendition_duration_us(made) >= 0);
  pixazo_free(json);
  pixazo_rendition_free(made);
  file_bytes_done(&file);
}

static void test_rendition__nothing_can_be_asked_of_null(void **state)
{
  (void)state;
  char *json = NULL;
  assert_null(pixazo_rendition_blob(NULL));
  assert_string_equal(pixazo_rendition_notes(NULL), "[]");
  assert_string_equal(pixazo_rendition_extension(NULL), "");
  assert_status(pixazo_rendition_to_json(NULL, &json, NULL), PIXAZO_E_ARGUMENT);
  pixazo_rendition_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rendition__alpha_follows_the_recipe_and_the_format),
      cmocka_unit_test(test_rendition__transparency_becomes_the_background),
      cmocka_unit_test(test_rendition__orientation_is_applied_and_not_written_again),
      cmocka_unit_test(test_rendition__is_turned_before_it_is_cropped),
      cmocka_unit_test(test_rendition__a_focal_point_or_smart_moves_the_crop),
      cmocka_unit_test(test_rendition__a_turned_thumbnail_of_a_jpeg_has_the_size_of_the_whole),
      cmocka_unit_test(test_rendition__smart_keeps_what_stands_out),
      cmocka_unit_test(test_rendition__content_credentials_are_dropped_and_said_so),
      cmocka_unit_test(test_rendition__tells_about_itself_in_json),
      cmocka_unit_test(test_rendition__nothing_can_be_asked_of_null),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
