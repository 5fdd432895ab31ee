/* SPDX-License-Identifier: MIT */
#include "net/guard.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

typedef struct range {
  unsigned char first[16];
  unsigned char bits;
  unsigned char class;
} range;

/* IANA's special-purpose registries, and what clouds put beside them. The first match counts. */
static const range v4_ranges[] = {
    {{0}, 8, PX_ADDRESS_UNSPECIFIED},
    {{10}, 8, PX_ADDRESS_PRIVATE},
    {{100, 64}, 10, PX_ADDRESS_SHARED},
    {{127}, 8, PX_ADDRESS_LOOPBACK},
    {{168, 63, 129, 16}, 32, PX_ADDRESS_METADATA},
    {{169, 254}, 16, PX_ADDRESS_LINK_LOCAL},
    {{172, 16}, 12, PX_ADDRESS_PRIVATE},
    {{192, 0, 0}, 24, PX_ADDRESS_RESERVED},
    {{192, 0, 2}, 24, PX_ADDRESS_DOCUMENTATION},
    {{192, 88, 99}, 24, PX_ADDRESS_EMBEDDED},
    {{192, 168}, 16, PX_ADDRESS_PRIVATE},
    {{198, 18}, 15, PX_ADDRESS_RESERVED},
    {{198, 51, 100}, 24, PX_ADDRESS_DOCUMENTATION},
    {{203, 0, 113}, 24, PX_ADDRESS_DOCUMENTATION},
    {{224}, 4, PX_ADDRESS_MULTICAST},
    {{240}, 4, PX_ADDRESS_RESERVED},
};

static const range v6_ranges[] = {
    {{0}, 128, PX_ADDRESS_UNSPECIFIED},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, PX_ADDRESS_LOOPBACK},
    {{0}, 96, PX_ADDRESS_EMBEDDED},                                  /* IPv4-compatible */
    {{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, PX_ADDRESS_EMBEDDED}, /* IPv4-translated */
    {{0, 0x64, 0xff, 0x9b, 0, 1}, 48, PX_ADDRESS_EMBEDDED},          /* local NAT64 */
    {{0x20, 0x01}, 32, PX_ADDRESS_EMBEDDED},                         /* Teredo */
    {{0x20, 0x01}, 23, PX_ADDRESS_RESERVED},                         /* protocol assignments */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, PX_ADDRESS_DOCUMENTATION},
    {{0x20, 0x02}, 16, PX_ADDRESS_EMBEDDED}, /* 6to4 */
    {{0x3f, 0xff}, 20, PX_ADDRESS_DOCUMENTATION},
    {{0xfc}, 7, PX_ADDRESS_PRIVATE},
    {{0xfe, 0x80}, 10, PX_ADDRESS_LINK_LOCAL},
    {{0xfe, 0xc0}, 10, PX_ADDRESS_PRIVATE}, /* site-local */
    {{0xff}, 8, PX_ADDRESS_MULTICAST},
};

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
static const unsigned char nat64[12] = {0, 0x64, 0xff, 0x9b};

static bool within(const unsigned char *address, const range *r)
{
  size_t whole = r->bits / 8;
  unsigned rest = r->bits % 8;
  if (memcmp(address, r->first, whole) != 0)
    return false;
  return rest == 0 || ((address[whole] ^ r->first[whole]) >> (8 - rest)) == 0;
}

static int look_up(const unsigned char *address, const range *ranges, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (within(address, &ranges[i]))
      return ranges[i].class;
  return PX_ADDRESS_PUBLIC;
}

/* An interface identifier 0000:5efe or 0200:5efe holds an IPv4 address. */
static bool is_isatap(const unsigned char *address)
{
  return (address[8] & 0xfd) == 0 && address[9] == 0 && address[10] == 0x5e && address[11] == 0xfe;
}

