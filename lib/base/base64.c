/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648), decoded as a stream so that a large answer never stands in memory twice. */
#include "base/base64.h"

#include "base/str.h"

/* What a byte stands for: a value of 6 bits, or one of these. */
enum { SPACE = 64, PAD = 65, NO = 255 };

/* clang-format off */
static const uint8_t meaning[256] = {
    NO, NO, NO, NO, NO, NO, NO, NO, NO, SPACE, SPACE, SPACE, SPACE, SPACE, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    SPACE, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, 62, NO, 62, NO, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, NO, NO, NO, PAD, NO, NO,
    NO, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, NO, NO, NO, NO, 63,
    NO, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
};
/* clang-format on */

static size_t plain_quads(const char *text, size_t size, unsigned char *out)
{
  size_t done = 0;
  for (; size - done >= 4; done += 4, out += 3) {
    const unsigned char *quad = (const unsigned char *)text + done;
    uint32_t a = meaning[quad[0]], b = meaning[quad[1]], c = meaning[quad[2]], d = meaning[quad[3]];
    if ((a | b | c | d) >= SPACE)
      break;
    uint32_t bits = a << 18 | b << 12 | c << 6 | d;
    out[0] = (unsigned char)(bits >> 16);
    out[1] = (unsigned char)(bits >> 8);
    out[2] = (unsigned char)bits;
  }
  return done;
}

size_t px_base64_quads(const char *text, size_t size, unsigned char *out, px_simd simd)
{
  size_t done = 0;
#if PX_HAVE_AVX2
  if (size >= PX_BASE64_WORTH && px_simd_choose(simd) == PX_SIMD_AVX2)
    done = px_base64_quads_avx2(text, size, out);
#else
  (void)simd;
#endif
  return done + plain_quads(text + done, size - done, out + done / 4 * 3);
}

/* One character that the quads left over: space, padding, or part of a quad that is not whole. False: not base64. */
static bool take_one(px_base64 *state, char byte, unsigned char *out, size_t *written)
{
  unsigned value = meaning[(unsigned char)byte];
  state->padded = state->padded || value == PAD;
  if (value == SPACE || value == PAD)
    return true;
  if (value == NO || state->padded)
    return false;
  state->bits = state->bits << 6 | value;
  if (++state->count < 4)
    return true;
  out[(*written)++] = (unsigned char)(state->bits >> 16);
  out[(*written)++] = (unsigned char)(state->bits >> 8);
  out[(*written)++] = (unsigned char)state->bits;
  state->bits = 0;
  state->count = 0;
  return true;
}

bool px_base64_decode(px_base64 *state, const char *text, size_t size, unsigned char *out, size_t *written)
{
  size_t n = 0;
  for (size_t i = 0; i < size; i++) {
    if (state->count == 0 && !state->padded) {
      size_t quads = px_base64_quads(text + i, size - i, out + n, PX_SIMD_AUTO);
      n += quads / 4 * 3;
      i += quads;
      if (i == size)
        break;
    }
    if (!take_one(state, text[i], out, &n))
      return false;
  }
  *written = n;
  return true;
}

bool px_base64_finish(px_base64 *state, unsigned char *out, size_t *written)
{
  *written = 0;
  if (state->count == 1)
    return false;
  if (state->count >= 2)
    out[(*written)++] = (unsigned char)(state->count == 2 ? state->bits >> 4 : state->bits >> 10);
  if (state->count == 3)
    out[(*written)++] = (unsigned char)(state->bits >> 2);
  return true;
}

void px_base64_encode(const void *data, size_t size, char *text)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const unsigned char *bytes = data;
  size_t n = 0;
  for (size_t i = 0; i < size; i += 3) {
    size_t left = size - i;
    uint32_t bits = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
    text[n++] = alphabet[bits >> 18];
    text[n++] = alphabet[bits >> 12 & 63];
    text[n++] = left > 1 ? alphabet[bits >> 6 & 63] : '=';
    text[n++] = left > 2 ? alphabet[bits & 63] : '=';
  }
  text[n] = '\0';
}
