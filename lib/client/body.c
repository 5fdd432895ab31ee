/* SPDX-License-Identifier: MIT */
#include "client/body.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum { GROUPS = 3072 };

/* In JSON text a control character is always escaped, so this byte stands nowhere but around the number of an input. */
enum { MARK = 0x01 };

static const char *type_of(const unsigned char *head, size_t size)
{
  if (size >= 8 && memcmp(head, "\x89PNG\r\n\x1A\n", 8) == 0)
    return "image/png";
  if (size >= 3 && memcmp(head, "\xFF\xD8\xFF", 3) == 0)
    return "image/jpeg";
  if (size >= 12 && memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WEBP", 4) == 0)
    return "image/webp";
  return NULL;
}

static pixazo_status hash(int descriptor, uint64_t size, const char *path, char sha256[PX_SHA256_HEX], pixazo_error **error)
{
  px_cleanup(px_digest_done) px_digest *digest = px_digest_new(false);
  if (!digest)
    return px_fail_nomem(error);
  PX_TRY(px_file_digest(descriptor, size, path, digest, error));
  return px_digest_finish(digest, sha256, NULL) ? PIXAZO_OK : px_fail(error, PIXAZO_E_INTERNAL, "cannot hash %s", path);
}

pixazo_status px_input_measure(px_input *input, const char *path, uint64_t max_bytes, pixazo_error **error)
{
  px_autoclose int descriptor = -1;
  unsigned char head[16];
  px_input found = {0};
  PX_TRY(px_file_open(path, &descriptor, &found.bytes, error));
  if (found.bytes > max_bytes)
    return px_fail(error, PIXAZO_E_LIMIT, "%s has %" PRIu64 " bytes, more than the %" PRIu64 " that may be sent", path,
                   found.bytes, max_bytes);
  size_t size = found.bytes < sizeof head ? (size_t)found.bytes : sizeof head;
  PX_TRY(px_read_at(descriptor, head, size, 0, path, error));
  found.type = type_of(head, size);
  if (!found.type)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s is no PNG, JPEG or WebP picture", path);
  PX_TRY(hash(descriptor, found.bytes, path, found.sha256, error));
  found.path = px_strdup(path);
  if (!found.path)
    return px_fail_nomem(error);
  found.mask = input->mask;
  *input = found;
  return PIXAZO_OK;
}

const char *px_input_type(const char *name)
{
  static const char *const types[] = {"image/png", "image/jpeg", "image/webp"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(types); i++) {
    if (px_str_equal(types[i], name))
      return types[i];
  }
  return NULL;
}

void px_input_done(px_input *input)
{
  px_free(input->path);
  input->path = NULL;
}

void px_body_done(px_body *body)
{
  for (size_t i = 0; i < body->count; i++)
    px_free(body->pieces[i].text);
  px_free(body->pieces);
  px_free(body->content_type);
  *body = (px_body)PX_BODY_INIT;
}

static pixazo_status add_piece(px_body *body, const px_body_piece *piece, pixazo_error **error)
{
  px_body_piece *grown = px_realloc_array(body->pieces, body->count + 1, sizeof *grown);
  if (!grown)
    return px_fail_nomem(error);
  body->pieces = grown;
  grown[body->count++] = *piece;
  body->size += piece->size;
  return PIXAZO_OK;
}

pixazo_status px_body_add_text(px_body *body, char *text, pixazo_error **error)
{
  if (!text)
    return px_fail_nomem(error);
  px_body_piece piece = {.text = text, .size = strlen(text)};
  pixazo_status status = piece.size > 0 ? add_piece(body, &piece, error) : PIXAZO_OK;
  if (status != PIXAZO_OK || piece.size == 0)
    px_free(text);
  return status;
}

pixazo_status px_body_add_file(px_body *body, const px_input *input, bool base64, pixazo_error **error)
{
  px_body_piece piece = {
      .input = input, .base64 = base64, .size = base64 ? (input->bytes + 2) / 3 * 4 : input->bytes};
  return add_piece(body, &piece, error);
}

void px_body_put_input(px_json_writer *writer, const char *key, const char *prefix, size_t index)
{
  char text[96];
  (void)snprintf(text, sizeof text, "\"%s%c%zu%c\"", prefix, MARK, index, MARK);
  px_json_put_raw(writer, key, text);
}

static pixazo_status split(px_body *body, const char *json, const px_input *inputs, size_t count, pixazo_error **error)
{
  const char *rest = json;
  for (const char *mark = strchr(rest, MARK); mark; mark = strchr(rest, MARK)) {
    const char *end = strchr(mark + 1, MARK);
    unsigned long index = strtoul(mark + 1, NULL, 10);
    if (!end || index >= count)
      return px_fail(error, PIXAZO_E_INTERNAL, "the body names an input that is not there");
    PX_TRY(px_body_add_text(body, px_strndup(rest, (size_t)(mark - rest)), error));
    PX_TRY(px_body_add_file(body, &inputs[index], true, error));
    rest = end + 1;
  }
  return px_body_add_text(body, px_strdup(rest), error);
}

pixazo_status px_body_set_json(px_body *body, char *json, const px_input *inputs, size_t count, pixazo_error **error)
{
  if (count == 0)
    return px_body_add_text(body, json, error);
  pixazo_status status = split(body, json, inputs, count, error);
  px_free(json);
  return status;
}

static pixazo_status open_input(const px_input *input, int *descriptor, pixazo_error **error)
{
  uint64_t size = 0;
  char sha256[PX_SHA256_HEX] = "";
  PX_TRY(px_file_open(input->path, descriptor, &size, error));
  if (size == input->bytes)
    PX_TRY(hash(*descriptor, size, input->path, sha256, error));
  if (strcmp(sha256, input->sha256) != 0)
    return px_fail(error, PIXAZO_E_CONFLICT, "%s is not the picture any more that the request was made with", input->path);
  return PIXAZO_OK;
}

pixazo_status px_body_open(px_body_reader *reader, const px_body *body, pixazo_error **error)
{
  *reader = (px_body_reader){body, px_malloc((body->count + 1) * sizeof(int))};
  if (!reader->descriptors)
    return px_fail_nomem(error);
  for (size_t i = 0; i < body->count; i++)
    reader->descriptors[i] = -1;
  for (size_t i = 0; i < body->count; i++) {
    if (body->pieces[i].input)
      PX_TRY(open_input(body->pieces[i].input, &reader->descriptors[i], error));
  }
  return PIXAZO_OK;
}

void px_body_close(px_body_reader *reader)
{
  for (size_t i = 0; reader->descriptors && i < reader->body->count; i++)
    px_close_scoped(&reader->descriptors[i]);
  px_free(reader->descriptors);
  reader->descriptors = NULL;
}

/* Whole groups of three bytes; a piece of a group at an offset that is no multiple of four. */
static bool read_base64(int descriptor, const px_input *input, uint64_t offset, char *buffer, size_t *size)
{
  unsigned char raw[GROUPS];
  char text[GROUPS / 3 * 4 + 1];
  uint64_t at = offset / 4 * 3;
  size_t skip = (size_t)(offset % 4);
  size_t wanted = (skip + *size + 3) / 4 * 3;
  wanted = wanted < sizeof raw ? wanted : sizeof raw;
  if (input->bytes - at < wanted)
    wanted = (size_t)(input->bytes - at);
  if (px_read_at(descriptor, raw, wanted, at, input->path, NULL) != PIXAZO_OK)
    return false;
  px_base64_encode(raw, wanted, text);
  size_t made = (wanted + 2) / 3 * 4 - skip;
  *size = made < *size ? made : *size;
  memcpy(buffer, text + skip, *size);
  return true;
}

bool px_body_read(const px_body_reader *reader, uint64_t offset, void *buffer, size_t room, size_t *given)
{
  const px_body *body = reader->body;
  size_t i = 0;
  while (i < body->count && offset >= body->pieces[i].size)
    offset -= body->pieces[i++].size;
  if (i == body->count)
    return false;
  const px_body_piece *piece = &body->pieces[i];
  *given = piece->size - offset < room ? (size_t)(piece->size - offset) : room;
  if (piece->base64)
    return read_base64(reader->descriptors[i], piece->input, offset, buffer, given);
  if (piece->input)
    return px_read_at(reader->descriptors[i], buffer, *given, offset, piece->input->path, NULL) == PIXAZO_OK;
  memcpy(buffer, piece->text + offset, *given);
  return true;
}
