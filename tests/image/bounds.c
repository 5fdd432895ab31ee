/* SPDX-License-Identifier: MIT */
/* What hostile pictures may cost. Built without sanitizers only: they cost more than any picture. */
#include "cost.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <zlib.h>

#include "kit.h"
#include "support/bits.h"
#include "support/tmpdir.h"
#include "support/webp_groups.h"

enum { SIDE = 1024, PIECE = 1 << 20 };

/* ---- what the header says ---- */

static void add_packed_bytes(file_bytes *packed, int value, size_t count)
{
  uLongf room = compressBound(count);
  unsigned char *bytes = malloc(count), *out = malloc(room);
  assert_true(bytes && out);
  memset(bytes, value, count);
  assert_int_equal(compress2(out, &room, bytes, count, 1), Z_OK);
  file_add(packed, out, room);
  free(bytes);
  free(out);
}

static void make_huge_png(file_bytes *file, uint32_t width, uint32_t height)
{
  file_bytes packed = {NULL, 0};
  add_packed_bytes(&packed, 0, 50 << 20);
  png_begin(file);
  png_header(file, width, height, 1, 0, 0);
  png_chunk(file, "IDAT", packed.data, packed.size);
  png_chunk(file, "IEND", "", 0);
  file_bytes_done(&packed);
}

static void make_jpeg(file_bytes *file, uint32_t side, bool progressive, unsigned (*sample)(uint32_t, uint32_t, unsigned))
{
  jpeg_plan plan = {side, side, JPEG_KIND_YCC, progressive, false, {9, 9, 9, 9}};
  jpeg_make_coded(file, &plan, &(jpeg_coding){.sample = sample, .quality = 90});
}

static void set_jpeg_size(file_bytes *file, unsigned side)
{
  size_t at = 2;
  while (file->data[at + 1] < 0xc0 || file->data[at + 1] > 0xc2)
    at += 2 + ((size_t)file->data[at + 2] << 8 | file->data[at + 3]);
  const unsigned char size[4] = {(unsigned char)(side >> 8), (unsigned char)side, (unsigned char)(side >> 8),
                                 (unsigned char)side};
  memcpy(file->data + at + 5, size, sizeof size);
}

/* The last scan again and again. */
static void repeat_scan(file_bytes *file, unsigned times)
{
  size_t begin = file->size, end = file->size - 2;
  while (!(file->data[begin - 2] == 0xff && file->data[begin - 1] == 0xda))
    begin--;
  file_bytes scans = {NULL, 0};
  for (unsigned i = 0; i < times; i++)
    file_add(&scans, file->data + begin - 2, end - begin + 2);
  file_insert(file, end, scans.data, scans.size);
  file_bytes_done(&scans);
}

static void make_webp_header(file_bytes *file, bool extended, uint32_t side)
{
  file_bytes body = {NULL, 0};
  uint32_t sides = (side - 1) | (side - 1) << 14;
  unsigned char data[32] = {0x2f, (unsigned char)sides, (unsigned char)(sides >> 8), (unsigned char)(sides >> 16),
                            (unsigned char)(sides >> 24)};
  if (extended)
    webp_chunk(&body, "VP8X", "\2\0\0\0\xff\xff\xff\xff\xff\xff", 10);
  webp_chunk(&body, "VP8L", data, sizeof data);
  webp_wrap(file, &body);
  file_bytes_done(&body);
}

