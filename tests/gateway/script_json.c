/* SPDX-License-Identifier: MIT */
/* Reads rules out of JSON. A member that is not known, or of the wrong type, is an error: a misspelt fault would be a test
 * that cannot fail. */
#include "gateway/script.h"

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/answers.h"

typedef enum member_kind { MEMBER_TEXT, MEMBER_NUMBER, MEMBER_FLAG } member_kind;

static const struct {
  const char *name;
  member_kind kind;
  size_t offset;
} members[] = {
    {"method", MEMBER_TEXT, offsetof(rule, method)},
    {"path", MEMBER_TEXT, offsetof(rule, path)},
    {"body_has", MEMBER_TEXT, offsetof(rule, body_has)},
    {"nth", MEMBER_NUMBER, offsetof(rule, nth)},
    {"times", MEMBER_NUMBER, offsetof(rule, times)},
    {"on_connection", MEMBER_NUMBER, offsetof(rule, on_connection)},
    {"answer", MEMBER_TEXT, offsetof(rule, answer)},
    {"status", MEMBER_NUMBER, offsetof(rule, status)},
    {"reason", MEMBER_TEXT, offsetof(rule, reason)},
    {"type", MEMBER_TEXT, offsetof(rule, type)},
    {"redirect", MEMBER_TEXT, offsetof(rule, redirect)},
    {"image_bytes", MEMBER_NUMBER, offsetof(rule, image_bytes)},
    {"images", MEMBER_NUMBER, offsetof(rule, images)},
    {"honour_size", MEMBER_FLAG, offsetof(rule, honour_size)},
    {"grid", MEMBER_FLAG, offsetof(rule, grid)},
    {"data_uri", MEMBER_FLAG, offsetof(rule, data_uri)},
    {"queue_error", MEMBER_TEXT, offsetof(rule, job_error)},
    {"comments", MEMBER_FLAG, offsetof(rule, comments)},
    {"split_data", MEMBER_FLAG, offsetof(rule, split_data)},
    {"done", MEMBER_FLAG, offsetof(rule, done)},
    {"partials", MEMBER_NUMBER, offsetof(rule, partials)},
    {"error_after", MEMBER_NUMBER, offsetof(rule, error_after)},
    {"polling_url", MEMBER_TEXT, offsetof(rule, polling_url)},
    {"delay_ms", MEMBER_NUMBER, offsetof(rule, delay_ms)},
    {"delay_body_ms", MEMBER_NUMBER, offsetof(rule, delay_body_ms)},
    {"event_ms", MEMBER_NUMBER, offsetof(rule, event_ms)},
    {"piece", MEMBER_NUMBER, offsetof(rule, piece)},
    {"piece_ms", MEMBER_NUMBER, offsetof(rule, piece_ms)},
    {"slow_head", MEMBER_FLAG, offsetof(rule, slow_head)},
    {"drop", MEMBER_FLAG, offsetof(rule, drop)},
    {"cut_after", MEMBER_NUMBER, offsetof(rule, cut_after)},
    {"cut_head_after", MEMBER_NUMBER, offsetof(rule, cut_head_after)},
    {"stall_ms", MEMBER_NUMBER, offsetof(rule, stall_ms)},
    {"length_off", MEMBER_NUMBER, offsetof(rule, length_off)},
    {"fill_headers", MEMBER_NUMBER, offsetof(rule, fill_headers)},
    {"fill_size", MEMBER_NUMBER, offsetof(rule, fill_size)},
    {"endless_headers", MEMBER_FLAG, offsetof(rule, endless_headers)},
    {"endless_body", MEMBER_FLAG, offsetof(rule, endless_body)},
    {"close", MEMBER_FLAG, offsetof(rule, close)},
};

static bool complain(bytes *problem, const char *name, const char *what)
{
  bytes_printf(problem, "script: \"%s\" %s", name, what);
  return false;
}

static bool set_member(rule *entry, size_t index, const cJSON *item, bytes *problem)
{
  char *field = (char *)entry + members[index].offset;
  switch (members[index].kind) {
  case MEMBER_TEXT:
    if (!cJSON_IsString(item))
      return complain(problem, item->string, "must be a text");
    *(char **)(void *)field = must_copy(item->valuestring);
    return true;
  case MEMBER_NUMBER:
    if (!cJSON_IsNumber(item))
      return complain(problem, item->string, "must be a number");
    *(int64_t *)(void *)field = (int64_t)item->valuedouble;
    return true;
  case MEMBER_FLAG:
    if (!cJSON_IsBool(item))
      return complain(problem, item->string, "must be true or false");
    *(bool *)field = cJSON_IsTrue(item);
    return true;
  }
  return false;
}

static bool choose(const cJSON *item, const char *const *names, int *out, bytes *problem)
{
  for (int i = 0; names[i]; i++) {
    if (cJSON_IsString(item) && same_text(item->valuestring, names[i])) {
      *out = i;
      return true;
    }
  }
  return complain(problem, item->string, "has a value that is not known");
}

