/* SPDX-License-Identifier: MIT */
/* A whole set of handles in a directory of its own. */
#ifndef PX_PIPELINE_KIT_H
#define PX_PIPELINE_KIT_H

#include <stdbool.h>

#include <pixazo/pixazo.h>

#include "base/clock.h"

typedef struct kit {
  char *directory;
  pixazo_client *client;
  pixazo_store *store;
  pixazo_repository *repository;
  pixazo_pipeline *pipeline;
  pixazo_client_options client_options;     /* may be changed before kit_open */
  pixazo_pipeline_options pipeline_options; /* handles and spool are filled in by kit_open */
  const px_clock *clock;                    /* NULL: the system's */
  bool stepped;                             /* no threads: waiting does the work */
} kit;

/* Defaults: the offline provider, a local store, no renditions. */
void kit_prepare(kit *k);
/* To be asked at this address on the loopback with a key that is none; the text is borrowed. */
void kit_ask(kit *k, const char *provider, const char *base_url);
/* Opens whatever is not open; a store set before is used as it is. */
void kit_open(kit *k);
void kit_close(kit *k);  /* keeps the directory */
void kit_remove(kit *k); /* closes and removes it */

/* Adds a prompt with parameters as JSON; returns the id, owned by the caller (pixazo_free). */
char *kit_add(kit *k, const char *json);
pixazo_generation *kit_wait(kit *k, const char *id); /* fails the test unless it ends well */
/* Number of files below a directory of the kit. */
int kit_files(const kit *k, const char *below);

#endif
