/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include <pixazo/record.h>

#include "base/mem.h"
#include "client/definition.h"

static pixazo_provider *with_model(const char *model)
{
  px_auto(px_buf) text = PX_BUF_INIT(65536);
  pixazo_provider *made = NULL;
  pixazo_error *error = NULL;
  assert_true(px_buf_printf(&text, "{\"schema\":1,\"name\":\"mine\",\"base_url\":\"https://a.example\",\"models\":[%s]}", model));
  assert_ok(pixazo_provider_new(px_buf_text(&text), &made, &error), error);
  return made;
}

static void test_definition_model__every_member_arrives_in_the_row(void **state)
{
  (void)state;
  pixazo_provider *made = with_model(
      "{\"name\":\"one\",\"title\":\"One\",\"path\":\"/p\",\"edit_path\":\"/e\",\"size_step\":16,\"ratio_max\":3,"
      "\"pixels_min\":100,\"pixels_max\":1000000,\"extras\":{\"a\":[1]},\"pictures_per_call\":4,\"answer_bytes\":5000,"
      "\"price\":{\"micros_per_picture\":40000,\"source\":\"s\",\"date\":\"2026-11-20\",\"confidence\":\"metered\"},"
      "\"rates\":[{\"quality\":\"low\",\"pixels\":1000,\"micros_per_picture\":10000}],"
      "\"token_price\":{\"text_in\":5,\"image_out\":40},"
      "\"parameters\":{\"prompt\":\"text\",\"width\":{\"sent_as\":\"w\",\"min\":16,\"max\":2048,\"default\":512},"
      "\"height\":{\"min\":16,\"max\":2048,\"default\":512},\"seed\":\"seed\",\"count\":\"n\","
      "\"guidance\":{\"sent_as\":\"cfg\",\"min\":0,\"max\":20,\"default\":7.5},"
      "\"quality\":{\"choices\":[\"low\",\"high\"],\"default\":\"high\"}}}");
  const px_model *row = &made->row.models[0];
  assert_string_equal(row->edit_path, "/e");
  assert_int_equal(row->size_step, 16);
  assert_true(row->ratio_max > 2.9 && row->pixels_min == 100 && row->pixels_max == 1000000);
  assert_string_equal(row->extras, "{\"a\":[1]}");
  assert_int_equal(row->pictures_per_call, 4);
  assert_true(row->answer_max == 5000);
  assert_true(row->price.known && row->price.micros == 40000 && row->price.confidence == PIXAZO_CONFIDENCE_METERED);
  assert_int_equal(row->rate_count, 1);
  assert_string_equal(row->rates[0].quality, "low");
  assert_true(row->tokens.image_out == 40 && row->tokens.text_in == 5);
  assert_string_equal(row->params[PX_FIELD_WIDTH].wire, "w");
  assert_string_equal(row->params[PX_FIELD_HEIGHT].wire, "height");
  assert_true(row->params[PX_FIELD_SEED].maximum > 4294967294.0);
  assert_string_equal(row->params[PX_FIELD_COUNT].wire, "n");
  assert_true(row->params[PX_FIELD_GUIDANCE].fallback > 7.4);
  assert_string_equal(row->words[PX_FIELD_QUALITY].choices, "low,high");
  assert_string_equal(row->words[PX_FIELD_QUALITY].fallback, "high");
  (void)pixazo_provider_unref(made);
}

static void test_definition_model__a_list_of_sizes_bounds_the_sides(void **state)
{
  (void)state;
  pixazo_provider *made = with_model("{\"name\":\"one\",\"path\":\"/\",\"size_sent_as\":\"size\",\"sizes\":[{\"width\":512,"
                                     "\"height\":768,\"name\":\"tall\"},{\"width\":1024,\"height\":256}],"
                                     "\"parameters\":{\"prompt\":\"p\"}}");
  const px_model *row = &made->row.models[0];
  const px_param *width = &row->params[PX_FIELD_WIDTH];
  const px_param *height = &row->params[PX_FIELD_HEIGHT];
  assert_string_equal(width->wire, "size");
  assert_true(width->minimum > 511 && width->maximum > 1023 && width->fallback < 513);
  assert_true(height->minimum < 257 && height->maximum > 767 && height->fallback > 767);
  assert_string_equal(row->sizes[0].name, "tall");
  assert_int_equal(row->sizes[2].width, 0);
  (void)pixazo_provider_unref(made);
}

static void test_definition_model__a_default_can_be_taken_away(void **state)
{
  (void)state;
  pixazo_provider *made = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_provider_new("{\"schema\":1,\"name\":\"mine\",\"base_url\":\"https://a.example\",\"model_defaults\":{"
                                "\"path\":\"/\",\"parameters\":{\"prompt\":\"p\",\"seed\":\"s\",\"steps\":{\"min\":1,\"max\":9,"
                                "\"default\":3}}},\"models\":[{\"name\":\"a\",\"parameters\":{\"seed\":null,\"steps\":{\"max\":5}}},"
                                "{\"name\":\"b\"}]}",
                                &made, &error),
            error);
  assert_null(made->row.models[0].params[PX_FIELD_SEED].wire);
  assert_string_equal(made->row.models[1].params[PX_FIELD_SEED].wire, "s");
  assert_true(made->row.models[0].params[PX_FIELD_STEPS].maximum < 6);
  assert_true(made->row.models[1].params[PX_FIELD_STEPS].maximum > 8);
  (void)pixazo_provider_unref(made);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_definition_model__every_member_arrives_in_the_row),
      cmocka_unit_test(test_definition_model__a_list_of_sizes_bounds_the_sides),
      cmocka_unit_test(test_definition_model__a_default_can_be_taken_away),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
