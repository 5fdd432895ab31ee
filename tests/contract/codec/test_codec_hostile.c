/* SPDX-License-Identifier: MIT */
/* Small files that claim to be enormous: each is refused before memory is taken for what it claims. */
#include "support/testing.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/codec.h"
#include "support/pictures.h"

static const px_image_limits LIMITS = PX_IMAGE_LIMITS_INIT;

enum { MEMORY_KB = 16 * 1024, TIME_MS = 1000 };

static long peak_kb(void)
{
  struct rusage usage;
  assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
  return usage.ru_maxrss;
}

static long cpu_ms(void)
{
  struct timespec now;
  assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void expect_refusal(file_bytes *file, pixazo_status wanted)
{
  long memory = peak_kb(), begin = cpu_ms();
  px_pixmap pixmap = PX_PIXMAP_INIT;
  px_decode_job job = {.file = file_view(file), .limits = &LIMITS};
  assert_status(px_codec_decode(&job, &pixmap, NULL, NULL), wanted);
  assert_status(px_codec_decode(&job, NULL, NULL, NULL), wanted);
  assert_null(pixmap.data);
  assert_true(peak_kb() - memory < MEMORY_KB);
  assert_true(cpu_ms() - begin < TIME_MS);
  file_bytes_done(file);
}

static void test_hostile__png_of_fifty_thousand_squared(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  png_begin(&file);
  png_header(&file, 50000, 50000, 1, 0, 0);
  png_chunk(&file, "IDAT", "\x78\x9c", 2);
  png_chunk(&file, "IEND", "", 0);
  expect_refusal(&file, PIXAZO_E_LIMIT);
}

static void test_hostile__png_chunk_of_a_gigabyte_in_a_file_of_57_bytes(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  png_begin(&file);
  png_header(&file, 1, 1, 8, 2, 0);
  file_add_be32(&file, 1u << 30);
  file_add(&file, "iTXtparameters\0\0", 16);
  expect_refusal(&file, PIXAZO_E_CORRUPT);
}

static void test_hostile__png_of_twenty_thousand_texts(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0}, texts = {NULL, 0};
  png_begin(&file);
  png_header(&file, 1, 1, 8, 2, 0);
  for (int i = 0; i < 2000; i++)
    png_chunk(&texts, "tEXt", "k\0v", 3);
  for (int i = 0; i < 10; i++)
    file_add(&file, texts.data, texts.size);
  png_chunk(&file, "IDAT", "", 0);
  png_chunk(&file, "IEND", "", 0);
  file_bytes_done(&texts);
  expect_refusal(&file, PIXAZO_E_LIMIT);
}

static unsigned zero(uint32_t x, uint32_t y, unsigned channel)
{
  (void)x;
  (void)y;
  (void)channel;
  return 0;
}

typedef struct bit_writer {
  unsigned char data[1 << 20];
  size_t bits;
} bit_writer;

static void put(bit_writer *w, unsigned value, unsigned count)
{
  for (unsigned i = 0; i < count; i++, w->bits++)
    w->data[w->bits / 8] = (unsigned char)(w->data[w->bits / 8] | (value >> i & 1) << w->bits % 8);
}

/* A deflate stream with fixed codes: one zero byte, then matches of length 258 at distance 1. */
static void add_bomb(file_bytes *body, size_t repeats)
{
  static bit_writer w;
  memset(&w, 0, sizeof w);
  put(&w, 3, 3);    /* last block, fixed codes */
  put(&w, 0x0c, 8); /* literal 0 is 00110000, high bit first */
  for (size_t i = 0; i < repeats; i++) {
    put(&w, 0xa3, 8); /* length 258 is 11000101 */
    put(&w, 0, 5);    /* distance 1 */
  }
  put(&w, 0, 7); /* end of block */
  file_add(body, w.data, w.bits / 8 + 1);
}

/* The picture is good; the text that would unpack to 130 MB is left out. */
static void test_hostile__a_packed_text_does_not_unpack_beyond_the_limit(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0}, text = {NULL, 0};
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  png_plan plan = {.width = 2, .height = 2, .depth = 8, .color = 2, .sample = zero};
  png_make(&file, &plan);
  file_add(&text, "bomb\0\0\x78\x01", 8);
  add_bomb(&text, 500000);
  png_insert_chunk(&file, "zTXt", text.data, text.size);
  long memory = peak_kb();
  px_decode_job job = {.file = file_view(&file), .limits = &LIMITS};
  assert_status(px_codec_decode(&job, NULL, NULL, NULL), PIXAZO_OK);
  assert_status(px_codec_metadata(file_view(&file), &LIMITS, &metadata, NULL), PIXAZO_OK);
  assert_null(px_metadata_text(&metadata, "bomb"));
  assert_true(peak_kb() - memory < MEMORY_KB);
  file_bytes_done(&text);
  file_bytes_done(&file);
}

static void test_hostile__jpeg_header_of_65500_squared(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  jpeg_make(&file, &(jpeg_plan){8, 8, JPEG_KIND_YCC, true, false, {1, 2, 3, 0}});
  for (size_t i = 0; i + 9 < file.size; i++) {
    if (file.data[i] == 0xff && file.data[i + 1] == 0xc2)
      memcpy(file.data + i + 5, "\xff\xdc\xff\xdc", 4);
  }
  expect_refusal(&file, PIXAZO_E_LIMIT);
}

static void add_webp_header(file_bytes *file, uint32_t width, uint32_t height)
{
  file_bytes body = {NULL, 0};
  uint32_t bits = (width - 1) | (height - 1) << 14;
  unsigned char data[32] = {0x2f, (unsigned char)bits, (unsigned char)(bits >> 8), (unsigned char)(bits >> 16),
                            (unsigned char)(bits >> 24)};
  webp_chunk(&body, "VP8L", data, sizeof data);
  webp_wrap(file, &body);
  file_bytes_done(&body);
}

static void test_hostile__webp_of_16383_squared(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  add_webp_header(&file, 16383, 16383);
  expect_refusal(&file, PIXAZO_E_LIMIT);
}

static void test_hostile__webp_canvas_of_two_to_the_48_pixels(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0}, body = {NULL, 0};
  webp_chunk(&body, "VP8X", "\0\0\0\0\xff\xff\xff\xff\xff\xff", 10);
  webp_chunk(&body, "VP8L", "\x2f\0\0\0\0\0\0\0", 8);
  webp_wrap(&file, &body);
  file_bytes_done(&body);
  expect_refusal(&file, PIXAZO_E_CORRUPT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_hostile__png_of_fifty_thousand_squared),
      cmocka_unit_test(test_hostile__png_chunk_of_a_gigabyte_in_a_file_of_57_bytes),
      cmocka_unit_test(test_hostile__png_of_twenty_thousand_texts),
      cmocka_unit_test(test_hostile__a_packed_text_does_not_unpack_beyond_the_limit),
      cmocka_unit_test(test_hostile__jpeg_header_of_65500_squared),
      cmocka_unit_test(test_hostile__webp_of_16383_squared),
      cmocka_unit_test(test_hostile__webp_canvas_of_two_to_the_48_pixels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
