/* SPDX-License-Identifier: MIT */
/* What is done to pixels between decoding and encoding: a short list of operations, planned by pure
 * functions and run one after the other. A new operation is one kind, one row of the table in operate.c. */
#ifndef PX_IMAGE_OPERATE_H
#define PX_IMAGE_OPERATE_H

#include <stdbool.h>

#include <pixazo/cancel.h>

#include "image/pixmap.h"
#include "image/resize.h"

typedef enum px_fit { PX_FIT_INSIDE, PX_FIT_COVER, PX_FIT_CONTAIN, PX_FIT_FILL, PX_FIT_EXACT } px_fit;

/* Clockwise from the top after the centre. FOCUS and SMART are points of the picture, for cover alone. */
typedef enum px_gravity {
  PX_GRAVITY_CENTRE,
  PX_GRAVITY_NORTH,
  PX_GRAVITY_NORTHEAST,
  PX_GRAVITY_EAST,
  PX_GRAVITY_SOUTHEAST,
  PX_GRAVITY_SOUTH,
  PX_GRAVITY_SOUTHWEST,
  PX_GRAVITY_WEST,
  PX_GRAVITY_NORTHWEST,
  PX_GRAVITY_FOCUS,
  PX_GRAVITY_SMART
} px_gravity;

enum { PX_FOCUS_WHOLE = 1000 }; /* a focal point is given in thousandths of the sides */

typedef struct px_color {
  unsigned char red, green, blue;
} px_color;

typedef enum px_operation_kind {
  PX_OPERATION_ORIENT,
  PX_OPERATION_RESIZE,
  PX_OPERATION_FLATTEN,
  PX_OPERATION_DROP_ALPHA,
  PX_OPERATION_PAD,
  PX_OPERATION_KINDS
} px_operation_kind;

typedef struct px_pad {
  uint32_t width, height; /* of the result */
  uint32_t x, y;          /* where the picture goes */
  px_color color;
} px_pad;

typedef struct px_operation {
  px_operation_kind kind;
  union {
    uint32_t orientation;
    px_resize_job resize;
    px_color background;
    px_pad pad;
  };
} px_operation;

enum { PX_OPERATIONS_MAX = 8 };

typedef struct px_operations {
  px_operation list[PX_OPERATIONS_MAX];
  size_t count;
  px_simd simd;
} px_operations;

typedef struct px_frame {
  uint32_t width, height; /* 0: from the other one and the shape of the source; both 0: no change */
  px_fit fit;
  bool enlarge;
  px_color background;
  px_gravity gravity;
  uint32_t focus[2]; /* for FOCUS */
  bool linear;       /* resized in linear light */
} px_frame;

/* Adds one operation; a list that is full is a defect of the caller and stops there. */
void px_operations_add(px_operations *operations, const px_operation *operation);

/* Where something goes whose side is `slack` shorter; `axis` 0 is x. FOCUS and SMART: the middle. */
uint32_t px_gravity_place(px_gravity gravity, int axis, uint32_t slack);

/* Operations that bring a picture of width x height into a frame: at most a resize and a pad. Returns the
 * size of the result. SMART crops in the middle here: px_salience_aim() moves the window of the resize.
 * E_ARGUMENT: the fit is EXACT and the box has another shape, or would enlarge what must not be. */
pixazo_status px_frame_plan(const px_frame *frame, const uint32_t size[2], px_operations *resize, px_operations *pad,
                            uint32_t result[2], pixazo_error **error);

/* Runs the list. `out` is empty before; with no operation it stays empty and the source is the result. */
pixazo_status px_operations_run(const px_operations *operations, const px_pixmap *source, const pixazo_cancel *cancel,
                                px_pixmap *out, pixazo_error **error);

bool px_pixmap_is_opaque(const px_pixmap *pixmap);

#endif
