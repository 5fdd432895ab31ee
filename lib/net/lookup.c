/* SPDX-License-Identifier: MIT */
#include "net/lookup.h"

#include "base/mem.h"
#include "base/str.h"

typedef struct px_host {
  struct px_host *next;
  px_transfer *pioneer; /* looks the name up right now */
  px_list joined;
  int64_t trusted_until_us;
  char name[PX_HOST_MAX];
} px_host;

/* Finds a host, and drops those that hold nothing on the way. */
static px_host *find(px_lookup *lookup, const char *name, int64_t now_us)
{
  px_host *found = NULL;
  px_host **link = &lookup->hosts;
  while (*link) {
    px_host *host = *link;
    if (px_str_equal(host->name, name))
      found = host;
    if (host != found && !host->pioneer && !host->joined.first && host->trusted_until_us <= now_us) {
      *link = host->next;
      px_free(host);
    } else {
      link = &host->next;
    }
  }
  return found;
}

static px_host *add(px_lookup *lookup, const char *name)
{
  px_host *host = px_calloc(1, sizeof *host);
  size_t size = strlen(name);
  if (!host || size >= sizeof host->name) {
    px_free(host);
    return NULL;
  }
  memcpy(host->name, name, size + 1);
  host->next = lookup->hosts;
  lookup->hosts = host;
  return host;
}

int px_lookup_enter(px_lookup *lookup, px_transfer *transfer, const char *name, int64_t now_us)
{
  px_host *host = find(lookup, name, now_us);
  if (!host)
    host = add(lookup, name);
  if (!host)
    return PX_LOOKUP_NOMEM;
  if (host->pioneer) {
    px_list_append(&host->joined, transfer);
    return PX_LOOKUP_JOINED;
  }
  if (host->trusted_until_us <= now_us) {
    host->pioneer = transfer;
    transfer->host = host;
  }
  return PX_LOOKUP_GO;
}

void px_lookup_found(px_lookup *lookup, px_transfer *transfer, int64_t now_us, px_list *ready)
{
  if (!transfer->host)
    return;
  transfer->host->trusted_until_us = now_us + (int64_t)PX_LOOKUP_TRUSTED_S * 1000000;
  px_lookup_left(lookup, transfer, true, ready);
}

void px_lookup_left(px_lookup *lookup, px_transfer *transfer, bool failed, px_list *out)
{
  (void)lookup;
  px_host *host = transfer->host;
  if (!host)
    return;
  transfer->host = NULL;
  host->pioneer = NULL;
  if (failed) {
    px_list_move(out, &host->joined);
  } else if (host->joined.first) {
    px_transfer *next = host->joined.first;
    px_list_remove(next);
    px_list_append(out, next);
  }
}

void px_lookup_each(px_lookup *lookup, void (*visit)(void *self, px_transfer *transfer), void *self)
{
  for (px_host *host = lookup->hosts; host; host = host->next) {
    for (px_transfer *transfer = host->joined.first, *next; transfer; transfer = next) {
      next = transfer->next;
      visit(self, transfer);
    }
  }
}

void px_lookup_done(px_lookup *lookup)
{
  while (lookup->hosts) {
    px_host *host = lookup->hosts;
    lookup->hosts = host->next;
    px_free(host);
  }
}
