/* SPDX-License-Identifier: MIT */
#include "client/header.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { NAME_MAX_SIZE = 128 };

/* Small letters and digits alone, since services write one name in many ways. Names too long for `out` are cut in front: their
 * ends tell. */
static void simplify(const char *name, size_t length, char out[NAME_MAX_SIZE])
{
  size_t size = 0;
  size_t from = length >= NAME_MAX_SIZE ? length - NAME_MAX_SIZE + 1 : 0;
  for (size_t i = from; i < length; i++) {
    if (px_ascii_is_alnum(name[i]))
      out[size++] = px_ascii_lower(name[i]);
  }
  out[size] = '\0';
}

static bool ends_with(const char *text, const char *end)
{
  size_t size = strlen(text);
  size_t length = strlen(end);
  return size >= length && strcmp(text + size - length, end) == 0;
}

px_header_kind px_header_kind_of(const char *name, size_t length, const char *key_header)
{
  static const char *const own[] = {"host", "contentlength", "contenttype", "transferencoding"};
  static const char *const keys[] = {"authorization", "cookie",    "apikey",  "subscriptionkey", "accesskey",
                                     "authkey",       "secretkey", "token",   "secret",          "password"};
  char simple[NAME_MAX_SIZE];
  char theirs[NAME_MAX_SIZE] = "";
  simplify(name, length, simple);
  if (key_header)
    simplify(key_header, strlen(key_header), theirs);
  for (size_t i = 0; i < PX_ARRAY_SIZE(own); i++) {
    if (strcmp(simple, own[i]) == 0)
      return PX_HEADER_OWN;
  }
  for (size_t i = 0; i < PX_ARRAY_SIZE(keys); i++) {
    if (ends_with(simple, keys[i]))
      return PX_HEADER_KEY;
  }
  return theirs[0] && strcmp(simple, theirs) == 0 ? PX_HEADER_KEY : PX_HEADER_FREE;
}
