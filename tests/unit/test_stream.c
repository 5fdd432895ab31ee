/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "json/json.h"
#include "json/stream.h"

/* Joins what is taken: "[index:characters]". */
typedef struct catcher {
  px_buf text;
  bool open;
  uint64_t bytes;
  pixazo_status answer;
} catcher;

static pixazo_status take(void *self, size_t index, const char *text, size_t size, bool last, pixazo_error **error)
{
  catcher *caught = self;
  if (caught->answer != PIXAZO_OK)
    return px_fail(error, caught->answer, "the sink is full");
  if (!caught->open)
    (void)px_buf_printf(&caught->text, "[%zu:", index);
  (void)px_buf_add(&caught->text, text, size);
  if (last)
    (void)px_buf_add_char(&caught->text, ']');
  caught->open = !last;
  caught->bytes += size;
  return PIXAZO_OK;
}

static const char *const names[] = {"b64_json", "image", "images"};

static pixazo_status run_steps(const char *text, size_t step, px_json_stream_options *options, char **rest, size_t *taken)
{
  px_cleanup(px_json_stream_done) px_json_stream *stream = NULL;
  assert_int_equal(px_json_stream_new(options, &stream, NULL), PIXAZO_OK);
  size_t size = strlen(text);
  for (size_t i = 0; i < size; i += step) {
    pixazo_status status = px_json_stream_feed(stream, text + i, size - i < step ? size - i : step, NULL);
    if (status != PIXAZO_OK)
      return status;
  }
  return px_json_stream_finish(stream, rest, taken, NULL);
}

static px_json_stream_options plain_options(catcher *caught)
{
  px_json_stream_options options = {names, PX_ARRAY_SIZE(names), NULL, take, caught, 0, 0, 0};
  return options;
}

static void test_stream__hands_out_pictures_in_pieces_of_any_size(void **state)
{
  (void)state;
  static const char text[] =
      "{\"created\":1.50,\"data\":[{\"b64_json\":\"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+"
      "M9QDwADhgGAWjR9awAAAABJ\\nRU5\\u0041\","
      "\"url\":\"https://x.test/"
      "b64\"},{\"image\":\"short\"}],\"images\":[\"AAAA\",{\"id\":\"no\"},\"BBBB\"],\"image\":null,\"n\":{\"x\":\"image\"}}";
  for (size_t step = 1; step < 200; step += step < 8 ? 1 : 61) {
    catcher caught = {PX_BUF_INIT(10000), false, 0, PIXAZO_OK};
    px_json_stream_options options = plain_options(&caught);
    px_autofree char *rest = NULL;
    size_t taken = 0;
    assert_int_equal(run_steps(text, step, &options, &rest, &taken), PIXAZO_OK);
    assert_int_equal(taken, 4);
    assert_string_equal(px_buf_text(&caught.text),
                        "[0:iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ\nRU5A]"
                        "[1:short][2:AAAA][3:BBBB]");
    assert_string_equal(rest,
                        "{\"created\":1.50,\"data\":[{\"b64_json\":\"@taken:0\",\"url\":\"https://x.test/b64\"},"
                        "{\"image\":\"@taken:1\"}],\"images\":[\"@taken:2\",{\"id\":\"no\"},\"@taken:3\"],\"image\":null,"
                        "\"n\":{\"x\":\"image\"}}");
    px_buf_done(&caught.text);
  }
}

static void test_stream__leaves_links_in_the_rest(void **state)
{
  (void)state;
  catcher caught = {PX_BUF_INIT(10000), false, 0, PIXAZO_OK};
  px_json_stream_options options = plain_options(&caught);
  px_autofree char *rest = NULL;
  size_t taken = 9;
  static const char text[] = "{\"image\":\"https://cdn.test/a-name-that-is-longer-than-the-head-that-is-looked-at/"
                             "picture-0001.png?token=\\u0026\"}";
  assert_int_equal(run_steps(text, 5, &options, &rest, &taken), PIXAZO_OK);
  assert_int_equal(taken, 0);
  assert_string_equal(
      rest,
      "{\"image\":\"https://cdn.test/a-name-that-is-longer-than-the-head-that-is-looked-at/picture-0001.png?token=&\"}");
  assert_int_equal(caught.bytes, 0);
  px_buf_done(&caught.text);
}

static bool want_data_url(void *self, const char *name, const char *head, size_t size)
{
  (void)self;
  return strcmp(name, "image") == 0 && size >= 5 && memcmp(head, "data:", 5) == 0;
}

static void test_stream__asks_the_caller_which_strings_to_take(void **state)
{
  (void)state;
  catcher caught = {PX_BUF_INIT(10000), false, 0, PIXAZO_OK};
  px_json_stream_options options = plain_options(&caught);
  options.want = want_data_url;
  px_autofree char *rest = NULL;
  size_t taken = 0;
  assert_int_equal(run_steps("[{\"image\":\"AAAA\"},{\"image\":\"data:x,BB\"},{\"images\":\"data:y\"},{\"image\":\"\"}]", 3,
                             &options, &rest, &taken),
                   PIXAZO_OK);
  assert_string_equal(rest, "[{\"image\":\"AAAA\"},{\"image\":\"@taken:0\"},{\"images\":\"data:y\"},{\"image\":\"\"}]");
  assert_string_equal(px_buf_text(&caught.text), "[0:data:x,BB]");
  px_buf_done(&caught.text);
}

