/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "export/exporter.h"
#include "support/pictures.h"

typedef struct world {
  pixazo_exporter *exporter;
  pixazo_recipe *recipe; /* PNG of the same size */
} world;

static int make(void **state)
{
  static world w;
  assert_status(pixazo_exporter_new(NULL, &w.exporter, NULL), PIXAZO_OK);
  assert_status(pixazo_recipe_new_from_json("{\"format\":\"png\"}", &w.recipe, NULL), PIXAZO_OK);
  *state = &w;
  return 0;
}

static int drop(void **state)
{
  world *w = *state;
  pixazo_exporter_unref(w->exporter);
  pixazo_recipe_free(w->recipe);
  return 0;
}

static pixazo_blob *blob_of(const px_pixmap *pixmap)
{
  pixazo_blob *blob = NULL;
  px_encode_job job = PX_ENCODE_JOB_FAST_PNG(pixmap);
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_OK);
  return blob;
}

/* One colour, RGB when `alpha` is 255. */
static pixazo_blob *plain(uint32_t width, uint32_t height, const unsigned char *rgb, unsigned char alpha)
{
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  uint32_t channels = alpha == 255 ? 3 : 4;
  assert_status(px_pixmap_make(&pixmap, width, height, channels, NULL), PIXAZO_OK);
  for (size_t i = 0; i < pixmap.stride * height; i++)
    pixmap.data[i] = i % channels == 3 ? alpha : rgb[i % channels];
  return blob_of(&pixmap);
}

/* Runs the job with up to two layers, and gives pixels and notes. */
static void compose(const world *w, pixazo_export_job *job, px_pixmap *out, char notes[200])
{
  const pixazo_recipe *recipe = w->recipe;
  pixazo_rendition *made = NULL;
  px_autoerror error = NULL;
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  job->recipes = &recipe;
  job->recipe_count = 1;
  assert_ok(pixazo_exporter_export_all(w->exporter, job, &made, &error), error);
  const pixazo_blob *blob = pixazo_rendition_blob(made);
  px_decode_job decode = {.file = {pixazo_blob_data(blob), pixazo_blob_size(blob)}, .limits = &limits};
  assert_status(px_codec_decode(&decode, out, NULL, NULL), PIXAZO_OK);
  assert_true(strlen(pixazo_rendition_notes(made)) < 200);
  memcpy(notes, pixazo_rendition_notes(made), strlen(pixazo_rendition_notes(made)) + 1);
  pixazo_rendition_free(made);
}

static const unsigned char *at(const px_pixmap *pixmap, uint32_t x, uint32_t y)
{
  return px_pixmap_row(pixmap, y) + (size_t)x * pixmap->channels;
}

typedef struct placed {
  const char *gravity, *fit;
  int32_t x, y;
  uint32_t left, top, width, height; /* where the layer of 4 x 2 is seen on 20 x 16 */
  int32_t no_enlarge;
} placed;

static const placed places[] = {
    {NULL, NULL, 0, 0, 8, 7, 4, 2, 0},           {"northwest", "none", 0, 0, 0, 0, 4, 2, 0},
    {"southeast", NULL, 0, 0, 16, 14, 4, 2, 0},  {"southeast", NULL, -3, -5, 13, 9, 4, 2, 0},
    {"northwest", NULL, -1, 15, 0, 15, 3, 1, 0}, {"north", NULL, 100, 0, 0, 0, 0, 0, 0},
    {"west", NULL, -4, 0, 0, 0, 0, 0, 0},        {NULL, "inside", 0, 0, 0, 3, 20, 10, 0},
    {"south", "inside", 0, 0, 0, 6, 20, 10, 0},  {NULL, "cover", 0, 0, 0, 0, 20, 16, 0},
    {"north", "fill", 0, 8, 0, 8, 20, 8, 0},     {"southeast", "cover", 0, 0, 16, 14, 4, 2, 1},
};

static void check_place(const world *w, const placed *p)
{
  px_auto(px_pixmap) out = PX_PIXMAP_INIT;
  char notes[200];
  pixazo_blob *ground = plain(20, 16, (const unsigned char *)"\x0a\x14\x1e", 255);
  pixazo_blob *red = plain(4, 2, (const unsigned char *)"\xff\x00\x80", 255);
  pixazo_layer layer;
  const pixazo_layer *layers[1] = {&layer};
  pixazo_export_job job;
  pixazo_layer_init(&layer, sizeof layer);
  pixazo_export_job_init(&job, sizeof job);
  layer.source = red;
  layer.gravity = p->gravity;
  layer.fit = p->fit;
  layer.x = p->x;
  layer.no_enlarge = p->no_enlarge;
  layer.y = p->y;
  job.source = ground;
  job.layers = layers;
  job.layer_count = 1;
  compose(w, &job, &out, notes);
  for (uint32_t i = 0; i < 20 * 16; i++) {
    uint32_t x = i % 20, y = i / 20;
    bool seen = x >= p->left && x < p->left + p->width && y >= p->top && y < p->top + p->height;
    if (memcmp(at(&out, x, y), seen ? "\xff\x00\x80" : "\x0a\x14\x1e", 3) != 0)
      fail_msg("place %td: pixel %u,%u", p - places, x, y);
  }
  assert_string_equal(notes, "[\"composited\"]");
  pixazo_blob_unref(ground);
  pixazo_blob_unref(red);
}

