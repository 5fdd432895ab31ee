/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "cli.h"

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* Edits that make one word of the other. */
static size_t distance(const char *a, const char *b)
{
  size_t row[64];
  size_t width = strlen(b);
  if (width >= sizeof row / sizeof *row)
    return SIZE_MAX;
  for (size_t i = 0; i <= width; i++)
    row[i] = i;
  for (size_t y = 0; a[y]; y++) {
    size_t corner = row[0];
    row[0] = y + 1;
    for (size_t x = 0; x < width; x++) {
      size_t replaced = corner + (a[y] != b[x]);
      corner = row[x + 1];
      row[x + 1] = least(replaced, least(row[x], row[x + 1]) + 1);
    }
  }
  return row[width];
}

const char *nearest_word(const char *word, const char *const *words, size_t count)
{
  const char *best = NULL;
  size_t best_distance = strlen(word) / 3 + 2;
  for (size_t i = 0; i < count; i++) {
    size_t edits = distance(word, words[i]);
    if (edits < best_distance) {
      best = words[i];
      best_distance = edits;
    }
  }
  return best;
}

void format_amount(int64_t micros, const char *currency, char *text, size_t size)
{
  char digits[16];
  int64_t rest = micros < 0 ? -(micros % 1000000) : micros % 1000000;
  (void)snprintf(digits, sizeof digits, "%06" PRId64, rest);
  size_t length = 6;
  while (length > 2 && digits[length - 1] == '0')
    digits[--length] = '\0';
  (void)snprintf(text, size, "%" PRId64 ".%s %s", micros / 1000000, digits, currency);
}

void format_money(int64_t micros, const char *currency, int32_t confidence, char *text, size_t size)
{
  char amount[48];
  format_amount(micros, currency, amount, sizeof amount);
  if (confidence == PIXAZO_CONFIDENCE_UNKNOWN)
    (void)snprintf(text, size, "cost unknown");
  else
    (void)snprintf(text, size, "%s (%s)", amount, pixazo_confidence_name(confidence));
}

void format_bytes(int64_t bytes, char *text, size_t size)
{
  if (bytes < 1000)
    (void)snprintf(text, size, "%" PRId64 " B", bytes);
  else if (bytes < 1000000)
    (void)snprintf(text, size, "%" PRId64 " kB", (bytes + 500) / 1000);
  else
    (void)snprintf(text, size, "%" PRId64 ".%" PRId64 " MB", bytes / 1000000, bytes % 1000000 / 100000);
}

void format_time(int64_t time_us, char *text, size_t size)
{
  struct tm date;
  time_t seconds = (time_t)(time_us / 1000000);
  if (!gmtime_r(&seconds, &date) || strftime(text, size, "%Y-%m-%d %H:%M:%S", &date) == 0)
    (void)snprintf(text, size, "?");
}

void print_json_string(FILE *stream, const char *text)
{
  (void)fputc('"', stream);
  for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) {
    if (*byte == '"' || *byte == '\\')
      (void)fprintf(stream, "\\%c", *byte);
    else if (*byte < 0x20)
      (void)fprintf(stream, "\\u%04x", *byte);
    else
      (void)fputc(*byte, stream);
  }
  (void)fputc('"', stream);
}

void print_cut(FILE *stream, const char *text, size_t columns)
{
  size_t shown = 0;
  for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) {
    bool continues = (*byte & 0xC0) == 0x80;
    if (!continues && ++shown > columns) {
      (void)fputs("...", stream);
      return;
    }
    bool second_set = byte[0] == 0xC2 && byte[1] >= 0x80 && byte[1] < 0xA0; /* U+0080 to U+009F */
    (void)fputc(*byte < 0x20 || *byte == 0x7F || second_set ? ' ' : *byte, stream);
    byte += second_set;
  }
}

void print_fact(const char *name, const char *text)
{
  (void)fputs(name, stdout);
  print_cut(stdout, text, SIZE_MAX);
  (void)fputc('\n', stdout);
}
