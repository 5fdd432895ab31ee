/* SPDX-License-Identifier: MIT */
/* Pictures with one object at a known place, on many kinds of ground: for crops that should keep the object. */
#ifndef PX_SUPPORT_SCENES_H
#define PX_SUPPORT_SCENES_H

#include "image/pixmap.h"

enum { SCENE_GROUNDS = 12, SCENE_OBJECTS = 6, SCENE_PLACES = 4, SCENE_WIDTH = 480, SCENE_HEIGHT = 320 };
enum { SCENES = SCENE_GROUNDS * SCENE_OBJECTS * SCENE_PLACES };

typedef struct scene {
  px_pixmap pixmap; /* owned: px_pixmap_done() */
  const char *ground, *object;
  uint32_t x, y, width, height; /* of the object */
} scene;

/* Scene `number` of SCENES: 480 x 320, RGB, always the same. */
void scene_make(uint32_t number, scene *made);

#endif
