/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <pixazo/record.h>

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

void cut_to_characters(char *text)
{
  size_t length = strlen(text);
  size_t more = 0; /* bytes behind the first one of the last character */
  while (more < 3 && more + 1 < length && (text[length - 1 - more] & 0xC0) == 0x80)
    more++;
  if (length == 0)
    return;
  unsigned char first = (unsigned char)text[length - 1 - more];
  size_t wanted = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  if (more < wanted)
    text[length - 1 - more] = '\0';
}

/* Bytes of the UTF-8 character here; 0: it is none. */
static size_t character_size(const unsigned char *byte)
{
  static const struct {
    unsigned char first_low, first_high, second_low, second_high;
    size_t size;
  } forms[] = {{0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
               {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
               {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};
  size_t form = 0;
  while (form < sizeof forms / sizeof *forms && (*byte < forms[form].first_low || *byte > forms[form].first_high))
    form++;
  if (form == sizeof forms / sizeof *forms)
    return 0;
  if (forms[form].size > 1 && (byte[1] < forms[form].second_low || byte[1] > forms[form].second_high))
    return 0;
  for (size_t i = 2; i < forms[form].size; i++) {
    if ((byte[i] & 0xC0) != 0x80)
      return 0;
  }
  return forms[form].size;
}

/* A name of a file may be any bytes; one that is no text becomes U+FFFD, as JSON can hold nothing else. */
void print_json_string(FILE *stream, const char *text)
{
  const unsigned char *byte = (const unsigned char *)text;
  (void)fputc('"', stream);
  while (*byte) {
    size_t size = character_size(byte);
    if (size == 0)
      (void)fputs("\\ufffd", stream);
    else if (*byte == '"' || *byte == '\\')
      (void)fprintf(stream, "\\%c", *byte);
    else if (*byte < 0x20)
      (void)fprintf(stream, "\\u%04x", *byte);
    else
      (void)fwrite(byte, 1, size, stream);
    byte += size > 0 ? size : 1;
  }
  (void)fputc('"', stream);
}

/* The character here, when it has at most three bytes, as every one that is of interest. */
static uint32_t character_at(const unsigned char *byte, size_t *size)
{
  *size = 1;
  if ((byte[0] & 0xE0) == 0xC0 && (byte[1] & 0xC0) == 0x80)
    *size = 2;
  else if ((byte[0] & 0xF0) == 0xE0 && (byte[1] & 0xC0) == 0x80 && (byte[2] & 0xC0) == 0x80)
    *size = 3;
  else
    return byte[0];
  uint32_t high = (uint32_t)(byte[0] & (*size == 2 ? 0x1F : 0x0F)) << 6 | (byte[1] & 0x3F);
  return *size == 2 ? high : high << 6 | (byte[2] & 0x3F);
}

/* Bytes of a character that would change how a terminal reads what follows, or turn its order; 0: it is none. */
static size_t control_at(const unsigned char *byte)
{
  static const uint32_t ranges[][2] = {{0, 0x1F},        {0x7F, 0x7F},     {0x80, 0x9F},    {0x61C, 0x61C},
                                       {0x200E, 0x200F}, {0x202A, 0x202E}, {0x2066, 0x2069}};
  size_t size;
  uint32_t character = character_at(byte, &size);
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
    bool stray = size == 1 && byte[0] >= 0x80; /* a byte that is no character of its own */
    if (!stray && character >= ranges[i][0] && character <= ranges[i][1])
      return size;
  }
  return 0;
}

/* In runs, as standard error passes on each write by itself. */
void print_cut(FILE *stream, const char *text, size_t columns)
{
  size_t shown = 0;
  const unsigned char *byte = (const unsigned char *)text;
  const unsigned char *run = byte; /* not yet printed */
  for (; *byte; byte++) {
    bool continues = (*byte & 0xC0) == 0x80;
    if (!continues && ++shown > columns)
      break;
    size_t control = control_at(byte);
    if (control == 0)
      continue;
    (void)fwrite(run, 1, (size_t)(byte - run), stream);
    (void)fputc(' ', stream);
    byte += control - 1;
    run = byte + 1;
  }
  (void)fwrite(run, 1, (size_t)(byte - run), stream);
  if (*byte)
    (void)fputs("...", stream);
}

void print_fact(const char *name, const char *text)
{
  (void)fputs(name, stdout);
  print_cut(stdout, text, SIZE_MAX);
  (void)fputc('\n', stdout);
}

bool holds_key(const char *setting)
{
  static const char name[] = "api_key";
  size_t length = strcspn(setting, "=");
  return length >= strlen(name) && strncmp(setting + length - strlen(name), name, strlen(name)) == 0;
}
