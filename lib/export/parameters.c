/* SPDX-License-Identifier: MIT */
#include "export/parameters.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static const char NEGATIVE[] = "Negative prompt:";

enum { NEGATIVE_SIZE = sizeof NEGATIVE - 1, LABEL_MAX = 40, SETTINGS_MAX = 64 };

/* Labels that tell a line of settings from a line of the prompt, and their members. */
static const struct {
  const char *label, *member;
} known[] = {
    {"Steps", "steps"}, {"Sampler", "sampler"}, {"CFG scale", "cfg_scale"}, {"Seed", "seed"},
    {"Size", "size"}, {"Model", "model"},
};

typedef struct setting {
  const char *label, *value;
  size_t label_size, value_size;
} setting;

/* Up to the next comma outside of quotes, or the end of the line. */
static const char *value_end(const char *at)
{
  bool quoted = false;
  for (; *at && *at != '\n' && (quoted || *at != ','); at++) {
    if (*at == '\\' && quoted && at[1] && at[1] != '\n')
      at++;
    else if (*at == '"')
      quoted = !quoted;
  }
  return at;
}

static bool next_setting(const char **at, setting *out)
{
  *at += strspn(*at, " ,");
  size_t length = strcspn(*at, ":,\n");
  if (length == 0 || length > LABEL_MAX || (*at)[length] != ':')
    return false;
  *out = (setting){.label = *at, .label_size = length};
  out->value = *at + length + 1;
  out->value += strspn(out->value, " ");
  *at = value_end(out->value);
  out->value_size = (size_t)(*at - out->value);
  return true;
}

static const char *member_of(const setting *s)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(known); i++) {
    if (strlen(known[i].label) == s->label_size && memcmp(known[i].label, s->label, s->label_size) == 0)
      return known[i].member;
  }
  return NULL;
}

static bool is_settings(const char *line)
{
  setting s;
  for (int i = 0; i < SETTINGS_MAX && next_setting(&line, &s); i++) {
    if (member_of(&s))
      return true;
  }
  return false;
}

/* Of several with one label the first one counts. */
static bool came_before(const char *line, const setting *s)
{
  setting earlier;
  while (next_setting(&line, &earlier) && earlier.label != s->label) {
    if (earlier.label_size == s->label_size && memcmp(earlier.label, s->label, s->label_size) == 0)
      return true;
  }
  return false;
}

/* The known ones, or all others by their labels. */
static void put_settings(const char *line, bool others, px_json_writer *w)
{
  const char *at = line;
  setting s;
  for (int i = 0; i < SETTINGS_MAX && next_setting(&at, &s); i++) {
    const char *member = member_of(&s);
    char label[LABEL_MAX + 1];
    memcpy(label, s.label, s.label_size);
    label[s.label_size] = '\0';
    if (others == !member && !came_before(line, &s))
      px_json_put_text(w, member ? member : label, s.value, s.value_size);
  }
}

static void put_trimmed(px_json_writer *w, const char *key, const char *text, size_t size)
{
  while (size > 0 && strchr(" \r\n\t", text[size - 1]))
    size--;
  while (size > 0 && strchr(" \r\n\t", *text))
    text++, size--;
  if (size > 0)
    px_json_put_text(w, key, text, size);
}

static const char *find_negative(const char *text)
{
  for (const char *at = text; (at = strstr(at, NEGATIVE)) != NULL; at++) {
    if (at == text || at[-1] == '\n')
      return at;
  }
  return NULL;
}

void px_parameters_write(const char *text, px_json_writer *w, const char *key)
{
  size_t size = strlen(text);
  while (size > 0 && strchr(" \r\n\t", text[size - 1]))
    size--;
  size_t last = size;
  while (last > 0 && text[last - 1] != '\n')
    last--;
  bool has_settings = is_settings(text + last);
  size_t end = has_settings ? last : size;
  const char *negative = find_negative(text);
  if (negative && negative >= text + end)
    negative = NULL;
  px_json_put_begin_object(w, key);
  put_trimmed(w, "prompt", text, negative ? (size_t)(negative - text) : end);
  if (negative)
    put_trimmed(w, "negative_prompt", negative + NEGATIVE_SIZE, end - (size_t)(negative - text) - NEGATIVE_SIZE);
  if (has_settings) {
    put_settings(text + last, false, w);
    px_json_put_begin_object(w, "other");
    put_settings(text + last, true, w);
    px_json_put_end_object(w);
  }
  px_json_put_end_object(w);
}
