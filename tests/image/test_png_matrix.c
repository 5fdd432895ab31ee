/* SPDX-License-Identifier: MIT */
/* Every kind of PNG there is, against pixels worked out from the standard: exact. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

static size_t cases;

/* Which picture is being made: sample() gets no argument of its own. */
static png_plan now;
static unsigned palette_count;
static unsigned char palette[768];

static unsigned sample(uint32_t x, uint32_t y, unsigned channel)
{
  uint32_t value = kit_hash(x, y / 2, channel);
  if (now.color == 3)
    return value % palette_count;
  if (value % 5 == 0)
    value = kit_hash(0, 0, channel); /* the sample at 0,0 is the transparent colour: it must be met more than once */
  return value & ((1u << now.depth) - 1);
}

static unsigned to8(unsigned value)
{
  unsigned max = (1u << now.depth) - 1;
  return (value * 510 + max) / (2 * max);
}

static void expect_indexed(uint32_t x, uint32_t y, unsigned char out[4])
{
  unsigned index = sample(x, y, 0);
  memcpy(out, palette + 3 * (size_t)index, 3);
  out[3] = 255;
  if (now.transparency && index < now.transparency_size)
    out[3] = ((const unsigned char *)now.transparency)[index];
}

static void expect_sampled(uint32_t x, uint32_t y, unsigned char out[4])
{
  bool gray = !(now.color & 2), keyed = now.transparency != NULL;
  unsigned channels = gray ? 1 : 3;
  const unsigned char *key = now.transparency;
  for (unsigned c = 0; c < 3; c++) {
    unsigned value = sample(x, y, gray ? 0 : c);
    out[c] = (unsigned char)to8(value);
    if (keyed && c < channels && value != ((unsigned)key[2 * c] << 8 | key[2 * c + 1]))
      keyed = false;
  }
  out[3] = keyed ? 0 : now.color & 4 ? (unsigned char)to8(sample(x, y, channels)) : 255;
}

static unsigned char *expected(unsigned channels)
{
  unsigned char *pixels = malloc((size_t)now.width * now.height * channels), *at = pixels;
  assert_non_null(pixels);
  for (uint32_t y = 0; y < now.height; y++) {
    for (uint32_t x = 0; x < now.width; x++, at += channels) {
      unsigned char pixel[4];
      if (now.color == 3)
        expect_indexed(x, y, pixel);
      else
        expect_sampled(x, y, pixel);
      memcpy(at, pixel, channels);
    }
  }
  return pixels;
}

/* Chunks that say how colours are meant: none may touch the pixels. Their order is the standard's. */
static void add_ancillary(file_bytes *file)
{
  static const unsigned char bits[4] = {1, 1, 1, 1};
  static const unsigned bits_of[7] = {1, 0, 3, 3, 2, 0, 4};
  png_insert_chunk(file, "tIME", "\x07\xe8\1\2\3\4\5", 7);
  png_insert_chunk(file, "pHYs", "\0\0\x0b\x13\0\0\x0b\x13\1", 9);
  png_insert_chunk(file, "sBIT", bits, bits_of[now.color]);
  png_insert_chunk(file, "cHRM",
                   "\0\0\x7a\x26\0\0\x80\x84\0\0\xfa\0\0\0\x80\xe8\0\0\x75\x30\0\0\xea\x60\0\0\x3a\x98\0\0\x17\x70", 32);
  png_insert_chunk(file, "gAMA", "\0\0\x27\x10", 4);
}

static void describe(char *text, size_t room)
{
  (void)snprintf(text, room,
                 "%ux%u colour %u depth %u interlaced %d tRNS %zu filter %u level %d strategy %d window %d part %zu",
                 now.width, now.height, now.color, now.depth, now.interlaced, now.transparency_size, now.filter, now.level,
                 now.strategy, now.window_bits, now.part);
}

