/* SPDX-License-Identifier: MIT */
/* One HTTP/1.1 request, read out of the bytes of a connection as they come. */
#ifndef GATEWAY_HTTP_H
#define GATEWAY_HTTP_H

#include "gateway/bytes.h"

enum { GATEWAY_HEAD_MAX = 256 * 1024, GATEWAY_BODY_MAX = 256 * 1024 * 1024 };

typedef enum http_progress { HTTP_MORE, HTTP_HEAD, HTTP_WHOLE, HTTP_BAD } http_progress;

typedef struct http_request {
  char *method;
  char *target; /* with the query */
  char *path;   /* without it */
  bytes head;   /* header lines, each ending in CRLF, without the request line */
  bytes body;
  size_t body_size; /* announced */
  bool have_head;
  bool chunked;
  bool keep_alive;
  bool expects_continue;
} http_request;

/* Takes what it can out of `in`. HTTP_HEAD is returned once, when the head is complete and body bytes may still follow. */
http_progress http_read(http_request *request, bytes *in);
void http_request_done(http_request *request);

/* The value of a header line copied into `out`, trimmed; false (and "") when there is none. */
bool http_header(const bytes *lines, const char *name, char *out, size_t capacity);
const char *http_reason(int status);

#endif
