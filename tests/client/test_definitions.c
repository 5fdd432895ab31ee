/* SPDX-License-Identifier: MIT */
/* The built-in definitions against servers that speak their protocols. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "support/tmpdir.h"

typedef struct scene {
  const char *rules; /* of the gateway */
  const char *request;
  pixazo_status status;
  int32_t attempt_class;
  int64_t posts;
  size_t images;
} scene;

#define PROMPT "{\"prompt\":\"a fox\"}"
#define ANSWER(name) "[{\"method\":\"POST\",\"answer\":\"" name "\"}]"

static void use(kit *self, const char *provider, const char *base)
{
  px_auto(px_buf) url = PX_BUF_INIT(200);
  pixazo_client_options options = kit_options(self);
  assert_true(px_buf_printf(&url, "%s%s", self->gateway.base, base));
  options.provider = provider;
  options.base_url = px_buf_text(&url);
  options.api_key = NULL;
  options.max_retries = 1;
  options.poll_interval_ms = 2;
  kit_use(self, &options);
}

static void play(kit *self, const scene *scenes, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    kit_script(self, scenes[i].rules);
    pixazo_status status = kit_generate(self, scenes[i].request, NULL);
    if (status != scenes[i].status)
      print_message("scene %s\n", scenes[i].rules);
    kit_expect(self, status, scenes[i].status, scenes[i].attempt_class, scenes[i].posts);
    size_t images = status == PIXAZO_OK ? pixazo_generation_image_count(self->record) : 0;
    if (images != scenes[i].images)
      fail_msg("scene %s: %zu pictures", scenes[i].rules, images);
  }
  print_message("%zu scenes\n", count);
}

