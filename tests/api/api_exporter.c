/* SPDX-License-Identifier: MIT */
/* exporter.h: recipes, renditions and what a picture is. */
#include "check.h"

static pixazo_blob *picture(void)
{
  pixazo_client *client = api_offline_client(NULL, NULL);
  pixazo_request *request = api_request("{\"prompt\":\"a lake\",\"width\":96,\"height\":64,\"seed\":1}");
  pixazo_generation *record = NULL;
  NEEDS(pixazo_client_generate(client, request, NULL, &record, &error));
  pixazo_blob *blob = pixazo_blob_ref(pixazo_generation_image_blob(record, 0));
  pixazo_generation_free(record);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
  return blob;
}

static void recipes(void)
{
  pixazo_recipe *recipe = NULL;
  pixazo_recipe *again = NULL;
  char *json = NULL;
  char *second = NULL;
  NEEDS(pixazo_recipe_new(&recipe, &error));
  WORKS(pixazo_recipe_set_string(recipe, "format", "webp", &error));
  WORKS(pixazo_recipe_set_string(recipe, "name", "tiny", &error));
  WORKS(pixazo_recipe_set_int(recipe, "width", 32, &error));
  NEEDS(pixazo_recipe_to_json(recipe, &json, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_recipe_set_string(recipe, "format", "bmp", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_recipe_set_string(recipe, "width", "32", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_recipe_set_string(recipe, "format", NULL, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_recipe_set_int(recipe, "quality", 101, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_recipe_set_int(recipe, "colour", 1, &error));
  NEEDS(pixazo_recipe_new_from_json(json, &again, &error));
  NEEDS(pixazo_recipe_to_json(again, &second, &error));
  CHECK_TEXT(second, json);
  CHECK_HOLDS(json, "\"schema\":1");
  pixazo_free(json);
  pixazo_free(second);
  pixazo_recipe_free(recipe);
  pixazo_recipe_free(again);
  pixazo_recipe_free(NULL);
  again = UNTOUCHED;
  FAILS(PIXAZO_E_ARGUMENT, pixazo_recipe_new_from_json("{", &again, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_recipe_new_from_json("{\"colour\":1}", &again, &error));
  FAILS(PIXAZO_E_UNSUPPORTED, pixazo_recipe_new_from_json("{\"recipe\":\"none\"}", &again, &error));
  FAILS(PIXAZO_E_UNSUPPORTED, pixazo_recipe_new_named("none", &again, &error));
  CHECK(again == UNTOUCHED);
}

static void matrix(void)
{
  static const char json[] =
      "{\"name\":\"m\",\"sizes\":[{\"width\":24},{\"width\":12,\"height\":12}],\"formats\":[\"png\",\"webp\"]}";
  pixazo_recipe *made[PIXAZO_RECIPES_MAX] = {UNTOUCHED};
  size_t count = 9;
  char *text = NULL;
  FAILS(PIXAZO_E_LIMIT, pixazo_recipe_new_matrix(json, made, 3, &count, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_recipe_new_matrix("{}", made, 3, &count, &error));
  CHECK(made[0] == UNTOUCHED && count == 9);
  NEEDS(pixazo_recipe_new_matrix(json, made, PIXAZO_RECIPES_MAX, &count, &error));
  CHECK(count == 4);
  NEEDS(pixazo_recipe_to_json(made[3], &text, &error));
  CHECK_HOLDS(text, "\"name\":\"m-12x12-webp\"");
  pixazo_free(text);
  while (count > 0)
    pixazo_recipe_free(made[--count]);
}

static void composite(const pixazo_exporter *exporter, pixazo_blob *source)
{
  pixazo_recipe *smart = NULL;
  pixazo_rendition *made = NULL;
  pixazo_blob *none = NULL;
  pixazo_layer layer;
  const pixazo_layer *layers[1] = {&layer};
  pixazo_export_job job;
  NEEDS(pixazo_recipe_new_named("smart-300", &smart, &error));
  NEEDS(pixazo_blob_new("", 0, &none, &error));
  pixazo_layer_init(&layer, sizeof layer);
  layer.source = source;
  layer.mode = "screen";
  layer.fit = "cover";
  layer.opacity = 30;
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.base = none;
  job.layers = layers;
  job.layer_count = 1;
  job.recipes = (const pixazo_recipe *const *)&smart;
  job.recipe_count = 1;
  NEEDS(pixazo_exporter_export_all(exporter, &job, &made, &error));
  CHECK(pixazo_rendition_width(made) == 300 && pixazo_rendition_height(made) == 300);
  CHECK_HOLDS(pixazo_rendition_notes(made), "\"composited\",\"base_not_loaded\"]");
  pixazo_rendition_free(made);
  made = UNTOUCHED;
  layer.mode = "burn";
  FAILS(PIXAZO_E_ARGUMENT, pixazo_exporter_export_all(exporter, &job, &made, &error));
  layer.mode = NULL;
  layer.source = none;
  FAILS(PIXAZO_E_CORRUPT, pixazo_exporter_export_all(exporter, &job, &made, &error));
  CHECK(made == UNTOUCHED);
  pixazo_recipe_free(smart);
  (void)pixazo_blob_unref(none);
}

static void formats(void)
{
  size_t count = 0;
  while (pixazo_format_extension(count))
    count++;
  CHECK(count >= 3);
  CHECK_TEXT(pixazo_format_extension(0), "png");
  CHECK_TEXT(pixazo_format_extension(1), "jpg");
  CHECK_TEXT(pixazo_format_extension(2), "webp");
  CHECK(pixazo_format_extension(SIZE_MAX) == NULL);
}

static void one_rendition(const pixazo_exporter *exporter, pixazo_blob *source)
{
  pixazo_recipe *recipe = NULL;
  pixazo_rendition *rendition = NULL;
  char *json = NULL;
  NEEDS(pixazo_recipe_new_from_json("{\"name\":\"tiny\",\"format\":\"jpeg\",\"width\":48}", &recipe, &error));
  NEEDS(pixazo_exporter_export(exporter, source, recipe, &rendition, &error));
  CHECK_TEXT(pixazo_rendition_name(rendition), "tiny");
  CHECK_TEXT(pixazo_rendition_format(rendition), "jpeg");
  CHECK_TEXT(pixazo_rendition_content_type(rendition), "image/jpeg");
  CHECK_TEXT(pixazo_rendition_extension(rendition), "jpg");
  CHECK(pixazo_rendition_width(rendition) == 48 && pixazo_rendition_height(rendition) == 32);
  CHECK(pixazo_rendition_bytes(rendition) == pixazo_blob_size(pixazo_rendition_blob(rendition)));
  CHECK(pixazo_rendition_bytes(rendition) > 100 && strlen(pixazo_rendition_sha256(rendition)) == 64);
  CHECK(pixazo_rendition_quality(rendition) == 85);
  CHECK_TEXT(pixazo_rendition_way(rendition), "encoded");
  CHECK(pixazo_rendition_duration_us(rendition) >= 0 && pixazo_rendition_notes(rendition)[0] == '[');
  NEEDS(pixazo_rendition_to_json(rendition, &json, &error));
  CHECK_HOLDS(json, "\"schema\":1");
  CHECK_HOLDS(json, pixazo_rendition_sha256(rendition));
  pixazo_free(json);
  pixazo_rendition_free(rendition);
  pixazo_rendition_free(NULL);
  pixazo_recipe_free(recipe);
}

static void all_renditions(const pixazo_exporter *exporter, pixazo_blob *source)
{
  static const char *const formats[] = {"png", "jpeg", "webp"};
  pixazo_recipe *recipes_of[3] = {NULL, NULL, NULL};
  pixazo_rendition *made[3] = {NULL, NULL, NULL};
  pixazo_picture *seen = NULL;
  pixazo_export_job job;
  for (size_t i = 0; i < 3; i++) {
    NEEDS(pixazo_recipe_new(&recipes_of[i], &error));
    WORKS(pixazo_recipe_set_string(recipes_of[i], "format", formats[i], &error));
  }
  pixazo_export_job_init(&job, sizeof job);
  FAILS(PIXAZO_E_ARGUMENT, pixazo_exporter_export_all(exporter, &job, made, &error));
  job.source = source;
  job.recipes = (const pixazo_recipe *const *)recipes_of;
  job.recipe_count = 3;
  job.provenance_json = "[]";
  FAILS(PIXAZO_E_ARGUMENT, pixazo_exporter_export_all(exporter, &job, made, &error));
  CHECK(!made[0] && !made[1] && !made[2]);
  job.provenance_json = "{\"prompt\":\"a lake\",\"seed\":1}";
  NEEDS(pixazo_exporter_export_all(exporter, &job, made, &error));
  for (size_t i = 0; i < 3; i++) {
    CHECK_TEXT(pixazo_rendition_format(made[i]), formats[i]);
    NEEDS(pixazo_exporter_inspect(exporter, pixazo_rendition_blob(made[i]), NULL, &seen, &error));
    CHECK_HOLDS(pixazo_picture_parameters(seen), "a lake");
    CHECK_HOLDS(pixazo_picture_metadata(seen), "\"prompt\":\"a lake");
    CHECK_TEXT(pixazo_picture_format(seen), formats[i]);
    pixazo_picture_free(seen);
    pixazo_rendition_free(made[i]);
    pixazo_recipe_free(recipes_of[i]);
  }
}

static void inspection(const pixazo_exporter *exporter, pixazo_blob *source)
{
  pixazo_picture *seen = NULL;
  char *json = NULL;
  NEEDS(pixazo_blob_save(source, api_path("lake.png"), &error));
  NEEDS(pixazo_exporter_inspect_file(exporter, api_path("lake.png"), NULL, &seen, &error));
  CHECK_TEXT(pixazo_picture_format(seen), "png");
  CHECK_TEXT(pixazo_picture_content_type(seen), "image/png");
  CHECK_TEXT(pixazo_picture_extension(seen), "png");
  CHECK(pixazo_picture_width(seen) == 96 && pixazo_picture_height(seen) == 64);
  CHECK(pixazo_picture_bytes(seen) == pixazo_blob_size(source) && pixazo_picture_bit_depth(seen) == 8);
  CHECK(pixazo_picture_has_alpha(seen) == 0 && pixazo_picture_has_c2pa(seen) == 0 && pixazo_picture_is_animated(seen) == 0);
  CHECK(pixazo_picture_orientation(seen) == 1 && pixazo_picture_parameters(seen) != NULL);
  CHECK(strlen(pixazo_picture_sha256(seen)) == 64);
  NEEDS(pixazo_picture_to_json(seen, &json, &error));
  CHECK_HOLDS(json, "\"schema\":1");
  CHECK_HOLDS(json, pixazo_picture_sha256(seen));
  pixazo_free(json);
  pixazo_picture_free(seen);
  pixazo_picture_free(NULL);
}

static void refusals(const pixazo_exporter *exporter, pixazo_blob *source)
{
  pixazo_blob *cut = NULL;
  pixazo_blob *text = NULL;
  pixazo_recipe *web = NULL;
  pixazo_cancel *cancel = NULL;
  pixazo_picture *seen = UNTOUCHED;
  pixazo_rendition *made = UNTOUCHED;
  NEEDS(pixazo_blob_new(pixazo_blob_data(source), pixazo_blob_size(source) / 2, &cut, &error));
  NEEDS(pixazo_blob_new("no picture at all", 17, &text, &error));
  NEEDS(pixazo_recipe_new_named("web", &web, &error));
  NEEDS(pixazo_cancel_new(&cancel, &error));
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_SOFT);
  FAILS(PIXAZO_E_CORRUPT, pixazo_exporter_inspect(exporter, cut, NULL, &seen, &error));
  FAILS(PIXAZO_E_UNSUPPORTED, pixazo_exporter_inspect(exporter, text, NULL, &seen, &error));
  FAILS(PIXAZO_E_CANCELLED, pixazo_exporter_inspect(exporter, source, cancel, &seen, &error));
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_exporter_inspect_file(exporter, api_path("absent.png"), NULL, &seen, &error));
  FAILS(PIXAZO_E_CORRUPT, pixazo_exporter_export(exporter, cut, web, &made, &error));
  CHECK(seen == UNTOUCHED && made == UNTOUCHED);
  (void)pixazo_blob_unref(cut);
  (void)pixazo_blob_unref(text);
  (void)pixazo_cancel_unref(cancel);
  pixazo_recipe_free(web);
}

static void export_pixels(const pixazo_exporter *exporter, const pixazo_pixels *source)
{
  pixazo_recipe *recipe = NULL;
  pixazo_rendition *made = NULL;
  NEEDS(pixazo_recipe_new_named("web", &recipe, &error));
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.recipes = (const pixazo_recipe *const *)&recipe;
  job.recipe_count = 1;
  job.pixels = source;
  NEEDS(pixazo_exporter_export_all(exporter, &job, &made, &error));
  CHECK(pixazo_rendition_width(made) == 96);
  CHECK_TEXT(pixazo_rendition_way(made), "encoded");
  pixazo_rendition_free(made);
  pixazo_recipe_free(recipe);
}

/* A pixel of the program's own, and those of a file. */
static void pixels(const pixazo_exporter *exporter, pixazo_blob *source)
{
  static const unsigned char red[4] = {255, 0, 0, 128};
  pixazo_pixels_options options;
  pixazo_pixels *made = NULL, *again = UNTOUCHED;
  pixazo_pixels_options_init(&options, sizeof options);
  FAILS(PIXAZO_E_ARGUMENT, pixazo_pixels_new(&options, &again, &error));
  options.data = red;
  options.size = sizeof red;
  options.width = options.height = 1;
  options.channels = 4;
  NEEDS(pixazo_pixels_new(&options, &made, &error));
  CHECK(pixazo_pixels_width(made) == 1 && pixazo_pixels_height(made) == 1 && pixazo_pixels_channels(made) == 4);
  CHECK(pixazo_pixels_stride(made) == 4 && pixazo_pixels_size(made) == 4 && pixazo_pixels_icc(made) == NULL);
  CHECK(memcmp(pixazo_pixels_data(made), red, 4) == 0);
  CHECK(pixazo_pixels_unref(made) == NULL && pixazo_pixels_unref(NULL) == NULL);
  NEEDS(pixazo_exporter_decode(exporter, source, NULL, &again, &error));
  CHECK(pixazo_pixels_ref(again) == again && pixazo_pixels_unref(again) == NULL);
  CHECK(pixazo_pixels_width(again) == 96 && pixazo_pixels_height(again) == 64 && pixazo_pixels_channels(again) == 3);
  export_pixels(exporter, again);
  CHECK(pixazo_pixels_unref(again) == NULL);
}

static void limits(pixazo_blob *source)
{
  pixazo_exporter_options options;
  pixazo_exporter *exporter = NULL;
  pixazo_picture *seen = UNTOUCHED;
  pixazo_exporter_options_init(&options, sizeof options);
  options.max_pixels = 1000;
  NEEDS(pixazo_exporter_new(&options, &exporter, &error));
  FAILS(PIXAZO_E_LIMIT, pixazo_exporter_inspect(exporter, source, NULL, &seen, &error));
  CHECK(seen == UNTOUCHED);
  CHECK(pixazo_exporter_ref(exporter) == exporter && pixazo_exporter_ref(NULL) == NULL);
  CHECK(pixazo_exporter_unref(exporter) == NULL && pixazo_exporter_unref(exporter) == NULL);
  CHECK(pixazo_exporter_unref(NULL) == NULL);
}

int main(void)
{
  pixazo_exporter *exporter = NULL;
  api_begin();
  pixazo_blob *source = picture();
  NEEDS(pixazo_exporter_new(NULL, &exporter, &error));
  recipes();
  matrix();
  formats();
  composite(exporter, source);
  one_rendition(exporter, source);
  all_renditions(exporter, source);
  inspection(exporter, source);
  refusals(exporter, source);
  pixels(exporter, source);
  limits(source);
  (void)pixazo_exporter_unref(exporter);
  (void)pixazo_blob_unref(source);
  return api_end();
}
