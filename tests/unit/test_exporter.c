/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "export/exporter.h"
#include "support/pictures.h"

static unsigned sample_of(uint32_t x, uint32_t y, unsigned channel)
{
  return (x * 3 + y * 5 + channel * 70) & 255;
}

static int make(void **state)
{
  pixazo_exporter *exporter = NULL;
  assert_status(pixazo_exporter_new(NULL, &exporter, NULL), PIXAZO_OK);
  *state = exporter;
  return 0;
}

static int drop(void **state)
{
  assert_null(pixazo_exporter_unref(*state));
  return 0;
}

static pixazo_blob *blob_of(file_bytes *file)
{
  pixazo_blob *blob = NULL;
  assert_status(pixazo_blob_new(file->data, file->size, &blob, NULL), PIXAZO_OK);
  file_bytes_done(file);
  return blob;
}

static pixazo_blob *make_source(unsigned color)
{
  file_bytes file = {NULL, 0};
  png_plan plan = {.width = 40, .height = 30, .depth = 8, .color = color, .sample = sample_of};
  png_make(&file, &plan);
  return blob_of(&file);
}

static pixazo_recipe *recipe_of(const char *json)
{
  pixazo_recipe *recipe = NULL;
  px_autoerror error = NULL;
  assert_ok(pixazo_recipe_new_from_json(json, &recipe, &error), error);
  return recipe;
}

static const char *const SET[] = {"{\"level\":9,\"format\":\"png\"}", "{\"format\":\"jpeg\"}", "{\"format\":\"webp\"}",
                                   "{\"recipe\":\"fit-256\",\"width\":33}", "{\"level\":6,\"format\":\"png\"}"};

/* SHA-256 of each file of the set, made by so many threads. */
static void hash_set(uint32_t threads, px_simd simd, pixazo_blob *source, char hashes[][65])
{
  pixazo_exporter *exporter = NULL;
  pixazo_recipe *recipes[PX_ARRAY_SIZE(SET)];
  pixazo_rendition *made[PX_ARRAY_SIZE(SET)];
  px_autoerror error = NULL;
  pixazo_exporter_options options;
  pixazo_exporter_options_init(&options, sizeof options);
  options.threads = threads;
  assert_ok(pixazo_exporter_new(&options, &exporter, &error), error);
  exporter->simd = simd;
  for (size_t i = 0; i < PX_ARRAY_SIZE(SET); i++)
    recipes[i] = recipe_of(SET[i]);
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = (const pixazo_recipe *const *)recipes;
  job.recipe_count = PX_ARRAY_SIZE(SET);
  assert_ok(pixazo_exporter_export_all(exporter, &job, made, &error), error);
  for (size_t i = 0; i < PX_ARRAY_SIZE(SET); i++) {
    (void)snprintf(hashes[i], 65, "%s", pixazo_rendition_sha256(made[i]));
    pixazo_rendition_free(made[i]);
    pixazo_recipe_free(recipes[i]);
  }
  assert_null(pixazo_exporter_unref(exporter));
}

static void test_exporter__makes_the_same_files_with_any_threads_and_instructions(void **state)
{
  (void)state;
  static const uint32_t threads[] = {1, 2, 3, 8};
  char first[PX_ARRAY_SIZE(SET)][65], again[PX_ARRAY_SIZE(SET)][65];
  for (int color = 2; color <= 6; color += 4) { /* without and with alpha */
    file_bytes file = {NULL, 0};
    png_plan plan = {.width = 131, .height = 97, .depth = 8, .color = (unsigned)color, .sample = sample_of};
    png_make(&file, &plan);
    pixazo_blob *source = blob_of(&file);
    hash_set(1, PX_SIMD_PLAIN, source, first);
    for (size_t t = 0; t < PX_ARRAY_SIZE(threads); t++) {
      hash_set(threads[t], PX_SIMD_AUTO, source, again);
      for (size_t i = 0; i < PX_ARRAY_SIZE(SET); i++)
        assert_string_equal(first[i], again[i]);
    }
    pixazo_blob_unref(source);
  }
}