static void check_now(bool ancillary)
{
  char what[200];
  file_bytes file = {NULL, 0};
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  px_image_info info;
  describe(what, sizeof what);
  png_make(&file, &now);
  if (ancillary)
    add_ancillary(&file);
  kit_decode_good(file_view(&file), &pixmap, &info, what);
  bool alpha = (now.color & 4) != 0 || now.transparency != NULL;
  if (info.bit_depth != now.depth || info.has_alpha != alpha || pixmap.channels != (alpha ? 4 : 3) ||
      pixmap.width != now.width || pixmap.height != now.height)
    fail_msg("%s: the facts are wrong", what);
  unsigned char *wanted = expected(pixmap.channels);
  kit_expect_pixels(&pixmap, wanted, what);
  free(wanted);
  file_bytes_done(&file);
  cases++;
}

/* The ways of packing, one after the other. */
static void pack_as(unsigned number)
{
  static const struct {
    int level, strategy, window_bits;
    size_t part;
  } ways[] = {{0, Z_DEFAULT_STRATEGY, 15, 0}, {1, Z_DEFAULT_STRATEGY, 15, 0},
              {9, Z_DEFAULT_STRATEGY, 9, 0},  {6, Z_FIXED, 15, 0},
              {6, Z_HUFFMAN_ONLY, 15, 1},     {6, Z_RLE, 12, 7},
              {6, Z_FILTERED, 15, 100},       {0, Z_DEFAULT_STRATEGY, 15, 3}};
  unsigned i = number % PX_ARRAY_SIZE(ways);
  now.level = ways[i].level;
  now.strategy = ways[i].strategy;
  now.window_bits = ways[i].window_bits;
  now.part = ways[i].part;
}

static const unsigned KINDS[][2] = {{0, 1}, {0, 2}, {0, 4}, {0, 8}, {0, 16}, {2, 8}, {2, 16}, {3, 1},
                                    {3, 2}, {3, 4}, {3, 8}, {4, 8}, {4, 16}, {6, 8}, {6, 16}};

/* Palettes of every fullness, transparent colours that are met and that are not. */
static void set_colors(unsigned kind, unsigned transparency)
{
  static unsigned char alphas[256], key[6];
  now.color = KINDS[kind][0];
  now.depth = KINDS[kind][1];
  now.palette = now.transparency = NULL;
  now.palette_size = now.transparency_size = 0;
  if (now.color == 3) {
    palette_count = 1u << now.depth;
    now.palette = palette;
    now.palette_size = (size_t)palette_count * 3;
    for (unsigned i = 0; i < sizeof alphas; i++)
      alphas[i] = (unsigned char)(i * 85);
    now.transparency = transparency ? alphas : NULL;
    now.transparency_size = transparency == 0 ? 0 : transparency == 1 ? (palette_count + 1) / 2 : palette_count;
  } else if (!(now.color & 4) && transparency) {
    for (unsigned c = 0; c < 3; c++) {
      unsigned value = sample(0, 0, now.color == 2 ? c : 0) ^ (transparency == 2 ? 1 : 0);
      key[2 * c] = (unsigned char)(value >> 8);
      key[2 * c + 1] = (unsigned char)value;
    }
    now.transparency = key;
    now.transparency_size = now.color == 2 ? 6 : 2;
  }
}

static void check_sizes(void)
{
  static const uint32_t sizes[][2] = {{1, 1}, {1, 9}, {9, 1},  {2, 2},  {3, 5}, {4, 4},
                                      {5, 3}, {8, 8}, {7, 11}, {17, 6}, {33, 9}};
  for (size_t s = 0; s < PX_ARRAY_SIZE(sizes); s++) {
    now.width = sizes[s][0];
    now.height = sizes[s][1];
    for (now.filter = 0; now.filter <= PNG_MIXED_FILTERS; now.filter++) {
      pack_as((unsigned)cases);
      check_now(cases % 3 == 0);
    }
  }
}

