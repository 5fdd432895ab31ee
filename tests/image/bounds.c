/* SPDX-License-Identifier: MIT */
/* What hostile pictures may cost. Each file is read by a process of its own (this program again, with the file's name),
 * which says how much CPU and memory that took. Built without sanitizers only: they cost more than any picture. */
#include "kit.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jpeglib.h>
#include <zlib.h>

#include "support/bits.h"
#include "support/tmpdir.h"

enum { SIDE = 1024, HEADER_MS = 50, HEADER_KB = 16 * 1024, FLAT_KB = 32 * 1024, TIMES = 4, SLACK_MS = 20, PIECE = 1 << 20 };

extern char **environ;

static size_t cases;

/* ---- the reading process ---- */

typedef struct cost {
  int status; /* of the decoder */
  double cpu_ms;
  long memory_kb;
} cost;

static double cpu_ms(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* The most this program had in memory; the kernel's own count would begin with that of the parent. */
static long peak_kb(void)
{
  char line[200];
  long peak = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (status && fgets(line, sizeof line, status)) {
    if (strncmp(line, "VmHWM:", 6) == 0)
      peak = strtol(line + 6, NULL, 10);
  }
  if (status)
    (void)fclose(status);
  return peak;
}

static int read_one(const char *path)
{
  static cost found;
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  pixazo_blob *blob = NULL;
  if (pixazo_blob_new_from_file(path, 0, &blob, NULL) != PIXAZO_OK)
    return 1;
  px_decode_job job = {.file = kit_view(blob), .limits = &KIT_LIMITS};
  long memory = peak_kb();
  double begin = cpu_ms();
  found.status = px_codec_decode(&job, &pixmap, NULL, NULL);
  if (found.status == PIXAZO_OK)
    found.status = px_codec_metadata(job.file, &KIT_LIMITS, &metadata, NULL);
  found.cpu_ms = cpu_ms() - begin;
  found.memory_kb = peak_kb() - memory;
  (void)pixazo_blob_unref(blob);
  return write(STDOUT_FILENO, &found, sizeof found) == (ssize_t)sizeof found ? 0 : 1;
}

/* ---- starting it ---- */

static void start(const char *path, int output, pid_t *child)
{
  char *const words[] = {(char *)(uintptr_t) "bounds", (char *)(uintptr_t)path, NULL};
  posix_spawn_file_actions_t actions;
  assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
  assert_int_equal(posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO), 0);
  assert_int_equal(posix_spawn(child, "/proc/self/exe", &actions, NULL, words, environ), 0);
  (void)posix_spawn_file_actions_destroy(&actions);
}

static cost measure(const char *path)
{
  cost found;
  int ends[2], status;
  pid_t child;
  assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
  start(path, ends[1], &child);
  (void)close(ends[1]);
  ssize_t size = read(ends[0], &found, sizeof found);
  (void)close(ends[0]);
  assert_int_equal(waitpid(child, &status, 0), child);
  if (size != (ssize_t)sizeof found || status != 0)
    fail_msg("%s: the reading process ended with %x", path, (unsigned)status);
  return found;
}

/* CPU is the least of three runs, memory the most. Takes the file. */
static cost cost_of(file_bytes *file, char *const *state, const char *name)
{
  char *path = tmpdir_path(*state, name);
  FILE *out = fopen(path, "wb");
  assert_true(out && fwrite(file->data, 1, file->size, out) == file->size && fclose(out) == 0);
  file_bytes_done(file);
  cost least = measure(path);
  for (int i = 0; i < 2; i++) {
    cost again = measure(path);
    least.cpu_ms = again.cpu_ms < least.cpu_ms ? again.cpu_ms : least.cpu_ms;
    least.memory_kb = again.memory_kb > least.memory_kb ? again.memory_kb : least.memory_kb;
  }
  (void)unlink(path);
  free(path);
  return least;
}

static void expect_refused(file_bytes *file, void **state, pixazo_status wanted, const char *name)
{
  cost found = cost_of(file, (char *const *)state, name);
  (void)printf("  %-28s %8.2f ms %7ld KB\n", name, found.cpu_ms, found.memory_kb);
  assert_status((pixazo_status)found.status, wanted);
  assert_true(found.cpu_ms < HEADER_MS);
  assert_true(found.memory_kb < HEADER_KB);
  cases++;
}

static void expect_cheap(file_bytes *file, void **state, const cost *ordinary, size_t pixels, const char *name)
{
  cost found = cost_of(file, (char *const *)state, name);
  (void)printf("  %-28s %8.2f ms %7ld KB, %.1f times the ordinary\n", name, found.cpu_ms, found.memory_kb,
               found.cpu_ms / ordinary->cpu_ms);
  if (found.status != PIXAZO_OK && found.status != PIXAZO_E_LIMIT)
    fail_msg("%s: %s", name, pixazo_status_name((pixazo_status)found.status));
  if (found.cpu_ms > TIMES * ordinary->cpu_ms + SLACK_MS)
    fail_msg("%s: %.1f ms, an ordinary picture takes %.1f", name, found.cpu_ms, ordinary->cpu_ms);
  if (found.memory_kb > (long)(pixels * 8 / 1024) + FLAT_KB)
    fail_msg("%s: %ld KB", name, found.memory_kb);
  cases++;
}

static cost ordinary_cost(file_bytes *file, void **state, const char *name)
{
  cost found = cost_of(file, (char *const *)state, name);
  (void)printf("%-30s %8.2f ms %7ld KB\n", name, found.cpu_ms, found.memory_kb);
  assert_status((pixazo_status)found.status, PIXAZO_OK);
  return found;
}

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
  cost found = cost_of(&file, (char *const *)state, "webp canvas");
  assert_true(found.status != PIXAZO_OK && found.cpu_ms < HEADER_MS && found.memory_kb < HEADER_KB);
  cases++;
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
    cost found = cost_of(&file, (char *const *)state, "bomb");
    (void)printf("  %-28s %8.2f ms %7ld KB\n", list[i].label, found.cpu_ms, found.memory_kb);
    if (found.status != PIXAZO_OK && found.status != PIXAZO_E_LIMIT)
      fail_msg("%s: %s", list[i].label, pixazo_status_name((pixazo_status)found.status));
    if (found.cpu_ms > 2 * HEADER_MS || found.memory_kb > 2 * HEADER_KB)
      fail_msg("%s: %.1f ms, %ld KB", list[i].label, found.cpu_ms, found.memory_kb);
    cases++;
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
  make_jpeg(&file, SIDE, true, photo);
  file_bytes fill = {NULL, 0};
  for (int i = 0; i < 5000; i++)
    file_add(&fill, "\xff\xee\0\x04zz", 6);
  for (int i = 0; i < 200; i++)
    file_insert(&file, 2, fill.data, fill.size);
  file_bytes_done(&fill);
  expect_cheap(&file, state, &ordinary, pixels, "a million segments");
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
}

int main(int argc, char **argv)
{
  if (argc == 2)
    return read_one(argv[1]);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_bounds__what_the_header_gives_away, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__a_canvas_is_never_made_blindly, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__twenty_thousand_texts, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__texts_and_profiles_that_unpack_to_gigabytes, tmpdir_setup,
                                      tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__png, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__jpeg, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_bounds__webp, tmpdir_setup, tmpdir_teardown),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  (void)printf("pictures: %zu hostile ones within their bounds\n", cases);
  return failed;
}
