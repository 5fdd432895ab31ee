/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "image/png/lazy.h"
#include "image/png/runs.h"
#include "support/kinds.h"

enum { SIZE = 3 * PX_PIECE - 100 };

static px_logs logs;
static px_parser parser;
static px_token tokens[PX_PIECE / PX_MATCH_MIN + 1];
static unsigned char window[SIZE + 32];

static int make(void **state)
{
  (void)state;
  px_logs_make(&logs);
  return 0;
}

static void check_tokens(size_t at, size_t size, size_t count)
{
  size_t end = at + size;
  assert_true(count <= size / PX_MATCH_MIN + 1);
  for (size_t i = 0; i < count; i++) {
    at += tokens[i].literals;
    if (tokens[i].length == 0)
      continue;
    assert_true(tokens[i].distance <= at && tokens[i].length <= end - at);
    assert_memory_equal(window + at, window + at - tokens[i].distance, tokens[i].length);
    at += tokens[i].length;
  }
  assert_int_equal(at, end);
}

/* Bits that the window takes, about. */
static uint64_t parse_all(const px_effort *effort, size_t step)
{
  uint64_t bits = 0;
  px_parser_reset(&parser, &logs, window, SIZE);
  for (size_t at = 0; at < SIZE; at += step) {
    size_t size = SIZE - at < step ? SIZE - at : step;
    px_counts counts = {.extra = 0};
    size_t count = px_parser_run(&parser, effort, (size_t[]){at, size}, tokens);
    check_tokens(at, size, count);
    px_tokens_count(window + at, tokens, count, &counts);
    px_parser_remember(&parser, &counts);
    bits += px_counts_bits(&logs, &counts);
  }
  return bits;
}

static void test_lazy__tokens_say_what_stands_there(void **state)
{
  static const px_effort efforts[] = {{0, 16, true}, {1, 3, true}, {16, 32, true}, {300, 258, true}};
  (void)state;
  for (unsigned values = 1; values <= 64; values *= 4) {
    uint32_t seed = values;
    for (size_t i = 0; i < SIZE; i++)
      window[i] = (unsigned char)(disorder(&seed) % values * (i % 3));
    for (size_t i = 0; i < sizeof efforts / sizeof *efforts; i++) {
      (void)parse_all(&efforts[i], PX_PIECE);
      (void)parse_all(&efforts[i], 9973);
    }
  }
}

static void test_lazy__more_effort_takes_no_more_room(void **state)
{
  uint32_t seed = 8;
  (void)state;
  for (size_t i = 0; i < SIZE; i++)
    window[i] = (unsigned char)(i < 5000 || disorder(&seed) % 40 == 0 ? disorder(&seed) : window[i - 700 - disorder(&seed) % 3]);
  uint64_t little = parse_all(&(px_effort){1, 16, true}, PX_PIECE);
  uint64_t much = parse_all(&(px_effort){60, 64, true}, PX_PIECE);
  assert_true(much <= little);
  assert_true(little < (uint64_t)SIZE * 8);
}

/* The first match is there at once; the one that begins a byte later is longer. At even and odd places, as in noise only
 * every other one is looked at. */
static void test_lazy__the_next_place_is_asked_first(void **state)
{
  uint32_t seed = 9;
  size_t whole = 0;
  (void)state;
  for (size_t i = 0; i < SIZE; i++)
    window[i] = (unsigned char)disorder(&seed);
  for (size_t at = 10000; at < 10400; at += 201) {
    memcpy(window + at + 1, window + at - 5000, 60);
    memcpy(window + at - 8000, window + at, 5);
  }
  px_parser_reset(&parser, &logs, window, SIZE);
  size_t count = px_parser_run(&parser, &(px_effort){4, 32, true}, (size_t[]){0, 20000}, tokens);
  check_tokens(0, 20000, count);
  for (size_t i = 0; i < count; i++)
    whole += tokens[i].length == 60 && tokens[i].distance == 5001;
  assert_int_equal(whole, 2);
}

/* Rows of a pattern with a byte of their own each: where the pattern breaks off, the row above goes on. */
static void test_lazy__the_row_above_is_not_forgotten(void **state)
{
  size_t shorter = 0;
  (void)state;
  for (size_t i = 0; i < SIZE; i++)
    window[i] = (unsigned char)(i % 3000 == 0 ? 99 : i % 3000 % 3);
  px_parser_reset(&parser, &logs, window, SIZE);
  size_t count = px_parser_run(&parser, &(px_effort){4, 32, true}, (size_t[]){0, PX_PIECE}, tokens);
  check_tokens(0, PX_PIECE, count);
  for (size_t i = 0; i < count; i++)
    shorter += tokens[i].length < PX_MATCH_MAX;
  assert_true(shorter <= 4);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lazy__tokens_say_what_stands_there),
      cmocka_unit_test(test_lazy__more_effort_takes_no_more_room),
      cmocka_unit_test(test_lazy__the_next_place_is_asked_first),
      cmocka_unit_test(test_lazy__the_row_above_is_not_forgotten),
  };
  return cmocka_run_group_tests(tests, make, NULL);
}
