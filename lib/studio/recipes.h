/* SPDX-License-Identifier: MIT */
/* The renditions that the settings ask for. */
#ifndef PX_STUDIO_RECIPES_H
#define PX_STUDIO_RECIPES_H

#include <pixazo/config.h>

enum { PX_RECIPES_MAX = 64 };

typedef struct px_recipes {
  pixazo_recipe *items[PX_RECIPES_MAX]; /* owned */
  size_t count;
} px_recipes;

void px_recipes_done(px_recipes *recipes);
pixazo_status px_recipes_from_config(const pixazo_config *config, px_recipes *recipes, pixazo_error **error);

#endif
