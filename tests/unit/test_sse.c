/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "net/sse.h"
#include "support/naive_sse.h"

enum { ROOM = 4096 };

/* What is told of a text, for pieces of every size. */
static void tells(const char *text, size_t size, const char *wanted)
{
  char found[ROOM] = "";
  for (size_t step = 1; step <= size + 1; step++) {
    size_t told = pieces_sse(text, size, step, found, sizeof found - 1);
    found[told] = '\0';
    if (strcmp(found, wanted) != 0)
      fail_msg("%s\nin pieces of %zu told\n%s\nnot\n%s", text, step, found, wanted);
  }
  size_t told = naive_sse(text, size, found, sizeof found - 1);
  found[told] = '\0';
  assert_string_equal(found, wanted);
}

static void test_sse__tells_what_the_standard_tells(void **state)
{
  static const struct {
    const char *text;
    const char *told; /* data type|id|size, then the reconnection time */
  } cases[] = {
      {"", "-1\n"},
      {"data: a\n\n", "amessage||1\n-1\n"},
      {"data:a\r\n\r\n", "amessage||1\n-1\n"},
      {"data: a\r\r", "amessage||1\n-1\n"},
      {"data: a\n\r\n", "amessage||1\n-1\n"},
      {"data: a\r\n\n", "amessage||1\n-1\n"},
      {"data:  a\n\n", " amessage||2\n-1\n"},
      {"data: a: b\n\n", "a: bmessage||4\n-1\n"},
      {"data\n\n", "message||0\n-1\n"},
      {"data\ndata\n\n", "\nmessage||1\n-1\n"},
      {"data:\n\n", "message||0\n-1\n"},
      {"data: YHOO\ndata: +2\ndata: 10\n\n", "YHOO\n+2\n10message||10\n-1\n"},
      {": comment\n\ndata: first\nid: 1\n\ndata: second\nid\n\ndata:  third", "firstmessage|1|5\nsecondmessage||6\n-1\n"},
      {"id: 7\ndata: a\n\ndata: b\n\n", "amessage|7|1\nbmessage|7|1\n-1\n"},
      {"event: done\ndata: a\n\ndata: b\n\n", "adone||1\nbmessage||1\n-1\n"},
      {"data: a\nevent: late\n\n", "alate||1\n-1\n"},
      {"event: one\nevent: two\ndata: a\n\n", "atwo||1\n-1\n"},
      {"event: nothing\n\ndata: a\n\n", "amessage||1\n-1\n"},
      {"event:\ndata: a\n\n", "amessage||1\n-1\n"},
      {"retry: 3000\n", "3000\n"},
      {"retry: 007\nretry: -5\nretry: 1s\nretry:\n", "7\n"},
      {"retry: 99999999999999999999\n", "-1\n"},
      {"retry: 12", "-1\n"},
      {"\xEF\xBB\xBF" "data: a\n\n", "amessage||1\n-1\n"},
      {"\xEF\xBB\xBF\xEF\xBB\xBF" "data: a\n\n", "-1\n"},
      {"\xEF\xBB" "data: a\n\n", "-1\n"},
      {"\xEF\xBB\ndata: a\n\n", "amessage||1\n-1\n"},
      {"Data: a\ndata : b\ndatas: c\n data: d\ndat: e\n\n", "-1\n"},
      {"data: cut", "-1\n"},
      {"data: cut\n", "-1\n"},
      {":\n:\n\n\n\r\r\n", "-1\n"},
      {"data: \xC3\xA4\xFF\n\n", "\xC3\xA4\xFFmessage||3\n-1\n"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    tells(cases[i].text, strlen(cases[i].text), cases[i].told);
  static const char with_nul[] = "id: 1\nid: 2\0003\ndata\n\n";
  tells(with_nul, sizeof with_nul - 1, "message|1|0\n-1\n");
  static const char nul_in_type[] = "event: \0done\ndata\n\n";
  tells(nul_in_type, sizeof nul_in_type - 1, "?done||0\n-1\n");
  tell_cases("event streams, in pieces of every size", sizeof cases / sizeof cases[0] + 2);
}

/* Every row of four such words, in pieces of every size, against the words of the standard. */
static void test_sse__agrees_with_the_standard_on_every_short_text(void **state)
{
  static const char *const words[] = {"data", "event", "id", "retry", ":", " ", "\n", "\r", "\r\n", "7", "\xEF\xBB\xBF"};
  enum { WORDS = sizeof words / sizeof words[0], ROWS = WORDS * WORDS * WORDS * WORDS };
  (void)state;
  for (int row = 0; row < ROWS; row++) {
    char text[64] = "", wanted[ROOM], found[ROOM];
    for (int i = 0, rest = row; i < 4; i++, rest /= WORDS)
      (void)strcat(text, words[rest % WORDS]);
    (void)strcat(text, "\ndata: x\n\n");
    size_t size = strlen(text);
    size_t told = naive_sse(text, size, wanted, sizeof wanted);
    for (size_t step = 1; step <= size; step += step < 3 ? 1 : 4) {
      if (pieces_sse(text, size, step, found, sizeof found) != told || memcmp(found, wanted, told) != 0)
        fail_msg("row %d in pieces of %zu", row, step);
    }
  }
  tell_cases("rows of words of an event stream", ROWS);
}

typedef struct heard {
  size_t bytes, pieces, events;
  char type[PX_SSE_TYPE_MAX + 1];
  char id[PX_SSE_ID_MAX + 1];
  pixazo_status answer_data, answer_end;
} heard;

static pixazo_status hear_data(void *self, const char *text, size_t size, pixazo_error **error)
{
  heard *all = self;
  (void)text;
  all->bytes += size;
  all->pieces++;
  return all->answer_data == PIXAZO_OK ? PIXAZO_OK : px_fail(error, all->answer_data, "no data");
}

static pixazo_status hear_end(void *self, const px_sse_event *event, pixazo_error **error)
{
  heard *all = self;
  all->events++;
  (void)snprintf(all->type, sizeof all->type, "%s", event->type);
  (void)snprintf(all->id, sizeof all->id, "%s", event->id);
  return all->answer_end == PIXAZO_OK ? PIXAZO_OK : px_fail(error, all->answer_end, "no end");
}

static void listen(px_sse *sse, heard *all, uint64_t max_event)
{
  *all = (heard){.answer_data = PIXAZO_OK};
  px_sse_init(sse, &(px_sse_hooks){hear_data, hear_end, all}, max_event);
}

static pixazo_status feed(px_sse *sse, const char *text)
{
  return px_sse_feed(sse, text, strlen(text), NULL);
}

static void test_sse__a_line_of_many_megabytes_goes_through_as_it_comes(void **state)
{
  enum { PIECE = 16384, PIECES = 4096 };
  static char piece[PIECE];
  px_sse sse;
  heard all;
  (void)state;
  memset(piece, 'A', sizeof piece);
  listen(&sse, &all, 0);
  assert_status(feed(&sse, "event: image\ndata: "), PIXAZO_OK);
  for (size_t i = 0; i < PIECES; i++) {
    assert_status(px_sse_feed(&sse, piece, sizeof piece, NULL), PIXAZO_OK);
    assert_int_equal(all.pieces, i + 1); /* told at once: nothing is held */
  }
  assert_true(px_sse_cut(&sse));
  assert_status(feed(&sse, "\n\n"), PIXAZO_OK);
  assert_int_equal(all.bytes, (size_t)PIECE * PIECES);
  assert_int_equal(all.events, 1);
  assert_string_equal(all.type, "image");
  assert_false(px_sse_cut(&sse));
}

static void test_sse__types_and_ids_are_bounded(void **state)
{
  char text[2 * PX_SSE_ID_MAX];
  px_sse sse;
  heard all;
  (void)state;
  for (size_t length = PX_SSE_ID_MAX - 1; length <= PX_SSE_ID_MAX + 1; length++) {
    listen(&sse, &all, 0);
    memset(text, 'i', length);
    assert_status(feed(&sse, "id: before\nid: "), PIXAZO_OK);
    assert_status(px_sse_feed(&sse, text, length, NULL), PIXAZO_OK);
    assert_status(feed(&sse, "\nevent: "), PIXAZO_OK);
    assert_status(px_sse_feed(&sse, text, length, NULL), PIXAZO_OK);
    assert_status(feed(&sse, "\ndata\n\n"), PIXAZO_OK);
    assert_int_equal(strlen(all.type), PX_SSE_TYPE_MAX);
    assert_int_equal(strlen(all.id), length <= PX_SSE_ID_MAX ? length : strlen("before"));
  }
}

static void test_sse__an_event_larger_than_allowed_is_a_limit(void **state)
{
  px_sse sse;
  heard all;
  (void)state;
  listen(&sse, &all, 4);
  assert_status(feed(&sse, "data: abcd\n\ndata: ab\ndata: c\n\n"), PIXAZO_OK); /* the line feed between counts too */
  assert_int_equal(all.events, 2);
  assert_status(feed(&sse, "data: abc"), PIXAZO_OK);
  assert_status(feed(&sse, "de"), PIXAZO_E_LIMIT);
  listen(&sse, &all, 4);
  assert_status(feed(&sse, "data: ab\ndata: cd\n"), PIXAZO_E_LIMIT);
}

static void test_sse__the_word_of_a_hook_ends_the_feeding(void **state)
{
  px_sse sse;
  heard all;
  px_autoerror error = NULL;
  (void)state;
  listen(&sse, &all, 0);
  all.answer_data = PIXAZO_E_IO;
  assert_status(px_sse_feed(&sse, "data: a\n\n", 9, &error), PIXAZO_E_IO);
  assert_string_equal(pixazo_error_message(error), "no data");
  listen(&sse, &all, 0);
  all.answer_end = PIXAZO_E_CORRUPT;
  assert_status(feed(&sse, "data: a\n\ndata: b\n\n"), PIXAZO_E_CORRUPT);
  assert_int_equal(all.events, 1);
}

static void test_sse__knows_whether_the_stream_was_cut(void **state)
{
  static const struct {
    const char *text;
    bool cut;
  } cases[] = {
      {"", false},          {"\xEF\xBB\xBF", false}, {"data: a\n\n", false}, {"data: a\r\r", false}, {": bye\n", false},
      {"id: 1\n", false},   {"data: a\n", true},     {"data: a", true},      {"data:", true},        {"da", true},
      {"event: x\n", true}, {": bye", true},         {"data: a\n\nd", true},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    px_sse sse;
    heard all;
    listen(&sse, &all, 0);
    assert_status(feed(&sse, cases[i].text), PIXAZO_OK);
    if (px_sse_cut(&sse) != cases[i].cut)
      fail_msg("\"%s\"", cases[i].text);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sse__tells_what_the_standard_tells),
      cmocka_unit_test(test_sse__agrees_with_the_standard_on_every_short_text),
      cmocka_unit_test(test_sse__a_line_of_many_megabytes_goes_through_as_it_comes),
      cmocka_unit_test(test_sse__types_and_ids_are_bounded),
      cmocka_unit_test(test_sse__an_event_larger_than_allowed_is_a_limit),
      cmocka_unit_test(test_sse__the_word_of_a_hook_ends_the_feeding),
      cmocka_unit_test(test_sse__knows_whether_the_stream_was_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
