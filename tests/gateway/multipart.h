/* SPDX-License-Identifier: MIT */
/* Parts of a multipart/form-data body, read strictly: what a lax reader would forgive is an error here. */
#ifndef GATEWAY_MULTIPART_H
#define GATEWAY_MULTIPART_H

#include "gateway/http.h"

typedef struct part {
  char name[128];
  char filename[256];
  bool has_filename;
  char type[128];   /* "" = none */
  const char *data; /* within the request's body */
  size_t size;
} part;

typedef struct multipart {
  part *parts;
  size_t count;
} multipart;

bool multipart_is(const http_request *request);
/* False with the reason in `problem`. */
bool multipart_read(multipart *out, const http_request *request, bytes *problem);
void multipart_done(multipart *self);

/* Kind and size in pixels of a picture file by its first bytes; has_alpha of a PNG. False for anything else. */
typedef struct sniffed {
  const char *type; /* "image/png" */
  uint32_t width;   /* 0 = not read */
  uint32_t height;
  bool has_alpha;
} sniffed;

bool sniff_picture(const char *data, size_t size, sniffed *out);
/* Adds [{"name","filename","type","size","sha256"}] of the parts. */
void multipart_to_json(const multipart *self, bytes *out);

#endif
