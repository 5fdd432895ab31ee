/* SPDX-License-Identifier: MIT */
/* Settings of a provider by its name, "NAME.api_key", for those that have no rows of their own in the table. In names of
 * settings and variables a provider's '-' and '.' are '_', and capitals are small letters. */
#ifndef PX_STUDIO_CONFIG_NAMED_H
#define PX_STUDIO_CONFIG_NAMED_H

#include "studio/config_keys.h"

enum { PX_NAMED_SIZE = 64 }; /* bytes of a setting's name with its end */

typedef struct px_config_named {
  struct px_config_named *next;
  px_config_key key;        /* like a row of the table; its texts are those below */
  char *values[PX_LAYERS];  /* owned; secrets are wiped when replaced */
  char name[PX_NAMED_SIZE]; /* "my_sd.api_key" */
  char variable[PX_NAMED_SIZE + 16];
  char provider[PX_NAMED_SIZE]; /* "my_sd" */
} px_config_named;

/* The name as it is kept; false: it has not the form of one, or the provider has settings of other names. */
bool px_config_named_name(const char *given, char name[PX_NAMED_SIZE]);
/* The setting of a variable like PIXAZO_KEY_MY_SD; false: it is none of these. */
bool px_config_named_variable(const char *variable, char name[PX_NAMED_SIZE]);
/* Whether a provider of this name is meant by "my_sd". */
bool px_config_named_means(const char *kept, const char *provider);

/* By a name as it is kept; NULL: none. */
px_config_named *px_config_named_find(px_config_named *list, const char *name);
/* The same; made when there is none; NULL: no memory. */
px_config_named *px_config_named_get(px_config_named **list, const char *name);
/* The value in force and, when wanted, its layer; NULL: none. */
const char *px_config_named_value(const px_config_named *named, px_config_layer *layer);
pixazo_status px_config_named_put(px_config_named **list, const char *name, px_config_layer layer, const char *value,
                                  pixazo_error **error);
pixazo_status px_config_named_copy(const px_config_named *list, px_config_named **out, pixazo_error **error);
void px_config_named_free(px_config_named **list);

#endif