static void test_compose__layers_go_where_they_should(void **state)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(places); i++)
    check_place(*state, &places[i]);
}

/* 51 is a fifth: 100 + (200 - 100) / 5, then half of it multiplied by 128 / 255. */
static void test_compose__several_layers_one_after_the_other(void **state)
{
  px_auto(px_pixmap) out = PX_PIXMAP_INIT;
  char notes[200];
  pixazo_blob *ground = plain(3, 3, (const unsigned char *)"\x64\x64\x64", 255);
  pixazo_blob *files[2] = {plain(3, 3, (const unsigned char *)"\xc8\xc8\xc8", 51),
                           plain(3, 3, (const unsigned char *)"\x80\x80\x80", 255)};
  pixazo_layer own[2];
  const pixazo_layer *layers[2] = {&own[0], &own[1]};
  pixazo_export_job job;
  for (int i = 0; i < 2; i++) {
    pixazo_layer_init(&own[i], sizeof own[i]);
    own[i].source = files[i];
  }
  own[1].mode = "multiply";
  own[1].opacity = 50;
  pixazo_export_job_init(&job, sizeof job);
  job.source = ground;
  job.layers = layers;
  job.layer_count = 2;
  compose(*state, &job, &out, notes);
  assert_int_equal(out.channels, 3);
  assert_memory_equal(at(&out, 1, 1), "\x5a\x5a\x5a", 3); /* 120; alpha 128: (60.2 x 128 + 120 x 127) / 255 = 90.0 */
  pixazo_blob_unref(ground);
  pixazo_blob_unref(files[0]);
  pixazo_blob_unref(files[1]);
}

static void test_compose__the_source_lies_on_its_base(void **state)
{
  px_auto(px_pixmap) out = PX_PIXMAP_INIT;
  char notes[200];
  pixazo_blob *source = plain(10, 5, (const unsigned char *)"\xff\xff\xff", 51);
  pixazo_blob *base = plain(20, 20, (const unsigned char *)"\x64\x00\xff", 255);
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.base = base;
  compose(*state, &job, &out, notes);
  assert_int_equal(out.width, 20);
  assert_int_equal(out.height, 20);
  assert_memory_equal(at(&out, 9, 4), "\x64\x00\xff", 3);
  assert_memory_equal(at(&out, 9, 5), "\x83\x33\xff", 3);
  assert_memory_equal(at(&out, 9, 14), "\x83\x33\xff", 3);
  assert_memory_equal(at(&out, 9, 15), "\x64\x00\xff", 3);
  assert_string_equal(notes, "[\"composited\"]");
  pixazo_blob_unref(source);
  pixazo_blob_unref(base);
}

static void test_compose__a_layer_without_a_source_is_the_source(void **state)
{
  px_auto(px_pixmap) out = PX_PIXMAP_INIT;
  char notes[200];
  pixazo_blob *source = plain(1, 1, (const unsigned char *)"\xff\xff\xff", 255);
  pixazo_blob *base = plain(4, 4, (const unsigned char *)"\x01\x02\x03", 255);
  pixazo_layer layer;
  const pixazo_layer *layers[1] = {&layer};
  pixazo_export_job job;
  pixazo_layer_init(&layer, sizeof layer);
  layer.gravity = "southeast";
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.base = base;
  job.layers = layers;
  job.layer_count = 1;
  compose(*state, &job, &out, notes);
  assert_memory_equal(at(&out, 3, 3), "\xff\xff\xff", 3);
  assert_memory_equal(at(&out, 2, 3), "\x01\x02\x03", 3);
  pixazo_blob_unref(source);
  pixazo_blob_unref(base);
}

static void test_compose__a_base_that_cannot_be_loaded_is_left_out_and_said_so(void **state)
{
  static const char *const bases[] = {"", "no picture"};
  for (size_t i = 0; i < 3; i++) {
    px_auto(px_pixmap) out = PX_PIXMAP_INIT;
    char notes[200];
    pixazo_blob *source = plain(3, 2, (const unsigned char *)"\x11\x22\x33", 255), *base = NULL;
    if (i < 2)
      assert_status(pixazo_blob_new(bases[i], strlen(bases[i]), &base, NULL), PIXAZO_OK);
    else
      assert_status(pixazo_blob_new(pixazo_blob_data(source), pixazo_blob_size(source) - 20, &base, NULL), PIXAZO_OK);
    pixazo_export_job job;
    pixazo_export_job_init(&job, sizeof job);
    job.source = source;
    job.base = base;
    compose(*state, &job, &out, notes);
    assert_string_equal(notes, "[\"base_not_loaded\"]");
    assert_int_equal(out.width, 3);
    assert_memory_equal(at(&out, 0, 0), "\x11\x22\x33", 3);
    pixazo_blob_unref(source);
    pixazo_blob_unref(base);
  }
}