static void test_stream__holds_nothing_large(void **state)
{
  (void)state;
  catcher caught = {PX_BUF_INIT(1 << 25), false, 0, PIXAZO_OK};
  px_json_stream_options options = plain_options(&caught);
  options.max_rest = 64;
  px_cleanup(px_json_stream_done) px_json_stream *stream = NULL;
  assert_int_equal(px_json_stream_new(&options, &stream, NULL), PIXAZO_OK);
  char block[4096];
  memset(block, 'Q', sizeof block);
  assert_int_equal(px_json_stream_feed(stream, "{\"image\":\"", 10, NULL), PIXAZO_OK);
  for (int i = 0; i < 1024; i++)
    assert_int_equal(px_json_stream_feed(stream, block, sizeof block, NULL), PIXAZO_OK);
  assert_int_equal(px_json_stream_feed(stream, "\"}", 2, NULL), PIXAZO_OK);
  px_autofree char *rest = NULL;
  assert_int_equal(px_json_stream_finish(stream, &rest, NULL, NULL), PIXAZO_OK);
  assert_string_equal(rest, "{\"image\":\"@taken:0\"}");
  assert_int_equal(caught.bytes, 4096 * 1024);
  px_buf_done(&caught.text);
}

static void test_stream__cuts_long_strings_that_nobody_takes(void **state)
{
  (void)state;
  catcher caught = {PX_BUF_INIT(100), false, 0, PIXAZO_OK};
  px_json_stream_options options = plain_options(&caught);
  options.max_string = 10;
  px_autofree char *rest = NULL;
  assert_int_equal(run_steps("[\"0123456789\",\"0123456789a\",7]", 4, &options, &rest, NULL), PIXAZO_OK);
  assert_string_equal(rest, "[\"0123456789\",\"<11 bytes>\",7]");
  px_buf_done(&caught.text);
}

static void test_stream__refuses_too_large_a_rest_and_bad_text(void **state)
{
  (void)state;
  catcher caught = {PX_BUF_INIT(100), false, 0, PIXAZO_OK};
  px_json_stream_options options = plain_options(&caught);
  char *rest = NULL;
  options.max_rest = 8;
  assert_int_equal(run_steps("[1,2,3,4,5]", 4, &options, &rest, NULL), PIXAZO_E_LIMIT);
  options.max_rest = 0;
  options.max_bytes = 5;
  assert_int_equal(run_steps("[1,2,3]", 4, &options, &rest, NULL), PIXAZO_E_LIMIT);
  options.max_bytes = 0;
  assert_int_equal(run_steps("{\"image\":\"AAAA\x01\"}", 4, &options, &rest, NULL), PIXAZO_E_CORRUPT);
  assert_int_equal(run_steps("{\"image\":\"AAAA", 4, &options, &rest, NULL), PIXAZO_E_CORRUPT);
  assert_null(rest);
  px_buf_done(&caught.text);
}

static void test_stream__ends_with_the_failure_of_the_sink(void **state)
{
  (void)state;
  catcher caught = {PX_BUF_INIT(100), false, 0, PIXAZO_E_IO};
  px_json_stream_options options = plain_options(&caught);
  px_cleanup(px_json_stream_done) px_json_stream *stream = NULL;
  px_autoerror error = NULL;
  assert_int_equal(px_json_stream_new(&options, &stream, NULL), PIXAZO_OK);
  assert_int_equal(px_json_stream_feed(stream, "{\"image\":\"A\"", 12, &error), PIXAZO_E_IO);
  assert_string_equal(pixazo_error_message(error), "the sink is full");
  char *rest = NULL;
  assert_int_equal(px_json_stream_feed(stream, "}", 1, NULL), PIXAZO_E_STATE);
  assert_int_equal(px_json_stream_finish(stream, &rest, NULL, NULL), PIXAZO_E_STATE);
  px_buf_done(&caught.text);
}

static void test_stream__marks_what_it_took_so_that_it_can_be_found(void **state)
{
  (void)state;
  size_t index = 7;
  assert_true(px_json_stream_marker("@taken:12", &index));
  assert_int_equal(index, 12);
  static const char *const others[] = {
      "", "@taken:", "@taken:-1", "@taken:1x", "taken:1", "<11 bytes>", "@taken:99999999999999999999"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(others); i++)
    assert_false(px_json_stream_marker(others[i], &index));
  assert_int_equal(index, 12);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_stream__hands_out_pictures_in_pieces_of_any_size),
      cmocka_unit_test(test_stream__leaves_links_in_the_rest),
      cmocka_unit_test(test_stream__asks_the_caller_which_strings_to_take),
      cmocka_unit_test(test_stream__holds_nothing_large),
      cmocka_unit_test(test_stream__cuts_long_strings_that_nobody_takes),
      cmocka_unit_test(test_stream__refuses_too_large_a_rest_and_bad_text),
      cmocka_unit_test(test_stream__ends_with_the_failure_of_the_sink),
      cmocka_unit_test(test_stream__marks_what_it_took_so_that_it_can_be_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
