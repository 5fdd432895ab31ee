/* SPDX-License-Identifier: MIT */
#include "image/png/matcher.h"

enum {
  CHAIN_BYTES = 7,
  RUN_PLACES = PX_MATCH_MAX
};
static const uint32_t SPREAD = 0x9e3779b1U;
static const uint64_t SPREAD_LONG = UINT64_C(0x9e3779b97f4a7c15);

void px_matcher_reset(px_matcher *matcher, const unsigned char *window, size_t size)
{
  memset(matcher->three, 0, sizeof matcher->three);
  memset(matcher->four, 0, sizeof matcher->four);
  memset(matcher->chains, 0, sizeof matcher->chains);
  matcher->window = window;
  matcher->size = size;
  matcher->next = matcher->next_link = 0;
  matcher->run_end = 0;
  matcher->compared = 0;
}

static size_t length_of(const unsigned char *a, const unsigned char *b, size_t most)
{
  size_t length = 0;
  for (; length + 8 <= most; length += 8) {
    uint64_t differ = px_load64(a + length) ^ px_load64(b + length);
    if (differ)
      return length + ((unsigned)__builtin_ctzll(differ) >> 3);
  }
  while (length < most && a[length] == b[length])
    length++;
  return length;
}

static uint32_t *head_of_three(px_matcher *self, size_t at)
{
  return &self->three[(px_load32(self->window + at) << 8) * SPREAD / (UINT32_MAX / PX_MATCHER_HEADS + 1)];
}

static uint32_t *head_of_four(px_matcher *self, size_t at)
{
  return &self->four[px_load32(self->window + at) * SPREAD / (UINT32_MAX / PX_MATCHER_HEADS + 1)];
}

/* Inside a run every place has the same bytes; what tells them apart is how far the run still goes and what ends it. So
 * chains stay short where nearly everything is zero. */
static uint32_t *chain_of_run(px_matcher *self, size_t at)
{
  const unsigned char *here = self->window + at;
  if (self->run_end <= at)
    self->run_end = at + 1 + length_of(here, here + 1, self->size - at - 1);
  size_t run = self->run_end - at;
  uint64_t key = run < PX_MATCH_MAX ? run : PX_MATCH_MAX;
  if (self->run_end + 2 <= self->size)
    key |= (uint64_t)here[run] << 16 | (uint64_t)here[run + 1] << 24;
  key |= (uint64_t)here[0] << 32;
  return &self->chains[key * SPREAD_LONG / (UINT64_MAX / PX_MATCHER_CHAINS + 1)];
}

static bool is_run(uint32_t four)
{
  return four == (four << 8 | (four & 255));
}

static uint32_t *chain_of(px_matcher *self, size_t at)
{
  uint64_t bytes = px_load64(self->window + at);
  uint32_t four = (uint32_t)bytes;
  if (is_run(four))
    return chain_of_run(self, at);
  return &self->chains[(bytes << (64 - 8 * CHAIN_BYTES)) * SPREAD_LONG / (UINT64_MAX / PX_MATCHER_CHAINS + 1)];
}

/* Makes a place the newest and gives the one before it. */
static uint32_t renew(uint32_t *head, size_t at)
{
  uint32_t place = *head;
  *head = (uint32_t)at + 1;
  return place;
}

static uint32_t link_in(px_matcher *self, size_t at)
{
  uint32_t place = renew(chain_of(self, at), at);
  self->older[at & (PX_WINDOW - 1)] = place;
  return place;
}

/* The places from `from` to `end` that three and four do not know yet. */
static void know_heads(px_matcher *self, size_t from, size_t end)
{
  for (size_t at = from > self->next ? from : self->next; at < end; at++) {
    (void)renew(head_of_three(self, at), at);
    (void)renew(head_of_four(self, at), at);
  }
  self->next = end > self->next ? end : self->next;
}

/* Of a long run no place is wanted but the last ones: a run refers to itself. All places but the last three have the
 * same three and four bytes, so the newest of them is known by these. Returns where it stopped. */
