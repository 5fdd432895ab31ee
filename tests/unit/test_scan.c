/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "json/scan.h"

/* A text and its size, for texts that hold a NUL. */
typedef struct sample {
  const char *text;
  size_t size;
} sample;
#define T(literal) {literal, sizeof(literal) - 1}

static const sample good[] = {
    T("null"),
    T("true"),
    T("false"),
    T(" \t\r\n null \n"),
    T("{}"),
    T("[]"),
    T("[ ]"),
    T("{ }"),
    T("0"),
    T("-0"),
    T("-0.0"),
    T("7"),
    T("10"),
    T("1.5"),
    T("1.50"),
    T("-12.5e3"),
    T("1E+2"),
    T("1e-2"),
    T("0e0"),
    T("0E-0"),
    T("123456789012345678901234567890"),
    T("1e400"),
    T("1e-400"),
    T("9007199254740993"),
    T("\"\""),
    T("\"a\""),
    T("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
    T("\"\\u0041\""),
    T("\"\\u00e9\\u20AC\""),
    T("\"\\ud83d\\ude00\""),
    T("\"\\uD800\\uDC00\""),
    T("\"\\uDBFF\\uDFFF\""),
    T("\"\\uFFFF\""),
    T("\"\x7f\""),
    T("\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\""),
    T("\"\xF4\x8F\xBF\xBF\""),
    T("\"\xED\x9F\xBF\""),
    T("\"\xEE\x80\x80\""),
    T("[1,2,3]"),
    T("[1 , 2]"),
    T("[[],[[]],{}]"),
    T("{\"a\":1}"),
    T("{\"a\":{\"b\":[{\"c\":null}]}}"),
    T("{\"\":0}"),
    T("{ \"a\" : 1 , \"b\" : [ true , false ] }"),
    T("[\"//\",\"/* */\"]"),
    T("\"\\u0022\""),
    T("[1e1,-1,0.1]"),
    T("{\"a\":\"\\u2028\"}"),
    T("[\"\xE2\x80\xA8\"]"),
};

static const sample bad[] = {
    T(""),
    T(" "),
    T("nul"),
    T("nulll"),
    T("True"),
    T("NULL"),
    T("tru e"),
    T("NaN"),
    T("Infinity"),
    T("-Infinity"),
    T("01"),
    T("-01"),
    T("00"),
    T("+1"),
    T(".5"),
    T("-.5"),
    T("2."),
    T("2.e1"),
    T("1e"),
    T("1e+"),
    T("-"),
    T("--1"),
    T("1-"),
    T("0x10"),
    T("1_000"),
    T("1,5"),
    T("1.2.3"),
    T("1e2e3"),
    T("1 2"),
    T("\""),
    T("\"a"),
    T("'a'"),
    T("\"\\x41\""),
    T("\"\\u12\""),
    T("\"\\u12G4\""),
    T("\"\\"),
    T("\"\\\""),
    T("\"\\a\""),
    T("\"\n\""),
    T("\"\t\""),
    T("\"\x01\""),
    T("\"\x1f\""),
    T("\"\\u0000\""),
    T("\"a\0b\""),
    T("\0"),
    T("null\0"),
    T("\"\\ud800\""),
    T("\"\\udc00\""),
    T("\"\\ud800x\""),
    T("\"\\ud800\\n\""),
    T("\"\\ud800\\u0041\""),
    T("\"\\udc00\\ud800\""),
    T("\"\\ud800\\ud800\""),
    T("\"\x80\""),
    T("\"\xC0\x80\""),
    T("\"\xC1\xBF\""),
    T("\"\xE0\x80\x80\""),
    T("\"\xED\xA0\x80\""),
    T("\"\xF5\x80\x80\x80\""),
    T("\"\xF4\x90\x80\x80\""),
    T("\"\xF0\x80\x80\x80\""),
    T("\"\xC3\""),
    T("\"\xE2\x82\""),
    T("\"\xFF\""),
    T("\"\xC3(\""),
    T("\xEF\xBB\xBF{}"),
    T("{\"\xFF\":1}"),
    T("\"\xC3\\u0041\""),
    T("["),
    T("]"),
    T("{"),
    T("}"),
    T("[1"),
    T("[1,"),
    T("[1,]"),
    T("[,1]"),
    T("[,]"),
    T("[1 2]"),
    T("[1;2]"),
    T("[}"),
    T("{]"),
    T("[1}"),
    T("{\"a\":1]"),
    T("[]]"),
    T("[][]"),
    T("{}{}"),
    T("[\"a\":1]"),
    T("[1:2]"),
    T("{\"a\"}"),
    T("{\"a\":}"),
    T("{\"a\":1,}"),
    T("{,}"),
    T("{a:1}"),
    T("{1:1}"),
    T("{\"a\" 1}"),
    T("{\"a\"::1}"),
    T("{\"a\":1 \"b\":2}"),
    T("{\"a\":1,,\"b\":2}"),
    T("{'a':1}"),
    T("{null:1}"),
    T("{\"a\":1"),
    T("{\"a\":"),
    T("{\"a\""),
    T("// c\n1"),
    T("/* c */1"),
    T("[1]//"),
    T("[1,/**/2]"),
    T("\f1"),
    T("\v1"),
    T("\xC2\xA0"
      "1"),
    T("1\f"),
    T("[1]x"),
    T("@"),
    T("{\"a\":true,\"b\":fals}"),
    T("[undefined]"),
    T("[\"a\",\n4\n,1,"),
};

/* Feeds `size` bytes in pieces of `step`. */
static pixazo_status scan_in_steps(const char *text, size_t size, size_t step, const px_json_limits *limits)
{
  px_json_scan scan;
  px_json_scan_init(&scan, limits, NULL, NULL);
  for (size_t i = 0; i < size; i += step) {
    pixazo_status status = px_json_scan_feed(&scan, text + i, size - i < step ? size - i : step, NULL);
    if (status != PIXAZO_OK)
      return status;
  }
  return px_json_scan_finish(&scan, NULL);
}

static void test_scan__accepts_what_the_grammar_allows_in_pieces_of_any_size(void **state)
{
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(good); i++) {
    for (size_t step = 1; step < 8; step++) {
      if (scan_in_steps(good[i].text, good[i].size, step, NULL) != PIXAZO_OK)
        fail_msg("refused in steps of %zu: %s", step, good[i].text);
    }
  }
  tell_cases("JSON texts that are valid", PX_ARRAY_SIZE(good));
}

