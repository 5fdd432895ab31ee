/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "export/decoded.h"
#include "export/exporter.h"
#include "support/pictures.h"
#include "support/torture.h"

enum { WIDTH = 37, HEIGHT = 23, PROFILE = 140 };

typedef struct world {
  pixazo_exporter *exporter;
} world;

static int make(void **state)
{
  static world w;
  assert_status(pixazo_exporter_new(NULL, &w.exporter, NULL), PIXAZO_OK);
  *state = &w;
  return 0;
}

static int drop(void **state)
{
  world *w = *state;
  pixazo_exporter_unref(w->exporter);
  return 0;
}

static unsigned sample_of(uint32_t x, uint32_t y, unsigned channel)
{
  return (x * 7 + y * 5 + channel * 60) & 255;
}

static pixazo_blob *blob_of(file_bytes *file)
{
  pixazo_blob *blob = NULL;
  assert_status(pixazo_blob_new(file->data, file->size, &blob, NULL), PIXAZO_OK);
  file_bytes_done(file);
  return blob;
}

static pixazo_blob *png_of(unsigned color)
{
  file_bytes file = {NULL, 0};
  png_plan plan = {.width = WIDTH, .height = HEIGHT, .depth = 8, .color = color, .sample = sample_of, .level = 6};
  png_make(&file, &plan);
  return blob_of(&file);
}

static pixazo_blob *profile_of(const char *space)
{
  unsigned char bytes[PROFILE] = {0, 0, 0, PROFILE};
  pixazo_blob *blob = NULL;
  memcpy(bytes + 16, space, 4);
  memcpy(bytes + 36, "acsp", 4);
  assert_status(pixazo_blob_new(bytes, sizeof bytes, &blob, NULL), PIXAZO_OK);
  return blob;
}

static pixazo_pixels *decoded(const world *w, const pixazo_blob *file)
{
  pixazo_pixels *pixels = NULL;
  px_autoerror error = NULL;
  assert_ok(pixazo_exporter_decode(w->exporter, file, NULL, &pixels, &error), error);
  return pixels;
}

static pixazo_pixels *made_of(const void *data, uint32_t width, uint32_t height, uint32_t channels)
{
  pixazo_pixels *pixels = NULL;
  pixazo_pixels_options options;
  px_autoerror error = NULL;
  pixazo_pixels_options_init(&options, sizeof options);
  options.data = data;
  options.width = width;
  options.height = height;
  options.channels = channels;
  assert_ok(pixazo_pixels_new(&options, &pixels, &error), error);
  return pixels;
}

/* ---- from the program ---- */

static void test_decoded__pixels_are_copied_without_what_is_between_the_rows(void **state)
{
  (void)state;
  unsigned char data[] = "abcdef....ghijkl";
  pixazo_pixels *pixels = NULL;
  pixazo_pixels_options options;
  pixazo_pixels_options_init(&options, sizeof options);
  options.data = data;
  options.size = sizeof data - 1;
  options.stride = 10;
  options.width = options.height = 2;
  assert_status(pixazo_pixels_new(&options, &pixels, NULL), PIXAZO_OK);
  memset(data, 0, sizeof data);
  assert_int_equal(pixazo_pixels_width(pixels), 2);
  assert_int_equal(pixazo_pixels_height(pixels), 2);
  assert_int_equal(pixazo_pixels_channels(pixels), 3);
  assert_int_equal(pixazo_pixels_stride(pixels), 6);
  assert_int_equal(pixazo_pixels_size(pixels), 12);
  assert_memory_equal(pixazo_pixels_data(pixels), "abcdefghijkl", 12);
  assert_null(pixazo_pixels_icc(pixels));
  assert_null(pixazo_pixels_unref(pixels));
}

static void test_decoded__gray_becomes_rgb(void **state)
{
  (void)state;
  pixazo_pixels *gray = made_of("ab", 2, 1, 1), *both = made_of("abcd", 1, 2, 2), *all = made_of("abcd", 1, 1, 4);
  assert_int_equal(pixazo_pixels_channels(gray), 3);
  assert_memory_equal(pixazo_pixels_data(gray), "aaabbb", 6);
  assert_int_equal(pixazo_pixels_channels(both), 4);
  assert_memory_equal(pixazo_pixels_data(both), "aaabcccd", 8);
  assert_memory_equal(pixazo_pixels_data(all), "abcd", 4);
  (void)pixazo_pixels_unref(gray);
  (void)pixazo_pixels_unref(both);
  (void)pixazo_pixels_unref(all);
}

