/* SPDX-License-Identifier: MIT */
/* Text without a locale: ASCII comparison, exact numbers, hex, base64, UTF-8. */
#ifndef PX_BASE_STR_H
#define PX_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool px_str_equal(const char *a, const char *b);        /* NULL equals only NULL */
bool px_str_equal_nocase(const char *a, const char *b); /* ASCII letters only */
bool px_str_starts(const char *text, const char *prefix);
bool px_str_starts_nocase(const char *text, const char *prefix);
bool px_str_ends(const char *text, const char *suffix);
bool px_str_empty(const char *text); /* NULL or "" */
/* Case-insensitive search in ASCII. */
const char *px_str_find_nocase(const char *text, const char *needle);

char px_ascii_lower(char byte);
bool px_ascii_is_digit(char byte);
bool px_ascii_is_alnum(char byte);
bool px_ascii_is_space(char byte);

/* The whole text must be the number. No white space, no plus sign, no hex. */
bool px_parse_int64(const char *text, int64_t *out);
bool px_parse_uint64(const char *text, uint64_t *out);
/* Decimal with a point whatever the locale is; finite only. */
bool px_parse_double(const char *text, double *out);
/* Shortest text that reads back as the same double, with a point; size >= 32. */
void px_format_double(double value, char *text, size_t size);

void px_hex(const void *data, size_t size, char *text); /* writes 2 * size + 1 chars, lower case */
bool px_unhex(const char *text, void *data, size_t size); /* exactly 2 * size digits */

bool px_utf8_valid(const char *text, size_t size); /* no NUL, no surrogates, no overlong forms */
/* One line of valid UTF-8 in place: control characters become spaces, bytes that are no UTF-8 question marks. */
void px_text_clean(char *text);
/* Largest n <= max that does not split a UTF-8 sequence of text. */
size_t px_utf8_cut(const char *text, size_t max);

/* Streaming base64: standard and URL-safe alphabet, white space skipped, padding optional. */
typedef struct px_base64 {
  uint32_t bits;
  unsigned count;  /* sextets gathered, 0-3 */
  bool padded;
} px_base64;
#define PX_BASE64_INIT {0, 0, false}
/* Decodes `size` characters; out needs size / 4 * 3 + 3 bytes. False on a character outside the alphabet. */
bool px_base64_decode(px_base64 *state, const char *text, size_t size, unsigned char *out, size_t *written);
/* Checks the end and writes the last 0-2 bytes. */
bool px_base64_finish(px_base64 *state, unsigned char *out, size_t *written);
/* Writes (size + 2) / 3 * 4 + 1 chars. */
void px_base64_encode(const void *data, size_t size, char *text);

#endif
