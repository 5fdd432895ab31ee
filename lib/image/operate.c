/* SPDX-License-Identifier: MIT */
#include "image/operate.h"

#include <string.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/mem.h"
#include "image/orient.h"

void px_operations_add(px_operations *operations, const px_operation *operation)
{
  if (operations->count < PX_OPERATIONS_MAX)
    operations->list[operations->count++] = *operation;
}

/* ---- planning ---- */

/* value * numerator / denominator, rounded, at least 1. */
static uint32_t scaled(uint32_t value, uint32_t numerator, uint32_t denominator)
{
  uint64_t result = ((uint64_t)value * numerator + denominator / 2) / denominator;
  return result == 0 ? 1 : result > UINT32_MAX ? UINT32_MAX : (uint32_t)result;
}

/* The box, with a side that was left open worked out. */
static void box_of(const px_frame *frame, const uint32_t size[2], uint32_t box[2])
{
  box[0] = frame->width ? frame->width : scaled(size[0], frame->height, size[1]);
  box[1] = frame->height ? frame->height : scaled(size[1], frame->width, size[0]);
}

/* The size with the shape of the source that lies inside the box, or covers it. */
static void keep_shape(const uint32_t size[2], const uint32_t box[2], bool cover, uint32_t full[2])
{
  bool wider = (uint64_t)size[0] * box[1] >= (uint64_t)size[1] * box[0];
  if (wider != cover) {
    full[0] = box[0];
    full[1] = scaled(size[1], box[0], size[0]);
  } else {
    full[0] = scaled(size[0], box[1], size[1]);
    full[1] = box[1];
  }
  for (int i = 0; i < 2; i++) {
    if (cover ? full[i] < box[i] : full[i] > box[i])
      full[i] = box[i];
  }
}

static void add_resize(px_operations *list, const uint32_t size[2], const uint32_t full[2], const uint32_t window[2])
{
  if (full[0] == size[0] && full[1] == size[1] && window[0] == full[0] && window[1] == full[1])
    return;
  px_operation operation = {.kind = PX_OPERATION_RESIZE};
  operation.resize = (px_resize_job){.full_width = full[0],
                                     .full_height = full[1],
                                     .x = (full[0] - window[0]) / 2,
                                     .y = (full[1] - window[1]) / 2,
                                     .width = window[0],
                                     .height = window[1]};
  px_operations_add(list, &operation);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
  return a < b ? a : b;
}

void px_frame_plan(const px_frame *frame, const uint32_t size[2], px_operations *resize, px_operations *pad,
                   uint32_t result[2])
{
  uint32_t box[2] = {size[0], size[1]}, full[2] = {size[0], size[1]}, window[2];
  if (frame->width || frame->height)
    box_of(frame, size, box);
  if (frame->fit == PX_FIT_FILL)
    memcpy(full, box, sizeof full);
  else
    keep_shape(size, box, frame->fit == PX_FIT_COVER, full);
  if (!frame->enlarge && (full[0] > size[0] || full[1] > size[1])) {
    full[0] = frame->fit == PX_FIT_FILL ? smaller(full[0], size[0]) : size[0];
    full[1] = frame->fit == PX_FIT_FILL ? smaller(full[1], size[1]) : size[1];
  }
  for (int i = 0; i < 2; i++) {
    window[i] = smaller(full[i], box[i]);
    result[i] = frame->fit == PX_FIT_CONTAIN ? box[i] : window[i];
  }
  add_resize(resize, size, full, window);
  if (result[0] == window[0] && result[1] == window[1])
    return;
  px_operation operation = {.kind = PX_OPERATION_PAD};
  operation.pad =
      (px_pad){result[0], result[1], (result[0] - window[0]) / 2, (result[1] - window[1]) / 2, frame->background};
  px_operations_add(pad, &operation);
}

/* ---- running ---- */

bool px_pixmap_is_opaque(const px_pixmap *pixmap)
{
  if (pixmap->channels != 4)
    return true;
  for (uint32_t y = 0; y < pixmap->height; y++) {
    const unsigned char *row = px_pixmap_row(pixmap, y);
    unsigned char all = 255;
    for (size_t i = 3; i < pixmap->stride; i += 4)
      all &= row[i];
    if (all != 255)
      return false;
  }
  return true;
}

