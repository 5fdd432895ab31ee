/* SPDX-License-Identifier: MIT */
#include "net/sse.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"

enum { BEGINNING, LINE, NAME, BEFORE_VALUE, VALUE, IGNORED };
enum { DATA, TYPE, ID, RETRY, NO_FIELD };

static const char bom[3] = {'\xEF', '\xBB', '\xBF'};

void px_sse_init(px_sse *sse, const px_sse_hooks *hooks, uint64_t max_event)
{
  memset(sse, 0, sizeof *sse);
  sse->hooks = *hooks;
  sse->max_event = max_event;
  sse->retry_ms = -1;
  sse->state = BEGINNING;
}

bool px_sse_cut(const px_sse *sse)
{
  return sse->has_data || sse->type_size > 0 || (sse->state != LINE && sse->state != BEGINNING);
}

/* ---- values ---- */

static int field_of(const char *name, size_t size)
{
  static const char *const names[] = {[DATA] = "data", [TYPE] = "event", [ID] = "id", [RETRY] = "retry"};
  for (int i = 0; i < NO_FIELD; i++)
    if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0)
      return i;
  return NO_FIELD;
}

static pixazo_status give(px_sse *sse, const char *text, size_t size, pixazo_error **error)
{
  sse->size += size;
  if (sse->max_event && sse->size > sse->max_event)
    return px_fail(error, PIXAZO_E_LIMIT, "an event of the stream has more than %llu bytes",
                   (unsigned long long)sse->max_event);
  return sse->hooks.data(sse->hooks.self, text, size, error);
}

static pixazo_status begin_value(px_sse *sse, pixazo_error **error)
{
  sse->field = field_of(sse->name, sse->name_size);
  sse->value_size = 0;
  sse->bad_value = false;
  if (sse->field == TYPE)
    sse->type_size = 0;
  if (sse->field != DATA)
    return PIXAZO_OK;
  bool first = !sse->has_data;
  sse->has_data = true;
  return first ? PIXAZO_OK : give(sse, "\n", 1, error);
}

/* What does not fit makes an id or a number bad; of a type the beginning is enough. */
static void keep_value(px_sse *sse, const char *text, size_t size)
{
  size_t room = sizeof sse->value - 1 - sse->value_size;
  sse->bad_value = sse->bad_value || size > room || memchr(text, '\0', size);
  size_t used = size < room ? size : room;
  memcpy(sse->value + sse->value_size, text, used);
  sse->value_size += used;
}

static void keep_type(px_sse *sse, const char *text, size_t size)
{
  size_t room = sizeof sse->type - 1 - sse->type_size;
  size_t used = size < room ? size : room;
  for (size_t i = 0; i < used; i++)
    sse->type[sse->type_size++] = (char)(text[i] ? text[i] : '?');
}

static pixazo_status value_piece(px_sse *sse, const char *text, size_t size, pixazo_error **error)
{
  switch (size > 0 ? sse->field : NO_FIELD) {
  case DATA:
    return give(sse, text, size, error);
  case TYPE:
    keep_type(sse, text, size);
    return PIXAZO_OK;
  case ID:
  case RETRY:
    keep_value(sse, text, size);
    return PIXAZO_OK;
  default:
    return PIXAZO_OK;
  }
}

/* Digits only, as the standard has it. */
static void take_retry(px_sse *sse)
{
  int64_t number = 0;
  if (px_ascii_is_digit(sse->value[0]) && px_parse_int64(sse->value, &number))
    sse->retry_ms = number;
}

static void end_value(px_sse *sse)
{
  sse->value[sse->value_size] = '\0';
  if (sse->bad_value)
    return;
  if (sse->field == ID)
    memcpy(sse->id, sse->value, sse->value_size + 1);
  else if (sse->field == RETRY)
    take_retry(sse);
}

/* ---- lines ---- */