static void check_refused(const pixazo_pixels_options *options, const char *why)
{
  pixazo_pixels *out = NULL;
  px_autoerror error = NULL;
  assert_status(pixazo_pixels_new(options, &out, &error), PIXAZO_E_ARGUMENT);
  if (!strstr(pixazo_error_message(error), why))
    fail_msg("\"%s\" does not say \"%s\"", pixazo_error_message(error), why);
  assert_null(out);
}

static void test_decoded__what_cannot_be_a_picture_is_refused(void **state)
{
  (void)state;
  static const unsigned char data[64];
  const size_t size = sizeof(pixazo_pixels_options), most = (size_t)-1;
  check_refused(&(pixazo_pixels_options){.struct_size = size, .width = 1, .height = 1}, "without data");
  check_refused(&(pixazo_pixels_options){size, data, 0, 0, 0, 1, 3, 0, NULL}, "0x1");
  check_refused(&(pixazo_pixels_options){size, data, 0, 0, 1, 0, 3, 0, NULL}, "1x0");
  check_refused(&(pixazo_pixels_options){size, data, 0, 0, 1000001, 1, 3, 0, NULL}, "a side has");
  check_refused(&(pixazo_pixels_options){size, data, 0, 0, 1, 0xffffffff, 3, 0, NULL}, "a side has");
  check_refused(&(pixazo_pixels_options){size, data, 0, 0, 1, 1, 5, 0, NULL}, "5 channels");
  check_refused(&(pixazo_pixels_options){size, data, 0, 0, 1, 1, 3, 1, NULL}, "reserved");
  check_refused(&(pixazo_pixels_options){size, data, 0, 11, 4, 1, 3, 0, NULL}, "shorter than a row of 12");
  check_refused(&(pixazo_pixels_options){size, data, 0, most, 4, 3, 3, 0, NULL}, "do not fit into memory");
  check_refused(&(pixazo_pixels_options){size, data, 0, most / 2, 4, 3, 3, 0, NULL}, "do not fit into memory");
  check_refused(&(pixazo_pixels_options){size, data, 35, 0, 4, 3, 3, 0, NULL}, "take 36 bytes; there are 35");
  check_refused(&(pixazo_pixels_options){size, data, 51, 20, 4, 3, 3, 0, NULL}, "take 52 bytes; there are 51");
}

static void test_decoded__only_a_profile_for_rgb_is_taken(void **state)
{
  (void)state;
  pixazo_blob *rgb = profile_of("RGB "), *gray = profile_of("GRAY");
  pixazo_pixels *pixels = NULL;
  pixazo_pixels_options options = {sizeof options, "abc", 3, 0, 1, 1, 3, 0, gray};
  check_refused(&options, "none for RGB");
  options.icc = rgb;
  assert_status(pixazo_pixels_new(&options, &pixels, NULL), PIXAZO_OK);
  pixazo_blob *kept = pixazo_pixels_icc(pixels);
  assert_int_equal(pixazo_blob_size(kept), PROFILE);
  assert_memory_equal(pixazo_blob_data(kept), pixazo_blob_data(rgb), PROFILE);
  (void)pixazo_blob_unref(rgb);
  (void)pixazo_blob_unref(gray);
  (void)pixazo_pixels_unref(pixels);
}

static void test_decoded__live_as_long_as_somebody_holds_them(void **state)
{
  (void)state;
  pixazo_pixels *pixels = made_of("abc", 1, 1, 3);
  assert_ptr_equal(pixazo_pixels_ref(pixels), pixels);
  assert_null(pixazo_pixels_unref(pixels));
  assert_memory_equal(pixazo_pixels_data(pixels), "abc", 3);
  assert_null(pixazo_pixels_unref(pixels));
  assert_null(pixazo_pixels_ref(NULL));
  assert_null(pixazo_pixels_unref(NULL));
}

/* ---- from a file ---- */