/* ---- JPEG sources that are decoded to fewer pixels ---- */

enum { SCENE_WIDTH = 512, SCENE_HEIGHT = 384 };

static double lattice(uint32_t x, uint32_t y, uint32_t seed)
{
  uint32_t hash = (x * 0x9e3779b1u) ^ (y * 0x85ebca6bu) ^ (seed * 0xc2b2ae35u);
  hash = (hash ^ hash >> 15) * 0x2c1b3c6du;
  return (hash >> 16 & 0xffff) / 65535.0 - 0.5;
}

/* Waves of noise, each half as long and half as strong as the one before: the spectrum of a photograph. */
static double scene_at(uint32_t x, uint32_t y, uint32_t channel)
{
  double sum = 128, strength = 110;
  for (uint32_t period = 256; period >= 2; period /= 2, strength /= 2) {
    uint32_t cx = x / period, cy = y / period;
    double fx = (x % period) / (double)period, fy = (y % period) / (double)period;
    double top = lattice(cx, cy, period + channel) * (1 - fx) + lattice(cx + 1, cy, period + channel) * fx;
    double low = lattice(cx, cy + 1, period + channel) * (1 - fx) + lattice(cx + 1, cy + 1, period + channel) * fx;
    sum += strength * (top * (1 - fy) + low * fy);
  }
  return sum < 0 ? 0 : sum > 255 ? 255 : sum;
}

static pixazo_blob *make_scene(unsigned orientation)
{
  px_auto(px_pixmap) scene = PX_PIXMAP_INIT;
  file_bytes file = {NULL, 0}, exif = {NULL, 0};
  assert_status(px_pixmap_make(&scene, SCENE_WIDTH, SCENE_HEIGHT, 3, NULL), PIXAZO_OK);
  for (uint32_t y = 0; y < SCENE_HEIGHT; y++) {
    for (uint32_t i = 0; i < SCENE_WIDTH * 3; i++)
      px_pixmap_row(&scene, y)[i] = (unsigned char)scene_at(i / 3, y, i % 3);
  }
  jpeg_of_pixmap(&file, &scene, 92);
  file_add(&exif, "Exif\0", 6);
  exif_make(&exif, true, orientation);
  jpeg_insert_segment(&file, 0xe1, exif.data, exif.size);
  file_bytes_done(&exif);
  return blob_of(&file);
}

static pixazo_rendition *export_one(const pixazo_exporter *exporter, const pixazo_blob *source, const char *json)
{
  pixazo_rendition *made = NULL;
  px_autoerror error = NULL;
  pixazo_recipe *recipe = recipe_of(json);
  assert_ok(pixazo_exporter_export(exporter, source, recipe, &made, &error), error);
  pixazo_recipe_free(recipe);
  return made;
}

/* With `whole` from all pixels: a PNG of them is made first. */
static void make_small(const pixazo_exporter *exporter, pixazo_blob *source, const char *json, bool whole, px_pixmap *out)
{
  static const px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  pixazo_rendition *pixels = whole ? export_one(exporter, source, "{\"format\":\"png\",\"level\":1}") : NULL;
  pixazo_rendition *made = export_one(exporter, whole ? pixazo_rendition_blob(pixels) : source, json);
  pixazo_blob *file = pixazo_rendition_blob(made);
  px_decode_job decode = {.file = {pixazo_blob_data(file), pixazo_blob_size(file)}, .limits = &limits};
  assert_status(px_codec_decode(&decode, out, NULL, NULL), PIXAZO_OK);
  assert_int_equal(out->width, pixazo_rendition_width(made));
  assert_int_equal(out->height, pixazo_rendition_height(made));
  pixazo_rendition_free(made);
  pixazo_rendition_free(pixels);
}

