/* SPDX-License-Identifier: MIT */
/* Partial pictures in a stream of events: which are told, and that nothing else follows from them. */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/previews.h"
#include "support/torture.h"

#define EVENT(type, members) "event: " type "\ndata: {\"type\":\"" type "\"," members "}\n\n"
#define PARTIAL(picture, index) \
  EVENT("image_generation.partial_image", "\"b64_json\":\"" picture "\",\"partial_image_index\":" index)
#define ONE "b25l" /* "one" */
#define TWO "dHdvdHdv"

typedef struct heard {
  char text[256]; /* "index:bytes;" of each */
  size_t count;
} heard;

static void hear(void *user, pixazo_blob *picture, int32_t index)
{
  heard *self = user;
  size_t used = strlen(self->text);
  int shown = pixazo_blob_size(picture) < 16 ? (int)pixazo_blob_size(picture) : 16;
  (void)snprintf(self->text + used, sizeof self->text - used, "%d:%.*s;", (int)index, shown,
                 (const char *)pixazo_blob_data(picture));
  self->count++;
}

static void feed(const char *stream, size_t piece, const px_previews_options *given, heard *out)
{
  px_previews_options options = *given;
  memset(out, 0, sizeof *out);
  options.on_preview = hear;
  options.user = out;
  px_previews *previews = px_previews_new(&options);
  assert_non_null(previews);
  for (size_t at = 0, size = strlen(stream); at < size; at += piece)
    px_previews_feed(previews, stream + at, size - at < piece ? size - at : piece);
  px_previews_free(previews);
}

static void expect(const char *stream, const char *wanted)
{
  static const size_t pieces[] = {1, 2, 3, 7, 64, SIZE_MAX / 2};
  const px_previews_options options = {.max_bytes = 1000};
  heard found;
  for (size_t i = 0; i < PX_ARRAY_SIZE(pieces); i++) {
    feed(stream, pieces[i], &options, &found);
    if (strcmp(found.text, wanted) != 0)
      fail_msg("in pieces of %zu: \"%s\", not \"%s\", of %s", pieces[i], found.text, wanted, stream);
  }
}

static void test_previews__are_told_in_order_with_their_index(void **state)
{
  (void)state;
  expect(PARTIAL(ONE, "0") PARTIAL(TWO, "1"), "0:one;1:twotwo;");
  expect(EVENT("image_edit.partial_image", "\"partial_image_index\":7,\"b64_json\":\"" ONE "\""), "7:one;");
  expect("\xEF\xBB\xBF: hello\r\nevent:image_edit.partial_image\rdata:{\"b64_json\":\rdata:\"" ONE "\"}\r\r", "0:one;");
}

static void test_previews__need_no_name_of_the_event_before_them(void **state)
{
  (void)state;
  expect("data: {\"b64_json\":\"" ONE "\",\"type\":\"image_generation.partial_image\"}\n\n", "0:one;");
  expect("data: {\"b64_json\":\"" ONE "\",\"type\":\"image_generation.completed\"}\n\n" PARTIAL(TWO, "3"), "3:twotwo;");
  expect("data: {\"b64_json\":\"" ONE "\"}\n\n", "");
}

static void test_previews__without_a_number_are_counted(void **state)
{
  (void)state;
  expect(PARTIAL(ONE, "null") PARTIAL(TWO, "-3") PARTIAL(ONE, "\"x\"") PARTIAL(ONE, "3000000000"),
         "0:one;1:twotwo;2:one;3:one;");
}

static void test_previews__finished_pictures_and_errors_are_none(void **state)
{
  (void)state;
  expect(EVENT("image_generation.completed", "\"b64_json\":\"" ONE "\""), "");
  expect(EVENT("error", "\"error\":{\"message\":\"no\"}") "data: [DONE]\n\n", "");
  expect(EVENT("partial_image", "\"b64_json\":\"" ONE "\""), "");
  expect("", "");
  expect("{\"data\":[{\"b64_json\":\"" ONE "\"}]}", "");
}

static void test_previews__a_bad_one_is_dropped_alone(void **state)
{
  (void)state;
  expect(PARTIAL("b2*l", "0") PARTIAL(TWO, "1"), "1:twotwo;");
  expect(PARTIAL("b", "0") PARTIAL(TWO, "1"), "1:twotwo;");
  expect(PARTIAL("", "0") PARTIAL(TWO, "1"), "1:twotwo;");
  expect(PARTIAL("https://a.test/p.png", "0") PARTIAL(TWO, "1"), "1:twotwo;");
  expect(EVENT("image_generation.partial_image", "\"b64_json\":null") PARTIAL(TWO, "1"), "1:twotwo;");
  expect(EVENT("image_generation.partial_image", "\"b64_json\":\"" ONE "\",\"b64_json\":\"" TWO "\""), "");
  expect(EVENT("image_generation.partial_image", "\"b64_json\":\"" ONE "\",\"x\":{\"b64_json\":\"" TWO "\"}"), "0:one;");
  expect("event: image_generation.partial_image\ndata: {\"b64_json\":\"" ONE "\"\n\n" PARTIAL(TWO, "1"), "1:twotwo;");
  expect("event: image_generation.partial_image\ndata: no JSON\n\n" PARTIAL(TWO, "1"), "1:twotwo;");
}

