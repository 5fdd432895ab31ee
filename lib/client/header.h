/* SPDX-License-Identifier: MIT */
/* Which names a further header line must not have. */
#ifndef PX_CLIENT_HEADER_H
#define PX_CLIENT_HEADER_H

#include <stddef.h>

typedef enum px_header_kind {
  PX_HEADER_FREE, /* of the user's own choice */
  PX_HEADER_OWN,  /* written by the library */
  PX_HEADER_KEY   /* holds a secret: such lines are neither masked nor kept to one address */
} px_header_kind;

/* `key_header`: the one this provider's key goes out in; NULL: none. */
px_header_kind px_header_kind_of(const char *name, size_t length, const char *key_header);

#endif
