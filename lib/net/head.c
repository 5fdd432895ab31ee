/* SPDX-License-Identifier: MIT */
#include "net/head.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

void px_head_reset(px_http_headers *head)
{
  px_buf_clear(&head->fields);
  head->seen = 0;
  head->status = head->version = 0;
  head->final = head->chunked = head->has_length = head->bad_length = false;
  head->length = 0;
}

void px_head_done(px_http_headers *head)
{
  px_buf_done(&head->fields);
}

/* "HTTP/1.1 200 OK", "HTTP/2 200" */
static void read_status_line(px_http_headers *head, const char *line, size_t size)
{
  size_t seen = head->seen;
  px_head_reset(head);
  head->seen = seen;
  const char *space = memchr(line, ' ', size);
  if (!space || line + size - space < 4)
    return;
  size_t version = (size_t)(space - line);
  head->version = version == 6 ? (line[5] - '0') * 10 : (line[5] - '0') * 10 + (line[7] - '0');
  for (int i = 1; i <= 3; i++)
    head->status = px_ascii_is_digit(space[i]) ? head->status * 10 + (space[i] - '0') : 0;
}

/* A list of equal numbers is one number; anything else is a lie or an attack. */
static void read_length(px_http_headers *head, const char *value)
{
  while (*value && !head->bad_length) {
    char number[21] = "";
    size_t size = strcspn(value, ", \t");
    uint64_t length = 0;
    if (size < sizeof number)
      memcpy(number, value, size);
    if (!px_parse_uint64(number, &length) || length > INT64_MAX || (head->has_length && length != head->length))
      head->bad_length = true;
    head->has_length = true;
    head->length = length;
    value += size;
    value += strspn(value, ", \t");
  }
  head->bad_length = head->bad_length || !head->has_length;
}

/* Folded lines and lines with NUL carry nothing we need: passed over, as a paid answer is worth more than form. */
static const char *find_colon(const char *line, size_t size)
{
  const char *colon = memchr(line, ':', size);
  bool usable = colon && colon != line && line[0] != ' ' && line[0] != '\t' && !memchr(line, '\0', size);
  return usable ? colon : NULL;
}

static bool keep_text(px_buf *fields, const char *text, const char *end)
{
  return px_buf_add(fields, text, (size_t)(end - text)) && px_buf_add_char(fields, '\0');
}

static void read_field(px_http_headers *head, const char *line, size_t size)
{
  const char *colon = find_colon(line, size);
  if (!colon)
    return;
  const char *value = colon + 1;
  const char *end = line + size;
  while (value < end && px_ascii_is_space(*value))
    value++;
  while (end > value && px_ascii_is_space(end[-1]))
    end--;
  size_t name_at = head->fields.size;
  if (!keep_text(&head->fields, line, colon) || !keep_text(&head->fields, value, end))
    return;
  const char *name = head->fields.data + name_at;
  if (px_str_equal_nocase(name, "Content-Length"))
    read_length(head, name + (colon - line) + 1);
  if (px_str_equal_nocase(name, "Transfer-Encoding"))
    head->chunked = true;
}

static bool is_line_end(const char *line, size_t size)
{
  return (size == 2 && line[0] == '\r' && line[1] == '\n') || (size == 1 && line[0] == '\n');
}

int px_head_add(px_http_headers *head, const char *line, size_t size)
{
  head->seen += size;
  if (head->seen > PX_HEAD_MAX)
    return PX_HEAD_TOO_LARGE;
  if (head->final)
    return PX_HEAD_MORE; /* trailers */
  if (size >= 8 && memcmp(line, "HTTP/", 5) == 0) {
    read_status_line(head, line, size);
  } else if (!is_line_end(line, size)) {
    read_field(head, line, size);
  } else if (head->status >= 200) {
    head->final = true;
    if (head->fields.failed)
      return PX_HEAD_NOMEM;
    return head->bad_length && !head->chunked ? PX_HEAD_BAD_LENGTH : PX_HEAD_FINAL;
  }
  return PX_HEAD_MORE;
}

bool px_http_header_at(const px_http_headers *headers, size_t index, const char **name, const char **value)
{
  const char *at = headers->fields.data;
  const char *end = at ? at + headers->fields.size : at;
  while (at < end) {
    const char *text = at + strlen(at) + 1;
    if (index-- == 0) {
      *name = at;
      *value = text;
      return true;
    }
    at = text + strlen(text) + 1;
  }
  return false;
}

const char *px_http_header(const px_http_headers *headers, const char *name)
{
  const char *at = headers->fields.data;
  const char *end = at ? at + headers->fields.size : at;
  while (at < end) {
    const char *value = at + strlen(at) + 1;
    if (px_str_equal_nocase(at, name))
      return value;
    at = value + strlen(value) + 1;
  }
  return NULL;
}

void px_head_content_type(const px_http_headers *head, char text[PX_CONTENT_TYPE_MAX])
{
  const char *value = px_http_header(head, "Content-Type");
  size_t size = value ? strcspn(value, "; \t,") : 0;
  if (size >= PX_CONTENT_TYPE_MAX)
    size = 0;
  for (size_t i = 0; i < size; i++)
    text[i] = px_ascii_lower(value[i]);
  text[size] = '\0';
}

bool px_head_is_redirect(const px_http_headers *head)
{
  bool moved =
      head->status == 301 || head->status == 302 || head->status == 303 || head->status == 307 || head->status == 308;
  return moved && px_http_header(head, "Location") != NULL;
}