static void test_scan__refuses_everything_else_in_pieces_of_any_size(void **state)
{
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(bad); i++) {
    for (size_t step = 1; step < 8; step++) {
      if (scan_in_steps(bad[i].text, bad[i].size, step, NULL) != PIXAZO_E_CORRUPT)
        fail_msg("accepted in steps of %zu: sample %zu %s", step, i, bad[i].text);
    }
  }
  tell_cases("JSON texts that are not", PX_ARRAY_SIZE(bad));
}

/* Long runs are looked at in blocks: a byte must be judged alike wherever it stands in one. */
static void test_scan__judges_a_byte_alike_anywhere_in_a_long_string(void **state)
{
  enum { RUN = 150, SIZE = RUN + 2 };
  char text[SIZE];
  (void)state;
  for (size_t at = 1; at <= RUN; at++) {
    for (int byte = 1; byte < 256; byte++) {
      memset(text, 'a', sizeof text);
      text[0] = text[SIZE - 1] = '"';
      text[at] = (char)byte;
      bool plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
      if ((scan_in_steps(text, SIZE, SIZE, NULL) == PIXAZO_OK) != plain)
        fail_msg("byte 0x%02x at %zu", (unsigned)byte, at);
    }
    memcpy(text + at, "\xC3\xA9", at < RUN ? 2 : 1); /* the last one lacks its other half */
    assert_int_equal(scan_in_steps(text, SIZE, SIZE, NULL), at < RUN ? PIXAZO_OK : PIXAZO_E_CORRUPT);
    assert_int_equal(scan_in_steps(text, SIZE, 70, NULL), at < RUN ? PIXAZO_OK : PIXAZO_E_CORRUPT);
  }
}

static void test_scan__refuses_every_cut_of_a_document(void **state)
{
  (void)state;
  static const char text[] = "{\"a\":[1.5e+3,\"\\ud83d\\ude00\xC3\xA9\",true,null],\"b\":{}}";
  size_t size = sizeof text - 1;
  for (size_t cut = 0; cut < size; cut++)
    assert_int_equal(scan_in_steps(text, cut, cut + 1, NULL), PIXAZO_E_CORRUPT);
  assert_int_equal(scan_in_steps(text, size, size, NULL), PIXAZO_OK);
  tell_cases("cuts of a document", size);
}

static void test_scan__names_the_byte_and_what_it_wanted(void **state)
{
  (void)state;
  px_autoerror error = NULL;
  px_json_scan scan;
  px_json_scan_init(&scan, NULL, NULL, NULL);
  assert_int_equal(px_json_scan_feed(&scan, "{\"a\":1;", 7, &error), PIXAZO_E_CORRUPT);
  assert_non_null(strstr(pixazo_error_message(error), "byte 6: want , or }, got ';'"));
}

static char *nested(char open, char close, size_t depth)
{
  char *text = malloc(2 * depth + 1);
  assert_non_null(text);
  memset(text, open, depth);
  memset(text + depth, close, depth);
  text[2 * depth] = '\0';
  return text;
}

