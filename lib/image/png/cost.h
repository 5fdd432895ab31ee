/* SPDX-License-Identifier: MIT */
/* What symbols will cost, from integers alone, so that every machine decides the same. */
#ifndef PX_IMAGE_PNG_COST_H
#define PX_IMAGE_PNG_COST_H

#include "image/png/block.h"

enum { PX_COST_BIT = 16 }; /* costs are in sixteenths of a bit */

typedef struct px_logs {
  uint32_t of[257]; /* 4096 * log2(1 + i / 256) */
} px_logs;

typedef struct px_costs {
  uint32_t literals[256];
  uint32_t lengths[PX_MATCH_MAX + 1]; /* extra bits and all */
  uint32_t distances[PX_DISTANCES];   /* likewise, by slot */
} px_costs;

void px_logs_make(px_logs *logs);
/* 4096 * log2(value); value > 0. */
uint32_t px_logs_log2(const px_logs *logs, uint32_t value);

/* About how many bits a block with these counts takes, header and all. */
uint64_t px_counts_bits(const px_logs *logs, const px_counts *counts);
void px_counts_add(px_counts *to, const px_counts *from);

/* Costs in a block that will have about these counts. */
void px_costs_of_counts(px_costs *costs, const px_logs *logs, const px_counts *counts);

#endif
