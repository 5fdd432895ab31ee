/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/memory.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "export/exporter.h"
#include "image/exif.h"
#include "support/pictures.h"
#include "support/tmpdir.h"

static unsigned sample_of(uint32_t x, uint32_t y, unsigned channel)
{
  return (x * 3 + y * 5 + channel * 70) & 0xffff;
}

static void make_png(file_bytes *file)
{
  png_plan plan = {.width = 9, .height = 7, .depth = 16, .color = 6, .sample = sample_of};
  png_make(file, &plan);
}

static pixazo_picture *inspect(const file_bytes *file)
{
  pixazo_exporter *exporter = NULL;
  pixazo_blob *blob = NULL;
  pixazo_picture *picture = NULL;
  px_autoerror error = NULL;
  assert_ok(pixazo_exporter_new(NULL, &exporter, &error), error);
  assert_ok(pixazo_blob_new(file->data, file->size, &blob, &error), error);
  assert_ok(pixazo_exporter_inspect(exporter, blob, NULL, &picture, &error), error);
  pixazo_blob_unref(blob);
  pixazo_exporter_unref(exporter);
  return picture;
}

static void test_picture__reports_what_the_file_is(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0}, exif = {NULL, 0};
  char sha256[PX_SHA256_HEX];
  make_png(&file);
  exif_make(&exif, true, 5);
  png_insert_chunk(&file, "eXIf", exif.data, exif.size);
  png_insert_chunk(&file, "tEXt", "parameters\0a red fox", 20);
  pixazo_picture *picture = inspect(&file);
  assert_true(px_sha256_hex(file.data, file.size, sha256));
  assert_string_equal(pixazo_picture_format(picture), "png");
  assert_string_equal(pixazo_picture_content_type(picture), "image/png");
  assert_string_equal(pixazo_picture_extension(picture), "png");
  assert_int_equal(pixazo_picture_width(picture), 9);
  assert_int_equal(pixazo_picture_height(picture), 7);
  assert_int_equal(pixazo_picture_bytes(picture), file.size);
  assert_int_equal(pixazo_picture_has_alpha(picture), 1);
  assert_int_equal(pixazo_picture_bit_depth(picture), 16);
  assert_int_equal(pixazo_picture_orientation(picture), 5);
  assert_string_equal(pixazo_picture_sha256(picture), sha256);
  assert_int_equal(pixazo_picture_has_c2pa(picture), 0);
  assert_string_equal(pixazo_picture_parameters(picture), "a red fox");
  pixazo_picture_free(picture);
  file_bytes_done(&file);
  file_bytes_done(&exif);
}

static void test_picture__finds_the_parameters_of_a_jpeg_in_its_user_comment(void **state)
{
  (void)state;
  file_bytes file = {NULL, 0};
  px_auto(px_buf) exif = PX_BUF_INIT(65536);
  char *json = NULL;
  jpeg_make(&file, &(jpeg_plan){8, 8, JPEG_KIND_YCC, false, false, {1, 2, 3, 0}});
  assert_true(px_buf_add(&exif, "Exif\0", 6));
  px_exif_build("a f\xc3\xb6x", &exif);
  jpeg_insert_segment(&file, 0xe1, exif.data, exif.size);
  pixazo_picture *picture = inspect(&file);
  assert_string_equal(pixazo_picture_parameters(picture), "a f\xc3\xb6x");
  assert_status(pixazo_picture_to_json(picture, &json, NULL), PIXAZO_OK);
  assert_non_null(strstr(json, "\"schema\":1,\"format\":\"jpeg\""));
  assert_non_null(strstr(json, "\"has_alpha\":false,\"bit_depth\":8,\"orientation\":1"));
  assert_non_null(strstr(json, "\"has_c2pa\":false"));
  pixazo_free(json);
  pixazo_picture_free(picture);
  file_bytes_done(&file);
}

static void test_picture__a_file_is_inspected_where_it_lies(void **state)
{
  file_bytes file = {NULL, 0};
  pixazo_exporter *exporter = NULL;
  pixazo_picture *picture = NULL;
  px_autoerror error = NULL;
  char *path = tmpdir_path(*state, "a.jpg"); /* names are not believed */
  make_png(&file);
  assert_ok(px_file_replace(path, file.data, file.size, 0600, &error), error);
  assert_ok(pixazo_exporter_new(NULL, &exporter, &error), error);
  assert_ok(pixazo_exporter_inspect_file(exporter, path, NULL, &picture, &error), error);
  assert_string_equal(pixazo_picture_extension(picture), "png");
  pixazo_picture_free(picture);
  picture = NULL;
  assert_ok(px_file_replace(path, file.data, file.size - 5, 0600, &error), error);
  assert_status(pixazo_exporter_inspect_file(exporter, path, NULL, &picture, NULL), PIXAZO_E_CORRUPT);
  free(path);
  path = tmpdir_path(*state, "absent");
  assert_status(pixazo_exporter_inspect_file(exporter, path, NULL, &picture, NULL), PIXAZO_E_NOT_FOUND);
  assert_null(picture);
  free(path);
  pixazo_exporter_unref(exporter);
  file_bytes_done(&file);
}

