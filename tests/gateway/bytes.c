/* SPDX-License-Identifier: MIT */
#include "gateway/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void *checked(void *memory)
{
  if (memory)
    return memory;
  fputs("pixazo-gateway: out of memory\n", stderr);
  exit(3);
}

void *must_alloc(size_t count, size_t size)
{
  return checked(calloc(count ? count : 1, size));
}

void *must_grow(void *memory, size_t count, size_t size)
{
  return checked(reallocarray(memory, count ? count : 1, size));
}

char *must_copy(const char *text)
{
  return checked(strdup(text));
}

void bytes_done(bytes *buffer)
{
  free(buffer->data);
  *buffer = (bytes){0};
}

void bytes_reserve(bytes *buffer, size_t more)
{
  size_t wanted = buffer->size + more + 1;
  if (wanted <= buffer->capacity)
    return;
  size_t capacity = buffer->capacity + buffer->capacity / 2;
  if (capacity < wanted)
    capacity = wanted < 256 ? 256 : wanted;
  buffer->data = must_grow(buffer->data, capacity, 1);
  buffer->capacity = capacity;
}

void bytes_add(bytes *buffer, const void *data, size_t size)
{
  bytes_reserve(buffer, size);
  if (size > 0)
    memcpy(buffer->data + buffer->size, data, size);
  buffer->size += size;
  buffer->data[buffer->size] = '\0';
}

void bytes_text(bytes *buffer, const char *text)
{
  bytes_add(buffer, text, strlen(text));
}

void bytes_printf(bytes *buffer, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  int needed = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (needed < 0)
    return;
  bytes_reserve(buffer, (size_t)needed);
  va_start(arguments, format);
  (void)vsnprintf(buffer->data + buffer->size, (size_t)needed + 1, format, arguments);
  va_end(arguments);
  buffer->size += (size_t)needed;
}

void bytes_drop(bytes *buffer, size_t size)
{
  if (size == 0)
    return;
  memmove(buffer->data, buffer->data + size, buffer->size - size);
  buffer->size -= size;
  buffer->data[buffer->size] = '\0';
}

const char *bytes_cstr(const bytes *buffer)
{
  return buffer->data ? buffer->data : "";
}

void bytes_base64(bytes *buffer, const void *data, size_t size)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const unsigned char *in = data;
  bytes_reserve(buffer, (size + 2) / 3 * 4);
  char *out = buffer->data + buffer->size;
  for (size_t i = 0; i < size; i += 3) {
    uint32_t group = (uint32_t)in[i] << 16;
    if (i + 1 < size)
      group |= (uint32_t)in[i + 1] << 8;
    if (i + 2 < size)
      group |= in[i + 2];
    *out++ = alphabet[group >> 18];
    *out++ = alphabet[group >> 12 & 63];
    *out++ = i + 1 < size ? alphabet[group >> 6 & 63] : '=';
    *out++ = i + 2 < size ? alphabet[group & 63] : '=';
  }
  *out = '\0';
  buffer->size = (size_t)(out - buffer->data);
}

void bytes_json_text(bytes *buffer, const char *text, size_t size)
{
  bytes_reserve(buffer, size);
  for (size_t i = 0; i < size; i++) {
    unsigned char byte = (unsigned char)text[i];
    if (byte == '"' || byte == '\\')
      bytes_printf(buffer, "\\%c", byte);
    else if (byte < 32 || byte == 127)
      bytes_printf(buffer, "\\u%04x", byte);
    else
      bytes_add(buffer, &byte, 1);
  }
}

/* Bytes of the character that begins here, 0 when there is none. */
static size_t utf8_length(const unsigned char *text, size_t left)
{
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  size_t length = text[0] < 0x80 ? 1 : text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
  uint32_t value = length == 1 ? text[0] : text[0] & (0xffu >> (length + 1));
  if (length > left || (length > 1 && text[0] < 0xc0) || text[0] > 0xf7)
    return 0;
  for (size_t i = 1; i < length; i++) {
    if ((text[i] & 0xc0) != 0x80)
      return 0;
    value = value << 6 | (text[i] & 0x3f);
  }
  bool surrogate = value >= 0xd800 && value <= 0xdfff;
  return value < least[length] || value > 0x10ffff || surrogate ? 0 : length;
}

static bool is_utf8(const char *text, size_t size)
{
  size_t length = 1;
  for (size_t i = 0; i < size && length > 0; i += length)
    length = utf8_length((const unsigned char *)text + i, size - i);
  return length > 0;
}

void bytes_json_any(bytes *buffer, const char *data, size_t size)
{
  if (is_utf8(data, size)) {
    bytes_json_text(buffer, data, size);
    return;
  }
  for (size_t i = 0; i < size; i++) {
    unsigned char byte = (unsigned char)data[i];
    if (byte > 127)
      bytes_printf(buffer, "\\u%04x", byte);
    else
      bytes_json_text(buffer, data + i, 1);
  }
}

bool bytes_read_file(bytes *buffer, const char *path)
{
  FILE *file = fopen(path, "rbe");
  if (!file)
    return false;
  char block[16384];
  size_t got;
  while ((got = fread(block, 1, sizeof block, file)) > 0)
    bytes_add(buffer, block, got);
  bool whole = !ferror(file);
  (void)fclose(file);
  return whole;
}

int64_t now_ms(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool same_text(const char *left, const char *right)
{
  return strcmp(left, right) == 0;
}
