/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "image/orient.h"

/* Pixels of
 *   a b c
 *   d e f
 * as they must be seen for each orientation. */
static const char *const seen[9] = {"",       "abcdef", "cbafed", "fedcba", "defabc",
                                    "adbecf", "daebfc", "fcebda", "cfbead"};

static void test_orient__all_eight_turns(void **state)
{
  (void)state;
  for (uint32_t channels = 3; channels <= 4; channels++) {
    for (uint32_t orientation = 1; orientation <= 8; orientation++) {
      px_auto(px_pixmap) source = PX_PIXMAP_INIT;
      px_auto(px_pixmap) out = PX_PIXMAP_INIT;
      assert_status(px_pixmap_make(&source, 3, 2, channels, NULL), PIXAZO_OK);
      for (uint32_t i = 0; i < 6; i++)
        memset(source.data + i * channels, 'a' + (int)i, channels);
      assert_status(px_orient(&source, orientation, &out, NULL), PIXAZO_OK);
      assert_int_equal(out.width, orientation < 5 ? 3 : 2);
      assert_int_equal(out.height, orientation < 5 ? 2 : 3);
      for (uint32_t i = 0; i < 6 * channels; i++)
        assert_int_equal(out.data[i], seen[orientation][i / channels]);
    }
  }
}

static void test_orient__nonsense_leaves_the_picture_as_it_is(void **state)
{
  (void)state;
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  px_auto(px_pixmap) out = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&source, 2, 1, 3, NULL), PIXAZO_OK);
  memcpy(source.data, "abcxyz", 6);
  assert_status(px_orient(&source, 9, &out, NULL), PIXAZO_OK);
  assert_memory_equal(out.data, "abcxyz", 6);
  assert_false(px_orient_swaps(9));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_orient__all_eight_turns),
      cmocka_unit_test(test_orient__nonsense_leaves_the_picture_as_it_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
