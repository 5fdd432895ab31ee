/* SPDX-License-Identifier: MIT */
#include "json/writer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

void px_json_writer_done(px_json_writer *writer)
{
  px_buf_done(&writer->buf);
}

static void fail(px_json_writer *writer, pixazo_status status)
{
  if (writer->failure == PIXAZO_OK)
    writer->failure = status;
}

static void add(px_json_writer *writer, const char *text, size_t size)
{
  if (writer->failure != PIXAZO_OK)
    return;
  if (size > writer->buf.max - writer->buf.size)
    fail(writer, PIXAZO_E_LIMIT);
  else if (!px_buf_add(&writer->buf, text, size))
    fail(writer, PIXAZO_E_NOMEM);
}

/* The short form of an escape, or 0. */
static char short_escape(char byte)
{
  switch (byte) {
  case '"':
  case '\\':
    return byte;
  case '\b':
    return 'b';
  case '\f':
    return 'f';
  case '\n':
    return 'n';
  case '\r':
    return 'r';
  case '\t':
    return 't';
  default:
    return 0;
  }
}

static bool escape_one(px_buf *buf, char byte)
{
  char name = short_escape(byte);
  if (name)
    return px_buf_add(buf, (char[]){'\\', name}, 2);
  return px_buf_printf(buf, "\\u%04x", (unsigned)(unsigned char)byte);
}

bool px_json_escape(px_buf *buf, const char *text, size_t size)
{
  size_t plain = 0;
  for (size_t i = 0; i < size; i++) {
    unsigned char byte = (unsigned char)text[i];
    if (byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7F)
      continue;
    (void)px_buf_add(buf, text + plain, i - plain);
    (void)escape_one(buf, text[i]);
    plain = i + 1;
  }
  return px_buf_add(buf, text + plain, size - plain);
}

/* Escapes into a buffer of its own bound first, so that the limit is told apart from missing memory. */
static void add_string(px_json_writer *writer, const char *text, size_t size)
{
  if (!px_utf8_valid(text, size))
    fail(writer, PIXAZO_E_ARGUMENT);
  add(writer, "\"", 1);
  if (writer->failure != PIXAZO_OK)
    return;
  px_auto(px_buf) escaped = PX_BUF_INIT(SIZE_MAX / 2);
  if (size > writer->buf.max - writer->buf.size)
    fail(writer, PIXAZO_E_LIMIT);
  else if (!px_json_escape(&escaped, text, size))
    fail(writer, PIXAZO_E_NOMEM);
  add(writer, px_buf_text(&escaped), escaped.size);
  add(writer, "\"", 1);
}

static bool in_object(const px_json_writer *writer)
{
  return writer->depth > 0 && (writer->objects >> (writer->depth - 1) & 1) != 0;
}

/* What stands before a value: a comma, the key, a colon. */
static void begin_item(px_json_writer *writer, const char *key)
{
  if (in_object(writer) != (key != NULL) || (writer->depth == 0 && writer->comma))
    fail(writer, PIXAZO_E_INTERNAL);
  if (writer->comma)
    add(writer, ",", 1);
  writer->comma = true;
  if (!key)
    return;
  add_string(writer, key, strlen(key));
  add(writer, ":", 1);
}

static void begin_bracket(px_json_writer *writer, const char *key, char byte)
{
  begin_item(writer, key);
  if (writer->depth == PX_JSON_DEPTH_MAX) {
    fail(writer, PIXAZO_E_LIMIT);
    return;
  }
  uint64_t bit = UINT64_C(1) << writer->depth;
  writer->objects = byte == '{' ? writer->objects | bit : writer->objects & ~bit;
  writer->depth++;
  writer->comma = false;
  add(writer, &byte, 1);
}

static void end_bracket(px_json_writer *writer, bool object)
{
  if (writer->depth == 0 || in_object(writer) != object) {
    fail(writer, PIXAZO_E_INTERNAL);
    return;
  }
  writer->depth--;
  writer->comma = true;
  add(writer, object ? "}" : "]", 1);
}

void px_json_put_begin_object(px_json_writer *writer, const char *key)
{
  begin_bracket(writer, key, '{');
}

