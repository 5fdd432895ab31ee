/* SPDX-License-Identifier: MIT */
/* Many small pieces that live and die together. */
#ifndef PX_BASE_ARENA_H
#define PX_BASE_ARENA_H

#include <stddef.h>

typedef struct px_arena {
  struct px_arena_piece *pieces;
} px_arena;

#define PX_ARENA_INIT {NULL}

/* Zeroed and aligned for anything; NULL when there is no memory. */
void *px_arena_calloc(px_arena *arena, size_t count, size_t size);
char *px_arena_strdup(px_arena *arena, const char *text);
void px_arena_done(px_arena *arena);

#endif
