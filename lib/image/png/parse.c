/* SPDX-License-Identifier: MIT */
#include "image/png/parse.h"

#include "base/mem.h"
#include "image/png/lazy.h"
#include "image/png/runs.h"

static const uint32_t BLOCKED = 1U << 30; /* more than a piece can cost */

void px_parser_reset(px_parser *parser, const px_logs *logs, const unsigned char *window, size_t size)
{
  parser->logs = logs;
  parser->has_history = false;
  px_matcher_reset(&parser->matcher, window, size);
}

/* A nice match is taken: no other way leads through the places in it. */
static void take(px_parser *self, size_t place, size_t length, uint32_t used)
{
  for (size_t step = 1; step < length; step++) {
    self->starts[place + step] = used;
    self->cost[place + step] = BLOCKED;
  }
}

/* What may be spent on the distance of a match of three bytes before the bytes themselves are cheaper. */
static uint32_t spare(const px_costs *costs, const unsigned char *bytes)
{
  uint32_t literals = costs->literals[bytes[0]] + costs->literals[bytes[1]] + costs->literals[bytes[2]];
  uint32_t length = costs->lengths[PX_MATCH_MIN];
  return literals > length ? literals - length : 0;
}

static void search(px_parser *self, const px_effort *effort, size_t at, size_t size)
{
  const unsigned char *bytes = self->matcher.window + at;
  px_search how = {.end = at + size, .depth = effort->depth, .distances = self->costs.distances};
  uint32_t used = 0;
  memset(self->cost, 0, size * sizeof *self->cost);
  px_matcher_skip(&self->matcher, &how, at);
  for (size_t place = 0; place < size;) {
    self->starts[place] = used;
    bool full = used + PX_MATCHES_EACH > PX_ARRAY_SIZE(self->matches);
    how.spare = spare(&self->costs, bytes + place);
    unsigned count = full ? 0 : px_matcher_find(&self->matcher, &how, at + place, self->matches + used);
    size_t length = count > 0 ? self->matches[used + count - 1].length : 1;
    if (length >= effort->nice) {
      self->matches[used] = self->matches[used + count - 1];
      count = 1;
      take(self, place, length, used + 1);
      px_matcher_skip(&self->matcher, &how, at + place + length);
    } else {
      length = 1;
    }
    used += count;
    place += length;
  }
  self->starts[size] = used;
}

/* The cheapest of one match's lengths from `from` on. */
static void weigh(px_parser *self, const px_match *match, unsigned from, size_t place, uint32_t *best)
{
  unsigned extra;
  uint32_t distance = self->costs.distances[px_distance_slot(match->before, &extra)];
  const uint32_t *rest = self->cost + place;
  for (unsigned length = from; length <= match->length; length++) {
    uint32_t cost = distance + self->costs.lengths[length] + rest[length];
    if (cost < *best) {
      *best = cost;
      self->choice[place] = (px_match){(uint16_t)length, match->before};
    }
  }
}

static void choose(px_parser *self, const px_effort *effort, const unsigned char *bytes, size_t size)
{
  self->cost[size] = 0;
  for (size_t place = size; place-- > 0;) {
    if (self->cost[place] == BLOCKED)
      continue;
    uint32_t best = self->cost[place + 1] + self->costs.literals[bytes[place]];
    unsigned from = PX_MATCH_MIN;
    self->choice[place] = (px_match){1, 0};
    for (uint32_t i = self->starts[place]; i < self->starts[place + 1]; i++) {
      const px_match *match = &self->matches[i];
      if (match->length >= effort->nice)
        from = match->length;
      weigh(self, match, from, place, &best);
      from = match->length + 1U;
    }
    self->cost[place] = best;
  }
}

static size_t collect(const px_parser *self, size_t size, px_token *tokens)
{
  size_t count = 0;
  uint32_t literals = 0;
  for (size_t place = 0; place < size; place += self->choice[place].length) {
    px_match choice = self->choice[place];
    if (choice.length == 1) {
      literals++;
      continue;
    }
    tokens[count++] = (px_token){literals, choice.length, (uint16_t)(choice.before + 1)};
    literals = 0;
  }
  if (literals > 0)
    tokens[count++] = (px_token){literals, 0, 0};
  return count;
}

static void guess_costs(px_parser *self, const unsigned char *bytes, size_t size)
{
  px_counts counts = {.extra = 0};
  px_token all = {(uint32_t)size, 0, 0};
  if (self->has_history) {
    px_costs_of_counts(&self->costs, self->logs, &self->history);
    return;
  }
  px_tokens_count(bytes, &all, 1, &counts);
  for (unsigned i = PX_END + 1; i < PX_LITERALS; i++)
    counts.literals[i] = (uint32_t)size / 256;
  for (unsigned i = 0; i < PX_DISTANCES; i++)
    counts.distances[i] = 1 + (uint32_t)size / 256;
  px_costs_of_counts(&self->costs, self->logs, &counts);
}

size_t px_parser_run(px_parser *parser, const px_effort *effort, const size_t piece[2], px_token *tokens)
{
  const unsigned char *bytes = parser->matcher.window + piece[0];
  guess_costs(parser, bytes, piece[1]);
  if (effort->lazy)
    return px_lazy_run(parser, effort, piece, tokens);
  search(parser, effort, piece[0], piece[1]);
  choose(parser, effort, bytes, piece[1]);
  return collect(parser, piece[1], tokens);
}

void px_parser_remember(px_parser *parser, const px_counts *counts)
{
  px_counts *history = &parser->history;
  for (unsigned i = 0; i < PX_LITERALS; i++)
    history->literals[i] = (parser->has_history ? history->literals[i] / 2 : 0) + counts->literals[i];
  for (unsigned i = 0; i < PX_DISTANCES; i++)
    history->distances[i] = (parser->has_history ? history->distances[i] / 2 : 0) + counts->distances[i];
  parser->has_history = true;
}
