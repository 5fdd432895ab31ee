/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648), decoded as a stream so that a large answer never stands in memory twice. */
#include "base/str.h"

static int sextet(char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  if (c == '+' || c == '-')
    return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

bool px_base64_decode(px_base64 *state, const char *text, size_t size, unsigned char *out, size_t *written)
{
  size_t n = 0;
  for (size_t i = 0; i < size; i++) {
    if (px_ascii_is_space(text[i]))
      continue;
    if (text[i] == '=') {
      state->padded = true;
      continue;
    }
    int value = sextet(text[i]);
    if (value < 0 || state->padded)
      return false;
    state->bits = state->bits << 6 | (uint32_t)value;
    if (++state->count == 4) {
      out[n++] = (unsigned char)(state->bits >> 16);
      out[n++] = (unsigned char)(state->bits >> 8);
      out[n++] = (unsigned char)state->bits;
      state->bits = 0;
      state->count = 0;
    }
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
