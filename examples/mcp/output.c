/* SPDX-License-Identifier: MIT */
#include "output.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "text.h"

enum {
  PIECE = 4096,    /* a pipe that is writable has room for so much */
  LOOK_MS = 100,   /* how soon a wish to end is noticed */
  HURRY_LOOKS = 20 /* how long a client may take to read when the program ends */
};

bool output_init(output *self, int descriptor)
{
  *self = (output){.descriptor = descriptor};
  atomic_init(&self->hurry, false);
  return pthread_mutex_init(&self->lock, NULL) == 0;
}

void output_done(output *self)
{
  (void)pthread_mutex_destroy(&self->lock);
}

/* Waits until a piece can be written without blocking; false: it never will be. */
static bool writable(const output *self)
{
  for (int looks = 0; looks < HURRY_LOOKS; looks += atomic_load(&self->hurry)) {
    struct pollfd wait = {self->descriptor, POLLOUT, 0};
    int ready = poll(&wait, 1, LOOK_MS);
    if (ready > 0)
      return (wait.revents & (POLLERR | POLLNVAL)) == 0;
    if (ready < 0 && errno != EINTR)
      return false;
  }
  return false;
}

static bool write_all(const output *self, const char *text, size_t size)
{
  while (size > 0) {
    if (!writable(self))
      return false;
    ssize_t done = write(self->descriptor, text, size < PIECE ? size : PIECE);
    if (done < 0 && errno != EINTR && errno != EAGAIN)
      return false;
    if (done > 0) {
      text += done;
      size -= (size_t)done;
    }
  }
  return true;
}

bool output_line(output *self, const char *text, size_t size, bool *closed, bool close)
{
  (void)pthread_mutex_lock(&self->lock);
  bool wanted = !(closed && *closed) && !self->gone;
  if (wanted && !(write_all(self, text, size) && write_all(self, "\n", 1))) {
    self->gone = true; /* half a line may be out: whatever came behind it would be no message */
    wanted = false;
  }
  if (closed && close)
    *closed = true;
  (void)pthread_mutex_unlock(&self->lock);
  return wanted;
}

bool output_close(output *self, bool *closed)
{
  (void)pthread_mutex_lock(&self->lock);
  bool before = *closed;
  *closed = true;
  (void)pthread_mutex_unlock(&self->lock);
  return before;
}

bool draft_open(draft *self)
{
  *self = (draft){NULL, NULL, 0, false};
  self->stream = open_memstream(&self->text, &self->size);
  return self->stream != NULL;
}

bool draft_close(draft *self)
{
  bool whole = self->stream && !ferror(self->stream);
  if (self->stream && fclose(self->stream) != 0)
    whole = false;
  self->stream = NULL;
  if (whole)
    return true;
  free(self->text);
  self->text = NULL;
  return false;
}

void put_name(draft *self, const char *name)
{
  if (self->behind)
    (void)fputc(',', self->stream);
  self->behind = true;
  if (name)
    (void)fprintf(self->stream, "\"%s\":", name);
}

void put_open(draft *self, const char *name, char bracket)
{
  put_name(self, name);
  (void)fputc(bracket, self->stream);
  self->behind = false;
}

void put_close(draft *self, char bracket)
{
  (void)fputc(bracket, self->stream);
  self->behind = true;
}

void put_string(draft *self, const char *name, const char *text)
{
  put_name(self, name);
  print_json_string(self->stream, text);
}

void put_int(draft *self, const char *name, long long value)
{
  put_name(self, name);
  (void)fprintf(self->stream, "%lld", value);
}

void put_bool(draft *self, const char *name, bool value)
{
  put_name(self, name);
  (void)fputs(value ? "true" : "false", self->stream);
}

void put_json(draft *self, const char *name, span json)
{
  bool inside = false; /* of a text */
  put_name(self, name);
  if (!json.at)
    (void)fputs("null", self->stream);
  for (size_t i = 0; json.at && i < json.length; i++) {
    char byte = json.at[i];
    if (!inside && (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'))
      continue;
    (void)fputc(byte, self->stream);
    if (inside && byte == '\\' && i + 1 < json.length)
      (void)fputc(json.at[++i], self->stream);
    else if (byte == '"')
      inside = !inside;
  }
}

void put_base64(draft *self, const char *name, const void *data, size_t size)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const unsigned char *byte = data;
  put_name(self, name);
  (void)fputc('"', self->stream);
  for (; size > 0; byte += 3) {
    size_t count = size < 3 ? size : 3;
    unsigned bits = (unsigned)byte[0] << 16 | (unsigned)(count > 1 ? byte[1] : 0) << 8 | (count > 2 ? byte[2] : 0);
    char four[4] = {digits[bits >> 18], digits[bits >> 12 & 63], digits[bits >> 6 & 63], digits[bits & 63]};
    if (count < 3)
      four[3] = '=';
    if (count < 2)
      four[2] = '=';
    (void)fwrite(four, 1, sizeof four, self->stream);
    size -= count;
  }
  (void)fputc('"', self->stream);
}
