/* SPDX-License-Identifier: MIT */
/* An answer before it is put on the wire. */
#ifndef GATEWAY_REPLY_H
#define GATEWAY_REPLY_H

#include "gateway/picture.h"

/* A PNG within a body that is made while it is sent. */
typedef struct made_picture {
  size_t at; /* before this byte of the text */
  picture what;
  bool base64;
} made_picture;

typedef struct reply_body {
  bytes text;
  made_picture *pictures;
  size_t picture_count;
} reply_body;

typedef struct reply {
  int status;
  char *reason; /* NULL = the usual one */
  char *type;   /* Content-Type, NULL = none */
  bytes headers; /* further lines, each ending in CRLF */
  reply_body content;
  size_t *stops; /* where in the body, pictures counted in, an event of a stream begins */
  size_t stop_count;
  int64_t hold_ms; /* the device is busy so long: waited in place of the usual delay */
} reply;

void reply_done(reply *answer);
void reply_type(reply *answer, const char *type);
/* Status, type application/json and an empty body to add to. */
void reply_json(reply *answer, int status);
void reply_file(reply *answer, int status, const char *type, const void *data, size_t size);
void reply_empty(reply *answer);
/* Adds the file of a picture, taking its text. */
void reply_picture(reply *answer, picture *what, bool base64);
/* An event of a stream begins here. */
void reply_stop(reply *answer);

void body_done(reply_body *content);
size_t body_size(const reply_body *content);

/* The bytes of a body one after the other, in the memory of a piece. */
typedef struct body_reader {
  reply_body content;
  size_t text_at;
  size_t next; /* picture */
  bool making;
  picture_maker maker;
  bytes fresh; /* of the file, not yet encoded */
  bytes window;
  size_t window_at;
} body_reader;

/* Takes the content. */
void body_read(body_reader *reader, reply_body *content);
/* What comes next, at least one byte until the end; the same again until it is taken. */
size_t body_peek(body_reader *reader, const char **data);
void body_take(body_reader *reader, size_t size);
void body_reader_done(body_reader *reader);

#endif
