/* SPDX-License-Identifier: MIT */
/* LD_PRELOAD: getaddrinfo of the host PX_SHIM_HANG_HOST takes PX_SHIM_HANG_MS (10000); every host that ends in
 * PX_SHIM_LOOPBACK (such as ".pixazo.test") is 127.0.0.1, the hanging one too once it answers. All others go to the real
 * resolver.
 * PX_SHIM_RESOLVER_COUNTS names the file of counts (shim_counts.h): [0] lookups [1] those that hung
 * [2] hanging at this moment. */
#include <dlfcn.h>
#include <netdb.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "support/shim_counts.h"

enum { COUNT_LOOKUPS, COUNT_HUNG, COUNT_HANGING };

typedef int (*lookup_function)(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out);

static lookup_function real_lookup;

static void start(void)
{
  *(void **)&real_lookup = dlsym(RTLD_NEXT, "getaddrinfo");
  shim_open_counts("PX_SHIM_RESOLVER_COUNTS");
}

static void hang(void)
{
  shim_count(COUNT_HUNG);
  shim_count(COUNT_HANGING);
  shim_sleep_until_us(shim_now_us() + shim_ms("PX_SHIM_HANG_MS", 10000) * 1000);
  atomic_fetch_sub(&shim_counts[COUNT_HANGING], 1);
}

static bool is_loopback(const char *host)
{
  const char *ending = getenv("PX_SHIM_LOOPBACK");
  size_t length = strlen(host);
  size_t wanted = ending ? strlen(ending) : 0;
  return wanted > 0 && length >= wanted && strcasecmp(host + length - wanted, ending) == 0;
}

__attribute__((visibility("default"))) int getaddrinfo(const char *restrict host, const char *restrict service,
                                                       const struct addrinfo *restrict hints, struct addrinfo **restrict out)
{
  const char *slow = getenv("PX_SHIM_HANG_HOST");
  (void)pthread_once(&shim_once, start);
  shim_count(COUNT_LOOKUPS);
  if (host && slow && strcasecmp(host, slow) == 0)
    hang();
  return real_lookup(host && is_loopback(host) ? "127.0.0.1" : host, service, hints, out);
}