static void test_decoded__a_file_gives_its_pixels(void **state)
{
  for (unsigned color = 2; color <= 6; color += 4) {
    pixazo_blob *file = png_of(color);
    pixazo_pixels *pixels = decoded(*state, file);
    uint32_t channels = color == 6 ? 4 : 3;
    assert_int_equal(pixazo_pixels_width(pixels), WIDTH);
    assert_int_equal(pixazo_pixels_height(pixels), HEIGHT);
    assert_int_equal(pixazo_pixels_channels(pixels), channels);
    assert_int_equal(pixazo_pixels_size(pixels), WIDTH * HEIGHT * channels);
    const unsigned char *data = pixazo_pixels_data(pixels);
    for (uint32_t i = 0; i < WIDTH * HEIGHT * channels; i++)
      assert_int_equal(data[i], sample_of(i / channels % WIDTH, i / channels / WIDTH, i % channels));
    (void)pixazo_pixels_unref(pixels);
    (void)pixazo_blob_unref(file);
  }
}

static void test_decoded__pixels_are_turned_as_they_are_seen(void **state)
{
  file_bytes file = {NULL, 0}, exif = {NULL, 0};
  jpeg_make(&file, &(jpeg_plan){40, 24, JPEG_KIND_YCC, false, false, {200, 100, 50, 0}});
  file_add(&exif, "Exif\0", 6);
  exif_make(&exif, true, 6);
  jpeg_insert_segment(&file, 0xe1, exif.data, exif.size);
  file_bytes_done(&exif);
  pixazo_blob *blob = blob_of(&file);
  pixazo_pixels *pixels = decoded(*state, blob);
  assert_int_equal(pixazo_pixels_width(pixels), 24);
  assert_int_equal(pixazo_pixels_height(pixels), 40);
  (void)pixazo_pixels_unref(pixels);
  (void)pixazo_blob_unref(blob);
}

static pixazo_blob *jpeg_with_profile(const char *space)
{
  file_bytes file = {NULL, 0}, segment = {NULL, 0};
  pixazo_blob *profile = profile_of(space);
  jpeg_make(&file, &(jpeg_plan){16, 16, JPEG_KIND_YCC, false, false, {200, 100, 50, 0}});
  file_add(&segment, "ICC_PROFILE\0\1\1", 14);
  file_add(&segment, pixazo_blob_data(profile), pixazo_blob_size(profile));
  jpeg_insert_segment(&file, 0xe2, segment.data, segment.size);
  file_bytes_done(&segment);
  (void)pixazo_blob_unref(profile);
  return blob_of(&file);
}

static void test_decoded__a_profile_stays_with_the_pixels_it_describes(void **state)
{
  static const char *const spaces[] = {"RGB ", "GRAY"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(spaces); i++) {
    pixazo_blob *file = jpeg_with_profile(spaces[i]);
    pixazo_pixels *pixels = decoded(*state, file);
    assert_int_equal(pixazo_blob_size(pixazo_pixels_icc(pixels)), i == 0 ? PROFILE : 0);
    (void)pixazo_pixels_unref(pixels);
    (void)pixazo_blob_unref(file);
  }
}

static void test_decoded__broken_files_give_no_pixels(void **state)
{
  const world *w = *state;
  pixazo_blob *file = png_of(2), *cut = NULL;
  pixazo_pixels *out = NULL;
  pixazo_exporter *small = NULL;
  px_autoerror error = NULL;
  pixazo_exporter_options options;
  pixazo_exporter_options_init(&options, sizeof options);
  options.max_pixels = WIDTH * HEIGHT - 1;
  assert_status(pixazo_exporter_new(&options, &small, NULL), PIXAZO_OK);
  assert_status(pixazo_blob_new(pixazo_blob_data(file), pixazo_blob_size(file) - 20, &cut, NULL), PIXAZO_OK);
  assert_status(pixazo_exporter_decode(w->exporter, cut, NULL, &out, &error), PIXAZO_E_CORRUPT);
  assert_null(strstr(pixazo_error_hint(error), "quarantine")); /* that is for what was paid for, not for a file of the caller's */
  assert_status(pixazo_exporter_decode(small, file, NULL, &out, NULL), PIXAZO_E_LIMIT);
  assert_null(out);
  (void)pixazo_exporter_unref(small);
  (void)pixazo_blob_unref(cut);
  (void)pixazo_blob_unref(file);
}

/* ---- as a source ---- */

