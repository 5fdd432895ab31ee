/* SPDX-License-Identifier: MIT */
#include "image/png/huffman.h"

#include <string.h>

/* Symbols by rising count; those that are equal by number. A key is the count above the symbol. */
typedef struct sorted {
  uint64_t keys[PX_HUFFMAN_SYMBOLS];
  unsigned used;
} sorted;

enum { SYMBOL_BITS = 9, RADIX_BITS = 8 };

static void sort_pass(const sorted *from, sorted *to, unsigned shift)
{
  unsigned starts[1 << RADIX_BITS] = {0};
  for (unsigned i = 0; i < from->used; i++)
    starts[from->keys[i] >> shift & 255]++;
  unsigned sum = 0;
  for (unsigned i = 0; i < 1 << RADIX_BITS; i++) {
    unsigned here = starts[i];
    starts[i] = sum;
    sum += here;
  }
  for (unsigned i = 0; i < from->used; i++)
    to->keys[starts[from->keys[i] >> shift & 255]++] = from->keys[i];
  to->used = from->used;
}

static void sort(const uint32_t *counts, unsigned count, sorted *out)
{
  sorted other;
  uint32_t most = 0;
  out->used = 0;
  for (unsigned i = 0; i < count; i++) {
    if (counts[i] > 0)
      out->keys[out->used++] = (uint64_t)counts[i] << SYMBOL_BITS | i;
    most |= counts[i];
  }
  for (unsigned shift = SYMBOL_BITS; most > 0; shift += 2 * RADIX_BITS, most >>= RADIX_BITS) {
    sort_pass(out, &other, shift);
    sort_pass(&other, out, shift + RADIX_BITS);
    most >>= RADIX_BITS;
  }
}

/* Pairs the two lightest until one is left. Leaves and pairs both come by rising weight, so two queues do.
 * Gives for each pair the one it became part of; pair `used - 2` is the root. */
static void pair_up(const sorted *leaves, unsigned *leaf_parent, unsigned *pair_parent)
{
  uint64_t weights[PX_HUFFMAN_SYMBOLS];
  unsigned leaf = 0;
  unsigned pair = 0;
  for (unsigned made = 0; made + 1 < leaves->used; made++) {
    weights[made] = 0;
    for (int side = 0; side < 2; side++) {
      uint64_t weight = leaf < leaves->used ? leaves->keys[leaf] >> SYMBOL_BITS : UINT64_MAX;
      if (pair < made && weights[pair] < weight) {
        weights[made] += weights[pair];
        pair_parent[pair++] = made;
      } else {
        weights[made] += weight;
        leaf_parent[leaf++] = made;
      }
    }
  }
}

/* How many symbols have each length, those beyond the limit counted at the limit. */
static void count_lengths(const sorted *leaves, unsigned limit, unsigned per_length[PX_HUFFMAN_LIMIT + 1])
{
  unsigned leaf_parent[PX_HUFFMAN_SYMBOLS];
  unsigned pair_parent[PX_HUFFMAN_SYMBOLS];
  unsigned depth[PX_HUFFMAN_SYMBOLS];
  pair_up(leaves, leaf_parent, pair_parent);
  unsigned root = leaves->used - 2;
  depth[root] = 0;
  for (unsigned pair = root; pair-- > 0;)
    depth[pair] = depth[pair_parent[pair]] + 1;
  for (unsigned leaf = 0; leaf < leaves->used; leaf++) {
    unsigned length = depth[leaf_parent[leaf]] + 1;
    per_length[length < limit ? length : limit]++;
  }
}

/* Words cut to the limit claim more than the whole of the code. A word of the greatest length below the limit is
 * lengthened until it fits, and what was freed beyond that is given back to the longest words. */
static void fit(unsigned per_length[PX_HUFFMAN_LIMIT + 1], unsigned limit)
{
  int32_t over = -(1 << limit);
  for (unsigned length = 1; length <= limit; length++)
    over += (int32_t)(per_length[length] << (limit - length));
  while (over > 0) {
    unsigned length = limit - 1;
    while (per_length[length] == 0)
      length--;
    per_length[length]--;
    per_length[length + 1]++;
    over -= 1 << (limit - length - 1);
  }
  for (unsigned length = 1; length <= limit && over < 0; length++) {
    while (length > 1 && per_length[length] > 0 && -over >= 1 << (limit - length)) {
      per_length[length]--;
      per_length[length - 1]++;
      over += 1 << (limit - length);
    }
  }
}

void px_huffman_lengths(const uint32_t *counts, unsigned count, unsigned limit, unsigned char *lengths)
{
  sorted leaves;
  unsigned per_length[PX_HUFFMAN_LIMIT + 1] = {0};
  memset(lengths, 0, count);
  sort(counts, count, &leaves);
  if (leaves.used < 2) {
    unsigned symbol = leaves.used > 0 ? (unsigned)leaves.keys[0] & ((1U << SYMBOL_BITS) - 1) : 0;
    lengths[symbol] = 1;
    lengths[symbol > 0 ? 0 : 1] = 1;
    return;
  }
  count_lengths(&leaves, limit, per_length);
  fit(per_length, limit);
  unsigned next = 0;
  for (unsigned length = limit; length > 0; length--) {
    for (unsigned i = 0; i < per_length[length]; i++)
      lengths[leaves.keys[next++] & ((1U << SYMBOL_BITS) - 1)] = (unsigned char)length;
  }
}

static uint32_t reversed(uint32_t word, unsigned length)
{
  word = (word >> 1 & 0x5555) | (word & 0x5555) << 1;
  word = (word >> 2 & 0x3333) | (word & 0x3333) << 2;
  word = (word >> 4 & 0x0f0f) | (word & 0x0f0f) << 4;
  word = (word >> 8 & 0x00ff) | (word & 0x00ff) << 8;
  return word >> (16 - length);
}

void px_huffman_codes(const unsigned char *lengths, unsigned count, px_code *codes)
{
  uint32_t next[PX_HUFFMAN_LIMIT + 2] = {0};
  for (unsigned i = 0; i < count; i++)
    next[lengths[i] + 1]++;
  next[1] = 0; /* symbols without a word */
  for (unsigned length = 2; length <= PX_HUFFMAN_LIMIT; length++)
    next[length] = (next[length - 1] + next[length]) << 1;
  for (unsigned i = 0; i < count; i++) {
    unsigned length = lengths[i];
    codes[i] = length > 0 ? length << 16 | reversed(next[length]++, length) : 0;
  }
}
