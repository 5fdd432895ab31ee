/* SPDX-License-Identifier: MIT */
/* An event stream in pieces of a size that the first byte names, against the words of the standard over the whole text. */
#include <stdlib.h>
#include <string.h>

#include "net/sse.h"
#include "support/naive_sse.h"

#include "fuzz.h"

/* The naive reader has no bounds: a line that long could differ. */
static int has_long_line(const char *text, size_t size)
{
  size_t length = 0;
  for (size_t i = 0; i < size; i++) {
    length = text[i] == '\n' || text[i] == '\r' ? 0 : length + 1;
    if (length > PX_SSE_TYPE_MAX)
      return 1;
  }
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  const char *text = (const char *)data + 1;
  size_t step = data[0] % 32u + 1;
  size_t length = size - 1;
  size_t room = 32 * length + 512; /* six bytes make an event, and its id may be an old one */
  char *wanted = malloc(room);
  char *found = malloc(room);
  if (!wanted || !found)
    abort();
  size_t told = pieces_sse(text, length, step, found, room);
  if (!has_long_line(text, length)) {
    size_t naive = naive_sse(text, length, wanted, room);
    if (naive != told || naive > room || memcmp(wanted, found, told) != 0)
      abort();
  }
  free(wanted);
  free(found);
  return 0;
}