static void test_png_matrix__colour_depth_interlace_transparency_filter_packing(void **state)
{
  (void)state;
  for (unsigned kind = 0; kind < PX_ARRAY_SIZE(KINDS); kind++) {
    unsigned transparencies = KINDS[kind][0] & 4 ? 1 : 3;
    for (unsigned transparency = 0; transparency < transparencies; transparency++) {
      for (int interlaced = 0; interlaced < 2; interlaced++) {
        now = (png_plan){.interlaced = interlaced, .sample = sample};
        set_colors(kind, transparency);
        check_sizes();
      }
    }
  }
}

/* The two kinds that have code of their own: every width around the width of a register. */
static void test_png_matrix__rgb_and_rgba_of_every_width(void **state)
{
  (void)state;
  for (unsigned alpha = 0; alpha < 2; alpha++) {
    now = (png_plan){.color = alpha ? 6 : 2, .depth = 8, .sample = sample, .height = 9};
    for (now.width = 1; now.width <= 75; now.width++) {
      for (now.filter = 0; now.filter <= PNG_MIXED_FILTERS; now.filter++) {
        pack_as((unsigned)cases);
        check_now(false);
      }
    }
  }
}

/* Taller and wider than any buffer in between; matches as far back as the window goes. */
static void test_png_matrix__large_pictures(void **state)
{
  (void)state;
  static const uint32_t sizes[][2] = {{700, 83}, {10923, 7}, {3, 2500}, {8192, 5}, {257, 129}, {21846, 3}};
  for (unsigned kind = 0; kind < PX_ARRAY_SIZE(KINDS); kind++) {
    for (size_t s = 0; s < PX_ARRAY_SIZE(sizes); s++) {
      now = (png_plan){.sample = sample, .width = sizes[s][0], .height = sizes[s][1], .filter = PNG_MIXED_FILTERS};
      now.interlaced = (kind + s) % 3 == 0;
      set_colors(kind, 0);
      pack_as((unsigned)s + kind);
      now.part = now.part ? 4097 : 0;
      check_now(false);
    }
  }
}

static unsigned steep(uint32_t x, uint32_t y, unsigned channel)
{
  static const unsigned values[] = {0, 255, 1, 254, 127, 128, 129};
  return values[kit_hash(x, y, channel) % PX_ARRAY_SIZE(values)];
}

/* Sums that run over, ties of the guess: the ends of the scale side by side. */
static void test_png_matrix__filters_at_the_ends_of_the_scale(void **state)
{
  (void)state;
  for (unsigned color = 2; color <= 6; color += 4) {
    for (unsigned filter = 0; filter <= PNG_MIXED_FILTERS; filter++) {
      file_bytes file = {NULL, 0};
      px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
      now =
          (png_plan){.color = color, .depth = 8, .sample = steep, .width = 131, .height = 97, .filter = filter, .level = 6};
      png_make(&file, &now);
      kit_decode_good(file_view(&file), &pixmap, NULL, "steep");
      for (uint32_t y = 0; y < now.height; y++) {
        for (size_t i = 0; i < pixmap.stride; i++) {
          if (px_pixmap_row(&pixmap, y)[i] != steep((uint32_t)i / pixmap.channels, y, (unsigned)i % pixmap.channels))
            fail_msg("colour %u filter %u: byte %zu of row %u", color, filter, i, y);
        }
      }
      file_bytes_done(&file);
      cases++;
    }
  }
}

int main(void)
{
  for (unsigned i = 0; i < sizeof palette; i++)
    palette[i] = (unsigned char)kit_hash(i, 1, 2);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_png_matrix__colour_depth_interlace_transparency_filter_packing),
      cmocka_unit_test(test_png_matrix__rgb_and_rgba_of_every_width),
      cmocka_unit_test(test_png_matrix__large_pictures),
      cmocka_unit_test(test_png_matrix__filters_at_the_ends_of_the_scale),
  };
  int failed = cmocka_run_group_tests(tests, kit_begin, kit_end);
  (void)printf("pictures: %zu cases of PNG\n", cases);
  return failed;
}
