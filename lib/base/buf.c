/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

void px_buf_done(px_buf *buf)
{
  px_free(buf->data);
  buf->data = NULL;
  buf->size = buf->capacity = 0;
}

void px_buf_clear(px_buf *buf)
{
  buf->size = 0;
  buf->failed = buf->over = false;
  if (buf->data)
    buf->data[0] = '\0';
}

bool px_buf_reserve(px_buf *buf, size_t more)
{
  size_t wanted;
  if (buf->failed)
    return false;
  if (!px_add_size(buf->size, more, &wanted) || wanted > buf->max || wanted == (size_t)-1) {
    buf->failed = buf->over = true;
    return false;
  }
  if (wanted < buf->capacity)
    return true;
  size_t capacity = buf->capacity < 64 ? 64 : buf->capacity;
  while (capacity <= wanted && capacity <= buf->max)
    capacity += capacity / 2;
  if (capacity > buf->max)
    capacity = buf->max + 1;
  char *grown = px_realloc_array(buf->data, capacity, 1);
  if (!grown) {
    buf->failed = true;
    return false;
  }
  buf->data = grown;
  buf->capacity = capacity;
  return true;
}

bool px_buf_add(px_buf *buf, const void *data, size_t size)
{
  if (!px_buf_reserve(buf, size))
    return false;
  if (size > 0)
    memcpy(buf->data + buf->size, data, size);
  buf->size += size;
  buf->data[buf->size] = '\0';
  return true;
}

bool px_buf_add_text(px_buf *buf, const char *text)
{
  return px_buf_add(buf, text, strlen(text));
}

bool px_buf_add_char(px_buf *buf, char byte)
{
  return px_buf_add(buf, &byte, 1);
}

bool px_buf_printf(px_buf *buf, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  int needed = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (needed < 0 || !px_buf_reserve(buf, (size_t)needed)) {
    buf->failed = true;
    return false;
  }
  va_start(arguments, format);
  (void)vsnprintf(buf->data + buf->size, (size_t)needed + 1, format, arguments);
  va_end(arguments);
  buf->size += (size_t)needed;
  return true;
}

const char *px_buf_text(const px_buf *buf)
{
  return buf->data ? buf->data : "";
}

char *px_buf_steal(px_buf *buf)
{
  if (!px_buf_add(buf, "", 0)) /* forces memory for the NUL; false when failed */
    return NULL;
  char *text = buf->data;
  buf->data = NULL;
  buf->size = buf->capacity = 0;
  return text;
}
