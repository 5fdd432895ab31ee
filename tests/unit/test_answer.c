/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/error.h"
#include "base/mem.h"
#include "support/tmpdir.h"

static const char body[] = "{\"images\":[\"\n\npixazo-end \0 not the end\"]}";

static int open_file(void *directory)
{
  char *path = tmpdir_path(directory, "a.part");
  int descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  free(path);
  assert_true(descriptor >= 0);
  return descriptor;
}

/* A file as the journal writes it; without the trailer when the process died before. */
static void write_answer(int descriptor, bool finish)
{
  px_answer_writer writer;
  assert_status(px_answer_writer_init(&writer, descriptor, NULL), PIXAZO_OK);
  assert_status(px_answer_writer_set(&writer, "status", "200", NULL), PIXAZO_OK);
  assert_status(px_answer_writer_set(&writer, "content-type", "application/json", NULL), PIXAZO_OK);
  assert_status(px_answer_writer_set(&writer, "request-id", "", NULL), PIXAZO_OK);
  assert_status(px_answer_writer_head(&writer, NULL), PIXAZO_OK);
  assert_status(px_answer_writer_body(&writer, body, 10, NULL), PIXAZO_OK);
  assert_status(px_answer_writer_body(&writer, body + 10, sizeof body - 10, NULL), PIXAZO_OK);
  if (finish)
    assert_status(px_answer_writer_finish(&writer, NULL), PIXAZO_OK);
  px_answer_writer_done(&writer);
}

static void test_answer__comes_back_as_it_was_written(void **state)
{
  px_autoclose int descriptor = open_file(*state);
  write_answer(descriptor, true);
  px_auto(px_answer) answer = PX_ANSWER_INIT;
  assert_status(px_answer_read(&answer, descriptor, NULL), PIXAZO_OK);
  assert_true(answer.whole);
  assert_int_equal(px_answer_status(&answer), 200);
  assert_string_equal(px_answer_get(&answer, "content-type"), "application/json");
  assert_string_equal(px_answer_get(&answer, "request-id"), "");
  assert_null(px_answer_get(&answer, "application/json"));
  assert_null(px_answer_get(&answer, "model"));
  px_autofree char *data = NULL;
  size_t size = 0;
  assert_status(px_answer_load(&answer, sizeof body, &data, &size, NULL), PIXAZO_OK);
  assert_int_equal(size, sizeof body);
  assert_memory_equal(data, body, size);
  assert_status(px_answer_verify(&answer, NULL), PIXAZO_OK);
}

static void test_answer__without_a_trailer_is_cut_but_readable(void **state)
{
  px_autoclose int descriptor = open_file(*state);
  write_answer(descriptor, false);
  px_auto(px_answer) answer = PX_ANSWER_INIT;
  assert_status(px_answer_read(&answer, descriptor, NULL), PIXAZO_OK);
  assert_false(answer.whole);
  assert_int_equal(px_answer_status(&answer), 200);
  assert_int_equal(answer.body_size, sizeof body);
  assert_status(px_answer_verify(&answer, NULL), PIXAZO_E_CORRUPT);
}

/* kill -9 may leave any prefix: inside the head it is refused, behind it it is never taken for whole. */
static void test_answer__every_prefix_is_refused_or_cut(void **state)
{
  px_autoclose int descriptor = open_file(*state);
  write_answer(descriptor, true);
  px_auto(px_answer) answer = PX_ANSWER_INIT;
  assert_status(px_answer_read(&answer, descriptor, NULL), PIXAZO_OK);
  uint64_t head = answer.body_offset;
  off_t length = lseek(descriptor, 0, SEEK_END);
  for (off_t size = length - 1; size >= 0; size--) {
    px_auto(px_answer) cut = PX_ANSWER_INIT;
    assert_int_equal(ftruncate(descriptor, size), 0);
    pixazo_status status = px_answer_read(&cut, descriptor, NULL);
    assert_status(status, (uint64_t)size < head ? PIXAZO_E_CORRUPT : PIXAZO_OK);
    assert_false(cut.whole);
  }
}

static void test_answer__a_changed_byte_is_noticed(void **state)
{
  px_autoclose int descriptor = open_file(*state);
  write_answer(descriptor, true);
  px_auto(px_answer) answer = PX_ANSWER_INIT;
  assert_status(px_answer_read(&answer, descriptor, NULL), PIXAZO_OK);
  assert_int_equal(pwrite(descriptor, "X", 1, (off_t)answer.body_offset + 3), 1);
  px_autoerror error = NULL;
  assert_status(px_answer_verify(&answer, &error), PIXAZO_E_CORRUPT);
  assert_string_equal(pixazo_error_message(error), "the bytes of the answer file have changed");
}

