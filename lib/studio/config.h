/* SPDX-License-Identifier: MIT */
/* Settings inside: one value per key and layer; the highest layer that has one wins. */
#ifndef PX_STUDIO_CONFIG_H
#define PX_STUDIO_CONFIG_H

#include <stddef.h>

#include <pixazo/config.h>

#include "studio/config_named.h"

struct pixazo_config {
  char *values[PX_LAYERS][PX_CONFIG_KEYS_MAX]; /* owned; secrets are wiped when replaced */
  px_config_named *named;                      /* of providers by name */
};

/* Values that were read but not yet applied, and what was wrong with the others. */
typedef struct px_config_draft {
  char *values[PX_CONFIG_KEYS_MAX];
  px_config_named *named; /* one value each */
  px_buf problems;
  pixazo_status status; /* E_NOMEM sticks */
} px_config_draft;

enum { PX_CONFIG_PROBLEMS_MAX = 16 * 1024 };
#define PX_CONFIG_DRAFT_INIT {{NULL}, NULL, PX_BUF_INIT(PX_CONFIG_PROBLEMS_MAX), PIXAZO_OK}

void px_config_draft_done(px_config_draft *draft);
/* Whether a setting may have this name. */
bool px_config_is_setting(const char *name);
/* Checks one value of a setting that there is; `origin` is what the user calls it ("PIXAZO_MODEL"). */
void px_config_draft_add(px_config_draft *draft, const char *name, const char *origin, const char *text);
void px_config_draft_problem(px_config_draft *draft, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Applies all, or fails with every problem named and applies nothing. */
pixazo_status px_config_draft_apply(px_config_draft *draft, pixazo_config *config, px_config_layer layer, const char *where,
                                    pixazo_error **error);

/* NULL removes. E_NOMEM leaves the old value. `name`: of a setting that there is; a value that was checked. */
pixazo_status px_config_put(pixazo_config *config, const char *name, px_config_layer layer, const char *value,
                            pixazo_error **error);
pixazo_status px_config_copy(const pixazo_config *config, pixazo_config **out, pixazo_error **error);
void px_config_scoped(pixazo_config **config); /* for px_cleanup */

/* What a studio in this directory loads when it is given no settings. */
pixazo_status px_config_load_studio(const char *directory, pixazo_config **out, pixazo_error **error);

/* Of the setting in this place of the table; NULL: none. */
const char *px_config_value(const pixazo_config *config, size_t key);
/* Sets the members of `options` that the table assigns to `target`. Text is borrowed from the settings. */
void px_config_fill(const pixazo_config *config, px_config_target target, void *options);

#endif
