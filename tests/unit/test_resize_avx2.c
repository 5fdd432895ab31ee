/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/resize.h"
#include "image/resize_rows.h"

#if PX_HAVE_AVX2

enum { MOST = 300 };

static uint32_t seed = 7;

static unsigned next(void)
{
  seed = seed * 1664525 + 1013904223;
  return seed >> 16;
}

static int without_avx2(void **state)
{
  (void)state;
  if (px_simd_choose(PX_SIMD_AVX2) != PX_SIMD_AVX2)
    exit(77);
  return 0;
}

/* Both sets, on rows of every length up to 70 pixels. */
static void test_avx2__lifts_and_finishes_like_plain(void **state)
{
  (void)state;
  unsigned char bytes[MOST], made[2][MOST];
  int16_t lifted[2][MOST + PX_ROW_SLACK] = {{0}, {0}};
  for (size_t pixels = 1; pixels <= 70; pixels++) {
    for (size_t i = 0; i < MOST; i++)
      bytes[i] = (unsigned char)(i % 4 == 3 && next() % 4 == 0 ? 255 : next());
    px_resize_rows_plain.lift_rgba(bytes, pixels, lifted[0]);
    px_resize_rows_avx2.lift_rgba(bytes, pixels, lifted[1]);
    assert_memory_equal(lifted[0], lifted[1], pixels * 8);
    px_resize_rows_plain.lift_rgb(bytes, pixels, lifted[0]);
    px_resize_rows_avx2.lift_rgb(bytes, pixels, lifted[1]);
    assert_memory_equal(lifted[0], lifted[1], pixels * 6);
    for (size_t i = 0; i < MOST; i++)
      lifted[0][i] = (int16_t)next();
    px_resize_rows_plain.finish_rgb(lifted[0], pixels, made[0]);
    px_resize_rows_avx2.finish_rgb(lifted[0], pixels, made[1]);
    assert_memory_equal(made[0], made[1], pixels * 3);
  }
}

static void test_avx2__premultiplies_every_pair_like_plain(void **state)
{
  (void)state;
  for (unsigned alpha = 0; alpha < 256; alpha++) {
    unsigned char bytes[1024];
    int16_t made[2][1024];
    for (unsigned color = 0; color < 256; color++)
      memcpy(bytes + 4 * color, (const unsigned char[]){(unsigned char)color, 0, 255, (unsigned char)alpha}, 4);
    px_resize_rows_plain.lift_rgba(bytes, 256, made[0]);
    px_resize_rows_avx2.lift_rgba(bytes, 256, made[1]);
    assert_memory_equal(made[0], made[1], sizeof made[0]);
  }
}

static void test_avx2__weighs_rows_like_plain(void **state)
{
  (void)state;
  enum { ROWS = 7, WIDTH = 150 };
  unsigned char *bytes = test_malloc(ROWS * WIDTH); /* its end is watched */
  int16_t lines[ROWS][WIDTH + PX_ROW_SLACK] = {{0}}, made[2][WIDTH + PX_ROW_SLACK];
  const int16_t *pointers[ROWS];
  for (size_t i = 0; i < ROWS; i++)
    pointers[i] = lines[i];
  for (uint32_t count = 1; count <= ROWS; count++) {
    for (size_t samples = 1; samples <= WIDTH; samples++) {
      int16_t weights[8] = {0};
      for (size_t i = 0; i < count; i++)
        weights[i] = (int16_t)(next() % 8192 - 3000);
      for (size_t i = 0; i < ROWS * samples; i++)
        bytes[i] = (unsigned char)next();
      for (size_t i = 0; i < ROWS * samples; i++)
        lines[i / samples][i % samples] = (int16_t)(next() % 24000 - 6000);
      px_rows_below below = {bytes, samples, pointers, weights, count};
      px_resize_rows_plain.down_bytes(&below, samples, made[0]);
      px_resize_rows_avx2.down_bytes(&below, samples, made[1]);
      assert_memory_equal(made[0], made[1], samples * 2);
      px_resize_rows_plain.down_samples(&below, samples, made[0]);
      px_resize_rows_avx2.down_samples(&below, samples, made[1]);
      assert_memory_equal(made[0], made[1], samples * 2);
    }
  }
  test_free(bytes);
}

static void both_ways(uint32_t channels, bool linear, const uint32_t from[2], const uint32_t to[2])
{
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  px_auto(px_pixmap) plain = PX_PIXMAP_INIT;
  px_auto(px_pixmap) fast = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&source, from[0], from[1], channels, NULL), PIXAZO_OK);
  for (size_t i = 0; i < source.stride * source.height; i++)
    source.data[i] = (unsigned char)next();
  px_resize_job job = {to[0], to[1], 0, 0, to[0], to[1], linear, PX_SIMD_PLAIN};
  assert_status(px_resize(&source, &job, NULL, &plain, NULL), PIXAZO_OK);
  job.simd = PX_SIMD_AVX2;
  assert_status(px_resize(&source, &job, NULL, &fast, NULL), PIXAZO_OK);
  assert_memory_equal(plain.data, fast.data, plain.stride * plain.height);
}

static void test_avx2__resizes_like_plain(void **state)
{
  (void)state;
  for (int i = 0; i < 240; i++) {
    uint32_t from[2] = {1 + next() % 90, 1 + next() % 60}, to[2] = {1 + next() % 110, 1 + next() % 70};
    both_ways(3 + (uint32_t)i % 2, i % 8 >= 6, from, to);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_avx2__lifts_and_finishes_like_plain),
      cmocka_unit_test(test_avx2__premultiplies_every_pair_like_plain),
      cmocka_unit_test(test_avx2__weighs_rows_like_plain),
      cmocka_unit_test(test_avx2__resizes_like_plain),
  };
  return cmocka_run_group_tests(tests, without_avx2, NULL);
}

#else

int main(void)
{
  return 77;
}

#endif
