/* SPDX-License-Identifier: MIT */
#include <pixazo/version.h>

#include <stddef.h>

#include "base/libraries.h"
#include "base/mem.h"
#include "base/str.h"

const char *pixazo_version(void)
{
  return PIXAZO_VERSION_STRING;
}

uint32_t pixazo_version_number(void)
{
  return PIXAZO_VERSION_MAJOR * 1000000u + PIXAZO_VERSION_MINOR * 1000u + PIXAZO_VERSION_PATCH;
}

int32_t pixazo_supports(const char *feature)
{
  static const char *const built_in[] = {"png",         "jpeg",         "webp",         "sqlite", "offline", "pixazo",
                                         "store-local", "store-memory", "store-custom",
#ifdef PIXAZO_FAILPOINTS
                                         "failpoints",
#endif
  };
  if (px_str_equal(feature, "http2"))
    return px_library_http2();
  if (px_str_equal(feature, "fts5"))
    return px_library_search();
  for (size_t i = 0; i < PX_ARRAY_SIZE(built_in); i++) {
    if (px_str_equal(feature, built_in[i]))
      return 1;
  }
  return 0;
}
