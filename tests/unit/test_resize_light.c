/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <math.h>
#include <string.h>

#include "image/resize_light.h"

static px_light light;

static int make(void **state)
{
  (void)state;
  px_light_init(&light);
  return 0;
}

/* By the standard, for a code from 0 to 255. */
static double srgb(double code)
{
  double c = code / 255;
  return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static void test_light__is_the_srgb_curve(void **state)
{
  (void)state;
  for (int code = 0; code < 256; code++)
    assert_true(fabs(light.light[code] - srgb(code) * PX_SAMPLE_MAX) <= 0.5);
}

static void test_light__every_amount_has_the_nearest_code(void **state)
{
  (void)state;
  for (int amount = 0; amount <= PX_SAMPLE_MAX; amount++) {
    int code = light.code[amount];
    assert_true(code == 0 || amount >= srgb(code - 0.5) * PX_SAMPLE_MAX - 1);
    assert_true(code == 255 || amount <= srgb(code + 0.5) * PX_SAMPLE_MAX + 1);
  }
}

static void test_light__goes_there_and_back(void **state)
{
  (void)state;
  for (unsigned code = 0; code < 256; code++) {
    unsigned char pixel[8] = {(unsigned char)code, 9, 0, 255, 0, (unsigned char)code, 200, 128}, made[8];
    int16_t samples[8];
    px_light_lift(&light, pixel, 2, 4, samples);
    px_light_finish(&light, samples, 2, 4, made);
    assert_memory_equal(made, pixel, 4);
    assert_int_equal(made[7], 128);
    assert_true(made[5] + 1u >= code && made[5] <= code + 1);
    px_light_lift(&light, pixel, 2, 3, samples);
    px_light_finish(&light, samples, 2, 3, made);
    assert_memory_equal(made, pixel, 6);
  }
}

static void test_light__what_the_filter_adds_is_cut(void **state)
{
  (void)state;
  unsigned char made[12];
  px_light_finish(&light, (const int16_t[]){-500, 32767, 16320, 16900, 9, 9, 9, 31, 9, 9, 9, -3000}, 3, 4, made);
  assert_memory_equal(made, "\0\xff\xfb\xff\0\0\0\0\0\0\0\0", 12);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_light__is_the_srgb_curve),
      cmocka_unit_test(test_light__every_amount_has_the_nearest_code),
      cmocka_unit_test(test_light__goes_there_and_back),
      cmocka_unit_test(test_light__what_the_filter_adds_is_cut),
  };
  return cmocka_run_group_tests(tests, make, NULL);
}
