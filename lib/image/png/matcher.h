/* SPDX-License-Identifier: MIT */
/* Finds where bytes of the window were seen before: the newest place of three and of four bytes, and on request
 * a chain of places that have more in common. */
#ifndef PX_IMAGE_PNG_MATCHER_H
#define PX_IMAGE_PNG_MATCHER_H

#include "image/png/block.h"

enum {
  PX_MATCHES_EACH = 24,
  PX_MATCHER_AHEAD = 8, /* at fewer bytes before the end of the window nothing is found */
  PX_MATCHER_HEADS = 1 << 14,
  PX_MATCHER_CHAINS = 1 << 15
};

typedef struct px_match {
  uint16_t length;
  uint16_t before; /* distance less 1 */
} px_match;

/* Places are counted from 1; 0: none. */
typedef struct px_matcher {
  uint32_t three[PX_MATCHER_HEADS];
  uint32_t four[PX_MATCHER_HEADS];
  uint32_t chains[PX_MATCHER_CHAINS]; /* newest place of seven bytes, or of a run and what ends it */
  uint32_t older[PX_WINDOW];          /* the place before a place in its chain */
  const unsigned char *window;
  size_t size;      /* of the window */
  size_t next;      /* the first byte that is not known by three and four */
  size_t next_link; /* likewise in the chains */
  size_t run_end;   /* of the run of one byte that was seen last */
  size_t compared;  /* places of chains, so far */
} px_matcher;

typedef struct px_search {
  size_t end;     /* of what a match may cover */
  unsigned depth; /* places of a chain that are compared; 0: chains are not used */
  const uint32_t *distances; /* what a distance costs, by slot */
  uint32_t spare; /* a place known by three bytes alone is not compared when its distance costs as much */
  size_t hint;    /* a distance that is compared whatever stands there; 0: none */
} px_search;

void px_matcher_reset(px_matcher *matcher, const unsigned char *window, size_t size);
/* Makes known all bytes before `at` that a match from there may refer to. */
void px_matcher_skip(px_matcher *matcher, const px_search *search, size_t at);
/* Matches at `at`, each longer than the one before it; at most PX_MATCHES_EACH. All before it must be known, and
 * then this place is too. */
unsigned px_matcher_find(px_matcher *matcher, const px_search *search, size_t at, px_match *matches);

#endif
