/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/provider.h"

#define EVERYTHING                                                                                                        \
  "{\"schema\":1,\"prompt\":\"p\",\"negative_prompt\":\"n\",\"model\":\"m\",\"provider\":\"pixazo\",\"width\":832,"      \
  "\"height\":1216,\"steps\":4,\"guidance\":5,\"seed\":7,\"count\":2,\"sampler\":\"euler\",\"quality\":\"low\",\"format\":\"png\",\"background\":\"opaque\",\"idempotency_key\":\"once\"," \
  "\"principal\":\"someone\",\"metadata\":{\"THEME\":\"private\"}}"

static char *build(const char *model, const char *effective_json)
{
  px_cleanup(px_json_done) px_json *effective = NULL;
  px_autoerror error = NULL;
  px_auto(px_body) body = PX_BODY_INIT;
  px_auto(px_buf) path = PX_BUF_INIT(256);
  const px_model *row = px_model_find(&px_provider_pixazo, model);
  assert_non_null(row);
  assert_ok(px_json_parse(effective_json, strlen(effective_json), NULL, &effective, &error), error);
  px_build job = {.provider = &px_provider_pixazo, .model = row, .name = model, .effective = effective, .body = &body,
                  .path = &path};
  assert_ok(px_build_plain(&job, &error), error);
  assert_int_equal(body.count, 1);
  assert_int_equal(path.size, 0);
  return px_steal(&body.pieces[0].text);
}

static void test_pixazo__each_model_gets_exactly_its_own_names(void **state)
{
  static const char *const rows[][2] = {
      {"sdxl", "{\"prompt\":\"p\",\"negative_prompt\":\"n\",\"width\":832,\"height\":1216,\"num_steps\":4,"
               "\"guidance_scale\":5,\"seed\":7}"},
      {"sdxl-lightning", "{\"prompt\":\"p\",\"negativePrompt\":\"n\",\"width\":832,\"height\":1216,\"num_steps\":4,"
                         "\"guidance\":5,\"seed\":7}"},
      {"sdxl-turbo", "{\"prompt\":\"p\",\"width\":832,\"height\":1216,\"num_inference_steps\":4,\"guidance_scale\":5}"},
      {"flux-schnell", "{\"prompt\":\"p\",\"width\":832,\"height\":1216,\"num_steps\":4,\"seed\":7}"},
      {"sd3", "{\"prompt\":\"p\",\"negativePrompt\":\"n\",\"steps\":4,\"cfg\":5,\"output_format\":\"png\","
              "\"aspect_ratio\":\"2:3\"}"},
      {"sd3.5-large", "{\"prompt\":\"p\",\"negativePrompt\":\"n\",\"steps\":4,\"cfg\":5,\"output_format\":\"png\","
                      "\"aspect_ratio\":\"2:3\"}"},
      {"sd-inpainting", "{\"prompt\":\"p\"}"},
      {"flux-dev", "{\"prompt\":\"p\"}"},
      {"flux-pro", "{\"prompt\":\"p\"}"},
      {"flux-2-dev", "{\"prompt\":\"p\"}"},
      {"flux-2-klein-4b", "{\"prompt\":\"p\",\"width\":832,\"height\":1216,\"steps\":4}"},
      {"gpt-image-2", "{\"prompt\":\"p\",\"num_images\":2,\"quality\":\"low\",\"output_format\":\"png\","
                      "\"background\":\"opaque\",\"image_size\":\"832x1216\"}"},
      {"gpt-image-1.5", "{\"prompt\":\"p\",\"num_images\":2,\"quality\":\"low\",\"output_format\":\"png\","
                        "\"background\":\"opaque\",\"image_size\":\"832x1216\"}"},
      {"nano-banana-pro", "{\"prompt\":\"p\"}"},
  };
  (void)state;
  assert_int_equal(px_provider_pixazo.model_count, PX_ARRAY_SIZE(rows));
  for (size_t i = 0; i < PX_ARRAY_SIZE(rows); i++) {
    px_autofree char *body = build(rows[i][0], EVERYTHING);
    assert_string_equal(body, rows[i][1]);
  }
}