static void test_answer__body_is_read_in_pieces_up_to_its_end(void **state)
{
  px_autoclose int descriptor = open_file(*state);
  write_answer(descriptor, true);
  px_auto(px_answer) answer = PX_ANSWER_INIT;
  assert_status(px_answer_read(&answer, descriptor, NULL), PIXAZO_OK);
  char piece[7];
  size_t got = 1;
  uint64_t offset = 0;
  for (; got > 0; offset += got) {
    assert_status(px_answer_body(&answer, offset, piece, sizeof piece, &got, NULL), PIXAZO_OK);
    assert_memory_equal(piece, body + offset, got);
  }
  assert_int_equal(offset, sizeof body);
  assert_status(px_answer_body(&answer, 1000, piece, sizeof piece, &got, NULL), PIXAZO_OK);
  assert_int_equal(got, 0);
  char *data = NULL;
  assert_status(px_answer_load(&answer, sizeof body - 1, &data, &got, NULL), PIXAZO_E_LIMIT);
  assert_null(data);
}

static void test_answer__head_values_cannot_forge_lines_and_are_bounded(void **state)
{
  px_autoclose int descriptor = open_file(*state);
  px_answer_writer writer;
  char *large = malloc(5000);
  memset(large, 'v', 4999);
  large[4999] = '\0';
  assert_status(px_answer_writer_init(&writer, descriptor, NULL), PIXAZO_OK);
  assert_status(px_answer_writer_set(&writer, "request-id", "a\r\nstatus: 200\n\nbody", NULL), PIXAZO_OK);
  pixazo_status status = PIXAZO_OK;
  for (int i = 0; i < 40 && status == PIXAZO_OK; i++)
    status = px_answer_writer_set(&writer, "header", large, NULL);
  free(large);
  assert_status(status, PIXAZO_E_LIMIT);
  assert_status(px_answer_writer_finish(&writer, NULL), PIXAZO_OK);
  assert_status(px_answer_writer_set(&writer, "late", "x", NULL), PIXAZO_E_STATE);
  px_answer_writer_done(&writer);
  px_auto(px_answer) answer = PX_ANSWER_INIT;
  assert_status(px_answer_read(&answer, descriptor, NULL), PIXAZO_OK);
  assert_true(answer.whole);
  assert_int_equal(answer.body_size, 0);
  assert_int_equal(px_answer_status(&answer), 0);
  assert_string_equal(px_answer_get(&answer, "request-id"), "a  status: 200  body");
  assert_int_equal(strlen(px_answer_get(&answer, "header")), 1024);
  assert_status(px_answer_verify(&answer, NULL), PIXAZO_OK);
}

static void test_answer__a_file_of_something_else_is_corrupt(void **state)
{
  static const char *const texts[] = {"", "pixazo-answer 1\n", "pixazo-answer 2\n\nbody", "pixazo-answer 1\nno colon\n\n",
                                      "GIF89a and so on, long enough to be a head"};
  px_autoclose int descriptor = open_file(*state);
  for (size_t i = 0; i < PX_ARRAY_SIZE(texts); i++) {
    px_answer answer = PX_ANSWER_INIT;
    assert_int_equal(ftruncate(descriptor, 0), 0);
    assert_int_equal(pwrite(descriptor, texts[i], strlen(texts[i]), 0), strlen(texts[i]));
    assert_status(px_answer_read(&answer, descriptor, NULL), PIXAZO_E_CORRUPT);
    assert_null(answer.head);
  }
  px_answer answer = PX_ANSWER_INIT;
  assert_status(px_answer_read(&answer, -1, NULL), PIXAZO_E_IO);
}

static void test_answer__a_file_in_memory_is_whole_without_a_hash(void **state)
{
  px_autoclose int descriptor = open_file(*state);
  px_answer_writer writer;
  px_autoerror error = NULL;
  assert_status(px_answer_writer_init_unhashed(&writer, descriptor, NULL), PIXAZO_OK);
  assert_status(px_answer_writer_body(&writer, body, sizeof body, NULL), PIXAZO_OK);
  assert_status(px_answer_writer_finish(&writer, NULL), PIXAZO_OK);
  px_answer_writer_done(&writer);
  px_auto(px_answer) answer = PX_ANSWER_INIT;
  assert_status(px_answer_read(&answer, descriptor, NULL), PIXAZO_OK);
  assert_true(answer.whole);
  assert_int_equal(answer.body_size, sizeof body);
  assert_status(px_answer_verify(&answer, &error), PIXAZO_E_CORRUPT);
}

int main(void)
{
#define with_directory(test) cmocka_unit_test_setup_teardown(test, tmpdir_setup, tmpdir_teardown)
  const struct CMUnitTest tests[] = {
      with_directory(test_answer__comes_back_as_it_was_written),
      with_directory(test_answer__without_a_trailer_is_cut_but_readable),
      with_directory(test_answer__every_prefix_is_refused_or_cut),
      with_directory(test_answer__a_changed_byte_is_noticed),
      with_directory(test_answer__body_is_read_in_pieces_up_to_its_end),
      with_directory(test_answer__head_values_cannot_forge_lines_and_are_bounded),
      with_directory(test_answer__a_file_of_something_else_is_corrupt),
      with_directory(test_answer__a_file_in_memory_is_whole_without_a_hash),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
