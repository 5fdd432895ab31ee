/* SPDX-License-Identifier: MIT */
#include "image/png/lazy.h"

enum {
  MEAN_DEPTH = 40, /* so many compared at each byte of a piece are enough */
  TIRED_DEPTH = 4,
  LATER_LESS = 2, /* so many times the depth is halved where there is a match already */
  FAR = 1024,     /* distances like that of a row above come again */
  LONELY = 16     /* behind so many places without a match every other one is looked at */
};

typedef struct pick {
  px_match match; /* length 0: none */
  int32_t gain;   /* what it costs less than its bytes as literals */
} pick;

typedef struct walk {
  px_parser *parser;
  const px_effort *effort;
  px_search how;
  size_t enough; /* so many places have been compared when no more chain is followed far */
  size_t at;     /* of the piece in the window */
  size_t size;
  px_token *tokens;
  size_t count;
  size_t done; /* bytes that have their token */
} walk;

/* What the bytes before each place cost as literals. */
static void add_up(px_parser *parser, const unsigned char *bytes, size_t size)
{
  uint32_t sum = 0;
  for (size_t place = 0; place < size; place++) {
    parser->cost[place] = sum;
    sum += parser->costs.literals[bytes[place]];
  }
  parser->cost[size] = sum;
}

static int32_t gain_of(const px_parser *parser, size_t place, const px_match *match)
{
  unsigned extra;
  uint32_t cost = parser->costs.distances[px_distance_slot(match->before, &extra)] + parser->costs.lengths[match->length];
  return (int32_t)(parser->cost[place + match->length] - parser->cost[place]) - (int32_t)cost;
}

static pick look(walk *self, size_t place)
{
  px_match found[PX_MATCHES_EACH];
  pick best = {{0, 0}, 0};
  px_matcher_skip(&self->parser->matcher, &self->how, self->at + place);
  uint32_t bytes = self->parser->cost[place + 3 < self->size ? place + 3 : self->size] - self->parser->cost[place];
  uint32_t three = self->parser->costs.lengths[PX_MATCH_MIN];
  self->how.spare = bytes > three ? bytes - three : 0;
  unsigned count = px_matcher_find(&self->parser->matcher, &self->how, self->at + place, found);
  for (unsigned i = 0; i < count; i++) {
    int32_t gain = gain_of(self->parser, place, &found[i]);
    if (gain > best.gain)
      best = (pick){found[i], gain};
  }
  return best;
}

static void put(walk *self, size_t place, px_match match)
{
  self->tokens[self->count++] = (px_token){(uint32_t)(place - self->done), match.length, (uint16_t)(match.before + 1)};
  self->done = place + match.length;
  if (match.before >= FAR)
    self->how.hint = match.before + 1U;
}

static unsigned depth_of(const walk *self)
{
  bool tired = self->parser->matcher.compared > self->enough && self->effort->depth > TIRED_DEPTH;
  return tired ? TIRED_DEPTH : self->effort->depth;
}

/* Moves on while the next place has a match that saves more. */
static size_t improve(walk *self, size_t place, pick *best)
{
  self->how.depth >>= LATER_LESS;
  while (best->match.length < self->effort->nice && place + 1 < self->size) {
    pick other = look(self, place + 1);
    if (other.gain <= best->gain)
      break;
    *best = other;
    place++;
  }
  return place;
}

size_t px_lazy_run(px_parser *parser, const px_effort *effort, const size_t piece[2], px_token *tokens)
{
  px_search how = {piece[0] + piece[1], effort->depth, parser->costs.distances, 0, 0};
  size_t enough = parser->matcher.compared + MEAN_DEPTH * piece[1];
  walk self = {parser, effort, how, enough, piece[0], piece[1], tokens, 0, 0};
  add_up(parser, parser->matcher.window + piece[0], piece[1]);
  for (size_t place = 0; place < self.size;) {
    self.how.depth = depth_of(&self);
    pick best = look(&self, place);
    if (best.match.length == 0) {
      place += place - self.done > LONELY ? 2 : 1;
      continue;
    }
    put(&self, improve(&self, place, &best), best.match);
    place = self.done;
  }
  if (self.done < self.size)
    tokens[self.count++] = (px_token){(uint32_t)(self.size - self.done), 0, 0};
  return self.count;
}