static bool set_at(rule *entry, const cJSON *item, bytes *problem)
{
  static const char *const names[] = {"request", "head", "accept", NULL};
  int index = 0;
  if (!choose(item, names, &index, problem))
    return false;
  entry->at = (rule_moment)index;
  return true;
}

static bool set_cut(rule *entry, const cJSON *item, bytes *problem)
{
  static const char *const names[] = {"fin", "reset", "stall", "close", NULL};
  int index = 0;
  if (!choose(item, names, &index, problem))
    return false;
  entry->cut = (rule_cut)index;
  return true;
}

static bool set_choice(char **field, const cJSON *item, const char *const *names, bytes *problem)
{
  int index = 0;
  if (!choose(item, names, &index, problem))
    return false;
  *field = must_copy(names[index]);
  return true;
}

static bool set_chunked(rule *entry, const cJSON *item, bytes *problem)
{
  static const char *const names[] = {"yes", "garbage", "no-end", "huge", NULL};
  return set_choice(&entry->chunked, item, names, problem);
}

static bool set_id_field(rule *entry, const cJSON *item, bytes *problem)
{
  static const char *const names[] = {"request_id", "requestId", "id", "prediction_id", "task_id", NULL};
  return set_choice(&entry->id_field, item, names, problem);
}

static bool set_result_form(rule *entry, const cJSON *item, bytes *problem)
{
  static const char *const names[] = {"list", "text", "images", "output", "image_url", "output_url", "url", NULL};
  return set_choice(&entry->result_form, item, names, problem);
}

static bool set_error_form(rule *entry, const cJSON *item, bytes *problem)
{
  static const char *const names[] = {"text", "object", "message", "none", NULL};
  return set_choice(&entry->error_form, item, names, problem);
}

static bool set_newline(rule *entry, const cJSON *item, bytes *problem)
{
  static const char *const names[] = {"lf", "crlf", "cr", NULL};
  static const char *const ends[] = {"\n", "\r\n", "\r"};
  int index = 0;
  if (!choose(item, names, &index, problem))
    return false;
  entry->newline = must_copy(ends[index]);
  return true;
}

static bool set_stream_error(rule *entry, const cJSON *item, bytes *problem)
{
  if (!cJSON_IsObject(item))
    return complain(problem, item->string, "must be an object");
  char *text = cJSON_PrintUnformatted(item);
  entry->stream_error = must_copy(text ? text : "");
  cJSON_free(text);
  return true;
}

static bool set_headers(rule *entry, const cJSON *item, bytes *problem)
{
  if (!cJSON_IsObject(item))
    return complain(problem, item->string, "must be an object");
  const cJSON *field;
  cJSON_ArrayForEach(field, item)
  {
    const cJSON *value = cJSON_IsArray(field) ? field->child : field;
    for (; value; value = cJSON_IsArray(field) ? value->next : NULL) {
      if (!cJSON_IsString(value))
        return complain(problem, field->string, "must be a text or a list of texts");
      bytes_printf(&entry->headers, "%s: %s\r\n", field->string, value->valuestring);
    }
  }
  return true;
}

static bool set_texts(char **list, size_t *count, const cJSON *item, bytes *problem)
{
  const cJSON *text;
  if (!cJSON_IsArray(item) || cJSON_GetArraySize(item) > RULE_STATES_MAX)
    return complain(problem, item->string, "must be a list of at most 32 texts");
  cJSON_ArrayForEach(text, item)
  {
    if (!cJSON_IsString(text))
      return complain(problem, item->string, "must be a list of texts");
    list[(*count)++] = must_copy(text->valuestring);
  }
  return true;
}

static bool set_states(rule *entry, const cJSON *item, bytes *problem)
{
  return set_texts(entry->states, &entry->state_count, item, problem);
}

static bool is_part(const char *name)
{
  static const char *const names[] = {"text", "no", "image", "jpeg", "webp", "snake", "file"};
  name += strncmp(name, "thought-", 8) == 0 ? 8 : 0;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (same_text(names[i], name))
      return true;
  }
  return false;
}

static bool set_parts(rule *entry, const cJSON *item, bytes *problem)
{
  if (!set_texts(entry->parts, &entry->part_count, item, problem))
    return false;
  for (size_t i = 0; i < entry->part_count; i++) {
    if (!is_part(entry->parts[i]))
      return complain(problem, entry->parts[i], "is not a part");
  }
  return true;
}

static bool set_lengths(rule *entry, const cJSON *item, bytes *problem)
{
  bytes lines = {0};
  const cJSON *value = cJSON_IsArray(item) ? item->child : item;
  for (; value; value = cJSON_IsArray(item) ? value->next : NULL) {
    if (!cJSON_IsString(value)) {
      bytes_done(&lines);
      return complain(problem, item->string, "must be a text or a list of texts");
    }
    bytes_printf(&lines, "%s\n", value->valuestring);
  }
  entry->lengths = must_copy(same_text(bytes_cstr(&lines), "none\n") ? "" : bytes_cstr(&lines));
  bytes_done(&lines);
  return true;
}

