/* SPDX-License-Identifier: MIT */
#include "base/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum {
  VALUE_MAX = 1024, /* bytes of one head value; more is cut */
  LENGTH_DIGITS = 20,
  TRAILER_SIZE = 12 + LENGTH_DIGITS + 1 + 64 + 1 /* "\npixazo-end " length ' ' sha256 '\n' */
};

static const char magic[] = "pixazo-answer 1\n";
static const char trailer_word[] = "\npixazo-end ";

pixazo_status px_answer_writer_init_unhashed(px_answer_writer *writer, int descriptor, pixazo_error **error)
{
  *writer = (px_answer_writer){descriptor, NULL, 0, PX_BUF_INIT(PX_ANSWER_HEAD_MAX), false};
  return px_buf_add_text(&writer->head, magic) ? PIXAZO_OK : px_fail_nomem(error);
}

pixazo_status px_answer_writer_init(px_answer_writer *writer, int descriptor, pixazo_error **error)
{
  PX_TRY(px_answer_writer_init_unhashed(writer, descriptor, error));
  writer->digest = px_digest_new(false);
  if (writer->digest)
    return PIXAZO_OK;
  px_answer_writer_done(writer);
  return px_fail_nomem(error);
}

void px_answer_writer_done(px_answer_writer *writer)
{
  px_digest_done(&writer->digest);
  px_buf_done(&writer->head);
}

pixazo_status px_answer_writer_set(px_answer_writer *writer, const char *name, const char *value, pixazo_error **error)
{
  if (writer->head_written)
    return px_fail(error, PIXAZO_E_STATE, "answer file: the head is written already");
  size_t length = px_utf8_cut(value, VALUE_MAX);
  size_t begin = writer->head.size + strlen(name) + 2;
  if (begin + length + 2 > PX_ANSWER_HEAD_MAX)
    return px_fail(error, PIXAZO_E_LIMIT, "answer file: the head is full");
  if (!px_buf_add_text(&writer->head, name) || !px_buf_add_text(&writer->head, ": ") ||
      !px_buf_add(&writer->head, value, length) || !px_buf_add_char(&writer->head, '\n'))
    return px_fail_nomem(error);
  for (size_t i = begin; i < begin + length; i++) {
    unsigned char byte = (unsigned char)writer->head.data[i];
    if (byte < 0x20 || byte == 0x7F)
      writer->head.data[i] = ' ';
  }
  return PIXAZO_OK;
}

pixazo_status px_answer_writer_head(px_answer_writer *writer, pixazo_error **error)
{
  if (writer->head_written)
    return PIXAZO_OK;
  if (!px_buf_add_char(&writer->head, '\n'))
    return px_fail_nomem(error);
  PX_TRY(px_write_all(writer->descriptor, writer->head.data, writer->head.size, "the answer file", error));
  writer->head_written = true;
  PX_FAILPOINT("f1.head");
  return PIXAZO_OK;
}

pixazo_status px_answer_writer_body(px_answer_writer *writer, const void *data, size_t size, pixazo_error **error)
{
  PX_TRY(px_answer_writer_head(writer, error));
  if (writer->digest && !px_digest_add(writer->digest, data, size))
    return px_fail(error, PIXAZO_E_INTERNAL, "cannot hash the answer");
  PX_TRY(px_write_all(writer->descriptor, data, size, "the answer file", error));
  writer->body_bytes += size;
  PX_FAILPOINT("f1.half");
  return PIXAZO_OK;
}

