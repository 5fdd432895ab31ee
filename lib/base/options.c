/* SPDX-License-Identifier: MIT */
#include "base/options.h"

#include <string.h>

#include "base/error.h"

enum { OPTIONS_MAX = 4096 };

void px_options_init(void *options, size_t size)
{
  if (!options || size < sizeof(size_t))
    return;
  memset(options, 0, size);
  memcpy(options, &size, sizeof size);
}

pixazo_status px_options_copy(void *target, size_t size, const void *source, const char *name, pixazo_error **error)
{
  px_options_init(target, size);
  if (!source)
    return PIXAZO_OK;
  size_t given;
  memcpy(&given, source, sizeof given);
  if (given < sizeof given || given > OPTIONS_MAX)
    return px_fail(error, PIXAZO_E_ABI, "%s: struct_size %zu cannot be right; start from the struct's init function", name,
                   given);
  const unsigned char *bytes = source;
  for (size_t i = size; i < given; i++) {
    if (bytes[i] != 0)
      return px_fail(error, PIXAZO_E_ABI, "%s: byte %zu is set, but this library knows %zu bytes; a newer libpixazo is needed",
                     name, i, size);
  }
  memcpy(target, source, given < size ? given : size);
  memcpy(target, &size, sizeof size);
  return PIXAZO_OK;
}