static void test_exporter__a_rendition_does_not_depend_on_what_else_is_made(void **state)
{
  pixazo_blob *source = make_scene(6);
  const char *const texts[] = {"{\"recipe\":\"fit-256\",\"width\":37,\"height\":37}", "{\"format\":\"png\"}",
                               "{\"format\":\"webp\",\"width\":20}"};
  pixazo_recipe *recipes[] = {recipe_of(texts[0]), recipe_of(texts[1]), recipe_of(texts[2])};
  pixazo_rendition *made[3] = {NULL, NULL, NULL};
  px_autoerror error = NULL;
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = (const pixazo_recipe *const *)recipes;
  job.recipe_count = 3;
  assert_ok(pixazo_exporter_export_all(*state, &job, made, &error), error);
  for (int i = 0; i < 3; i++) {
    pixazo_rendition *alone = export_one(*state, source, texts[i]);
    assert_string_equal(pixazo_rendition_sha256(alone), pixazo_rendition_sha256(made[i]));
    pixazo_rendition_free(alone);
    pixazo_rendition_free(made[i]);
    pixazo_recipe_free(recipes[i]);
  }
  pixazo_blob_unref(source);
}

static void test_exporter__sizes_do_not_depend_on_how_much_was_decoded(void **state)
{
  static const char *const recipes[] = {
      "{\"width\":37,\"format\":\"jpeg\"}", "{\"height\":25,\"format\":\"png\"}",
      "{\"width\":45,\"height\":15,\"fit\":\"cover\",\"format\":\"jpeg\"}",
      "{\"width\":16,\"height\":23,\"fit\":\"contain\",\"format\":\"jpeg\"}",
      "{\"width\":5,\"height\":30,\"fit\":\"fill\",\"format\":\"jpeg\"}"};
  for (unsigned orientation = 1; orientation <= 8; orientation += 5) {
    pixazo_blob *source = make_scene(orientation);
    for (size_t i = 0; i < PX_ARRAY_SIZE(recipes); i++) {
      px_auto(px_pixmap) few = PX_PIXMAP_INIT;
      px_auto(px_pixmap) all = PX_PIXMAP_INIT;
      make_small(*state, source, recipes[i], false, &few);
      make_small(*state, source, recipes[i], true, &all);
      assert_int_equal(few.width, all.width);
      assert_int_equal(few.height, all.height);
      assert_memory_not_equal(few.data, all.data, all.stride * all.height);
      for (size_t at = 0; at < all.stride * all.height; at++)
        assert_in_range(few.data[at] + 40 - all.data[at], 20, 60);
    }
    pixazo_blob_unref(source);
  }
}

static double lanczos(double x)
{
  x = fabs(x);
  return x >= 3 ? 0 : x < 1e-9 ? 1 : 3 * sin(M_PI * x) * sin(M_PI * x / 3) / (M_PI * M_PI * x * x);
}

/* One line of `from` pixels, `step` apart, to `to` pixels. */
static void reduce_line(const double *in, size_t from, size_t step, double *out, size_t to)
{
  double scale = (double)from / (double)to;
  for (size_t i = 0; i < to; i++) {
    double centre = ((double)i + 0.5) * scale, sum = 0, total = 0;
    size_t first = centre > 3 * scale ? (size_t)(centre - 3 * scale) : 0;
    for (size_t k = first; k < from && (double)k < centre + 3 * scale; k++) {
      double weight = lanczos(((double)k + 0.5 - centre) / scale);
      sum += weight * in[k * step];
      total += weight;
    }
    out[i * step] = sum / total;
  }
}

/* Mean square distance to the scene, reduced in double precision; of the green channel. */
static double distance(const px_pixmap *small)
{
  double *scene = test_calloc(SCENE_WIDTH * SCENE_HEIGHT, sizeof(double));
  double *narrow = test_calloc(SCENE_WIDTH * SCENE_HEIGHT, sizeof(double));
  double sum = 0;
  for (uint32_t y = 0; y < SCENE_HEIGHT; y++) {
    for (uint32_t x = 0; x < SCENE_WIDTH; x++)
      scene[y * SCENE_WIDTH + x] = floor(scene_at(x, y, 1));
    reduce_line(scene + y * SCENE_WIDTH, SCENE_WIDTH, 1, narrow + y * SCENE_WIDTH, small->width);
  }
  for (uint32_t x = 0; x < small->width; x++)
    reduce_line(narrow + x, SCENE_HEIGHT, SCENE_WIDTH, scene + x, small->height);
  for (uint32_t y = 0; y < small->height; y++) {
    for (uint32_t x = 0; x < small->width; x++)
      sum += pow(scene[y * SCENE_WIDTH + x] - px_pixmap_row(small, y)[3 * x + 1], 2);
  }
  test_free(scene);
  test_free(narrow);
  return sum / (small->width * small->height);
}

