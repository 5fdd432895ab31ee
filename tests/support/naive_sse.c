/* SPDX-License-Identifier: MIT */
#include "support/naive_sse.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/sse.h"

typedef struct page {
  char *out;
  size_t room, size;
} page;

static void write_bytes(page *self, const char *text, size_t size)
{
  for (size_t i = 0; i < size; i++, self->size++)
    if (self->size < self->room)
      self->out[self->size] = text[i];
}

static void write_event(page *self, const char *type, const char *id, uint64_t size)
{
  char number[32];
  write_bytes(self, type, strlen(type));
  write_bytes(self, "|", 1);
  write_bytes(self, id, strlen(id));
  (void)snprintf(number, sizeof number, "|%" PRIu64 "\n", size);
  write_bytes(self, number, strlen(number));
}

static void write_retry(page *self, int64_t retry_ms)
{
  char number[32];
  (void)snprintf(number, sizeof number, "%" PRId64 "\n", retry_ms);
  write_bytes(self, number, strlen(number));
}

/* ---- the standard's words ---- */

typedef struct stream {
  page *told;
  char *data; /* the data buffer, a line feed behind each line */
  size_t data_size;
  char *type; /* the event type buffer */
  char *last_id;
  int64_t retry_ms;
} stream;

static char *copy(const char *text, size_t size)
{
  char *made = malloc(size + 1);
  if (!made)
    abort();
  memcpy(made, text, size);
  made[size] = '\0';
  return made;
}

static void set(char **slot, const char *text, size_t size)
{
  free(*slot);
  *slot = copy(text, size);
}

static void dispatch(stream *self)
{
  if (self->data_size > 0) {
    write_bytes(self->told, self->data, self->data_size - 1);
    write_event(self->told, *self->type ? self->type : "message", self->last_id, self->data_size - 1);
  }
  self->data_size = 0;
  set(&self->type, "", 0);
}

static int64_t number_of(const char *value, size_t size)
{
  int64_t number = 0;
  for (size_t i = 0; i < size; i++) {
    if (value[i] < '0' || value[i] > '9' || __builtin_mul_overflow(number, INT64_C(10), &number) ||
        __builtin_add_overflow(number, (int64_t)(value[i] - '0'), &number))
      return -1;
  }
  return size > 0 ? number : -1;
}

static void process_field(stream *self, const char *name, size_t name_size, const char *value, size_t size)
{
  char *field = copy(name, name_size);
  size_t length = strlen(field) == name_size ? name_size : 0;
  if (length && strcmp(field, "event") == 0) {
    set(&self->type, value, size);
    for (size_t i = 0; i < size; i++)
      self->type[i] = (char)(value[i] ? value[i] : '?');
  } else if (length && strcmp(field, "data") == 0) {
    self->data = realloc(self->data, self->data_size + size + 1);
    if (!self->data)
      abort();
    memcpy(self->data + self->data_size, value, size);
    self->data[self->data_size + size] = '\n';
    self->data_size += size + 1;
  } else if (length && strcmp(field, "id") == 0 && !memchr(value, '\0', size)) {
    set(&self->last_id, value, size);
  } else if (length && strcmp(field, "retry") == 0 && number_of(value, size) >= 0) {
    self->retry_ms = number_of(value, size);
  }
  free(field);
}

static void process_line(stream *self, const char *line, size_t size)
{
  const char *colon = memchr(line, ':', size);
  if (size == 0) {
    dispatch(self);
  } else if (!colon) {
    process_field(self, line, size, "", 0);
  } else if (colon != line) {
    size_t name_size = (size_t)(colon - line);
    size_t at = name_size + 1;
    at += at < size && line[at] == ' ';
    process_field(self, line, name_size, line + at, size - at);
  }
}

size_t naive_sse(const char *text, size_t size, char *out, size_t room)
{
  page told = {out, room, 0};
  stream self = {&told, NULL, 0, copy("", 0), copy("", 0), -1};
  if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
    text += 3;
    size -= 3;
  }
  for (size_t begin = 0, at = 0; at < size; at++) {
    if (text[at] != '\n' && text[at] != '\r')
      continue;
    process_line(&self, text + begin, at - begin);
    if (text[at] == '\r' && at + 1 < size && text[at + 1] == '\n')
      at++;
    begin = at + 1;
  }
  write_retry(&told, self.retry_ms);
  free(self.data);
  free(self.type);
  free(self.last_id);
  return told.size;
}

/* ---- the reader's ---- */

typedef struct listener {
  page *told;
  size_t begun; /* where the event that is being read begins */
} listener;

static pixazo_status on_data(void *self, const char *text, size_t size, pixazo_error **error)
{
  (void)error;
  write_bytes(((listener *)self)->told, text, size);
  return PIXAZO_OK;
}

static pixazo_status on_end(void *self, const px_sse_event *event, pixazo_error **error)
{
  listener *heard = self;
  (void)error;
  if (heard->told->size - heard->begun != event->size)
    abort(); /* it counts what it tells */
  write_event(heard->told, event->type, event->id, event->size);
  heard->begun = heard->told->size;
  return PIXAZO_OK;
}

size_t pieces_sse(const char *text, size_t size, size_t step, char *out, size_t room)
{
  page told = {out, room, 0};
  listener heard = {&told, 0};
  px_sse sse;
  px_sse_init(&sse, &(px_sse_hooks){on_data, on_end, &heard}, 0);
  for (size_t at = 0; at < size; at += step) {
    if (px_sse_feed(&sse, text + at, size - at < step ? size - at : step, NULL) != PIXAZO_OK)
      abort();
  }
  told.size = heard.begun; /* an event that was cut does not count */
  write_retry(&told, sse.retry_ms);
  return told.size;
}
