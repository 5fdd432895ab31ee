/* SPDX-License-Identifier: MIT */
/* Which addresses and URLs may be spoken to. Pure: no lookup, no socket. */
#ifndef PX_NET_GUARD_H
#define PX_NET_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include <pixazo/error.h>

#include "net/url.h"

struct sockaddr;

enum {
  PX_ADDRESS_PUBLIC = 0,
  PX_ADDRESS_UNSPECIFIED,
  PX_ADDRESS_LOOPBACK,
  PX_ADDRESS_PRIVATE,
  PX_ADDRESS_SHARED, /* carrier-grade NAT */
  PX_ADDRESS_LINK_LOCAL,
  PX_ADDRESS_METADATA, /* a cloud's host agent at a public-looking address */
  PX_ADDRESS_MULTICAST,
  PX_ADDRESS_DOCUMENTATION,
  PX_ADDRESS_EMBEDDED, /* an IPv4 address in disguise: 6to4, Teredo, ISATAP, compatible, translated, local NAT64 */
  PX_ADDRESS_RESERVED
};

/* `address` is IPv6 in network order; IPv4 comes as ::ffff:a.b.c.d and is judged by its own table, and so is the
 * IPv4 address inside the well-known NAT64 prefix 64:ff9b::/96. */
int px_address_class(const unsigned char address[16]);
const char *px_address_class_name(int address_class);

/* False for families other than IPv4 and IPv6. */
bool px_address_of_socket(const struct sockaddr *socket_address, unsigned char address[16]);

/* True when the comma list names the URL's host (any port) or host:port. */
bool px_guard_lists(const char *allow_hosts, const px_url *url);

/* Scheme and literal address of a parsed URL. E_NETWORK when it is plain http or a non-public literal and not listed. */
pixazo_status px_guard_check(const px_url *url, const char *allow_hosts, pixazo_error **error);

#endif