/* A text is taken as it is; any other JSON value as its text. */
static bool set_body(rule *entry, const cJSON *item, bytes *problem)
{
  (void)problem;
  entry->have_body = true;
  if (cJSON_IsString(item)) {
    bytes_text(&entry->body, item->valuestring);
    return true;
  }
  char *text = cJSON_PrintUnformatted(item);
  bytes_text(&entry->body, text ? text : "");
  cJSON_free(text);
  return true;
}

static bool set_body_file(rule *entry, const cJSON *item, bytes *problem)
{
  if (!cJSON_IsString(item) || !bytes_read_file(&entry->body, item->valuestring))
    return complain(problem, item->string, "is not a file that can be read");
  entry->have_body = true;
  return true;
}

/* Texts cannot carry NUL and bytes above 127; here each pair of hexadecimal digits is a byte. */
static bool set_hex(bytes *out, const cJSON *item, bytes *problem)
{
  const char *text = cJSON_IsString(item) ? item->valuestring : "?";
  for (; *text; text += 2) {
    char pair[3] = {text[0], text[1], '\0'};
    char *end;
    unsigned char byte = (unsigned char)strtoul(pair, &end, 16);
    if (end != pair + 2)
      return complain(problem, item->string, "must be pairs of hexadecimal digits");
    bytes_add(out, &byte, 1);
  }
  return true;
}

static bool set_body_hex(rule *entry, const cJSON *item, bytes *problem)
{
  entry->have_body = true;
  return set_hex(&entry->body, item, problem);
}

static bool set_raw(rule *entry, const cJSON *item, bytes *problem)
{
  entry->have_raw = true;
  if (!cJSON_IsString(item))
    return complain(problem, item->string, "must be a text");
  bytes_text(&entry->raw, item->valuestring);
  return true;
}

static bool set_raw_hex(rule *entry, const cJSON *item, bytes *problem)
{
  entry->have_raw = true;
  return set_hex(&entry->raw, item, problem);
}

static const struct {
  const char *name;
  bool (*set)(rule *entry, const cJSON *item, bytes *problem);
} shaped_members[] = {
    {"at", set_at},
    {"cut", set_cut},
    {"chunked", set_chunked},
    {"headers", set_headers},
    {"queue", set_states},
    {"body", set_body},
    {"body_file", set_body_file},
    {"body_hex", set_body_hex},
    {"raw", set_raw},
    {"raw_hex", set_raw_hex},
    {"content_length", set_lengths},
    {"id_field", set_id_field},
    {"result_form", set_result_form},
    {"error_form", set_error_form},
    {"parts", set_parts},
    {"newline", set_newline},
    {"stream_error", set_stream_error},
};

static bool read_member(rule *entry, const cJSON *item, bytes *problem)
{
  for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
    if (same_text(item->string, members[i].name))
      return set_member(entry, i, item, problem);
  }
  for (size_t i = 0; i < sizeof shaped_members / sizeof shaped_members[0]; i++) {
    if (same_text(item->string, shaped_members[i].name))
      return shaped_members[i].set(entry, item, problem);
  }
  return same_text(item->string, "note") || complain(problem, item->string, "is not known");
}

static bool read_rules(rulebook *target, const cJSON *root, bytes *problem)
{
  const cJSON *list = cJSON_IsArray(root) ? root : cJSON_GetObjectItemCaseSensitive(root, "rules");
  if (!cJSON_IsArray(list))
    return complain(problem, "rules", "must be a list");
  int count = cJSON_GetArraySize(list);
  target->rules = must_alloc((size_t)count, sizeof *target->rules);
  const cJSON *source;
  cJSON_ArrayForEach(source, list)
  {
    rule *entry = &target->rules[target->count++];
    *entry = (rule){.delay_ms = -1, .cut_after = -1, .cut_head_after = -1, .images = -1, .partials = -1};
    const cJSON *item;
    if (!cJSON_IsObject(source))
      return complain(problem, "rules", "must be a list of objects");
    cJSON_ArrayForEach(item, source)
    {
      if (!read_member(entry, item, problem))
        return false;
    }
    if (entry->answer && !answers_know(entry->answer))
      return complain(problem, entry->answer, "is not the name of an answer");
  }
  return true;
}

bool script_load(rulebook *target, const char *text, size_t size, bytes *problem)
{
  rulebook fresh = {0};
  cJSON *root = cJSON_ParseWithLength(text, size);
  bool good = root ? read_rules(&fresh, root, problem) : complain(problem, "script", "is not JSON");
  cJSON_Delete(root);
  if (!good) {
    script_done(&fresh);
    return false;
  }
  script_done(target);
  *target = fresh;
  return true;
}