static void test_scan__stops_at_the_depth_limit(void **state)
{
  (void)state;
  char *deepest = nested('[', ']', 64);
  char *deeper = nested('[', ']', 65);
  char *abyss = nested('[', ']', 100000);
  px_json_limits three = {0, 3, 0};
  px_json_limits most = {0, 1000, 0};
  assert_int_equal(scan_in_steps(deepest, 128, 128, NULL), PIXAZO_OK);
  assert_int_equal(scan_in_steps(deepest, 128, 128, &most), PIXAZO_OK);
  assert_int_equal(scan_in_steps(deeper, 130, 130, NULL), PIXAZO_E_LIMIT);
  assert_int_equal(scan_in_steps(deeper, 130, 130, &most), PIXAZO_E_LIMIT);
  assert_int_equal(scan_in_steps(abyss, 200000, 4096, NULL), PIXAZO_E_LIMIT);
  assert_int_equal(scan_in_steps("[[[]]]", 6, 6, &three), PIXAZO_OK);
  assert_int_equal(scan_in_steps("[[{\"a\":[]}]]", 12, 12, &three), PIXAZO_E_LIMIT);
  free(deepest);
  free(deeper);
  free(abyss);
}

static void test_scan__stops_at_the_limits_of_tokens_and_bytes(void **state)
{
  (void)state;
  px_json_limits tokens = {0, 0, 4};
  px_json_limits bytes = {7, 0, 0};
  assert_int_equal(scan_in_steps("[1,2,3]", 7, 7, &tokens), PIXAZO_OK);
  assert_int_equal(scan_in_steps("[1,2,3,4]", 9, 9, &tokens), PIXAZO_E_LIMIT);
  assert_int_equal(scan_in_steps("{\"a\":1,\"b\":2}", 13, 13, &tokens), PIXAZO_E_LIMIT);
  assert_int_equal(scan_in_steps("[1,2,3]", 7, 1, &bytes), PIXAZO_OK);
  assert_int_equal(scan_in_steps("[1,2,3] ", 8, 1, &bytes), PIXAZO_E_LIMIT);
  assert_int_equal(scan_in_steps("[1,2,3] ", 8, 8, &bytes), PIXAZO_E_LIMIT);
}

static pixazo_status record(void *self, px_json_event event, const char *text, size_t size, pixazo_error **error)
{
  px_buf *log = self;
  (void)error;
  static const char marks[] = "pl#n$K/S'.";
  (void)px_buf_add_char(log, marks[event]);
  (void)px_buf_add(log, text, size);
  return PIXAZO_OK;
}

static void test_scan__tells_decoded_strings_and_raw_numbers(void **state)
{
  (void)state;
  px_auto(px_buf) log = PX_BUF_INIT(4096);
  px_json_scan scan;
  px_json_scan_init(&scan, NULL, record, &log);
  static const char text[] = "{\"k\":[\"a\\n\\ud83d\\ude00\", -1.50 ,true]}";
  assert_int_equal(px_json_scan_feed(&scan, text, sizeof text - 1, NULL), PIXAZO_OK);
  assert_int_equal(px_json_scan_finish(&scan, NULL), PIXAZO_OK);
  assert_string_equal(px_buf_text(&log), "p{K'k/p:p[S'a'\n'\xF0\x9F\x98\x80.p,#n-n1.50$p,ltruep]p}");
}

static pixazo_status refuse(void *self, px_json_event event, const char *text, size_t size, pixazo_error **error)
{
  (void)self;
  (void)text;
  (void)size;
  return event == PX_JSON_NUMBER_END ? px_fail(error, PIXAZO_E_CANCELLED, "enough") : PIXAZO_OK;
}

static void test_scan__ends_with_the_failure_of_its_listener(void **state)
{
  (void)state;
  px_json_scan scan;
  px_json_scan_init(&scan, NULL, refuse, NULL);
  assert_int_equal(px_json_scan_feed(&scan, "[1", 2, NULL), PIXAZO_OK);
  assert_int_equal(px_json_scan_feed(&scan, "]", 1, NULL), PIXAZO_E_CANCELLED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_scan__accepts_what_the_grammar_allows_in_pieces_of_any_size),
      cmocka_unit_test(test_scan__refuses_everything_else_in_pieces_of_any_size),
      cmocka_unit_test(test_scan__judges_a_byte_alike_anywhere_in_a_long_string),
      cmocka_unit_test(test_scan__refuses_every_cut_of_a_document),
      cmocka_unit_test(test_scan__names_the_byte_and_what_it_wanted),
      cmocka_unit_test(test_scan__stops_at_the_depth_limit),
      cmocka_unit_test(test_scan__stops_at_the_limits_of_tokens_and_bytes),
      cmocka_unit_test(test_scan__tells_decoded_strings_and_raw_numbers),
      cmocka_unit_test(test_scan__ends_with_the_failure_of_its_listener),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