/* Nothing is billed there, so what is in doubt is tried once more and ends as failed. */
static void test_definitions__an_inference_proxy_in_every_shape(void **state)
{
  kit *self = *state;
  static const scene scenes[] = {
      {"[]", PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {"[]", "{\"prompt\":\"p\",\"model\":\"inference/flux.1/dev\",\"count\":3}", PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 3, 3},
      {ANSWER("raw-jpeg"), PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {ANSWER("raw-webp"), PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {ANSWER("octet-stream"), PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {ANSWER("base64"), PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {ANSWER("data-uri"), PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {ANSWER("url"), PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {ANSWER("images"), PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {ANSWER("output-list"), PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {ANSWER("base64-list"), PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {ANSWER("base64-data"), PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {ANSWER("url-data"), PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {ANSWER("bad-request"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1, 0},
      {ANSWER("no-key"), PROMPT, PIXAZO_E_AUTH, PIXAZO_CLASS_REFUSED, 1, 0},
      {ANSWER("not-found"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1, 0},
      {ANSWER("error-text"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
      {ANSWER("error-in-200"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
      {ANSWER("zip"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
      {ANSWER("multipart"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
  };
  use(self, "inference", "");
  play(self, scenes, PX_ARRAY_SIZE(scenes));
}

static void test_definitions__a_proxy_gets_the_names_it_knows(void **state)
{
  kit *self = *state;
  use(self, "inference", "");
  kit_script(self, "[]");
  kit_expect(self, kit_generate(self, "{\"prompt\":\"p\",\"negative_prompt\":\"n\",\"width\":512,\"height\":768,\"seed\":5}", NULL),
             PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  size_t size = 0;
  char *body = gateway_body(&self->gateway, 0, &size);
  assert_string_equal(body, "{\"prompt\":\"p\",\"negative_prompt\":\"n\",\"model\":\"sdxl\",\"width\":512,\"height\":768,"
                            "\"steps\":30,\"cfg_scale\":7.5,\"seed\":5,\"num_images\":1,\"sampler\":\"Euler\"}");
  free(body);
}

static void test_definitions__automatic1111_in_every_shape(void **state)
{
  kit *self = *state;
  static const scene scenes[] = {
      {"[]", PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {"[]", "{\"prompt\":\"p\",\"model\":\"other.safetensors\",\"sampler\":\"DDIM\",\"count\":3}", PIXAZO_OK,
       PIXAZO_CLASS_ACCEPTED, 1, 3},
      {"[{\"method\":\"POST\",\"grid\":true}]", "{\"prompt\":\"p\",\"count\":3}", PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 3},
      {"[{\"method\":\"POST\",\"data_uri\":true}]", PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {"[]", "{\"prompt\":\"p\",\"sampler\":\"no such\"}", PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1, 0},
      {ANSWER("bad-request"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1, 0},
      {ANSWER("no-key"), PROMPT, PIXAZO_E_AUTH, PIXAZO_CLASS_REFUSED, 1, 0},
      {ANSWER("bad-key"), PROMPT, PIXAZO_E_AUTH, PIXAZO_CLASS_REFUSED, 1, 0},
      {ANSWER("not-found"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1, 0},
      {ANSWER("unprocessable"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1, 0},
      {ANSWER("out-of-memory"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1, 0},
      {ANSWER("own-500"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
      {ANSWER("no-data"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
      {ANSWER("empty-data"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
      {ANSWER("null-base64"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
      {ANSWER("empty-base64"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
      {ANSWER("odd-base64"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
      {ANSWER("half-json"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
  };
  use(self, "a1111", "");
  play(self, scenes, PX_ARRAY_SIZE(scenes));
}

static void test_definitions__stable_diffusion_cpp_queues(void **state)
{
  kit *self = *state;
  static const scene scenes[] = {
      {"[]", PROMPT, PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 1},
      {"[]", "{\"prompt\":\"p\",\"count\":3}", PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1, 3},
      {"[{\"method\":\"POST\",\"queue\":[\"queued\",\"generating\",\"failed\"],\"queue_error\":\"the card fell over\"}]", PROMPT,
       PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
      {"[{\"method\":\"POST\",\"queue\":[\"cancelled\"]}]", PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
      {ANSWER("bad-request"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1, 0},
      {ANSWER("rate-limited"), PROMPT, PIXAZO_E_THROTTLED, PIXAZO_CLASS_REFUSED, 2, 0},
      {ANSWER("own-500"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
      {ANSWER("error-text"), PROMPT, PIXAZO_E_PROVIDER, PIXAZO_CLASS_FAILED, 2, 0},
  };
  use(self, "sdcpp-queue", "");
  play(self, scenes, PX_ARRAY_SIZE(scenes));
}

static void test_definitions__a_picture_goes_along_to_automatic1111(void **state)
{
  kit *self = *state;
  static const unsigned char png[] = "\x89PNG\r\n\x1A\n not much more";
  char *directory = tmpdir_make();
  char *path = tmpdir_path(directory, "start.png");
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(png, 1, sizeof png, file), sizeof png);
  assert_int_equal(fclose(file), 0);
  px_auto(px_buf) request = PX_BUF_INIT(400);
  assert_true(px_buf_printf(&request, "{\"prompt\":\"p\",\"images\":[\"%s\"],\"strength\":0.5}", path));
  use(self, "a1111", "");
  kit_script(self, "[]");
  kit_expect(self, kit_generate(self, px_buf_text(&request), NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  assert_int_equal(gateway_posts(&self->gateway, "/sdapi/v1/img2img"), 1);
  free(path);
  tmpdir_remove(directory);
}

static void test_definitions__one_s_own_definition_is_an_account_beside_the_first(void **state)
{
  kit *self = *state;
  pixazo_provider *made = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_provider_new(
                "{\"schema\":1,\"name\":\"mine\",\"base_url\":\"https://images.example\",\"auth\":{\"header\":\"X-Key\"},"
                "\"headers\":{\"X-Version\":\"7\"},\"answer\":{\"pictures\":\"imageUrl\"},\"models\":[{\"name\":\"one\",\"path\":"
                "\"/getImage/v1/{model}\",\"sent_as\":\"getSDXLImage\",\"parameters\":{\"prompt\":\"prompt\"},"
                "\"body\":{\"prompt\":\"{{prompt}}, by {{model}}\"}}]}",
                &made, &error),
            error);
  pixazo_client_options options = kit_options(self);
  pixazo_account account = PIXAZO_ACCOUNT_INIT;
  const pixazo_account *accounts[] = {&account};
  account.definition = made;
  account.base_url = self->gateway.base;
  account.api_key = "another-key-0001";
  options.accounts = accounts;
  options.account_count = 1;
  kit_use(self, &options);
  (void)pixazo_provider_unref(made);
  kit_script(self, ANSWER("default"));
  (void)kit_generate(self, "{\"prompt\":\"p\",\"model\":\"mine/one\"}", NULL);
  char *page = gateway_page(&self->gateway, "requests");
  assert_non_null(strstr(page, "POST /getImage/v1/getSDXLImage"));
  assert_non_null(strstr(page, "X-Version: 7"));
  assert_null(strstr(page, kit_secret));
  free(page);
  size_t size = 0;
  char *body = gateway_body(&self->gateway, 0, &size);
  assert_string_equal(body, "{\"prompt\":\"p, by getSDXLImage\"}");
  free(body);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_definitions__an_inference_proxy_in_every_shape),
      cmocka_unit_test(test_definitions__a_proxy_gets_the_names_it_knows),
      cmocka_unit_test(test_definitions__automatic1111_in_every_shape),
      cmocka_unit_test(test_definitions__stable_diffusion_cpp_queues),
      cmocka_unit_test(test_definitions__a_picture_goes_along_to_automatic1111),
      cmocka_unit_test(test_definitions__one_s_own_definition_is_an_account_beside_the_first),
  };
  return cmocka_run_group_tests(tests, kit_start, kit_stop);
}
