/* SPDX-License-Identifier: MIT */
#include "client/message.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "client/secret.h"

enum { RUN_MAX = 72 };

static bool is_packed(char c)
{
  return px_ascii_is_alnum(c) || c == '+' || c == '/' || c == '_' || c == '-' || c == '=';
}

/* Characters of an unbroken run that could be base64. */
static size_t run_length(const char *text)
{
  size_t length = 0;
  while (is_packed(text[length]))
    length++;
  return length;
}

static bool is_url(const char *text)
{
  return px_str_starts_nocase(text, "https://") || px_str_starts_nocase(text, "http://");
}

/* Scheme, host and path of a link; the query may be a signature. Gives the characters consumed. */
static size_t add_url(px_buf *out, const char *text)
{
  size_t length = strcspn(text, " \t\r\n\"'<>)");
  size_t shown = strcspn(text, "?# \t\r\n\"'<>)");
  shown = shown < 120 ? shown : 120;
  (void)px_buf_add(out, text, shown);
  return length;
}

static void add_blank(px_buf *out)
{
  if (out->size > 0 && out->data[out->size - 1] != ' ')
    (void)px_buf_add_char(out, ' ');
}

/* Bytes of a character that breaks a line, drives a terminal or turns the order of text; 0: it is none. */
static size_t control_at(const char *text)
{
  static const struct {
    unsigned char lead[2];
    unsigned char first, last;
  } three[] = {{{0xE2, 0x80}, 0x8E, 0x8F}, {{0xE2, 0x80}, 0xA8, 0xAE}, {{0xE2, 0x81}, 0xA6, 0xA9}};
  const unsigned char *byte = (const unsigned char *)text;
  if (byte[0] <= 0x20 || byte[0] == 0x7F)
    return 1;
  if ((byte[0] == 0xC2 && byte[1] >= 0x80 && byte[1] <= 0x9F) || (byte[0] == 0xD8 && byte[1] == 0x9C))
    return 2;
  for (size_t i = 0; i < PX_ARRAY_SIZE(three); i++) {
    if (byte[0] == three[i].lead[0] && byte[1] == three[i].lead[1] && byte[2] >= three[i].first && byte[2] <= three[i].last)
      return 3;
  }
  return 0;
}

static size_t skip_tag(const char *text)
{
  size_t length = strcspn(text, ">");
  return text[length] ? length + 1 : length;
}

/* One step of the walk; gives the characters consumed. */
static size_t step(px_buf *out, const char *text, const char *secret, bool html)
{
  size_t secret_length = secret ? px_secret_at(text, strnlen(text, 6 * strlen(secret)), secret) : 0;
  if (secret_length > 0) {
    (void)px_buf_add_text(out, "***");
    return secret_length;
  }
  if (html && *text == '<') {
    add_blank(out);
    return skip_tag(text);
  }
  size_t control = control_at(text);
  if (control > 0) {
    add_blank(out);
    return control;
  }
  if (is_url(text))
    return add_url(out, text);
  size_t run = run_length(text);
  if (run > RUN_MAX) {
    (void)px_buf_printf(out, "<%zu characters>", run);
    return run;
  }
  (void)px_buf_add_char(out, *text);
  return 1;
}

void px_message_clean(px_buf *out, const char *text, size_t max, const char *secret, bool html)
{
  px_buf cleaned = PX_BUF_INIT(max + 512);
  /* a character that begins within max is taken whole, so that the cut below finds its border */
  while (*text && !cleaned.failed && (cleaned.size < max || ((unsigned char)*text & 0xC0) == 0x80))
    text += step(&cleaned, text, secret, html);
  while (cleaned.size > 0 && cleaned.data[cleaned.size - 1] == ' ')
    cleaned.data[--cleaned.size] = '\0';
  size_t length = px_utf8_cut(px_buf_text(&cleaned), max);
  if (px_utf8_valid(px_buf_text(&cleaned), length))
    (void)px_buf_add(out, px_buf_text(&cleaned), length);
  else
    (void)px_buf_add_text(out, "(not readable as text)");
  px_buf_done(&cleaned);
}

void px_message_money(px_buf *out, long long micros, const char *currency)
{
  long long cents = micros / 10000;
  long long rest = micros % 10000;
  (void)px_buf_printf(out, "%lld.%02lld", cents / 100, cents % 100);
  if (rest > 0)
    (void)px_buf_printf(out, "%04lld", rest);
  (void)px_buf_printf(out, " %s", currency);
}
