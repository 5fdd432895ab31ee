/* SPDX-License-Identifier: MIT */
/* The careful way to tokens: of all ways to write a piece the one that costs least. */
#ifndef PX_IMAGE_PNG_PARSE_H
#define PX_IMAGE_PNG_PARSE_H

#include "image/png/cost.h"
#include "image/png/matcher.h"

enum { PX_PIECE = 24 << 10 }; /* bytes that are looked at together */

typedef struct px_effort {
  unsigned depth; /* places of a chain compared at each byte; lazy: while they are few on average */
  unsigned nice;  /* a match of this length is taken without looking for other ways */
  bool lazy;      /* only the next place is looked at for another way */
} px_effort;

typedef struct px_parser {
  const px_logs *logs;
  px_matcher matcher;
  px_costs costs;
  px_counts history; /* of the pieces before */
  bool has_history;
  uint32_t starts[PX_PIECE + 1]; /* of the matches of a place */
  px_match matches[4 * PX_PIECE];
  uint32_t cost[PX_PIECE + 1];   /* from a place to the end */
  px_match choice[PX_PIECE];     /* length 1: a literal */
} px_parser;

void px_parser_reset(px_parser *parser, const px_logs *logs, const unsigned char *window, size_t size);
/* Tokens of a piece: where it begins in the window, and how many bytes, at most PX_PIECE. At most a third as many and one. */
size_t px_parser_run(px_parser *parser, const px_effort *effort, const size_t piece[2], px_token *tokens);
/* What the piece took, so that the next one knows what symbols cost. The costs of one piece alone would lead the next to
 * the same choices, good or bad; so older ones count half. */
void px_parser_remember(px_parser *parser, const px_counts *counts);

#endif