static void test_exporter__fewer_pixels_give_a_thumbnail_as_faithful(void **state)
{
  static const unsigned widths[] = {38, 52, 100}; /* from an eighth, a quarter, a half */
  pixazo_blob *source = make_scene(1);
  for (size_t i = 0; i < PX_ARRAY_SIZE(widths); i++) {
    char json[80];
    px_auto(px_pixmap) few = PX_PIXMAP_INIT;
    px_auto(px_pixmap) all = PX_PIXMAP_INIT;
    (void)snprintf(json, sizeof json, "{\"width\":%u,\"format\":\"jpeg\",\"quality\":70}", widths[i]);
    make_small(*state, source, json, false, &few);
    make_small(*state, source, json, true, &all);
    double lost = 10 * log10(distance(&few) / distance(&all));
    if (lost > 0.05)
      fail_msg("width %u: %.3f dB less", widths[i], lost);
  }
  pixazo_blob_unref(source);
}

static void test_exporter__refuses_too_many_threads(void **state)
{
  (void)state;
  pixazo_exporter *exporter = NULL;
  px_autoerror error = NULL;
  pixazo_exporter_options options;
  pixazo_exporter_options_init(&options, sizeof options);
  options.threads = 65;
  assert_status(pixazo_exporter_new(&options, &exporter, &error), PIXAZO_E_ARGUMENT);
  assert_null(exporter);
}

static void test_exporter__with_threads_keeps_the_failure_and_nothing_else(void **state)
{
  (void)state;
  pixazo_exporter *exporter = NULL;
  pixazo_exporter_options options;
  pixazo_exporter_options_init(&options, sizeof options);
  options.threads = 2;
  options.max_pixels = 5000;
  assert_status(pixazo_exporter_new(&options, &exporter, NULL), PIXAZO_OK);
  pixazo_blob *source = make_source(2);
  pixazo_recipe *recipes[3] = {recipe_of("{\"width\":20}"), recipe_of("{\"width\":2000}"), recipe_of("{\"width\":10}")};
  pixazo_rendition *made[3] = {NULL, NULL, NULL};
  px_autoerror error = NULL;
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = (const pixazo_recipe *const *)recipes;
  job.recipe_count = 3;
  assert_status(pixazo_exporter_export_all(exporter, &job, made, &error), PIXAZO_E_LIMIT);
  for (int i = 0; i < 3; i++) {
    assert_null(made[i]);
    pixazo_recipe_free(recipes[i]);
  }
  pixazo_blob_unref(source);
  assert_null(pixazo_exporter_unref(exporter));
}

static void test_exporter__makes_all_renditions_in_order(void **state)
{
  pixazo_blob *source = make_source(6);
  pixazo_recipe *recipes[3] = {recipe_of("{\"format\":\"webp\",\"width\":20}"), recipe_of("{\"recipe\":\"fit-256\"}"),
                               recipe_of("{\"format\":\"same\",\"width\":10,\"height\":10,\"fit\":\"contain\"}")};
  static const char *const formats[] = {"webp", "jpeg", "png"};
  static const uint32_t sizes[][2] = {{20, 15}, {40, 30}, {10, 10}};
  pixazo_rendition *made[3] = {NULL, NULL, NULL};
  px_autoerror error = NULL;
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = (const pixazo_recipe *const *)recipes;
  job.recipe_count = 3;
  job.provenance_json = "{\"prompt\":\"a fox\"}";
  assert_ok(pixazo_exporter_export_all(*state, &job, made, &error), error);
  for (int i = 0; i < 3; i++) {
    assert_string_equal(pixazo_rendition_format(made[i]), formats[i]);
    assert_int_equal(pixazo_rendition_width(made[i]), sizes[i][0]);
    assert_int_equal(pixazo_rendition_height(made[i]), sizes[i][1]);
    assert_int_equal(pixazo_rendition_bytes(made[i]), pixazo_blob_size(pixazo_rendition_blob(made[i])));
    pixazo_rendition_free(made[i]);
    pixazo_recipe_free(recipes[i]);
  }
  pixazo_blob_unref(source);
}