static void test_previews__one_that_is_cut_is_not_told(void **state)
{
  static const char whole[] = PARTIAL(ONE, "0");
  (void)state;
  for (size_t cut = 0; cut < sizeof whole - 1; cut++) {
    char *part = strndup(whole, cut);
    assert_non_null(part);
    expect(part, "");
    free(part);
  }
}

static void note(int32_t level, const char *line, size_t length, void *user_data)
{
  char *out = user_data;
  assert_int_equal(level, PIXAZO_LOG_DEBUG);
  (void)snprintf(out, 200, "%.*s", (int)length, line);
}

static void test_previews__one_that_is_too_large_is_dropped_and_logged(void **state)
{
  px_previews_options options = {.max_bytes = 6};
  char line[200] = "";
  heard found;
  (void)state;
  assert_status(pixazo_log_new(PIXAZO_LOG_DEBUG, note, line, &options.log, NULL), PIXAZO_OK);
  feed(PARTIAL(TWO, "0"), 5, &options, &found);
  assert_string_equal(found.text, "0:twotwo;");
  feed(EVENT("image_generation.completed", "\"b64_json\":\"" TWO TWO "\"")
       "data: {\"b64_json\":\"" TWO TWO "\"}\n\n", 5, &options, &found);
  px_log_deliver(options.log);
  assert_string_equal(line, ""); /* finished pictures are as large as they are */
  feed(PARTIAL(TWO "YQ==", "4") PARTIAL(ONE, "5"), 5, &options, &found);
  assert_string_equal(found.text, "5:one;");
  px_log_deliver(options.log);
  assert_non_null(strstr(line, "partial picture 4 has more than 6 bytes"));
  (void)pixazo_log_unref(options.log);
}

static void test_previews__usually_have_eight_mebibytes(void **state)
{
  static const size_t sizes[] = {PX_PREVIEW_MAX, PX_PREVIEW_MAX + 1};
  const px_previews_options options = {0};
  size_t room = (size_t)PX_PREVIEW_MAX / 3 * 4 + 400;
  char *stream = malloc(room);
  unsigned char *bytes = calloc(sizes[1], 1);
  (void)state;
  assert_true(stream && bytes);
  for (size_t i = 0; i < PX_ARRAY_SIZE(sizes); i++) {
    heard found;
    int head = snprintf(stream, room, "event: image_edit.partial_image\ndata: {\"b64_json\":\"");
    px_base64_encode(bytes, sizes[i], stream + head);
    size_t used = strlen(stream);
    (void)snprintf(stream + used, room - used, "\"}\n\n");
    feed(stream, 16384, &options, &found);
    assert_int_equal(found.count, i == 0);
  }
  free(bytes);
  free(stream);
}

static pixazo_status without_memory(void *user_data, pixazo_error **error)
{
  heard found = {.count = 0};
  px_previews_options options = {.on_preview = hear, .user = &found};
  (void)error;
  (void)user_data;
  px_previews *previews = px_previews_new(&options);
  static const char stream[] = PARTIAL(ONE, "0") PARTIAL(TWO, "1");
  for (size_t i = 0; previews && i < sizeof stream - 1; i++)
    px_previews_feed(previews, stream + i, 1);
  px_previews_free(previews);
  if (!torture_hit())
    assert_string_equal(found.text, "0:one;1:twotwo;");
  else if (!torture_is_for_ever() && previews)
    assert_true(found.count >= 1); /* the other one */
  return PIXAZO_OK;
}

static void test_previews__do_without_memory(void **state)
{
  (void)state;
  assert_true(torture_run("previews", without_memory, NULL, 1) >= 6);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_previews__are_told_in_order_with_their_index),
      cmocka_unit_test(test_previews__need_no_name_of_the_event_before_them),
      cmocka_unit_test(test_previews__without_a_number_are_counted),
      cmocka_unit_test(test_previews__finished_pictures_and_errors_are_none),
      cmocka_unit_test(test_previews__a_bad_one_is_dropped_alone),
      cmocka_unit_test(test_previews__one_that_is_cut_is_not_told),
      cmocka_unit_test(test_previews__one_that_is_too_large_is_dropped_and_logged),
      cmocka_unit_test(test_previews__usually_have_eight_mebibytes),
      cmocka_unit_test(test_previews__do_without_memory),
  };
  torture_install();
  return cmocka_run_group_tests_name("previews", tests, NULL, NULL);
}