typedef struct step {
  const px_operation *operation;
  const px_pixmap *source;
  const pixazo_cancel *cancel;
  px_pixmap *out;
} step;

static pixazo_status run_orient(const step *s, pixazo_error **error)
{
  return px_orient(s->source, s->operation->orientation, s->out, error);
}

static pixazo_status run_resize(const step *s, pixazo_error **error)
{
  return px_resize(s->source, &s->operation->resize, s->cancel, s->out, error);
}

static unsigned char over(unsigned color, unsigned alpha, unsigned below)
{
  return (unsigned char)px_div255(color * alpha + below * (255 - alpha));
}

static pixazo_status run_flatten(const step *s, pixazo_error **error)
{
  px_color below = s->operation->background;
  PX_TRY(px_pixmap_make(s->out, s->source->width, s->source->height, 3, error));
  for (uint32_t y = 0; y < s->out->height; y++) {
    const unsigned char *from = px_pixmap_row(s->source, y);
    unsigned char *to = px_pixmap_row(s->out, y);
    for (uint32_t x = 0; x < s->out->width; x++, from += 4, to += 3) {
      to[0] = over(from[0], from[3], below.red);
      to[1] = over(from[1], from[3], below.green);
      to[2] = over(from[2], from[3], below.blue);
    }
  }
  return PIXAZO_OK;
}

static pixazo_status run_drop_alpha(const step *s, pixazo_error **error)
{
  PX_TRY(px_pixmap_make(s->out, s->source->width, s->source->height, 3, error));
  for (uint32_t y = 0; y < s->out->height; y++) {
    const unsigned char *from = px_pixmap_row(s->source, y);
    unsigned char *to = px_pixmap_row(s->out, y);
    for (uint32_t x = 0; x < s->out->width; x++, from += 4, to += 3)
      memcpy(to, from, 3);
  }
  return PIXAZO_OK;
}

static void fill_row(unsigned char *to, const px_pixmap *pixmap, px_color color)
{
  for (uint32_t x = 0; x < pixmap->width; x++, to += pixmap->channels) {
    to[0] = color.red;
    to[1] = color.green;
    to[2] = color.blue;
    if (pixmap->channels == 4)
      to[3] = 255;
  }
}

static pixazo_status run_pad(const step *s, pixazo_error **error)
{
  const px_pad *pad = &s->operation->pad;
  PX_TRY(px_pixmap_make(s->out, pad->width, pad->height, s->source->channels, error));
  for (uint32_t y = 0; y < pad->height; y++) {
    unsigned char *to = px_pixmap_row(s->out, y);
    fill_row(to, s->out, pad->color);
    if (y >= pad->y && y - pad->y < s->source->height)
      memcpy(to + (size_t)pad->x * s->out->channels, px_pixmap_row(s->source, y - pad->y), s->source->stride);
  }
  return PIXAZO_OK;
}

static pixazo_status (*const runners[PX_OPERATION_KINDS])(const step *, pixazo_error **) = {
    [PX_OPERATION_ORIENT] = run_orient,         [PX_OPERATION_RESIZE] = run_resize, [PX_OPERATION_FLATTEN] = run_flatten,
    [PX_OPERATION_DROP_ALPHA] = run_drop_alpha, [PX_OPERATION_PAD] = run_pad,
};

pixazo_status px_operations_run(const px_operations *operations, const px_pixmap *source, const pixazo_cancel *cancel,
                                px_pixmap *out, pixazo_error **error)
{
  px_auto(px_pixmap) current = PX_PIXMAP_INIT;
  for (size_t i = 0; i < operations->count; i++) {
    PX_TRY(px_cancel_check(cancel, error));
    px_auto(px_pixmap) next = PX_PIXMAP_INIT;
    step now = {&operations->list[i], current.data ? &current : source, cancel, &next};
    PX_TRY(runners[now.operation->kind](&now, error));
    px_pixmap_move(&current, &next);
  }
  if (current.data)
    px_pixmap_move(out, &current);
  return PIXAZO_OK;
}
