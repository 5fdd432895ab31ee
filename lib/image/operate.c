/* SPDX-License-Identifier: MIT */
#include "image/operate.h"

#include <string.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/mem.h"
#include "image/blend.h"
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

uint32_t px_gravity_place(px_gravity gravity, int axis, uint32_t slack)
{
  static const unsigned char halves[][2] = {{1, 1}, {1, 0}, {2, 0}, {2, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}, {0, 0}};
  unsigned half = gravity <= PX_GRAVITY_NORTHWEST ? halves[gravity][axis] : 1;
  return half == 1 ? slack / 2 : half == 2 ? slack : 0;
}

/* Where the window begins in the full size. */
static uint32_t window_place(const px_frame *frame, int axis, uint32_t full, uint32_t window)
{
  if (frame->gravity != PX_GRAVITY_FOCUS)
    return px_gravity_place(frame->gravity, axis, full - window);
  uint64_t centre = ((uint64_t)frame->focus[axis] * full + PX_FOCUS_WHOLE / 2) / PX_FOCUS_WHOLE;
  uint64_t begin = centre > window / 2 ? centre - window / 2 : 0;
  return begin < full - window ? (uint32_t)begin : full - window;
}

static void add_resize(px_operations *list, const px_frame *frame, const uint32_t size[2], const uint32_t full[2],
                       const uint32_t window[2])
{
  if (full[0] == size[0] && full[1] == size[1] && window[0] == full[0] && window[1] == full[1])
    return;
  px_operation operation = {.kind = PX_OPERATION_RESIZE};
  operation.resize = (px_resize_job){.full_width = full[0],
                                     .full_height = full[1],
                                     .x = window_place(frame, 0, full[0], window[0]),
                                     .y = window_place(frame, 1, full[1], window[1]),
                                     .width = window[0],
                                     .height = window[1],
                                     .linear = frame->linear};
  px_operations_add(list, &operation);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
  return a < b ? a : b;
}

/* The size the source is scaled to. */
static void full_of(const px_frame *frame, const uint32_t size[2], const uint32_t box[2], uint32_t full[2])
{
  bool stretch = frame->fit == PX_FIT_FILL;
  if (stretch)
    memcpy(full, box, 2 * sizeof *full);
  else
    keep_shape(size, box, frame->fit == PX_FIT_COVER, full);
  if (!frame->enlarge && (full[0] > size[0] || full[1] > size[1])) {
    full[0] = stretch ? smaller(full[0], size[0]) : size[0];
    full[1] = stretch ? smaller(full[1], size[1]) : size[1];
  }
}

static pixazo_status check_exact(const px_frame *frame, const uint32_t size[2], const uint32_t box[2],
                                 const uint32_t full[2], pixazo_error **error)
{
  if (frame->fit != PX_FIT_EXACT || (full[0] == box[0] && full[1] == box[1]))
    return PIXAZO_OK;
  return px_fail(error, PIXAZO_E_ARGUMENT,
                 "a picture of %ux%u does not become %ux%u exactly: fit \"exact\" neither crops, pads nor stretches%s", size[0],
                 size[1], box[0], box[1], frame->enlarge ? "" : ", and the recipe does not enlarge");
}

pixazo_status px_frame_plan(const px_frame *frame, const uint32_t size[2], px_operations *resize, px_operations *pad,
                            uint32_t result[2], pixazo_error **error)
{
  uint32_t box[2] = {size[0], size[1]}, full[2], window[2];
  if (frame->width || frame->height)
    box_of(frame, size, box);
  full_of(frame, size, box, full);
  PX_TRY(check_exact(frame, size, box, full, error));
  for (int i = 0; i < 2; i++) {
    window[i] = smaller(full[i], box[i]);
    result[i] = frame->fit == PX_FIT_CONTAIN ? box[i] : window[i];
  }
  add_resize(resize, frame, size, full, window);
  if (result[0] == window[0] && result[1] == window[1])
    return PIXAZO_OK;
  px_operation operation = {.kind = PX_OPERATION_PAD};
  operation.pad = (px_pad){result[0], result[1], px_gravity_place(frame->gravity, 0, result[0] - window[0]),
                           px_gravity_place(frame->gravity, 1, result[1] - window[1]), frame->background};
  px_operations_add(pad, &operation);
  return PIXAZO_OK;
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
  px_simd simd;
} step;

static pixazo_status run_orient(const step *s, pixazo_error **error)
{
  return px_orient(s->source, s->operation->orientation, s->out, error);
}

static pixazo_status run_resize(const step *s, pixazo_error **error)
{
  px_resize_job job = s->operation->resize;
  job.simd = s->simd;
  return px_resize(s->source, &job, s->cancel, s->out, error);
}

static void fill_pixels(unsigned char *to, uint32_t pixels, uint32_t channels, px_color color)
{
  for (uint32_t x = 0; x < pixels; x++, to += channels) {
    to[0] = color.red;
    to[1] = color.green;
    to[2] = color.blue;
    if (channels == 4)
      to[3] = 255;
  }
}

/* Each row over one row of the background. */
static pixazo_status run_flatten(const step *s, pixazo_error **error)
{
  px_auto(px_pixmap) below = PX_PIXMAP_INIT;
  PX_TRY(px_pixmap_make(&below, s->source->width, 1, 3, error));
  PX_TRY(px_pixmap_make(s->out, s->source->width, s->source->height, 3, error));
  fill_pixels(below.data, below.width, 3, s->operation->background);
  for (uint32_t y = 0; y < s->out->height; y++) {
    px_blend_row row = {px_pixmap_row(s->source, y), below.data, px_pixmap_row(s->out, y), below.width, PX_OPAQUE};
    px_blend_over_rgb(&row, s->simd);
  }
  return PIXAZO_OK;
}

/* Four bytes are copied where a fourth is there to be overwritten: a move of one word. */
static pixazo_status run_drop_alpha(const step *s, pixazo_error **error)
{
  PX_TRY(px_pixmap_make(s->out, s->source->width, s->source->height, 3, error));
  for (uint32_t y = 0; y < s->out->height; y++) {
    const unsigned char *from = px_pixmap_row(s->source, y);
    unsigned char *to = px_pixmap_row(s->out, y);
    for (uint32_t x = 1; x < s->out->width; x++, from += 4, to += 3)
      memcpy(to, from, 4);
    memcpy(to, from, 3);
  }
  return PIXAZO_OK;
}

static pixazo_status run_pad(const step *s, pixazo_error **error)
{
  const px_pad *pad = &s->operation->pad;
  PX_TRY(px_pixmap_make(s->out, pad->width, pad->height, s->source->channels, error));
  for (uint32_t y = 0; y < pad->height; y++) {
    unsigned char *to = px_pixmap_row(s->out, y);
    fill_pixels(to, pad->width, s->out->channels, pad->color);
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
    step now = {&operations->list[i], current.data ? &current : source, cancel, &next, operations->simd};
    PX_TRY(runners[now.operation->kind](&now, error));
    px_pixmap_move(&current, &next);
  }
  if (current.data)
    px_pixmap_move(out, &current);
  return PIXAZO_OK;
}
