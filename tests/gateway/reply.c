/* SPDX-License-Identifier: MIT */
#include "gateway/reply.h"

#include <stdlib.h>

void body_done(reply_body *content)
{
  for (size_t i = 0; i < content->picture_count; i++)
    free(content->pictures[i].what.text);
  free(content->pictures);
  bytes_done(&content->text);
  *content = (reply_body){0};
}

void reply_done(reply *answer)
{
  free(answer->reason);
  free(answer->type);
  free(answer->stops);
  bytes_done(&answer->headers);
  body_done(&answer->content);
  *answer = (reply){0};
}

void reply_type(reply *answer, const char *type)
{
  free(answer->type);
  answer->type = must_copy(type);
}

void reply_empty(reply *answer)
{
  body_done(&answer->content);
  answer->stop_count = 0;
}

void reply_json(reply *answer, int status)
{
  reply_file(answer, status, "application/json", "", 0);
}

void reply_file(reply *answer, int status, const char *type, const void *data, size_t size)
{
  answer->status = status;
  reply_type(answer, type);
  reply_empty(answer);
  bytes_add(&answer->content.text, data, size);
}

static size_t encoded_size(size_t size)
{
  return (size + 2) / 3 * 4;
}

size_t body_size(const reply_body *content)
{
  size_t size = content->text.size;
  for (size_t i = 0; i < content->picture_count; i++) {
    size_t file = picture_png_size(&content->pictures[i].what);
    size += content->pictures[i].base64 ? encoded_size(file) : file;
  }
  return size;
}

static void add_whole(reply *answer, picture *what, bool base64)
{
  bytes file = {0};
  picture_write(&file, what);
  if (base64)
    bytes_base64(&answer->content.text, file.data, file.size);
  else
    bytes_add(&answer->content.text, file.data, file.size);
  bytes_done(&file);
  free(what->text);
}

void reply_picture(reply *answer, picture *what, bool base64)
{
  reply_body *content = &answer->content;
  if (what->kind == PICTURE_PNG) {
    content->pictures = must_grow(content->pictures, content->picture_count + 1, sizeof *content->pictures);
    content->pictures[content->picture_count++] = (made_picture){content->text.size, *what, base64};
  } else {
    add_whole(answer, what, base64);
  }
  what->text = NULL;
}

void reply_stop(reply *answer)
{
  answer->stops = must_grow(answer->stops, answer->stop_count + 1, sizeof *answer->stops);
  answer->stops[answer->stop_count++] = body_size(&answer->content);
}

void body_read(body_reader *reader, reply_body *content)
{
  *reader = (body_reader){.content = *content};
  *content = (reply_body){0};
}

void body_reader_done(body_reader *reader)
{
  body_done(&reader->content);
  bytes_done(&reader->fresh);
  bytes_done(&reader->window);
}

/* What is encoded is whole groups of three; the rest waits for the next piece. */
static void encode_fresh(body_reader *reader, bool last)
{
  size_t size = last ? reader->fresh.size : reader->fresh.size / 3 * 3;
  bytes_base64(&reader->window, bytes_cstr(&reader->fresh), size);
  bytes_drop(&reader->fresh, size);
}

static void make_more(body_reader *reader, const made_picture *now)
{
  reader->window.size = reader->window_at = 0;
  bool more = picture_more(&reader->maker, now->base64 ? &reader->fresh : &reader->window);
  if (now->base64)
    encode_fresh(reader, !more);
  if (!more) {
    reader->making = false;
    reader->next++;
  }
}

static const made_picture *picture_here(const body_reader *reader)
{
  const reply_body *content = &reader->content;
  bool here = reader->next < content->picture_count && content->pictures[reader->next].at == reader->text_at;
  return here ? &content->pictures[reader->next] : NULL;
}

static void fill_window(body_reader *reader)
{
  const made_picture *now;
  while (reader->window_at == reader->window.size && (now = picture_here(reader)) != NULL) {
    if (!reader->making)
      picture_begin(&reader->maker, &now->what);
    reader->making = true;
    make_more(reader, now);
  }
}

size_t body_peek(body_reader *reader, const char **data)
{
  fill_window(reader);
  if (reader->window_at < reader->window.size) {
    *data = reader->window.data + reader->window_at;
    return reader->window.size - reader->window_at;
  }
  size_t end =
      reader->next < reader->content.picture_count ? reader->content.pictures[reader->next].at : reader->content.text.size;
  *data = bytes_cstr(&reader->content.text) + reader->text_at;
  return end - reader->text_at;
}

void body_take(body_reader *reader, size_t size)
{
  if (reader->window_at < reader->window.size)
    reader->window_at += size;
  else
    reader->text_at += size;
}
