/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/body.h"
#include "support/tmpdir.h"

static void write_file(const char *path, size_t size)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite("\x89PNG\r\n\x1A\n", 1, 8, file), 8);
  for (size_t i = 8; i < size; i++)
    assert_int_not_equal(fputc((int)(i * 31 % 251), file), EOF);
  assert_int_equal(fclose(file), 0);
}

/* The whole body, read in pieces of `step` bytes. */
static char *read_all(const px_body *body, size_t step)
{
  px_body_reader reader;
  px_autoerror error = NULL;
  assert_ok(px_body_open(&reader, body, &error), error);
  char *text = px_malloc((size_t)body->size + 1);
  assert_non_null(text);
  for (size_t at = 0, given = 0; at < body->size; at += given) {
    size_t room = body->size - at < step ? (size_t)body->size - at : step;
    assert_true(px_body_read(&reader, at, text + at, room, &given));
    assert_true(given > 0 && given <= room);
  }
  text[body->size] = '\0';
  px_body_close(&reader);
  return text;
}

static void test_body__a_file_in_json_is_the_same_in_pieces_of_any_size(void **state)
{
  const char *directory = *state;
  static const size_t sizes[] = {8, 9, 10, 11, 3071, 3072, 3073, 20000};
  static const size_t steps[] = {1, 2, 3, 5, 7, 4096, 65536};
  char path[512];
  (void)snprintf(path, sizeof path, "%s/picture.png", directory);
  for (size_t i = 0; i < PX_ARRAY_SIZE(sizes); i++) {
    write_file(path, sizes[i]);
    px_input input = {0};
    px_autoerror error = NULL;
    assert_ok(px_input_measure(&input, path, 1 << 20, &error), error);
    px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(4096);
    px_auto(px_body) body = PX_BODY_INIT;
    char *json = NULL;
    px_json_put_begin_object(&writer, NULL);
    px_json_put_string(&writer, "prompt", "\x01" "0\x01 pixazo \"0\"");
    px_body_put_input(&writer, "image", "data:image/png;base64,", 0);
    px_json_put_end_object(&writer);
    assert_ok(px_json_writer_finish(&writer, &json, &error), error);
    assert_ok(px_body_set_json(&body, json, &input, 1, &error), error);
    assert_int_equal(body.count, 3);
    px_autofree char *whole = read_all(&body, (size_t)1 << 20);
    assert_non_null(strstr(whole, "\"image\":\"data:image/png;base64,iVBORw0KGg"));
    for (size_t k = 0; k < PX_ARRAY_SIZE(steps); k++) {
      px_autofree char *again = read_all(&body, steps[k]);
      assert_string_equal(whole, again);
    }
    px_base64 state64 = PX_BASE64_INIT;
    const char *text = strstr(whole, "base64,") + 7;
    px_autofree unsigned char *bytes = px_malloc(sizes[i] + 3);
    size_t written = 0;
    size_t rest = 0;
    assert_true(px_base64_decode(&state64, text, strcspn(text, "\""), bytes, &written));
    assert_true(px_base64_finish(&state64, bytes + written, &rest));
    assert_int_equal(written + rest, sizes[i]);
    px_input_done(&input);
  }
}

static void test_body__a_file_that_changed_is_not_sent(void **state)
{
  const char *directory = *state;
  char path[512];
  (void)snprintf(path, sizeof path, "%s/changed.png", directory);
  write_file(path, 100);
  px_input input = {0};
  assert_status(px_input_measure(&input, path, 1 << 20, NULL), PIXAZO_OK);
  px_auto(px_body) body = PX_BODY_INIT;
  assert_status(px_body_add_file(&body, &input, false, NULL), PIXAZO_OK);
  px_autofree char *raw = read_all(&body, 7);
  assert_memory_equal(raw, "\x89PNG", 4);
  FILE *file = fopen(path, "r+b");
  assert_int_equal(fseek(file, 50, SEEK_SET), 0);
  assert_int_equal(fputc('!', file), '!');
  assert_int_equal(fclose(file), 0);
  px_body_reader reader;
  assert_status(px_body_open(&reader, &body, NULL), PIXAZO_E_CONFLICT);
  px_body_close(&reader);
  assert_int_equal(unlink(path), 0);
  assert_status(px_body_open(&reader, &body, NULL), PIXAZO_E_NOT_FOUND);
  px_body_close(&reader);
  px_input_done(&input);
}

static void test_body__what_is_no_picture_is_refused(void **state)
{
  const char *directory = *state;
  char path[512];
  px_input input = {0};
  (void)snprintf(path, sizeof path, "%s/text.png", directory);
  FILE *file = fopen(path, "wb");
  assert_int_equal(fputs("not a picture at all", file) >= 0, 1);
  assert_int_equal(fclose(file), 0);
  assert_status(px_input_measure(&input, path, 1 << 20, NULL), PIXAZO_E_ARGUMENT);
  assert_status(px_input_measure(&input, path, 10, NULL), PIXAZO_E_LIMIT);
  assert_status(px_input_measure(&input, directory, 1 << 20, NULL), PIXAZO_E_IO);
  assert_status(px_input_measure(&input, "/nowhere/at/all", 1 << 20, NULL), PIXAZO_E_NOT_FOUND);
  file = fopen(path, "wb");
  assert_int_equal(fclose(file), 0);
  assert_status(px_input_measure(&input, path, 1 << 20, NULL), PIXAZO_E_ARGUMENT);
  assert_null(input.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_body__a_file_in_json_is_the_same_in_pieces_of_any_size),
      cmocka_unit_test(test_body__a_file_that_changed_is_not_sent),
      cmocka_unit_test(test_body__what_is_no_picture_is_refused),
  };
  return cmocka_run_group_tests(tests, tmpdir_setup, tmpdir_teardown);
}