static pixazo_rendition *export_job(const world *w, pixazo_export_job *job, const char *json)
{
  pixazo_recipe *recipe = NULL;
  pixazo_rendition *made = NULL;
  px_autoerror error = NULL;
  assert_ok(pixazo_recipe_new_from_json(json, &recipe, &error), error);
  job->recipes = (const pixazo_recipe *const *)&recipe;
  job->recipe_count = 1;
  assert_ok(pixazo_exporter_export_all(w->exporter, job, &made, &error), error);
  pixazo_recipe_free(recipe);
  return made;
}

/* The rendition of the pixels is that of the file they came from. */
static void check_same(const world *w, pixazo_export_job *job, pixazo_blob *file, const char *json)
{
  pixazo_pixels *pixels = decoded(w, file);
  void *before = px_memdup(pixazo_pixels_data(pixels), pixazo_pixels_size(pixels));
  job->source = file;
  pixazo_rendition *wanted = export_job(w, job, json);
  job->source = NULL;
  job->pixels = pixels;
  pixazo_rendition *made = export_job(w, job, json);
  job->pixels = NULL;
  if (strcmp(pixazo_rendition_sha256(made), pixazo_rendition_sha256(wanted)) != 0)
    fail_msg("%s: another file", json);
  assert_string_equal(pixazo_rendition_way(made), "encoded");
  assert_string_equal(pixazo_rendition_notes(made), pixazo_rendition_notes(wanted));
  assert_memory_equal(pixazo_pixels_data(pixels), before, pixazo_pixels_size(pixels));
  px_free(before);
  pixazo_rendition_free(made);
  pixazo_rendition_free(wanted);
  (void)pixazo_pixels_unref(pixels);
}

static void test_decoded__pixels_are_exported_as_their_file_is(void **state)
{
  static const char *const recipes[] = {
      "{\"format\":\"jpeg\"}", "{\"format\":\"webp\",\"quality\":60}", "{\"recipe\":\"fit-256\",\"width\":20}",
      "{\"reencode\":\"always\"}", "{\"recipe\":\"smart-300\",\"width\":12,\"height\":9}", "{\"rotate\":90,\"level\":3}",
      "{\"alpha\":\"flatten\",\"linear\":1,\"width\":50}"};
  for (unsigned color = 2; color <= 6; color += 4) {
    pixazo_blob *file = png_of(color);
    for (size_t i = 0; i < PX_ARRAY_SIZE(recipes); i++) {
      pixazo_export_job job;
      pixazo_export_job_init(&job, sizeof job);
      job.provenance_json = "{\"prompt\":\"a heron\"}";
      check_same(*state, &job, file, recipes[i]);
    }
    (void)pixazo_blob_unref(file);
  }
}

static void test_decoded__what_is_drawn_on_pixels_leaves_them_as_they_are(void **state)
{
  pixazo_blob *file = png_of(2), *above = png_of(6);
  pixazo_layer layer = {.struct_size = sizeof layer, .source = above, .mode = "multiply", .x = 3};
  const pixazo_layer *const layers[] = {&layer};
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.layers = layers;
  job.layer_count = 1;
  check_same(*state, &job, file, "{\"format\":\"png\"}");
  job.base = above;
  check_same(*state, &job, file, "{\"format\":\"webp\"}");
  (void)pixazo_blob_unref(file);
  (void)pixazo_blob_unref(above);
}

/* They have no coded pixels that could stay. */
static void test_decoded__pixels_are_never_passed_through(void **state)
{
  pixazo_pixels *pixels = made_of("abcdef", 2, 1, 3);
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.pixels = pixels;
  pixazo_rendition *made = export_job(*state, &job, "{\"metadata\":\"full\"}");
  assert_string_equal(pixazo_rendition_way(made), "encoded");
  assert_string_equal(pixazo_rendition_format(made), "png");
  pixazo_rendition_free(made);
  (void)pixazo_pixels_unref(pixels);
}

static void test_decoded__the_profile_goes_into_the_rendition(void **state)
{
  const world *w = *state;
  pixazo_blob *file = jpeg_with_profile("RGB ");
  pixazo_pixels *pixels = decoded(w, file);
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.pixels = pixels;
  pixazo_rendition *made = export_job(w, &job, "{\"format\":\"webp\"}");
  const pixazo_blob *blob = pixazo_rendition_blob(made);
  assert_non_null(memmem(pixazo_blob_data(blob), pixazo_blob_size(blob), "RGB ", 4));
  assert_non_null(memmem(pixazo_blob_data(blob), pixazo_blob_size(blob), "ICCP", 4));
  pixazo_rendition_free(made);
  (void)pixazo_pixels_unref(pixels);
  (void)pixazo_blob_unref(file);
}

