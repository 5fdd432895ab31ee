/* SPDX-License-Identifier: MIT */
#include "gateway/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
  int status;
  const char *reason;
} reasons[] = {
    {200, "OK"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {408, "Request Timeout"},
    {413, "Content Too Large"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

const char *http_reason(int status)
{
  for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
    if (reasons[i].status == status)
      return reasons[i].reason;
  }
  return "Unnamed";
}

void http_request_done(http_request *request)
{
  free(request->method);
  free(request->target);
  free(request->path);
  bytes_done(&request->head);
  bytes_done(&request->body);
  *request = (http_request){0};
}

bool http_header(const bytes *lines, const char *name, char *out, size_t capacity)
{
  size_t length = strlen(name);
  const char *line = bytes_cstr(lines);
  out[0] = '\0';
  for (const char *end; (end = strstr(line, "\r\n")) != NULL; line = end + 2) {
    if (strncasecmp(line, name, length) != 0 || line[length] != ':')
      continue;
    const char *value = line + length + 1;
    while (*value == ' ' || *value == '\t')
      value++;
    size_t size = (size_t)(end - value);
    if (size >= capacity)
      size = capacity - 1;
    memcpy(out, value, size);
    out[size] = '\0';
    return true;
  }
  return false;
}

static char *copy_range(const char *start, const char *end)
{
  char *copy = must_alloc((size_t)(end - start) + 1, 1);
  memcpy(copy, start, (size_t)(end - start));
  return copy;
}

static bool split_request_line(http_request *request, const char *line, const char *end)
{
  const char *method_end = memchr(line, ' ', (size_t)(end - line));
  if (!method_end)
    return false;
  const char *target = method_end + 1;
  const char *target_end = memchr(target, ' ', (size_t)(end - target));
  if (!target_end || end - target_end < 9 || strncmp(target_end + 1, "HTTP/1.", 7) != 0)
    return false;
  request->method = copy_range(line, method_end);
  request->target = copy_range(target, target_end);
  request->path = copy_range(target, target + strcspn(request->target, "?#"));
  request->keep_alive = target_end[8] == '1';
  return true;
}

static bool read_fields(http_request *request)
{
  char value[64];
  if (http_header(&request->head, "Connection", value, sizeof value))
    request->keep_alive = strcasecmp(value, "close") != 0;
  if (http_header(&request->head, "Expect", value, sizeof value))
    request->expects_continue = strcasecmp(value, "100-continue") == 0;
  if (http_header(&request->head, "Transfer-Encoding", value, sizeof value))
    request->chunked = strcasecmp(value, "chunked") == 0;
  if (!http_header(&request->head, "Content-Length", value, sizeof value))
    return true;
  char *end;
  unsigned long long size = strtoull(value, &end, 10);
  request->body_size = (size_t)size;
  return *end == '\0' && end != value && size <= GATEWAY_BODY_MAX;
}

static http_progress read_head(http_request *request, bytes *in)
{
  char *end = in->size >= 4 ? memmem(in->data, in->size, "\r\n\r\n", 4) : NULL;
  if (!end)
    return in->size > GATEWAY_HEAD_MAX ? HTTP_BAD : HTTP_MORE;
  char *line_end = memmem(in->data, in->size, "\r\n", 2);
  if (!split_request_line(request, in->data, line_end))
    return HTTP_BAD;
  bytes_add(&request->head, line_end + 2, (size_t)(end - line_end));
  bytes_drop(in, (size_t)(end + 4 - in->data));
  request->have_head = true;
  return read_fields(request) ? HTTP_HEAD : HTTP_BAD;
}

/* One chunk a call; the chunk of size 0 must have no trailers. */
static http_progress read_chunk(http_request *request, bytes *in)
{
  char *line_end = in->size >= 2 ? memmem(in->data, in->size, "\r\n", 2) : NULL;
  if (!line_end)
    return in->size > 64 ? HTTP_BAD : HTTP_MORE;
  char *number_end;
  unsigned long size = strtoul(in->data, &number_end, 16);
  if (number_end == in->data || request->body.size + size > GATEWAY_BODY_MAX)
    return HTTP_BAD;
  size_t head = (size_t)(line_end + 2 - in->data);
  if (in->size < head + size + 2)
    return HTTP_MORE;
  bytes_add(&request->body, in->data + head, size);
  bytes_drop(in, head + size + 2);
  return size == 0 ? HTTP_WHOLE : read_chunk(request, in);
}

http_progress http_read(http_request *request, bytes *in)
{
  if (!request->have_head)
    return read_head(request, in);
  if (request->chunked)
    return read_chunk(request, in);
  size_t wanted = request->body_size - request->body.size;
  size_t take = in->size < wanted ? in->size : wanted;
  if (take > 0) {
    bytes_add(&request->body, in->data, take);
    bytes_drop(in, take);
  }
  return request->body.size == request->body_size ? HTTP_WHOLE : HTTP_MORE;
}
