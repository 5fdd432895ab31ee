/* SPDX-License-Identifier: MIT */
#include "image/png/deflate.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/mem.h"
#include "image/png/block.h"
#include "image/png/cost.h"
#include "image/png/parse.h"
#include "image/png/probe.h"
#include "image/png/runs.h"

enum {
  PIECE = PX_PIECE,
  PIECE_TOKENS = PIECE / PX_MATCH_MIN + 1,
  TOKENS = 6 * PIECE_TOKENS,
  STORED_BITS = 40,
  SAVED_SHARE = 100, /* a search in noise that saves less than one bit in so many is not worth its time */
  PAUSE = 4, /* so many pieces are not searched then; each time twice as many */
  RUNS_SHARE = 3 /* where fewer bytes than one in so many are outside of runs, a search costs little */
};

/* How hard is tried, by what a piece is like. A nice length of 0: runs alone. */
typedef struct level_effort {
  px_effort repeats;
  px_effort noise;
} level_effort;

static const level_effort EFFORTS[10] = {
    {{0, 0, false}, {0, 0, false}},
    {{0, 0, false}, {0, 0, false}},
    {{0, 16, true}, {0, 0, false}},
    {{1, 20, true}, {0, 0, false}},
    {{4, 24, true}, {0, 0, false}},
    {{8, 32, true}, {0, 0, false}},
    {{16, 32, true}, {0, 0, false}},
    {{32, 64, true}, {0, 24, false}},
    {{100, 128, true}, {0, 24, false}},
    {{300, 258, true}, {0, 32, false}},
};

/* Bytes, their tokens and what these would take in a block of their own. */
typedef struct piece {
  const unsigned char *bytes;
  size_t size;
  px_token *tokens;
  size_t token_count;
  px_counts counts;
  uint64_t cost; /* bits */
} piece;

struct px_deflate {
  px_simd simd;
  int32_t level;
  px_logs logs;
  px_parser *parser; /* NULL: runs alone */
  const level_effort *effort;
  px_probe probe;
  unsigned rest;  /* pieces of noise that are not searched, from here on */
  unsigned pause; /* their number when it was decided last; 0: a search paid */
  piece open; /* not written yet; size 0: none */
  piece next;
  piece both;
  px_token tokens[TOKENS]; /* of the open piece, then of the next */
};

px_deflate *px_deflate_new(int32_t level, px_simd simd)
{
  px_deflate *self = px_malloc(sizeof *self);
  if (!self)
    return NULL;
  self->simd = px_simd_choose(simd);
  self->level = level;
  self->effort = &EFFORTS[level];
  px_logs_make(&self->logs);
  self->parser = self->effort->repeats.nice > 0 ? px_malloc(sizeof *self->parser) : NULL;
  if (self->effort->repeats.nice > 0 && !self->parser) {
    px_free(self);
    return NULL;
  }
  return self;
}

void px_deflate_free(px_deflate *deflate)
{
  if (deflate)
    px_free(deflate->parser);
  px_free(deflate);
}

size_t px_deflate_bound(size_t size)
{
  return size + 5 * (size / PX_STORED_MAX + 1) + 5 * (size / PIECE + 2) + 64;
}

static void write_piece(px_deflate *self, const piece *of, bool last, px_bits *bits)
{
  px_deflate_block block = {of->bytes, of->size, of->tokens, of->token_count, &of->counts};
  px_block_write(bits, self->simd, &block, last);
}

static uint64_t cost_of(const px_deflate *self, const piece *of)
{
  uint64_t packed = px_counts_bits(&self->logs, &of->counts);
  uint64_t stored = 8 * (uint64_t)of->size + STORED_BITS;
  return packed < stored ? packed : stored;
}

static size_t literals_of(const piece *of)
{
  size_t literals = 0;
  for (size_t i = 0; i < of->token_count; i++)
    literals += of->tokens[i].literals;
  return literals;
}

static void count(piece *of)
{
  memset(&of->counts, 0, sizeof of->counts);
  px_tokens_count(of->bytes, of->tokens, of->token_count, &of->counts);
}

static void search(px_deflate *self, const px_deflate_job *job, const px_effort *effort, piece *of)
{
  size_t at = (size_t)(of->bytes - job->window);
  of->token_count = px_parser_run(self->parser, effort, (size_t[]){at, of->size}, of->tokens);
  count(of);
  px_parser_remember(self->parser, &of->counts);
}

/* In noise a search saves something or nothing, and mostly the same in the pieces that follow. The first piece says
 * little, as nothing is known before it. */
static void search_noise(px_deflate *self, const px_deflate_job *job, piece *of)
{
  count(of);
  if (self->rest > 0) {
    self->rest--;
    return;
  }
  uint64_t runs = px_counts_bits(&self->logs, &of->counts);
  search(self, job, &self->effort->noise, of);
  uint64_t searched = px_counts_bits(&self->logs, &of->counts);
  bool saves = searched + runs / SAVED_SHARE < runs;
  self->pause = saves || of->bytes == job->window + job->known ? 0 : self->pause > 0 ? 2 * self->pause : PAUSE;
  self->rest = self->pause;
}

