/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

#include "base/mem.h"

struct px_arena_piece {
  alignas(max_align_t) struct px_arena_piece *next;
};

void *px_arena_calloc(px_arena *arena, size_t count, size_t size)
{
  size_t bytes = 0;
  if (!px_mul_size(count, size, &bytes) || !px_add_size(bytes, sizeof(struct px_arena_piece), &bytes))
    return NULL;
  struct px_arena_piece *piece = px_calloc(1, bytes);
  if (!piece)
    return NULL;
  piece->next = arena->pieces;
  arena->pieces = piece;
  return piece + 1;
}

char *px_arena_strdup(px_arena *arena, const char *text)
{
  size_t size = strlen(text) + 1;
  char *copy = px_arena_calloc(arena, size, 1);
  return copy ? memcpy(copy, text, size) : NULL;
}

void px_arena_done(px_arena *arena)
{
  while (arena->pieces) {
    struct px_arena_piece *piece = arena->pieces;
    arena->pieces = piece->next;
    px_free(piece);
  }
}
