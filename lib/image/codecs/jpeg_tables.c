/* SPDX-License-Identifier: MIT */
#include "image/codecs/jpeg_tables.h"

#include <stddef.h>
#include <string.h>

enum {
  SYMBOLS = 256,
  RESERVED = 256, /* takes the code of ones only, which no JPEG may use */
  LEAVES = SYMBOLS + 1,
  DEPTH = 32, /* no code of these weights is longer before they are limited */
  DC_SIZES = 12,
  AC_SIZES = 10,
  RUNS = 16
};

typedef struct leaf {
  uint32_t weight;
  uint32_t symbol;
} leaf;

typedef struct code_tree {
  leaf leaves[LEAVES]; /* lightest first */
  uint32_t weights[LEAVES];
  uint32_t parents[2 * LEAVES]; /* of leaves, then of inner nodes */
  uint32_t count;
} code_tree;

/* A code of length n says that the symbol came about once in 2^n; what was never seen weighs half of the rarest. */
static void weigh(const px_jpeg_table *table, uint32_t weights[SYMBOLS])
{
  const uint8_t *symbol = table->symbols;
  for (unsigned length = 1; length <= PX_JPEG_CODE_MAX; length++) {
    for (unsigned i = 0; i < table->counts[length]; i++)
      weights[*symbol++] = UINT32_C(1) << (PX_JPEG_CODE_MAX + 1 - length);
  }
}

static bool can_occur(uint32_t symbol, bool ac)
{
  uint32_t size = symbol & 15;
  if (!ac)
    return symbol < DC_SIZES;
  return size <= AC_SIZES && (size > 0 || symbol == 0 || symbol == (RUNS - 1) << 4);
}

static void insert(code_tree *tree, leaf added)
{
  uint32_t at = tree->count++;
  for (; at > 0 && tree->leaves[at - 1].weight > added.weight; at--)
    tree->leaves[at] = tree->leaves[at - 1];
  tree->leaves[at] = added;
}

/* Among equals the later symbol is the lighter one, so codes follow the order of the symbols. */
static void gather(code_tree *tree, const px_jpeg_table *table, bool ac)
{
  uint32_t weights[SYMBOLS] = {0};
  weigh(table, weights);
  insert(tree, (leaf){1, RESERVED});
  for (uint32_t symbol = SYMBOLS; symbol-- > 0;) {
    if (weights[symbol] > 0 || can_occur(symbol, ac))
      insert(tree, (leaf){weights[symbol] > 0 ? weights[symbol] : 1, symbol});
  }
}

/* Both queues are sorted, so the lightest node is at the head of one of them. */
static uint32_t take(const code_tree *tree, uint32_t *leaf_at, uint32_t *node_at, uint32_t node_end, uint32_t *node)
{
  bool from_leaves =
      *leaf_at < tree->count && (*node_at == node_end || tree->leaves[*leaf_at].weight <= tree->weights[*node_at]);
  *node = from_leaves ? *leaf_at : tree->count + *node_at;
  return from_leaves ? tree->leaves[(*leaf_at)++].weight : tree->weights[(*node_at)++];
}

static void join(code_tree *tree)
{
  uint32_t leaf_at = 0, node_at = 0;
  for (uint32_t made = 0; made + 1 < tree->count; made++) {
    uint32_t first, second;
    uint32_t weight = take(tree, &leaf_at, &node_at, made, &first);
    weight += take(tree, &leaf_at, &node_at, made, &second);
    tree->weights[made] = weight;
    tree->parents[first] = tree->parents[second] = tree->count + made;
  }
}

static void count_lengths(code_tree *tree, uint32_t lengths[DEPTH + 1])
{
  uint32_t depths[2 * LEAVES];
  uint32_t root = 2 * tree->count - 2;
  depths[root] = 0;
  for (uint32_t node = root; node-- > 0;) {
    depths[node] = depths[tree->parents[node]] + 1;
    if (node < tree->count)
      lengths[depths[node]]++;
  }
}

/* Two codes that are too long become one that is a bit shorter, the other moves below a short one. */
static void limit(uint32_t lengths[DEPTH + 1])
{
  for (uint32_t length = DEPTH; length > PX_JPEG_CODE_MAX; length--) {
    while (lengths[length] > 0) {
      uint32_t shorter = length - 2;
      while (lengths[shorter] == 0)
        shorter--;
      lengths[length] -= 2;
      lengths[length - 1]++;
      lengths[shorter + 1] += 2;
      lengths[shorter]--;
    }
  }
}

static void write_table(const code_tree *tree, uint32_t lengths[DEPTH + 1], px_jpeg_table *out)
{
  uint32_t longest = PX_JPEG_CODE_MAX;
  while (lengths[longest] == 0)
    longest--;
  lengths[longest]--;
  memset(out, 0, sizeof *out);
  for (uint32_t length = 1; length <= PX_JPEG_CODE_MAX; length++)
    out->counts[length] = (uint8_t)lengths[length];
  for (uint32_t i = tree->count, at = 0; i-- > 0;) {
    if (tree->leaves[i].symbol != RESERVED)
      out->symbols[at++] = (uint8_t)tree->leaves[i].symbol;
  }
}

void px_jpeg_table_complete(px_jpeg_table *table, bool ac)
{
  code_tree tree = {.count = 0};
  uint32_t lengths[DEPTH + 1] = {0};
  gather(&tree, table, ac);
  join(&tree);
  count_lengths(&tree, lengths);
  limit(lengths);
  write_table(&tree, lengths, table);
}