/* Runs are always looked for; then it is decided what else is worth while. */
static void make_tokens(px_deflate *self, const px_deflate_job *job, size_t at, piece *of)
{
  bool first = at == 0 && job->known == 0;
  of->token_count = px_runs_find(self->simd, of->bytes, of->size, first, of->tokens);
  if (!self->parser)
    count(of);
  else if (literals_of(of) * RUNS_SHARE <= of->size || px_probe_repeats(&self->probe, job->window, job->known + at, of->size))
    search(self, job, &self->effort->repeats, of);
  else if (self->effort->noise.nice > 0)
    search_noise(self, job, of);
  else
    count(of);
}

/* A match that reaches the end of its piece goes on: cut there it would have a length that no other match has, and a code
 * for such a length is dear where nearly all matches are as long as can be. */
static void extend(piece *of, size_t left)
{
  px_token *last = of->tokens + of->token_count - 1;
  unsigned extra;
  if (of->token_count == 0 || last->length == 0)
    return;
  const unsigned char *end = of->bytes + of->size;
  size_t room = PX_MATCH_MAX - (size_t)last->length, more = 0;
  room = room < left - of->size ? room : left - of->size;
  while (more < room && end[more] == *(end + more - last->distance))
    more++;
  of->counts.literals[PX_END + 1 + px_length_slot(last->length - PX_MATCH_MIN, &extra)]--;
  of->counts.extra -= extra;
  last->length = (uint16_t)(last->length + more);
  of->size += more;
  of->counts.literals[PX_END + 1 + px_length_slot(last->length - PX_MATCH_MIN, &extra)]++;
  of->counts.extra += extra;
}

static void read_piece(px_deflate *self, const px_deflate_job *job, size_t at, piece *of)
{
  size_t left = job->size - at;
  of->bytes = job->window + job->known + at;
  of->size = left < PIECE ? left : PIECE;
  of->tokens = self->open.size > 0 ? self->open.tokens + self->open.token_count : self->tokens;
  make_tokens(self, job, at, of);
  extend(of, left);
  of->cost = cost_of(self, of);
}

/* Whether one block for both pieces is no longer than two; it is then the open one. */
static bool join(px_deflate *self)
{
  const piece *open = &self->open;
  const piece *next = &self->next;
  size_t tokens = open->token_count + next->token_count;
  if (open->tokens != self->tokens || tokens + PIECE_TOKENS > TOKENS)
    return false;
  self->both.counts = open->counts;
  px_counts_add(&self->both.counts, &next->counts);
  self->both.bytes = open->bytes;
  self->both.size = open->size + next->size;
  self->both.tokens = open->tokens;
  self->both.token_count = tokens;
  self->both.cost = cost_of(self, &self->both);
  if (self->both.cost > open->cost + next->cost)
    return false;
  self->open = self->both;
  return true;
}

/* The next piece becomes the open one, its tokens at the start. */
static void open_next(px_deflate *self)
{
  memmove(self->tokens, self->next.tokens, self->next.token_count * sizeof *self->tokens);
  self->open = self->next;
  self->open.tokens = self->tokens;
}

static void finish(px_deflate *self, const px_deflate_job *job, px_bits *bits)
{
  if (self->open.size > 0)
    write_piece(self, &self->open, job->last, bits);
  if (!job->last || self->open.size == 0)
    px_block_store(bits, job->window, 0, job->last);
  px_bits_align(bits);
}

static pixazo_status store(const px_deflate_job *job, px_bits *bits, pixazo_error **error)
{
  PX_TRY(px_cancel_check(job->cancel, error));
  px_block_store(bits, job->window + job->known, job->size, job->last);
  return PIXAZO_OK;
}

pixazo_status px_deflate_run(px_deflate *deflate, const px_deflate_job *job, px_bits *bits, pixazo_error **error)
{
  px_deflate *self = deflate;
  if (self->level == 0)
    return store(job, bits, error);
  self->open.size = 0;
  self->rest = self->pause = 0;
  memset(&self->probe, 0, sizeof self->probe);
  if (self->parser)
    px_parser_reset(self->parser, &self->logs, job->window, job->known + job->size);
  for (size_t at = 0; at < job->size; at += self->next.size) {
    PX_TRY(px_cancel_check(job->cancel, error));
    read_piece(self, job, at, &self->next);
    if (self->open.size > 0 && join(self))
      continue;
    if (self->open.size > 0)
      write_piece(self, &self->open, false, bits);
    open_next(self);
  }
  finish(self, job, bits);
  return PIXAZO_OK;
}
