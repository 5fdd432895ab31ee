/* SPDX-License-Identifier: MIT */
/* Growing bytes and the few helpers every file of the gateway needs. Memory that runs out ends the program: it is a test
 * tool, and a half-working one would only make tests lie. */
#ifndef GATEWAY_BYTES_H
#define GATEWAY_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bytes {
  char *data; /* NUL after the last byte once anything was added, else NULL */
  size_t size;
  size_t capacity;
} bytes;

void *must_alloc(size_t count, size_t size);
void *must_grow(void *memory, size_t count, size_t size);
char *must_copy(const char *text);

void bytes_done(bytes *buffer);
void bytes_reserve(bytes *buffer, size_t more);
void bytes_add(bytes *buffer, const void *data, size_t size);
void bytes_text(bytes *buffer, const char *text);
void bytes_printf(bytes *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Takes the first `size` bytes away. */
void bytes_drop(bytes *buffer, size_t size);
const char *bytes_cstr(const bytes *buffer);
void bytes_base64(bytes *buffer, const void *data, size_t size);
/* The inside of a JSON string: quotes, backslashes and control characters escaped; bytes above 127 as they are. */
void bytes_json_text(bytes *buffer, const char *text, size_t size);
/* The same for bytes of any kind: what is no UTF-8 becomes one character a byte. */
void bytes_json_any(bytes *buffer, const char *data, size_t size);
/* False when the file cannot be read. */
bool bytes_read_file(bytes *buffer, const char *path);

/* Milliseconds of the monotonic clock. */
int64_t now_ms(void);
bool same_text(const char *left, const char *right);

#endif
