/* SPDX-License-Identifier: MIT */
/* Answer files: the raw answer of one paid call, as it came, kept before anything reads it.
 *
 *   pixazo-answer 1\n  name: value\n ...  \n  <body bytes>  <trailer>
 *
 * The trailer has a fixed size and holds length and SHA-256 of the body; it is written once the body
 * is whole, so a file without it was cut. Names used: attempt, generation, provider, model, status,
 * content-type, request-id, retry-after, retry-after-ms, x-should-retry; never a location, never a secret. */
#ifndef PX_BASE_ANSWER_H
#define PX_BASE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

#include "base/buf.h"
#include "base/digest.h"

enum { PX_ANSWER_HEAD_MAX = 16 * 1024 };

/* One writer; one thread at a time. The descriptor stays the caller's. */
typedef struct px_answer_writer {
  int descriptor;
  px_digest *digest; /* NULL: unhashed */
  uint64_t body_bytes;
  px_buf head;
  bool head_written;
} px_answer_writer;

pixazo_status px_answer_writer_init(px_answer_writer *writer, int descriptor, pixazo_error **error);
/* For a file in memory, which dies with its process: nothing is hashed, and px_answer_verify does not know it. */
pixazo_status px_answer_writer_init_unhashed(px_answer_writer *writer, int descriptor, pixazo_error **error);
void px_answer_writer_done(px_answer_writer *writer);
/* Adds a head line; control characters in the value become spaces. Before the first body byte. */
pixazo_status px_answer_writer_set(px_answer_writer *writer, const char *name, const char *value, pixazo_error **error);
pixazo_status px_answer_writer_head(px_answer_writer *writer, pixazo_error **error); /* writes the head now */
pixazo_status px_answer_writer_body(px_answer_writer *writer, const void *data, size_t size, pixazo_error **error);
pixazo_status px_answer_writer_finish(px_answer_writer *writer, pixazo_error **error); /* writes the trailer */

/* A file read back. The descriptor stays the caller's and must stay open. */
typedef struct px_answer {
  int descriptor;
  char *head; /* owned; parsed in place */
  uint64_t body_offset;
  uint64_t body_size;
  bool whole; /* the trailer is there and its length fits */
  char sha256[PX_SHA256_HEX];
} px_answer;

#define PX_ANSWER_INIT {-1, NULL, 0, 0, false, ""}
/* E_CORRUPT: no usable head (cut inside it). */
pixazo_status px_answer_read(px_answer *answer, int descriptor, pixazo_error **error);
void px_answer_done(px_answer *answer);
const char *px_answer_get(const px_answer *answer, const char *name); /* borrowed; NULL when absent */
int32_t px_answer_status(const px_answer *answer);                    /* HTTP status; 0 for none */
/* Up to `capacity` body bytes at `offset` of the body; *got = 0 at the end. */
pixazo_status px_answer_body(const px_answer *answer, uint64_t offset, void *data, size_t capacity, size_t *got,
                             pixazo_error **error);
/* The whole body as owned NUL-terminated memory; E_LIMIT when larger than max. */
pixazo_status px_answer_load(const px_answer *answer, size_t max, char **data, size_t *size, pixazo_error **error);
/* Hashes the body and compares with the trailer; E_CORRUPT when it differs. */
pixazo_status px_answer_verify(const px_answer *answer, pixazo_error **error);

#endif