int px_address_class(const unsigned char address[16])
{
  if (memcmp(address, mapped, sizeof mapped) == 0 || memcmp(address, nat64, sizeof nat64) == 0)
    return look_up(address + 12, v4_ranges, PX_ARRAY_SIZE(v4_ranges));
  int class = look_up(address, v6_ranges, PX_ARRAY_SIZE(v6_ranges));
  if (class != PX_ADDRESS_PUBLIC)
    return class;
  if (is_isatap(address))
    return PX_ADDRESS_EMBEDDED;
  return address[0] >> 5 == 1 ? PX_ADDRESS_PUBLIC : PX_ADDRESS_RESERVED; /* only 2000::/3 is given out */
}

const char *px_address_class_name(int address_class)
{
  switch (address_class) {
  case PX_ADDRESS_PUBLIC:
    return "public";
  case PX_ADDRESS_UNSPECIFIED:
    return "unspecified";
  case PX_ADDRESS_LOOPBACK:
    return "loopback";
  case PX_ADDRESS_PRIVATE:
    return "private";
  case PX_ADDRESS_SHARED:
    return "shared (carrier NAT)";
  case PX_ADDRESS_LINK_LOCAL:
    return "link-local";
  case PX_ADDRESS_METADATA:
    return "a cloud's metadata service";
  case PX_ADDRESS_MULTICAST:
    return "multicast";
  case PX_ADDRESS_DOCUMENTATION:
    return "for documentation only";
  case PX_ADDRESS_EMBEDDED:
    return "an IPv4 address in disguise";
  default:
    return "reserved";
  }
}

bool px_address_of_socket(const struct sockaddr *socket_address, unsigned char address[16])
{
  if (socket_address->sa_family == AF_INET) {
    struct sockaddr_in v4;
    memcpy(&v4, socket_address, sizeof v4);
    memcpy(address, mapped, sizeof mapped);
    memcpy(address + 12, &v4.sin_addr, 4);
    return true;
  }
  if (socket_address->sa_family == AF_INET6) {
    struct sockaddr_in6 v6;
    memcpy(&v6, socket_address, sizeof v6);
    memcpy(address, &v6.sin6_addr, 16);
    return true;
  }
  return false;
}

/* Cuts the port off an entry: "host:port", "[v6]:port". False when what follows the host is no port; 0: any. */
static bool split_port(char *entry, uint64_t *port)
{
  char *end = strchr(entry, entry[0] == '[' ? ']' : ':');
  *port = 0;
  if (!end || (entry[0] != '[' && strchr(end + 1, ':')))
    return entry[0] != '['; /* a name, or a bare IPv6 address */
  const char *colon = *end == ']' ? end + 1 : end;
  bool good = *colon == '\0' || (*colon == ':' && px_parse_uint64(colon + 1, port) && *port != 0);
  *end = '\0';
  return good;
}

static bool entry_matches(const char *entry, size_t size, const px_url *url)
{
  char text[PX_HOST_MAX + 16];
  uint64_t port;
  if (size == 0 || size >= sizeof text)
    return false;
  memcpy(text, entry, size);
  text[size] = '\0';
  if (!split_port(text, &port) || (port != 0 && port != url->port))
    return false;
  return px_str_equal_nocase(text[0] == '[' ? text + 1 : text, url->host);
}

bool px_guard_lists(const char *allow_hosts, const px_url *url)
{
  for (const char *at = allow_hosts ? allow_hosts : ""; *at;) {
    at += strspn(at, ", \t");
    size_t size = strcspn(at, ", \t");
    if (entry_matches(at, size, url))
      return true;
    at += size;
  }
  return false;
}

pixazo_status px_guard_check(const px_url *url, const char *allow_hosts, pixazo_error **error)
{
  pixazo_status status = PIXAZO_OK;
  if (px_guard_lists(allow_hosts, url))
    return PIXAZO_OK;
  int class = url->literal ? px_address_class(url->address) : PX_ADDRESS_PUBLIC;
  if (!url->tls)
    status = px_fail(error, PIXAZO_E_NETWORK, "plain http to %s, which is not among the allowed hosts", url->host);
  else if (class != PX_ADDRESS_PUBLIC)
    status = px_fail(error, PIXAZO_E_NETWORK, "the address of %s is %s and it is not among the allowed hosts", url->host,
                     px_address_class_name(class));
  if (status != PIXAZO_OK)
    px_error_hint(error, "name the host in allow_hosts if it is yours");
  return status;
}