static void test_bounds__what_the_header_gives_away(void **state)
{
  file_bytes file = {NULL, 0};
  make_huge_png(&file, 50000, 50000);
  expect_refused(&file, state, PIXAZO_E_LIMIT, "png of 50000 squared");
  make_huge_png(&file, 1, 0x7fffffff);
  expect_refused(&file, state, PIXAZO_E_LIMIT, "png of one column");
  png_begin(&file);
  png_header(&file, 1, 1, 8, 2, 0);
  file_add(&file, "\x40\0\0\0iTXtparameters\0\0", 20);
  expect_refused(&file, state, PIXAZO_E_CORRUPT, "png chunk of a gigabyte");
  make_jpeg(&file, 16, false, NULL);
  set_jpeg_size(&file, 65500);
  expect_refused(&file, state, PIXAZO_E_LIMIT, "jpeg of 65500 squared");
  make_jpeg(&file, 16, true, NULL);
  repeat_scan(&file, 20000);
  expect_refused(&file, state, PIXAZO_E_LIMIT, "jpeg of 20000 scans");
  make_jpeg(&file, 16, true, NULL);
  repeat_scan(&file, 60);
  set_jpeg_size(&file, 8000);
  expect_refused(&file, state, PIXAZO_E_LIMIT, "jpeg, scans times pixels");
  make_webp_header(&file, false, 16383);
  expect_refused(&file, state, PIXAZO_E_LIMIT, "webp of 16383 squared");
}

static void test_bounds__a_canvas_is_never_made_blindly(void **state)
{
  file_bytes file = {NULL, 0};
  make_webp_header(&file, true, 8);
  cost found = cost_of(&file, state, "webp canvas");
  assert_true(found.status != PIXAZO_OK && found.cpu_ms < HEADER_MS && found.memory_kb < HEADER_KB);
  cost_count();
}

static void test_bounds__twenty_thousand_texts(void **state)
{
  file_bytes file = {NULL, 0}, texts = {NULL, 0};
  for (int i = 0; i < 1000; i++)
    png_chunk(&texts, "tEXt", "k\0v", 3);
  png_begin(&file);
  png_header(&file, 1, 1, 8, 2, 0);
  for (int i = 0; i < 20; i++)
    file_add(&file, texts.data, texts.size);
  png_chunk(&file, "IEND", "", 0);
  file_bytes_done(&texts);
  expect_refused(&file, state, PIXAZO_E_LIMIT, "png of 20000 texts");
}

/* ---- pictures within the limits ---- */

static unsigned photo(uint32_t x, uint32_t y, unsigned channel)
{
  return kit_paint(KIT_PHOTO, x, y, channel);
}

static unsigned noise(uint32_t x, uint32_t y, unsigned channel)
{
  return kit_hash(x, y, channel) & 255;
}

static const png_plan PLAN = {
    .width = SIDE, .height = SIDE, .depth = 8, .color = 2, .sample = photo, .filter = 4, .level = 6};

/* Packed texts and profiles: `blocks` of them, each of `size` letters. */
static void add_packed(file_bytes *file, const char *name, unsigned blocks, size_t size)
{
  file_bytes body = {NULL, 0};
  if (strcmp(name, "iTXt") == 0)
    file_add(&body, "bomb\0\1\0\0", 9);
  else
    file_add(&body, "bomb\0", 6);
  add_packed_bytes(&body, 'x', size);
  for (unsigned i = 0; i < blocks; i++)
    png_insert_chunk(file, name, body.data, body.size);
  file_bytes_done(&body);
}

static void make_tiny(file_bytes *file)
{
  png_plan plan = PLAN;
  plan.width = plan.height = 2;
  png_make(file, &plan);
}

static void test_bounds__texts_and_profiles_that_unpack_to_gigabytes(void **state)
{
  static const struct {
    const char *name, *label;
    unsigned blocks;
    size_t size;
  } list[] = {{"zTXt", "zTXt of 200 MB", 1, 200 << 20},    {"iTXt", "iTXt of 200 MB", 1, 200 << 20},
              {"iCCP", "iCCP of 200 MB", 1, 200 << 20},    {"zTXt", "120 zTXt of 7 MB", 120, 7 << 20},
              {"iTXt", "120 iTXt of 7 MB", 120, 7 << 20},  {"zTXt", "120 zTXt of 9 MB", 120, 9 << 20},
              {"zTXt", "120 zTXt of 60 KB", 120, 60 << 10}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(list); i++) {
    file_bytes file = {NULL, 0};
    make_tiny(&file);
    add_packed(&file, list[i].name, list[i].blocks, list[i].size);
    cost found = cost_of(&file, state, "bomb");
    (void)printf("  %-28s %8.2f ms %7ld KB\n", list[i].label, found.cpu_ms, found.memory_kb);
    if (found.status != PIXAZO_OK && found.status != PIXAZO_E_LIMIT)
      fail_msg("%s: %s", list[i].label, pixazo_status_name((pixazo_status)found.status));
    if (found.cpu_ms > 2 * HEADER_MS || found.memory_kb > 2 * HEADER_KB)
      fail_msg("%s: %.1f ms, %ld KB", list[i].label, found.cpu_ms, found.memory_kb);
    cost_count();
  }
}