pixazo_status px_answer_writer_finish(px_answer_writer *writer, pixazo_error **error)
{
  PX_TRY(px_answer_writer_head(writer, error));
  char sha256[PX_SHA256_HEX] = "";
  char md5[PX_MD5_HEX];
  if (!writer->digest)
    memset(sha256, '0', sizeof sha256 - 1);
  else if (!px_digest_finish(writer->digest, sha256, md5))
    return px_fail(error, PIXAZO_E_INTERNAL, "cannot hash the answer");
  char trailer[TRAILER_SIZE + 1];
  (void)snprintf(trailer, sizeof trailer, "%s%0*" PRIu64 " %s\n", trailer_word, LENGTH_DIGITS, writer->body_bytes, sha256);
  PX_TRY(px_write_all(writer->descriptor, trailer, TRAILER_SIZE, "the answer file", error));
  PX_FAILPOINT("f1.whole");
  return PIXAZO_OK;
}

/* Turns the lines behind the magic into "name\0value\0...\0\0" and gives the size of the head in the file. */
static bool split_head(char *head, size_t size, uint64_t *head_size)
{
  size_t magic_size = strlen(magic);
  if (size < magic_size + 1 || memcmp(head, magic, magic_size) != 0)
    return false;
  size_t from = magic_size;
  size_t to = 0;
  while (from < size && head[from] != '\n') {
    char *end = memchr(head + from, '\n', size - from);
    char *colon = end ? memmem(head + from, (size_t)(end - head) - from, ": ", 2) : NULL;
    if (!colon || memchr(head + from, '\0', (size_t)(end - head) - from))
      return false;
    size_t length = (size_t)(end - head) - from;
    colon[0] = '\0';
    memmove(head + to, head + from, length);
    head[to + length] = '\0';
    to += length + 1;
    from += length + 1;
  }
  if (from >= size)
    return false;
  head[to] = '\0';
  *head_size = from + 1;
  return true;
}

static pixazo_status read_some(int descriptor, void *data, size_t capacity, uint64_t offset, size_t *got,
                               pixazo_error **error)
{
  struct stat facts;
  if (fstat(descriptor, &facts) != 0)
    return px_fail(error, PIXAZO_E_IO, "cannot examine the answer file");
  uint64_t size = (uint64_t)facts.st_size;
  uint64_t left = offset < size ? size - offset : 0;
  *got = left < capacity ? (size_t)left : capacity;
  return px_read_at(descriptor, data, *got, offset, "the answer file", error);
}

/* Looks for the trailer at the end of the file; a cut file keeps whole = false. */
static pixazo_status read_trailer(px_answer *answer, uint64_t file_size, pixazo_error **error)
{
  answer->body_size = file_size - answer->body_offset;
  if (answer->body_size < TRAILER_SIZE)
    return PIXAZO_OK;
  char trailer[TRAILER_SIZE + 1];
  PX_TRY(px_read_at(answer->descriptor, trailer, TRAILER_SIZE, file_size - TRAILER_SIZE, "the answer file", error));
  trailer[TRAILER_SIZE] = '\0';
  size_t word = strlen(trailer_word);
  char *digits = trailer + word;
  char *sha256 = digits + LENGTH_DIGITS + 1;
  unsigned char raw[PX_SHA256_SIZE];
  uint64_t length;
  if (memcmp(trailer, trailer_word, word) != 0 || digits[LENGTH_DIGITS] != ' ' || trailer[TRAILER_SIZE - 1] != '\n')
    return PIXAZO_OK;
  digits[LENGTH_DIGITS] = '\0';
  trailer[TRAILER_SIZE - 1] = '\0';
  if (!px_parse_uint64(digits, &length) || length != answer->body_size - TRAILER_SIZE || !px_unhex(sha256, raw, sizeof raw))
    return PIXAZO_OK;
  answer->body_size = length;
  answer->whole = true;
  memcpy(answer->sha256, sha256, PX_SHA256_HEX);
  return PIXAZO_OK;
}

