/* SPDX-License-Identifier: MIT */
/* The library's own definitions: each providers/NAME.json as text, put together by the build. */
#ifndef PX_CLIENT_BUILTIN_H
#define PX_CLIENT_BUILTIN_H

#include <stddef.h>

typedef struct px_builtin {
  const char *name;
  const char *json;
} px_builtin;

extern const px_builtin px_builtin_rows[]; /* in the file that the build writes */
extern const size_t px_builtin_row_count;

size_t px_builtin_count(void);
const px_builtin *px_builtin_at(size_t index);
const px_builtin *px_builtin_find(const char *name, size_t length); /* NULL: there is none */

#endif
