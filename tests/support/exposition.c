/* SPDX-License-Identifier: MIT */
#include "support/exposition.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "support/testing.h"

enum { FAMILIES = 64, SAMPLES = 8192, NAME = 96, LINE = 1024 };

typedef struct reader {
  const char *at;
  char families[FAMILIES][NAME];
  char types[FAMILIES][16];
  size_t family_count;
  bool sampled; /* of the last family */
  char (*samples)[LINE];
  size_t sample_count;
  double last_bucket; /* of the histogram series being read */
  bool in_buckets;
} reader;

static bool begins_name(char byte, bool label)
{
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || (byte == ':' && !label);
}

static void read_name(reader *r, char *name, bool label)
{
  size_t length = 0;
  assert_true(begins_name(*r->at, label));
  while (begins_name(*r->at, label) || px_ascii_is_digit(*r->at)) {
    assert_true(length < NAME - 1);
    name[length++] = *r->at++;
  }
  name[length] = '\0';
}

static void expect(reader *r, const char *text)
{
  if (!px_str_starts(r->at, text))
    fail_msg("wanted \"%s\" at: %.60s", text, r->at);
  r->at += strlen(text);
}

static void read_comment(reader *r)
{
  char name[NAME];
  bool help = px_str_starts(r->at, "# HELP ");
  expect(r, help ? "# HELP " : "# TYPE ");
  read_name(r, name, false);
  expect(r, " ");
  size_t length = strcspn(r->at, "\n");
  assert_true(length > 0);
  if (help) {
    for (size_t i = 0; i < r->family_count; i++)
      assert_string_not_equal(r->families[i], name);
    assert_true(r->family_count < FAMILIES);
    (void)snprintf(r->families[r->family_count++], NAME, "%s", name);
    r->sampled = false;
  } else {
    assert_string_equal(r->families[r->family_count - 1], name);
    assert_false(r->sampled);
    (void)snprintf(r->types[r->family_count - 1], 16, "%.*s", (int)length, r->at);
    const char *type = r->types[r->family_count - 1];
    assert_true(px_str_equal(type, "counter") || px_str_equal(type, "gauge") || px_str_equal(type, "histogram"));
  }
  r->at += length;
}

/* The value of a label; only three escapes exist, and no raw line break. */
static void read_value(reader *r, char *value)
{
  size_t length = 0;
  expect(r, "\"");
  for (; *r->at != '"'; r->at++) {
    assert_true(*r->at != '\0' && *r->at != '\n');
    if (*r->at == '\\') {
      r->at++;
      assert_true(*r->at == '\\' || *r->at == '"' || *r->at == 'n');
    }
    if (length < NAME - 1)
      value[length++] = *r->at;
  }
  value[length] = '\0';
  expect(r, "\"");
}

/* *bound: the label `le`, "" when there is none. */
static void read_labels(reader *r, char *bound)
{
  char names[8][NAME];
  char value[NAME];
  size_t count = 0;
  *bound = '\0';
  if (*r->at != '{')
    return;
  do {
    r->at++;
    assert_true(count < 8);
    read_name(r, names[count], true);
    for (size_t i = 0; i < count; i++)
      assert_string_not_equal(names[i], names[count]);
    expect(r, "=");
    read_value(r, value);
    if (px_str_equal(names[count++], "le"))
      (void)snprintf(bound, NAME, "%s", value);
  } while (*r->at == ',');
  expect(r, "}");
}

static void check_histogram(reader *r, const char *name, const char *bound, double value)
{
  if (px_str_ends(name, "_bucket")) {
    double limit;
    assert_true(*bound != '\0');
    assert_true(px_str_equal(bound, "+Inf") || px_parse_double(bound, &limit));
    assert_true(!r->in_buckets || value >= r->last_bucket);
    r->last_bucket = value;
    r->in_buckets = !px_str_equal(bound, "+Inf");
  } else if (px_str_ends(name, "_count")) {
    assert_false(r->in_buckets); /* the last bucket had no bound */
    assert_true(value <= r->last_bucket && value >= r->last_bucket);
  } else {
    assert_true(px_str_ends(name, "_sum"));
  }
}

static void read_sample(reader *r)
{
  char name[NAME];
  char bound[NAME];
  char number[64];
  double value = 0;
  const char *start = r->at;
  const char *family = r->families[r->family_count - 1];
  const char *type = r->types[r->family_count - 1];
  read_name(r, name, false);
  read_labels(r, bound);
  assert_true(r->sample_count < SAMPLES);
  (void)snprintf(r->samples[r->sample_count], LINE, "%.*s", (int)(r->at - start), start);
  for (size_t i = 0; i < r->sample_count; i++)
    assert_string_not_equal(r->samples[i], r->samples[r->sample_count]);
  r->sample_count++;
  expect(r, " ");
  (void)snprintf(number, sizeof number, "%.*s", (int)strcspn(r->at, "\n"), r->at);
  if (!px_parse_double(number, &value))
    fail_msg("%s is no number", number);
  r->at += strlen(number);
  r->sampled = true;
  assert_true(px_str_starts(name, family)); /* samples of one name stand together */
  if (px_str_equal(type, "histogram"))
    check_histogram(r, name, bound, value);
  else
    assert_string_equal(name, family);
  assert_true(!px_str_equal(type, "counter") || (value >= 0 && px_str_ends(name, "_total")));
}

void exposition_check(const char *text)
{
  reader r = {.at = text, .samples = calloc(SAMPLES, LINE)};
  assert_non_null(r.samples);
  while (*r.at) {
    if (*r.at == '#')
      read_comment(&r);
    else
      read_sample(&r);
    expect(&r, "\n"); /* the last line ends too */
  }
  assert_true(r.sample_count > 0);
  free(r.samples);
}

double exposition_get(const char *text, const char *sample)
{
  size_t length = strlen(sample);
  double value = 0;
  char number[64];
  for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
    if (strncmp(line, sample, length) != 0 || line[length] != ' ')
      continue;
    (void)snprintf(number, sizeof number, "%.*s", (int)strcspn(line + length + 1, "\n"), line + length + 1);
    assert_true(px_parse_double(number, &value));
    return value;
  }
  fail_msg("there is no %s in\n%s", sample, text);
  return 0;
}
