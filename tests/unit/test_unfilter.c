/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "image/png/unfilter.h"

enum { WIDTHS = 70, FILTERS = 5, GUARD = 0xA7 };

static uint32_t noise = 1;

static unsigned char next_byte(void)
{
  noise = noise * 1664525u + 1013904223u;
  return (unsigned char)(noise >> 24);
}

/* Of exactly the size, so that a byte too far is seen. */
static unsigned char *take(size_t size)
{
  unsigned char *bytes = malloc(size);
  assert_non_null(bytes);
  return bytes;
}

/* As the standard words it, a byte at a time. */
static int predict(unsigned filter, int left, int above, int corner)
{
  int p = left + above - corner;
  int to_left = abs(p - left), to_above = abs(p - above), to_corner = abs(p - corner);
  switch (filter) {
    case 1: return left;
    case 2: return above;
    case 3: return (left + above) / 2;
    case 4: return to_left <= to_above && to_left <= to_corner ? left : to_above <= to_corner ? above : corner;
    default: return 0;
  }
}

static void unfilter_slowly(const px_unfilter_job *job, unsigned char *rows)
{
  for (size_t y = 0; y < job->height; y++) {
    const unsigned char *in = job->filtered + y * (job->stride + 1);
    unsigned char *out = rows + y * job->stride;
    for (size_t i = 0; i < job->stride; i++) {
      int left = i >= job->pixel ? out[i - job->pixel] : 0;
      int above = y > 0 ? *(out + i - job->stride) : 0;
      int corner = y > 0 && i >= job->pixel ? *(out + i - job->stride - job->pixel) : 0;
      out[i] = (unsigned char)(in[1 + i] + predict(in[0], left, above, corner));
    }
  }
}

/* Both kinds of code, with rows of their own and in one block of memory as the reader does it. */
static void check(px_unfilter_job job)
{
  size_t size = job.stride * job.height, filtered = (job.stride + 1) * job.height;
  size_t lead = PX_UNFILTER_ROWS * job.stride;
  unsigned char *wanted = take(size), *apart = take(size), *block = take(lead + filtered + PX_UNFILTER_SLACK);
  unfilter_slowly(&job, wanted);
  for (px_simd simd = PX_SIMD_PLAIN; simd <= PX_SIMD_AVX2; simd++) {
    px_unfilter_job one = job;
    one.simd = simd;
    one.rows = apart;
    memset(apart, GUARD, size);
    px_unfilter(&one);
    if (memcmp(apart, wanted, size) != 0)
      fail_msg("code %d: width %u, height %u, %u bytes a pixel", simd, job.width, job.height, job.pixel);
    memcpy(block + lead, job.filtered, filtered);
    one.filtered = block + lead;
    one.rows = block;
    px_unfilter(&one);
    if (memcmp(block, wanted, size) != 0)
      fail_msg("code %d in place: width %u, height %u, %u bytes a pixel", simd, job.width, job.height, job.pixel);
  }
  free(wanted);
  free(apart);
  free(block);
}

static px_unfilter_job make(uint32_t width, uint32_t height, uint32_t pixel, unsigned char **filtered)
{
  size_t stride = (size_t)width * pixel;
  size_t size = (stride + 1) * height;
  *filtered = take(size + PX_UNFILTER_SLACK);
  for (size_t i = 0; i < size + PX_UNFILTER_SLACK; i++)
    (*filtered)[i] = next_byte();
  for (size_t y = 0; y < height; y++)
    (*filtered)[y * (stride + 1)] = (unsigned char)(next_byte() % FILTERS);
  return (px_unfilter_job){.filtered = *filtered, .stride = stride, .width = width, .height = height, .pixel = pixel};
}

static void test_unfilter__every_width_gives_the_bytes_of_the_standard(void **state)
{
  (void)state;
  for (uint32_t width = 1; width <= WIDTHS; width++) {
    for (uint32_t pixel = 3; pixel <= 4; pixel++) {
      for (uint32_t height = 1; height <= 12; height++) {
        unsigned char *filtered = NULL;
        check(make(width, height, pixel, &filtered));
        free(filtered);
      }
    }
  }
}

static void check_combination(unsigned number, uint32_t width, uint32_t pixel)
{
  enum { ROWS = 6 }; /* one before and one behind the four */
  unsigned char *filtered = NULL;
  px_unfilter_job job = make(width, ROWS, pixel, &filtered);
  for (size_t y = 1; y <= 4; y++, number /= FILTERS)
    filtered[y * (job.stride + 1)] = (unsigned char)(number % FILTERS);
  check(job);
  free(filtered);
}

static void test_unfilter__any_four_filters_may_follow_each_other(void **state)
{
  (void)state;
  for (unsigned number = 0; number < FILTERS * FILTERS * FILTERS * FILTERS; number++) {
    for (uint32_t pixel = 3; pixel <= 4; pixel++) {
      check_combination(number, 1, pixel);
      check_combination(number, 13, pixel);
    }
  }
}

/* Small steps, where two of the three neighbours of Paeth are equally near, and the ends of the range. */
static void test_unfilter__ties_and_ends_of_paeth_are_those_of_the_standard(void **state)
{
  (void)state;
  static const unsigned char steps[] = {0, 0, 1, 255, 2, 254, 127, 128};
  for (uint32_t pixel = 3; pixel <= 4; pixel++) {
    unsigned char *filtered = NULL;
    px_unfilter_job job = make(61, 41, pixel, &filtered);
    for (size_t i = 0; i < (job.stride + 1) * job.height; i++)
      filtered[i] = i % (job.stride + 1) == 0 ? 4 : steps[next_byte() % sizeof steps];
    check(job);
    free(filtered);
  }
}

static void test_unfilter__knows_five_filters(void **state)
{
  (void)state;
  unsigned char *filtered = NULL;
  px_unfilter_job job = make(3, 9, 3, &filtered);
  for (uint32_t y = 0; y < job.height; y++) {
    unsigned char kept = filtered[y * (job.stride + 1)];
    assert_true(px_unfilter_knows(&job));
    filtered[y * (job.stride + 1)] = FILTERS;
    assert_false(px_unfilter_knows(&job));
    filtered[y * (job.stride + 1)] = 255;
    assert_false(px_unfilter_knows(&job));
    filtered[y * (job.stride + 1)] = kept;
  }
  free(filtered);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_unfilter__every_width_gives_the_bytes_of_the_standard),
      cmocka_unit_test(test_unfilter__any_four_filters_may_follow_each_other),
      cmocka_unit_test(test_unfilter__ties_and_ends_of_paeth_are_those_of_the_standard),
      cmocka_unit_test(test_unfilter__knows_five_filters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