static void test_pixazo__what_is_the_callers_own_stays_here(void **state)
{
  static const char *const secrets[] = {"THEME", "private", "metadata", "someone", "principal", "once", "idempotency_key"};
  (void)state;
  for (size_t i = 0; i < px_provider_pixazo.model_count; i++) {
    px_autofree char *body = build(px_provider_pixazo.models[i].name, EVERYTHING);
    for (size_t k = 0; k < PX_ARRAY_SIZE(secrets); k++)
      assert_null(strstr(body, secrets[k]));
  }
}

static void test_pixazo__options_of_the_caller_replace_and_are_never_said_twice(void **state)
{
  (void)state;
  px_autofree char *sdxl =
      build("sdxl", "{\"prompt\":\"p\",\"steps\":4,\"provider_options\":{\"num_steps\":9,\"style\":[1,2]}}");
  assert_string_equal(sdxl, "{\"prompt\":\"p\",\"num_steps\":9,\"style\":[1,2]}");
  px_autofree char *gpt = build("gpt-image-2", "{\"prompt\":\"p\",\"width\":1024,\"height\":1024,\"background\":\"auto\","
                                               "\"quality\":\"high\",\"provider_options\":{\"quality\":\"low\",\"image_size\":\"auto\"}}");
  assert_string_equal(
      gpt,
      "{\"prompt\":\"p\",\"background\":\"auto\",\"quality\":\"low\",\"image_size\":\"auto\"}");
}

static void test_pixazo__paths_and_places(void **state)
{
  static const char *const paths[][2] = {
      {"sdxl", "/getImage/v1/getSDXLImage"},
      {"sdxl-lightning", "/sdxl_lightning/getImage/v1/getSDXLImage"},
      {"sdxl-turbo", "/sdxlTurbo/v2/getData"},
      {"flux-schnell", "/flux-1-schnell/v1/getData"},
      {"sd3", "/sd3/v1/getData"},
      {"sd3.5-large", "/sd3-5/v1/r-sd-3-5-large"},
      {"sd-inpainting", "/inpainting/v1/getImage"},
      {"flux-dev", "/flux-dev/v1/dev/textToImage"},
      {"flux-pro", "/flux-pro/v1/pro/textToImage"},
      {"flux-2-dev", "/flux-2-dev/v1/generateT2I"},
      {"flux-2-klein-4b", "/flux-2-klein-4b/v1/generateImage"},
      {"gpt-image-2", "/gpt-image-2/v1/text-to-image"},
      {"gpt-image-1.5", "/gpt-image-1-5-api-923/v1/gpt-image-1-5-api-request"},
      {"nano-banana-pro", "/nano-banana-pro-770/v1/nano-banana-pro-request"},
  };
  (void)state;
  assert_int_equal(px_provider_pixazo.model_count, PX_ARRAY_SIZE(paths));
  for (size_t i = 0; i < PX_ARRAY_SIZE(paths); i++)
    assert_string_equal(px_model_find(&px_provider_pixazo, paths[i][0])->path, paths[i][1]);
  assert_string_equal(px_provider_pixazo.base_url, "https://gateway.pixazo.ai");
  assert_string_equal(px_provider_pixazo.key_header, "Ocp-Apim-Subscription-Key");
  px_auto(px_buf) small = PX_BUF_INIT(24);
  assert_status(px_provider_pixazo.ops.poll(&px_provider_pixazo, "an id that does not fit in there", &small, NULL), PIXAZO_E_LIMIT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pixazo__each_model_gets_exactly_its_own_names),
      cmocka_unit_test(test_pixazo__what_is_the_callers_own_stays_here),
      cmocka_unit_test(test_pixazo__options_of_the_caller_replace_and_are_never_said_twice),
      cmocka_unit_test(test_pixazo__paths_and_places),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
