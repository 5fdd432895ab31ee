/* SPDX-License-Identifier: MIT */
/* The body of a call: text, and files that are read while it is sent, so that no picture is held in memory. */
#ifndef PX_CLIENT_BODY_H
#define PX_CLIENT_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

#include "base/digest.h"
#include "json/writer.h"

/* A picture that goes along with a request. Measured once; what is sent later must still be the same bytes. */
typedef struct px_input {
  char *path;
  const char *type; /* "image/png", "image/jpeg", "image/webp"; static */
  uint64_t bytes;
  char sha256[PX_SHA256_HEX];
  bool mask;
} px_input;

/* Opens, types and hashes a picture file. E_NOT_FOUND, E_ARGUMENT (not a picture, empty), E_LIMIT, E_IO. */
pixazo_status px_input_measure(px_input *input, const char *path, uint64_t max_bytes, pixazo_error **error);
void px_input_done(px_input *input);
const char *px_input_type(const char *name); /* the static text for a type; NULL: not one of them */

typedef struct px_body_piece {
  char *text;            /* owned; NULL: of a file */
  const px_input *input; /* borrowed */
  bool base64;           /* of the file */
  uint64_t size;         /* bytes of the body */
} px_body_piece;

typedef struct px_body {
  px_body_piece *pieces;
  size_t count;
  uint64_t size;
  char *content_type; /* NULL: application/json */
} px_body;

#define PX_BODY_INIT {NULL, 0, 0, NULL}
void px_body_done(px_body *body);
/* Takes over `text` (px_malloc), also when it fails. */
pixazo_status px_body_add_text(px_body *body, char *text, pixazo_error **error);
pixazo_status px_body_add_file(px_body *body, const px_input *input, bool base64, pixazo_error **error);

/* Writes a string into the JSON of a body: `prefix` (such as "data:image/png;base64,") and the base64 of input `index`. */
void px_body_put_input(px_json_writer *writer, const char *key, const char *prefix, size_t index);
/* Takes over JSON that was written so (px_malloc), also when it fails. */
pixazo_status px_body_set_json(px_body *body, char *json, const px_input *inputs, size_t count, pixazo_error **error);

/* Reads a body front to back; its files are open meanwhile. */
typedef struct px_body_reader {
  const px_body *body;
  int *descriptors; /* of the pieces; -1: text */
} px_body_reader;
/* E_IO, E_NOT_FOUND; E_CONFLICT: a file is not what was measured. */
pixazo_status px_body_open(px_body_reader *reader, const px_body *body, pixazo_error **error);
void px_body_close(px_body_reader *reader);
/* At least one byte before the end. */
bool px_body_read(const px_body_reader *reader, uint64_t offset, void *buffer, size_t room, size_t *given);

#endif