static size_t know_run(px_matcher *self, size_t at, size_t end)
{
  if (self->run_end <= at)
    self->run_end = at + 1 + length_of(self->window + at, self->window + at + 1, self->size - at - 1);
  size_t stop = self->run_end - (PX_MATCH_MIN + 1) + 1;
  if (stop > end)
    stop = end;
  if (self->run_end > at + RUN_PLACES)
    at = self->run_end - RUN_PLACES < stop ? self->run_end - RUN_PLACES : stop;
  know_heads(self, stop - 1, stop);
  for (; at < stop; at++)
    (void)link_in(self, at);
  return stop;
}

void px_matcher_skip(px_matcher *matcher, const px_search *search, size_t at)
{
  size_t from = at > PX_WINDOW ? at - PX_WINDOW : 0;
  size_t end = matcher->size > PX_MATCHER_AHEAD ? matcher->size - PX_MATCHER_AHEAD : 0;
  if (end > at)
    end = at;
  if (search->depth == 0) {
    know_heads(matcher, from, end);
    return;
  }
  size_t place = matcher->next_link > from ? matcher->next_link : from;
  while (place < end) {
    if (is_run(px_load32(matcher->window + place))) {
      place = know_run(matcher, place, end);
      continue;
    }
    know_heads(matcher, place, place + 1);
    (void)link_in(matcher, place++);
  }
  matcher->next_link = place;
}

static bool in_reach(size_t at, uint32_t place)
{
  return place > 0 && at + 1 - place < PX_WINDOW;
}

typedef struct hunt {
  const unsigned char *window;
  size_t at;
  size_t most;
  size_t best;
  px_match *matches;
  unsigned count;
} hunt;

/* Keeps a place where more is equal than at those before. */
static inline void compare(hunt *self, uint32_t place)
{
  const unsigned char *here = self->window + self->at;
  const unsigned char *there = self->window + place - 1;
  if (there[self->best] != here[self->best] || (px_load32(there) ^ px_load32(here)) << 8 != 0)
    return;
  size_t length = length_of(there, here, self->most);
  if (length <= self->best)
    return;
  self->matches[self->count++] = (px_match){(uint16_t)length, (uint16_t)(self->at - place)};
  self->best = length;
}

static unsigned follow(const px_matcher *matcher, unsigned depth, uint32_t place, hunt *self)
{
  unsigned compared = 0;
  while (compared < depth && in_reach(self->at, place)) {
    compare(self, place);
    compared++;
    if (self->best == self->most || self->count == PX_MATCHES_EACH)
      break;
    place = matcher->older[(place - 1) & (PX_WINDOW - 1)];
  }
  return compared;
}

static void compare_hint(size_t hint, hunt *self)
{
  if (hint > 0 && hint <= self->at && self->best < self->most && self->count < PX_MATCHES_EACH)
    compare(self, (uint32_t)(self->at - hint) + 1);
}

/* Whether three bytes there are worth their distance. */
static bool is_cheap(const px_search *search, size_t at, uint32_t place)
{
  unsigned extra;
  return search->distances[px_distance_slot((unsigned)(at - place), &extra)] < search->spare;
}

unsigned px_matcher_find(px_matcher *matcher, const px_search *search, size_t at, px_match *matches)
{
  size_t most = search->end - at < PX_MATCH_MAX ? search->end - at : PX_MATCH_MAX;
  hunt self = {matcher->window, at, most, PX_MATCH_MIN - 1, matches, 0};
  if (at + PX_MATCHER_AHEAD > matcher->size)
    return 0;
  uint32_t three = renew(head_of_three(matcher, at), at);
  uint32_t four = renew(head_of_four(matcher, at), at);
  uint32_t chain = search->depth > 0 ? link_in(matcher, at) : 0;
  matcher->next = at + 1;
  if (search->depth > 0)
    matcher->next_link = at + 1;
  if (most < PX_MATCH_MIN)
    return 0;
  if (in_reach(at, three) && (three == four || is_cheap(search, at, three)))
    compare(&self, three);
  if (four != three && self.best < most && in_reach(at, four))
    compare(&self, four);
  if (self.best < most)
    matcher->compared += follow(matcher, search->depth, chain, &self);
  compare_hint(search->hint, &self);
  return self.count;
}