/* Blocks that say nothing, each with its own table of codes: one literal, one end, no distance. */
static void put_empty_dynamic(bits *to)
{
  bits_put(to, 0, 1);
  bits_put(to, 2, 2);
  bits_put(to, 0, 5);  /* 257 codes of literals */
  bits_put(to, 0, 5);  /* one distance */
  bits_put(to, 14, 4); /* 18 lengths of codes: 16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1 */
  for (int i = 0; i < 18; i++)
    bits_put(to, i == 2 || i == 17 ? 1 : 0, 3); /* 18 and 1 have one bit: 1 is code 0, 18 is code 1 */
  bits_put(to, 0, 1);                           /* literal 0: length 1 */
  bits_put(to, 1, 1);                           /* 138 zeros */
  bits_put(to, 127, 7);
  bits_put(to, 1, 1); /* 117 zeros */
  bits_put(to, 106, 7);
  bits_put(to, 0, 1); /* end: length 1 */
  bits_put(to, 0, 1); /* distance 0: length 1 */
  bits_put(to, 1, 1); /* end of block */
}

static void put_empty_fixed(bits *to)
{
  bits_put(to, 2, 3);
  bits_put(to, 0, 7);
}

static void put_empty_stored(bits *to)
{
  bits_put(to, 0, 3);
  bits_align(to);
  bits_put(to, 0, 16);
  bits_put(to, 0xffff, 16);
}

/* The rows of the ordinary picture behind `count` blocks of nothing. */
static void make_padded_png(file_bytes *file, void (*block)(bits *), size_t count)
{
  file_bytes rows = {NULL, 0};
  bits stream = {{NULL, 0}, 0, 0};
  png_rows(&rows, &PLAN);
  bits_put(&stream, 0x0178, 16);
  for (size_t i = 0; i < count; i++)
    block(&stream);
  for (size_t at = 0; at < rows.size; at += 65535) {
    unsigned size = rows.size - at < 65535 ? (unsigned)(rows.size - at) : 65535;
    bits_put(&stream, at + size == rows.size, 3);
    bits_align(&stream);
    bits_put(&stream, size, 16);
    bits_put(&stream, ~size & 0xffff, 16);
    file_add(&stream.bytes, rows.data + at, size);
  }
  file_add_be32(&stream.bytes, (uint32_t)adler32(1, rows.data, (uInt)rows.size));
  png_begin(file);
  png_header(file, SIDE, SIDE, 8, 2, 0);
  for (size_t at = 0; at < stream.bytes.size; at += PIECE)
    png_chunk(file, "IDAT", stream.bytes.data + at, stream.bytes.size - at < PIECE ? stream.bytes.size - at : PIECE);
  png_chunk(file, "IEND", "", 0);
  file_bytes_done(&rows);
  file_bytes_done(&stream.bytes);
}

static void make_pieces(file_bytes *file, size_t empty)
{
  file_bytes chunks = {NULL, 0}, many = {NULL, 0};
  for (int i = 0; i < 1000; i++)
    png_chunk(&chunks, "IDAT", "", 0);
  for (size_t i = 0; i < empty / 1000; i++)
    file_add(&many, chunks.data, chunks.size);
  png_make(file, &PLAN);
  file_insert(file, 8 + 25, many.data, many.size);
  file_bytes_done(&chunks);
  file_bytes_done(&many);
}