typedef struct wrong {
  const char *mode, *fit, *gravity, *word;
  int32_t opacity;
  bool own;
} wrong;

static void test_compose__a_wrong_layer_is_refused(void **state)
{
  const world *w = *state;
  static const wrong cases[] = {
      {"burn", NULL, NULL, "burn", 0, false},    {NULL, "contain", NULL, "contain", 0, false},
      {NULL, NULL, "smart", "smart", 0, false},  {NULL, NULL, "middle", "middle", 0, false},
      {NULL, NULL, NULL, "opacity", 101, false}, {NULL, NULL, NULL, "opacity", -1, false},
      {NULL, NULL, NULL, "no source", 0, true},
  };
  pixazo_blob *source = plain(3, 2, (const unsigned char *)"\x11\x22\x33", 255);
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    pixazo_layer layer;
    const pixazo_layer *layers[1] = {&layer};
    const pixazo_recipe *recipe = w->recipe;
    pixazo_export_job job;
    pixazo_rendition *made = NULL;
    px_autoerror error = NULL;
    pixazo_layer_init(&layer, sizeof layer);
    layer.source = cases[i].own ? NULL : source;
    layer.mode = cases[i].mode;
    layer.fit = cases[i].fit;
    layer.gravity = cases[i].gravity;
    layer.opacity = cases[i].opacity;
    pixazo_export_job_init(&job, sizeof job);
    job.source = source;
    job.recipes = &recipe;
    job.recipe_count = 1;
    job.layers = layers;
    job.layer_count = 1;
    assert_status(pixazo_exporter_export_all(w->exporter, &job, &made, &error), PIXAZO_E_ARGUMENT);
    assert_non_null(strstr(pixazo_error_message(error), cases[i].word));
    assert_null(made);
  }
  pixazo_blob_unref(source);
}

static void test_compose__a_layer_that_cannot_be_loaded_fails_the_job(void **state)
{
  const world *w = *state;
  pixazo_blob *source = plain(3, 2, (const unsigned char *)"\x11\x22\x33", 255), *text = NULL;
  pixazo_layer layer;
  const pixazo_layer *layers[PIXAZO_LAYERS_MAX + 1] = {&layer};
  const pixazo_recipe *recipe = w->recipe;
  pixazo_export_job job;
  pixazo_rendition *made = NULL;
  px_autoerror error = NULL;
  assert_status(pixazo_blob_new("text", 4, &text, NULL), PIXAZO_OK);
  pixazo_layer_init(&layer, sizeof layer);
  layer.source = text;
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = &recipe;
  job.recipe_count = 1;
  job.layers = layers;
  job.layer_count = 1;
  assert_status(pixazo_exporter_export_all(w->exporter, &job, &made, &error), PIXAZO_E_UNSUPPORTED);
  assert_non_null(strstr(pixazo_error_message(error), "layer"));
  job.layer_count = 2; /* the second one is NULL */
  assert_status(pixazo_exporter_export_all(w->exporter, &job, &made, NULL), PIXAZO_E_ARGUMENT);
  job.layer_count = PIXAZO_LAYERS_MAX + 1;
  assert_status(pixazo_exporter_export_all(w->exporter, &job, &made, NULL), PIXAZO_E_ARGUMENT);
  assert_null(made);
  pixazo_blob_unref(source);
  pixazo_blob_unref(text);
}

static void test_compose__the_provenance_says_composite(void **state)
{
  const world *w = *state;
  pixazo_blob *source = plain(3, 2, (const unsigned char *)"\x11\x22\x33", 255);
  const pixazo_recipe *recipe = w->recipe;
  pixazo_export_job job;
  pixazo_rendition *made = NULL;
  pixazo_export_job_init(&job, sizeof job);
  job.source = job.base = source;
  job.recipes = &recipe;
  job.recipe_count = 1;
  job.provenance_json = "{\"prompt\":\"a lake\"}";
  assert_status(pixazo_exporter_export_all(w->exporter, &job, &made, NULL), PIXAZO_OK);
  const pixazo_blob *blob = pixazo_rendition_blob(made);
  static const char type[] = "compositeWithTrainedAlgorithmicMedia";
  assert_non_null(memmem(pixazo_blob_data(blob), pixazo_blob_size(blob), type, sizeof type - 1));
  pixazo_rendition_free(made);
  pixazo_blob_unref(source);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_compose__layers_go_where_they_should),
      cmocka_unit_test(test_compose__several_layers_one_after_the_other),
      cmocka_unit_test(test_compose__the_source_lies_on_its_base),
      cmocka_unit_test(test_compose__a_layer_without_a_source_is_the_source),
      cmocka_unit_test(test_compose__a_base_that_cannot_be_loaded_is_left_out_and_said_so),
      cmocka_unit_test(test_compose__a_wrong_layer_is_refused),
      cmocka_unit_test(test_compose__a_layer_that_cannot_be_loaded_fails_the_job),
      cmocka_unit_test(test_compose__the_provenance_says_composite),
  };
  return cmocka_run_group_tests(tests, make, drop);
}
