/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "client/provider.h"

static const px_token_price price = {.text_in = 5000000, .image_in = 8000000, .text_out = 10000000, .image_out = 30000000};

static int64_t cost(const char *json)
{
  px_cleanup(px_json_done) px_json *root = NULL;
  px_usage usage = {0};
  assert_status(px_json_parse(json, strlen(json), NULL, &root, NULL), PIXAZO_OK);
  px_usage_read(&usage, root);
  return px_usage_cost(&usage, &price);
}

static void test_usage__tokens_cost_what_their_kind_costs(void **state)
{
  (void)state;
  assert_int_equal(cost("{\"usage\":{\"input_tokens\":10,\"input_tokens_details\":{\"text_tokens\":10,\"image_tokens\":0},"
                        "\"output_tokens\":272,\"output_tokens_details\":{\"image_tokens\":272,\"text_tokens\":0}}}"),
                   10 * 5 + 272 * 30);
  assert_int_equal(cost("{\"usage\":{\"input_tokens\":30,\"input_tokens_details\":{\"text_tokens\":10,\"image_tokens\":20},"
                        "\"output_tokens\":9,\"output_tokens_details\":{\"image_tokens\":7,\"text_tokens\":2}}}"),
                   10 * 5 + 20 * 8 + 7 * 30 + 2 * 10);
}

static void test_usage__what_has_no_kind_counts_as_the_dearer(void **state)
{
  (void)state;
  assert_int_equal(cost("{\"usage\":{\"input_tokens\":10,\"output_tokens\":100}}"), 10 * 8 + 100 * 30);
  assert_int_equal(cost("{\"usage\":{\"input_tokens\":10,\"input_tokens_details\":{\"text_tokens\":4},\"output_tokens\":1}}"),
                   4 * 5 + 6 * 8 + 30);
}

static void test_usage__nothing_said_is_no_cost_of_nothing(void **state)
{
  static const char *const silent[] = {
      "{}",
      "{\"usage\":null}",
      "{\"usage\":7}",
      "{\"usage\":{}}",
      "{\"usage\":{\"input_tokens\":0,\"output_tokens\":0}}",
      "{\"usage\":{\"input_tokens\":10}}",
      "{\"usage\":{\"output_tokens\":-5}}",
      "{\"usage\":{\"output_tokens\":\"many\"}}",
      "[1]",
  };
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(silent); i++)
    assert_int_equal(cost(silent[i]), -1);
}

static void test_usage__absurd_counts_do_not_overflow(void **state)
{
  (void)state;
  int64_t most = cost("{\"usage\":{\"input_tokens\":9223372036854775807,\"output_tokens\":9223372036854775807}}");
  assert_true(most > 0);
  assert_int_equal(most, (INT64_C(8000000) + 30000000) * 1000);
}

static void test_usage__several_documents_add_up(void **state)
{
  static const char json[] = "{\"usage\":{\"output_tokens\":1,\"output_tokens_details\":{\"image_tokens\":1}}}";
  px_cleanup(px_json_done) px_json *root = NULL;
  px_usage usage = {0};
  (void)state;
  assert_status(px_json_parse(json, strlen(json), NULL, &root, NULL), PIXAZO_OK);
  px_usage_read(&usage, root);
  px_usage_read(&usage, root);
  assert_int_equal(px_usage_cost(&usage, &price), 60);
  assert_int_equal(px_usage_cost(&usage, &(px_token_price){0}), -1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_usage__tokens_cost_what_their_kind_costs),
      cmocka_unit_test(test_usage__what_has_no_kind_counts_as_the_dearer),
      cmocka_unit_test(test_usage__nothing_said_is_no_cost_of_nothing),
      cmocka_unit_test(test_usage__absurd_counts_do_not_overflow),
      cmocka_unit_test(test_usage__several_documents_add_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
