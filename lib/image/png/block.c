/* SPDX-License-Identifier: MIT */
#include "image/png/block.h"

static const unsigned FIXED = 1;
static const unsigned DYNAMIC = 2;
enum {
  LITERAL_LIMIT = 14, /* four words and what is held fit into 64 bits */
  HEADER_SYMBOLS = 19,
  HEADER_LIMIT = 7,
  COPY = 16,        /* of the length before, 3 to 6 times */
  ZEROS = 17,       /* 3 to 10 */
  MANY_ZEROS = 18,  /* 11 to 138 */
  LENGTHS_MAX = PX_LITERALS + PX_DISTANCES
};

typedef struct header {
  unsigned char lengths[LENGTHS_MAX]; /* of literals, then of distances */
  unsigned literals, distances;
  unsigned char symbols[LENGTHS_MAX]; /* the lengths with runs packed */
  unsigned char extra[LENGTHS_MAX];
  unsigned symbol_count;
  unsigned char symbol_lengths[HEADER_SYMBOLS];
  unsigned symbol_lengths_count;
  uint64_t bits;
} header;

typedef struct codes {
  px_code literals[PX_HUFFMAN_SYMBOLS];
  px_code distances[PX_DISTANCES + 2];
} codes;

static const unsigned char HEADER_ORDER[HEADER_SYMBOLS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

static unsigned extra_of(unsigned symbol)
{
  return symbol < COPY ? 0 : symbol == COPY ? 2 : symbol == ZEROS ? 3 : 7;
}

static void put_symbol(header *self, unsigned symbol, unsigned extra)
{
  self->symbols[self->symbol_count] = (unsigned char)symbol;
  self->extra[self->symbol_count++] = (unsigned char)extra;
}

/* Packs one run of equal lengths. */
static void pack_run(header *self, unsigned length, unsigned run)
{
  while (length == 0 && run >= 11) {
    unsigned step = run < 138 ? run : 138;
    put_symbol(self, MANY_ZEROS, step - 11);
    run -= step;
  }
  if (length == 0 && run >= 3) {
    put_symbol(self, ZEROS, run - 3);
    return;
  }
  if (length != 0 && run >= 4) {
    put_symbol(self, length, 0);
    for (run--; run >= 3;) {
      unsigned step = run < 6 ? run : run == 7 || run == 8 ? run - 3 - (run == 8 ? 1 : 0) : 6;
      put_symbol(self, COPY, step - 3);
      run -= step;
    }
  }
  while (run-- > 0)
    put_symbol(self, length, 0);
}

static void pack_lengths(header *self)
{
  unsigned total = self->literals + self->distances;
  for (unsigned at = 0; at < total;) {
    unsigned end = at + 1;
    while (end < total && self->lengths[end] == self->lengths[at])
      end++;
    pack_run(self, self->lengths[at], end - at);
    at = end;
  }
}

static void measure_header(header *self)
{
  uint32_t counts[HEADER_SYMBOLS] = {0};
  for (unsigned i = 0; i < self->symbol_count; i++)
    counts[self->symbols[i]]++;
  px_huffman_lengths(counts, HEADER_SYMBOLS, HEADER_LIMIT, self->symbol_lengths);
  self->symbol_lengths_count = HEADER_SYMBOLS;
  while (self->symbol_lengths_count > 4 && self->symbol_lengths[HEADER_ORDER[self->symbol_lengths_count - 1]] == 0)
    self->symbol_lengths_count--;
  self->bits = 5 + 5 + 4 + 3 * self->symbol_lengths_count;
  for (unsigned i = 0; i < HEADER_SYMBOLS; i++)
    self->bits += (uint64_t)counts[i] * (self->symbol_lengths[i] + extra_of(i));
}

static void make_header(header *self, const px_counts *counts)
{
  unsigned char *distances;
  unsigned char lengths[PX_DISTANCES];
  self->symbol_count = 0;
  px_huffman_lengths(counts->literals, PX_LITERALS, LITERAL_LIMIT, self->lengths);
  px_huffman_lengths(counts->distances, PX_DISTANCES, PX_HUFFMAN_LIMIT, lengths);
  self->literals = PX_LITERALS;
  while (self->literals > PX_END + 1 && self->lengths[self->literals - 1] == 0)
    self->literals--;
  self->distances = PX_DISTANCES;
  while (self->distances > 1 && lengths[self->distances - 1] == 0)
    self->distances--;
  distances = self->lengths + self->literals;
  memcpy(distances, lengths, self->distances);
  pack_lengths(self);
  measure_header(self);
}

static void fixed_lengths(unsigned char lengths[PX_HUFFMAN_SYMBOLS], unsigned char distances[PX_DISTANCES + 2])
{
  memset(lengths, 8, 144);
  memset(lengths + 144, 9, 256 - 144);
  memset(lengths + 256, 7, 280 - 256);
  memset(lengths + 280, 8, PX_HUFFMAN_SYMBOLS - 280);
  memset(distances, 5, PX_DISTANCES + 2);
}

static uint64_t measure(const px_counts *counts, const unsigned char *lengths, const unsigned char *distances)
{
  uint64_t bits = counts->extra;
  for (unsigned i = 0; i < PX_LITERALS; i++)
    bits += (uint64_t)counts->literals[i] * lengths[i];
  for (unsigned i = 0; i < PX_DISTANCES; i++) {
    if (counts->distances[i] > 0)
      bits += (uint64_t)counts->distances[i] * distances[i];
  }
  return bits;
}

static void write_header(px_bits *bits, const header *self)
{
  px_code words[HEADER_SYMBOLS];
  px_huffman_codes(self->symbol_lengths, HEADER_SYMBOLS, words);
  px_bits_hold(bits, self->literals - (PX_END + 1), 5);
  px_bits_hold(bits, self->distances - 1, 5);
  px_bits_add(bits, self->symbol_lengths_count - 4, 4);
  for (unsigned i = 0; i < self->symbol_lengths_count; i++)
    px_bits_add(bits, self->symbol_lengths[HEADER_ORDER[i]], 3);
  for (unsigned i = 0; i < self->symbol_count; i++) {
    unsigned symbol = self->symbols[i];
    px_bits_hold(bits, px_code_bits(words[symbol]), px_code_length(words[symbol]));
    px_bits_add(bits, self->extra[i], extra_of(symbol));
  }
}

static inline __attribute__((always_inline)) void hold_code(px_bits *bits, px_code code)
{
  px_bits_hold(bits, px_code_bits(code), px_code_length(code));
}

static inline __attribute__((always_inline)) void write_match(px_bits *bits, const codes *with, const px_token *token)
{
  unsigned extra;
  unsigned more = token->length - PX_MATCH_MIN;
  hold_code(bits, with->literals[PX_END + 1 + px_length_slot(more, &extra)]);
  px_bits_hold(bits, more & ((1U << extra) - 1), extra);
  more = token->distance - 1U;
  hold_code(bits, with->distances[px_distance_slot(more, &extra)]);
  px_bits_add(bits, more & ((1U << extra) - 1), extra);
}

static inline __attribute__((always_inline)) void write_tokens(px_bits *out, const px_deflate_block *block, const codes *with)
{
  px_bits bits = *out;
  const unsigned char *at = block->bytes;
  for (size_t i = 0; i < block->token_count; i++) {
    const px_token *token = &block->tokens[i];
    const unsigned char *end = at + token->literals;
    for (; end - at >= 4; at += 4) {
      for (int step = 0; step < 4; step++)
        hold_code(&bits, with->literals[at[step]]);
      px_bits_flush(&bits);
    }
    for (; at < end; at++) {
      hold_code(&bits, with->literals[*at]);
      px_bits_flush(&bits);
    }
    if (token->length == 0)
      continue;
    write_match(&bits, with, token);
    at += token->length;
  }
  px_bits_add(&bits, px_code_bits(with->literals[PX_END]), px_code_length(with->literals[PX_END]));
  *out = bits;
}

#if PX_HAVE_AVX2
PX_TARGET_AVX2 static void write_tokens_avx2(px_bits *bits, const px_deflate_block *block, const codes *with)
{
  write_tokens(bits, block, with);
}
#endif

static void write_all(px_bits *bits, px_simd simd, const px_deflate_block *block, const codes *with)
{
#if PX_HAVE_AVX2
  if (simd == PX_SIMD_AVX2) {
    write_tokens_avx2(bits, block, with);
    return;
  }
#endif
  (void)simd;
  write_tokens(bits, block, with);
}

void px_block_store(px_bits *bits, const unsigned char *bytes, size_t size, bool last)
{
  do {
    size_t step = size < PX_STORED_MAX ? size : PX_STORED_MAX;
    px_bits_add(bits, last && step == size, 3);
    px_bits_align(bits);
    px_bits_add(bits, step, 16);
    px_bits_add(bits, step ^ 0xffff, 16);
    if (step > 0)
      memcpy(bits->out, bytes, step);
    bits->out += step;
    bytes += step;
    size -= step;
  } while (size > 0);
}

void px_block_write(px_bits *bits, px_simd simd, const px_deflate_block *block, bool last)
{
  header head;
  codes with;
  unsigned char fixed[PX_HUFFMAN_SYMBOLS];
  unsigned char fixed_distances[PX_DISTANCES + 2];
  make_header(&head, block->counts);
  fixed_lengths(fixed, fixed_distances);
  uint64_t dynamic = head.bits + measure(block->counts, head.lengths, head.lengths + head.literals);
  uint64_t as_fixed = measure(block->counts, fixed, fixed_distances);
  uint64_t least = dynamic < as_fixed ? dynamic : as_fixed;
  if (8 * (uint64_t)block->size + 40 * (block->size / PX_STORED_MAX + 1) <= least) {
    px_block_store(bits, block->bytes, block->size, last);
    return;
  }
  px_bits_add(bits, (unsigned)last | (dynamic < as_fixed ? DYNAMIC : FIXED) << 1, 3);
  if (dynamic < as_fixed) {
    write_header(bits, &head);
    px_huffman_codes(head.lengths, head.literals, with.literals);
    px_huffman_codes(head.lengths + head.literals, head.distances, with.distances);
  } else {
    px_huffman_codes(fixed, PX_HUFFMAN_SYMBOLS, with.literals);
    px_huffman_codes(fixed_distances, PX_DISTANCES + 2, with.distances);
  }
  write_all(bits, px_simd_choose(simd), block, &with);
}
