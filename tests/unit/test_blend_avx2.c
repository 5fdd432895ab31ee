/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/blend.h"

#if PX_HAVE_AVX2

static int without_avx2(void **state)
{
  (void)state;
  if (px_simd_choose(PX_SIMD_AVX2) != PX_SIMD_AVX2)
    exit(77);
  return 0;
}

static void compare(const unsigned char *layer, const unsigned char *below, size_t pixels, unsigned opacity)
{
  unsigned char *made[2] = {test_malloc(pixels * 3), test_malloc(pixels * 3)}; /* their ends are watched */
  px_blend_row row = {layer, below, made[0], pixels, opacity};
  px_blend_over_rgb_plain(&row);
  row.to = made[1];
  px_blend_over_rgb_avx2(&row);
  assert_memory_equal(made[0], made[1], pixels * 3);
  test_free(made[0]);
  test_free(made[1]);
}

/* Every colour under every alpha. */
static void test_over__is_the_same_for_every_pixel(void **state)
{
  (void)state;
  for (unsigned alpha = 0; alpha < 256; alpha++) {
    unsigned char layer[1024], below[768];
    for (unsigned color = 0; color < 256; color++) {
      memcpy(layer + 4 * color, (const unsigned char[]){(unsigned char)color, 255, 0, (unsigned char)alpha}, 4);
      memcpy(below + 3 * color, (const unsigned char[]){(unsigned char)(color * 7), (unsigned char)color, 255}, 3);
    }
    compare(layer, below, 256, 100);
    compare(layer, below, 256, alpha * 100 / 255);
  }
}

static void test_over__is_the_same_for_every_length(void **state)
{
  (void)state;
  uint32_t seed = 3;
  for (size_t pixels = 1; pixels < 70; pixels++) {
    unsigned char *layer = test_malloc(pixels * 4), *below = test_malloc(pixels * 3);
    for (size_t i = 0; i < pixels * 7; i++) {
      seed = seed * 1664525 + 1013904223;
      *(i < pixels * 4 ? layer + i : below + i - pixels * 4) = (unsigned char)(seed >> 24);
    }
    compare(layer, below, pixels, (unsigned)pixels);
    test_free(layer);
    test_free(below);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_over__is_the_same_for_every_pixel),
      cmocka_unit_test(test_over__is_the_same_for_every_length),
  };
  return cmocka_run_group_tests(tests, without_avx2, NULL);
}

#else

int main(void)
{
  return 77;
}

#endif
