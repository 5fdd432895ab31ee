/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "image/png/lazy.h"
#include "support/kinds.h"
#include "support/tokens.h"

static void test_lazy__tokens_say_what_stands_there(void **state)
{
  static const px_effort efforts[] = {{0, 16, true}, {1, 3, true}, {16, 32, true}, {300, 258, true}};
  (void)state;
  tokens_try(efforts, sizeof efforts / sizeof *efforts);
}

static void test_lazy__more_effort_takes_no_more_room(void **state)
{
  (void)state;
  tokens_compare(&(px_effort){1, 16, true}, &(px_effort){60, 64, true});
}

/* The first match is there at once; the one that begins a byte later is longer. At even and odd places, as in noise only
 * every other one is looked at. */
static void test_lazy__the_next_place_is_asked_first(void **state)
{
  uint32_t seed = 9;
  size_t whole = 0;
  (void)state;
  for (size_t i = 0; i < TOKENS_SIZE; i++)
    tokens_window[i] = (unsigned char)disorder(&seed);
  for (size_t at = 10000; at < 10400; at += 201) {
    memcpy(tokens_window + at + 1, tokens_window + at - 5000, 60);
    memcpy(tokens_window + at - 8000, tokens_window + at, 5);
  }
  px_parser *parser = tokens_begin();
  size_t count = px_parser_run(parser, &(px_effort){4, 32, true}, (size_t[]){0, 20000}, tokens);
  tokens_check(0, 20000, count);
  for (size_t i = 0; i < count; i++)
    whole += tokens[i].length == 60 && tokens[i].distance == 5001;
  assert_int_equal(whole, 2);
}

/* Rows of a pattern with a byte of their own each: where the pattern breaks off, the row above goes on. */
static void test_lazy__the_row_above_is_not_forgotten(void **state)
{
  size_t shorter = 0;
  (void)state;
  for (size_t i = 0; i < TOKENS_SIZE; i++)
    tokens_window[i] = (unsigned char)(i % 3000 == 0 ? 99 : i % 3000 % 3);
  px_parser *parser = tokens_begin();
  size_t count = px_parser_run(parser, &(px_effort){4, 32, true}, (size_t[]){0, PX_PIECE}, tokens);
  tokens_check(0, PX_PIECE, count);
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
  return cmocka_run_group_tests(tests, NULL, NULL);
}
