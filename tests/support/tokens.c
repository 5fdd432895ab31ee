/* SPDX-License-Identifier: MIT */
#include "support/tokens.h"

#include "image/png/runs.h"
#include "support/kinds.h"
#include "support/testing.h"

px_token tokens[PX_PIECE / PX_MATCH_MIN + 1];
unsigned char tokens_window[TOKENS_SIZE + 32];
static px_logs logs;
static px_parser parser;

px_parser *tokens_begin(void)
{
  px_logs_make(&logs);
  px_parser_reset(&parser, &logs, tokens_window, TOKENS_SIZE);
  return &parser;
}

void tokens_check(size_t at, size_t size, size_t count)
{
  size_t end = at + size;
  assert_true(count <= size / PX_MATCH_MIN + 1);
  for (size_t i = 0; i < count; i++) {
    at += tokens[i].literals;
    if (tokens[i].length == 0)
      continue;
    assert_true(tokens[i].distance <= at && tokens[i].length <= end - at);
    assert_memory_equal(tokens_window + at, tokens_window + at - tokens[i].distance, tokens[i].length);
    at += tokens[i].length;
  }
  assert_int_equal(at, end);
}

uint64_t tokens_bits(const px_effort *effort, size_t step)
{
  uint64_t bits = 0;
  (void)tokens_begin();
  for (size_t at = 0; at < TOKENS_SIZE; at += step) {
    size_t size = TOKENS_SIZE - at < step ? TOKENS_SIZE - at : step;
    px_counts counts = {.extra = 0};
    size_t count = px_parser_run(&parser, effort, (size_t[]){at, size}, tokens);
    tokens_check(at, size, count);
    px_tokens_count(tokens_window + at, tokens, count, &counts);
    px_parser_remember(&parser, &counts);
    bits += px_counts_bits(&logs, &counts);
  }
  return bits;
}

void tokens_try(const px_effort *efforts, size_t count)
{
  for (unsigned values = 1; values <= 64; values *= 4) {
    uint32_t seed = values;
    for (size_t i = 0; i < TOKENS_SIZE; i++)
      tokens_window[i] = (unsigned char)(disorder(&seed) % values * (i % 3));
    for (size_t i = 0; i < count; i++) {
      (void)tokens_bits(&efforts[i], PX_PIECE);
      (void)tokens_bits(&efforts[i], 9973);
    }
  }
}

void tokens_compare(const px_effort *little, const px_effort *much)
{
  uint32_t seed = 8;
  for (size_t i = 0; i < TOKENS_SIZE; i++) {
    bool anew = i < 5000 || disorder(&seed) % 40 == 0;
    tokens_window[i] = (unsigned char)(anew ? disorder(&seed) : tokens_window[i - 700 - disorder(&seed) % 3]);
  }
  uint64_t most = tokens_bits(little, PX_PIECE);
  assert_true(tokens_bits(much, PX_PIECE) <= most);
  assert_true(most < (uint64_t)TOKENS_SIZE * 8);
}
