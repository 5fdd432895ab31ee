/* SPDX-License-Identifier: MIT */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

static bool make_room(lines *self, size_t more)
{
  size_t wanted = self->size + more + 1;
  if (wanted <= self->capacity)
    return true;
  size_t capacity = self->capacity ? self->capacity : 4096;
  while (capacity < wanted)
    capacity *= 2;
  char *grown = realloc(self->text, capacity);
  if (!grown)
    return false;
  self->text = grown;
  self->capacity = capacity;
  return true;
}

/* A line that cannot be kept is counted only. */
static bool keep(lines *self, const char *bytes, size_t count)
{
  bool fits = self->passed_over == 0 && self->size + count <= LINE_BYTES;
  if (fits && make_room(self, count)) {
    if (count > 0)
      memcpy(self->text + self->size, bytes, count);
    self->size += count;
    return true;
  }
  self->passed_over += self->size + count;
  self->size = 0;
  return !fits;
}

static line_kind finish(lines *self, char **out)
{
  if (self->passed_over > 0) {
    self->passed_over = 0;
    return LINE_TOO_LONG;
  }
  if (!make_room(self, 0))
    return LINE_NO_MEMORY;
  if (self->size > 0 && self->text[self->size - 1] == '\r')
    self->size--;
  self->text[self->size] = '\0';
  /* A NUL would hide what stands behind it; a control character is refused as no JSON. */
  for (char *hole = memchr(self->text, '\0', self->size); hole;
       hole = memchr(hole, '\0', (size_t)(self->text + self->size - hole)))
    *hole = '\x01';
  self->size = 0;
  *out = self->text;
  return LINE_WHOLE;
}

line_kind lines_take(lines *self, const char **bytes, size_t *count, char **out)
{
  const char *end = *count > 0 ? memchr(*bytes, '\n', *count) : NULL;
  size_t length = end ? (size_t)(end - *bytes) : *count;
  bool kept = keep(self, *bytes, length);
  size_t used = length + (end ? 1 : 0);
  *bytes += used;
  *count -= used;
  if (!kept)
    return LINE_NO_MEMORY;
  return end ? finish(self, out) : LINE_NONE;
}

line_kind lines_rest(lines *self, char **out)
{
  return self->size > 0 || self->passed_over > 0 ? finish(self, out) : LINE_NONE;
}

void lines_done(lines *self)
{
  free(self->text);
  *self = (lines){NULL, 0, 0, 0};
}
