/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/pixmap.h"

static void test_pixmap__has_rows_without_gaps(void **state)
{
  (void)state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&picture, 7, 5, 3, NULL), PIXAZO_OK);
  assert_int_equal(picture.stride, 21);
  assert_ptr_equal(px_pixmap_row(&picture, 4), picture.data + 84);
}

static void test_pixmap__refuses_no_pixels_and_odd_channels(void **state)
{
  (void)state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&picture, 0, 5, 3, NULL), PIXAZO_E_ARGUMENT);
  assert_status(px_pixmap_make(&picture, 5, 0, 3, NULL), PIXAZO_E_ARGUMENT);
  assert_status(px_pixmap_make(&picture, 5, 5, 1, NULL), PIXAZO_E_ARGUMENT);
  assert_null(picture.data);
}

static void test_pixmap__refuses_a_size_that_cannot_be(void **state)
{
  (void)state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&picture, UINT32_MAX, UINT32_MAX, 4, NULL), PIXAZO_E_LIMIT);
  assert_null(picture.data);
}

static void test_pixmap__may_have_room_behind_the_pixels(void **state)
{
  (void)state;
  const uint32_t shape[] = {3, 2, 4};
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make_with_room(&picture, shape, 100, NULL), PIXAZO_OK);
  assert_int_equal(picture.stride, 12);
  memset(picture.data, 7, 2 * 12 + 100);
  px_auto(px_pixmap) none = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make_with_room(&none, shape, SIZE_MAX - 10, NULL), PIXAZO_E_LIMIT);
  assert_null(none.data);
}

static void test_pixmap__moves_without_a_copy(void **state)
{
  (void)state;
  px_auto(px_pixmap) from = PX_PIXMAP_INIT;
  px_auto(px_pixmap) to = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&from, 2, 2, 4, NULL), PIXAZO_OK);
  assert_status(px_pixmap_make(&to, 9, 9, 3, NULL), PIXAZO_OK);
  const unsigned char *pixels = from.data;
  px_pixmap_move(&to, &from);
  assert_ptr_equal(to.data, pixels);
  assert_int_equal(to.width, 2);
  assert_null(from.data);
}

static void test_div255__is_the_rounded_quotient(void **state)
{
  (void)state;
  for (unsigned x = 0; x <= 255 * 255; x++)
    assert_int_equal(px_div255(x), (2 * x + 255) / 510);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pixmap__has_rows_without_gaps),
      cmocka_unit_test(test_pixmap__refuses_no_pixels_and_odd_channels),
      cmocka_unit_test(test_pixmap__refuses_a_size_that_cannot_be),
      cmocka_unit_test(test_pixmap__may_have_room_behind_the_pixels),
      cmocka_unit_test(test_pixmap__moves_without_a_copy),
      cmocka_unit_test(test_div255__is_the_rounded_quotient),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