static void test_exporter__lives_as_long_as_its_last_reference(void **state)
{
  pixazo_blob *source = make_source(2);
  pixazo_recipe *recipe = recipe_of("{}");
  pixazo_rendition *made = NULL;
  assert_ptr_equal(pixazo_exporter_ref(*state), *state);
  assert_null(pixazo_exporter_unref(*state));
  assert_status(pixazo_exporter_export(*state, source, recipe, &made, NULL), PIXAZO_OK);
  pixazo_rendition_free(made);
  pixazo_recipe_free(recipe);
  pixazo_blob_unref(source);
}

static void test_exporter__all_or_none(void **state)
{
  pixazo_blob *source = make_source(2);
  pixazo_recipe *recipes[2] = {recipe_of("{}"),
                               recipe_of("{\"format\":\"webp\",\"width\":20000,\"height\":1,\"fit\":\"fill\"}")};
  pixazo_rendition *made[2] = {NULL, NULL};
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = (const pixazo_recipe *const *)recipes;
  job.recipe_count = 2;
  assert_status(pixazo_exporter_export_all(*state, &job, made, NULL), PIXAZO_E_LIMIT);
  assert_null(made[0]);
  pixazo_recipe_free(recipes[0]);
  pixazo_recipe_free(recipes[1]);
  pixazo_blob_unref(source);
}

static pixazo_status export_with(const pixazo_exporter_options *options, const char *json, const pixazo_blob *source)
{
  pixazo_exporter *exporter = NULL;
  pixazo_rendition *made = NULL;
  assert_status(pixazo_exporter_new(options, &exporter, NULL), PIXAZO_OK);
  pixazo_recipe *recipe = recipe_of(json);
  pixazo_status status = pixazo_exporter_export(exporter, source, recipe, &made, NULL);
  assert_int_equal(made != NULL, status == PIXAZO_OK);
  pixazo_rendition_free(made);
  pixazo_recipe_free(recipe);
  pixazo_exporter_unref(exporter);
  return status;
}

static void test_exporter__limits_hold_for_sources_and_renditions(void **state)
{
  (void)state;
  pixazo_blob *source = make_source(2);
  pixazo_exporter_options options;
  pixazo_exporter_options_init(&options, sizeof options);
  options.max_pixels = 40 * 30;
  assert_status(export_with(&options, "{}", source), PIXAZO_OK);
  assert_status(export_with(&options, "{\"width\":41}", source), PIXAZO_E_LIMIT);
  assert_status(export_with(NULL, "{\"width\":65535,\"height\":65535,\"fit\":\"fill\"}", source), PIXAZO_E_LIMIT);
  options.max_pixels = 40 * 30 - 1;
  assert_status(export_with(&options, "{}", source), PIXAZO_E_LIMIT);
  pixazo_exporter_options_init(&options, sizeof options);
  options.max_bytes = pixazo_blob_size(source);
  assert_status(export_with(&options, "{}", source), PIXAZO_OK);
  options.max_bytes--;
  assert_status(export_with(&options, "{}", source), PIXAZO_E_LIMIT);
  pixazo_blob_unref(source);
}

