/* SPDX-License-Identifier: MIT */
#include "client/builtin.h"

#include <string.h>

size_t px_builtin_count(void)
{
  return px_builtin_row_count;
}

const px_builtin *px_builtin_at(size_t index)
{
  return &px_builtin_rows[index];
}

const px_builtin *px_builtin_find(const char *name, size_t length)
{
  for (size_t i = 0; i < px_builtin_row_count; i++) {
    if (strlen(px_builtin_rows[i].name) == length && memcmp(px_builtin_rows[i].name, name, length) == 0)
      return &px_builtin_rows[i];
  }
  return NULL;
}
