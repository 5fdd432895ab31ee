/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static const char *skip_space(const char *at)
{
  return at + strspn(at, " \t\r\n");
}

static const char *skip_string(const char *at)
{
  for (at++; *at && *at != '"'; at++) {
    if (*at == '\\' && at[1])
      at++;
  }
  return *at ? at + 1 : at;
}

/* Behind a value. Brackets are counted, so depth costs no stack. */
static const char *skip_value(const char *at)
{
  size_t depth = 0;
  do {
    at = skip_space(at);
    if (*at == '"') {
      at = skip_string(at);
    } else if (*at == '{' || *at == '[') {
      depth++;
      at++;
    } else if (*at == '}' || *at == ']') {
      depth--;
      at++;
    } else if (*at == ',' || *at == ':') {
      at++;
    } else {
      size_t length = strcspn(at, ",:{}[] \t\r\n\"");
      if (length == 0)
        return at;
      at += length;
    }
  } while (depth > 0 && *at);
  return at;
}

static const char *enter(const char *value, char bracket)
{
  if (!value || *value != bracket)
    return NULL;
  const char *inside = skip_space(value + 1);
  return *inside && *inside != '}' && *inside != ']' ? inside : NULL;
}

static const char *behind_comma(const char *end)
{
  end = skip_space(end);
  return *end == ',' ? skip_space(end + 1) : NULL;
}

const char *json_first(const char *array)
{
  return enter(array, '[');
}

const char *json_next(const char *element)
{
  return element ? behind_comma(skip_value(element)) : NULL;
}

const char *json_first_member(const char *object)
{
  const char *member = enter(object, '{');
  return member && *member == '"' ? member : NULL;
}

const char *json_member_value(const char *member)
{
  const char *colon = member ? skip_space(skip_string(member)) : NULL;
  return colon && *colon == ':' ? skip_space(colon + 1) : NULL;
}

const char *json_next_member(const char *member)
{
  const char *value = json_member_value(member);
  return value ? behind_comma(skip_value(value)) : NULL;
}

void json_member_name(const char *member, char *text, size_t size)
{
  json_string(member, text, size);
}

const char *json_member(const char *object, const char *name)
{
  char own[128];
  for (const char *member = json_first_member(object); member; member = json_next_member(member)) {
    json_member_name(member, own, sizeof own);
    if (strcmp(own, name) == 0)
      return json_member_value(member);
  }
  return NULL;
}

/* The library writes only control characters with \u; they become spaces. */
static char unescape(const char **at)
{
  switch (**at) {
  case 'n':
  case 'r':
  case 't':
  case 'b':
  case 'f':
    return ' ';
  case 'u':
    for (int i = 0; i < 4 && (*at)[1]; i++)
      (*at)++;
    return ' ';
  default:
    return **at;
  }
}

void json_string(const char *value, char *text, size_t size)
{
  size_t length = 0;
  if (value && *value == '"') {
    for (const char *at = value + 1; *at && *at != '"' && length + 1 < size; at++) {
      if (*at == '\\' && at[1]) {
        at++;
        text[length++] = unescape(&at);
      } else {
        text[length++] = *at;
      }
    }
  }
  text[length] = '\0';
  cut_to_characters(text);
}

static uint32_t hex_digits(const char *at)
{
  uint32_t unit = 0;
  for (int i = 0; i < 4 && at[i]; i++) {
    char digit = at[i];
    uint32_t value = digit <= '9' ? (uint32_t)(digit - '0') : (uint32_t)((digit | 0x20) - 'a' + 10);
    unit = unit << 4 | (value & 15);
  }
  return unit;
}

static char *put_utf8(char *out, uint32_t character)
{
  if (character < 0x80) {
    *out++ = (char)character;
    return out;
  }
  int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  static const unsigned char leads[] = {0, 0xC0, 0xE0, 0xF0};
  *out++ = (char)(leads[more] | character >> (6 * more));
  while (more-- > 0)
    *out++ = (char)(0x80 | (character >> (6 * more) & 0x3F));
  return out;
}

/* Behind the u of an escape; gives the last character that belongs to it. */
static const char *decode_unit(const char *at, char **out)
{
  uint32_t unit = hex_digits(at + 1);
  at += strnlen(at, 5) < 5 ? 0 : 4;
  if (unit >= 0xD800 && unit < 0xDC00 && at[1] == '\\' && at[2] == 'u' && strnlen(at, 7) == 7) {
    unit = 0x10000 + ((unit & 0x3FF) << 10) + (hex_digits(at + 3) & 0x3FF);
    at += 6;
  }
  *out = put_utf8(*out, unit);
  return at;
}

static const char *decode(const char *at, char **out)
{
  static const char *const names = "nrtbf";
  static const char *const values = "\n\r\t\b\f";
  const char *name = strchr(names, *at);
  if (*at == 'u')
    return decode_unit(at, out);
  *(*out)++ = name ? values[name - names] : *at;
  return at;
}

char *json_text(const char *value)
{
  if (!value || *value != '"')
    return NULL;
  char *text = malloc(json_length(value) + 1); /* an escape is longer than what it means */
  char *out = text;
  if (!text)
    return NULL;
  for (const char *at = value + 1; *at && *at != '"'; at++) {
    if (*at == '\\' && at[1])
      at = decode(at + 1, &out);
    else
      *out++ = *at;
  }
  *out = '\0';
  return text;
}

int64_t json_integer(const char *value)
{
  return value ? strtoll(value, NULL, 10) : 0;
}

bool json_true(const char *value)
{
  return value && strncmp(value, "true", 4) == 0;
}

size_t json_length(const char *value)
{
  return value ? (size_t)(skip_value(value) - value) : 0;
}