static void test_exporter__wrong_jobs_are_refused(void **state)
{
  pixazo_blob *source = make_source(2);
  pixazo_recipe *recipe = recipe_of("{}");
  const pixazo_recipe *list[] = {recipe, NULL};
  pixazo_rendition *made[2] = {NULL, NULL};
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  assert_status(pixazo_exporter_export_all(*state, &job, made, NULL), PIXAZO_E_ARGUMENT);
  job.source = source;
  assert_status(pixazo_exporter_export_all(*state, &job, made, NULL), PIXAZO_E_ARGUMENT);
  job.recipes = list;
  job.recipe_count = 2;
  assert_status(pixazo_exporter_export_all(*state, &job, made, NULL), PIXAZO_E_ARGUMENT);
  job.recipe_count = 1;
  job.provenance_json = "nonsense";
  assert_status(pixazo_exporter_export_all(*state, &job, made, NULL), PIXAZO_E_ARGUMENT);
  job.provenance_json = NULL;
  assert_status(pixazo_exporter_export_all(NULL, &job, made, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_exporter_export_all(*state, &job, NULL, NULL), PIXAZO_E_ARGUMENT);
  job.struct_size = 3;
  assert_status(pixazo_exporter_export_all(*state, &job, made, NULL), PIXAZO_E_ABI);
  assert_null(made[0]);
  pixazo_recipe_free(recipe);
  pixazo_blob_unref(source);
}

static void test_exporter__a_cancelled_job_makes_nothing(void **state)
{
  pixazo_blob *source = make_source(2);
  pixazo_recipe *recipe = recipe_of("{}");
  const pixazo_recipe *list[] = {recipe};
  pixazo_rendition *made = NULL;
  pixazo_cancel *cancel = NULL;
  pixazo_export_job job;
  assert_status(pixazo_cancel_new(&cancel, NULL), PIXAZO_OK);
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_SOFT);
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = list;
  job.recipe_count = 1;
  job.cancel = cancel;
  assert_status(pixazo_exporter_export_all(*state, &job, &made, NULL), PIXAZO_E_CANCELLED);
  assert_null(made);
  pixazo_cancel_unref(cancel);
  pixazo_recipe_free(recipe);
  pixazo_blob_unref(source);
}

static void test_exporter__an_options_struct_of_the_future_is_refused(void **state)
{
  (void)state;
  struct {
    pixazo_exporter_options known;
    uint64_t unknown;
  } newer;
  pixazo_exporter *exporter = NULL;
  memset(&newer, 0, sizeof newer);
  newer.known.struct_size = sizeof newer;
  newer.unknown = 1;
  assert_status(pixazo_exporter_new(&newer.known, &exporter, NULL), PIXAZO_E_ABI);
  newer.unknown = 0;
  assert_status(pixazo_exporter_new(&newer.known, &exporter, NULL), PIXAZO_OK);
  pixazo_exporter_unref(exporter);
}

#define WITH_EXPORTER(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
  const struct CMUnitTest tests[] = {
      WITH_EXPORTER(test_exporter__makes_all_renditions_in_order),
      cmocka_unit_test(test_exporter__makes_the_same_files_with_any_threads_and_instructions),
      cmocka_unit_test(test_exporter__refuses_too_many_threads),
      cmocka_unit_test(test_exporter__with_threads_keeps_the_failure_and_nothing_else),
      WITH_EXPORTER(test_exporter__lives_as_long_as_its_last_reference),
      WITH_EXPORTER(test_exporter__all_or_none),
      cmocka_unit_test(test_exporter__limits_hold_for_sources_and_renditions),
      WITH_EXPORTER(test_exporter__wrong_jobs_are_refused),
      WITH_EXPORTER(test_exporter__a_cancelled_job_makes_nothing),
      cmocka_unit_test(test_exporter__an_options_struct_of_the_future_is_refused),
      WITH_EXPORTER(test_exporter__a_rendition_does_not_depend_on_what_else_is_made),
      WITH_EXPORTER(test_exporter__sizes_do_not_depend_on_how_much_was_decoded),
      WITH_EXPORTER(test_exporter__fewer_pixels_give_a_thumbnail_as_faithful),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