static void make_chunks(file_bytes *file, size_t count)
{
  file_bytes one = {NULL, 0}, many = {NULL, 0};
  png_chunk(&one, "teSt", "", 0);
  file_repeat(&many, one.data, one.size, count);
  png_make(file, &PLAN);
  file_insert(file, 8 + 25, many.data, many.size);
  file_bytes_done(&one);
  file_bytes_done(&many);
}

static void test_bounds__png(void **state)
{
  const size_t pixels = (size_t)SIDE * SIDE;
  file_bytes file = {NULL, 0};
  png_plan plan = PLAN;
  png_make(&file, &plan);
  cost ordinary = ordinary_cost(&file, state, "png");
  plan.interlaced = true;
  png_make(&file, &plan);
  expect_cheap(&file, state, &ordinary, pixels, "interlaced");
  plan = PLAN;
  plan.sample = noise;
  png_make(&file, &plan);
  expect_cheap(&file, state, &ordinary, pixels, "noise");
  plan = PLAN;
  plan.part = 16;
  png_make(&file, &plan);
  expect_cheap(&file, state, &ordinary, pixels, "pieces of 16 bytes");
  make_pieces(&file, 1000000);
  expect_cheap(&file, state, &ordinary, pixels, "a million empty pieces");
  make_chunks(&file, 65000);
  expect_cheap(&file, state, &ordinary, pixels, "some thousand chunks");
  make_chunks(&file, 5000000);
  expect_cheap(&file, state, &ordinary, pixels, "as many as go into a file");
  make_padded_png(&file, put_empty_stored, 1000000);
  expect_cheap(&file, state, &ordinary, pixels, "empty stored blocks");
  make_padded_png(&file, put_empty_fixed, 4000000);
  expect_cheap(&file, state, &ordinary, pixels, "empty fixed blocks");
  make_padded_png(&file, put_empty_dynamic, 1000000);
  expect_cheap(&file, state, &ordinary, pixels, "a million tables of codes");
  make_padded_png(&file, put_empty_dynamic, 60000);
  expect_cheap(&file, state, &ordinary, pixels, "sixty thousand tables");
  plan = PLAN;
  plan.sample = noise;
  plan.depth = 16;
  png_make(&file, &plan);
  ordinary = ordinary_cost(&file, state, "png of 16 bits");
  plan.interlaced = true;
  png_make(&file, &plan);
  expect_cheap(&file, state, &ordinary, pixels, "interlaced, 16 bits");
}

static void encode_scans(struct jpeg_compress_struct *jpeg)
{
  static unsigned char row[3 * SIDE];
  while (jpeg->next_scanline < SIDE) {
    JSAMPROW line = row;
    for (uint32_t i = 0; i < sizeof row; i++)
      row[i] = photo(i / 3, jpeg->next_scanline, i % 3) & 255;
    (void)jpeg_write_scanlines(jpeg, &line, 1);
  }
}

/* As many scans as are allowed, nearly one for each coefficient. */
static void make_scans(file_bytes *file)
{
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  jpeg_scan_info scans[100] = {{3, {0, 1, 2}, 0, 0, 0, 0}};
  int count = 1;
  for (int component = 0; component < 3; component++) {
    for (int k = 1, last = component ? 18 : 63; k <= last; k++)
      scans[count++] = (jpeg_scan_info){1, {component}, k, k == last ? 63 : k, 0, 0};
  }
  unsigned char *data = NULL;
  unsigned long size = 0;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &data, &size);
  jpeg.image_width = jpeg.image_height = SIDE;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg.scan_info = scans;
  jpeg.num_scans = count;
  jpeg_start_compress(&jpeg, TRUE);
  encode_scans(&jpeg);
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  file_add(file, data, size);
  free(data);
}

static void insert_many(file_bytes *file, const file_bytes *one, size_t count, size_t at)
{
  file_bytes many = {NULL, 0};
  file_repeat(&many, one->data, one->size, count);
  file_insert(file, at, many.data, many.size);
  file_bytes_done(&many);
}

/* `count` segments behind the start of a picture: with the body again and again in each of them. */
typedef struct segments {
  const char *label;
  unsigned char marker;
  const char *body;
  size_t size, times, count;
} segments;

