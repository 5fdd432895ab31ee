/* SPDX-License-Identifier: MIT */
/* The providers whose definitions the settings name. */
#ifndef PX_STUDIO_CONFIG_DEFINITIONS_H
#define PX_STUDIO_CONFIG_DEFINITIONS_H

#include <pixazo/config.h>

enum { PX_DEFINITIONS_MAX = 32 };

typedef struct px_config_definitions {
  pixazo_provider *items[PX_DEFINITIONS_MAX]; /* one reference each */
  char *paths[PX_DEFINITIONS_MAX];            /* owned */
  size_t count;
} px_config_definitions;

void px_config_definitions_done(px_config_definitions *definitions);
/* Reads and checks every file. E_ARGUMENT: the message has the source of the setting, the file, and what is wrong where. */
pixazo_status px_config_definitions_load(const pixazo_config *config, px_config_definitions *definitions, pixazo_error **error);

#endif
