/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "client/template.h"

static const px_size sizes[] = {{512, 768, "tall"}, {0, 0, NULL}};
static const px_model model = {.name = "one", .sizes = sizes};
static const px_input inputs[] = {{.type = "image/png", .bytes = 3}, {.type = "image/jpeg", .bytes = 6},
                                  {.type = "image/png", .bytes = 9, .mask = true}};

static px_json *parse(const char *json)
{
  px_json *root = NULL;
  pixazo_error *error = NULL;
  assert_ok(px_json_parse(json, strlen(json), NULL, &root, &error), error);
  return root;
}

static void build(px_body *body, const char *template_json, const char *effective, const char *name, size_t input_count)
{
  px_json *tree = parse(template_json);
  px_json *values = parse(effective);
  pixazo_error *error = NULL;
  px_build job = {.model = &model, .name = "one", .effective = values, .inputs = inputs, .input_count = input_count,
                  .body = body};
  assert_ok(px_template_build(&job, tree, name, &error), error);
  px_json_free(tree);
  px_json_free(values);
}

static void expect(const char *template_json, const char *effective, const char *name, const char *wanted)
{
  px_body body = PX_BODY_INIT;
  build(&body, template_json, effective, name, 0);
  assert_int_equal(body.count, 1);
  assert_string_equal(body.pieces[0].text, wanted);
  px_body_done(&body);
}

static void test_template__a_whole_text_takes_the_type_of_the_value(void **state)
{
  (void)state;
  expect("{\"p\":\"{{prompt}}\",\"w\":\"{{width}}\",\"g\":\"{{guidance}}\",\"m\":\"{{model}}\",\"k\":[true,null,1.50]}",
         "{\"prompt\":\"a \\\"fox\\\"\",\"width\":512,\"guidance\":7.5}", "m1",
         "{\"p\":\"a \\\"fox\\\"\",\"w\":512,\"g\":7.5,\"m\":\"m1\",\"k\":[true,null,1.50]}");
}

static void test_template__values_stand_between_words(void **state)
{
  (void)state;
  expect("{\"p\":\"<{{prompt}}> at {{width}}x{{height}}, {{size}}!\"}", "{\"prompt\":\"{{seed}}\",\"width\":512,\"height\":768}",
         "m1", "{\"p\":\"<{{seed}}> at 512x768, tall!\"}");
  expect("{\"p\":\"{{prompt}}\",\"s\":\"{{size}}\"}", "{\"prompt\":\"x\",\"width\":100,\"height\":50}", "m1",
         "{\"p\":\"x\",\"s\":\"100x50\"}");
}

static void test_template__what_has_no_value_drops_its_member(void **state)
{
  (void)state;
  expect("{\"p\":\"{{prompt}}\",\"s\":\"{{seed}}\",\"t\":\"seed {{seed}}\",\"l\":[\"{{seed}}\",1],\"o\":{\"m\":\"{{model}}\"},"
         "\"i\":\"{{image_0_base64}}\",\"is\":\"{{images_data_uri}}\",\"k\":\"{{mask_base64}}\",\"z\":\"{{size}}\",\"e\":{}}",
         "{\"prompt\":\"x\"}", "", "{\"p\":\"x\",\"l\":[1],\"e\":{}}");
}

static void test_template__the_caller_s_own_options_win(void **state)
{
  (void)state;
  expect("{\"p\":\"{{prompt}}\",\"a\":1,\"b\":2}", "{\"prompt\":\"x\",\"provider_options\":{\"a\":{\"c\":3},\"d\":\"{{prompt}}\"}}",
         "m1", "{\"p\":\"x\",\"b\":2,\"a\":{\"c\":3},\"d\":\"{{prompt}}\"}");
}

static void test_template__pictures_are_read_where_they_stand(void **state)
{
  (void)state;
  px_body body = PX_BODY_INIT;
  build(&body, "{\"a\":\"{{image_1_data_uri}}\",\"b\":\"{{images_base64}}\",\"c\":\"{{mask_data_uri}}\"}", "{}", "", 3);
  assert_int_equal(body.count, 9);
  assert_string_equal(body.pieces[0].text, "{\"a\":\"data:image/jpeg;base64,");
  assert_ptr_equal(body.pieces[1].input, &inputs[1]);
  assert_string_equal(body.pieces[2].text, "\",\"b\":[\"");
  assert_ptr_equal(body.pieces[3].input, &inputs[0]);
  assert_string_equal(body.pieces[4].text, "\",\"");
  assert_ptr_equal(body.pieces[5].input, &inputs[1]);
  assert_string_equal(body.pieces[6].text, "\"],\"c\":\"data:image/png;base64,");
  assert_ptr_equal(body.pieces[7].input, &inputs[2]);
  assert_true(body.pieces[7].base64);
  px_body_done(&body);
}

static void test_template__knows_what_it_places(void **state)
{
  (void)state;
  px_json *tree = parse("{\"a\":[\"x {{seed}}\"],\"b\":\"{{image_1_base64}}\",\"c\":{\"d\":\"{{mask_base64}}\"}}");
  assert_true(px_template_has(tree, "seed"));
  assert_false(px_template_has(tree, "prompt"));
  assert_false(px_template_has_input(tree, 0, false));
  assert_true(px_template_has_input(tree, 1, false));
  assert_true(px_template_has_input(tree, 0, true));
  assert_false(px_template_has(NULL, "seed"));
  px_json_free(tree);
}

static void test_template__a_prompt_that_is_too_long_is_refused(void **state)
{
  (void)state;
  px_body body = PX_BODY_INIT;
  size_t size = 2 * 1024 * 1024;
  px_auto(px_buf) text = PX_BUF_INIT(size + 100);
  assert_true(px_buf_add_text(&text, "{\"prompt\":\""));
  for (size_t i = 0; i < size; i++)
    assert_true(px_buf_add_char(&text, 'x'));
  assert_true(px_buf_add_text(&text, "\"}"));
  px_json *values = parse(px_buf_text(&text));
  px_json *tree = parse("{\"a\":\"-{{prompt}}\"}");
  px_build job = {.model = &model, .name = "one", .effective = values, .body = &body};
  assert_status(px_template_build(&job, tree, "", NULL), PIXAZO_E_LIMIT);
  px_json_free(tree);
  px_json_free(values);
  px_body_done(&body);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_template__a_whole_text_takes_the_type_of_the_value),
      cmocka_unit_test(test_template__values_stand_between_words),
      cmocka_unit_test(test_template__what_has_no_value_drops_its_member),
      cmocka_unit_test(test_template__the_caller_s_own_options_win),
      cmocka_unit_test(test_template__pictures_are_read_where_they_stand),
      cmocka_unit_test(test_template__knows_what_it_places),
      cmocka_unit_test(test_template__a_prompt_that_is_too_long_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
