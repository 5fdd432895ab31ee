/* SPDX-License-Identifier: MIT */
#include "client/previews.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/json.h"
#include "json/stream.h"
#include "net/sse.h"

enum { PIECE = 4096, REST_MAX = 64 * 1024 };

static const char ending[] = ".partial_image";

struct px_previews {
  px_previews_options options;
  px_sse sse;
  int32_t told;
  /* of the event that is being read */
  px_json_stream *stream; /* NULL: no data came yet */
  px_base64 base64;
  px_buf picture;
  bool passed_over; /* it is none of these, or not one that can be shown */
};

/* ---- one event ---- */

static void forget_event(px_previews *self)
{
  px_json_stream_done(&self->stream);
  px_buf_done(&self->picture);
  self->picture = (px_buf)PX_BUF_INIT(self->options.max_bytes);
  self->base64 = (px_base64)PX_BASE64_INIT;
}

static void pass_over(px_previews *self)
{
  forget_event(self);
  self->passed_over = true;
}

/* What is too large is read to its end all the same: only there is it certain that it was a partial picture. */
static void keep(px_previews *self, const unsigned char *bytes, size_t size)
{
  if (!px_buf_add(&self->picture, bytes, size))
    px_buf_done(&self->picture); /* it stays failed */
}

static pixazo_status decode(px_previews *self, const char *text, size_t size)
{
  unsigned char bytes[PIECE / 4 * 3 + 3];
  while (size > 0 && !self->picture.failed) {
    size_t used = size < PIECE ? size : PIECE;
    size_t written = 0;
    if (!px_base64_decode(&self->base64, text, used, bytes, &written))
      return PIXAZO_E_CORRUPT;
    keep(self, bytes, written);
    text += used;
    size -= used;
  }
  return PIXAZO_OK;
}

static pixazo_status finish(px_previews *self)
{
  unsigned char bytes[3];
  size_t written = 0;
  if (self->picture.failed)
    return PIXAZO_OK;
  if (!px_base64_finish(&self->base64, bytes, &written))
    return PIXAZO_E_CORRUPT;
  keep(self, bytes, written);
  return PIXAZO_OK;
}

static pixazo_status take(void *user, size_t index, const char *text, size_t size, bool last, pixazo_error **error)
{
  px_previews *self = user;
  (void)error; /* nobody asks why */
  if (index > 0)
    return PIXAZO_OK;
  PX_TRY(decode(self, text, size));
  return last ? finish(self) : PIXAZO_OK;
}

static bool new_stream(px_previews *self)
{
  static const char *const names[] = {"b64_json"};
  px_json_stream_options options = {.names = names, .name_count = 1, .take = take, .self = self, .max_rest = REST_MAX};
  return px_json_stream_new(&options, &self->stream, NULL) == PIXAZO_OK;
}

/* ---- what is told ---- */

static void release(void *data, size_t size, void *user_data)
{
  (void)size;
  (void)user_data;
  px_free(data);
}

static void tell(px_previews *self, int32_t index)
{
  pixazo_blob *picture = NULL;
  size_t size = self->picture.size;
  char *bytes = px_buf_steal(&self->picture);
  if (!bytes || size == 0 || pixazo_blob_new_nocopy(bytes, size, release, NULL, &picture, NULL) != PIXAZO_OK) {
    px_free(bytes);
    return;
  }
  self->told++;
  self->options.on_preview(self->options.user, picture, index);
  (void)pixazo_blob_unref(picture);
}

static void look_at_event(px_previews *self, const char *type, const px_json *root)
{
  int64_t given = -1;
  const px_json *name = px_json_member(root, "type");
  if (!px_str_ends(px_json_is(name, PX_JSON_STRING) ? px_json_text(name) : type, ending))
    return;
  (void)px_json_may_int64(root, "partial_image_index", &given, NULL);
  int32_t index = given >= 0 && given <= INT32_MAX ? (int32_t)given : self->told;
  if (self->picture.over)
    px_log(self->options.log, PIXAZO_LOG_DEBUG, "client", "partial picture %ld has more than %zu bytes and is not shown",
           (long)index, self->options.max_bytes);
  else
    tell(self, index);
}

/* ---- the stream ---- */

/* The name of the event comes before its data, where there is one. */
static bool is_another(const px_sse *sse)
{
  size_t length = strlen(ending);
  return sse->type_size > 0 &&
         (sse->type_size < length || memcmp(sse->type + sse->type_size - length, ending, length) != 0);
}

static pixazo_status on_data(void *user, const char *text, size_t size, pixazo_error **error)
{
  px_previews *self = user;
  (void)error;
  if (self->passed_over)
    return PIXAZO_OK;
  if (!self->stream && (is_another(&self->sse) || !new_stream(self)))
    pass_over(self);
  else if (px_json_stream_feed(self->stream, text, size, NULL) != PIXAZO_OK)
    pass_over(self);
  return PIXAZO_OK;
}

static pixazo_status on_end(void *user, const px_sse_event *event, pixazo_error **error)
{
  px_previews *self = user;
  px_autofree char *rest = NULL;
  px_cleanup(px_json_done) px_json *root = NULL;
  (void)error;
  if (self->stream && px_json_stream_finish(self->stream, &rest, NULL, NULL) == PIXAZO_OK &&
      px_json_parse(rest, strlen(rest), NULL, &root, NULL) == PIXAZO_OK)
    look_at_event(self, event->type, root);
  forget_event(self);
  self->passed_over = false;
  return PIXAZO_OK;
}

px_previews *px_previews_new(const px_previews_options *options)
{
  px_previews *self = px_calloc(1, sizeof *self);
  if (!self)
    return NULL;
  px_sse_hooks hooks = {on_data, on_end, self};
  self->options = *options;
  if (self->options.max_bytes == 0)
    self->options.max_bytes = PX_PREVIEW_MAX;
  px_sse_init(&self->sse, &hooks, 0);
  forget_event(self);
  return self;
}

void px_previews_feed(px_previews *self, const void *data, size_t size)
{
  (void)px_sse_feed(&self->sse, data, size, NULL); /* its hooks refuse nothing */
}

void px_previews_free(px_previews *self)
{
  if (!self)
    return;
  forget_event(self);
  px_free(self);
}
