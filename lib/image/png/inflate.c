/* SPDX-License-Identifier: MIT */
#include "image/png/inflate.h"

#if PX_HAVE_LIBDEFLATE
#include <libdeflate.h>

#include "base/mem.h"
#else
#include <limits.h>
#include <zlib.h>

#include "base/mem.h"
#endif

/* libpng takes the window that the stream names and refuses what reaches farther back; a stream no longer than its window
 * never does. Other streams with a small window are rare, and not for here. */
static bool window_is_enough(px_bytes packed, size_t size)
{
  enum { WHOLE_WINDOW = 7 };
  if (packed.size < 2)
    return false;
  unsigned window = packed.data[0] >> 4;
  return window == WHOLE_WINDOW || (window < WHOLE_WINDOW && size <= (size_t)1 << (window + 8));
}

#if PX_HAVE_LIBDEFLATE

static void free_decompressor(struct libdeflate_decompressor **decompressor)
{
  libdeflate_free_decompressor(*decompressor);
}

bool px_inflate(px_bytes packed, unsigned char *out, size_t size)
{
  size_t used = 0;
  if (!window_is_enough(packed, size))
    return false;
  px_cleanup(free_decompressor) struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
  if (!decompressor)
    return false;
  enum libdeflate_result result =
      libdeflate_zlib_decompress_ex(decompressor, packed.data, packed.size, out, size, &used, NULL);
  return result == LIBDEFLATE_SUCCESS && used == packed.size;
}

uint32_t px_inflate_crc32(const void *data, size_t size)
{
  return libdeflate_crc32(0, data, size);
}

#else

static voidpf take_memory(voidpf self, uInt count, uInt size)
{
  (void)self;
  return px_calloc(count, size);
}

static void give_memory(voidpf self, voidpf memory)
{
  (void)self;
  px_free(memory);
}

bool px_inflate(px_bytes packed, unsigned char *out, size_t size)
{
  if (!window_is_enough(packed, size) || packed.size > UINT_MAX || size > UINT_MAX)
    return false;
  z_stream stream = {.zalloc = take_memory, .zfree = give_memory};
  stream.next_in = (z_const Bytef *)(uintptr_t)packed.data;
  stream.avail_in = (uInt)packed.size;
  stream.next_out = out;
  stream.avail_out = (uInt)size;
  if (inflateInit(&stream) != Z_OK)
    return false;
  int result = inflate(&stream, Z_FINISH);
  (void)inflateEnd(&stream);
  return result == Z_STREAM_END && stream.avail_in == 0 && stream.avail_out == 0;
}

uint32_t px_inflate_crc32(const void *data, size_t size)
{
  return (uint32_t)crc32_z(0, data, size);
}

#endif
