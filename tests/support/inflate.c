/* SPDX-License-Identifier: MIT */
#include "support/inflate.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

bool inflates_to(const unsigned char *packed, size_t packed_size, const unsigned char *before, size_t known, size_t size,
                 bool ended)
{
  z_stream stream = {.next_in = (unsigned char *)(size_t)packed, .avail_in = (uInt)packed_size};
  unsigned char *out = malloc(size + 1);
  if (!out || inflateInit2(&stream, -15) != Z_OK)
    abort();
  size_t dictionary = known < 32768 ? known : 32768;
  if (dictionary > 0)
    (void)inflateSetDictionary(&stream, before + known - dictionary, (uInt)dictionary);
  stream.next_out = out;
  stream.avail_out = (uInt)size + 1;
  int result = inflate(&stream, Z_SYNC_FLUSH);
  bool good = ended ? result == Z_STREAM_END : result == Z_OK || result == Z_BUF_ERROR;
  good = good && stream.avail_in == 0 && stream.avail_out == 1 && memcmp(out, before + known, size) == 0;
  (void)inflateEnd(&stream);
  free(out);
  return good;
}
