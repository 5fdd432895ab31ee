/* SPDX-License-Identifier: MIT */
/* Partial pictures, found in a stream of events while it passes to its file. They are a gift: whatever is wrong with one drops that
 * one alone, and nothing here can fail a call. Holds one picture at a time. */
#ifndef PX_CLIENT_PREVIEWS_H
#define PX_CLIENT_PREVIEWS_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/blob.h>
#include <pixazo/log.h>

enum { PX_PREVIEW_MAX = 8 * 1024 * 1024 };

typedef struct px_previews px_previews;

typedef struct px_previews_options {
  /* On the thread that feeds. The picture is borrowed; `index` as the provider counts, else from 0. */
  void (*on_preview)(void *user, pixazo_blob *picture, int32_t index);
  void *user;
  pixazo_log *log;  /* outlives it; may be NULL */
  size_t max_bytes; /* of one picture; 0: PX_PREVIEW_MAX */
} px_previews_options;

px_previews *px_previews_new(const px_previews_options *options); /* NULL: no memory */
void px_previews_feed(px_previews *self, const void *data, size_t size);
void px_previews_free(px_previews *self);

#endif