void px_json_put_end_object(px_json_writer *writer)
{
  end_bracket(writer, true);
}

void px_json_put_begin_array(px_json_writer *writer, const char *key)
{
  begin_bracket(writer, key, '[');
}

void px_json_put_end_array(px_json_writer *writer)
{
  end_bracket(writer, false);
}

void px_json_put_text(px_json_writer *writer, const char *key, const char *value, size_t size)
{
  begin_item(writer, key);
  add_string(writer, value, size);
}

void px_json_put_string(px_json_writer *writer, const char *key, const char *value)
{
  if (value)
    px_json_put_text(writer, key, value, strlen(value));
  else
    px_json_put_null(writer, key);
}

void px_json_put_raw(px_json_writer *writer, const char *key, const char *json)
{
  const char *text = px_str_empty(json) ? "null" : json;
  begin_item(writer, key);
  add(writer, text, strlen(text));
}

void px_json_put_null(px_json_writer *writer, const char *key)
{
  px_json_put_raw(writer, key, "null");
}

void px_json_put_bool(px_json_writer *writer, const char *key, bool value)
{
  px_json_put_raw(writer, key, value ? "true" : "false");
}

void px_json_put_int64(px_json_writer *writer, const char *key, int64_t value)
{
  char text[24];
  (void)snprintf(text, sizeof text, "%lld", (long long)value);
  px_json_put_raw(writer, key, text);
}

void px_json_put_double(px_json_writer *writer, const char *key, double value)
{
  char text[40] = "0";
  if (isfinite(value))
    px_format_double(value, text, sizeof text);
  else
    fail(writer, PIXAZO_E_ARGUMENT);
  px_json_put_raw(writer, key, text);
}

static void put_children(px_json_writer *writer, const px_json *node)
{
  for (const px_json *child = px_json_first(node); child; child = px_json_next(child))
    px_json_put_tree(writer, px_json_name(child), child);
}

static void put_bool_node(px_json_writer *writer, const char *key, const px_json *node)
{
  bool value = false;
  (void)px_json_get_bool(node, "", &value, NULL);
  px_json_put_bool(writer, key, value);
}

void px_json_put_tree(px_json_writer *writer, const char *key, const px_json *node)
{
  switch (node ? px_json_kind_of(node) : PX_JSON_NULL) {
  case PX_JSON_OBJECT:
    px_json_put_begin_object(writer, key);
    put_children(writer, node);
    px_json_put_end_object(writer);
    return;
  case PX_JSON_ARRAY:
    px_json_put_begin_array(writer, key);
    put_children(writer, node);
    px_json_put_end_array(writer);
    return;
  case PX_JSON_STRING:
    px_json_put_string(writer, key, px_json_text(node));
    return;
  case PX_JSON_NUMBER:
    px_json_put_raw(writer, key, px_json_text(node));
    return;
  case PX_JSON_BOOL:
    put_bool_node(writer, key, node);
    return;
  case PX_JSON_NULL:
    px_json_put_null(writer, key);
    return;
  }
}

static pixazo_status explain(const px_json_writer *writer, pixazo_error **error)
{
  switch (writer->failure) {
  case PIXAZO_E_NOMEM:
    return px_fail_nomem(error);
  case PIXAZO_E_LIMIT:
    return px_fail(error, PIXAZO_E_LIMIT, "the JSON text would have more than %zu bytes or %d levels", writer->buf.max,
                   (int)PX_JSON_DEPTH_MAX);
  case PIXAZO_E_ARGUMENT:
    return px_fail(error, PIXAZO_E_ARGUMENT, "a text is not UTF-8 or a number is not finite and cannot be written as JSON");
  default:
    return px_fail(error, PIXAZO_E_INTERNAL, "keys or brackets of a JSON text do not match");
  }
}

pixazo_status px_json_writer_finish(px_json_writer *writer, char **out, pixazo_error **error)
{
  if (writer->depth > 0 || writer->buf.size == 0)
    fail(writer, PIXAZO_E_INTERNAL);
  if (writer->failure != PIXAZO_OK)
    return explain(writer, error);
  char *text = px_buf_steal(&writer->buf);
  if (!text)
    return px_fail_nomem(error);
  *out = text;
  return PIXAZO_OK;
}
