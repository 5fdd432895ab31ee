/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/error.h"
#include "base/mem.h"
#include "image/codecs/png_headers.h"
#include "support/pictures.h"

static const px_image_limits LIMITS = PX_IMAGE_LIMITS_INIT;

static unsigned sample_of(uint32_t x, uint32_t y, unsigned channel)
{
  return x + y + channel;
}

static void make_small(file_bytes *file, unsigned color)
{
  png_plan plan = {.width = 5, .height = 4, .depth = 8, .color = color, .sample = sample_of};
  png_make(file, &plan);
}

static pixazo_status probe(const file_bytes *file, px_image_info *info)
{
  *info = (px_image_info){.format = PX_FORMAT_PNG, .orientation = 1, .scans = 1, .bit_depth = 8, .channels = 3};
  return px_png_probe(&(px_file){file_view(file), NULL}, &LIMITS, info, NULL);
}

static void test_png_headers__chunks_without_end_are_refused(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0}, one = {NULL, 0}, many = {NULL, 0};
  px_image_info info;
  png_chunk(&one, "teSt", "", 0);
  file_repeat(&many, one.data, one.size, 65536);
  make_small(&file, 2);
  file_insert(&file, 8 + 25, many.data, many.size - one.size); /* the last chunk is one too */
  assert_status(probe(&file, &info), PIXAZO_OK);
  file_insert(&file, 8 + 25, one.data, one.size);
  assert_status(probe(&file, &info), PIXAZO_E_LIMIT);
  file_bytes_done(&file);
  file_bytes_done(&one);
  file_bytes_done(&many);
}

static void test_png_headers__say_size_depth_and_alpha(void **state)
{
  (void)state;
  for (unsigned color = 0; color <= 6; color += 2) {
    file_bytes file = {NULL, 0};
    px_image_info info;
    make_small(&file, color);
    assert_status(probe(&file, &info), PIXAZO_OK);
    assert_true(info.width == 5 && info.height == 4 && info.bit_depth == 8);
    assert_int_equal(info.channels, color >= 4 ? 4 : 3);
    assert_int_equal(info.has_alpha, color >= 4);
    file_bytes_done(&file);
  }
}

static void test_png_headers__know_what_is_metadata(void **state)
{
  (void)state;
  static const struct {
    px_chunk chunk;
    bool is;
  } list[] = {{{.type = "tEXt"}, true},  {{.type = "zTXt"}, true},  {{.type = "iTXt"}, true},
              {{.type = "iCCP"}, true},  {{.type = "eXIf"}, true},  {{.type = "IDAT"}, false},
              {{.type = "gAMA"}, false}, {{.type = "tEXT"}, false}, {{.type = "caBX"}, false}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(list); i++)
    assert_int_equal(px_png_is_metadata(&list[i].chunk), list[i].is);
}

/* Pieces without bytes: 12 bytes each of nothing. */
static void test_png_headers__refuse_more_packed_bytes_than_pixels(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_image_info info;
  make_small(&file, 2);
  for (int i = 0; i < 5400; i++)
    png_insert_chunk(&file, "IDAT", "", 0);
  assert_status(probe(&file, &info), PIXAZO_OK);
  for (int i = 0; i < 100; i++)
    png_insert_chunk(&file, "IDAT", "", 0);
  assert_status(probe(&file, &info), PIXAZO_E_LIMIT);
  file_bytes_done(&file);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_png_headers__chunks_without_end_are_refused),
      cmocka_unit_test(test_png_headers__say_size_depth_and_alpha),
      cmocka_unit_test(test_png_headers__know_what_is_metadata),
      cmocka_unit_test(test_png_headers__refuse_more_packed_bytes_than_pixels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
