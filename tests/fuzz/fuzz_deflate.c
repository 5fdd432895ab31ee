/* SPDX-License-Identifier: MIT */
/* The first bytes say how, the rest is what is packed: zlib must unpack it to the very bytes, both ways alike. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"
#include "fuzz.h"
#include "image/png/deflate.h"

enum { HEAD = 4 };

static void require(bool condition)
{
  if (!condition)
    abort();
}

/* Copies of the input one after the other, each a little changed: a fuzzer's inputs are short. */
static unsigned char *stretch(const uint8_t *data, size_t size, size_t wanted)
{
  unsigned char *window = calloc(wanted + PX_DEFLATE_AHEAD, 1);
  require(window != NULL);
  for (size_t i = 0; i < wanted && size > 0; i++)
    window[i] = (unsigned char)(data[i % size] + (i / size) * (i % 97 == 0));
  return window;
}

static size_t pack(int32_t level, px_simd simd, const px_deflate_job *job, unsigned char *out)
{
  px_deflate *deflate = px_deflate_new(level, simd);
  px_bits bits = {out, 0, 0};
  require(deflate != NULL);
  require(px_deflate_run(deflate, job, &bits, NULL) == PIXAZO_OK);
  px_deflate_free(deflate);
  return (size_t)(bits.out - out);
}

static void check(const px_deflate_job *job, const unsigned char *packed, size_t packed_size)
{
  z_stream stream = {.next_in = (unsigned char *)(size_t)packed, .avail_in = (uInt)packed_size};
  unsigned char *out = malloc(job->size + 1);
  size_t dictionary = job->known < 32768 ? job->known : 32768;
  require(out && inflateInit2(&stream, -15) == Z_OK);
  if (dictionary > 0)
    require(inflateSetDictionary(&stream, job->window + job->known - dictionary, (uInt)dictionary) == Z_OK);
  stream.next_out = out;
  stream.avail_out = (uInt)job->size + 1;
  int result = inflate(&stream, Z_SYNC_FLUSH);
  require(job->last ? result == Z_STREAM_END : result == Z_OK || result == Z_BUF_ERROR);
  require(stream.avail_in == 0 && stream.avail_out == 1);
  require(memcmp(out, job->window + job->known, job->size) == 0);
  (void)inflateEnd(&stream);
  free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < HEAD)
    return 0;
  int32_t level = data[0] % 10;
  size_t total = (data[1] & 0x80) ? (size - HEAD) * (1 + (data[1] & 15)) : size - HEAD;
  size_t known = data[3] ? total * data[3] / 256 : 0;
  unsigned char *window = stretch(data + HEAD, size - HEAD, total);
  px_deflate_job job = {window, known, total - known, (data[2] & 1) != 0, NULL};
  size_t bound = px_deflate_bound(job.size);
  unsigned char *plain = malloc(bound);
  unsigned char *best = malloc(bound);
  require(plain && best);
  size_t packed = pack(level, PX_SIMD_PLAIN, &job, plain);
  require(packed <= bound && pack(level, PX_SIMD_AUTO, &job, best) == packed);
  require(memcmp(plain, best, packed) == 0);
  check(&job, best, packed);
  free(best);
  free(plain);
  free(window);
  return 0;
}
