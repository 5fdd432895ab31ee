/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <math.h>

#include "base/mem.h"
#include "client/provider.h"

static void check_number(const px_model *model, px_field field)
{
  const px_param *param = &model->params[field];
  px_field_kind kind = px_field_row_of(field)->kind;
  if (!param->wire || kind == PX_KIND_STRING || kind == PX_KIND_OBJECT)
    return;
  bool silent = isnan(param->fallback) && param->minimum <= param->maximum;
  if (!silent && !(param->minimum <= param->fallback && param->fallback <= param->maximum))
    fail_msg("%s: %s has a default out of its range", model->name, px_field_row_of(field)->name);
}

static void test_provider__every_row_is_complete(void **state)
{
  (void)state;
  for (size_t i = 0; i < px_provider_count(); i++) {
    const px_provider *provider = px_provider_at(i);
    assert_true((provider->base_url != NULL) == (provider->ops.produce == NULL));
    assert_true(!provider->ops.produce || !provider->ops.build);
    assert_true(!provider->key_hint || provider->key_header);
    assert_true(provider->model_count > 0);
    for (size_t k = 0; k < provider->model_count; k++) {
      const px_model *model = &provider->models[k];
      assert_non_null(model->params[PX_FIELD_PROMPT].wire);
      assert_true(model->pictures_per_call >= 1);
      assert_non_null(model->price.source);
      assert_non_null(model->price.date);
      assert_true(provider->ops.produce || (model->path && model->path[0] == '/' && model->answer_max > 0));
      assert_true(!model->queue || provider->ops.poll);
      assert_true(model->pictures_per_call == 1 || model->params[PX_FIELD_COUNT].wire);
      for (px_field field = 0; field < PX_FIELDS; field++)
        check_number(model, field);
    }
  }
}

static void test_provider__free_means_a_known_price_of_nothing(void **state)
{
  (void)state;
  assert_true(px_model_unbilled(&px_provider_pixazo, px_model_find(&px_provider_pixazo, "sdxl")));
  assert_false(px_model_unbilled(&px_provider_pixazo, px_model_find(&px_provider_pixazo, "sdxl-turbo")));
  assert_false(px_model_unbilled(&px_provider_pixazo, px_model_find(&px_provider_pixazo, "gpt-image-2")));
  assert_true(px_model_unbilled(&px_provider_offline, &px_provider_offline.models[0]));
}

static void test_provider__an_id_cannot_break_out_of_the_poll_path(void **state)
{
  (void)state;
  px_auto(px_buf) path = PX_BUF_INIT(1024);
  assert_status(px_provider_pixazo.ops.poll(&px_provider_pixazo, "a/../b?c=d#e %", &path, NULL), PIXAZO_OK);
  assert_string_equal(px_buf_text(&path), "/v2/requests/status/a%2F..%2Fb%3Fc%3Dd%23e%20%25");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_provider__every_row_is_complete),
      cmocka_unit_test(test_provider__free_means_a_known_price_of_nothing),
      cmocka_unit_test(test_provider__an_id_cannot_break_out_of_the_poll_path),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