pixazo_status px_answer_read(px_answer *answer, int descriptor, pixazo_error **error)
{
  struct stat facts;
  if (fstat(descriptor, &facts) != 0)
    return px_fail(error, PIXAZO_E_IO, "cannot examine the answer file");
  px_autofree char *head = px_malloc(PX_ANSWER_HEAD_MAX + 2);
  if (!head)
    return px_fail_nomem(error);
  size_t size = 0;
  px_answer made = PX_ANSWER_INIT;
  made.descriptor = descriptor;
  PX_TRY(read_some(descriptor, head, PX_ANSWER_HEAD_MAX + 1, 0, &size, error));
  if (!split_head(head, size, &made.body_offset))
    return px_fail(error, PIXAZO_E_CORRUPT, "the answer file has no whole head");
  PX_TRY(read_trailer(&made, (uint64_t)facts.st_size, error));
  char *fitting = px_realloc_array(head, (size_t)made.body_offset + 1, 1); /* kept as long as its generation is under way */
  made.head = fitting ? fitting : head;
  head = NULL;
  *answer = made;
  return PIXAZO_OK;
}

void px_answer_done(px_answer *answer)
{
  px_free(answer->head);
  *answer = (px_answer)PX_ANSWER_INIT;
}

const char *px_answer_get(const px_answer *answer, const char *name)
{
  if (!answer->head)
    return NULL;
  for (const char *line = answer->head; *line;) {
    const char *value = line + strlen(line) + 2; /* over NUL and the space that followed the colon */
    if (strcmp(line, name) == 0)
      return value;
    line = value + strlen(value) + 1;
  }
  return NULL;
}

int32_t px_answer_status(const px_answer *answer)
{
  int64_t status;
  const char *text = px_answer_get(answer, "status");
  return text && px_parse_int64(text, &status) && status > 0 && status < 1000 ? (int32_t)status : 0;
}

pixazo_status px_answer_body(const px_answer *answer, uint64_t offset, void *data, size_t capacity, size_t *got,
                             pixazo_error **error)
{
  uint64_t left = offset < answer->body_size ? answer->body_size - offset : 0;
  size_t size = left < capacity ? (size_t)left : capacity;
  PX_TRY(px_read_at(answer->descriptor, data, size, answer->body_offset + offset, "the answer file", error));
  *got = size;
  return PIXAZO_OK;
}

pixazo_status px_answer_load(const px_answer *answer, size_t max, char **data, size_t *size, pixazo_error **error)
{
  if (answer->body_size > max)
    return px_fail(error, PIXAZO_E_LIMIT, "an answer of %" PRIu64 " bytes, more than the %zu allowed", answer->body_size,
                   max);
  size_t length = (size_t)answer->body_size;
  px_autofree char *bytes = px_malloc(length + 1);
  if (!bytes)
    return px_fail_nomem(error);
  PX_TRY(px_read_at(answer->descriptor, bytes, length, answer->body_offset, "the answer file", error));
  bytes[length] = '\0';
  *data = px_steal(&bytes);
  *size = length;
  return PIXAZO_OK;
}

pixazo_status px_answer_verify(const px_answer *answer, pixazo_error **error)
{
  if (!answer->whole)
    return px_fail(error, PIXAZO_E_CORRUPT, "the answer file was cut");
  px_cleanup(px_digest_done) px_digest *digest = px_digest_new(false);
  if (!digest)
    return px_fail_nomem(error);
  unsigned char piece[16384];
  size_t got = 0;
  for (uint64_t offset = 0; offset < answer->body_size; offset += got) {
    PX_TRY(px_answer_body(answer, offset, piece, sizeof piece, &got, error));
    if (!px_digest_add(digest, piece, got))
      return px_fail(error, PIXAZO_E_INTERNAL, "cannot hash the answer");
  }
  char sha256[PX_SHA256_HEX];
  char md5[PX_MD5_HEX];
  if (!px_digest_finish(digest, sha256, md5))
    return px_fail(error, PIXAZO_E_INTERNAL, "cannot hash the answer");
  return strcmp(sha256, answer->sha256) == 0 ? PIXAZO_OK
                                             : px_fail(error, PIXAZO_E_CORRUPT, "the bytes of the answer file have changed");
}