static const char TABLE[17], QUANTITIES[65] = "\3dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd";

static const segments SEGMENTS[] = {
    {"some thousand segments", 0xee, "zz", 2, 1, 65000},
    {"tables as large as they may be", 0xc4, TABLE, sizeof TABLE, 3800, 4},
    {"a million segments", 0xee, "zz", 2, 1, 1000000},
    {"as many as go into a file", 0xee, "zz", 2, 1, 10000000},
    {"as many without a body", 0xee, "", 0, 1, 14000000},
    {"fill bytes", 0xff, "", 0, 0, 60000000},
    {"restart intervals", 0xdd, "\0\0", 2, 1, 10000000},
    {"300000 Huffman tables", 0xc4, TABLE, sizeof TABLE, 1, 300000},
    {"as many as go into a file", 0xc4, TABLE, sizeof TABLE, 3800, 900},
    {"quantities", 0xdb, QUANTITIES, sizeof QUANTITIES, 1000, 900},
};

static void make_segments(file_bytes *file, const segments *plan)
{
  file_bytes one = {NULL, 0};
  size_t length = plan->size * plan->times + 2;
  const unsigned char head[4] = {0xff, plan->marker, (unsigned char)(length >> 8), (unsigned char)length};
  file_add(&one, head, plan->marker == 0xff ? 1 : sizeof head);
  for (size_t i = 0; i < plan->times; i++)
    file_add(&one, plan->body, plan->size);
  make_jpeg(file, SIDE, true, photo);
  insert_many(file, &one, plan->count, 2);
  file_bytes_done(&one);
}

static void test_bounds__jpeg_segments(void **state)
{
  file_bytes file = {NULL, 0};
  make_jpeg(&file, SIDE, true, photo);
  cost ordinary = ordinary_cost(&file, state, "progressive jpeg");
  for (size_t i = 0; i < PX_ARRAY_SIZE(SEGMENTS); i++) {
    make_segments(&file, &SEGMENTS[i]);
    expect_cheap(&file, state, &ordinary, (size_t)SIDE * SIDE, SEGMENTS[i].label);
  }
}

/* Fill bytes at the end of a scan, and bytes that no block is made of. */
static void test_bounds__jpeg_scans_of_nothing(void **state)
{
  static const struct {
    const char *label, *bytes;
    size_t size;
  } list[] = {{"a scan that ends in fill bytes", "\xff", 1}, {"a scan with too many bytes", "\xff\0", 2}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(list); i++) {
    file_bytes file = {NULL, 0}, one = {NULL, 0};
    file_add(&one, list[i].bytes, list[i].size);
    make_jpeg(&file, 256, true, photo);
    insert_many(&file, &one, 10000000 / one.size, file.size - 2);
    file_bytes_done(&one);
    expect_refused(&file, state, PIXAZO_E_LIMIT, list[i].label);
  }
}

static void test_bounds__jpeg(void **state)
{
  const size_t pixels = (size_t)SIDE * SIDE;
  file_bytes file = {NULL, 0};
  make_jpeg(&file, SIDE, false, noise);
  cost ordinary = ordinary_cost(&file, state, "jpeg");
  make_jpeg(&file, SIDE, true, noise);
  expect_cheap(&file, state, &ordinary, pixels, "progressive noise");
  jpeg_plan plan = {SIDE, SIDE, JPEG_KIND_YCC, false, false, {0, 0, 0, 0}};
  jpeg_make_coded(&file, &plan, &(jpeg_coding){.sample = photo, .restart = 1, .quality = 90});
  expect_cheap(&file, state, &ordinary, pixels, "a restart after each block");
  plan.kind = JPEG_KIND_CMYK;
  plan.progressive = true;
  jpeg_make_coded(&file, &plan, &(jpeg_coding){.sample = photo, .quality = 90});
  expect_cheap(&file, state, &ordinary, pixels, "progressive inks");
  make_scans(&file);
  expect_cheap(&file, state, &ordinary, pixels, "a hundred scans");
  plan.adobe = true;
  jpeg_make_coded(&file, &plan, &(jpeg_coding){.sample = noise, .quality = 100});
  (void)printf("  %.1f bytes a pixel: ", (double)file.size / (double)pixels);
  (void)ordinary_cost(&file, state, "inks of noise, full quality"); /* as long as pictures get, and taken */
}

