/* SPDX-License-Identifier: MIT */
#include "gateway/multipart.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { BOUNDARY_MAX = 70, PARTS_MAX = 64 };

static bool complain(bytes *problem, const char *what)
{
  bytes_text(problem, what);
  return false;
}

bool multipart_is(const http_request *request)
{
  char type[512];
  return http_header(&request->head, "Content-Type", type, sizeof type) && strncasecmp(type, "multipart/form-data", 19) == 0;
}

/* The value of `name=` in a header's parameters, with or without quotes. */
static bool parameter(const char *value, const char *name, char *out, size_t capacity)
{
  size_t length = strlen(name);
  for (const char *at = strchr(value, ';'); at; at = strchr(at + 1, ';')) {
    const char *key = at + 1 + strspn(at + 1, " \t");
    if (strncasecmp(key, name, length) != 0 || key[length] != '=')
      continue;
    const char *text = key + length + 1;
    bool quoted = *text == '"';
    text += quoted;
    size_t size = strcspn(text, quoted ? "\"" : "; \t");
    if (size >= capacity || (quoted && text[size] != '"'))
      return false;
    memcpy(out, text, size);
    out[size] = '\0';
    return true;
  }
  return false;
}

static bool read_boundary(const http_request *request, char out[BOUNDARY_MAX + 8])
{
  char type[512];
  char value[BOUNDARY_MAX + 1];
  if (!http_header(&request->head, "Content-Type", type, sizeof type))
    return false;
  if (!parameter(type, "boundary", value, sizeof value) || value[0] == '\0')
    return false;
  memcpy(out, "\r\n--", 4);
  memcpy(out + 4, value, strlen(value) + 1);
  return true;
}

static bool read_part_head(part *entry, const char *head, size_t size, bytes *problem)
{
  char value[1024];
  bytes lines = {0};
  bytes_add(&lines, head, size);
  bool disposed = http_header(&lines, "Content-Disposition", value, sizeof value);
  (void)http_header(&lines, "Content-Type", entry->type, sizeof entry->type);
  bytes_done(&lines);
  if (!disposed || strncasecmp(value, "form-data", 9) != 0)
    return complain(problem, "a part has no Content-Disposition: form-data");
  if (!parameter(value, "name", entry->name, sizeof entry->name) || entry->name[0] == '\0')
    return complain(problem, "a part has no name");
  entry->has_filename = parameter(value, "filename", entry->filename, sizeof entry->filename);
  return true;
}

static const char *find(const char *from, const char *end, const char *what)
{
  return memmem(from, (size_t)(end - from), what, strlen(what));
}

/* One part from the byte behind its boundary line; the byte behind its data, or NULL. */
static const char *read_part(part *entry, const char *at, const char *end, const char *boundary, bytes *problem)
{
  const char *blank = find(at, end, "\r\n\r\n");
  if (!blank) {
    (void)complain(problem, "the head of a part does not end");
    return NULL;
  }
  if (!read_part_head(entry, at, (size_t)(blank + 2 - at), problem))
    return NULL;
  entry->data = blank + 4;
  const char *stop = find(entry->data, end, boundary);
  if (!stop) {
    (void)complain(problem, "the last boundary is missing");
    return NULL;
  }
  entry->size = (size_t)(stop - entry->data);
  return stop;
}

static bool read_parts(multipart *out, const char *at, const char *end, const char *boundary, bytes *problem)
{
  size_t length = strlen(boundary);
  for (;;) {
    if (end - at >= 2 && memcmp(at, "--", 2) == 0)
      return end - at == 2 || (end - at == 4 && memcmp(at + 2, "\r\n", 2) == 0) ||
             complain(problem, "bytes follow the last boundary");
    if (end - at < 2 || memcmp(at, "\r\n", 2) != 0)
      return complain(problem, "a boundary line does not end");
    if (out->count == PARTS_MAX)
      return complain(problem, "too many parts");
    out->parts = must_grow(out->parts, out->count + 1, sizeof *out->parts);
    out->parts[out->count] = (part){0};
    const char *stop = read_part(&out->parts[out->count], at + 2, end, boundary, problem);
    if (!stop)
      return false;
    out->count++;
    at = stop + length;
  }
}

bool multipart_read(multipart *out, const http_request *request, bytes *problem)
{
  char boundary[BOUNDARY_MAX + 8];
  const char *data = bytes_cstr(&request->body);
  const char *end = data + request->body.size;
  *out = (multipart){0};
  if (!multipart_is(request))
    return complain(problem, "Content-Type is not multipart/form-data");
  if (!read_boundary(request, boundary))
    return complain(problem, "Content-Type has no boundary");
  size_t first = strlen(boundary) - 2; /* no line ends before the first one */
  if (request->body.size < first || memcmp(data, boundary + 2, first) != 0)
    return complain(problem, "the body does not begin with the boundary");
  return read_parts(out, data + first, end, boundary, problem);
}

void multipart_done(multipart *self)
{
  free(self->parts);
  *self = (multipart){0};
}

static uint32_t read_u32(const unsigned char *raw)
{
  return (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 | (uint32_t)raw[2] << 8 | raw[3];
}

bool sniff_picture(const char *data, size_t size, sniffed *out)
{
  const unsigned char *raw = (const unsigned char *)data;
  *out = (sniffed){0};
  if (size >= 33 && memcmp(data, "\x89PNG\r\n\x1a\n", 8) == 0) {
    bool chunk = memmem(data, size < 4096 ? size : 4096, "tRNS", 4) != NULL;
    *out = (sniffed){"image/png", read_u32(raw + 16), read_u32(raw + 20), raw[25] == 4 || raw[25] == 6 || chunk};
  } else if (size >= 4 && memcmp(data, "\xff\xd8\xff", 3) == 0) {
    out->type = "image/jpeg";
  } else if (size >= 16 && memcmp(data, "RIFF", 4) == 0 && memcmp(data + 8, "WEBP", 4) == 0) {
    out->type = "image/webp";
  }
  return out->type != NULL;
}

static void add_digest(bytes *out, const part *entry)
{
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(entry->data, entry->size, digest, &size, EVP_sha256(), NULL) != 1)
    return;
  for (unsigned int i = 0; i < size; i++)
    bytes_printf(out, "%02x", digest[i]);
}

void multipart_to_json(const multipart *self, bytes *out)
{
  bytes_text(out, "[");
  for (size_t i = 0; i < self->count; i++) {
    const part *entry = &self->parts[i];
    bytes_text(out, i ? ",{\"name\":\"" : "{\"name\":\"");
    bytes_json_any(out, entry->name, strlen(entry->name));
    bytes_text(out, "\",\"filename\":");
    if (entry->has_filename) {
      bytes_text(out, "\"");
      bytes_json_any(out, entry->filename, strlen(entry->filename));
      bytes_text(out, "\"");
    } else {
      bytes_text(out, "null");
    }
    bytes_text(out, ",\"type\":\"");
    bytes_json_any(out, entry->type, strlen(entry->type));
    bytes_printf(out, "\",\"size\":%zu,\"sha256\":\"", entry->size);
    add_digest(out, entry);
    bytes_text(out, "\"}");
  }
  bytes_text(out, "]");
}