/* What the exporter says of a file, as JSON or as the name of a status; free with px_free. */
static char *report(const pixazo_exporter *exporter, const char *path)
{
  pixazo_picture *picture = NULL;
  char *json = NULL;
  pixazo_status status = pixazo_exporter_inspect_file(exporter, path, NULL, &picture, NULL);
  if (status != PIXAZO_OK)
    return px_strdup(pixazo_status_name(status));
  assert_status(pixazo_picture_to_json(picture, &json, NULL), PIXAZO_OK);
  pixazo_picture_free(picture);
  return json;
}

static void expect_same_report(pixazo_exporter *exporter, const char *path, const file_bytes *file, size_t size)
{
  assert_status(px_file_replace(path, file->data, size, 0600, NULL), PIXAZO_OK);
  exporter->held_max = UINT64_MAX;
  px_autofree char *held = report(exporter, path);
  exporter->held_max = 0;
  px_autofree char *seen = report(exporter, path);
  assert_string_equal(held, seen);
  assert_int_equal(held[0] == '{', size == file->size);
}

static void test_picture__a_file_too_large_to_be_held_gets_the_same_report(void **state)
{
  enum { FILES = 3 };
  file_bytes files[FILES] = {{NULL, 0}}, exif = {NULL, 0};
  pixazo_exporter *exporter = NULL;
  char *path = tmpdir_path(*state, "large");
  assert_status(pixazo_exporter_new(NULL, &exporter, NULL), PIXAZO_OK);
  exif_make(&exif, true, 5);
  make_png(&files[0]);
  png_insert_chunk(&files[0], "eXIf", exif.data, exif.size);
  png_insert_chunk(&files[0], "tEXt", "parameters\0a red fox", 20);
  jpeg_make(&files[1], &(jpeg_plan){.width = 21, .height = 9, .kind = JPEG_KIND_YCC, .progressive = true});
  webp_make(&files[2], 8, 8, true, (const unsigned char[]){1, 2, 3, 255});
  for (size_t i = 0; i < FILES; i++) {
    expect_same_report(exporter, path, &files[i], files[i].size);
    expect_same_report(exporter, path, &files[i], files[i].size - 3);
    expect_same_report(exporter, path, &files[i], 0);
    file_bytes_done(&files[i]);
  }
  file_bytes_done(&exif);
  free(path);
  pixazo_exporter_unref(exporter);
}

enum { THREADS = 4, TURNS = 25 };

typedef struct reader {
  const pixazo_exporter *exporter;
  const char *paths[3];
  char *wanted[3];
} reader;

static void *read_in_turns(void *argument)
{
  const reader *self = argument;
  for (int i = 0; i < TURNS * 3; i++) {
    px_autofree char *seen = report(self->exporter, self->paths[i % 3]);
    if (strcmp(seen, self->wanted[i % 3]) != 0)
      return argument;
  }
  return NULL;
}

static unsigned noise_of(uint32_t x, uint32_t y, unsigned channel)
{
  uint32_t mixed = (x * 600 + y * 4 + channel) * 2654435761u;
  return (mixed ^ mixed >> 15) & 0xffff;
}

/* More threads than buffers are kept, with a file too large for one: each sees its own bytes. */
static void test_picture__many_threads_look_at_files_at_once(void **state)
{
  file_bytes files[3] = {{NULL, 0}};
  char *paths[3] = {tmpdir_path(*state, "a"), tmpdir_path(*state, "b"), tmpdir_path(*state, "c")};
  pixazo_exporter *exporter = NULL;
  pthread_t threads[THREADS];
  assert_status(pixazo_exporter_new(NULL, &exporter, NULL), PIXAZO_OK);
  reader self = {.exporter = exporter};
  make_png(&files[0]);
  jpeg_make(&files[1], &(jpeg_plan){.width = 21, .height = 9, .kind = JPEG_KIND_YCC});
  png_make(&files[2], &(png_plan){.width = 600, .height = 400, .depth = 16, .color = 6, .sample = noise_of});
  assert_true(files[2].size > 1 << 20);
  for (size_t i = 0; i < 3; i++) {
    assert_status(px_file_replace(paths[i], files[i].data, files[i].size, 0600, NULL), PIXAZO_OK);
    self.paths[i] = paths[i];
    self.wanted[i] = report(exporter, paths[i]);
    file_bytes_done(&files[i]);
  }
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, read_in_turns, &self), 0);
  for (int i = 0; i < THREADS; i++) {
    void *wrong = NULL;
    assert_int_equal(pthread_join(threads[i], &wrong), 0);
    assert_null(wrong);
  }
  for (size_t i = 0; i < 3; i++) {
    px_free(self.wanted[i]);
    free(paths[i]);
  }
  pixazo_exporter_unref(exporter);
}

static void test_picture__nothing_can_be_asked_of_null(void **state)
{
  (void)state;
  assert_string_equal(pixazo_picture_format(NULL), "");
  assert_int_equal(pixazo_picture_orientation(NULL), 1);
  assert_string_equal(pixazo_picture_parameters(NULL), "");
  pixazo_picture_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_picture__reports_what_the_file_is),
      cmocka_unit_test(test_picture__finds_the_parameters_of_a_jpeg_in_its_user_comment),
      cmocka_unit_test_setup_teardown(test_picture__a_file_is_inspected_where_it_lies, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_picture__many_threads_look_at_files_at_once, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_picture__a_file_too_large_to_be_held_gets_the_same_report, tmpdir_setup,
                                      tmpdir_teardown),
      cmocka_unit_test(test_picture__nothing_can_be_asked_of_null),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