static void test_decoded__a_job_has_one_source_within_the_limits(void **state)
{
  const world *w = *state;
  pixazo_recipe *recipe = NULL;
  pixazo_rendition *made = NULL;
  pixazo_exporter *small = NULL;
  pixazo_blob *file = png_of(2);
  pixazo_pixels *pixels = decoded(w, file);
  pixazo_exporter_options options;
  pixazo_exporter_options_init(&options, sizeof options);
  options.max_pixels = WIDTH * HEIGHT - 1;
  assert_status(pixazo_exporter_new(&options, &small, NULL), PIXAZO_OK);
  assert_status(pixazo_recipe_new(&recipe, NULL), PIXAZO_OK);
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.recipes = (const pixazo_recipe *const *)&recipe;
  job.recipe_count = 1;
  assert_status(pixazo_exporter_export_all(w->exporter, &job, &made, NULL), PIXAZO_E_ARGUMENT);
  job.pixels = pixels;
  assert_status(pixazo_exporter_export_all(small, &job, &made, NULL), PIXAZO_E_LIMIT);
  job.source = file;
  assert_status(pixazo_exporter_export_all(w->exporter, &job, &made, NULL), PIXAZO_E_ARGUMENT);
  assert_null(made);
  pixazo_recipe_free(recipe);
  (void)pixazo_exporter_unref(small);
  (void)pixazo_pixels_unref(pixels);
  (void)pixazo_blob_unref(file);
}

static pixazo_status there_and_back(void *user_data, pixazo_error **error)
{
  const pixazo_blob *file = user_data;
  pixazo_exporter *exporter = NULL;
  pixazo_pixels *pixels = NULL, *copy = NULL;
  pixazo_status status = pixazo_exporter_new(NULL, &exporter, error);
  if (status == PIXAZO_OK)
    status = pixazo_exporter_decode(exporter, file, NULL, &pixels, error);
  if (status == PIXAZO_OK) {
    pixazo_pixels_options options = {sizeof options, pixazo_pixels_data(pixels), 0, 0, 16, 16, 3, 0,
                                     pixazo_pixels_icc(pixels)};
    status = pixazo_pixels_new(&options, &copy, error);
  }
  (void)pixazo_pixels_unref(pixels);
  (void)pixazo_pixels_unref(copy);
  (void)pixazo_exporter_unref(exporter);
  return status;
}

static void test_decoded__memory_may_run_out(void **state)
{
  (void)state;
  pixazo_blob *file = jpeg_with_profile("RGB ");
  assert_true(torture_run("pixels", there_and_back, file, 1) >= 6);
  (void)pixazo_blob_unref(file);
}

#define WITH_EXPORTER(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
  torture_install();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_decoded__pixels_are_copied_without_what_is_between_the_rows),
      cmocka_unit_test(test_decoded__gray_becomes_rgb),
      cmocka_unit_test(test_decoded__what_cannot_be_a_picture_is_refused),
      cmocka_unit_test(test_decoded__only_a_profile_for_rgb_is_taken),
      cmocka_unit_test(test_decoded__live_as_long_as_somebody_holds_them),
      WITH_EXPORTER(test_decoded__a_file_gives_its_pixels),
      WITH_EXPORTER(test_decoded__pixels_are_turned_as_they_are_seen),
      WITH_EXPORTER(test_decoded__a_profile_stays_with_the_pixels_it_describes),
      WITH_EXPORTER(test_decoded__broken_files_give_no_pixels),
      WITH_EXPORTER(test_decoded__pixels_are_exported_as_their_file_is),
      WITH_EXPORTER(test_decoded__what_is_drawn_on_pixels_leaves_them_as_they_are),
      WITH_EXPORTER(test_decoded__pixels_are_never_passed_through),
      WITH_EXPORTER(test_decoded__the_profile_goes_into_the_rendition),
      WITH_EXPORTER(test_decoded__a_job_has_one_source_within_the_limits),
      cmocka_unit_test(test_decoded__memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