/* All coefficients are there before the first pixel is made: 2 bytes each, for four inks as much as may be used. */
static void test_bounds__jpeg_of_many_inks(void **state)
{
  enum { LARGE = 4096 };
  jpeg_plan plan = {LARGE, LARGE, JPEG_KIND_CMYK, false, false, {9, 90, 200, 30}};
  file_bytes file = {NULL, 0};
  jpeg_make(&file, &plan);
  cost ordinary = ordinary_cost(&file, state, "large jpeg of inks");
  plan.progressive = true;
  jpeg_make(&file, &plan);
  expect_cheap(&file, state, &ordinary, (size_t)LARGE * LARGE, "progressive");
}

static void encode_webp(file_bytes *file, unsigned nature, int32_t quality)
{
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  pixazo_blob *blob = NULL;
  kit_picture(&picture, nature, SIDE, SIDE, 3);
  px_encode_job job = {.pixmap = &picture, .format = PX_FORMAT_WEBP, .quality = quality};
  assert_status(px_codec_encode(&job, &blob, NULL), PIXAZO_OK);
  file_add(file, pixazo_blob_data(blob), pixazo_blob_size(blob));
  (void)pixazo_blob_unref(blob);
}

static void test_bounds__webp(void **state)
{
  file_bytes file = {NULL, 0};
  encode_webp(&file, KIT_NOISE, 80);
  cost ordinary = ordinary_cost(&file, state, "webp");
  encode_webp(&file, KIT_NOISE, 100);
  expect_cheap(&file, state, &ordinary, (size_t)SIDE * SIDE, "noise at full quality");
  for (size_t count = 65000; count <= 7000000; count += 6935000) {
    encode_webp(&file, KIT_NOISE, 80);
    file_repeat(&file, "none\0\0\0\0", 8, count);
    const size_t riff = file.size - 8;
    const unsigned char size[4] = {(unsigned char)riff, (unsigned char)(riff >> 8), (unsigned char)(riff >> 16),
                                   (unsigned char)(riff >> 24)};
    memcpy(file.data + 4, size, sizeof size);
    expect_cheap(&file, state, &ordinary, (size_t)SIDE * SIDE, count < 1000000 ? "some thousand chunks" : "millions of them");
  }
}

/* Each group has tables of its own, made before the first pixel. */
static void test_bounds__lossless_webp(void **state)
{
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  file_bytes file = {NULL, 0};
  kit_picture(&picture, KIT_NOISE, SIDE, SIDE, 3);
  webp_lossless_of_pixmap(&file, &picture);
  cost ordinary = ordinary_cost(&file, state, "lossless webp");
  for (uint32_t groups = 4096; groups <= 65536; groups *= 16) {
    webp_groups_file(&file, SIDE, groups, false);
    expect_cheap(&file, state, &ordinary, (size_t)SIDE * SIDE, groups == 4096 ? "4096 groups" : "65536 groups");
    webp_groups_file(&file, SIDE, groups, true);
    expect_cheap(&file, state, &ordinary, (size_t)SIDE * SIDE, groups == 4096 ? "4096 costly ones" : "65536 costly ones");
  }
}

int main(int argc, char **argv)
{
  if (argc == 2)
    return cost_read(argv[1]);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_bounds__what_the_header_gives_away, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__a_canvas_is_never_made_blindly, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__twenty_thousand_texts, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__texts_and_profiles_that_unpack_to_gigabytes, tmpdir_setup,
                                      tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__png, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__jpeg_segments, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__jpeg_scans_of_nothing, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__jpeg, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__jpeg_of_many_inks, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__lossless_webp, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__webp, tmpdir_setup, tmpdir_teardown),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  (void)printf("pictures: %zu hostile ones within their bounds\n", cost_cases());
  return failed;
}
