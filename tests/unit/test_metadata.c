/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "image/metadata.h"

static void test_metadata__keeps_copies_of_what_it_is_given(void **state)
{
  (void)state;
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  char value[] = "first";
  assert_status(px_metadata_add_text(&metadata, "parameters", value, NULL), PIXAZO_OK);
  value[0] = 'X';
  assert_status(px_metadata_add_text(&metadata, "parameters", "second", NULL), PIXAZO_OK);
  assert_string_equal(px_metadata_text(&metadata, "parameters"), "first");
  assert_null(px_metadata_text(&metadata, "Parameters"));
}

static void test_metadata__a_block_is_replaced_and_removed(void **state)
{
  (void)state;
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  assert_status(px_block_set(&metadata.icc, "abc", 3, NULL), PIXAZO_OK);
  assert_status(px_block_set(&metadata.icc, "wxyz", 4, NULL), PIXAZO_OK);
  assert_int_equal(metadata.icc.size, 4);
  assert_memory_equal(metadata.icc.data, "wxyz", 4);
  assert_status(px_block_set(&metadata.icc, NULL, 0, NULL), PIXAZO_OK);
  assert_null(metadata.icc.data);
}

static void test_metadata__refuses_keywords_that_png_cannot_hold(void **state)
{
  (void)state;
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  char longest[82];
  memset(longest, 'k', sizeof longest);
  longest[80] = '\0';
  assert_status(px_metadata_add_text(&metadata, longest, "v", NULL), PIXAZO_E_ARGUMENT);
  longest[79] = '\0';
  assert_status(px_metadata_add_text(&metadata, longest, "v", NULL), PIXAZO_OK);
  assert_status(px_metadata_add_text(&metadata, "", "v", NULL), PIXAZO_E_ARGUMENT);
  assert_status(px_metadata_add_text(&metadata, " a", "v", NULL), PIXAZO_E_ARGUMENT);
  assert_status(px_metadata_add_text(&metadata, "a ", "v", NULL), PIXAZO_E_ARGUMENT);
  assert_status(px_metadata_add_text(&metadata, "sch\xc3\xb6n", "v", NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(metadata.text_count, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_metadata__keeps_copies_of_what_it_is_given),
      cmocka_unit_test(test_metadata__a_block_is_replaced_and_removed),
      cmocka_unit_test(test_metadata__refuses_keywords_that_png_cannot_hold),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