static pixazo_status end_event(px_sse *sse, pixazo_error **error)
{
  bool told = sse->has_data;
  sse->type[sse->type_size] = '\0';
  px_sse_event event = {sse->type_size > 0 ? sse->type : "message", sse->id, sse->size};
  sse->has_data = false;
  sse->type_size = 0;
  sse->size = 0;
  return told ? sse->hooks.end(sse->hooks.self, &event, error) : PIXAZO_OK;
}

static pixazo_status end_line(px_sse *sse, pixazo_error **error)
{
  int state = sse->state;
  sse->state = LINE;
  if (state == LINE)
    return end_event(sse, error);
  if (state == NAME) /* no colon: the whole line is the name */
    PX_TRY(begin_value(sse, error));
  if (state != IGNORED)
    end_value(sse);
  return PIXAZO_OK;
}

/* Gathers a field's name; what is longer than any known one is none. */
static void read_name(px_sse *sse, const char *text, size_t size)
{
  size_t room = sizeof sse->name - sse->name_size;
  size_t used = size < room ? size : room;
  memcpy(sse->name + sse->name_size, text, used);
  sse->name_size = (uint8_t)(sse->name_size + used);
}

/* A piece of one line, without its end. */
static pixazo_status line_piece(px_sse *sse, const char *text, size_t size, pixazo_error **error)
{
  if (sse->state == LINE && size > 0) {
    sse->name_size = 0;
    sse->state = *text == ':' ? IGNORED : NAME;
  }
  if (sse->state == NAME) {
    const char *colon = memchr(text, ':', size);
    size_t used = colon ? (size_t)(colon - text) : size;
    read_name(sse, text, used);
    if (!colon)
      return PIXAZO_OK;
    sse->state = BEFORE_VALUE;
    text += used + 1;
    size -= used + 1;
    PX_TRY(begin_value(sse, error));
  }
  if (sse->state == BEFORE_VALUE && size > 0) {
    sse->state = VALUE;
    size_t space = *text == ' ';
    text += space;
    size -= space;
  }
  return sse->state == VALUE ? value_piece(sse, text, size, error) : PIXAZO_OK;
}

/* Where the line ends, or the piece. */
static size_t line_length(const char *text, size_t size)
{
  const char *feed = memchr(text, '\n', size);
  size_t length = feed ? (size_t)(feed - text) : size;
  const char *carriage = memchr(text, '\r', length);
  return carriage ? (size_t)(carriage - text) : length;
}

static pixazo_status read_lines(px_sse *sse, const char *text, size_t size, pixazo_error **error)
{
  while (size > 0) {
    if (sse->after_cr && *text == '\n') {
      text++;
      size--;
    }
    sse->after_cr = false;
    size_t length = line_length(text, size);
    PX_TRY(line_piece(sse, text, length, error));
    if (length == size)
      return PIXAZO_OK;
    sse->after_cr = text[length] == '\r';
    PX_TRY(end_line(sse, error));
    text += length + 1;
    size -= length + 1;
  }
  return PIXAZO_OK;
}

/* A byte order mark at the very beginning is passed over; a part of one is text. */
static pixazo_status read_beginning(px_sse *sse, const char **text, size_t *size, pixazo_error **error)
{
  while (*size > 0 && sse->bom < sizeof bom && **text == bom[sse->bom]) {
    sse->bom++;
    (*text)++;
    (*size)--;
  }
  if (sse->bom < sizeof bom && *size == 0)
    return PIXAZO_OK;
  sse->state = LINE;
  return sse->bom < sizeof bom ? read_lines(sse, bom, sse->bom, error) : PIXAZO_OK;
}

pixazo_status px_sse_feed(px_sse *sse, const void *data, size_t size, pixazo_error **error)
{
  const char *text = data;
  if (sse->state == BEGINNING)
    PX_TRY(read_beginning(sse, &text, &size, error));
  return read_lines(sse, text, size, error);
}
