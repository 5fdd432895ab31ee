/* SPDX-License-Identifier: MIT */
/* When a studio makes test pictures: only when that is asked for, or when nothing at all names a provider. */
#ifndef PX_STUDIO_OFFLINE_RULE_H
#define PX_STUDIO_OFFLINE_RULE_H

#include <stdbool.h>

#include <pixazo/config.h>

#define PX_OFFLINE_PROVIDER "offline"
#define PX_KEY_HINT "set PIXAZO_API_KEY, or put the key into ~/.pixazo/api-key and run: chmod 600 ~/.pixazo/api-key"

/* A provider, model, gateway or key that comes from anywhere keeps this from being true. */
bool px_offline_wanted(const pixazo_config *config);
/* The line a user should see; static. */
const char *px_offline_note(const pixazo_config *config);

#endif
