/* SPDX-License-Identifier: MIT */
#include "image/png/cost.h"

enum {
  LOG_BITS = 12, /* after the point */
  BLOCK_BITS = 180, /* of a header that names hardly any symbol */
  SYMBOL_BITS = 3   /* more for each symbol it names */
};

/* Digit by digit: squaring doubles the logarithm. */
static uint32_t log_of(uint32_t index)
{
  uint64_t value = (uint64_t)(256 + index) << 22; /* 1 <= value < 2 with 30 bits behind the point */
  uint32_t log = 0;
  for (int bit = 0; bit < LOG_BITS + 1; bit++) {
    value = value * value >> 30;
    log <<= 1;
    if (value >> 31) {
      value >>= 1;
      log |= 1;
    }
  }
  return (log + 1) >> 1;
}

void px_logs_make(px_logs *logs)
{
  for (uint32_t i = 0; i < 256; i++)
    logs->of[i] = log_of(i);
  logs->of[256] = 1 << LOG_BITS;
}

uint32_t px_logs_log2(const px_logs *logs, uint32_t value)
{
  unsigned top = px_top_bit(value);
  uint32_t fraction = value << (31 - top);
  uint32_t index = fraction >> 23 & 255;
  uint32_t between = fraction >> 15 & 255;
  uint32_t step = logs->of[index + 1] - logs->of[index];
  return (top << LOG_BITS) + logs->of[index] + (step * between >> 8);
}

/* Total entropy of the counts, in 1 / 4096 bits. */
static uint64_t entropy(const px_logs *logs, const uint32_t *counts, unsigned count, unsigned *used)
{
  uint64_t sum = 0;
  uint64_t cost = 0;
  for (unsigned i = 0; i < count; i++) {
    if (counts[i] == 0)
      continue;
    sum += counts[i];
    cost += (uint64_t)counts[i] * px_logs_log2(logs, counts[i]);
    ++*used;
  }
  return sum > 0 ? sum * px_logs_log2(logs, (uint32_t)sum) - cost : 0;
}

uint64_t px_counts_bits(const px_logs *logs, const px_counts *counts)
{
  unsigned used = 0;
  uint64_t cost = entropy(logs, counts->literals, PX_LITERALS, &used);
  cost += entropy(logs, counts->distances, PX_DISTANCES, &used);
  return (cost >> LOG_BITS) + counts->extra + BLOCK_BITS + used * SYMBOL_BITS;
}

void px_counts_add(px_counts *to, const px_counts *from)
{
  for (unsigned i = 0; i < PX_LITERALS; i++)
    to->literals[i] += from->literals[i];
  for (unsigned i = 0; i < PX_DISTANCES; i++)
    to->distances[i] += from->distances[i];
  to->literals[PX_END]--; /* two ends became one */
  to->extra += from->extra;
}

enum {
  WEIGHT = 4,      /* of a count against what is not known */
  COST_SHIFT = LOG_BITS - 4
};

static uint32_t total_of(const uint32_t *counts, unsigned count)
{
  uint32_t total = 0;
  for (unsigned i = 0; i < count; i++)
    total += WEIGHT * counts[i] + 1;
  return total;
}

static uint32_t cost_in(const px_logs *logs, uint32_t total_log, uint32_t count)
{
  uint32_t cost = (total_log - px_logs_log2(logs, WEIGHT * count + 1)) >> COST_SHIFT;
  return cost > PX_COST_BIT ? cost : PX_COST_BIT;
}

void px_costs_of_counts(px_costs *costs, const px_logs *logs, const px_counts *counts)
{
  unsigned extra;
  uint32_t total = px_logs_log2(logs, total_of(counts->literals, PX_LITERALS));
  for (unsigned i = 0; i < 256; i++)
    costs->literals[i] = cost_in(logs, total, counts->literals[i]);
  for (unsigned length = PX_MATCH_MIN; length <= PX_MATCH_MAX; length++) {
    unsigned slot = px_length_slot(length - PX_MATCH_MIN, &extra);
    costs->lengths[length] = cost_in(logs, total, counts->literals[PX_END + 1 + slot]) + extra * PX_COST_BIT;
  }
  total = px_logs_log2(logs, total_of(counts->distances, PX_DISTANCES));
  for (unsigned slot = 0; slot < PX_DISTANCES; slot++) {
    extra = slot < 4 ? 0 : slot / 2 - 1;
    costs->distances[slot] = cost_in(logs, total, counts->distances[slot]) + extra * PX_COST_BIT;
  }
}
