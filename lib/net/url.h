/* SPDX-License-Identifier: MIT */
/* URLs, strictly: what this accepts no two parsers read differently. */
#ifndef PX_NET_URL_H
#define PX_NET_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

#include "base/buf.h"

enum { PX_URL_MAX = 8192, PX_HOST_MAX = 254 };

typedef struct px_url {
  bool tls;                  /* https */
  bool literal;              /* the host is an address, in whatever spelling */
  uint16_t port;             /* the scheme's own when none is written */
  char host[PX_HOST_MAX];    /* lower case, no brackets, no trailing dot */
  unsigned char address[16]; /* when literal; IPv4 as ::ffff:a.b.c.d */
  size_t path;               /* offset of what follows the authority ("/…", "?…" or the end) */
} px_url;

/* http and https only; no user info, no fragment tricks, no white space, control or non-ASCII bytes, no backslash, no
 * percent signs in the host. E_ARGUMENT otherwise; the message never holds more of the URL than its host. */
pixazo_status px_url_parse(const char *text, px_url *out, pixazo_error **error);

/* Same scheme, host and port. */
bool px_url_same_origin(const px_url *a, const px_url *b);

/* IPv4 in every spelling inet_aton takes (127.1, 0x7f000001, 017700000001, 2130706433), IPv6 without brackets. */
bool px_url_address(const char *host, unsigned char address[16]);

/* Percent-encodes all but unreserved characters (RFC 3986); '/' stays when keep_slash. */
void px_url_escape(px_buf *out, const char *text, bool keep_slash);

#endif
