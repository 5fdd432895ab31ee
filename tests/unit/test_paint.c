/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "client/providers/paint.h"

static void digest_of(const px_painting *painting, char text[PX_SHA256_HEX])
{
  size_t stride = (size_t)painting->width * 3;
  px_autofree unsigned char *pixels = px_malloc(stride * painting->height);
  pixazo_error *error = NULL;
  assert_ok(px_paint(painting, pixels, stride, &error), error);
  assert_true(px_sha256_hex(pixels, stride * painting->height, text));
}

static void test_paint__the_pixels_are_the_same_everywhere(void **state)
{
  (void)state;
  static const struct {
    px_painting painting;
    const char *wanted;
  } cases[] = {
      {{"a red fox", 7, 256, 256, 20}, "921181a843529d1b0a6345fb13f52210999f34ffab7416a3725aac6164131004"},
      {{"a red fox", 8, 256, 256, 20}, "fbfa0b823e226ac0643ff9b948aee9236f10b28c4b5ffad41806407d5d2eee9f"},
      {{"\xC3\xA9t\xC3\xA9", 4294967295u, 321, 64, 4}, "aee546ebd03838302030971683e478d03578ee773310efad22177b8aa1ae5abe"},
      {{"", 0, 16, 16, 1}, "0ec8dc4dc8835293fa6ebe4d8ec36c6b6f0ba92e3199bed3d35a90ad898d2016"},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    char text[PX_SHA256_HEX];
    digest_of(&cases[i].painting, text);
    assert_string_equal(text, cases[i].wanted);
  }
}

static void test_paint__each_of_its_four_inputs_matters(void **state)
{
  (void)state;
  static const px_painting base = {"a", 1, 128, 96, 20};
  px_painting others[] = {base, base, base, base};
  char first[PX_SHA256_HEX];
  char other[PX_SHA256_HEX];
  others[0].prompt = "b";
  others[1].seed = 2;
  others[2].steps = 50;
  others[3].width = 129;
  digest_of(&base, first);
  for (size_t i = 0; i < PX_ARRAY_SIZE(others); i++) {
    digest_of(&others[i], other);
    assert_string_not_equal(first, other);
  }
  digest_of(&base, other);
  assert_string_equal(first, other);
}

/* A picture worth looking at has light, dark, and many colours between. */
static void test_paint__pictures_are_not_flat(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 8; seed++) {
    px_painting painting = {"a quiet morning", seed, 200, 150, 20};
    static unsigned char pixels[200 * 150 * 3];
    assert_status(px_paint(&painting, pixels, 200 * 3, NULL), PIXAZO_OK);
    bool levels[256] = {false};
    unsigned count = 0;
    for (size_t i = 0; i < sizeof pixels; i++)
      levels[pixels[i]] = true;
    for (unsigned i = 0; i < 256; i++)
      count += levels[i];
    assert_true(count > 100);
  }
}

static void test_paint__extreme_shapes_are_painted_too(void **state)
{
  (void)state;
  static const px_painting shapes[] = {{"x", 1, 4096, 16, 50}, {"x", 1, 16, 4096, 50}, {"x", 1, 17, 16, 0}};
  char text[PX_SHA256_HEX];
  for (size_t i = 0; i < PX_ARRAY_SIZE(shapes); i++)
    digest_of(&shapes[i], text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_paint__the_pixels_are_the_same_everywhere),
      cmocka_unit_test(test_paint__each_of_its_four_inputs_matters),
      cmocka_unit_test(test_paint__pictures_are_not_flat),
      cmocka_unit_test(test_paint__extreme_shapes_are_painted_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
